"""Options for statements of one's own, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.cli.options import instant
from depr.console.screen import say_findings

if TYPE_CHECKING:
    from depr.datasets.own_statements import OwnStatements

OwnFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--statements",
        help="Statements of your own, in place of the shipped ones for the periods they have: a table, or companyfacts "
        "(.json) of the one --issuer. May be repeated.",
    ),
]
Filed = Annotated[
    str | None,
    typer.Option(help="Value of companyfacts: first (as first reported) or last (as restated since), if none."),
]
AcceptBreaks = Annotated[
    bool, typer.Option("--accept-breaks", help="Use statements of your own that break an identity too.")
]


def own(
    files: list[Path] | None,
    sheet: str | None,
    delimiter: str | None,
    encoding: str | None,
    *,
    filed: str | None,
    accept_breaks: bool,
    ledger: Path,
    known_at: str | None,
    schedules: Path | None,
    **options: Any,
) -> OwnStatements | None:
    """The statements of some files, and the breaks in them said on standard error; none without files.

    They are read by the judgements that hold for the ledger.
    """
    from depr.datasets.own_statements import own_statements
    from depr.fleet import carried
    from depr.intake import written

    how = written(files or (), sheet, delimiter, encoding)
    if not files:
        for name, is_given in (("--filed", filed is not None), ("--accept-breaks", accept_breaks)):
            if is_given:
                raise typer.BadParameter(f"{name} is about statements of your own: give --statements too")
        return None
    options["schedules"] = carried.schedules(ledger, schedules, instant(known_at))
    given = own_statements(files, filed=filed or "last", accept_breaks=accept_breaks, how=how, **options)
    say_findings(given.findings)
    return given
