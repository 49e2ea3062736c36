"""Pages of a report: made as they are asked for, and made again as they say to be proven."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import typer

from depr.cli.options import app, asked, end_if, lives_of, say_unproven, words, years_of
from depr.cli.own_statements import own
from depr.console.screen import console, progress

FAULT: type[Exception] = typer.BadParameter.__mro__[2]
"""What the library that parses the words raises for words that it cannot."""


def pages(
    ledger: Path, out: Path, step: Callable[[str], None], *, called: str | None = None, **given: Any
) -> list[Path]:
    """The pages that the options of `depr report` (`given`, by name) ask for."""
    from depr.fleet import Fleet

    schedules: Path | None = given["schedules"]
    chosen: dict[str, Any] = {"issuers": given["issuers"], "years": years_of(given["years"])}
    read = chosen | {"filed": given["filed"], "accept_breaks": given["accept_breaks"]}
    written = {name: given[name] for name in ("sheet", "delimiter", "encoding")}
    own_statements = own(
        given["own_files"],
        **written,
        **read,
        ledger=ledger,
        known_at=given["known_at"],
        schedules=schedules,
    )
    return Fleet(ledger, schedules).report(
        out,
        **chosen,
        lives=lives_of(given["lives"]),
        modes=words(given["mode"]) or (),
        changes_on=[each.date() for each in given["change_date"] or ()],
        statements=own_statements,
        **asked(given["as_of"], given["known_at"]),
        templates=given["templates"],
        overwrite=given["overwrite"],
        progress=step,
        called=called,
    )


def say_pages(path: Path, ledger: Path | None) -> None:
    """Prove a page, or the pages of a folder, and say so. Raises `Refused`."""
    from depr.errors import refuse
    from depr.report.verified import verify_pages

    if ledger is None:
        why = "it is proven against the ledger that it was made of"
        raise refuse(str(path), "is a page, or a folder of pages", why, f"depr verify {path} LEDGER")
    with progress() as step:
        proof, found = verify_pages(path, ledger, lambda *again: _again(step, *again))
    end_if(found)
    for page, command in proof.pages:
        said = f"{page}: the same to the byte when it is made again from {ledger}: {command}"
        console().print(said, soft_wrap=True)
    say_unproven(proof.unproven)


def _again(step: Callable[[str], None], typed: Sequence[str], ledger: Path, out: Path) -> Iterable[Path]:
    """The pages of a command that a page prints, from this ledger and in this folder. Raises `Refused`."""
    from depr.cli.demo import pages as demo_pages
    from depr.errors import refuse

    if list(typed) == ["depr", "demo"]:
        return demo_pages(ledger, out, step)
    if list(typed[:2]) == ["depr", "report"] and len(typed) > 2:
        with suppress(FAULT, typer.Exit):
            if given := _typed(typed[2:]):
                return pages(ledger, out, step, called=typed[2], **given)
    raise refuse(" ".join(typed), "is no command that makes a page", do="name a page that depr made")


def _typed(asked: Sequence[str]) -> dict[str, Any]:
    """The options of `depr report` as typed, by name, without the ledger and the folder."""
    [report] = [each.callback for each in app.registered_commands if each.name == "report" and each.callback]
    alone = typer.Typer(add_completion=False)

    @alone.command(add_help_option=False)
    @wraps(report)
    def typed(**given: Any) -> dict[str, Any]:
        return given

    given = typer.main.get_command(alone).main(list(asked), standalone_mode=False)
    return {name: value for name, value in given.items() if name not in ("ledger", "out")} if given else {}
