"""The repository as a list of files, for the tests that look at it as a whole."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "depr"
SHARED = ("schedules", "reports")
LEFT_BEHIND = ("__pycache__", "out", "dist", "build", "htmlcov")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed; without git, every file that no tool left behind."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        return tuple(_walk(ROOT))
    return tuple(path for name in sorted(filter(None, listed)) if (path := ROOT / name).is_file())


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in (".ci", ".gitignore")
        if path.is_dir() and not hidden and path.name not in LEFT_BEHIND:
            yield from _walk(path)
        elif path.is_file() and not hidden:
            yield path


def under(*folders: str, suffix: str = "") -> list[Path]:
    """The files in the given folders of the root."""
    return [p for p in files() if p.relative_to(ROOT).parts[0] in folders and p.name.endswith(suffix)]


def name(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()


def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def functions(paths: Iterable[Path]) -> dict[str, int]:
    """Each function -> its number of lines, without decorators and docstring."""
    lengths = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{name(path)}:{node.lineno} {node.name}"] = _length(node)
    return lengths


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring
