"""`depr verify PAGE LEDGER`: the page made again, and what of it is not the same, by name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest

from depr import datasets
from depr.console import writers
from depr.fleet.facts import import_files
from depr.report.build import MARK, _marked
from depr.report.compared import claim, compared, pieces
from tests.command import run
from tests.ledger.samples import RECORDED, ledger, lot, write

FILES = {
    "plain": ["--issuer", "META", "--issuer", "MSFT", "--years", "2023-2024"],
    "modes": [
        *("--issuer", "META", "--mode", "as_if,prospective", "--change-date", "2024-01-01"),
        *("--lives", "2,4", "--years", "2023-2024"),
    ],
    "own": ["--issuer", "META", "--statements", "mine.csv", "--years", "2024-2024", "--as-of", "2024-12-31"],
}
"""Folders of pages, each with the options that make it; whoever knows others adds them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    cost = {"units": "100", "cost": "3000000.00"}
    lots = [lot(lot_id=f"L{n}", issuer=who, **cost) for n, who in enumerate(("META", "MSFT", "META"))]
    ledger(folder / "fleet.duckdb", lots)
    ledger(folder / "other.duckdb", [*lots, lot(lot_id="L9", issuer="META", **cost)])
    lines = datasets.statements().filter(issuer="META", fiscal_year=2024)
    writers.write(writers.decimals(lines).lazy(), folder / "mine.csv")
    for name, options in FILES.items():
        assert run(folder, "report", "fleet.duckdb", *options, "--out", name).code == 0
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "here"))


def changed(page: Path, old: str, new: str) -> None:
    """What someone does who knows how a page is marked."""
    text = page.read_bytes().rpartition(MARK)[0].decode()
    assert text.count(old) >= 1, old
    page.write_bytes(_marked(text.replace(old, new, 1)))


@pytest.mark.parametrize("name", FILES)
def test_pages_follow_from_their_ledger(name: str, here: Path) -> None:
    pages = sorted(page.name for page in (here / name).iterdir())
    ran = run(here, "verify", name, "fleet.duckdb")
    assert ran.code == 0, ran.err
    assert [line.partition(": ")[0] for line in ran.out.splitlines()] == [f"{name}/{page}" for page in pages]
    assert "not proven: that the ledger is the one you knew" in ran.err
    for page in pages:
        assert run(here, "verify", f"{name}/{page}", "fleet.duckdb").code == 0
    (here / name / "meta.html").rename(here / "copy-of-it.htm")
    (here / "fleet.duckdb").rename(here / "moved.duckdb")
    (here / "fleet.duckdb.seal").rename(here / "moved.duckdb.seal")
    assert run(here, "verify", "copy-of-it.htm", "moved.duckdb").code == 0


def test_a_page_holds_when_facts_came_later(here: Path) -> None:
    import_files(
        here / "fleet.duckdb", [write(here / "more.csv", lot(lot_id="NEW", issuer="META"))], RECORDED.replace(year=2027)
    )
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert ran.code == 0, ran.err


def test_a_changed_figure_is_named(here: Path) -> None:
    page = here / "plain" / "meta.html"
    table = re.search(
        r"<caption[^>]*>Diluted earnings per share, reported.*?</table>", page.read_text("utf-8"), re.DOTALL
    )
    assert table
    cell = re.search(r"3-year life</th>.*?<span[^>]*>E</span>&#8202;<a href=\"#d[0-9-]+\">([0-9.]+)</a></td>", table[0])
    assert cell
    figure = cell[1]
    other = figure[:-1] + str((int(figure[-1]) + 1) % 10)
    changed(page, table[0], table[0].replace(cell[0], cell[0].replace(f">{figure}<", f">{other}<")))
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert (ran.code, ran.out) == (1, "")
    assert f"Diluted earnings per share, reported and restated: 3-year life, FY2023: says 'E {other}'" in ran.err
    assert f"why: made again it says 'E {figure}'" in ran.err
    assert run(here, "verify", "plain/index.html", "fleet.duckdb").code == 0
    whole = run(here, "verify", "plain", "fleet.duckdb")
    assert (whole.code, "plain/meta.html: Diluted earnings" in whole.err) == (1, True)


@pytest.mark.parametrize("name", ["plain/meta.html", "plain/index.html", "modes/meta.html"])
def test_any_digit_that_is_changed_is_found_and_placed(name: str, made: Path) -> None:
    text, random = (made / name).read_text("utf-8"), Random(name)
    digits = [at for at, letter in enumerate(text) if letter.isdigit()]
    for at in random.sample(digits, 150):
        other = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
        found = compared(other, text)
        assert 1 <= len(found) <= 3
        assert all(each.place and each.says != each.should for each in found)


def test_a_piece_taken_out_or_put_in_is_told(made: Path) -> None:
    text = (made / "plain/meta.html").read_text("utf-8")
    row = re.search(r'<tr><th scope="row">[^\n]*?1-year life</th>.*?</tr>\n', text, re.DOTALL)
    assert row
    without = compared(text.replace(row[0], "", 1), text)
    assert all(not each.says or each.should for each in without)
    assert any("1-year life" in each.should for each in without)
    more = compared(text.replace("</main>", "<p>Audited.</p></main>"), text)
    assert [(each.says, each.should) for each in more] == [("Audited.", "")]
    assert compared(text, text) == []


def test_what_is_between_the_pieces_is_compared_too(here: Path) -> None:
    page = here / "plain" / "meta.html"
    changed(page, "</main>\n", "</main>\n\n")
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert ran.code == 1
    assert "is written otherwise than it is made again" in ran.err or "a comment of the page" in ran.err


def test_of_many_differences_some_are_told_and_the_others_counted(here: Path) -> None:
    page = here / "plain" / "meta.html"
    page.write_text(page.read_text("utf-8").replace("FY20", "FY21"), "utf-8")
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    told = re.search(r"meta.html: (\d+) more places are not as they are made again\n  do: (.*)", ran.err)
    assert (ran.code, bool(told)) == (1, True)
    assert told
    assert (int(told[1]) > 0, "depr report" in told[2]) == (True, True)


def test_a_page_of_another_ledger(here: Path) -> None:
    ran = run(here, "verify", "plain/meta.html", "other.duckdb")
    assert (ran.code, ran.out) == (1, "")
    head = claim((here / "plain/meta.html").read_text("utf-8"))
    assert head
    assert ran.err == (
        "plain/meta.html: is the page of another ledger\n"
        f"  why: it was made of head {head.head[:12]}, and no batch of other.duckdb has that hash\n"
        "  do: give the ledger that it was made of; if this is it, it was rolled back or rewritten\n"
    )
    changed(here / "plain/meta.html", head.head, "0" * 64)
    assert "is the page of another ledger" in run(here, "verify", "plain/meta.html", "fleet.duckdb").err


def test_the_ledger_is_proven_first(here: Path) -> None:
    with (here / "fleet.duckdb").open("r+b") as file:
        file.seek(20000)
        file.write(b"x")
    ran = run(here, "verify", "plain", "fleet.duckdb")
    assert (ran.code, "the ledger file was changed" in ran.err) == (1, True)


def test_a_missing_page_and_pages_of_others(here: Path) -> None:
    (here / "plain" / "meta.html").unlink()
    (here / "plain" / "mine.html").write_text("<!doctype html><p>mine</p>", "utf-8")
    ran = run(here, "verify", "plain", "fleet.duckdb")
    assert (ran.code, "plain: the page meta.html is missing" in ran.err) == (1, True)
    assert run(here, "report", "fleet.duckdb", *FILES["plain"], "--out", "plain").code == 0
    ran = run(here, "verify", "plain", "fleet.duckdb")
    assert (ran.code, "not proven: plain/mine.html: it is no page that depr made" in ran.err) == (0, True)


WRONG = {
    ("plain/meta.html",): "is a page, or a folder of pages",
    ("plain",): "depr verify plain LEDGER",
    ("plain/meta.html", "gone.duckdb"): "gone.duckdb: no such ledger",
    ("plain/meta.html", "mine.csv"): "mine.csv: ",
    ("gone.html", "fleet.duckdb"): "gone.html: cannot be read",
    ("mine.html", "fleet.duckdb"): "mine.html: is no page that depr made",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_no_page_or_no_ledger(words: tuple[str, ...], here: Path) -> None:
    (here / "mine.html").write_text("<title>mine</title>", "utf-8")
    ran = run(here, "verify", *words)
    assert (ran.code, ran.out, "Traceback" in ran.err) == (1, "", False)
    assert WRONG[words] in ran.err


COMMANDS = (
    "depr import fleet.duckdb x.csv",
    "depr report fleet.duckdb --nonsense",
    "depr report",
    "depr report fleet.duckdb --help",
    "depr report fleet.duckdb --years never",
    "depr report 'fleet.duckdb",
    "rm -rf .",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_other_command_is_given_again(command: str, here: Path) -> None:
    page, state = here / "plain" / "meta.html", sorted(here.rglob("*"))
    told = claim(page.read_text("utf-8"))
    assert told
    changed(page, f"<code>{told.command.replace(chr(39), '&#39;')}</code>", f"<code>{command}</code>")
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert (ran.code, ran.out, "Traceback" in ran.err) == (1, "", False)
    assert sorted(here.rglob("*")) == state


def test_where_a_command_says_to_write_is_of_no_account(here: Path) -> None:
    page = here / "plain" / "meta.html"
    told = claim(page.read_text("utf-8"))
    assert told
    changed(page, f"<code>{told.command}</code>", f"<code>{told.command} --out elsewhere --overwrite</code>")
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert (ran.code, "part Evidence, Command: says" in ran.err) == (1, True)
    assert not (here / "elsewhere").exists()


def test_a_page_of_another_version(here: Path) -> None:
    page = here / "plain" / "meta.html"
    text = page.read_text("utf-8")
    version = claim(text)
    assert version
    for _ in range(2):
        changed(page, f"depr {version.version}", "depr 0.0.0")
    ran = run(here, "verify", "plain/meta.html", "fleet.duckdb")
    assert ran.code == 1
    assert "plain/meta.html: was made by depr 0.0.0" in ran.err
    assert "part Evidence, Engine: says 'depr 0.0.0'" in ran.err


def test_seal_and_head_are_of_ledgers(here: Path) -> None:
    for words in (["--seal"], ["--head", "0"]):
        assert run(here, "verify", "plain/meta.html", "fleet.duckdb", *words).code == 2


def test_every_text_of_a_page_is_in_a_piece(made: Path) -> None:
    text = (made / "plain/meta.html").read_text("utf-8")
    told = "".join(piece.shown for piece in pieces(text))
    assert "Meta" in told
    assert len([piece for piece in pieces(text) if piece.shown]) > 500


@pytest.mark.parametrize("tag", ["title", "p", "dt", "dd", "li", "th", "td", "caption", "desc", "text", "pre", "h2"])
def test_each_kind_of_piece_is_compared_as_one(tag: str) -> None:
    """With the marks that stand in it: the difference is what the piece says, once."""
    one, other = (
        f"<main><p>a</p><{tag}>{said}</{tag}><p>z</p><p>y</p></main>" for said in ("of <b>2025</b>", "of <b>2026</b>")
    )
    [found] = compared(one, other)
    assert (found.says, found.should) == ("of 2025", "of 2026")
