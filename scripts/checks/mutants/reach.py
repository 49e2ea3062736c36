"""Which tests belong to a module, and which of them meet a change first.

A file of tests belongs to a package when its folder or name is that of the package or of a module of it, or when it
imports from the package, itself or through a helper beside it. The command line stands for what it calls at once:
tests that type commands belong also to the packages that depr/cli imports, and those that type a command are as near
to the module that declares it as those that import it. Of the files that belong each test is run once, and the
functions it calls are noted; a change is tried with the tests that call its function: those of a file named for its
module first, then for its package, then those that import the module or type its commands, then the rest, quick ones
first.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ASIDE = ("faults",)
"""Folders of tests that start programs and let them fail."""

SPECIAL = ("test_readme.py", "test_demo.py", "test_oracle.py", "test_house.py", "test_wheel.py", "test_rooms.py")
"""Files that take minutes, or look at the house itself."""

NAMED = {
    "calendar": ("kernel/test_weeks",),
    "conventions": ("kernel/test_clocks", "test_changes"),
    "curves": ("kernel/test_paths", "properties/test_curves"),
    "rounding": ("properties/test_rounding",),
    "schedule": ("kernel/test_engines",),
    "shares": ("kernel/test_schedule",),
    "accounts": ("kernel/test_rows",),
    "choices": ("kernel/test_rows",),
    "row_clocks": ("kernel/test_rows",),
    "rows": ("kernel/test_row_amounts", "test_asset"),
    "french": ("kernel/test_spreadsheet",),
    "functions": ("kernel/test_spreadsheet",),
    "rules": ("kernel/test_spreadsheet",),
    "errors": ("test_findings",),
    "bounds": ("test_readers",),
    "formula": ("restate/test_lines",),
    "amounts": ("test_estimates",),
    "caught_up": ("restate/test_modes",),
    "statements": ("restate/test_modes",),
    "stretches": ("test_changes",),
    "stages": ("test_stages", "test_changes"),
}
"""Tests that are named otherwise than the module they are of."""

MOST_FILES, OF_EACH = 7, 3
"""Of tests for a package: the nearest, and of these the ones that import least; so many of each module at least."""

FOLDERS = {"outlook": ("projection",), "kernel": ("properties",)}
"""Folders of tests that are named otherwise than the package they are of."""


@cache
def test_files() -> tuple[Path, ...]:
    """All files of tests that may be asked."""
    found = sorted(Path("tests").rglob("test_*.py"))
    return tuple(f for f in found if f.parts[1] not in ASIDE and f.name not in SPECIAL)


@cache
def imported(file: Path) -> frozenset[str]:
    """Modules of depr that a file of tests imports, itself or through helpers beside it ("restate.lines")."""
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [file, *(folder / "conftest.py" for folder in file.parents if folder.name not in ("tests", ""))]
    while waiting:
        if (here := waiting.pop()) in seen or not here.is_file():
            continue
        seen.add(here)
        for name in _imports(here):
            part = name.split(".")
            if part[0] == "depr":
                found.add(name.removeprefix("depr").removeprefix("."))
            elif part[0] == "tests":
                waiting += [Path(f"{Path(*part)}.py"), Path(f"{Path(*part[:-1])}.py")]
    return frozenset(found)


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@cache
def behind_the_command_line() -> frozenset[str]:
    """Packages that depr/cli imports."""
    names = {name for file in Path("depr", "cli").glob("*.py") for name in _imports(file)}
    return frozenset(name.split(".")[1] for name in names if name.startswith("depr."))


@cache
def declared(module: str) -> frozenset[str]:
    """The commands that a module of depr/cli declares ("cli/figures": schedule, rollforward, ...)."""
    source = Path("depr", f"{module}.py")
    if not module.startswith("cli/") or not source.is_file():
        return frozenset()
    calls = [node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if getattr(call.func, "id", "") == "command" and call.args]
    return frozenset(str(name.value) for name in names if isinstance(name, ast.Constant))


@cache
def typed(file: Path) -> Counter[str]:
    """How often each word begins a text, in a file of tests that can run commands; what it types is among them."""
    if not any(name.split(".")[0] == "cli" for name in imported(file)):
        return Counter()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return Counter(text.split(" ", 1)[0] for text in texts)


def times(file: Path, module: str) -> int:
    """How often a file of tests types the commands of a module."""
    return sum(typed(file)[name] for name in declared(module))


def nearness(file: Path, package: str, module: str) -> int | None:
    """How near a file of tests is to a module of a package, 0 the nearest; None when it does not belong."""
    stem = Path(module).name.partition(".")[0].replace("__init__", package)
    folders = (package, *FOLDERS.get(package, ()))
    here = str(file.with_suffix("").relative_to("tests"))
    names = imported(file)
    named = file.stem == f"test_{stem}" and (file.parts[1] in folders or len(file.parts) == 2)
    elsewhere = file.stem == f"test_{stem}" and any(name.split(".")[0] == package for name in names)
    if named or elsewhere or here in NAMED.get(stem, ()):
        return 0
    if file.parts[1] in folders or file.stem == f"test_{package}":
        return 1
    if module.replace("/", ".") in names or times(file, module):
        return 2
    if any(name.split(".")[0] == package for name in names):
        return 3
    if "cli" in {name.split(".")[0] for name in names} and package in behind_the_command_line():
        return 4
    return None


def belonging(package: str, modules: tuple[str, ...]) -> list[Path]:
    """The files of tests of a package, nearest first: some of each module, and the nearest of all."""
    near = {m: {f: n for f in test_files() if (n := nearness(f, package, m)) is not None} for m in modules}

    def nearest(found: dict[Path, int]) -> list[Path]:
        return sorted(found, key=lambda file: (found[file], len(imported(file)), file))

    def typing(module: str) -> list[Path]:
        return sorted((f for f in near[module] if times(f, module)), key=lambda file: (-times(file, module), file))

    every = {f: min(own[f] for own in near.values() if f in own) for own in near.values() for f in own}
    chosen = {*nearest(every)[:MOST_FILES], *(f for own in near.values() for f in nearest(own)[:OF_EACH])}
    chosen |= {file for module in modules for file in typing(module)[:OF_EACH]}
    return [file for file in nearest(every) if file in chosen]


PHRASE = 12
"""Characters of words that are taken for quoted."""


def nearest(package: str, module: str, function: str, before: str = "", said: Iterable[str] = ()) -> list[Path]:
    """The files of tests that belong to a module, nearest first.

    What quotes words that a change has before it leads; what quotes others that its function says is as near as what is
    named for the package. Of those equally near the ones that speak of the function (or macro) come first, then those
    that speak of the module.
    """
    names = set(function.split(".")) - {""}
    phrases = [phrase for each in said if len(phrase := each.strip(" ,;:.")) >= PHRASE and " " in phrase]

    def rank(file: Path, near: int) -> tuple[bool, int, int, int, Path]:
        text = _text(file)
        quoted = [phrase for phrase in phrases if phrase in text]
        speaks = (-sum(map(text.count, names)), -text.count(Path(module).stem))
        return not any(phrase in before for phrase in quoted), min(near, 1) if quoted else near, *speaks, file

    found = {file: nearness(file, package, module) for file in test_files()}
    return [file for *_, file in sorted(rank(file, near) for file, near in found.items() if near is not None)]


@cache
def _text(file: Path) -> str:
    """A file of tests, and what the commands of the cases beside it print."""
    printed = sorted(file.parent.glob("*/expected.txt"))
    return "".join(each.read_text(encoding="utf-8") for each in (file, *printed))
