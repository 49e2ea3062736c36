"""Recomputes every claim of the first screen of the demo's pages from the files of its folder, and compares.

    scripts/check pages FOLDER        the folder that `depr demo --out FOLDER` made

With the standard library alone and nothing of depr: purchases (CSV), the files they are derived from, statements (CSV),
books and issuers (TOML) are read as they lie; schedules are those of tests/oracle.py, which shares no code with depr.
A claim that the page makes and the files do not, or the other way, is printed; the exit code is then 1. What rests on
other data than these (the score of the backtest) is left to its own tests.
"""

from __future__ import annotations

import re
import sys
from html import unescape
from pathlib import Path

from scripts.checks.first_screen.claims import claims
from scripts.checks.first_screen.facts import Filer, tied


def screen(page: Path) -> str:
    """The words of the first screen of a page."""
    html = page.read_text("utf-8")
    start = html.index('<header class="first">')
    text = re.sub(r"<svg.*?</svg>|</?bdi>", "", html[start : html.index('<p class="strip">')], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


ELSEWHERE = r"\d+% off median error of \d+ backtests, nothing fitted;"
"""What no file of the folder says."""


def faults(filer: Filer, page: Path) -> tuple[int, list[str]]:
    """How many claims were made, and those that are on one side alone."""
    text, told = screen(page), [*claims(filer)]
    found = list(tied(filer))
    for claim in sorted(told, key=len, reverse=True):
        if claim not in text:
            found.append(f"the files say, and the page does not: {claim}")
        text = text.replace(claim, " | ", 1)
    text = re.sub(ELSEWHERE, "", text)
    found += [
        f"the page says, and the files do not: {part.strip()}" for part in text.split("|") if re.search(r"\d", part)
    ]
    return len(told), found


def main(folder: Path) -> int:
    """One line a page, then what does not agree; how many that is."""
    filers = [Filer(folder, path.stem) for path in sorted((folder / "purchases").glob("*.csv"))]
    off = 0
    for filer in filers:
        number, found = faults(filer, folder / f"{filer.name}.html")
        print(f"{filer.name:6} {number} claims, {len(filer.lots)} lots tied, {len(found)} do not agree")
        for line in found:
            print(f"  {line}")
        off += len(found)
    return off


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
