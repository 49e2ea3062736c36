"""What is shipped: the wheel's files, and the wheel in an empty environment without the development tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import repository
from tests.house.repository import ROOT, SHARED

pytestmark = pytest.mark.slow

# What must not ship although it lies there: each is caught by .gitignore.
STRAYS = (
    "depr/__pycache__/cli.cpython-311.pyc",
    "depr/datasets/.DS_Store",
    "depr/sql/views/old.sql~",
    "schedules/books/mine.toml.tmp",
    "reports/fleet.duckdb",
)
DEVELOPMENT = ("pytest", "hypothesis", "hatchling", "importlinter", "mypy", "xlsxwriter", "playwright")


def _run(*command: str | Path, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV", "VIRTUAL_ENV"))}
    outcome = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600)
    assert outcome.returncode == 0, f"{command}\n{outcome.stdout}\n{outcome.stderr}"
    return outcome.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the repository in which strays lie about."""
    copy, built = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for path in repository.files():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for stray in STRAYS:
        (copy / stray).parent.mkdir(parents=True, exist_ok=True)
        (copy / stray).write_text("stray")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built, cwd=copy)
    return next(built.glob("depr-*-py3-none-any.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an empty environment that holds the wheel and what it needs, nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    _run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    programs = folder / "venv" / "bin"
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:")
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=folder)
    _run(*pip, "--no-deps", "--no-index", wheel, cwd=folder)
    return programs


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    shipped = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    wanted = {
        f"depr/_share/{name}" if name.startswith(SHARED) else name
        for path in repository.under("depr", *SHARED)
        if path.suffix != ".png" and (name := repository.name(path))  # the README's picture stays behind
    }
    assert shipped == wanted


def test_the_wheel_carries_its_licence_and_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n.endswith(".dist-info/licenses/LICENSE") for n in names)
    assert "depr/py.typed" in names


def test_bare_environment_has_no_development_tools(bare: Path, tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([m for m in {DEVELOPMENT!r} if u.find_spec(m)])"
    assert _run(bare / "python", "-c", code, cwd=tmp_path).strip() == "[]"
    _run(bare / "python", "-m", "pip", "check", cwd=tmp_path)


def test_bare_help(bare: Path, tmp_path: Path) -> None:
    assert "demo" in _run(bare / "depr", "--help", cwd=tmp_path)


def test_bare_finds_its_data_from_anywhere(bare: Path, tmp_path: Path) -> None:
    code = "from depr import share; print(share.schedules(), share.reports(), *share.names('books'), sep='\\n')"
    schedules, reports, *books = _run(bare / "python", "-c", code, cwd=tmp_path).splitlines()
    assert Path(schedules).parts[-3:] == ("depr", "_share", "schedules")
    assert Path(reports).parts[-3:] == ("depr", "_share", "reports")
    assert bare.parent in Path(schedules).parents
    assert books == sorted(path.stem for path in (ROOT / "schedules" / "books").glob("*.toml"))


def test_bare_demo(bare: Path, tmp_path: Path) -> None:
    _run(bare / "depr", "demo", "--out", tmp_path / "out", cwd=tmp_path)
    assert (tmp_path / "out" / "index.html").is_file()
