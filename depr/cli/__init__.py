"""The command line: parses words into the verbs of `Fleet` and shows what they answer; nothing is worked out here."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Sequence
from copy import copy
from functools import cache
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from depr.cli import company, ledger, migration, figures, closing  # isort: skip  # as the help lists them
from depr.cli import preparing, analyst, publishing, evidence, outlook, reference  # isort: skip
from depr.cli.options import app
from depr.console.screen import console, say_findings

if TYPE_CHECKING:
    from depr.errors import Finding

__all__ = [
    "analyst",
    "app",
    "closing",
    "company",
    "evidence",
    "figures",
    "ledger",
    "main",
    "migration",
    "outlook",
    "preparing",
    "publishing",
    "reference",
]


OBJECTS = 100_000
"""New objects after which garbage is looked for: to start makes a million that stay, and looking costs a third."""


def main() -> None:
    """Entry point: refusals are printed with what to do, and the exit code says so."""
    from depr.errors import Refused

    gc.set_threshold(OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # the same bytes in every locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _check_words(sys.argv[1:])
        program(sys.argv[1] if sys.argv[1:] else "")()
    except Refused as refused:
        say_findings(refused.findings)
        raise SystemExit(1) from None
    except OSError as fault:
        say_findings([_unusable(fault)])
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        _say_stopped()
        raise SystemExit(STOPPED) from None
    except SystemExit as ended:  # the library that parses the words takes Ctrl-C before we do
        if ended.code == STOPPED:
            _say_stopped()
        raise


@cache
def program(word: str) -> Any:
    """The command line that a first word is given to: its command alone is made ready, all of them for another word."""
    part = copy(app)
    part.registered_commands = [
        each for each in app.registered_commands if each.name == word
    ] or part.registered_commands
    return get_command(part)


DIGITS = 1_000
"""Of a number, more than anyone means."""


def _check_words(words: Sequence[str]) -> None:
    """Every word is text, as names in a ledger and in a page are."""
    from depr.errors import refuse

    for word in words:
        if not word.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in word):
            why = "it is not UTF-8, or this locale is not"
            do = "rename the file, or set PYTHONUTF8=1"
            raise refuse("the command line", f"{word!a} is no text", why, do)
        if found := re.search(rf"\d{{{DIGITS},}}", word):
            what = f"a number of {len(found[0]):,} digits"
            why = f"no number that is meant has {DIGITS} digits"
            raise refuse("the command line", what, why, "write the number that is meant")


def _unusable(fault: OSError) -> Finding:
    """What the system refuses and no command foresaw."""
    from depr.errors import Finding

    where = str(fault.filename or "the command line")
    shown = where if len(where) <= LONGEST else f"{where[:LONGEST]} ..."
    do = "name another file or folder, free space, or ask for access"
    return Finding(shown, 0, f"cannot be used: {fault.strerror or fault}", "the system refuses it", do)


LONGEST = 200
"""Characters of a path that are shown."""

STOPPED = 130
"""Exit code of what Ctrl-C ended."""


def _say_stopped() -> None:
    said = "stopped; the ledger is as it was, or holds all of the last file. Run the same command to go on"
    console(error=True).print(said, soft_wrap=True)
