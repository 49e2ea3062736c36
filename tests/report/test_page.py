"""The page in a browser: quiet network, aligned digits, semantics, keyboard, hostile words, narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from depr.report.build import render_index, render_issuer
from depr.report.context import IssuerReport
from depr.report.language import visible
from tests.report.acme import page as acme

pytestmark = pytest.mark.browser

PAGES = ["harb.html", "loss.html", "acme.html", "index.html"]
LAST_DIGITS = """() => [...document.querySelectorAll('table.fin')].flatMap(table =>
  [...table.tBodies].flatMap(body => [...body.rows]).flatMap(row =>
  [...row.querySelectorAll('td:not(.tick)')].map((cell, column) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT); let found = null
    for (let node; node = walker.nextNode();) for (let i = 0; i < node.length; i++)
      if (/[0-9]/.test(node.data[i])) found = [node, i]
    if (!found) return null
    const range = document.createRange(); range.setStart(found[0], found[1]); range.setEnd(found[0], found[1] + 1)
    return [table.id, column, range.getClientRects()[0].right]
  }).filter(Boolean)))"""
OVERLAPS = """() => [...document.querySelectorAll('table.fin .cur')].filter(sign => {
    const cell = sign.parentElement, range = document.createRange()
    range.setStartAfter(sign); range.setEnd(cell, cell.childNodes.length)
    return sign.getBoundingClientRect().right > range.getBoundingClientRect().left + 0.5
  }).map(sign => sign.closest('table').id + ': ' + sign.parentElement.textContent)"""


@pytest.fixture(scope="module")
def folder(profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of three issuers, the third in every mode, and the index of two."""
    out = tmp_path_factory.mktemp("pages")
    render_issuer(profit, out, templates)
    render_issuer(loss, out, templates)
    render_issuer(acme(out), out, templates)
    render_index([profit, loss], out, templates)
    return out


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of 1200 by 900 pixels."""
    with chromium.new_page(viewport={"width": 1200, "height": 900}) as opened:
        yield opened


def watch(page: Page) -> list[str]:
    """Everything the page asks for or complains about, from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("dialog", lambda dialog: seen.append(dialog.message))
    return seen


def spread(page: Page) -> dict[tuple[str, int], float]:
    """How far the last digits of each column lie from each other, in pixels."""
    edges: dict[tuple[str, int], list[float]] = {}
    for table, column, right in page.evaluate(LAST_DIGITS):
        edges.setdefault((table, column), []).append(right)
    return {key: max(found) - min(found) for key, found in edges.items()}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_for_and_nothing_is_violated(page: Page, folder: Path, name: str) -> None:
    seen = watch(page)
    page.goto((folder / name).as_uri())
    page.wait_for_timeout(50)
    assert seen == [(folder / name).as_uri()]
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\"><img src=\"x.png\">')")
    page.wait_for_timeout(50)
    assert any("Content Security Policy" in line for line in seen), "the policy is not in force"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("media", "width"), [("screen", 1200), ("screen", 390), ("print", 680)])
def test_last_digits_of_a_column_align(page: Page, folder: Path, name: str, media: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((folder / name).as_uri())
    page.emulate_media(media=media)
    found = spread(page)
    assert len(found) >= (20 if name != "index.html" else 10)
    assert max(found.values()) <= 0.5, found
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("name", PAGES)
def test_tables_and_headings_say_what_they_are(page: Page, folder: Path, name: str) -> None:
    page.goto((folder / name).as_uri())
    assert page.evaluate("[...document.querySelectorAll('table')].filter(t => !t.caption).length") == 0
    assert page.evaluate("[...document.querySelectorAll('th')].filter(h => !h.scope).length") == 0
    assert (
        page.evaluate("[...document.querySelectorAll('tbody tr')].filter(r => !r.querySelector('th,td')).length") == 0
    )
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    links = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))")
    named = page.evaluate("['describedby', 'labelledby'].flatMap(n => [...document.querySelectorAll(`[aria-${n}]`)]"
                          ".flatMap(e => e.getAttribute('aria-' + n).split(' ')))")  # fmt: skip
    assert set(links) | set(named) <= set(ids)
    assert page.evaluate("[...document.querySelectorAll('svg:not([aria-hidden])')]"
                         ".filter(s => s.getAttribute('role') !== 'img' || !s.querySelector('title') "
                         "|| !s.querySelector('desc')).length") == 0  # fmt: skip


def test_notes_and_ticks_link_both_ways(page: Page, folder: Path) -> None:
    page.goto((folder / "loss.html").as_uri())
    there = page.evaluate("[...document.querySelectorAll('.notes p[id], .verified dt')].map(e => e.id)")
    to = page.evaluate(
        "[...document.querySelectorAll('.fin a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !/^d\\d/.test(id))"
    )
    assert set(to) == set(there)
    notes = "[...document.querySelectorAll('.notes p[id] > a:first-child, .verified a')]"
    back = page.evaluate(f"{notes}.map(a => a.getAttribute('href'))")
    assert back
    assert all(page.evaluate("href => !!document.querySelector('.fin ' + href)", href) for href in back)


@pytest.mark.parametrize("name", PAGES)
def test_every_stop_of_the_keyboard_shows_where_it_is(page: Page, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto((folder / name).as_uri())
    seen_at_all = ".filter(e => e.getClientRects().length).length"
    stops = page.evaluate("[...document.querySelectorAll('a[href], [tabindex=\"0\"]')]" + seen_at_all)
    scrolls = page.evaluate("[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && "
                            "getComputedStyle(e).overflowX === 'auto' && e.tabIndex !== 0).length")  # fmt: skip
    assert scrolls == 0
    seen = set()
    for _ in range(stops):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            "return [...document.querySelectorAll('*')].indexOf(e) +"
            " (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? '' : ' without focus') }"
        ))  # fmt: skip
    assert len(seen) == stops
    assert not [stop for stop in seen if "without" in stop]


@pytest.mark.parametrize("width", [320, 390, 768, 1600])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_never_scrolls_sideways(page: Page, folder: Path, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((folder / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_is_dark(page: Page, folder: Path) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto((folder / "harb.html").as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 23, 28)"
    assert page.evaluate("getComputedStyle(document.querySelector('.chart text')).fill") == "rgb(165, 175, 185)"


def test_a_column_of_the_table_stands_under_its_column_of_the_chart(page: Page, folder: Path) -> None:
    page.goto((folder / "harb.html").as_uri())
    heads = page.evaluate("[...document.querySelectorAll('#gap-table thead th')].map(h => h.getBoundingClientRect().x)")
    levels = page.evaluate(
        "[...document.querySelectorAll('#gap .chart path.level')].map(p => p.getBoundingClientRect().x)"
    )
    assert len(heads) == len(levels) == 4
    assert all(0 <= level - head <= 12 for head, level in zip(heads, levels, strict=True))


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>\"'><img src=x onerror=alert(2)>", "</style></title></svg><iframe src=//x>",
     "\u202egnirts\u2066", "a\x00b\x07", '=HYPERLINK("http://x")'],
)  # fmt: skip
def test_hostile_words_are_shown_and_do_nothing(
    page: Page, poisoned: Callable[[str], IssuerReport], templates: Path, tmp_path: Path, text: str
) -> None:
    seen = watch(page)
    path = render_issuer(poisoned(text), tmp_path, templates)
    page.goto(path.as_uri())
    page.wait_for_timeout(50)
    assert seen == [path.as_uri()]
    assert visible(text) in (page.text_content("h1") or "")
    assert page.title() == f"{visible(text)}: earnings restated under other useful lives"
    assert page.evaluate("document.querySelectorAll('script, iframe, img, object').length") == 0
    assert max(spread(page).values()) <= 0.5
