"""`depr guide` lists the guides with their titles and prints each as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from depr import guide
from depr.errors import Refused
from depr.intake.forms.events import KINDS
from tests.command import run

FOLDER = Path(guide.__file__).parent
PAGES = sorted(FOLDER.glob("*.md"))
LONGEST = 125


def test_they_are_listed_by_name_with_their_titles(tmp_path: Path) -> None:
    titles = {page.stem: page.read_text("utf-8").splitlines()[0] for page in PAGES}
    assert list(guide.topics().items()) == [(name, title.removeprefix("# ")) for name, title in titles.items()]
    listed = run(tmp_path, "guide").out
    assert all(f"depr guide {name}" in listed and title[2:] in listed for name, title in titles.items())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_is_printed_as_it_stands(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert guide.text(page.stem) == text
    assert run(tmp_path, "guide", page.stem).out.splitlines() == text.rstrip().splitlines()
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not [line for line in prose.splitlines() if len(line) > LONGEST]


def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="unknown guide 'acountant'") as refused:
        guide.text("acountant")
    assert "accountant" in str(refused.value)
    assert run(tmp_path, "guide", "acountant").code == 1


def test_every_kind_of_event_is_told_with_what_it_asks_for() -> None:
    text = re.sub(r"\n  (?=\S)", " ", (FOLDER / "import.md").read_text("utf-8"))
    told = dict(re.findall(r"^- ([a-z_]+): .*; asks for (.*)$", text, re.MULTILINE))
    for kind, asks in KINDS.items():
        needs = ", ".join(need if isinstance(need, str) else " or ".join(need) for need in asks.needs)
        may = f"; may have {', '.join(asks.may)}" if asks.may else ""
        assert told.pop(kind) == (needs or "nothing else") + may
    assert not told
