"""Text becomes a value only in the declared form, exactly, and every row keeps the rules."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.contract import EVENT_KINDS, Entries, Purchases
from depr.contract.currencies import currencies
from depr.errors import Refused
from depr.intake.forms import COST_LIMIT_MINOR, EVENTS, OUR_OWN, PURCHASES, amount, filled, form_of, judged
from depr.intake.forms.derived import PARTS
from depr.intake.forms.events import KINDS
from tests.ledger.samples import GENERATIONS, lot, read

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


def test_what_is_no_unicode_text_is_no_amount() -> None:
    with pytest.raises(Refused, match="is not an amount in USD"):
        amount("5\udcff", "USD")


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


@pytest.mark.parametrize(("code", "example"), [("USD", "1234.56"), ("JPY", "123456"), ("KWD", "123.456")])
def test_what_is_shown_to_write_is_an_amount_of_the_currency(code: str, example: str) -> None:
    with pytest.raises(Refused, match=re.escape(f"write {example}")):
        amount("1,5", code)
    assert amount(example, code) == 123_456


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "BTC", "CLF", "$"])
def test_a_currency_is_a_known_code(code: str) -> None:
    with pytest.raises(Refused, match=f"unknown currency '{re.escape(code)}'"):
        amount("1", code)


def test_currencies_have_their_minor_units() -> None:
    known = currencies()
    digits = {code: len(str(known[code])) - 1 for code in known}
    assert {code for code in digits if digits[code] == 3} == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    active = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    withdrawn = "ADP BYR ESP ITL LUF MGF TRL"
    assert {code for code in digits if not digits[code]} == {*active.split(), *withdrawn.split()}
    assert {digits[code] for code in ("USD", "EUR", "CNY", "TWD", "HUF", "RSD", "ALL", "LBP")} == {2}
    assert amount("1.005", "KWD") == 1005
    assert amount("1.5", "KWD") == 1500
    with pytest.raises(Refused, match="is not an amount in USD"):
        amount("1.005", "USD")


def parse(*rows: dict[str, str]) -> pl.DataFrame:
    return PURCHASES.parse(filled(pl.DataFrame(list(rows)), 2))


def parsed(**cells: str | None) -> pl.DataFrame:
    return parse(lot(**cells))


def codes(*rows: dict[str, str]) -> list[tuple[int, str]]:
    """What the rules refuse, as (row, code)."""
    table, rules = parse(*rows), [*PURCHASES.rules(GENERATIONS, (), OUR_OWN, None), *PURCHASES.across()]
    return [(row, code) for row, _, _, _, code, _ in judged(table, rules).iter_rows()]


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
        ({"unit_cost": "100.00", "cost": "1e3"}, "number"),
        ({"accumulated": "100.00"}, "opening"),
        ({"accumulated_date": "2023-12-31"}, "opening"),
        ({"accumulated": "100.00", "accumulated_date": "2023-12-31", "in_service_date": ""}, "opening"),
        ({"accumulated": "1000.01", "accumulated_date": "2023-12-31"}, "opening"),
        ({"accumulated": "900.01", "accumulated_date": "2023-12-31", "residual": "100.00"}, "opening"),
        ({"accumulated": "-1", "accumulated_date": "2023-12-31"}, "number"),
        ({"accumulated": "1.00", "accumulated_date": "2023-13-31"}, "date"),
        ({"accumulated": "1.00", "accumulated_date": "2023-01-31"}, "order"),
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
    opening = {"residual": "100.00", "accumulated": "900.00", "accumulated_date": "2023-02-01"}
    assert not codes(lot(**opening), lot(**{**opening, "lot_id": "L2", "accumulated": "0"}))


def test_unit_cost_times_units_is_the_cost() -> None:
    assert parsed(cost=None, unit_cost="34641.25", units="3")["cost_minor"].item() == 10_392_375
    assert not codes(lot(cost="300.00", unit_cost="30.00"))


def test_a_product_that_does_not_fit_is_refused_not_wrapped() -> None:
    row = lot(cost=None, units="999999999999", unit_cost="999999999999999.99")
    assert codes(row) == [(2, "cost")]
    assert parse(row)["cost_minor"].item() is None
    edge = lot(cost=None, units="10", unit_cost="100000000000000.00")
    assert parse(edge)["cost_minor"].item() == COST_LIMIT_MINOR
    assert not codes(edge)


def test_the_second_of_two_lots_is_the_one_too_many() -> None:
    assert codes(lot(), lot(lot_id="L2"), lot()) == [(4, "lot")]


def test_blank_rows_are_left_out_and_counted() -> None:
    blank = dict.fromkeys(lot(), "  ")
    table = parse(blank, lot(), blank, lot(lot_id="L2"), blank)
    assert table["source_row"].to_list() == [3, 5]


def test_columns_are_those_of_the_contract() -> None:
    amounts = {f"{name}_minor" for name in ("cost", "cost_low", "cost_high", "residual", "accumulated")}
    named = {name.removesuffix("_minor") for name in Purchases.column_names()} - {"source_row", "reason"}
    assert set(PURCHASES.columns) - {"unit_cost", *PARTS} == named
    assert amounts <= set(Purchases.column_names())


# Events

WHERE = {"lot_id": "L1", "effective_date": "2024-06-30"}
FULL: dict[str, dict[str, str]] = {
    "acquisition": {"issuer": "META", "generation": "h100", "units": "10", "cost": "1000.00", "currency": "USD"},
    "placed_in_service": {},
    "opening": {"amount": "100.00", "currency": "USD"},
    "improvement": {"amount": "100.00", "currency": "USD"},
    "transfer": {"location": "Luleå"},
    "impairment": {"amount": "100.00", "currency": "USD"},
    "reversal": {"amount": "100.00", "currency": "USD"},
    "estimate": {"life_months": "48"},
    "held_for_sale": {},
    "back_in_use": {},
    "partial_disposal": {"units": "4"},
    "disposal": {},
    "correction": {"reverses": "7", "reason": "wrong invoice"},
    "unpriced": {"issuer": "META", "generation": "h100", "units": "10", "reason": "no invoice yet"},
}
MORE: dict[str, dict[str, str]] = {
    "acquisition": {"cost_low": "900", "cost_high": "1100", "residual": "50", "location": "Luleå", "serial": "S-1"},
    "opening": {"book": "life-3y"},
    "impairment": {"book": "life-3y"},
    "reversal": {"book": "life-3y"},
    "estimate": {"residual": "10.00", "currency": "USD", "book": "life-3y"},
    "partial_disposal": {"amount": "10.00", "currency": "USD"},
    "disposal": {"amount": "0", "currency": "USD"},
    "unpriced": {"location": "Luleå", "serial": "S-1"},
}
ANY = {
    "issuer": "META",
    "generation": "h100",
    "units": "10",
    "unit_cost": "1.00",
    "cost": "1000.00",
    "cost_low": "1",
    "cost_high": "2000",
    "residual": "1.00",
    "amount": "1.00",
    "currency": "USD",
    "life_months": "48",
    "book": "life-3y",
    "location": "Luleå",
    "serial": "S-1",
    "reverses": "7",
}
BOOKS = ("life-1y", "life-3y")


def event(kind: str, **cells: str) -> dict[str, str]:
    return {"kind": kind, **WHERE, **FULL.get(kind, {}), **cells}


def faults(*rows: dict[str, str]) -> list[tuple[int, str, str]]:
    """What the rules of events refuse, as (row, code, what)."""
    names = dict.fromkeys(name for row in rows for name in row)
    table = EVENTS.parse(filled(pl.DataFrame([{name: row.get(name, "") for name in names} for row in rows]), 2))
    found = judged(table, EVENTS.rules(GENERATIONS, BOOKS, OUR_OWN, None))
    values = table.select(EVENTS.values).with_columns(good=~pl.col("source_row").is_in(found["source_row"].implode()))
    both = pl.concat([found, judged(values, EVENTS.across())]).sort("source_row", maintain_order=True)
    return [(row, code, what) for row, what, _, _, code, _ in both.iter_rows()]


def test_every_kind_that_a_file_may_hold_is_in_the_table() -> None:
    assert set(KINDS) == set(FULL) == set(EVENT_KINDS) - {"period_closed", "period_reopened", "adopted", "posted"}
    assert {name.removesuffix("_minor") for name in Entries.column_names()} - {"source_row"} == (
        set(EVENTS.columns) - {"unit_cost"}
    )
    assert (form_of(("kind", "lot_id")), form_of(("lot_id",))) == (EVENTS, PURCHASES)


@pytest.mark.parametrize("kind", FULL)
def test_an_event_with_what_its_kind_needs_and_may_have(kind: str) -> None:
    assert faults(event(kind)) == []
    assert faults(event(kind, **MORE.get(kind, {}), document="memo 4", reason="because")) == []


@pytest.mark.parametrize(("kind", "column"), [(kind, column) for kind, row in FULL.items() for column in row])
def test_what_a_kind_needs_is_missed(kind: str, column: str) -> None:
    either = {"cost": "unit_cost and cost are blank", "life_months": "life_months and residual are blank"}
    said = f"{either[column]}: {kind} needs one" if column in either else f"{column} is blank: {kind} needs it"
    assert (2, "blank", said) in faults(event(kind, **{column: ""}))


@pytest.mark.parametrize(
    ("kind", "column"), [(k, c) for k in FULL for c in ANY if c not in {**FULL[k], **MORE.get(k, {}), "unit_cost": ""}]
)
def test_what_a_kind_does_not_have_is_refused(kind: str, column: str) -> None:
    assert (2, "column", f"{kind} has {column} '{ANY[column]}'") in faults(event(kind, **{column: ANY[column]}))


@pytest.mark.parametrize("kind", [kind for kind in FULL if kind != "acquisition"])
def test_no_other_kind_has_a_unit_cost(kind: str) -> None:
    assert (2, "column", f"{kind} has unit_cost '1.00'") in faults(event(kind, unit_cost="1.00"))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (event("sale"), [(2, "kind", "unknown kind 'sale'")]),
        (event("Disposal"), [(2, "kind", "unknown kind 'Disposal'")]),
        (event(""), [(2, "blank", "kind is blank")]),
        (event("period_closed"), [(2, "kind", "period_closed is not read from a file")]),
        (event("period_reopened"), [(2, "kind", "period_reopened is not read from a file")]),
        (event("disposal", lot_id=""), [(2, "blank", "lot_id is blank")]),
        (event("disposal", effective_date=""), [(2, "blank", "effective_date is blank")]),
        (event("disposal", effective_date="2023-02-29"), [(2, "date", "effective_date '2023-02-29' is not a date")]),
        (event("disposal", effective_date="1899-12-31"), [(2, "date", "effective_date '1899-12-31' is out of range")]),
        (event("disposal", amount="5.00"), [(2, "blank", "currency is blank")]),
        (event("estimate", residual="5.00"), [(2, "blank", "currency is blank")]),
        (event("impairment", amount="1e6"), [(2, "number", "amount '1e6' is not an amount in USD")]),
        (event("impairment", amount="-5"), [(2, "number", "amount '-5' is not an amount in USD")]),
        (event("impairment", amount="1" * 19), [(2, "number", f"amount '{'1' * 19}' is not an amount in USD")]),
        (event("impairment", amount="1.5", currency="JPY"), [(2, "number", "amount '1.5' is not an amount in JPY")]),
        (event("impairment", currency="BTC"), [(2, "currency", "unknown currency 'BTC'")]),
        (event("impairment", book="life-9y"), [(2, "book", "unknown book 'life-9y'; did you mean 'life-3y'?")]),
        (event("estimate", life_months="0"), [(2, "life", "life_months 0 is out of range")]),
        (event("estimate", life_months="1201"), [(2, "life", "life_months 1201 is out of range")]),
        (event("estimate", life_months="48.0"), [(2, "number", "life_months '48.0' is not a whole number")]),
        (event("partial_disposal", units="0"), [(2, "units", "units is 0")]),
        (event("partial_disposal", units="-4"), [(2, "number", "units '-4' is not a whole number")]),
        (event("correction", reverses="0"), [(2, "reverses", "reverses is 0")]),
        (event("correction", reverses="x"), [(2, "number", "reverses 'x' is not a whole number")]),
        (event("acquisition", generation="b300"), [(2, "generation", "unknown generation 'b300'")]),
        (event("acquisition", residual="1000.01"), [(2, "residual", "residual is above cost")]),
        (event("acquisition", unit_cost="100.01"), [(2, "cost", "cost is not units x unit_cost")]),
        (event("acquisition", cost_high="999.99"), [(2, "range", "cost is outside cost_low to cost_high")]),
    ],
    ids=lambda part: str(part)[:60],
)
def test_one_fault_of_an_event_is_one_finding(row: dict[str, str], found: list[tuple[int, str, str]]) -> None:
    assert faults(row) == found


def test_the_same_event_twice_is_refused_unless_a_document_tells_them_apart() -> None:
    one = event("disposal", document="sale 1")
    assert faults(one, {**one, "document": "sale 2"}, {**one, "lot_id": "L2"}) == []
    twice = "disposal of 'L1' on 2024-06-30 is in this file twice"
    assert faults(one, one, one) == [(3, "event", twice), (4, "event", twice)]
    money = event("impairment")
    assert faults(money, {**money, "amount": "100.0"}) == [
        (3, "event", "impairment of 'L1' on 2024-06-30 is in this file twice")
    ], "it is the amount that counts, not how it is written"


def test_two_events_that_cannot_be_read_are_not_the_same() -> None:
    found = faults(event("impairment", amount="x"), event("impairment", amount="y"))
    assert [code for _, code, _ in found] == ["number", "number"]


def test_a_lot_is_acquired_once() -> None:
    rows = [event("acquisition"), event("acquisition", cost="1.00"), event("placed_in_service"), event("disposal")]
    assert faults(*rows) == [(3, "lot", "lot_id 'L1' is in this file twice")]


@pytest.mark.parametrize(
    ("cells", "what", "do"),
    [
        ({"kind": "impairment", "currency": "USD"}, "amount is blank: impairment needs it", "fill it in"),
        ({"kind": "estimate"}, "blank: estimate needs one", "give one of them"),
    ],
)
def test_what_an_event_needs_is_said_with_what_to_do(cells: dict[str, str], what: str, do: str, tmp_path: Path) -> None:
    row = {"lot_id": "L1", "effective_date": "2024-05-01", **cells}
    [found] = [each for each in read(tmp_path / "events.csv", row).findings if "blank" in each.what]
    assert (found.what[-len(what) :], found.do) == (what, do)
