"""`depr guide` lists the guides with their titles and prints each as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from depr import guide
from depr.errors import Refused
from depr.intake.forms.events import KINDS
from depr.intake.layout import DELIMITERS
from depr.intake.mapping import Mapping, Skip, dates
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


def test_every_key_of_a_mapping_is_told_with_what_it_takes() -> None:
    table = re.findall(r"^\| `([a-z_]+)` \| (.*?) \| (.*) \|$", (FOLDER / "import.md").read_text("utf-8"), re.MULTILINE)
    assert [key for key, _, _ in table] == list(Mapping.model_fields)
    takes = {key: said for key, said, _ in table}
    choices = {name: choices_of(field.annotation) for name, field in Mapping.model_fields.items()}
    choices["delimiter"] = list(DELIMITERS)
    for key, names in choices.items():
        missing = [each for each in names if each.strip() and f"`{each}`" not in takes[key].replace('`"*"`', "`*`")]
        assert not missing, key
    conditions = {name for name in Skip.model_fields if name not in ("column", "note")}
    assert all(re.search(rf"\b{name}\b", (FOLDER / "import.md").read_text("utf-8")) for name in conditions)


def choices_of(annotation: Any) -> list[str]:
    """The words of every Literal in an annotation."""
    if get_origin(annotation) is Literal:
        return [str(each) for each in get_args(annotation)]
    return [choice for each in get_args(annotation) for choice in choices_of(each)]


def test_the_forms_of_dates_are_told() -> None:
    text = (FOLDER / "import.md").read_text("utf-8")
    words = {*dates.PARTS, *dates.SERIALS, *(part for form in dates.TIMES for part in form.strip(" T").split())}
    assert not [word for word in words if not re.search(rf"\b{word}\b", text)]
