"""The command line. Each command calls the function of the same name in depr.api; nothing is worked out here."""

from __future__ import annotations

from depr.cli import ledger, migration, figures, preparing, analyst, publishing, evidence, outlook, reference  # isort: skip  # as the help lists them
from depr.cli.options import app
from depr.console import console, say_findings

__all__ = [
    "analyst",
    "app",
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


def main() -> None:
    """Entry point: refusals are printed with what to do, and the exit code says so."""
    from depr.errors import Refused

    try:
        app()
    except Refused as refused:
        say_findings(refused.findings)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        _say_stopped()
        raise SystemExit(STOPPED) from None
    except SystemExit as ended:  # the library that parses the words takes Ctrl-C before we do
        if ended.code == STOPPED:
            _say_stopped()
        raise


STOPPED = 130
"""Exit code of what Ctrl-C ended."""


def _say_stopped() -> None:
    said = "stopped; the ledger is as it was, or holds all of the last file. Run the same command to go on"
    console(error=True).print(said, soft_wrap=True)
