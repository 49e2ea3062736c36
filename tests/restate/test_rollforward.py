"""The roll-forward foots, cross-foots, and equals the balances that the independent checker works out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import polars as pl
import pytest

from depr.balances.flows import AMOUNTS
from depr.balances.flows import flows as flows_of
from depr.balances.grain import GRAINS
from depr.books.estimates import estimates
from depr.contract import RollForward
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar, period_of
from depr.ledger.positions import acquired, effective
from depr.pipeline import flows, rollforward
from tests.kernel.fleets import Case as Lot
from tests.kernel.fleets import book_of, lots_of
from tests.ledger.samples import event, journal, lot
from tests.oracle import Asset, Rule, told
from tests.restate.cases import book
from tests.test_changes import RULES, Story, story, table_of

CALENDAR = FiscalCalendar()
BALANCES = [name for name in AMOUNTS if name != "proceeds_minor"]
CLOSED, OPENED = "closing_balance", "opening_balance"


def moved(stories: list[Story], rule: Rule) -> pl.DataFrame:
    """The flows of lots that things happen to."""
    lots = lots_of([Lot(asset) for asset, _ in stories])
    segments, shares, movements = estimates(lots, book_of({"*": [rule]}), CALENDAR, table_of(stories))
    return flows_of(lots, kernel.schedule(segments, shares), movements, CALENDAR).collect()


def balance(flows: pl.DataFrame, lot: int, period: int | None = None) -> dict[str, int]:
    known = flows.filter((pl.col("lot") == lot) & (pl.lit(period is None) | (pl.col("period") <= (period or 0))))
    return {name: int(known[name].sum()) for name in BALANCES}


@pytest.mark.parametrize("name", RULES)
def test_the_sum_of_flows_is_what_the_checker_has_accumulated(name: str) -> None:
    """At the end of every month in which something is charged, and nothing befell it on the last day of the month."""
    rng = Random(f"flows {name}")
    rule = RULES[name]
    stories = [story(rng, rule.residual_as == "floor") for _ in range(30)]
    table, compared = moved(stories, rule), 0
    for lot_number, (asset, turns) in enumerate(stories):
        day = timedelta(1)
        late = {
            period_of(turn.day)
            for turn in turns
            if turn.kind == "disposal" or period_of(turn.day) != period_of(turn.day + day)
        }
        for year, month, _, accumulated in told(asset, rule, turns):
            period = (year - 1900) * 12 + month - 1
            if not late or period < min(late):
                assert balance(table, lot_number, period)["accumulated_minor"] == accumulated
                compared += 1
    assert compared > 300


@pytest.mark.parametrize("name", RULES)
def test_what_is_gone_leaves_nothing(name: str) -> None:
    rng = Random(f"gone {name}")
    stories = [story(rng, RULES[name].residual_as == "floor") for _ in range(60)]
    table, gone = moved(stories, RULES[name]), 0
    for number, (_, turns) in enumerate(stories):
        if any(turn.kind == "disposal" for turn in turns):
            gone += 1
            assert set(balance(table, number).values()) == {0}
    assert gone > 5


def test_a_loss_takes_no_more_than_is_carried() -> None:
    """60,000 over 60 months: after 18 months 42,000 is carried; a loss of 50,000 takes that, 45,000 back as much."""
    from tests.oracle import Turn

    lost = Turn(date(2023, 6, 30), "impairment", 50_000)
    back = Turn(date(2023, 7, 31), "reversal", 45_000)
    table = moved(
        [(Asset(60_000, date(2022, 1, 10)), [lost]), (Asset(60_000, date(2022, 1, 10)), [lost, back])], Rule(60)
    )
    sums = table.group_by("lot", "kind").agg(pl.col("impairment_minor").sum())
    told_of = {(row["lot"], row["kind"]): row["impairment_minor"] for row in sums.to_dicts()}
    assert told_of[0, "impairment"] == told_of[1, "impairment"] == 42_000
    assert told_of[1, "reversal"] == -42_000


# The table


EVENTS = (
    lot(
        lot_id="A", units="4", cost="4800.00", purchase_date="2023-01-01", in_service_date="2023-01-01", location="Iowa"
    ),
    lot(
        lot_id="B", units="2", cost="2400.00", purchase_date="2024-06-30", in_service_date="2024-07-01", location="Iowa"
    ),
    lot(lot_id="C", units="3", cost="900.00", purchase_date="2024-02-01", in_service_date="", generation="a100"),
)
HAPPENS = (
    event("transfer", "2023-05-20", "A", location="Oregon"),
    event("transfer", "2024-08-01", "A", location="Texas"),
    event("impairment", "2024-03-31", "A", amount="400", currency="USD"),
    event("partial_disposal", "2024-09-30", "A", units="1", amount="500", currency="USD"),
    event("disposal", "2025-02-10", "B", amount="2500", currency="USD"),
)
BOOK = book("own", ("opening", 48))


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, tuple[str, ...]], pl.DataFrame]:
    """Every grain by every group."""
    folder = tmp_path_factory.mktemp("rolled")
    bought = journal(folder / "p.csv", *EVENTS)
    since = journal(folder / "e.csv", *HAPPENS).with_columns(pl.col("seq") + len(bought))
    events = effective(pl.concat([bought, since]))
    lots = acquired(events)
    groups = ((), ("generation",), ("location",), ("generation", "location"))
    return {
        (grain, by): rollforward(lots, BOOK, CALENDAR, date(2025, 12, 31), events, by=by, grain=grain)
        for grain in GRAINS
        for by in groups
    }


COLUMNS = [*BALANCES, "carrying_minor"]
KEYS = ["generation", "location"]


def test_every_period_foots(rolled: dict[tuple[str, tuple[str, ...]], pl.DataFrame]) -> None:
    for table in rolled.values():
        RollForward.validate(table)
        ends = [*KEYS, "period_end"]
        sign = pl.when(pl.col("movement") == CLOSED).then(-1).otherwise(1)
        feet = table.group_by(ends).agg((pl.col(name) * sign).sum() for name in COLUMNS)
        assert all((feet[name] == 0).all() for name in COLUMNS)
        closing = table.filter(movement=CLOSED).sort("period_end").rows_by_key(KEYS, named=True)
        opening = table.filter(movement=OPENED).sort("period_end").rows_by_key(KEYS, named=True)
        for key, rows in opening.items():
            pairs = zip(closing[key], rows, strict=False)
            assert all(was[name] == now[name] for was, now in pairs for name in COLUMNS)
        carrying = pl.col("construction_minor") + pl.col("cost_minor") - pl.col("accumulated_minor")
        assert (table["carrying_minor"] == table.select(carrying - pl.col("impairment_minor")).to_series()).all()


def test_groups_and_grains_add_up(rolled: dict[tuple[str, tuple[str, ...]], pl.DataFrame]) -> None:
    def closing(grain: str, by: tuple[str, ...]) -> Counter[str]:
        table = rolled[grain, by].filter(movement=CLOSED, period_end=date(2025, 12, 31))
        return Counter({name: int(table[name].sum()) for name in COLUMNS})

    def sums(grain: str, by: tuple[str, ...]) -> dict[str, int]:
        rest = rolled[grain, by].filter(~pl.col("movement").is_in([CLOSED, OPENED, "transfer"]))
        return dict(rest.group_by("movement").agg(pl.col("carrying_minor").sum()).iter_rows())

    [whole, *others] = [closing(*key) for key in rolled]
    assert all(other == whole for other in others)
    [whole_sums, *other_sums] = [sums(*key) for key in rolled]
    assert all(other == whole_sums for other in other_sums)


def test_what_moves_between_sites_moves_with_its_balances(
    rolled: dict[tuple[str, tuple[str, ...]], pl.DataFrame],
) -> None:
    """Lot A: 100 a month. In May 2023 it leaves Iowa with 400 accumulated, in August 2024 Oregon with 1,900 less one
    month's charges since the loss of 400 at the end of March (33 months remain of it: 3,300 - 400 over 33)."""
    table = rolled["month", ("location",)].filter(movement="transfer").sort("period_end", "location")
    told_of = table.select(
        "period_end", "location", "units", "cost_minor", "accumulated_minor", "impairment_minor"
    ).rows()
    since = round(Fraction(2900_00, 33) * 4)
    assert told_of == [
        (date(2023, 5, 31), "Iowa", -4, -4800_00, -400_00, 0),
        (date(2023, 5, 31), "Oregon", 4, 4800_00, 400_00, 0),
        (date(2024, 8, 31), "Oregon", -4, -4800_00, -(1500_00 + since), -400_00),
        (date(2024, 8, 31), "Texas", 4, 4800_00, 1500_00 + since, 400_00),
    ]


def test_a_lot_under_construction_is_no_cost_in_service(
    rolled: dict[tuple[str, tuple[str, ...]], pl.DataFrame],
) -> None:
    [row] = rolled["year", ("generation",)].filter(generation="a100", movement=CLOSED, fiscal_year=2025).to_dicts()
    told_of = {name: row[name] for name in COLUMNS if row[name]}
    assert told_of == {"construction_units": 3, "construction_minor": 900_00, "carrying_minor": 900_00}


def test_flows_are_whole_without_events() -> None:
    asset = Asset(100_000, date(2022, 3, 15))
    lots = lots_of([Lot(asset), Lot(replace(asset, cost=7))])
    table = flows(lots, BOOK, CALENDAR).collect()
    assert table.group_by("kind").len().sort("kind").rows() == [
        ("acquisition", 2), ("depreciation", 96), ("placed_in_service", 2),
    ]  # fmt: skip
    assert balance(table, 0) == dict.fromkeys(BALANCES, 0) | {
        "units": 1,
        "cost_minor": 100_000,
        "accumulated_minor": 100_000,
    }
