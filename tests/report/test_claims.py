"""What a page claims of its figures is so, on every page: readings, ticks, what was reported."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from depr import datasets, share
from depr.books.issuers import parse_issuer
from depr.contract import BOUNDS
from depr.errors import Refused
from depr.report import format as fmt
from depr.report.charts import Text
from depr.report.context import IssuerReport, index_context, issuer_context
from depr.report.dossier import captions
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.pictures import cash_gap, earnings
from depr.report.tables import Table
from depr.report.words import Words
from depr.statements.basis import bases


def said(label: Any) -> str:
    """A label in English."""
    return label.text % dict(label.values) if isinstance(label, Words) else str(label)


def named(table: Table, label: str) -> list[str]:
    """The figures of the line with this label."""
    [found] = [row for row in table.rows if said(row.label) == label]
    return [str(cell) for cell in found.cells]


def sums(report: IssuerReport, book: str, bound: str) -> dict[int, int]:
    """Understatement of each fiscal year by a book at one reading, from the quarters of the fleet."""
    own = report.rollup.filter(pl.col("bound") == bound).group_by("book", "fiscal_year")
    charges = {
        (book, year): minor
        for book, year, minor in own.agg(pl.col("depreciation_minor").sum()).select(pl.all()).iter_rows()
    }
    reported = str(report.reported_book["id"])
    return {year: charges[book, year] - charges[reported, year] for name, year in charges if name == book}


def test_low_and_high_are_two_whole_readings(profit: IssuerReport, loss: IssuerReport) -> None:
    """Each sums to nothing over the run-off, as every reading does; sorted cell by cell neither would."""
    for report in (profit, loss):
        facts, path = Facts(report), issuer_context(report)["tables"]["path"]
        money = issuer_context(report)["money"]
        for place, bound in enumerate(("low", "high")):
            expected = sums(report, facts.focus.book, bound)
            own = [facts.readings(facts.focus.book, (year,))[place] for year in facts.path_years]
            assert own == [expected[year] for year in facts.path_years]
            assert sum(own) == 0
            shown = named(path, f"{bound.capitalize()} reading")
            assert shown == [str(money.show(expected[year])) for year in facts.path_years]
        assert min(own) < 0 < max(own)


def exact(report: IssuerReport) -> IssuerReport:
    """The same where every cost is known."""
    return replace(
        report, restated=report.restated.filter(bound="mid"), rollup=report.rollup.filter(pl.col("bound") == "mid")
    )


def test_lots_without_bounds_are_exact(profit: IssuerReport, loss: IssuerReport) -> None:
    same = [profit.rollup.filter(pl.col("bound") == "mid").with_columns(bound=pl.lit(bound)) for bound in BOUNDS]
    narrow = replace(profit, rollup=pl.concat(same))  # a range that is no wider than the cost
    for report in (exact(profit), exact(loss), narrow):
        context = issuer_context(report)
        assert said(context["screen"].figures[0].notes[0]) == "no purchase has a range"
        labels = {said(row.label) for table in context["tables"].values() for row in table.rows}
        assert not [label for label in labels if "reading" in label]
        notes = {said(note) for table in context["tables"].values() for note in table.notes}
        assert not [note for note in notes if "reading" in note]


@pytest.mark.parametrize("both", [True, False])
def test_the_index_gives_a_range_where_there_is_one(profit: IssuerReport, loss: IssuerReport, both: bool) -> None:
    context = index_context([exact(profit), exact(loss) if both else loss])
    for table in context["tables"]:
        of_loss = next(row for row in table.rows if "Loss Cloud" in said(row.label))
        assert [cell.empty for cell in of_loss.cells[:4]] == [False, both, both, False]


def test_a_tick_stands_where_its_check_held_and_nowhere_else(profit: IssuerReport, loss: IssuerReport) -> None:
    """Every figure in turn is put wrong in one year: the ticks of the lines it is in go in that year alone."""
    for report in (profit, loss):
        whole = ticks(issuer_context(report)["tables"])
        assert not [key for key, cell in whole.items() if cell.ticks and (cell.missing or cell.empty)]
        year = Facts(report).years[-1]
        here = (pl.col("fiscal_year") == year) & pl.col("fiscal_quarter").is_null()
        for column in ("net_income_restated_minor", "cash_gap_restated_minor", "eps_diluted_restated_micro"):
            wrong = report.restated.with_columns(pl.when(here).then(pl.col(column) + 1).otherwise(pl.col(column)))
            context = issuer_context(replace(report, restated=wrong))
            changed = {key for key, cell in ticks(context["tables"]).items() if cell.ticks != whole[key].ticks}
            assert {said(heading(context, key)) for key in changed} <= {f"FY{year}", "year"}
            known = {row for row in wrong.filter(here, bound="mid")[column].to_list() if row is not None}
            assert bool(changed) is bool(known), column


def ticks(tables: dict[str, Table]) -> dict[tuple[str, int, int], Figure]:
    """Every cell of the tables by table, line and column."""
    return {
        (name, line, column): cell
        for name, table in tables.items()
        for line, row in enumerate(table.rows)
        for column, cell in enumerate(row.cells)
    }


def heading(context: dict[str, Any], key: tuple[str, int, int]) -> Any:
    """What stands above a cell; of the table by quarter `year` for the lines of a year."""
    name, line, column = key
    table: Table = context["tables"][name]
    if name != "quarters":
        return table.columns[column]
    return "year" if said(table.rows[line].label) == "Year" else "quarter"


def test_quarters_that_do_not_add_up_have_no_tick(profit: IssuerReport) -> None:
    """15,280 against 15,290 in one line of one year: that figure has no tick, those beside it keep theirs."""
    here = (pl.col("fiscal_year") == 2024) & (pl.col("fiscal_quarter") == 2)
    off = pl.when(here).then(pl.col("depreciation_reported_minor") - 10**9)
    table = issuer_context(
        replace(
            profit,
            restated=profit.restated.with_columns(
                off.otherwise("depreciation_reported_minor").alias("depreciation_reported_minor")
            ),
        )
    )["tables"]["quarters"]
    years = {said(group.label): group.rows[-1].cells for group in table.groups}
    assert ["Y" in cell.ticks for cell in years["FY2024"]] == [False, *[True] * 3, *[False] * 4, True, True]
    assert ["Y" in cell.ticks for cell in years["FY2023"]] == [True] * 4 + [False] * 4 + [True] * 2
    assert all(cell.ticks == ("E",) for cell in years["FY2023"][5:8])


BASES = {"reported": "", "derived": "d", "vendor": "v"}


def test_only_what_was_reported_is_called_so() -> None:
    """On every page of issuers whose statements ship: a figure without a letter has the basis reported."""
    cells = {
        (row["issuer"], row["fiscal_year"], row["fiscal_quarter"], row["line"].removesuffix("_m")): row["basis"]
        for row in datasets.statement_cells().iter_rows(named=True)
    }
    told = {
        (row["issuer"], row["fiscal_year"], row["fiscal_quarter"], row["line"]): row["basis"]
        for row in datasets.statement_bases().iter_rows(named=True)
    }
    assert cells.keys() == told.keys()
    for key, words in cells.items():
        if told[key] == "reported":
            assert not re.search(r"\b(derived|less|sum of|vendor|third-party|ratio)\b", words.partition("(")[0]), words
        if words.startswith("derived"):
            assert told[key] == "derived"
        if words.startswith("vendor"):
            assert told[key] == "vendor"


def test_letters_stand_at_what_was_not_reported(profit: IssuerReport) -> None:
    year = Facts(profit).years[-1]
    lines = ("net_income", "capex", "eps_diluted", "operating_income", "pretax_income", "gross_profit", "eps_basic")
    rows = [
        (profit.issuer["id"], each, quarter, line, "derived: a less b" if line == "capex" else "reported")
        for each in Facts(profit).years
        for quarter in (None, 1, 2, 3, 4)
        for line in lines
        if line != "eps_diluted"
    ]
    types = {
        "issuer": pl.String,
        "fiscal_year": pl.Int32,
        "fiscal_quarter": pl.Int32,
        "line": pl.String,
        "how": pl.String,
    }
    told = pl.DataFrame([*rows, (profit.issuer["id"], year, None, "eps_diluted", "vendor copy")], types, orient="row")
    context = issuer_context(replace(profit, bases=bases(told)))
    tables = context["tables"]
    assert [cell.basis for cell in tables["eps"].rows[0].cells] == ["d", "d", "d", "v"]
    assert [letter for letter, _ in tables["eps"].marks] == ["d", "v"]
    assert {cell.basis for cell in tables["gap"].rows[0].cells} == {"d"}
    assert {cell.basis for cell in tables["gap"].rows[2].cells} == {"d"}
    assert [said(words) for _, words in tables["gap"].marks] == ["Derived, not printed by the filer: capex: a less b."]
    bridged = [row for row in tables["bridge"].rows if said(row.label) != "Diluted shares, millions"]
    assert {cell.basis for row in bridged for cell in row.cells} == {""}
    notes = [said(each.notes[-1].values["basis"]) for each in context["screen"].figures[1:3]]
    assert notes == ["as a vendor gives it", "derived from what is reported"]
    assert {said(row.label) for row in tables["carrying"].rows}.isdisjoint({"As reported"})


def test_a_line_of_nothing_reported_is_not_called_reported(profit: IssuerReport) -> None:
    kinds = {"derived: a less b": "Derived from what is reported", "vendor copy": "As a vendor gives it"}
    for how, label in kinds.items():
        rows = [(profit.issuer["id"], year, None, "eps_diluted", how) for year in Facts(profit).years]
        types = {
            "issuer": pl.String,
            "fiscal_year": pl.Int32,
            "fiscal_quarter": pl.Int32,
            "line": pl.String,
            "how": pl.String,
        }
        told = bases(pl.DataFrame(rows, types, orient="row"))
        assert said(issuer_context(replace(profit, bases=told))["tables"]["eps"].rows[0].label) == label


def test_functions_bear_the_filers_captions(profit: IssuerReport) -> None:
    own = {**profit.issuer, "captions": {"research_and_development": "Technology and infrastructure"}}
    table = issuer_context(replace(profit, issuer=own))["tables"]["functions"]
    labels = [said(row.label) for row in table.groups[0].rows]
    assert labels == [
        "Cost of revenue",
        "Technology and infrastructure",
        "Selling, general and administrative",
        "Understatement",
    ]


CAPTIONS = """
[captions]
research_and_development = [
    { effective = 2016-01-01, text = "Technology and content", source = "a test" },
    { effective = 2023-12-31, text = "Technology and infrastructure", source = "a test" },
]
"""


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ((2021, 2022), "Technology and content"),
        ((2023, 2024), "Technology and infrastructure"),
        ((2021, 2022, 2023), "Technology and infrastructure (FY2021, FY2022: Technology and content)"),
    ],
)
def test_a_caption_is_that_of_the_years_shown(years: tuple[int, ...], told: str) -> None:
    document = tomllib.loads(share.find("issuers", "meta").read_text("utf-8"))
    issuer = parse_issuer(document | tomllib.loads(CAPTIONS))
    rows = [{"period_type": "FY", "fiscal_year": year, "period_end": date(year, 12, 31)} for year in years]
    assert captions(issuer, pl.DataFrame(rows)) == {"research_and_development": told}


def test_captions_out_of_order_are_refused() -> None:
    own = {
        "research_and_development": [{"effective": date(2024, 1, day), "text": "x", "source": "x"} for day in (2, 1)]
    }
    document = tomllib.loads(share.find("issuers", "meta").read_text("utf-8")) | {"captions": own}
    with pytest.raises(Refused, match="are not in order of date"):
        parse_issuer(document)


def test_labels_of_a_chart_have_the_letters_of_their_figures(profit: IssuerReport) -> None:
    """In charts as in the tables below them: derived and vendor figures are marked, restated ones have no letter."""
    years = Facts(profit).years
    told = {"eps_diluted": "derived", "capex": "vendor", "depreciation_of_ppe": "derived"}
    rows = [
        (profit.issuer["id"], year, None, line, basis if year == years[-1] else "reported", "x")
        for line, basis in told.items()
        for year in years
    ]
    names = ("issuer", "fiscal_year", "fiscal_quarter", "line", "basis", "how")
    bases = pl.DataFrame(
        [dict(zip(names, row, strict=True)) for row in rows],
        {**dict.fromkeys(names, pl.String), "fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32},
    )
    money = issuer_context(profit)["money"]
    lines = pl.DataFrame({"depreciation_line": ["depreciation_of_ppe"]})
    facts = Facts(replace(profit, bases=bases, statements=lines))
    labels = [
        str(mark.label)
        for picture in (earnings(facts), cash_gap(facts, money))
        if picture is not None
        for mark in picture.marks
        if isinstance(mark, Text)
    ]
    assert sum(label.endswith(" d") for label in labels) == 2
    assert sum(label.endswith(" v") for label in labels) == 2


@pytest.mark.parametrize(
    ("first", "others", "said_"),
    [
        (117_000_000_000, (117_000_000_000, 274_500_000_000), ["1.17 billion", "1.17 billion", "2.74 billion"]),
        (117_000_000_000, (117_200_000_000,), ["1.170 billion", "1.172 billion"]),
        (117_000_000_000, (150_000_000_000,), ["1.2 billion", "1.5 billion"]),
        (100_000, (100_001,), ["1.00000 thousand", "1.00001 thousand"]),
        (12_345, (99_999,), ["123", "1.0 thousand"]),
    ],
)
def test_what_becomes_of_an_amount_is_told_from_it(first: int, others: tuple[int, ...], said_: list[str]) -> None:
    assert [f"{words.digits} {words.scale}".strip() for words in fmt.apart(first, others, 2)] == said_


def test_small_figures_are_told_from_nothing_and_from_the_whole() -> None:
    assert [str(figure) for figure in fmt.apart_per_share(23_490_000, [23_487_179])] == ["23.490", "23.487"]
    assert [str(figure) for figure in fmt.apart_per_share(100, [100, -9_900])] == ["0.0001", "0.0001", "(0.0099)"]
    assert [str(fmt.seen(ppm, 0)) for ppm in (300, 999_999, 10**6, 640_000)] == ["0.03", "99.9999", "100", "64"]
