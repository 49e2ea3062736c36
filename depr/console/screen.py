"""What a person sees at the terminal: tables, progress, findings. Libraries load when there is something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from depr.console.answer import Answer
    from depr.errors import Finding

UNWATCHED_WIDTH = 200
"""Columns of a table that goes to a file or a pipe, where nothing should be folded."""


def console(*, error: bool = False) -> Console:
    """Where output goes: tables to standard output, progress and errors to standard error.

    Text is never markup, and what a terminal would obey is shown in its escaped form.
    """
    from rich.console import Console
    from rich.text import Text

    from depr.errors import visible

    class Plain(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(visible(text), **how)

    made = Plain(stderr=error, highlight=False, emoji=False, markup=False)
    if made.is_terminal:
        return made
    return Plain(stderr=error, highlight=False, emoji=False, markup=False, width=UNWATCHED_WIDTH)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line that says what is being done and for how long; nothing where no one watches."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from depr.errors import visible

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    watched = console(error=True)
    with Progress(*columns, console=watched, transient=True, disable=not watched.is_terminal) as bar:
        task = bar.add_task("")
        yield lambda step: bar.update(task, description=visible(step))


def show(answer: Answer, form: str) -> None:
    """Print an answer: exact decimals, or for a table that asks for it in millions.

    Its notes stand below the title of a table; else on standard error, so that the rows stay alone.
    """
    from depr.console import writers

    if form == "table":
        title = "\n".join([*([answer.title] if answer.title else []), *answer.notes]) or None
        writers.text(answer.shown, form, console(), title)
    else:
        say(answer.notes)
        writers.text(answer.printed, form, console())


def say(lines: Iterable[str]) -> None:
    """Lines to standard error, as they are."""
    errors = console(error=True)
    for line in lines:
        errors.print(line, markup=False, soft_wrap=True)


def say_findings(findings: Iterable[Finding]) -> None:
    """Print findings to standard error, by cause: where, what, why and what to do."""
    from depr.errors import grouped

    say(grouped(findings))
