"""One step in a process of its own: python -m scripts.benchmarks.restate.child STEP ARGUMENTS, answered in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from scripts.benchmarks.kernel.child import _peak_bytes, _work_seconds

WARM_LOTS, LIVES = 50, 100


def fleet(lots: str) -> dict[str, Any]:
    """The fleet of scripts/benchmarks/restate/fleet.py; a small one goes first, so that all is loaded."""
    from depr.pipeline import restate_fleet
    from scripts.benchmarks.restate import fleet as given

    facts = given.statements(), given.issuer(), given.reported()
    modes: dict[str, Any] = {"modes": given.MODES, "changes_on": [given.CHANGE]}
    restate_fleet(given.lots(WARM_LOTS), *facts, given.alternatives(range(12, 25)), **modes)
    frame, books = given.lots(int(lots)), given.alternatives()

    def run() -> dict[str, int]:
        made = restate_fleet(frame, *facts, books, **modes)
        return {"lots": len(frame), "cases": len(books) * len(given.MODES), "rows": len(made.restated)}

    return _measured(run)


def issuers() -> dict[str, Any]:
    """The shipped purchases of six issuers under a hundred lives, from lots that are read."""
    from depr import datasets, share
    from depr.books.book import scenario
    from depr.cli.demo import demo
    from depr.intake import read_book, read_issuer
    from depr.ledger.known import known
    from depr.pipeline import restate_fleets

    with TemporaryDirectory(prefix="depr-bench-") as folder:
        facts = known(demo(Path(folder), lambda _: None).ledger)
    statements, books = datasets.statements(), [scenario(life) for life in range(12, 12 + LIVES)]
    found = [read_issuer(share.find("issuers", name)) for name in facts.lots["issuer"].unique().sort()]
    whose = [(each, read_book(each.book)) for each in found]

    def run() -> dict[str, int]:
        made = restate_fleets(facts.lots, statements, whose, books, events=facts.events)
        rows = sum(len(each.restated) for each in made)
        return {"lots": len(facts.lots), "cases": LIVES * len(made), "rows": rows}

    return _measured(run)


def compare(lots: str) -> int:
    """Rows of the roll-up in which cohorts and the schedule of every lot differ."""
    from depr.balances.by_book import Plan, rolled_up
    from depr.books.modes import cases
    from depr.contract import Changes
    from depr.kernel.calendar import FiscalCalendar
    from depr.ledger.positions import readings
    from scripts.benchmarks.restate import fleet as given

    frame, books = readings(given.lots(int(lots))), given.alternatives(range(12, 121, 12))
    asked = cases(given.reported(), books, ("as_if", "prospective"), [given.CHANGE])
    plans = [Plan(book, Changes.create_empty()) for book in (given.reported(), *(case.book for case in asked))]
    both = [rolled_up(frame, plans, FiscalCalendar(), in_cohorts=way).rollup for way in (True, False)]
    return len(both[0].join(both[1], on=both[0].columns, how="anti")) + abs(len(both[0]) - len(both[1]))


def _measured(run: Callable[[], dict[str, int]]) -> dict[str, Any]:
    start, own, all_work = perf_counter(), process_time(), _work_seconds()
    counts = run()
    seconds, own, all_work = perf_counter() - start, process_time() - own, _work_seconds() - all_work
    return {
        **counts,
        "seconds": seconds,
        "processor_seconds": own,
        "others_processors": max(all_work - own, 0) / seconds,
        "peak_bytes": _peak_bytes(),
    }


STEPS: dict[str, Callable[..., Any]] = {step.__name__: step for step in (fleet, issuers, compare)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
