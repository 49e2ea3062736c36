"""Text becomes a value only in the declared form, exactly, and every row keeps the rules."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.forms import COLUMNS, COST_LIMIT_MINOR, amount, currencies, parse, rules
from depr.schemas import Purchases
from tests.ledger.samples import GENERATIONS, lot

EXACT = {"0": 0, "0.00": 0, "1000.00": 100_000, "1000.5": 100_050, "007": 700, "999999999999999.99": 10**17 - 1}
REFUSED = (
    *("1,000.00", "1.000,00", "1000,00", "1 000", "1'000", "1_000", "1\u00a0000", "1\u202f000"),  # separators
    *("(500)", "-5", "+5", "−5", "5-", "--5"),  # signs
    *("1e6", "1E6", "0x10", "0b1", "1/2", "50%", "$100", "100 USD", "=5", "'5"),  # other notations
    *("NaN", "nan", "inf", "Infinity", "null", "None", "true", "-"),  # words
    *("１０００", "١٢٣", "१२", "²", "Ⅳ"),  # other digits
    *(".5", "5.", ".", "1.2.3", "12.345", "1..2", "12.3 4"),  # the point
    *("1" * 16, "1" * 19, "1" * 4000),  # size
    *("\u200b5", "5\u200b", "5\x00", "a", "5a"),  # what is not seen
)


SEPARATORS = "\x1c\x1d\x1e\x1f"
"""Blank to Python's strip, not to the engine's."""


@pytest.mark.parametrize("text", EXACT)
def test_an_amount_in_its_form_is_exact(text: str) -> None:
    assert amount(text, "USD") == EXACT[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:20])
def test_an_amount_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is not an amount in USD"):
        amount(text, "USD")


@given(st.integers(0, 10**17 - 1))
def test_every_amount_comes_back_to_the_cent(minor: int) -> None:
    assert amount(f"{minor // 100}.{minor % 100:02}", "USD") == minor


@given(st.text("0123456789.,-+ eE_", max_size=12) | st.text(st.characters(exclude_characters=SEPARATORS), max_size=12))
def test_no_other_text_is_an_amount(text: str) -> None:
    declared = re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,2})?", text.strip()) is not None
    try:
        amount(text, "USD")
        taken = True
    except Refused:
        taken = False
    assert taken == declared


def test_a_currency_without_cents_has_none() -> None:
    assert amount("1000", "JPY") == 1000
    assert amount("1000.00", "JPY") == 1000
    with pytest.raises(Refused, match="is not an amount in JPY"):
        amount("1000.50", "JPY")


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "BTC", "KWD", "$"])
def test_a_currency_is_a_known_code(code: str) -> None:
    with pytest.raises(Refused, match=f"unknown currency '{re.escape(code)}'"):
        amount("1", code)


def test_currencies_have_their_minor_units() -> None:
    known = currencies()
    assert {code: known[code] for code in ("USD", "EUR", "CNY", "TWD", "JPY", "KRW")} == {
        **dict.fromkeys(("USD", "EUR", "CNY", "TWD"), 100),
        **dict.fromkeys(("JPY", "KRW"), 1),
    }
    assert set(known.values()) == {1, 100}


def parsed(**cells: str | None) -> pl.DataFrame:
    return parse(pl.DataFrame([lot(**cells)]))


def codes(*rows: dict[str, str]) -> list[tuple[int, str]]:
    """What the rules refuse, as (row, code)."""
    table = parse(pl.DataFrame(list(rows)))
    return [
        (row, rule.code) for rule in rules(GENERATIONS) for row in table.filter(rule.bad.fill_null(False))["source_row"]
    ]


@pytest.mark.parametrize(
    "text", ["2024-02-29", "1900-01-01", "2199-12-31", "2024-02-29 00:00:00", "2024-02-29T00:00:00.000"]
)
def test_a_date_in_its_form(text: str) -> None:
    assert parsed(purchase_date=text)["purchase_date"].item() == date.fromisoformat(text[:10])


@pytest.mark.parametrize(
    "text",
    [
        *("2023-02-29", "2100-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "0000-00-00"),  # no such day
        *("2023-1-5", "20230105", "05.01.2023", "01/05/2023", "2023/01/05", "Jan 5 2023", "45000", "2023-W01-1"),
        *("2023-01-05 12:30:00", "2023-01-05T00:00:01", "2023-01-05Z", "２０２３-01-05", "2023–01–05", "-2023-01-05"),
    ],
)
def test_a_date_in_another_form_is_none(text: str) -> None:
    assert parsed(purchase_date=text)["purchase_date"].item() is None
    assert codes(lot(purchase_date=text)) == [(2, "date")]


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_of_the_calendar_is_read(day: date) -> None:
    assert parsed(purchase_date=day.isoformat())["purchase_date"].item() == day


def test_a_day_outside_of_the_calendar_is_refused() -> None:
    for day in (date(1900, 1, 1) - timedelta(1), date(2199, 12, 31) + timedelta(1)):
        assert codes(lot(purchase_date=day.isoformat(), in_service_date="")) == [(2, "date")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"lot_id": " "}, "blank"),
        ({"cost": ""}, "blank"),
        ({"units": "0"}, "units"),
        ({"units": "1.0"}, "number"),
        ({"units": "1234567890123"}, "number"),
        ({"residual": "1000.01"}, "residual"),
        ({"residual": "-1"}, "number"),
        ({"cost_low": "1000.01"}, "range"),
        ({"cost_high": "999.99"}, "range"),
        ({"unit_cost": "100.01"}, "cost"),
        ({"unit_cost": "1e2"}, "number"),
        ({"in_service_date": "2023-01-14"}, "order"),
        ({"generation": "H100"}, "generation"),
        ({"currency": "usd"}, "currency"),
    ],
    ids=str,
)
def test_one_fault_is_one_finding(cells: dict[str, str], code: str) -> None:
    assert codes(lot(**cells)) == [(2, code)]


def test_the_limits_themselves_are_kept() -> None:
    assert not codes(lot(residual="1000.00", cost_low="1000.00", cost_high="1000.00", in_service_date="2023-01-15"))
    assert not codes(lot(units="999999999999", cost="0"))


def test_unit_cost_times_units_is_the_cost() -> None:
    assert parsed(cost=None, unit_cost="34641.25", units="3")["cost_minor"].item() == 10_392_375
    assert not codes(lot(cost="300.00", unit_cost="30.00"))


def test_a_product_that_does_not_fit_is_refused_not_wrapped() -> None:
    row = lot(cost=None, units="999999999999", unit_cost="999999999999999.99")
    assert codes(row) == [(2, "cost")]
    assert parse(pl.DataFrame([row]))["cost_minor"].item() is None
    edge = lot(cost=None, units="10", unit_cost="100000000000000.00")
    assert parse(pl.DataFrame([edge]))["cost_minor"].item() == COST_LIMIT_MINOR
    assert not codes(edge)


def test_the_second_of_two_lots_is_the_one_too_many() -> None:
    assert codes(lot(), lot(lot_id="L2"), lot()) == [(4, "lot")]


def test_blank_rows_are_left_out_and_counted() -> None:
    blank = dict.fromkeys(lot(), "  ")
    table = parse(pl.DataFrame([blank, lot(), blank, lot(lot_id="L2"), blank]))
    assert table["source_row"].to_list() == [3, 5]


def test_columns_are_those_of_the_contract() -> None:
    amounts = {f"{name}_minor" for name in ("cost", "cost_low", "cost_high", "residual")}
    named = {name.removesuffix("_minor") for name in Purchases.column_names()} - {"source_row"}
    assert set(COLUMNS) - {"unit_cost"} == named
    assert amounts <= set(Purchases.column_names())
