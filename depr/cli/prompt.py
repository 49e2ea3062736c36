"""The prompt of depr sql: lines until a semicolon are one question; nothing of it is kept when it is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from depr.console.screen import console, say_findings

if TYPE_CHECKING:
    from depr.sql.query import Session

FIRST = "depr> "
FURTHER = "  ... "
LEAVE = {"exit", "quit", ".exit", ".quit"}
CLOSED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1", re.DOTALL)
"""Texts, names and comments, in which a semicolon ends nothing."""


def ended(text: str) -> bool:
    """Whether a statement is complete: its last mark is a semicolon outside of texts and comments."""
    left = CLOSED.sub(" ", text)
    return left.rstrip().endswith(";") and not re.search(r"['\"]|/\*", left)


def prompt(
    ledger: Path,
    others: Mapping[str, Path],
    asked: Session,
    show: Callable[[str], None],
    read: Callable[[str], str] = input,
) -> None:
    """Ask until the end of input. A fault is said and the next question taken; Ctrl-C drops what is being asked."""
    from depr.errors import Refused

    _edit(asked)
    _say(f"{ledger}{''.join(f', {name} = {path}' for name, path in others.items())}: read-only, held until you leave")
    _say("FROM help; says what there is, FROM examples; what can be asked. A semicolon asks, Ctrl-D leaves")
    while (text := _question(read)) is not None:
        try:
            show(text)
        except Refused as refused:
            say_findings(refused.findings)
            if asked.stuck:
                raise
        except KeyboardInterrupt:
            _say("interrupted")
            if asked.stuck:
                raise


def _question(read: Callable[[str], str]) -> str | None:
    """The next question; None at the end of input."""
    lines: list[str] = []
    while not (lines and ended("\n".join(lines))):
        try:
            line = read(FURTHER if lines else FIRST)
        except EOFError:
            _say("")
            return None
        except KeyboardInterrupt:
            _say("")
            lines.clear()
            continue
        if not lines and line.strip().rstrip(";").lower() in LEAVE:
            return None
        if lines or line.strip():
            lines.append(line)
    return "\n".join(lines)


def _say(text: str) -> None:
    console(error=True).print(text, soft_wrap=True)


def _edit(asked: Session) -> None:
    """Line editing, history and completion of names, where the system has them; nothing is written to a file."""
    try:
        import readline
    except ImportError:  # no such library on this system
        return
    from depr.sql.hints import names

    completed = names(asked.connection)
    readline.set_completer(lambda start, number: _completion(completed, start, number))
    readline.set_completer_delims(" \t\n,;()=<>*+-/'\"")
    readline.parse_and_bind("tab: complete")


def _completion(known: Iterable[str], start: str, number: int) -> str | None:
    found = [name for name in known if name.startswith(start.lower())] if start else []
    return found[number] if number < len(found) else None
