"""Entries: published cases, the other side of every kind, numbers without a gap, and the trial balance."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import pipeline
from depr.contract import FLOW_KINDS
from depr.errors import Refused
from depr.journal import JournalLines, journal, window
from depr.kernel.calendar import FiscalCalendar
from tests.command import run
from tests.journal.samples import BOOK, CALENDAR, MARCH, booked, chart, flow, flows, lots, sides
from tests.ledger.samples import event, ledger, lot

PUBLISHED = [
    # cost, accumulated depreciation, proceeds, gain or loss, source
    (40_000, 26_000, 16_000, 2_000, "ccba.jsu.edu/accounting/DISPOSALPPE.HTML, B"),
    (100_000, 75_000, 10_000, -15_000, "principlesofaccounting.com, illustrative entry for asset sale, 06-30-X3"),
    (50_000, 40_400, 5_000, -4_600, "accountingcoach.com/blog/asset-disposal-entry, January 31"),
    (90_000, 80_000, 15_000, 5_000, "coursehero.com/file/6545445, truck sold for 15,000"),
    (140_000, 35_000, 95_000, -10_000, "qammunity.org/8221206"),
    (250_000, 140_000, 100_000, -10_000, "answer.ya.guru/questions/3131826"),
    (1_177_200, 306_000, 801_500, -69_700, "askmehelpdesk.com/printthread.php?t=705281"),
]


@pytest.mark.parametrize(("cost", "accumulated", "proceeds", "gain", "source"), PUBLISHED, ids=lambda x: str(x)[:24])
def test_published_disposals(cost: int, accumulated: int, proceeds: int, gain: int, source: str) -> None:
    assert source
    gone = {"cost": -100 * cost, "accumulated": -100 * accumulated, "proceeds": 100 * proceeds}
    last = ("gain_on_disposal", -100 * gain) if gain > 0 else ("loss_on_disposal", -100 * gain)
    expected = [
        ("accumulated_depreciation", 100 * accumulated),
        ("disposal_proceeds", 100 * proceeds),
        ("gpu_equipment", -100 * cost),
        last,
    ]
    assert Counter(sides(booked([{}], [flow("disposal", **gone)]))) == Counter(expected)


def test_published_impairment() -> None:
    """A carrying amount of 540,800 written down to 520,000: answer.ya.guru/questions/1637497."""
    lines = booked([{}], [flow("impairment", impairment=54_080_000 - 52_000_000)])
    assert sides(lines) == [("impairment_loss", 2_080_000), ("accumulated_impairment", -2_080_000)]


OTHER_SIDES = [
    (flow("acquisition", construction=9), [("construction_in_progress", 9), ("acquisition_clearing", -9)]),
    (flow("acquisition", cost=9), [("gpu_equipment", 9), ("acquisition_clearing", -9)]),
    (
        flow("placed_in_service", construction=-9, cost=9),
        [("gpu_equipment", 9), ("construction_in_progress", -9)],
    ),
    (flow("opening", accumulated=9), [("opening_equity", 9), ("accumulated_depreciation", -9)]),
    (flow("improvement", cost=9), [("gpu_equipment", 9), ("acquisition_clearing", -9)]),
    (flow("depreciation", accumulated=9), [("depreciation_expense", 9), ("accumulated_depreciation", -9)]),
    (flow("depreciation", accumulated=-9), [("accumulated_depreciation", 9), ("depreciation_expense", -9)]),
    (flow("impairment", impairment=9), [("impairment_loss", 9), ("accumulated_impairment", -9)]),
    (flow("reversal", impairment=-9), [("accumulated_impairment", 9), ("impairment_reversal", -9)]),
    (
        flow("disposal", construction=-9, proceeds=4),
        [("disposal_proceeds", 4), ("loss_on_disposal", 5), ("construction_in_progress", -9)],
    ),
    (
        flow("partial_disposal", cost=-9, accumulated=-2, impairment=-3, proceeds=4),
        [
            ("accumulated_depreciation", 2),
            ("accumulated_impairment", 3),
            ("disposal_proceeds", 4),
            ("gpu_equipment", -9),
        ],
    ),
]


@pytest.mark.parametrize(("moved", "expected"), OTHER_SIDES, ids=lambda x: x["kind"] if isinstance(x, dict) else "")
def test_the_other_side_of_each_kind(moved: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    lines = booked([{}], [moved])
    assert sides(lines) == expected
    assert lines["kind"].unique().to_list() == [moved["kind"]]


def test_gains_are_not_netted_with_losses() -> None:
    gone = [flow("disposal", 0, cost=-10, proceeds=13), flow("disposal", 1, cost=-10, proceeds=8)]
    expected = [("disposal_proceeds", 21), ("loss_on_disposal", 2), ("gpu_equipment", -20), ("gain_on_disposal", -3)]
    lines = booked([{}, {}], gone)
    assert sides(lines) == expected
    assert lines["lots"].unique().to_list() == [2]


def test_a_lot_that_arrives_is_acquired_against_opening_equity() -> None:
    bought = [flow("acquisition", lot, MARCH - 9, construction=100) for lot in (0, 1)]
    lines = booked([{}, {}], [*bought, flow("opening", 1, accumulated=40)])
    assert sides(lines) == [
        ("construction_in_progress", 200),
        ("acquisition_clearing", -100),
        ("opening_equity", -100),
        ("opening_equity", 40),
        ("accumulated_depreciation", -40),
    ]
    earlier = booked([{}, {}], [*bought, flow("opening", 1, accumulated=40)], periods=(MARCH - 9, MARCH - 9))
    assert earlier.equals(lines.filter(period=MARCH - 9))


def test_numbers_dates_and_words() -> None:
    june = FiscalCalendar(6)
    moved = [
        flow("depreciation", 1, accumulated=1),
        flow("depreciation", 0, accumulated=2),
        flow("acquisition", 0, construction=3),
        flow("depreciation", 2, accumulated=4),
        flow("depreciation", 0, MARCH + 1, accumulated=5),
    ]
    lines = booked([{}, {"generation": "b200"}, {"issuer": "MSFT"}], moved, calendar=june)
    heads = lines.unique("entry", maintain_order=True)
    assert heads["entry"].to_list() == [
        *("META-2025-03-0001", "META-2025-03-0002", "META-2025-03-0003", "META-2025-04-0001", "MSFT-2025-03-0001"),
    ]
    assert heads["date"].to_list() == [*[date(2025, 3, 31)] * 3, date(2025, 4, 30), date(2025, 3, 31)]
    assert heads["generation"].to_list() == ["h100", "b200", "h100", "h100", "h100"]
    assert heads["narration"][0] == "Acquisition 2025-03: h100, 1 lot, book life-3y"
    assert lines["line"].to_list() == [1, 2] * 5


def test_each_lot_by_itself() -> None:
    charged = [flow("depreciation", lot, accumulated=lot + 1) for lot in range(3)]
    lines = booked([{}, {}, {}], charged, per_lot=True).filter(pl.col("debit_minor") > 0)
    assert lines.select("entry", "lot_id", "debit_minor", "narration").rows() == [
        (f"META-2025-03-000{n + 1}", f"L{n}", n + 1, f"Depreciation 2025-03: h100, lot L{n}, book life-3y")
        for n in range(3)
    ]


def test_a_currency_has_entries_of_its_own() -> None:
    charged = [flow("depreciation", lot, accumulated=5) for lot in (0, 1)]
    lines = booked([{}, {"currency": "JPY"}], charged)
    assert lines.select("entry", "currency").unique(maintain_order=True).rows() == [
        ("META-2025-03-0001", "JPY"),
        ("META-2025-03-0002", "USD"),
    ]


def test_what_moves_nothing_has_no_entry_and_no_number() -> None:
    rows = [flow("acquisition"), flow("depreciation", accumulated=1)]
    assert booked([{}], rows)["entry"].unique().to_list() == ["META-2025-03-0001"]
    assert booked([{}], rows, periods=(0, 1)).is_empty()
    assert booked([{}], rows, periods=(0, 1)).columns == JournalLines.column_names()


def test_flows_may_be_lazy() -> None:
    eager = booked([{}], [flow("depreciation", accumulated=1)])
    moved = flows(flow("depreciation", accumulated=1)).lazy()
    assert journal(moved, lots({}), BOOK, CALENDAR, chart()).equals(eager)


@pytest.mark.parametrize(
    ("moved", "what"),
    [
        (flow("placed_in_service", construction=-9, cost=8), "placed_in_service of h100 does not balance"),
        (flow("depreciation", 7, accumulated=1), "lot 7 is not among the lots"),
    ],
)
def test_flows_that_cannot_be_booked_are_refused(moved: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        booked([{}], [moved])


def test_of_lots_that_are_not_there_the_first_is_named() -> None:
    with pytest.raises(Refused, match="lot 7 is not among the lots"):
        booked([{}], [flow("depreciation", lot, accumulated=1) for lot in (9, 7, 8)])


@pytest.mark.parametrize("amount", ["0.00", "100.00"])
def test_a_lot_that_came_along_was_not_bought_again(amount: str, tmp_path: Path) -> None:
    """Its cost stands against opening equity, also where nothing had been charged before."""
    ledger(
        tmp_path / "f.duckdb", [lot(cost="1200.00")], [event("opening", "2023-02-28", amount=amount, currency="USD")]
    )
    ran = run(tmp_path, "journal", "f.duckdb", "2023", "--format", "csv")
    bought = [line.split(",")[8] for line in ran.out.splitlines() if ",acquisition," in line]
    assert (ran.code, bought) == (0, ["construction_in_progress", "opening_equity"])


def test_amounts_beyond_64_bits_are_refused_not_wrapped() -> None:
    largest = 2**63 - 1
    lines = booked([{}], [flow("depreciation", accumulated=largest)])
    assert sides(lines) == [("depreciation_expense", largest), ("accumulated_depreciation", -largest)]
    with pytest.raises(Refused, match="leaves 64 bits"):
        booked([{}, {}], [flow("depreciation", lot, accumulated=largest) for lot in (0, 1)])


@pytest.mark.parametrize(
    ("given", "calendar", "first", "last"),
    [
        ("2025", CALENDAR, date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-Q4", CALENDAR, date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-03", CALENDAR, date(2025, 3, 1), date(2025, 3, 31)),
        ("2025", FiscalCalendar(6), date(2024, 7, 1), date(2025, 6, 30)),
        ("2025-Q1", FiscalCalendar(6), date(2024, 7, 1), date(2024, 9, 30)),
        ("2025-03", FiscalCalendar(6), date(2025, 3, 1), date(2025, 3, 31)),
        ("2025", FiscalCalendar(1), date(2024, 2, 1), date(2025, 1, 31)),
        ("2025", FiscalCalendar(1, "4-4-5"), date(2024, 1, 29), date(2025, 1, 26)),
        ("2025-Q2", FiscalCalendar(1, "4-4-5"), date(2024, 4, 29), date(2024, 7, 28)),
        ("2025-01", FiscalCalendar(1, "4-4-5"), date(2024, 1, 29), date(2024, 2, 25)),
    ],
)
def test_periods_by_name(given: str, calendar: FiscalCalendar, first: date, last: date) -> None:
    begin, end = window(given, calendar)
    assert (calendar.first_day(begin), calendar.last_day(end)) == (first, last)


@pytest.mark.parametrize(
    "given", ["", "25", "2025-3", "2025-13", "2025-Q5", "2025-q1", "２０２５", "2025-03-31", "2025\n"]
)
def test_other_periods_are_refused(given: str) -> None:
    with pytest.raises(Refused, match="is not a period"):
        window(given, CALENDAR)


def test_a_long_word_for_a_period_is_cut() -> None:
    with pytest.raises(Refused) as refused:
        window("2025" * 11, CALENDAR)
    assert str(refused.value) == f"period: '{'2025' * 10}' is not a period\n  do: write 2025, 2025-Q1 or 2025-03"


# Properties

FLEET = [
    {"issuer": issuer, "generation": generation, "currency": currency}
    for issuer in ("META", "MSFT")
    for generation in ("h100", "b200")
    for currency in ("USD", "JPY")
]
AMOUNTS = st.one_of(st.integers(-3, 3), st.integers(-(10**17), 10**17))
FREE = tuple(kind for kind in FLOW_KINDS if kind != "placed_in_service")


@st.composite
def any_flow(draw: st.DrawFn) -> dict[str, Any]:
    """Any flow at all, signs and mixtures that no ledger makes included; a move into service is balanced."""
    lot, period = draw(st.integers(0, len(FLEET) - 1)), MARCH + draw(st.integers(0, 2))
    kind = draw(st.sampled_from((*FREE, "placed_in_service")))
    if kind == "placed_in_service":
        cost = draw(AMOUNTS)
        return flow(kind, lot, period, construction=-cost, cost=cost)
    names = ("construction", "cost", "accumulated", "impairment", "proceeds")
    return flow(kind, lot, period, **{name: draw(AMOUNTS) for name in names if draw(st.booleans())})


MANY = st.lists(any_flow(), min_size=1, max_size=12)
SIGNS = {
    "construction_in_progress": ("construction_minor", 1),
    "gpu_equipment": ("cost_minor", 1),
    "accumulated_depreciation": ("accumulated_minor", -1),
    "accumulated_impairment": ("impairment_minor", -1),
    "disposal_proceeds": ("proceeds_minor", 1),
}


def trial_balance(rows: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """The balances that flows leave, by issuer, currency and role, in plain integers."""
    total: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        owner = FLEET[row["lot"]]
        for role, (name, sign) in SIGNS.items():
            total[owner["issuer"], owner["currency"], role] += sign * row[name]
    return total


@given(MANY, st.booleans())
def test_the_trial_balance_is_that_of_the_flows(rows: list[dict[str, Any]], per_lot: bool) -> None:
    total: Counter[tuple[str, str, str]] = Counter()
    for line in booked(FLEET, rows, per_lot=per_lot).iter_rows(named=True):
        total[line["issuer"], line["currency"], line["role"]] += line["debit_minor"] - line["credit_minor"]
    balances = {key: value for key, value in total.items() if key[2] in SIGNS and value}
    assert balances == {key: value for key, value in trial_balance(rows).items() if value}


@given(MANY, st.booleans())
def test_every_entry_balances_and_has_its_number(rows: list[dict[str, Any]], per_lot: bool) -> None:
    lines = booked(FLEET, rows, per_lot=per_lot)
    net: Counter[str] = Counter()
    numbers: dict[tuple[str, int], list[str]] = {}
    for line in lines.iter_rows(named=True):
        net[line["entry"]] += line["debit_minor"] - line["credit_minor"]
        numbers.setdefault((line["issuer"], line["period"]), []).append(line["entry"])
    assert set(net.values()) <= {0}
    for (issuer, period), entries in numbers.items():
        month = period - MARCH + 3
        assert list(dict.fromkeys(entries)) == [
            f"{issuer}-2025-{month:02}-{n + 1:04}" for n in range(len(set(entries)))
        ]


@given(MANY)
def test_gain_or_loss_is_proceeds_less_what_went(rows: list[dict[str, Any]]) -> None:
    gain: Counter[str] = Counter()
    for row in rows:
        if row["kind"] in ("disposal", "partial_disposal"):
            went = -(row["construction_minor"] + row["cost_minor"] - row["accumulated_minor"] - row["impairment_minor"])
            result = row["proceeds_minor"] - went
            gain["gain_on_disposal" if result > 0 else "loss_on_disposal"] += -result
    found: Counter[str] = Counter()
    for line in booked(FLEET, rows).filter(pl.col("role").str.ends_with("_on_disposal")).iter_rows(named=True):
        found[line["role"]] += line["debit_minor"] - line["credit_minor"]
    assert {key: value for key, value in found.items() if value} == {key: value for key, value in gain.items() if value}


@given(MANY, st.randoms(use_true_random=False))
def test_order_of_flows_and_choice_of_periods_move_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    whole = booked(FLEET, rows)
    shuffled = random.sample(rows, len(rows))
    assert booked(FLEET, shuffled).equals(whole)
    parts = [booked(FLEET, rows, periods=(period, period)) for period in range(MARCH, MARCH + 3)]
    assert pl.concat(parts).sort("issuer", "period", maintain_order=True).equals(whole)


def test_a_whole_life_from_the_pipeline() -> None:
    """Bought, placed in service late, charged over 36 months: gone in full, and nothing is left in construction."""
    late = {"purchase_date": date(2024, 11, 30), "in_service_date": date(2025, 2, 28), "cost_minor": 999_999}
    fleet = lots(late, late)
    lines = journal(pipeline.flows(fleet, BOOK, CALENDAR), fleet, BOOK, CALENDAR, chart())
    total: Counter[str] = Counter()
    for role, amount in sides(lines):
        total[str(role)] += amount
    assert total == {
        "acquisition_clearing": -1_999_998,
        "construction_in_progress": 0,
        "gpu_equipment": 1_999_998,
        "accumulated_depreciation": -1_999_998,
        "depreciation_expense": 1_999_998,
    }
    assert lines["entry"].n_unique() == 1 + 1 + 36
    assert lines.filter(entry="META-2025-02-0002")["debit_minor"].to_list() == [2 * 27_778, 0]
