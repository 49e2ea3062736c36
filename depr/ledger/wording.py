"""Definitions as DuckDB writes them, made comparable: what has no order is put in order. Pure."""

from __future__ import annotations

import re

UNORDERED = re.compile(r"\b(?:EXCLUDE|REPLACE|RENAME) \(")
"""What follows is a set, which DuckDB writes in any order: another one each time that a file is opened."""

PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(),\[\]{}]|[^'\"(),\[\]{}]+|['\"]")
"""A text, a name, a mark that opens, closes or separates, or anything else."""


def in_order(text: str) -> str:
    """A definition with every such set sorted; one that never closes stays as it is."""
    out = ""
    done = 0
    for found in UNORDERED.finditer(text):
        if found.start() < done:
            continue
        members, end = _members(text, found.end())
        if end:
            out += text[done : found.end()] + ", ".join(sorted(in_order(member) for member in members))
            done = end
    return out + text[done:]


def _members(text: str, start: int) -> tuple[list[str], int]:
    """The members of a set that begins at `start`, and where its closing mark is; 0 when there is none."""
    members = [""]
    depth = 0
    for piece in PIECE.finditer(text, start):
        mark = piece[0]
        if depth == 0 and mark == ")":
            return [member.strip() for member in members], piece.start()
        depth += (mark in "([{") - (mark in ")]}") if len(mark) == 1 else 0
        if depth == 0 and mark == ",":
            members.append("")
        else:
            members[-1] += mark
    return [], 0
