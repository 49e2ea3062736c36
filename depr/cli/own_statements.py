"""Options for statements of one's own, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.console import say_findings

if TYPE_CHECKING:
    from depr.api import OwnStatements

OwnFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--statements",
        help="Statements of your own, in place of the shipped ones for the periods they have: a table, or companyfacts "
        "(.json) of the one --issuer. May be repeated.",
    ),
]
Filed = Annotated[
    str, typer.Option(help="Value of companyfacts: first (as first reported) or last (as restated since).")
]
AcceptBreaks = Annotated[
    bool, typer.Option("--accept-breaks", help="Use statements of your own that break an identity too.")
]


def own(files: list[Path] | None, **options: Any) -> OwnStatements | None:
    """The statements of some files, and the breaks in them said on standard error; none without files."""
    from depr import api

    if not files:
        return None
    given = api.own_statements(files, **options)
    say_findings(given.findings)
    return given


def titled(title: str, given: OwnStatements | None) -> str:
    """A title, and below it where statements of one's own are from."""
    return "\n".join([title, *(given.said if given else ())])
