"""Every figure leads to how it comes about, and back; formulas with their values give it; none is without its SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from depr.report.build import render_index, render_issuer
from depr.report.context import IssuerReport, issuer_context
from depr.report.known import COLUMNS, FORMULAS, PLAIN, SUMMED, unwrapped
from tests.report.acme import page as acme

NAMES = ["harb.html", "loss.html", "acme.html", "index.html"]
CELL = re.compile(r"<td([^>]*)>(.*?)</td>", re.DOTALL)
STEP = re.compile(r'<li id="d([\d-]+)">(.*?)</li>', re.DOTALL)
NUMBER = re.compile(r"−?[\d,]+(?:\.\d+)?")


@pytest.fixture(scope="module")
def pages(
    profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Pages of an issuer with profits, one with losses, one in every mode, and an index, as text."""
    out = tmp_path_factory.mktemp("derived")
    for report in (profit, loss, acme(out)):
        render_issuer(report, out, templates)
    render_index([profit, loss], out, templates)
    return {name: (out / name).read_text("utf-8") for name in NAMES}


def figures(page: str) -> Iterator[tuple[str, str]]:
    """The attributes and the content of every cell that shows a figure."""
    for table in re.findall(r'<table class="(?:fin|words standing).*?</table>', page, re.DOTALL):
        for attributes, content in CELL.findall(table):
            if (
                re.search(r"\d", re.sub(r"<svg.*?</svg>|<[^>]*>|&#\d+;", "", content, flags=re.DOTALL))
                and "colspan" not in attributes
            ):
                yield attributes, content


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_leads_to_its_derivation(name: str, pages: dict[str, str]) -> None:
    page = pages[name]
    steps = {number for number, _ in STEP.findall(page)}
    found = [
        (attributes, content, re.search(r'href="#d([\d-]+)"', content))
        for attributes, content in figures(page)
        if "#unpriced" not in content and "years" not in content and not re.fullmatch(r"\w{3} \d{4}", content.strip())
    ]
    assert len(found) > (40 if name == "index.html" else 100)
    assert [content for _, content, link in found if link is None] == []
    assert {link[1] for *_, link in found if link} <= steps


@pytest.mark.parametrize("name", NAMES)
def test_a_derivation_leads_back_to_a_figure_that_leads_to_it(name: str, pages: dict[str, str]) -> None:
    page = pages[name]
    cells = dict(re.findall(r'<td[^>]* id="c([\d-]+)"[^>]*>(.*?)</td>', page, re.DOTALL))
    back = {number: re.search(r'^<a href="#c([\d-]+)">', text) for number, text in STEP.findall(page)}
    assert cells.keys() == {number for number, link in back.items() if link}
    assert all(link[1] == number for number, link in back.items() if link)
    assert all(f'href="#d{number}"' in content for number, content in cells.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_a_formula_is_there(name: str, pages: dict[str, str]) -> None:
    page = pages[name]
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert len(ids) == len(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def plain(step: str) -> str:
    """A step as a person reads it."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", step)).split())


def worked_out(text: str) -> Fraction:
    """What an expression of a derivation comes to."""
    terms = NUMBER.sub(lambda found: f"Fraction('{found[0].replace(',', '').replace('−', '-')}')", text)
    assert re.fullmatch(r"(?:Fraction\('-?[\d.]+'\)|[-+*/() ]|−|×|÷)*", terms), terms
    value = eval(terms.replace("−", "-").replace("×", "*").replace("÷", "/"), {"Fraction": Fraction})
    return Fraction(value)


@pytest.mark.parametrize("name", NAMES)
def test_formulas_with_their_values_give_the_figure(name: str, pages: dict[str, str]) -> None:
    """Worked out in fractions and rounded to the last digit shown, every formula comes to what stands behind it."""
    counted = 0
    for _, step in STEP.findall(pages[name]):
        text = plain(step.partition("<b>")[0])
        outcome = plain(step.partition("<b>")[2].partition("</b>")[0])
        if "=" not in text:
            continue
        formula = text.rsplit("=", 1)[0]
        formula = re.sub(r"^(Q\d )?FY\d{4} |^[\d.]+ yr ", "", formula).strip()
        said = Fraction(outcome.replace(",", "").replace("−", "-"))
        digits = len(outcome.partition(".")[2])
        assert abs(worked_out(formula) - said) <= Fraction(1, 2 * 10**digits), (formula, outcome)
        counted += 1
    assert counted > (80 if name != "index.html" else 40)


@pytest.mark.parametrize("name", NAMES)
def test_every_derivation_and_every_table_shows_its_sql(name: str, pages: dict[str, str]) -> None:
    page = pages[name]
    blocks = re.findall(r'<div class="why">(.*?)</div>', page, re.DOTALL)
    without = [block for block in blocks if "<pre>SELECT" not in block]
    assert len(blocks) > 20
    assert all("such lots are not in the ledger" in block for block in without)
    tables = re.findall(r'<table class="(?:fin|words standing)[^>]*id="([^"]+)-table"', page)
    asked = re.findall(r'<div class="query" id="([^"]+)-sql">.*?<pre tabindex="0">SELECT', page, re.DOTALL)
    assert sorted(tables) == sorted(asked)
    assert all(f'id="{table}-asked" href="#{table}-sql"' in page for table in tables)


def test_every_column_that_is_shown_has_a_formula_or_is_a_fact_or_a_sum(profit: IssuerReport) -> None:
    for derivation in issuer_context(profit)["derivations_"]:
        assert derivation.formula or derivation.steps[0].values
    for name, formula in (FORMULAS | PLAIN).items():
        words = formula if isinstance(formula, str) else formula.words
        assert words.count("(") == words.count(")")
        assert name in COLUMNS or name not in SUMMED


@pytest.mark.parametrize(
    ("text", "bare"), [("(a + b)", "a + b"), ("(a) + (b)", "(a) + (b)"), ("((a − b) + c)", "(a − b) + c"), ("a", "a")]
)
def test_only_parentheses_around_all_of_it_go(text: str, bare: str) -> None:
    assert unwrapped(text) == bare


def test_values_are_exact_to_the_last_unit(profit: IssuerReport, pages: dict[str, str]) -> None:
    own = profit.restated.filter(book="life-3y", bound="mid", period_type="FY", fiscal_year=2025)
    cents = int(own["net_income_restated_minor"].item())
    assert f"<b>{cents // 100:,}.{cents % 100:02}</b>" in pages["harb.html"]


@pytest.mark.browser
def test_a_figure_opens_its_derivation_without_script(
    chromium: Browser, profit: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    """Hidden until asked for; then one figure with its formula and SQL, in view, and the way back puts it away."""
    with chromium.new_page(viewport={"width": 1280, "height": 800}) as page:
        page.goto(render_issuer(profit, tmp_path, templates).as_uri())
        shown = "[...document.querySelectorAll('.why')].filter(e => e.getClientRects().length).length"
        assert page.evaluate(shown) == 0
        page.click("#eps-table tbody tr:nth-child(3) td:last-child a")
        assert page.evaluate(shown) == 1
        assert (
            page.evaluate("[...document.querySelectorAll('.why li')].filter(e => e.getClientRects().length).length")
            == 1
        )
        box = page.evaluate("document.querySelector('.why:has(:target)').getBoundingClientRect()")
        assert box["bottom"] <= 800 <= box["bottom"] + 1
        page.click(".why li:target a")
        assert page.evaluate(shown) == 0
        assert page.evaluate("document.querySelector('td:target').closest('table').id") == "eps-table"
        page.goto(page.url.partition("#")[0] + "#derivations")
        assert page.evaluate(shown) > 50
