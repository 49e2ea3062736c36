"""What can happen to a lot and what cannot, told with the row that says it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from depr.errors import Refused
from depr.fleet.facts import Imported, close, import_files, preview, record, reopen
from depr.ledger.store import Ledger
from tests.ledger.samples import RECORDED, event, ledger, lot, write

USD = {"currency": "USD"}
LATER = datetime(2026, 1, 1, tzinfo=UTC)
SOLD = event("partial_disposal", "2024-06-30", units="4")
GONE = event("disposal", "2025-06-30")

IMPOSSIBLE = {
    "nothing acquired": ([event("impairment", "2024-01-01", "L9", amount="1", **USD)], "lot 'L9' has no acquisition"),
    "before the purchase": ([event("transfer", "2023-01-14", location="x")], "is before lot 'L1' was bought"),
    "before service": ([event("impairment", "2023-01-31", amount="1", **USD)], "lot 'L1' is not in service then"),
    "under construction": ([event("held_for_sale", "2024-01-01", "C")], "lot 'C' is not in service then"),
    "nothing acquired, but served": (
        [event("placed_in_service", "2023-01-01", "L9")],
        "lot 'L9' has no acquisition",
    ),
    "served before it was acquired": (
        [
            event("acquisition", "2023-05-01", "N", issuer="META", generation="h100", units="1", cost="1", **USD),
            event("placed_in_service", "2023-04-01", "N"),
        ],
        "placed_in_service of 2023-04-01 is before lot 'N' was bought on 2023-05-01",
    ),
    "service twice": ([event("placed_in_service", "2023-03-01")], "lot 'L1' has another placed_in_service"),
    "after disposal": ([GONE, event("transfer", "2025-07-01", location="x")], "after lot 'L1' was disposed of"),
    "after disposal on its day": (
        [GONE, event("impairment", "2025-06-30", amount="5", **USD)],
        "impairment of 2025-06-30 is told after lot 'L1' was disposed of that day",
    ),
    "a loss above the cost of what is left": (
        [SOLD, event("impairment", "2024-06-30", amount="600.01", **USD)],
        "the impairment of lot 'L1' is above its cost",
    ),
    "a balance above the cost of what is left": (
        [SOLD, event("opening", "2024-07-01", amount="600.01", **USD)],
        "the opening of lot 'L1' is above its cost",
    ),
    "a reversal of what went": (
        [
            event("impairment", "2024-06-30", amount="100", **USD),
            SOLD,
            event("reversal", "2024-07-31", amount="60.01", **USD),
        ],
        "more of lot 'L1' is reversed than was impaired",
    ),
    "disposal twice": ([GONE, event("disposal", "2026-01-01", document="2")], "has more than one disposal"),
    "more than held": ([SOLD, SOLD | {"units": "7", "document": "2"}], "7 units of lot 'L1' go, 6 were held"),
    "all in part": ([event("partial_disposal", "2024-06-30", units="10")], "10 units of lot 'L1' go, 10 were held"),
    "a residual value above cost": (
        [event("estimate", "2024-01-01", residual="1000.01", **USD)],
        "the new residual value of lot 'L1' is above its cost",
    ),
    "a loss above cost": ([event("impairment", "2024-01-01", amount="1000.01", **USD)], "is above its cost"),
    "a reversal of nothing": (
        [event("reversal", "2024-01-01", amount="1", **USD)],
        "more of lot 'L1' is reversed than was impaired",
    ),
    "a reversal in another book": (
        [
            event("impairment", "2024-01-01", amount="5", book="meta-reported", **USD),
            event("reversal", "2024-02-01", amount="5", **USD),
        ],
        "is reversed than was impaired",
    ),
    "another currency": (
        [event("impairment", "2024-01-01", amount="1", currency="EUR")],
        "the amount is in EUR, lot 'L1' is in USD",
    ),
    "back from nowhere": ([event("back_in_use", "2024-01-01")], "is not held for sale"),
    "for sale twice": (
        [event("held_for_sale", "2024-01-01"), event("held_for_sale", "2024-02-01")],
        "is held for sale already",
    ),
    "no such event": (
        [event("correction", "2023-01-15", reverses="99", reason="x")],
        "lot 'L1' has no event 99",
    ),
    "a correction of another lot": (
        [event("correction", "2023-01-15", "C", reverses="1", reason="x")],
        "lot 'C' has no event 1",
    ),
    "a correction of another day": (
        [event("correction", "2023-01-16", reverses="1", reason="x")],
        "event 1 is of lot 'L1' on 2023-01-15",
    ),
    "taken back twice": (
        [
            event("correction", "2023-02-01", reverses="2", reason="x"),
            event("correction", "2023-02-01", reverses="2", reason="y"),
        ],
        "event 2 was taken back already",
    ),
    "an acquisition taken back from under its service": (
        [event("correction", "2023-01-15", reverses="1", reason="x")],
        r"with it, event 2 \(placed_in_service of 2023-02-01\) no longer fits: lot 'L1' has no acquisition",
    ),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A lot in service (events 1 and 2) and one under construction (event 3)."""
    return ledger(tmp_path / "fleet.duckdb", [lot(), lot(lot_id="C", in_service_date="")])


def told(path: Path, *rows: dict[str, str], partial: bool = False, name: str = "events.csv") -> Imported:
    [done] = import_files(path, [write(path.with_name(name), *rows)], RECORDED, partial=partial)
    return done


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_refused_and_changes_nothing(name: str, path: Path) -> None:
    rows, said = IMPOSSIBLE[name]
    before = path.read_bytes()
    with pytest.raises(Refused, match=said) as refused:
        told(path, *rows)
    assert all(1 < finding.row <= len(rows) + 1 for finding in refused.value.findings)
    assert all(finding.what and finding.do for finding in refused.value.findings)
    assert path.read_bytes() == before


def test_a_whole_life_can_be(path: Path) -> None:
    rows = [
        event("transfer", "2023-01-20", location="Iowa"),
        event("opening", "2023-06-30", amount="100", **USD),
        event("improvement", "2023-07-01", amount="500", **USD),
        event("impairment", "2023-08-01", amount="1200", **USD),
        event("reversal", "2023-09-01", amount="1200", **USD),
        event("estimate", "2023-10-01", life_months="60", residual="1500", **USD),
        event("held_for_sale", "2023-11-01"),
        event("back_in_use", "2023-12-01"),
        event("held_for_sale", "2024-01-01"),
        SOLD,
        SOLD | {"units": "5", "document": "2"},
        GONE,
    ]
    assert told(path, *rows).batch.accepted == len(rows)
    with Ledger.open(path) as opened:
        held = {row["lot_id"]: row for row in opened.holdings().iter_rows(named=True)}
        assert (held["L1"]["status"], held["L1"]["units"], held["L1"]["location"]) == ("disposed", 0, "Iowa")
        assert held["L1"]["disposal_date"] == date(2025, 6, 30)
        assert (held["C"]["status"], held["C"]["units"]) == ("under_construction", 10)
        earlier = opened.holdings(as_of=date(2024, 6, 30)).filter(lot_id="L1").row(0, named=True)
        assert (earlier["status"], earlier["units"]) == ("held_for_sale", 1)
    assert told(path, *rows, name="again.csv").batch.duplicates == len(rows)


def test_events_of_one_day_count_in_the_order_in_which_they_are_told(path: Path) -> None:
    """What is told before a sale of a part is of all ten, what is told after it of the six that stay."""
    loss, back = (event(kind, "2024-06-30", amount="100", **USD) for kind in ("impairment", "reversal"))
    assert told(path, loss, SOLD, back | {"amount": "60"}).batch.accepted == 3
    with pytest.raises(Refused, match="is told after lot 'L1' was disposed of that day"):
        told(path, event("disposal", "2024-06-30"), event("transfer", "2024-06-30", location="x"), name="two.csv")
    assert told(path, SOLD | {"document": "2"}, event("disposal", "2024-06-30"), name="three.csv").batch.accepted == 2
    with pytest.raises(Refused, match="by a correction and recorded again"):
        told(path, event("improvement", "2024-06-30", amount="1", **USD), name="four.csv")


def test_partial_rejects_all_that_a_file_says_of_a_lot_that_cannot_be(path: Path) -> None:
    """The good half of a bad story is not recorded: whether it is true depends on the other half."""
    good = event("placed_in_service", "2023-05-01", "C")
    done = told(path, SOLD, good, SOLD | {"units": "7", "document": "2"}, SOLD | {"lot_id": "L9"}, partial=True)
    assert (done.batch.read, done.batch.accepted, done.batch.rejected, done.batch.duplicates) == (4, 1, 3, 0)
    assert {finding.row for finding in done.findings} == {4, 5}
    with Ledger.open(path) as opened:
        assert opened.events()["kind"].to_list()[3:] == ["placed_in_service"]


def test_a_purchase_is_corrected_in_one_file(path: Path) -> None:
    """Taken back and acquired anew; its service stands. The wrong file, imported again, does not bring it back."""
    facts = {"issuer": "META", "generation": "h100", "units": "10", "cost": "900", "document": "right", **USD}
    rows = [
        event("correction", "2023-01-15", reverses="1", reason="wrong price"),
        event("acquisition", "2023-01-15", **facts),
    ]
    assert told(path, *rows).batch.accepted == 2
    with Ledger.open(path) as opened:
        [bought] = opened.lots().filter(lot_id="L1").iter_rows(named=True)
        assert (bought["cost_minor"], bought["in_service_date"]) == (900_00, date(2023, 2, 1))
    again = told(path, lot(), name="one.csv").batch
    assert (again.accepted, again.duplicates) == (0, 1)
    assert told(path, *rows, name="again.csv").batch.duplicates == 2


def test_service_can_come_later_by_importing_the_register_again(path: Path) -> None:
    done = told(path, lot(), lot(lot_id="C", in_service_date="2023-05-01"), name="register.csv")
    assert (done.batch.accepted, done.batch.duplicates) == (1, 1)
    with Ledger.open(path) as opened:
        assert opened.lots()["in_service_date"].to_list() == [date(2023, 5, 1), date(2023, 2, 1)]


def test_a_closed_period_refuses_and_offers_the_first_open_day(path: Path) -> None:
    close(path, "META", "2024-03", LATER)
    for rows in (
        [event("impairment", "2024-03-31", amount="1", **USD)],
        [event("correction", "2023-02-01", reverses="2", reason="x")],
        [lot(lot_id="N", purchase_date="2024-03-31", in_service_date="")],
        [lot(lot_id="N", purchase_date="2024-01-31", in_service_date="2024-04-01")],
    ):
        with pytest.raises(Refused, match="is in a closed period; the first open day is 2024-04-01"):
            told(path, *rows)
    others = lot(lot_id="M", issuer="MSFT", purchase_date="2024-03-31", in_service_date="")
    assert told(path, event("impairment", "2024-04-01", amount="1", **USD)).batch.accepted == 1
    assert told(path, others, name="others.csv").batch.accepted == 1


def test_periods_close_forward_and_reopen_backward(path: Path) -> None:
    with pytest.raises(Refused, match="2024-03 of META is open"):
        reopen(path, "META", "2024-03", "why", LATER)
    close(path, "META", "2024-03", LATER)
    with pytest.raises(Refused, match="closed through 2024-03-31"):
        close(path, "META", "2024-02", LATER)
    with pytest.raises(Refused, match="for a reason"):
        reopen(path, "META", "2024-02", " ", LATER)
    reopen(path, "META", "2024-02", "adjustment 3", LATER)
    with Ledger.open(path) as opened:
        assert opened.closed() == {"META": date(2024, 1, 31)}
    with pytest.raises(Refused, match="unknown issuer 'NOBODY'"):
        close(path, "NOBODY", "2024-03", LATER)
    with pytest.raises(Refused, match="'2024-3x' is not a month"):
        close(path, "META", "2024-3x", LATER)


def test_one_event_by_hand_is_judged_like_a_file(path: Path) -> None:
    batch = record(path, "impairment", "L1", date(2024, 1, 1), LATER, amount="12.34", reason="x")
    assert (batch.file, batch.file_sha256, batch.accepted) == ("the command line", "", 1)
    with pytest.raises(Refused, match="amount '1,0' is not an amount in USD"):
        record(path, "impairment", "L1", date(2024, 1, 1), LATER, amount="1,0")
    with pytest.raises(Refused, match="unknown kind 'theft'"):
        record(path, "theft", "L1", date(2024, 1, 1), LATER)
    with pytest.raises(Refused, match="period_closed is not read from a file"):
        record(path, "period_closed", "L1", date(2024, 1, 1), LATER)
    with pytest.raises(Refused, match="lot 'L9' has no acquisition"):
        record(path, "held_for_sale", "L9", date(2024, 1, 1), LATER)


def test_a_preview_records_nothing(path: Path) -> None:
    before = path.read_bytes()
    file = write(path.with_name("e.csv"), SOLD, event("disposal", "2020-01-01", "L9"))
    [seen] = preview(path, [file])
    assert (seen.read.read, seen.recording.accepted, seen.recording.rejected) == (2, 1, 1)
    assert seen.recording.fresh["kind"].to_list() == ["partial_disposal"]
    assert path.read_bytes() == before


def test_a_clock_set_back_does_not_reorder_the_journal(path: Path) -> None:
    record(path, "held_for_sale", "L1", date(2024, 1, 1), LATER)
    batch = record(path, "back_in_use", "L1", date(2024, 2, 1), RECORDED)
    assert batch.recorded_at == LATER.replace(tzinfo=None)
