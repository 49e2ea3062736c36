"""Slips of the pen, of which bugs are made: beside the changes of single operators and constants.

A condition or a choice dropped, a check left out, arguments swapped, another column or field of the same thing, the
first for the last, a step of a chain of calls forgotten, an option forgotten, a slice that begins or ends elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from keyword import iskeyword

from scripts.checks.mutants.changes import with_
from scripts.checks.mutants.texts import variants

STEPS = {
    *("filter", "sort", "unique", "drop_nulls", "fill_null", "abs", "over", "round", "strip", "lower", "upper"),
    *("cum_sum", "shift", "backward_fill", "forward_fill", "reverse", "casefold", "rstrip", "lstrip", "limit", "head"),
}
"""Calls of a chain without which it still runs."""

ALIKE = ("max", "min", "gcd", "max_horizontal", "min_horizontal", "any_horizontal", "all_horizontal", "sum_horizontal")
"""Calls whose arguments may stand in any order."""

SAYING = ("frozen", "strict", "maxsize")
"""Options that only say what is so: no result changes with them."""

Slip = tuple[str, ast.AST]


def slips(path: tuple[ast.AST, ...]) -> Iterator[Slip]:  # noqa: C901  # one case a kind of slip
    """What could stand in place of the last node of a path by a slip."""
    node, parent = path[-1], path[-2]
    match node:
        case ast.BoolOp(values=values):
            for place in range(len(values)):
                rest = [*values[:place], *values[place + 1 :]]
                yield "condition dropped", rest[0] if len(rest) == 1 else with_(node, values=rest)
        case ast.If(body=[ast.Raise() | ast.Return() | ast.Continue()], orelse=[]):
            yield "check dropped", ast.Pass()
        case ast.IfExp(body=one, orelse=other):
            yield from (("choice dropped", kept) for kept in (one, other))
        case ast.comprehension(ifs=ifs) if ifs:
            yield "condition dropped", with_(node, ifs=ifs[1:])
        case ast.Call():
            yield from _called(node)
        case ast.Subscript():
            yield from _cut(node)
        case ast.Constant(value=str() as word) if word.isidentifier() and not isinstance(parent, ast.JoinedStr):
            if next_word := following(word, words(path)):
                yield "column", ast.Constant(next_word)
        case ast.Constant(value=str() as text) if "SELECT" in text or " FROM " in text:
            yield from (("operator in SQL", ast.Constant(changed)) for changed in variants(text))
        case ast.Attribute(attr=word, ctx=ast.Load()) if not (isinstance(parent, ast.Call) and parent.func is node):
            if next_word := following(word, fields(path)):
                yield "column", with_(node, attr=next_word)
        case ast.Return(value=ast.Tuple(elts=[one, other, *rest])):
            yield "swapped", with_(node, value=ast.Tuple([other, one, *rest], ast.Load()))


def _called(node: ast.Call) -> Iterator[Slip]:
    arguments = node.args
    alike = getattr(node.func, "id", getattr(node.func, "attr", "")) in ALIKE
    for place, (one, other) in enumerate(pairwise(arguments)):
        if not alike and not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
            swapped = [*arguments[:place], other, one, *arguments[place + 2 :]]
            yield "swapped", with_(node, args=swapped)
    for place, option in enumerate(node.keywords):
        if option.arg is not None and option.arg not in SAYING:
            yield "option dropped", with_(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
    if isinstance(node.func, ast.Attribute) and node.func.attr in STEPS:
        yield "step dropped", node.func.value
    if isinstance(node.func, ast.Name) and node.func.id in ("sorted", "reversed", "abs", "max", "min", "round"):
        yield "step dropped", arguments[0]
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        place = min(1, len(arguments) - 1)
        one_more = ast.BinOp(arguments[place], ast.Add(), ast.Constant(1))
        yield "slice", with_(node, args=[*arguments[:place], one_more, *arguments[place + 1 :]])


def _cut(node: ast.Subscript) -> Iterator[Slip]:
    match node.slice:
        case ast.Slice(lower=lower, upper=upper):
            if lower is not None:
                yield "slice", with_(node, slice=with_(node.slice, lower=None))
            if upper is not None:
                yield "slice", with_(node, slice=with_(node.slice, upper=None))
        case ast.Constant(value=0):
            yield "first for last", with_(node, slice=ast.UnaryOp(ast.USub(), ast.Constant(1)))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            yield "first for last", with_(node, slice=ast.Constant(0))


def words(path: tuple[ast.AST, ...]) -> list[str]:
    """What may be columns in the statement or function of a path: texts that are names, in the order of the lines."""
    scope = next((node for node in reversed(path) if isinstance(node, ast.FunctionDef)), path[0])
    found = [n.value for n in ast.walk(scope) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [word for word in dict.fromkeys(found) if word.isidentifier() and not iskeyword(word)]


def fields(path: tuple[ast.AST, ...]) -> list[str]:
    """Fields that are read of the same thing as the last node of a path, in its module."""
    return _read(path[0]).get(ast.dump(path[-1].value), [])  # type: ignore[attr-defined]  # an attribute


@lru_cache(maxsize=1)
def _read(tree: ast.AST) -> dict[str, list[str]]:
    """The fields that are read of each thing in a module, in their order."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            names = found.setdefault(ast.dump(node.value), [])
            if node.attr not in names:
                names.append(node.attr)
    return found


def following(word: str, others: list[str]) -> str | None:
    """The one after a word, round and round; None where there is no other."""
    if word not in others or len(others) < 2:
        return None
    return others[(others.index(word) + 1) % len(others)]
