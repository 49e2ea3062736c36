"""Questions in SQL: on the line, from a file or a pipe, or at a prompt."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from depr.cli.options import AsOf, KnownAt, LedgerPath, Overwrite, asked, command, say_head, say_unproven
from depr.console.screen import console, progress, say, say_findings
from depr.sql.examples import examples

if TYPE_CHECKING:
    from depr.sql.query import Session

ROWS = 200
QUESTIONS = "\n\n[bold]Questions[/bold], with SQL that runs: depr sql LEDGER 'FROM examples'\n\n" + "\n\n".join(
    f"{each.number}. {each.question}" for each in examples()
)


class Answer(StrEnum):
    """How an answer is given."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


@command(
    "sql",
    "depr sql fleet.duckdb 'FROM fleet ORDER BY cost DESC'",
    "depr sql fleet.duckdb",
    "depr sql fleet.duckdb --file question.sql --format parquet --out answer.parquet",
    "depr sql q4.duckdb --attach q3=q3.duckdb 'FROM q4.lots ANTI JOIN q3.lots USING (lot_id)'",
    more=QUESTIONS,
)
def sql(
    ledger: LedgerPath,
    query: Annotated[str | None, typer.Argument(help="SQL; a prompt, or standard input, when not given.")] = None,
    file: Annotated[Path | None, typer.Option(help="Read the SQL from a file.")] = None,
    attach: Annotated[list[str] | None, typer.Option(help="Another ledger, NAME=FILE; may be repeated.")] = None,
    seconds: Annotated[float, typer.Option(help="Stop a query that takes longer.")] = 60,
    memory: Annotated[int, typer.Option(min=64, help="Memory that a query may take, in MiB.")] = 4096,
    rows: Annotated[int, typer.Option(min=0, help="Rows of a table that are shown; 0 for all.")] = ROWS,
    out: Annotated[Path | None, typer.Option(help="Write the answer to a file.")] = None,
    overwrite: Overwrite = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Annotated[
        Answer | None, typer.Option("--format", "-f", help="How the answer is given: as --out ends, else a table.")
    ] = None,
) -> None:
    """Ask a ledger in SQL: read-only, no files, no network."""
    from depr.fleet import Fleet
    from depr.fleet.questions import write_answer
    from depr.sql.published.verified import is_copy, verify_copy

    form = _form(form, out)
    statement = _statement(query, file, out)
    others = dict(map(_attached, attach or ()))
    fleet = Fleet(ledger)
    with fleet.session(others, memory_mib=memory, **asked(as_of, known_at)) as session, _ending(session):
        if statement is None:
            from depr.cli.prompt import prompt

            prompt(ledger, others, session, lambda text: _show(session, text, form, seconds, rows))
        elif out is None:
            _show(session, statement, form, seconds, rows)
        else:
            with progress() as step:
                write_answer(session, statement, out, form, overwrite=overwrite, seconds=seconds, progress=step)
            console().print(f"wrote {out}", soft_wrap=True)
            say(session.notes)
        say_unproven(session.unproven)
    for path in (ledger, *others.values()):
        if is_copy(path):
            console(error=True).print(f"{path} {verify_copy(path)[0]}", soft_wrap=True)
        else:
            say_head(path, known_at)


def _form(given: Answer | None, out: Path | None) -> Answer:
    """The form of an answer: the one given, which must be that of the file's ending, else the file's, else a table."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    of_file = Answer(ending) if ending in set(Answer) - {Answer.table} else None
    if given is Answer.parquet and out is None:
        raise typer.BadParameter("Parquet needs --out FILE")
    if given and of_file and given is not of_file:
        raise typer.BadParameter(f"--format {given} and a file that ends in .{ending} do not go together")
    return given or of_file or Answer.table


def _show(asked: Session, statement: str, form: Answer, seconds: float, rows: int) -> None:
    """Print an answer; a table to its first rows, with a line that says so."""
    from depr.console import writers

    cut = rows if form is Answer.table and rows else None
    with progress() as step:
        frame = asked.frame(statement, seconds=seconds, rows=cut and cut + 1, progress=step)
    if frame.columns:
        writers.text(writers.cents(frame.head(cut) if cut else frame), form, console())
    if cut and len(frame) > cut:
        said = f"the first {cut:,} rows; --rows 0 shows all of them, --out FILE writes them"
        console(error=True).print(said, soft_wrap=True)
    say(asked.notes)


@contextmanager
def _ending(asked: Session) -> Iterator[None]:
    """Ends the process at once when a question did not end: nothing could wait for it."""
    from depr.errors import Refused

    try:
        yield
    except (Refused, KeyboardInterrupt) as fault:
        if not asked.stuck:
            raise
        say_findings(fault.findings if isinstance(fault, Refused) else ())
        sys.stdout.flush()
        os._exit(1)


def _statement(query: str | None, file: Path | None, out: Path | None) -> str | None:
    """What is asked; None for a prompt."""
    from depr.fleet.questions import read_statement

    if query is not None and file is not None:
        raise typer.BadParameter("give a statement or --file, not both")
    if file is not None:
        return read_statement(file)
    if query is None and out is None and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        return None
    text = _piped() if query is None else query
    if not text.strip():
        raise typer.BadParameter("give a statement, --file, or SQL on standard input")
    return text


def _piped() -> str:
    """What standard input holds, when it is no terminal."""
    try:
        return "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    except OSError:  # there is none
        return ""
    except UnicodeDecodeError as fault:
        raise typer.BadParameter(f"standard input is not text: {fault}") from None


def _attached(text: str) -> tuple[str, Path]:
    name, is_named, path = text.partition("=")
    return (name, Path(path)) if is_named else (Path(text).stem, Path(text))
