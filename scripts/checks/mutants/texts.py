"""Changes of SQL and of the marked parts of templates, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from scripts.checks.mutants.changes import WIDEST, Mutant

SQL = [
    (r"<=", "<"), (r">=", ">"), (r"(?<![<>-])<(?![=>])", "<="), (r"(?<![<>=-])>(?!=)", ">="), (r"<>|!=", "="),
    (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "), (r" // ", " * "), (r" / ", " * "),
    (r"\bAND\b", "OR"), (r"\bOR\b", "AND"), (r"\bASC\b", "DESC"), (r"\bDESC\b", "ASC"), (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bIS NOT NULL\b", "IS NULL"), (r"\bLEFT JOIN\b", "JOIN"), (r"\bUNION ALL\b", "UNION"), (r"\bDISTINCT\b", ""),
    (r"\bEXISTS\b", "NOT EXISTS"), (r"\bmin\(", "max("), (r"\bmax\(", "min("), (r"\bleast\(", "greatest("),
    (r"\bgreatest\(", "least("), (r"\bsum\(", "max("), (r"\bfirst\(", "last("), (r"\blast\(", "first("),
    (r"\barg_max\(", "arg_min("), (r"\barg_min\(", "arg_max("), (r"(?<![\w.'])(\d+)(?![\w.'])", "1\\g<1>"),
]  # fmt: skip
JINJA = [
    (r" < ", " <= "), (r" > ", " >= "), (r"<=", "<"), (r">=", ">"), (r"==", "!="), (r"!=", "=="), (r" \+ ", " - "),
    (r" - ", " + "), (r" \* ", " / "), (r" / ", " * "), (r"\band\b", "or"), (r"\bor\b", "and"), (r"\bnot ", ""),
    (r"\bif (?!not\b)", "if not "), (r"loop\.first", "loop.last"), (r"loop\.last", "loop.first"),
    (r"\| *first\b", "| last"), (r"\| *last\b", "| first"),
]  # fmt: skip
ASIDE = {
    ".sql": re.compile(r"--[^\n]*|'(?:[^']|'')*'|COMMENT ON(?:'(?:[^']|'')*'|[^';])*;", re.DOTALL),
    ".j2": re.compile(r"(?:\A|[%}]})(?:(?!\{[{%]).)*(?:\Z|\{[{%])|\"[^\"]*\"|'[^']*'", re.DOTALL),
}
"""What is not changed: comments and quoted words, and of a template all that is printed as it stands."""

QUALIFIED = re.compile(r"\b([a-z_]\w*)\.([a-z_]\w*)\b(?!\()")


def changes(module: str, source: str) -> Iterator[Mutant]:
    """Every change of a text, in the order of its places."""
    suffix = PurePath(module).suffix
    aside = [found.span() for found in ASIDE[suffix].finditer(source)]
    rules = [(re.compile(pattern), after) for pattern, after in (SQL if suffix == ".sql" else JINJA)]
    for start, end, after, kind in sorted([*_operators(source, rules), *_columns(source)]):
        if not any(first < end and start < last for first, last in aside):
            yield _mutant(module, source, start, end, after, kind)


def variants(sql: str) -> Iterator[str]:
    """A statement with another operator, one at a time."""
    rules = [(re.compile(pattern), after) for pattern, after in SQL]
    for start, end, after, _ in _operators(sql, rules):
        yield sql[:start] + after + sql[end:]


def _operators(source: str, rules: list[tuple[re.Pattern[str], str]]) -> Iterator[tuple[int, int, str, str]]:
    for pattern, after in rules:
        for found in pattern.finditer(source):
            yield *found.span(), found.expand(after), f"{pattern.pattern.strip()} in a text"


def _columns(source: str) -> Iterator[tuple[int, int, str, str]]:
    """Another column or field that is read of the same thing."""
    of: dict[str, list[str]] = {}
    for found in QUALIFIED.finditer(source):
        of.setdefault(found[1], []).append(found[2])
    for found in QUALIFIED.finditer(source):
        others = list(dict.fromkeys(of[found[1]]))
        if len(others) > 1 and found[1] != "loop":
            yield *found.span(2), others[(others.index(found[2]) + 1) % len(others)], "column in a text"


def _mutant(module: str, source: str, start: int, end: int, after: str, kind: str) -> Mutant:
    changed = source[:start] + after + source[end:]
    first = source.rfind("\n", 0, start) + 1
    line = source[first : source.find("\n", end) % (len(source) + 1)]
    new = changed[first : first + len(line) + len(after) - (end - start)]
    begin = max(0, start - first - WIDEST // 2)
    shown = [text[begin : begin + WIDEST].strip() for text in (line, new)]
    return Mutant(module, "", shown[0], shown[1], source.count("\n", 0, start) + 1, kind, changed)
