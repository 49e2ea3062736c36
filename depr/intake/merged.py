"""Which cells of a sheet are merged: its own account of it, since the cells themselves say only the first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from depr.intake.layout import heading

PIECE = 1 << 22
BEHIND = 1 << 10
"""How much of a sheet is looked at in one go, and how much of it again with the next piece."""

SHEET = re.compile(r"<(?:[\w.-]+:)?sheet\s([^>]*)>")
RELATION = re.compile(r"<(?:[\w.-]+:)?Relationship\s([^>]*)>")
MERGED = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s+ref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
LETTERS = 26


class Span(NamedTuple):
    """Cells that are merged into one; rows and columns are counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


def merged(path: Path, sheet: str) -> list[Span]:
    """The merged cells of a sheet of a workbook that was read before; none where it does not say."""
    try:
        with ZipFile(path) as book:
            part = _part(book, sheet)
            return sorted(_spans(book, part)) if part in book.namelist() else []
    except (BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError):
        return []


def headed(rows: Sequence[Sequence[str | None]], spans: Sequence[Span], first: int) -> list[str]:
    """The names of the columns from a header of several rows, the first of them `first`.

    A name goes as far as its cell is merged; where none of the header is, up to the next name.
    """
    within = [span for span in spans if first <= span.top < first + len(rows) and span.right > span.left]
    said = [list(row) for row in rows]
    for span in within:
        cells = said[span.top - first]
        for column in range(span.left, min(span.right, len(cells) - 1) + 1):
            cells[column] = cells[span.left]
    return heading(said, fill=not within)


def _part(book: ZipFile, sheet: str) -> str:
    listed = book.read("xl/workbook.xml").decode("utf-8", "replace")
    names = {unescape(_said(each, "name")): _said(each, "r:id") for each in SHEET.findall(listed)}
    related = book.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {_said(each, "Id"): _said(each, "Target") for each in RELATION.findall(related)}
    target = targets.get(names.get(sheet, ""), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _said(attributes: str, name: str) -> str:
    found = re.search(rf"""(?:^|\s){re.escape(name)}\s*=\s*(["'])(.*?)\1""", attributes)
    return found[2] if found else ""


def _spans(book: ZipFile, part: str) -> set[Span]:
    found = set()
    with book.open(part) as file:
        kept = b""
        while piece := file.read(PIECE):
            for left, top, right, bottom in MERGED.findall(kept + piece):
                found.add(Span(int(top) - 1, _column(left), int(bottom) - 1, _column(right)))
            kept = (kept + piece)[-BEHIND:]
    return found


def _column(letters: bytes) -> int:
    """A is 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - ord("A") + 1
    return number - 1
