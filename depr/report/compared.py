"""Two pages compared piece by piece: what is not the same, and where on the page it stands.

A piece is what a reader takes in at once, a cell of a table, a line, a mark of a chart, with all that is written in
it; what stands outside of any such piece (a section, a drawing) is a piece of its own. So no byte is left out but
blanks between pieces, and those are for whoever compares the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import unescape
from html.parser import HTMLParser

HEADS = {f"h{level}" for level in range(10)}
"""The end of any ends a heading, as in a browser."""

WHOLE = HEADS | {"title", "style", "p", "dt", "dd", "li", "th", "td", "caption", "desc", "text", "pre"}
"""Elements that are one piece with all that is in them."""

UNITS = re.compile(r'<span class="units"')
"""Begins what a caption says beside the name of its table."""

LONGEST = 120
"""Characters of a piece that are shown."""


COMMAND = re.compile(r"<code>(depr [^<]*)</code>")
HEAD = re.compile(r'<code class="hash">([0-9a-f]{64})</code>')
VERSION = re.compile(r'<meta name="generator" content="depr ([^"]*)">')
TITLE = re.compile(r"<title>([^<]*)</title>")


@dataclass(frozen=True)
class Claim:
    """What a page says it was made with: the command, the head of the ledger, the version."""

    command: str
    head: str
    version: str


def claim(page: str) -> Claim | None:
    """What a page says of its making; None when it says nothing of it."""
    command = COMMAND.search(page)
    version = VERSION.search(page)
    head = HEAD.search(page, command.end()) if command else None
    if not (command and head):
        return None
    return Claim(unescape(command[1]), head[1], unescape(version[1]) if version else "of no version")


def title(page: str) -> str:
    """The title of a page."""
    found = TITLE.search(page)
    return found[1] if found else ""


@dataclass(frozen=True)
class Piece:
    """Where it stands, what a reader sees of it, and how it is written."""

    place: str
    shown: str
    written: str


@dataclass(frozen=True)
class Difference:
    """What a page says in a place, and what it should say (blank: nothing)."""

    place: str
    says: str
    should: str


def compared(page: str, again: str) -> list[Difference]:
    """What a page says otherwise than the same page made again."""
    ours = pieces(page)
    theirs = pieces(again)
    return list(_differing(ours, theirs, [each.written for each in ours], [each.written for each in theirs]))


def _differing(
    ours: Sequence[Piece], theirs: Sequence[Piece], one: Sequence[str], other: Sequence[str]
) -> Iterator[Difference]:
    if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= len(one) // 2:
        changes: Iterable[tuple[str, int, int, int, int]] = [("replace", 0, len(one), 0, len(other))]
    else:
        changes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    for kind, a, b, c, d in changes:
        if kind == "equal":
            continue
        if b - a == d - c:
            yield from (
                _difference(x, y) for x, y in zip(ours[a:b], theirs[c:d], strict=True) if x.written != y.written
            )
        else:
            yield from (Difference(each.place, _short(each.shown or each.written), "") for each in ours[a:b])
            yield from (Difference(each.place, "", _short(each.shown or each.written)) for each in theirs[c:d])


def _difference(one: Piece, other: Piece) -> Difference:
    """Two pieces in one place, which is called as on the page that is made again."""
    if one.shown != other.shown:
        return Difference(other.place, *_apart(one.shown, other.shown))
    return Difference(other.place, *_apart(one.written, other.written))


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts cut to where they begin to differ."""
    if max(len(one), len(other)) <= LONGEST:
        return one, other
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(at - LONGEST // 3, 0)
    return _short(one[start:], "... " if start else ""), _short(other[start:], "... " if start else "")


def _short(text: str, before: str = "") -> str:
    return before + (text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")


def pieces(page: str) -> list[Piece]:
    """The pieces of a page in their order."""
    walk = _Walk()
    walk.feed(page)
    walk.close()
    walk.end()
    return walk.found


@dataclass
class _Table:
    """Where in a table a reader is: its name, the heads of its columns, the group and the line, and the column."""

    name: str = ""
    heads: list[str] = field(default_factory=list)
    group: str = ""
    line: str = ""
    column: int = 0
    kept: dict[int, int] = field(default_factory=dict)
    in_head: bool = False

    def row(self) -> None:
        """A row begins; a cell that reaches down from an earlier one keeps its column."""
        self.column = 0
        self.kept = {column: left - 1 for column, left in self.kept.items() if left > 1}
        if 0 not in self.kept:
            self.line = ""

    def begin(self) -> None:
        """A cell begins in the first column that is free."""
        while self.column in self.kept:
            self.column += 1

    def cell(self, tag: str, attrs: dict[str, str | None], text: str) -> str:
        """Takes a cell in; where it stands."""
        wide, deep = (int(attrs.get(name) or 1) if (attrs.get(name) or "1").isdecimal() else 1 for name in SPANS)
        at = self.column
        self.column = self.column + wide
        if deep > 1:
            self.kept |= dict.fromkeys(range(at, at + wide), deep)
        if self.in_head:
            self.heads += [""] * (at + wide - len(self.heads))
            for n in range(at, at + wide):
                self.heads[n] = " ".join(filter(None, (self.heads[n], text)))
            return self._named("head", text)
        if tag == "th" and attrs.get("scope") == "rowgroup":
            self.group = text
        elif tag == "th":
            self.line = text
        if tag == "th":
            return self._named("line", text)
        head = self.heads[at] if at < len(self.heads) else ""
        return self._named(", ".join(filter(None, (self.group, self.line, head or f"column {at + 1}"))))

    def _named(self, *words: str) -> str:
        return f"{self.name or 'table'}: {' '.join(words)}"


SPANS = ("colspan", "rowspan")


class _Walk(HTMLParser):
    """Goes through a page and keeps its pieces; `tag` is that of the piece that is open, `depth` how often within."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Piece] = []
        self.part = "top of the page"
        self.chart = ""
        self.term = ""
        self.table = _Table()
        self.tag = ""
        self.depth = 0
        self.name_ends: int | None = None
        self.attrs: dict[str, str | None] = {}
        self.shown: list[str] = []
        self.written: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or f"<{tag}>"
        if self.tag:
            self.depth += tag == self.tag
            self.written.append(written)
            if UNITS.match(written):
                self.shown.append(" ")
                self.name_ends = len(self.shown)
            return
        self._begin(tag)
        if tag in WHOLE:
            self.tag = tag
            self.depth = 1
            self.name_ends = None
            self.attrs = dict(attrs)
            self.shown = []
            self.written = [written]
        else:
            self._keep(written)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or f"<{tag}/>"
        if self.tag:
            self.written.append(written)
        else:
            self._keep(written)

    def _begin(self, tag: str) -> None:
        if tag == "table":
            self.table = _Table()
        elif tag in ("thead", "tbody"):
            self.table.in_head = tag == "thead"
            self.table.group = ""
            self.table.kept = {}
        elif tag == "tr":
            self.table.row()
        elif tag in ("td", "th"):
            self.table.begin()
        elif tag == "svg":
            self.chart = "a chart"

    def handle_endtag(self, tag: str) -> None:
        if not self.tag:
            self._keep(f"</{tag}>")
            self.chart = "" if tag == "svg" else self.chart
            return
        self.written.append(f"</{tag}>")
        self.depth -= tag == self.tag or {tag, self.tag} <= HEADS
        if not self.depth:
            self.end()

    def end(self) -> None:
        """The piece that is open, if any, ends."""
        if self.tag:
            shown = _line(self.shown)
            self.found.append(Piece(self._placed(self.tag, shown), shown, "".join(self.written)))
            self.tag = ""

    def handle_data(self, data: str) -> None:
        if self.tag:
            self.shown.append(data)
            self.written.append(data)
        elif data.strip():
            self._keep(data, _line([data]))

    def handle_comment(self, data: str) -> None:
        self.found.append(Piece("a comment of the page", _line([data]), data))

    def handle_decl(self, decl: str) -> None:
        self._keep(decl)

    def handle_pi(self, data: str) -> None:
        self._keep(data)

    def unknown_decl(self, data: str) -> None:
        self._keep(data)

    def _keep(self, written: str, shown: str = "") -> None:
        self.found.append(Piece(self._place(), shown, written))

    def _place(self) -> str:
        return f"{self.part}, {self.chart}" if self.chart else self.part

    def _placed(self, tag: str, shown: str) -> str:
        """Where a piece stands, which may be where others stand from here on."""
        if tag in ("td", "th"):
            return self.table.cell(tag, self.attrs, shown)
        if tag == "caption":
            self.table.name = _line(self.shown[: self.name_ends])
        elif tag == "h2":
            self.part = f"part {shown.lstrip('0123456789')}"
        elif tag == "dt":
            self.term = shown
        elif tag == "title" and self.chart:
            self.chart = f"chart {shown}"
        elif tag == "dd":
            return f"{self._place()}, {self.term}"
        elif tag == "style":
            return "the stylesheet of the page"
        return self._place()


def _line(texts: Iterable[str]) -> str:
    return " ".join("".join(texts).split())
