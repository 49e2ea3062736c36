"""The command for ledgers of an earlier version."""

from __future__ import annotations

from depr.cli.options import LedgerPath, command
from depr.console.screen import console, progress


@command("migrate", "depr migrate fleet.duckdb")
def migrate(ledger: LedgerPath) -> None:
    """Bring a ledger of an earlier version up to this one: the same facts in a new file, the old one kept beside it."""
    from depr.fleet import Fleet

    with progress() as step:
        step(f"migrate {ledger.name}")
        made = Fleet(ledger).migrate()
    tell = console().print
    tell(f"{ledger}: {made.events} events of {made.batches} batches; the old file is {made.kept}", soft_wrap=True)
    if made.head == made.old_head:
        tell(f"head {made.head}, as before", soft_wrap=True)
        if made.saved:
            tell(f"saved restatements came along: {', '.join(made.saved)}", soft_wrap=True, markup=False)
        if made.anew:
            said = "saved restatements of an older form, to be made anew (depr restate --save)"
            tell(f"{said}: {', '.join(made.anew)}", soft_wrap=True, markup=False)
        tell(f"what the SQL macros read is made anew by depr prepare {ledger}", soft_wrap=True)
    else:
        tell(f"old head {made.old_head}", soft_wrap=True)
        tell(f"new head {made.head}; tables of results are made anew by depr restate", soft_wrap=True)
