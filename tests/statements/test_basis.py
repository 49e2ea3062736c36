"""How a figure came to be, in its words and by its kind."""

from __future__ import annotations

import polars as pl
import pytest

from depr import datasets
from depr.statements.basis import DERIVED, REPORTED, VENDOR, filed, given, kind


@pytest.mark.parametrize(
    ("said", "basis"),
    [
        ("reported: 10-K", REPORTED),
        ("us-gaap:Revenues", REPORTED),
        ("quoted from the release", REPORTED),
        ("vendor: X", VENDOR),
        ("third-party table", VENDOR),
        ("derived: year less nine months", DERIVED),
        ("the year less nine months", DERIVED),
    ],
)
def test_words_say_the_kind(said: str, basis: str) -> None:
    assert pl.DataFrame({"how": [said]}).select(kind()).item() == basis


def test_a_table_that_is_given_is_reported_line_by_line() -> None:
    meta = datasets.statements("META").filter(fiscal_year=2023, period_type="FY")
    table = given(meta)
    assert set(table["basis"]) == {REPORTED}
    assert set(table["how"]) == {"reported: as the table gives it"}
    assert {"revenue", "net_income", "eps_diluted", meta["depreciation_line"].item()} <= set(table["line"])
    assert not {"period_end", "period_type", "currency", "issuer"} & set(table["line"])
    assert table.select("issuer", "fiscal_year", "fiscal_quarter").unique().row(0) == ("META", 2023, None)


def test_a_figure_of_a_document_says_its_tag_or_how_it_is_derived() -> None:
    period = {"issuer": "X", "fiscal_year": 2024, "fiscal_quarter": 4}
    printed = period | {"line": "revenue_m", "basis": REPORTED, "how": "", "tag": "Revenues"}
    rest = period | {"line": "capex_m", "basis": DERIVED, "how": "year less nine months", "tag": "Capex"}
    rows = filed(pl.DataFrame([printed, rest])).select("line", "basis", "how").rows()
    assert rows == [("revenue", REPORTED, "filed: Revenues"), ("capex", DERIVED, "year less nine months")]
