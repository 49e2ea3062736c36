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
    """Each function -> the lines of its body: without decorators, signature and docstring."""
    lengths = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{name(path)}:{node.lineno} {node.name}"] = _length(node)
    return lengths


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first, *rest = node.body
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = rest[0] if documented and rest else first
    return (node.end_lineno or node.lineno) - start.lineno + 1


def doubled(path: Path) -> Iterable[str]:
    """Where a file assigns a written tuple to as many names, none of which its later values read."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)):
            continue
        [target] = node.targets if len(node.targets) == 1 else [None]
        if not isinstance(target, ast.Tuple) or len(target.elts) != len(node.value.elts):
            continue
        values = [ast.unparse(value) for value in node.value.elts]
        names = [ast.unparse(name) for name in target.elts]
        if not any(_reads(later, name) for at, name in enumerate(names) for later in values[at + 1 :]):
            yield f"{name(path)}:{node.lineno}"


def _reads(value: str, name: str) -> bool:
    return any(ast.unparse(node) == name for node in ast.walk(ast.parse(value, mode="eval")))
