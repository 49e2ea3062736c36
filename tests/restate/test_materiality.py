"""Materiality screens: the bulletins' own figures, exact comparison, pointers, and wording on every row."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import share
from depr.errors import Refused
from depr.evidence.materiality import CORRECTIONS, Screen, parse_screen, sab_99, sab_108
from depr.intake import read_toml
from tests.restate import cases

SCHEMA = {
    "issuer": pl.String,
    "book": pl.String,
    "mode": pl.String,
    "bound": pl.String,
    "period_type": pl.String,
    "fiscal_year": pl.Int32,
    "fiscal_quarter": pl.Int32,
    "period_end": pl.Date,
    "understatement_minor": pl.Int64,
    "losses_minor": pl.Int64,
    "carried_over_minor": pl.Int64,
    "pretax_income_reported_minor": pl.Int64,
    "net_income_reported_minor": pl.Int64,
    "net_income_restated_minor": pl.Int64,
}


@cache
def document() -> dict[str, Any]:
    return read_toml(share.schedule_file("materiality.toml"))


@cache
def screen() -> Screen:
    return parse_screen(document())


def years(*rows: tuple[int, int | None, int | None], book: str = "b", first: int = 2020) -> pl.DataFrame:
    """(understatement, income before tax, net income) of consecutive years, in dollars and without tax."""
    lines, total = [], 0
    for year, (gap, pretax, net) in enumerate(rows, first):
        total += gap
        line = {
            "issuer": "ACME",
            "book": book,
            "mode": "as_if",
            "bound": "mid",
            "period_type": "FY",
            "fiscal_year": year,
            "fiscal_quarter": None,
            "period_end": date(year, 12, 31),
            "understatement_minor": gap * 100,
            "losses_minor": 0,
            "carried_over_minor": total * 100,
            "pretax_income_reported_minor": None if pretax is None else pretax * 100,
            "net_income_reported_minor": None if net is None else net * 100,
            "net_income_restated_minor": None if net is None else (net - gap) * 100,
        }
        lines.append(line)
    return pl.DataFrame(lines, SCHEMA)


def test_losses_on_disposals_are_part_of_the_misstatement() -> None:
    """A lot sold early under a shorter life: 40 more depreciation and 18.1 less loss make 21.9 of both."""
    frame = years((400, 1_000, 800)).with_columns(losses_minor=pl.lit(-181_00), carried_over_minor=pl.lit(219_00))
    [row] = sab_99(frame, screen()).iter_rows(named=True)
    assert (row["misstatement_pretax_minor"], row["share_of_pretax_ppm"]) == (219_00, 219_000)
    [both] = sab_108(frame, screen()).iter_rows(named=True)
    assert (both["rollover_minor"], both["iron_curtain_minor"], both["iron_curtain_ppm"]) == (219_00, 219_00, 219_000)


# From outside: the figures of SAB 108


@pytest.mark.parametrize("yearly", [20, 10_000])
def test_five_years_by_both_methods(yearly: int) -> None:
    """SAB 108, Topic 1.N, question 1 (71 FR 54580): 20 a year for five years; rollover 20, iron curtain 100."""
    table = sab_108(years(*[(yearly, 10**6, 10**6)] * 5), screen())
    last = table.row(-1, named=True)
    assert (last["rollover_minor"], last["iron_curtain_minor"]) == (yearly * 100, 5 * yearly * 100)


def test_an_error_that_stops_is_left_in_the_balance_sheet() -> None:
    """The year's income is right, the balance sheet is not: the reason the second method is asked for."""
    table = sab_108(years((100, 1_000, 1_000), (0, 1_000, 1_000)), screen())
    assert table.select("rollover_above", "iron_curtain_above").rows() == [(True, True), (False, True)]


def test_an_error_that_turns_back_is_left_in_the_years_income() -> None:
    table = sab_108(years((100, 1_000, 1_000), (-100, 1_000, 1_000)), screen())
    assert table.select("rollover_above", "iron_curtain_above").rows() == [(True, True), (True, False)]


# SAB 99


@pytest.mark.parametrize(("gap", "above"), [(49, False), (50, False), (51, True), (-51, True), (-50, False)])
def test_five_percent_itself_is_not_above_it(gap: int, above: bool) -> None:
    row = sab_99(years((gap, 1_000, 1_000)), screen()).row(0, named=True)
    assert (row["above_pretax"], row["above_net"]) == (above, above)
    assert row["share_of_pretax_ppm"] == abs(gap) * 1_000


def test_each_line_has_its_own_share() -> None:
    """60 of 1,000: above a twentieth of income before tax, below a tenth of net income, whichever stands first."""
    entries = [
        {**entry, "share": "0.05" if entry["line"] == "pretax_income" else "0.1"} for entry in document()["threshold"]
    ]
    for given_ in (entries, entries[::-1]):
        row = sab_99(years((60, 1_000, 1_000)), parse_screen(document() | {"threshold": given_})).row(0, named=True)
        assert (row["above_pretax"], row["above_net"]) == (True, False)


@given(
    gap=st.integers(-(10**15), 10**15),
    pretax=st.integers(-(10**15), 10**15),
    share_=st.fractions(0, 1, max_denominator=10**6),
)
def test_above_is_exact(gap: int, pretax: int, share_: Fraction) -> None:
    entries = [{**entry, "share": f"{share_}"} for entry in document()["threshold"]]
    own = parse_screen(document() | {"threshold": entries})
    row = sab_99(years((gap, pretax, pretax)), own).row(0, named=True)
    assert row["above_pretax"] == (abs(gap) > share_ * abs(pretax))
    whole = round(Fraction(abs(gap) * 10**6, abs(pretax))) if abs(gap) < abs(pretax) * 10**12 else None
    assert row["share_of_pretax_ppm"] == whole


@pytest.mark.parametrize(
    ("net", "gap", "changes"), [(10, 11, True), (10, 10, False), (-10, -11, True), (-10, 5, False), (-10, -10, True)]
)
def test_a_loss_into_income_and_back(net: int, gap: int, changes: bool) -> None:
    """Nil is no loss: 10 less 10 stays on its side, a loss of 10 made good does not."""
    row = sab_99(years((gap, net, net)), screen()).row(0, named=True)
    assert row["changes_sign"] is changes


@pytest.mark.parametrize(
    ("before", "after", "masks"),
    [
        ((0, 100, 100), (20, 110, 110), True),  # up by 10 as reported, down by 10 restated
        ((20, 100, 100), (20, 110, 110), False),  # the same error in both years: the trend stays
        ((0, 100, 100), (10, 110, 110), True),  # up as reported, level restated
        ((0, 100, 100), (5, 110, 110), False),
        ((0, 100, None), (20, 110, 110), None),
    ],
)
def test_a_masked_trend(before: tuple[int, int, int], after: tuple[int, int, int], masks: bool | None) -> None:
    table = sab_99(years(before, after), screen())
    assert table["masks_trend"].to_list() == [None, masks]


def test_a_year_that_is_missing_leaves_the_trend_open() -> None:
    gap = pl.concat([years((0, 100, 100)), years((20, 110, 110), first=2022)])
    assert sab_99(gap, screen())["masks_trend"].to_list() == [None, None]


def test_a_quarter_is_set_against_itself_and_against_its_year() -> None:
    """ASC 250-10-45-27: the estimated income of the full year."""
    year = years((40, 1_000, 1_000))
    quarter = year.with_columns(
        period_type=pl.lit("Q"),
        fiscal_quarter=pl.lit(1, pl.Int32),
        pretax_income_reported_minor=pl.lit(200_00, pl.Int64),
    )
    row = sab_99(pl.concat([year, quarter]), screen()).filter(period_type="Q").row(0, named=True)
    assert (row["share_of_pretax_ppm"], row["share_of_year_ppm"]) == (200_000, 40_000)
    alone = sab_99(quarter, screen()).row(0, named=True)
    assert alone["share_of_year_ppm"] is None


def test_a_quarter_compares_with_the_same_quarter_of_the_year_before() -> None:
    rows = [years((gap, 100, net), first=year) for year, gap, net in ((2023, 0, 100), (2024, 20, 110))]
    quarters = [
        frame.with_columns(period_type=pl.lit("Q"), fiscal_quarter=pl.lit(n, pl.Int32))
        for frame in rows
        for n in (1, 2)
    ]
    table = sab_99(pl.concat(quarters), screen())
    assert table.sort("fiscal_year", "fiscal_quarter")["masks_trend"].to_list() == [None, None, True, True]


def test_what_is_not_sourced_stays_blank() -> None:
    row = sab_99(years((20, None, None)), screen()).row(0, named=True)
    assert {row[name] for name in ("share_of_pretax_ppm", "above_pretax", "above_net", "changes_sign")} == {None}
    assert row["misstatement_pretax_minor"] == 20_00


# Where an error would be corrected


@pytest.mark.parametrize(
    ("rows", "corrections"),
    [
        ([(60, 1_000, 1), (0, 1_000, 1)], ["current", "big_r"]),
        ([(20, 1_000, 1), (20, 1_000, 1), (20, 1_000, 1)], ["below", "below", "little_r"]),
        ([(20, 1_000, 1), (40, 1_000, 1), (0, 1_000, 1)], ["below", "little_r", "big_r"]),
        ([(20, 1_000, 1), (-20, 1_000, 1)], ["below", "below"]),
        ([(20, None, 1), (60, 1_000, 1), (0, 1_000, 1)], ["not_known", "not_known", "big_r"]),
        ([(60, 1_000, 1), (20, None, 1)], ["current", "big_r"]),
        ([(60, 1_000, 1), (-60, 1_000, 1), (0, 1_000, 1), (1, 1_000, 1)], ["current", "big_r", "big_r", "big_r"]),
        ([(20, None, 1), (20, 1_000, 1), (0, 1_000, 1)], ["not_known", "not_known", "not_known"]),
    ],
)
def test_big_r_little_r(rows: list[tuple[int, int | None, int]], corrections: list[str]) -> None:
    table = sab_108(years(*rows), screen())
    assert table["correction"].to_list() == corrections
    words = {entry.key: entry.words for entry in screen().correction}
    assert table["points_to"].to_list() == [words[key] for key in corrections]


def test_each_book_is_judged_by_itself() -> None:
    both = pl.concat([years((60, 1_000, 1), (0, 1_000, 1), book="a"), years((0, 1_000, 1), (0, 1_000, 1), book="b")])
    table = sab_108(both.sample(fraction=1, shuffle=True, seed=3), screen())
    assert table.select("book", "correction").rows() == [
        ("a", "current"),
        ("a", "big_r"),
        ("b", "below"),
        ("b", "below"),
    ]


# Never a verdict


def test_every_row_says_that_it_is_no_conclusion() -> None:
    frame = years((20, 1_000, 1))
    for table in (sab_99(frame, screen()), sab_108(frame, screen())):
        assert set(table["wording"]) == {screen().wording}
    assert "not a conclusion" in screen().wording
    assert "change in accounting estimate" in screen().wording


def test_no_words_claim_more_than_a_pointer() -> None:
    said = [*(entry.words for entry in screen().correction), *(entry.words for entry in screen().pointer)]
    assert not [words for words in said if "material" in words.lower() or "must" in words.lower()]
    assert all(entry.words.startswith(("points to", "below the screen", "not known")) for entry in screen().correction)


def test_covenants_and_the_like_are_not_known() -> None:
    row = sab_99(years((20, 1_000, 1)), screen()).row(0, named=True)
    assert "covenants" in row["not_known"].split(", ")
    assert not {"changes_sign", "masks_trend"} & set(row["not_known"].split(", "))


# Over a real restatement


def test_a_restated_fleet_is_screened() -> None:
    """ACME understates by 1,200 of 4,800 in 2023 and by 1,500 of 4,800 in 2024, 2,700 in all."""
    done = cases.restated(cases.fleet(cases.A, cases.B), cases.statements(cases.YEAR_2023, cases.YEAR_2024)).restated
    middle = done.filter(bound="mid")
    table = sab_108(middle, screen())
    assert table.select("rollover_ppm", "iron_curtain_ppm", "correction").rows() == [
        (250_000, 250_000, "current"),
        (312_500, 562_500, "big_r"),
    ]
    shown = sab_99(middle, screen())
    assert shown["misstatement_net_minor"].to_list() == [948_00, 1_185_00]  # less 21% tax
    assert shown["changes_sign"].to_list() == [False, True]


# Data


def _without(kind: str, key: str, name: str) -> dict[str, Any]:
    return document() | {kind: [entry for entry in document()[kind] if entry[name] != key]}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (_without("threshold", "net_income", "line"), "one threshold each"),
        (_without("correction", "big_r", "key"), "one correction each"),
        (_without("pointer", "masks_trend", "key"), "the figures answer"),
        (document() | {"wording": ""}, "wording"),
        (document() | {"threshold": [{**document()["threshold"][0], "share": 0.05}]}, "exact"),
        (document() | {"verdict": "material"}, "verdict"),
    ],
)
def test_a_screen_that_lacks_something_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse_screen(changed)


def test_the_shipped_screen() -> None:
    assert {entry.share for entry in screen().threshold} == {Fraction(1, 20)}
    assert {entry.key for entry in screen().correction} == set(CORRECTIONS)
