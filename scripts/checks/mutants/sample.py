"""Which changes of a package are tried: all of them, or some that a seed and the content of its files choose.

Files are drawn by their size: points at even steps along all lines of a package, the first one set by the seed. In a
file the kinds of change take turns, so that constants, of which there are most, do not crowd out the rest; within a
kind changes stand in the order of a digest of the seed and the change. The same seed and content give the same sample.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from scripts.checks.mutants import texts
from scripts.checks.mutants.changes import Mutant, built, changes, mutants
from scripts.checks.mutants.slips import SAYING, slips

SUFFIXES = (".py", ".sql", ".j2")
SINGLE = ("pipeline", "errors")
"""Modules at the root of depr/ that stand for a package each."""


def packages(root: Path) -> dict[str, list[Path]]:
    """Files by package, relative to the root; templates are those of the package that fills them in."""
    folders = sorted(path.parent.relative_to(root) for path in (root / "depr").glob("*/__init__.py"))
    found = {folder.name: _files(root, folder) for folder in folders}
    found["report"] += _files(root, Path("reports"))
    return {**found, **{name: [Path("depr", f"{name}.py")] for name in SINGLE}}


def _files(root: Path, folder: Path) -> list[Path]:
    inside = sorted((root / folder).rglob("*"))
    return [path.relative_to(root) for path in inside if path.suffix in SUFFIXES and path.stat().st_size]


def module(file: Path) -> str:
    """What a file is called in the table and in the list of survivors."""
    return str(file.with_suffix("").relative_to("depr")) if file.suffix == ".py" else str(file)


def path(name: str) -> Path:
    """The file of a module."""
    return Path(name) if Path(name).suffix else Path("depr", f"{name}.py")


def package(line: str) -> str:
    """That of a package or module."""
    part = Path(line).parts
    return "report" if part[0] == "reports" else part[1] if part[0] == "depr" else part[0]


def possible(name: str, source: str) -> list[Mutant]:
    """All changes of a module, slips among them."""
    if Path(name).suffix:
        return list(texts.changes(name, source))
    return [built(name, change) for change in changes(source, slips)]


def every(name: str, source: str) -> list[Mutant]:
    """All changes of single operators, constants and statements of a module."""
    return list(mutants(name, source)) if not Path(name).suffix else list(texts.changes(name, source))


def chosen(sources: dict[str, str], count: int, seed: int) -> list[Mutant]:
    """As many changes of a package, slips among them."""
    counts = shares({name: len(text.splitlines()) for name, text in sources.items()}, count, seed)
    return [mutant for name, text in sources.items() for mutant in _first(name, text, counts[name], seed)]


def shares(sizes: dict[str, int], count: int, seed: int) -> dict[str, int]:
    """How many of `count` points at even steps along all lines fall into each file."""
    whole, start, points = sum(sizes.values()), 0, dict.fromkeys(sizes, 0)
    marks = [(2 * n * 97 + 2 * (seed % 97) + 1) * whole / (2 * 97 * count) for n in range(count)]
    for name, size in sizes.items():
        points[name] = sum(start <= mark < start + size for mark in marks)
        start += size
    return points


def _first(name: str, source: str, count: int, seed: int) -> list[Mutant]:
    """The first changes of a file, its kinds in turn."""
    if not count:
        return []
    if Path(name).suffix:
        made = list(texts.changes(name, source))
        return [made[place] for place in _in_turn([mutant.kind for mutant in made], f"{seed} {name}")][:count]
    there = [change for change in changes(source, slips) if not _says(change[0])]
    order = _in_turn([kind for _, kind, _ in there], f"{seed} {name} {sha256(source.encode()).hexdigest()}")
    found: dict[tuple[str, ...], Mutant] = {}
    for place in order:
        mutant = built(name, there[place])
        found.setdefault(mutant.key, mutant)
        if len(found) == count:
            break
    return list(found.values())


def _says(path: Sequence[ast.AST]) -> bool:
    """Whether a change is within an option that only says what is so."""
    return any(isinstance(node, ast.keyword) and node.arg in SAYING for node in path)


def _in_turn(kinds: Sequence[str], seed: str) -> list[int]:
    """The places of some changes: one of each kind, then another of each; which comes first a digest says."""
    places: dict[str, list[int]] = {}
    for place, kind in enumerate(kinds):
        places.setdefault(kind, []).append(place)
    turns = sorted(places, key=lambda kind: _rank(seed, kind))
    rows = zip_longest(*(sorted(places[kind], key=lambda place: _rank(seed, kind, str(place))) for kind in turns))
    return [place for row in rows for place in row if place is not None]


def _rank(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()
