"""The rules of the house, each with a check: layers, sizes, names, data, commands, locks.

tests/house/test_wheel.py looks at what is shipped.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import repository
from tests.house.repository import PACKAGE, ROOT, SHARED, name

MODULE_LINES, MODULE_LINES_AT_MOST = 300, 400
FUNCTION_LINES_MEDIAN, FUNCTION_LINES_AT_MOST = 10, 40
PUBLIC_NAMES = range(8, 20)
HEAVY = ("polars", "pyarrow", "duckdb", "dataframely", "pydantic", "jinja2")
PURE = ("kernel", "books", "balances", "restate", "statements", "tax", "journal", "rows", "spreadsheet")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
LOCK_OF_TESTS = ROOT / "requirements" / "test.txt"


def test_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


# Sizes


def test_modules_are_small() -> None:
    lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in repository.under("depr", suffix=".py")}
    long = {module: n for module, n in lines.items() if n > MODULE_LINES}
    assert not {module: n for module, n in long.items() if n > MODULE_LINES_AT_MOST}
    assert len(long) <= len(lines) // 10, f"about {MODULE_LINES} lines a module; too many are longer: {long}"


def test_functions_are_small() -> None:
    lengths = repository.functions(repository.under("depr", suffix=".py"))
    assert not {function: n for function, n in lengths.items() if n > FUNCTION_LINES_AT_MOST}
    assert median(lengths.values()) < FUNCTION_LINES_MEDIAN


def test_tuples_are_not_assigned_only_to_save_lines() -> None:
    """`a, b = x, y` where `a = x` and `b = y` say the same."""
    found = [where for path in repository.under("depr", suffix=".py") for where in repository.doubled(path)]
    assert not found


def test_one_word_stands_for_one_thing() -> None:
    """Events, changes, findings, options and disclosures have names of their own; none of them is `told`."""
    found = [
        f"{name(path)}: {ast.unparse(node)}"
        for path in repository.under("depr", suffix=".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if "told" in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "arg", ""))
    ]
    assert not found


# Arithmetic and judgements stay apart


def test_arithmetic_holds_no_decimal_number() -> None:
    """A rate, a share or a price written as 0.21 is policy or a rounding error: neither belongs in the arithmetic."""
    pure = [p for p in repository.under("depr", suffix=".py") if name(p).split("/")[1] in PURE]
    assert pure
    assert not [
        f"{name(path)}:{node.lineno}"
        for path in pure
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]


def test_no_python_in_the_data_folders() -> None:
    assert all((ROOT / folder).is_dir() for folder in SHARED)
    assert not [name(path) for path in repository.under(*SHARED) if path.suffix in (".py", ".pyc", ".pyi")]


def _entries(data: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every [[table]] of a TOML file, at any depth, with its place."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{where} {key}")
        elif isinstance(value, list):
            for number, entry in enumerate(filter(lambda e: isinstance(e, dict), value), 1):
                yield f"{where} [[{key}]] {number}", entry
                yield from _entries(entry, f"{where} [[{key}]] {number}")


def test_every_judgement_has_a_source() -> None:
    paths = repository.under("schedules", suffix=".toml")
    assert paths
    entries = [e for path in paths for e in _entries(tomllib.loads(path.read_text("utf-8")), name(path))]
    sourced = [(where, entry) for where, entry in entries if "[[skip]]" not in where]  # as the mapping that it is of
    assert not [where for where, entry in sourced if not str(entry.get("source", "")).strip()]


@pytest.mark.parametrize("folder", ["books", "issuers"])
def test_every_book_and_issuer_has_a_source(folder: str) -> None:
    paths = sorted((ROOT / "schedules" / folder).glob("*.toml"))
    assert paths
    assert not [name(path) for path in paths if not tomllib.loads(path.read_text("utf-8")).get("source", "").strip()]
    assert not [name(path) for path in paths if tomllib.loads(path.read_text("utf-8"))["id"].lower() != path.stem]


# What is public is documented


def _readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def test_public_names() -> None:
    package = importlib.import_module("depr")
    public = list(package.__all__)
    assert len(public) in PUBLIC_NAMES
    assert public == sorted(set(public), key=public.index)
    undocumented = [n for n in public if n != "__version__" and not inspect.getdoc(getattr(package, n))]
    assert not undocumented
    readme = _readme()
    assert not [n for n in public if not re.search(rf"\b{re.escape(n)}\b", readme)], "the README names each public name"


def test_no_other_name_is_public() -> None:
    package = importlib.import_module("depr")
    others = {n for n in dir(package) if not n.startswith("_")} - set(package.__all__)
    assert not [n for n in others if not isinstance(getattr(package, n), ModuleType)]


def test_no_module_hides_a_public_name() -> None:
    """Importing depr.name puts the module in the place of a public name that is spelled alike."""
    modules = {path.stem for path in PACKAGE.iterdir()}
    assert not modules & set(importlib.import_module("depr").__all__)


def test_version_is_the_projects() -> None:
    assert importlib.import_module("depr").__version__ == repository.project()["project"]["version"]


def _commands() -> dict[str, Any]:
    """Each command, by the words that call it."""
    typer_main = importlib.import_module("typer.main")
    found, groups = {}, [("depr", typer_main.get_command(importlib.import_module("depr.cli").app))]
    while groups:
        prefix, group = groups.pop()
        for word, command in group.commands.items():
            if hasattr(command, "commands"):
                groups.append((f"{prefix} {word}", command))
            else:
                found[f"{prefix} {word}"] = command
    return found


def test_every_command_is_documented() -> None:
    commands, readme = _commands(), _readme()
    assert commands
    assert not [words for words in commands if words not in readme], "the README shows each command"
    texts = {words: f"{command.help or ''}\n{command.epilog or ''}" for words, command in commands.items()}
    assert not [words for words, text in texts.items() if words not in text], "its --help ends with an example of it"
    assert not [words for words, command in commands.items() if not all(_helped(command))], (
        "each option says what it is"
    )


def _helped(command: Any) -> Iterator[bool]:
    for parameter in command.params:
        yield bool(getattr(parameter, "help", None))


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = f"import sys, depr.cli; sys.exit(' '.join(sorted(set({HEAVY!r}) & set(sys.modules))) or 0)"
    outcome = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (outcome.returncode, outcome.stderr) == (0, ""), "imported before a command needs it"


# What the repository says


def _joined(*parts: str) -> str:
    return "".join(parts)


# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    _joined("py", "pi", r"\.", "org"),
    _joined("python", "hosted"),
    _joined("npm", "js"),
    _joined("extra-index", "-url"),
]
MACHINE_PATH = _joined(r"(?<![\w.:/*-])/", "(root|home|work|Users|opt|tmp)", r"/\w")


def test_no_registry_and_no_machine_path() -> None:
    pattern = re.compile("|".join([*REGISTRIES, MACHINE_PATH]))
    found = []
    for path in repository.files():
        data = path.read_bytes()
        if b"\0" not in data:
            lines = enumerate(data.decode("utf-8").splitlines(), 1)
            found += [f"{name(path)}:{n}: {hit[0]}" for n, line in lines if (hit := pattern.search(line))]
    assert not found


# Locks


def _requirements(lock: Path) -> dict[str, list[str]]:
    """Each requirement of a lock ("name==version ; marker") -> its hashes."""
    text = re.sub(r"(?m)^\s*#.*\n?", "", lock.read_text("utf-8")).replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if line.strip()]
    return {requirement.strip(): [h.strip() for h in hashes] for requirement, *hashes in lines}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_locks_are_exact_and_name_no_index(lock: Path) -> None:
    requirements = _requirements(lock)
    assert requirements
    assert not [r for r, hashes in requirements.items() if not re.match(r"[a-z0-9-]+==[\w.]+( ;|$)", r) or not hashes]
    assert not [r for r, hashes in requirements.items() for h in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", h)]
    assert "://" not in lock.read_text("utf-8")
    assert "-url" not in re.sub(r"(?m)^#.*$", "", lock.read_text("utf-8"))


def test_locks_agree_with_each_other_and_with_the_project() -> None:
    run, build, test = (set(_requirements(ROOT / "requirements" / f"{n}.txt")) for n in ("run", "build", "test"))
    assert run | build <= test
    wanted = repository.project()
    groups = wanted["dependency-groups"]
    for declared, lock in [(wanted["project"]["dependencies"], run), (groups["build"], build), (groups["test"], test)]:
        locked = {re.split("==", requirement)[0] for requirement in lock}
        names = {re.match(r"[\w-]+", d)[0] for d in declared if isinstance(d, str)}  # type: ignore[index]
        assert names <= locked, "refresh the locks: their first lines say how"


def test_the_locks_are_complete() -> None:
    """What is installed asks for nothing, extras included, that the lock does not name: no resolver has a say."""
    lock = {re.split("==", r)[0]: r.partition("==")[2].split(" ")[0] for r in _requirements(LOCK_OF_TESTS)}
    wanted: list[tuple[str, frozenset[str]]] = [(name, frozenset()) for name in lock]
    seen: set[tuple[str, frozenset[str]]] = set()
    missing = set()
    while wanted:
        name, extras = wanted.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another system
            continue
        for need in map(Requirement, needs):
            if not any(need.marker is None or need.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                continue
            known = canonicalize_name(need.name)
            if known not in lock or not need.specifier.contains(lock[known], prereleases=True):
                missing.add(f"{name} needs {need}")
            wanted.append((known, frozenset(need.extras)))
    assert not missing
    assert ("coverage", frozenset({"toml"})) in seen


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    declared = [line for line in text.splitlines() if re.match(r'    "[\w-]+[><=~]', line)]
    assert len(declared) > len(repository.project()["project"]["dependencies"])
    assert not [line for line in declared if not re.search(r"#\s+\w", line)]


def test_packages_have_no_stray_module() -> None:
    """Every folder with Python in it is a package, so that it ships and is checked."""
    folders = {path.parent for path in repository.under("depr", suffix=".py")}
    assert PACKAGE in folders
    assert not [name(folder) for folder in folders if not (folder / "__init__.py").is_file()]
