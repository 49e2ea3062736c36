"""Small changes of a module, one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

WIDEST = 110
"""Characters of the source that names a mutant."""

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,),
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.BitOr: (ast.BitAnd,), ast.BitAnd: (ast.BitOr,),
    ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,), ast.BitXor: (ast.BitOr,), ast.BitAnd: (ast.BitOr,),
}  # fmt: skip
PAIRS = [("min", "max"), ("any", "all"), ("floor", "ceil"), ("first", "last"), ("min_horizontal", "max_horizontal")]
OTHER = {**dict(PAIRS), **{b: a for a, b in PAIRS}}


Key = tuple[str, str, str, str]
"""Module, function, what stands there and what instead."""


@dataclass(frozen=True)
class Mutant:
    """One change: the function it is in ("" on import), what stands there and what instead, and the changed file.

    `module` is a file of depr/ without its suffix (kernel/curves), or that of a text with its whole name.
    """

    module: str
    function: str
    before: str
    after: str
    line: int
    kind: str
    tree: ast.Module | str

    @property
    def key(self) -> Key:
        return self.module, self.function, self.before, self.after


More = Callable[[tuple[ast.AST, ...]], Iterable[tuple[str, ast.AST]]]
"""Further changes of a place: their kind, and what stands there instead."""


Change = tuple[tuple[ast.AST, ...], str, ast.AST]
"""The path to a node, the kind of change, and what stands there instead."""


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every change of a module, in the order of its lines."""
    for change in changes(source):
        yield built(module, change)


def changes(source: str, more: More = lambda path: ()) -> Iterator[Change]:
    """Every change of a module before it is made, which takes longer."""
    for path in places(ast.parse(source), ()):
        node = path[-1]
        yield from ((path, type(node).__name__, other) for other in _replacements(node, path[-2]))
        yield from ((path, kind, other) for kind, other in more(path))


def places(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, ...]]:
    """Each node that runs, with all above it: no annotation, import, docstring or list of names."""
    here = (*above, node)
    if isinstance(node, ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ):
        return
    if above:
        yield here
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns", "ctx", "op", "ops"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_text(child):
                    yield from places(child, here)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _replacements(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:  # noqa: C901  # one case a kind of change
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in SWAPS[type(op)]:
                    yield with_(node, ops=[*ops[:place], other(), *ops[place + 1 :]])
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            yield from (with_(node, op=other()) for other in SWAPS.get(type(op), ()))
        case ast.UnaryOp():
            yield node.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str()) if node.value:
            yield ast.Constant("")
        case ast.Name(id=name) if name in OTHER and isinstance(parent, ast.Call):
            yield with_(node, id=OTHER[name])
        case ast.Attribute(attr=name) if name in OTHER and isinstance(parent, ast.Call):
            yield with_(node, attr=OTHER[name])
        case ast.Return(value=value) if value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Assign(targets=[target], value=value) if _names(target) & _names(value):
            yield ast.Pass()  # any other leaves a name without a value
        case ast.Raise() | ast.Continue() | ast.Break() | ast.Expr():
            yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Pass()
    test = getattr(parent, "test", None) is node or node in getattr(parent, "ifs", ())
    if test and not isinstance(node, ast.Compare | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type]  # a test is an expression


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def with_(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def built(module: str, change: Change) -> Mutant:
    """The module with the last node of a path replaced; only what is on the path is copied."""
    path, kind, replacement = change
    named = _named(path)
    changed, before, after = replacement, ast.unparse(named), ""
    for above, node in zip(path[-2::-1], path[:0:-1], strict=True):
        if node is named:
            after = _head(changed)
        changed = with_(above, **{name: _swapped(value, node, changed) for name, value in ast.iter_fields(above)})
    places = [n for n, node in enumerate(path) if isinstance(node, ast.FunctionDef)]
    inside = places and path[places[0] + 1] in path[places[0]].body  # type: ignore[attr-defined]  # not a default
    scope = [node.name for node in path[: places[0] + 1] if hasattr(node, "name")] if inside else []
    whole = ast.fix_missing_locations(changed)
    assert isinstance(whole, ast.Module)
    return Mutant(module, ".".join(scope), _head(named) if before else "", after, _line(path), kind, whole)


def _line(path: tuple[ast.AST, ...]) -> int:
    """Of the innermost node that has one."""
    lines: Iterator[int] = (node.lineno for node in reversed(path) if hasattr(node, "lineno"))
    return next(lines)


def _swapped(value: Any, old: ast.AST, new: ast.AST) -> Any:
    if isinstance(value, list):
        return [new if child is old else child for child in value]
    return new if value is old else value


def _named(path: tuple[ast.AST, ...]) -> ast.AST:
    """The node that names a change: the widest around it, up to its statement, that makes a short line."""
    named = path[-1]
    for node in path[:0:-1]:
        if isinstance(node, ast.expr | ast.stmt) and len(_head(node)) <= WIDEST:
            named = node
        if isinstance(node, ast.stmt):
            break
    return named


def _head(node: ast.AST) -> str:
    """The source of a node, of a statement with a body the first line."""
    if hasattr(node, "body") and isinstance(node.body, list):
        node = with_(node, body=[ast.Pass()], **{"orelse": []} if hasattr(node, "orelse") else {})
        return ast.unparse(node).rpartition("\n")[0]
    return ast.unparse(node)
