"""Many books and many issuers at once give what each gives alone."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.book import Book, scenario
from depr.books.issuers import Issuer
from depr.errors import Refused
from depr.pipeline import Restatement, restate_fleet, restate_fleets
from tests.ledger.samples import lot
from tests.restate.cases import REPORTED, TWO_YEARS, YEAR_2023, YEAR_2024, A, B, book, fleet, issuer, statements
from tests.size import examples

DAYS = st.dates(date(2020, 1, 1), date(2024, 12, 31))
CHANGE = date(2023, 7, 1)
ALL: dict[str, Any] = {"modes": ("as_if", "prospective", "retrospective", "catch_up"), "changes_on": [CHANGE]}
OWN = book("own", ("opening", 36), (date(2023, 4, 1), 60))
LOTS = fleet(
    A,
    B,
    A | {"lot_id": "C", "issuer": "NIPPON", "cost": "99999", "currency": "JPY", "in_service_date": "2023-05-20"},
    B | {"lot_id": "D", "issuer": "NIPPON", "cost": "777", "currency": "JPY", "generation": "a100"},
    B | {"lot_id": "E", "issuer": "SILENT", "cost": "12345.67"},
)
YEN = YEAR_2023 | {"issuer": "NIPPON", "currency": "JPY", "revenue_minor": 777_777, "net_income_minor": -55_555}
LINES = statements(YEAR_2023, YEAR_2024, YEN, YEN | {"period_type": "Q", "fiscal_year": 2024, "fiscal_quarter": 2})


def other(name: str, currency: str, year_end: int) -> Issuer:
    """An issuer that differs from ACME in all that a restatement asks of one."""
    plain = issuer(year_end, statutory="0.3")
    shares = {"cost_of_revenue": Fraction(1, 3), "research_and_development": Fraction(2, 3)}
    split = plain.function_split[0].model_copy(update=shares)
    return plain.model_copy(update={"id": name, "currency": currency, "function_split": (split,)})


WHOSE = [
    (issuer(), REPORTED),
    (other("NIPPON", "JPY", 3), OWN),
    (other("SILENT", "USD", 6), REPORTED),
    (other("ABSENT", "USD", 12), OWN),
]
"""Two with statements, one without, one without a fleet."""


def same(one: Restatement, two: Restatement) -> None:
    assert (one.issuer, one.reported, one.alternatives) == (two.issuer, two.reported, two.alternatives)
    for table in ("rollup", "restated", "parts"):
        assert getattr(one, table).equals(getattr(two, table)), table


@pytest.mark.parametrize("by", ["issuer", "generation", "lot"])
@pytest.mark.parametrize("tax", ["statutory", "effective"])
def test_issuers_together_are_each_alone(by: str, tax: str) -> None:
    options: dict[str, Any] = {**ALL, "by": by, "tax": tax}
    books = [TWO_YEARS, scenario(60)]
    together = restate_fleets(LOTS, LINES, WHOSE, books, **options)
    assert [len(each.restated) > 0 for each in together] == [True, True, False, False]
    for (whose, reported), made in zip(WHOSE, together, strict=True):
        same(made, restate_fleet(LOTS, LINES, whose, reported, books, **options))


def test_the_fleet_of_nobody() -> None:
    assert restate_fleets(LOTS, LINES, [], [TWO_YEARS]) == []


def test_a_tax_rate_that_nobody_has_is_refused_without_a_statement_too() -> None:
    with pytest.raises(Refused, match="marginal"):
        restate_fleets(LOTS, LINES.clear(), WHOSE, [TWO_YEARS], tax="marginal")


@st.composite
def books(draw: st.DrawFn, name: str) -> Book:
    lives, methods = st.integers(1, 60), st.sampled_from(["straight_line", "sum_of_years_digits", "declining_balance"])
    conventions = st.sampled_from(["full_month", "mid_month", "half_year", "mid_quarter", "daily"])
    rules = {"method": draw(methods), "convention": draw(conventions), "reset": draw(st.sampled_from(RESETS))}
    later = [(day, draw(lives)) for day in sorted(draw(st.sets(DAYS, max_size=1)))]
    return book(name, ("opening", draw(lives)), *later, **rules)


RESETS = ("asset_year", "fiscal_year")


@examples(25)
@given(st.lists(st.tuples(st.integers(1, 10**7), DAYS), min_size=1, max_size=6), st.data(), st.integers(1, 12))
def test_books_together_are_each_alone(lots: list[tuple[int, date]], data: st.DataObject, year_end: int) -> None:
    rows = [
        lot(lot_id=str(n), issuer="ACME", cost=str(cost), purchase_date="2019-12-31", in_service_date=day.isoformat())
        for n, (cost, day) in enumerate(lots)
    ]
    asked, facts = [data.draw(books(name)) for name in ("one", "two", "three")], fleet(*rows)
    together = restate_fleet(facts, LINES, issuer(year_end), REPORTED, asked, **ALL)
    for each in asked:
        alone = restate_fleet(facts, LINES, issuer(year_end), REPORTED, [each], **ALL)
        names = [made.id for made in alone.alternatives]
        assert alone.restated.equals(together.restated.filter(together.restated["book"].is_in(names)))
        keys = ["book", "generation", "period_end"]
        longer = together.rollup.join(alone.rollup.select(keys), on=keys, how="semi", maintain_order="left")
        assert alone.rollup.equals(longer)
