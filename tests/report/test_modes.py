"""Modes on a page: their names, the tables that set them side by side, opening balances, losses, what is not shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.books.modes import MODES
from depr.report.build import css_text, render_issuer
from depr.report.context import IssuerReport, index_context, issuer_context
from depr.report.missing import Reason, spans
from depr.report.modes import NAMES
from depr.report.tables import Group, Table
from depr.report.words import Words
from tests.command import run
from tests.ledger.samples import ledger, lot
from tests.report.acme import CHANGE, SALE, millions, page
from tests.restate.cases import YEAR_2023, YEAR_2024

Lines = dict[str, list[str]]


def said(label: Any) -> str:
    """A label in English; dates as they are stored."""
    return label.text % dict(label.values) if isinstance(label, Words) else str(label)


def lines(group: Group) -> Lines:
    """Label -> figures of each line of a group."""
    return {said(row.label): list(map(str, row.cells)) for row in group.rows}


def groups(table: Table) -> dict[str, Lines]:
    """Heading -> lines of a table."""
    return {said(group.label): lines(group) for group in table.groups}


def text(report: IssuerReport, templates: Path, folder: Path) -> str:
    """The words of a page."""
    html = render_issuer(report, folder, templates).read_text("utf-8")
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_every_mode_side_by_side(tmp_path: Path) -> None:
    table = issuer_context(page(tmp_path))["tables"]["modes"]
    found = groups(table)
    assert found["Understatement"] == {
        "As if": ["(400.0)", "(500.0)"],
        "Prospective": ["—", "(580.0)"],
        "Retrospective": ["(400.0)", "(500.0)"],
        "Catch-up": ["—", "(900.0)"],
    }
    assert found["Net income"] == {  # 79% of it is added
        "As reported": ["4,000.0", "1,000.0"],
        "As if": ["4,316.0", "1,395.0"],
        "Prospective": ["4,000.0", "1,458.2"],
        "Retrospective": ["4,316.0", "1,395.0"],
        "Catch-up": ["4,000.0", "1,711.0"],
    }
    assert found["Deferred tax at year end"] == {
        "As if": ["(84.0)", "(189.0)"],
        "Prospective": ["—", "(121.8)"],
        "Retrospective": ["(84.0)", "(189.0)"],
        "Catch-up": ["—", "(189.0)"],
    }
    assert {row.ticks for row in table.groups[0].rows} == {("T",)}
    assert {row.ticks for row in table.groups[2].rows} == {(), ("R",)}


def test_each_change_date_has_a_line(tmp_path: Path) -> None:
    later = date(2024, 7, 1)
    report = page(tmp_path, modes=["prospective"], changes_on=[later, CHANGE])
    context = issuer_context(report)
    names = list(lines(context["tables"]["modes"].groups[0]))
    assert names == ["Prospective, 2024-01-01", "Prospective, 2024-07-01"]
    assert context["case"].change == CHANGE
    assert lines(context["tables"]["bridge"].groups[0])["Depreciation beyond what is reported"] == ["—", "580.0"]


def test_the_books_of_a_dated_mode_leave_out_what_is_the_reported_book(tmp_path: Path) -> None:
    books = issuer_context(page(tmp_path, modes=["prospective"]))["books"]
    assert [[(said(p.effective), p.years) for p in book.policies] for book in books] == [
        [("Opening", "4")], [("2024-01-01", "6")],
    ]  # fmt: skip


def test_opening_balances_of_a_correction(tmp_path: Path) -> None:
    """Only 2024 is presented: 400 less has been charged before it, 21% of that is deferred tax."""
    report = page(tmp_path, modes=["as_if", "retrospective"], changes_on=[], years=[millions(YEAR_2024)])
    table = issuer_context(report)["tables"]["balances"]
    assert said(table.mode) == "Retrospective: correction of an error"
    assert lines(table.groups[0]) == {
        "Carrying amount of the fleet, opening": ["400.0"],
        "Deferred tax, opening": ["(84.0)"],
        "Retained earnings, opening": ["316.0"],
        "Net income": ["395.0"],
        "Retained earnings, closing": ["711.0"],
        "Deferred tax, closing": ["(189.0)"],
    }
    assert groups(table)["Property and equipment, net"] == {"As reported": ["15,000.0"], "Restated": ["15,900.0"]}
    assert groups(table)["Equity"] == {"As reported": ["20,000.0"], "Restated": ["20,711.0"]}
    assert [row.ticks for row in table.rows] == [("T",), (), (), (), (), (), (), ("T",), (), ("B",)]


def test_a_year_opens_with_what_closed_the_one_before(tmp_path: Path) -> None:
    report = page(tmp_path, modes=["retrospective"], changes_on=[])
    rows = lines(issuer_context(report)["tables"]["balances"].groups[0])
    assert rows["Retained earnings, opening"] == ["—", "316.0"]
    assert rows["Retained earnings, closing"] == ["316.0", "711.0"]
    moved = report.restated.with_columns(pl.col("equity_opening_change_minor") + pl.col("fiscal_year") - 2023)
    table = issuer_context(replace(report, restated=moved))["tables"]["balances"]
    assert table.rows[2].ticks == ()


def test_losses_are_in_the_reconciliation(tmp_path: Path) -> None:
    """A is sold when it carries 3,000 as reported and 3,600 over six years: 200 less charged by then each year."""
    context = issuer_context(page(tmp_path, SALE, modes=["as_if"], changes_on=[]))
    bridge = lines(context["tables"]["bridge"].groups[0])
    assert bridge["Depreciation beyond what is reported"] == ["400.0", "300.0"]
    assert bridge["Losses on disposals and impairments"] == ["—", "(600.0)"]
    assert bridge["Tax on them"] == ["(84.0)", "63.0"]
    assert bridge["Net income, restated"] == ["4,316.0", "763.0"]
    assert context["tables"]["bridge"].rows[5].ticks == ("R",)
    assert all(tally.failed == 0 for tally in context["checks"])
    assert "Losses on disposals and impairments are not split." in map(said, context["tables"]["functions"].notes)


def test_no_line_of_losses_where_none_differ(tmp_path: Path) -> None:
    bridge = issuer_context(page(tmp_path, modes=["as_if"], changes_on=[]))["tables"]["bridge"]
    assert "Losses on disposals and impairments" not in lines(bridge.groups[0])


def test_functions_add_up_and_meet_their_lines(tmp_path: Path) -> None:
    table = issuer_context(page(tmp_path, modes=["as_if"], changes_on=[]))["tables"]["functions"]
    assert lines(table.groups[0]) == {
        "Cost of revenue": ["(400.0)", "(500.0)"],
        "Research and development": ["—", "—"],
        "Selling, general and administrative": ["—", "—"],
        "Understatement": ["(400.0)", "(500.0)"],
    }
    assert [said(group.label) for group in table.groups[1:]] == ["Cost of revenue"]
    assert lines(table.groups[1]) == {"As reported": ["8,000.0", "8,000.0"], "Restated": ["7,600.0", "7,500.0"]}
    assert table.ticks == {"F", "R"}


def test_cash_after_equipment(tmp_path: Path) -> None:
    table = issuer_context(page(tmp_path, modes=["as_if"], changes_on=[]))["tables"]["flows"]
    found = groups(table)
    assert found["The same under every life"]["Free cash flow"] == ["3,000.0", "3,000.0"]
    assert found["Replacing the fleet"] == {"6-year life": ["800.0", "1,000.0"]}
    assert found["Owner earnings"] == {"6-year life": ["8,200.0", "8,000.0"]}
    assert found["Capital expenditure to depreciation"]["Over depreciation reported"] == ["2.00", "2.00"]
    assert found["Capital expenditure to depreciation"]["6-year life"] == ["2.31", "2.40"]  # 6,000 / 2,600 and 2,500
    assert found["Funding gap"] == {"Funding gap": ["2,000.0", "2,000.0"], "Quarters of cash": ["10.00", "10.00"]}


def test_what_is_not_shown_says_why(tmp_path: Path, templates: Path) -> None:
    gone = {"debt_repaid_minor": None, "cash_minor": None, "diluted_shares": None, "cost_of_revenue_minor": None}
    report = page(
        tmp_path, modes=["as_if"], changes_on=[],
        years=[millions(YEAR_2023, **gone, gross_profit_minor=None), millions(YEAR_2024, debt_repaid_minor=None)],
    )  # fmt: skip
    context = issuer_context(report)
    assert [told(reason) for reason in context["reasons"]] == [
        ("Cost of revenue; Gross profit", "FY2023", "Not sourced."),
        ("Diluted EPS, restated; Change of EPS; Compression", "FY2023", "Not sourced: diluted shares."),
        ("Funding gap", "FY2023 to FY2024", "Not sourced: debt repaid."),
        ("Quarters of cash", "FY2023", "Not sourced: cash, debt repaid."),
        ("Quarters of cash", "FY2024", "Not sourced: debt repaid."),
        ("Every reported and restated line", "Q1 FY2023 to Q4 FY2024", "No statement is sourced."),
    ]
    assert "Funding gap" not in groups(context["tables"]["flows"])
    assert "The reasons stand under Not shown, and why." in text(report, templates, tmp_path)
    bare = text(replace(report, statements=None), templates, tmp_path)
    assert "The reasons stand under" not in bare
    assert "a blank says only that it is not sourced" in bare


def told(reason: Reason) -> tuple[str, str, str]:
    """A line of the table as it reads."""
    return "; ".join(map(said, reason.figures)), ", ".join(map(said, reason.periods)), said(reason.why)


def test_contradictory_statements_are_named(tmp_path: Path, templates: Path) -> None:
    """4,800 less a tax of 600 is 4,200, and net income 4,000."""
    wrong = millions(YEAR_2023, income_tax_minor=600_00 * 10**6)
    report = page(tmp_path, modes=["as_if"], changes_on=[], years=[wrong, millions(YEAR_2024)])
    [identity, *_] = issuer_context(report)["broken"]
    assert told(identity)[:2] == ("pretax income - income tax = net income", "FY2023: (200.000), FY2024: (3,000.000)")
    assert "contradict each other in these periods" in text(report, templates, tmp_path)
    [bare, *_] = issuer_context(replace(report, statements=None))["broken"]
    assert told(bare)[1] == "FY2023, FY2024"


def test_periods_that_follow_each_other_are_drawn_together() -> None:
    periods = [(2024, 1), (2023, 4), (2023, None), (2025, None), (2024, 3), (2024, None)]
    assert [said(label) for label in spans(periods)] == ["FY2023 to FY2025", "Q4 FY2023 to Q1 FY2024", "Q3 FY2024"]


@pytest.mark.parametrize("mode", MODES)
def test_a_page_in_one_mode_says_so_everywhere(mode: str, tmp_path: Path, templates: Path) -> None:
    report = page(tmp_path, modes=[mode], changes_on=[CHANGE] if MODES[mode].dated else [])
    context = issuer_context(report)
    called = MODES[mode].called
    assert all(said(table.mode).endswith(f": {called}") for table in context["tables"].values())
    assert "modes" not in context["tables"]
    assert ("balances" in context["tables"]) == (mode == "retrospective")
    words = text(report, templates, tmp_path)
    assert words.count(f": {called}.") == len(context["tables"])
    assert ("from 1 January 2024" in words) == MODES[mode].dated
    sentence = called[0].upper() + called[1:]
    assert f"{sentence}. Arithmetic on estimated purchases" in words
    html = (tmp_path / "acme.html").read_text("utf-8")
    assert f"@bottom-right{{content:{css_text(sentence)}" in html
    assert not [name for other, name in NAMES.items() if other != mode and f" {name}: " in words]


def test_a_page_in_several_modes_names_each(tmp_path: Path, templates: Path) -> None:
    report = page(tmp_path)
    words, context = text(report, templates, tmp_path), issuer_context(report)
    assert [case.mode for case in context["cases"]] == list(MODES)
    assert context["case"].mode == "as_if"
    for mode in MODES.values():
        assert mode.called[0].upper() + mode.called[1:] in words
    assert "Each line in the mode it names." in words
    assert all(tally.ran > 0 and tally.failed == 0 for tally in context["checks"])
    assert [case.mode for case in index_context([report])["others"]] == list(MODES)[1:]


def test_no_mode_changes_the_figures_of_another(tmp_path: Path) -> None:
    alone, every = page(tmp_path / "a", modes=["as_if"], changes_on=[]), page(tmp_path / "b")
    one, many = issuer_context(alone)["tables"], issuer_context(every)["tables"]
    assert set(many) - set(one) == {"modes", "balances"}
    assert {name: groups(table) for name, table in one.items()} == {name: groups(many[name]) for name in one}


def test_modes_and_dates_from_the_command_line(tmp_path: Path) -> None:
    one = lot(lot_id="one", units="100", cost="3600000.00", purchase_date="2023-12-01", in_service_date="2024-01-01")
    ledger(tmp_path / "fleet.duckdb", [one])
    asked = ("--lives", "3", "--mode", "as_if, prospective", "--change-date", "2025-01-01", "--years", "2024-2025")
    ran = run(tmp_path, "report", "fleet.duckdb", *asked)
    assert (ran.code, ran.out) == (0, "wrote pages/index.html\nwrote pages/meta.html\n")
    html = (tmp_path / "pages" / "meta.html").read_text("utf-8")
    assert "Prospective, 1 January 2025" in html
    assert not re.search(r"\d to [\d.]+&nbsp;|\d to [\d.]+\u00a0|reading</th>|<dt>Range", html)
    assert "no purchase has a range" in html
    assert "--lives 3 --mode as_if,prospective --change-date 2025-01-01 --years 2024-2025 --known-at " in html
    dateless = run(tmp_path, "report", "fleet.duckdb", "--mode", "catch_up")
    assert dateless.code == 1
    assert "catch_up needs a change date" in dateless.err
