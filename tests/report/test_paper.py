"""The page on paper and its colours: A4 and Letter, repeated headings, contrast in light, dark and print."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from depr.report.build import render_index, render_issuer
from depr.report.context import IssuerReport
from tests.report.acme import page as acme

TEXT_PAIRS = [
    ("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("ink", "wash"), ("quiet", "wash"),
    ("on-strong", "strong"), ("on-mid", "mid"), ("on-pale", "pale"),
]  # fmt: skip
GRAPHIC_PAIRS = [("line", "paper"), ("rule", "paper"), ("strong", "paper"), ("mid", "paper"), ("line", "pale")]
MARGIN_MM, SIZES_MM = 15, {"A4": (210, 297), "Letter": (215.9, 279.4)}


def palettes(css: str) -> dict[str, dict[str, str]]:
    """Colours by name of each theme; a theme overrides the light one."""
    blocks = [
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", block)) for block in re.findall(r":root\{(.*?)\}", css, re.S)
    ]
    light, dark, paper = blocks
    return {"light": light, "dark": light | dark, "print": light | paper}


def luminance(colour: str) -> float:
    """Relative luminance of a colour as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_contrast(templates: Path, theme: str) -> None:
    colours = palettes((templates / "assets" / "report.css").read_text(encoding="utf-8"))[theme]
    for pairs, least in ((TEXT_PAIRS, 4.5), (GRAPHIC_PAIRS, 3.0)):
        low = {f"{a} on {b}": round(contrast(colours[a], colours[b]), 2) for a, b in pairs}
        assert {pair: ratio for pair, ratio in low.items() if ratio < least} == {}


@pytest.mark.browser
@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_no_column_is_wider_than_the_paper(
    chromium: Browser, profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path, size: str
) -> None:
    width = int((SIZES_MM[size][0] - 2 * MARGIN_MM) / 25.4 * 96)
    pages = [render_issuer(profit, tmp_path, templates), render_issuer(loss, tmp_path, templates)]
    pages += [render_issuer(acme(tmp_path), tmp_path, templates), render_index([profit, loss], tmp_path, templates)]
    with chromium.new_page(viewport={"width": width, "height": 1000}) as page:
        page.emulate_media(media="print")
        for path in pages:
            page.goto(path.as_uri())
            wide = page.evaluate(
                "width => [...document.querySelectorAll('table, td, th, svg.chart, pre, dd, p')].filter(e =>"
                " !e.closest('.vh') && e.getBoundingClientRect().right > width + 0.5)"
                ".map(e => e.outerHTML.slice(0, 80))",
                width,
            )
            assert wide == []


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF with poppler-utils")
@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_every_sheet_names_units_period_book_and_mode(
    chromium: Browser, loss: IssuerReport, templates: Path, tmp_path: Path, size: Any
) -> None:
    path = render_issuer(loss, tmp_path, templates)
    with chromium.new_page() as page:
        page.goto(path.as_uri())
        page.pdf(path=tmp_path / "page.pdf", format=size)
    sheets = words(tmp_path / "page.pdf", "-layout").rstrip("\f").split("\f")
    assert len(sheets) >= 6
    parts = ["US$ millions, except per-share amounts", "FY2022 to FY2025", "as of 31 January 2026"]
    parts += ["Loss Cloud, as reported", "Analysis, not a GAAP restatement"]
    for number, sheet in enumerate(sheets, 1):
        for part in (*parts, f"page {number} of {len(sheets)}"):
            assert part in re.sub(r"\s+", " ", sheet)
    width, _ = (side / 25.4 * 72 for side in SIZES_MM[size])
    rights = [float(x) for x in re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">', words(tmp_path / "page.pdf", "-bbox"))]
    assert max(rights) <= width - MARGIN_MM / 25.4 * 72 + 4  # the hanging parenthesis


def words(pdf: Path, form: str) -> str:
    """The text of a PDF."""
    return subprocess.run(["pdftotext", form, str(pdf), "-"], check=True, capture_output=True, text=True).stdout


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF with poppler-utils")
def test_a_table_longer_than_a_sheet_repeats_its_heading(
    chromium: Browser, profit: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    reports = [profit] * 16
    path = render_index(reports, tmp_path, templates)
    with chromium.new_page() as page:
        page.goto(path.as_uri())
        page.pdf(path=tmp_path / "page.pdf", format="A4")
    sheets = words(tmp_path / "page.pdf", "-layout").rstrip("\f").split("\f")
    with_rows = [sheet for sheet in sheets if "Harbour Compute," in sheet]
    assert len(with_rows) >= 2
    for sheet in with_rows:
        assert "Restated" in sheet
        assert sheet.count("Harbour Compute,") == len(reports) * sheet.count("All, ")
