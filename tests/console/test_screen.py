"""Where output goes, and how wide it is where someone watches and where no one does."""

from __future__ import annotations

import sys
from io import StringIO

import polars as pl
import pytest

from depr.console.answer import Answer
from depr.console.screen import UNWATCHED_WIDTH, console, progress, say_findings, show
from depr.errors import Finding

WINDOW = 90


GONE = "\x1b[1A\x1b[2K"
"""Back to the line, and the line is blank."""


class Terminal(StringIO):
    """What someone looks at."""

    def isatty(self) -> bool:
        return True


def streams(kind: type[StringIO], patch: pytest.MonkeyPatch) -> tuple[StringIO, StringIO]:
    """Standard output and standard error, both watched or both not."""
    out, err = kind(), kind()
    patch.setattr(sys, "stdout", out)
    patch.setattr(sys, "stderr", err)
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        patch.delenv(name, raising=False)
    patch.setenv("TERM", "xterm")
    patch.setenv("COLUMNS", str(WINDOW))
    return out, err


@pytest.mark.parametrize("kind", [StringIO, Terminal])
def test_lines_are_as_wide_as_the_window_and_not_folded_without_one(
    kind: type[StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = streams(kind, monkeypatch)
    expected = WINDOW if out.isatty() else UNWATCHED_WIDTH
    for error in (False, True):
        assert console(error=error).width == expected


@pytest.mark.parametrize("kind", [StringIO, Terminal])
def test_errors_are_apart_from_what_is_asked_for(kind: type[StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = streams(kind, monkeypatch)
    console().print("[b]asked[/b] :smile: 12")
    console(error=True).print("\x1b[2Jwrong")
    say_findings([Finding("a.csv", 3, "no unit", "there is a cell for it", "fill it in")])
    assert out.getvalue() == "[b]asked[/b] :smile: 12\n"
    first, *finding = err.getvalue().splitlines()
    assert first == "\\x1b[2Jwrong"
    assert [line.strip() for line in finding] == ["a.csv:3: no unit", "why: there is a cell for it", "do: fill it in"]


@pytest.mark.parametrize("kind", [StringIO, Terminal])
def test_a_line_says_what_is_being_done_where_someone_watches(
    kind: type[StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = streams(kind, monkeypatch)
    with progress() as step:
        step("price the purchases")
    assert out.getvalue() == ""
    assert ("price the purchases" in err.getvalue()) == err.isatty()
    assert err.getvalue().endswith(GONE if err.isatty() else "")


def test_notes_stand_below_the_title_and_beside_rows_for_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = streams(StringIO, monkeypatch)
    rows = pl.DataFrame({"units": [7]})
    show(Answer(rows, title="Held", notes=["one lot"]), "table")
    show(Answer(rows), "table")
    show(Answer(rows, notes=["one lot"]), "table")
    shown = [line.rstrip() for line in out.getvalue().splitlines()]
    assert shown == ["Held", "one lot", "units", "    7", "units", "    7", "one lot", "units", "    7"]
    show(Answer(rows, title="Held", notes=["one lot"]), "csv")
    assert out.getvalue().endswith("units\n7\n")
    assert err.getvalue() == "one lot\n"
