"""The main job on the data that ship: the table, the ledger and the pages agree, and a second run gives the same."""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from html import unescape
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

import depr
from depr import datasets
from depr.checks import check
from depr.cli.demo import COLLECTED, YEARS
from depr.contract import BOUNDS
from depr.fleet.arguments import LIVES
from depr.fleet.facts import import_files, init
from depr.fleet.questions import sql
from depr.ledger.known import known as read_known
from depr.ledger.positions import unpriced
from depr.ledger.store import Ledger
from tests.command import run
from tests.ledger.samples import RECORDED, lot, write

ROOT = Path(__file__).parents[1]
FLEETS = ("AMZN", "CRWV", "GOOGL", "META", "MSFT", "ORCL")
OUT = Path("depr-demo")
DEMO = "from depr.cli import main; main()"

pytestmark = pytest.mark.slow


def demo(folder: Path, form: str, **env: str) -> str:
    """`depr demo` as a process of its own; what it prints."""
    command = [sys.executable, "-W", "error", "-c", DEMO, "demo", "--format", form]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("here")


@pytest.fixture(scope="module")
def printed(here: Path) -> str:
    """What a person sees."""
    return demo(here, "table")


@pytest.fixture(scope="module")
def answer(here: Path, printed: str) -> str:
    """The table in units of the currency, of a second run in the same folder."""
    assert printed
    return demo(here, "csv")


@pytest.fixture
def table(answer: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer, newline="")))


@pytest.fixture
def ledger(here: Path, answer: str) -> Path:
    assert answer
    return here / OUT / "fleet.duckdb"


def money(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def test_what_a_person_sees_is_the_table_in_millions(table: list[dict[str, str]], printed: str) -> None:
    """To one decimal; the first four columns, which no row lacks."""
    lines = [line.split() for line in printed.splitlines() if re.match(r"[A-Z]+ +\dy ", line)]
    assert len(lines) == len(table)
    for line, row in zip(lines, table, strict=True):
        assert line[:2] == [row["issuer"], row["book"].removeprefix("life-")]
        for cell, bound in zip(line[2:5], ("mid", "low", "high"), strict=True):
            off = Decimal(cell.replace(",", "")) - Decimal(row[f"understatement_{bound}"]) / 10**6
            assert abs(off) <= Decimal("0.05")


def test_each_fleet_under_each_life(table: list[dict[str, str]]) -> None:
    assert [(row["issuer"], row["book"]) for row in table] == [
        (issuer, f"life-{life}") for issuer in FLEETS for life in LIVES
    ]


def test_the_table_is_what_sql_answers_to_the_cent(table: list[dict[str, str]], ledger: Path) -> None:
    first, last = YEARS
    years = f"period_type = 'FY' AND fiscal_year BETWEEN {first} AND {last}"
    sums = sql(
        ledger,
        f"SELECT issuer, book, bound, sum(understatement) AS x FROM restatement WHERE {years} GROUP BY ALL",
    )
    understated = {(issuer, book, bound): x for issuer, book, bound, x in sums.iter_rows()}
    latest = sql(
        ledger,
        "SELECT issuer, book, fiscal_year, eps_diluted_reported, eps_diluted_restated, eps_compression, "
        f"cash_gap_reported, cash_gap_restated, coverage FROM restatement WHERE {years} AND bound = 'mid' "
        "QUALIFY row_number() OVER (PARTITION BY issuer, book ORDER BY fiscal_year DESC) = 1",
    )
    answers = {(row["issuer"], row["book"]): row for row in latest.iter_rows(named=True)}
    for row in table:
        key = row["issuer"], row["book"]
        for bound in BOUNDS:
            assert Decimal(row[f"understatement_{bound}"]) == understated[*key, bound]
        for name, value in answers[key].items():
            shown = row[name] if name in ("issuer", "book") else money(row[name])
            assert shown == value, (key, name)


def test_bounds_are_in_order(table: list[dict[str, str]]) -> None:
    """More cost is more of the same, whichever way it goes."""
    for row in table:
        low, mid, high = (abs(Decimal(row[f"understatement_{bound}"])) for bound in BOUNDS)
        assert low <= mid <= high


def test_a_shorter_life_understates_more(table: list[dict[str, str]]) -> None:
    for issuer in FLEETS:
        amounts = [Decimal(row["understatement_mid"]) for row in table if row["issuer"] == issuer]
        assert amounts == sorted(amounts, reverse=True)
        assert amounts[0] > 0


def test_the_life_reported_restates_nothing(table: list[dict[str, str]]) -> None:
    """Microsoft and CoreWeave depreciate over six years in all of these years of purchase."""
    same = {row["issuer"]: row for row in table if row["book"] == "life-6y"}
    assert {Decimal(same[issuer]["understatement_mid"]) for issuer in ("MSFT", "CRWV")} == {Decimal(0)}
    assert same["MSFT"]["eps_diluted_reported"] == same["MSFT"]["eps_diluted_restated"]


def test_reported_figures_are_the_statements(table: list[dict[str, str]]) -> None:
    for row in table:
        [line] = (
            datasets.statements(row["issuer"]).filter(period_type="FY", fiscal_year=int(row["fiscal_year"]))
        ).iter_rows(named=True)
        assert Decimal(row["eps_diluted_reported"]) * 10**6 == line["eps_diluted_micro"]
        assert Decimal(row["cash_gap_reported"]) * 100 == line["capex_minor"] - line["depreciation_minor"]


def test_the_ledger_is_sound_and_holds_every_priced_unit(ledger: Path) -> None:
    assert not check(ledger)
    with Ledger.open(ledger) as opened:
        lots, batches = opened.lots(), opened.batches()
    files = [f"{issuer.lower()}{kind}.csv" for issuer in FLEETS for kind in ("", "-unpriced")]
    assert [batch.file for batch in batches] == [name for name in files if name != "crwv-unpriced.csv"]
    assert {batch.recorded_at for batch in batches} == {COLLECTED.replace(tzinfo=None)}
    assert all(batch.read == batch.accepted for batch in batches)
    left = unpriced(read_known(ledger).events)
    assert sum(batch.accepted for batch in batches) == len(lots) + len(left)
    units = datasets.purchases().filter(pl.col("issuer").is_not_null())["units"].sum()
    assert sum([*lots["units"], *left["units"]]) == units
    known = datasets.purchases().filter(issuer="META", generation="h100")
    assert lots.filter(issuer="META", generation="h100")["units"].sum() == known["units"].sum()


def test_every_lot_is_depreciated_to_the_cent(ledger: Path) -> None:
    """At the end of the run-off nothing is left, under every book and in every reading of the costs."""
    last = "QUALIFY period_end = max(period_end) OVER (PARTITION BY issuer)"
    ends = sql(ledger, f"SELECT issuer, book, bound, generation, cost, accumulated, carrying FROM rollup {last}")
    assert set(ends["carrying"]) == {Decimal(0)}
    assert (ends["cost"] == ends["accumulated"]).all()


def test_there_is_a_page_for_each_fleet_and_an_index(here: Path, ledger: Path) -> None:
    pages = {path.name: path.read_text("utf-8") for path in (here / OUT).glob("*.html")}
    assert set(pages) == {"index.html", *(f"{issuer.lower()}.html" for issuer in FLEETS)}
    with Ledger.open(ledger) as opened:
        head = opened.head()
    for name, page in pages.items():
        assert head in page, name
        assert "not a GAAP restatement" in page
        assert not re.search(r"""(?:src|href)=["']https?://[^"']+\.(?:js|css|png|woff2?)""", page)
        assert "<script" not in page


def test_the_page_of_the_ledger_says_what_the_page_of_the_demo_says(here: Path, ledger: Path, tmp_path: Path) -> None:
    """All but the command, how the figures are kept for SQL, and the digest at the end."""
    ran = run(here / OUT, "report", ledger.name, "--years", "2022-2025", "--out", tmp_path)
    assert ran.code == 0, ran.err
    own = re.compile(
        r"<code>depr [^<]*</code>|run = '\w+'|<div class=\"query\">.*?</div>|SHA-256 of what is above.*", re.DOTALL
    )
    for issuer in FLEETS:
        name = f"{issuer.lower()}.html"
        one, two = (own.sub("", (folder / name).read_text("utf-8")) for folder in (here / OUT, tmp_path))
        assert re.sub(r"\n+", "\n", one) == re.sub(r"\n+", "\n", two)
    words = " ".join(re.sub(r"<[^>]*>", " ", (tmp_path / "googl.html").read_text("utf-8")).split())
    assert "; 11% of units priced; " in words
    assert "Fleets bought before 2022 are missing: the first purchase in the ledger is of 31 March 2022." in words


def test_the_ranges_of_the_index_are_those_of_the_command_line(here: Path, table: list[dict[str, str]]) -> None:
    """Low is low and high is high, also where the low reading is the larger one; the totals are of the lines above."""
    index = (here / OUT / "index.html").read_text("utf-8")
    for number, life in enumerate(("6y", "3y", "1y")):
        body = index[index.index(f'id="comparison-{number}-table"') :].partition("</table>")[0]
        found = {}
        for line in re.findall(r"<tr[^>]*>(<th scope=\"row\">.*?)</tr>", body, re.DOTALL):
            page = re.search(r'href="(\w+)\.html"', line)
            cells = [re.sub(r"<[^>]*>|[$,v]", "", cell.partition(">")[2]).strip() for cell in line.split("<td")[1:4]]
            found[page[1].upper() if page else "all"] = cells
        own = {row["issuer"]: row for row in table if row["book"] == f"life-{life}"}
        names = [f"understatement_{bound}" for bound in BOUNDS]
        own["all"] = {name: str(sum(Decimal(row[name]) for row in own.values())) for name in names}
        assert found.keys() == own.keys()
        for issuer, cells in found.items():
            amounts = [Decimal(own[issuer][f"understatement_{bound}"]) / 10**6 for bound in ("mid", "low", "high")]
            assert [shown(cell) for cell in cells] == [amount.quantize(Decimal(1)) for amount in amounts]


def shown(cell: str) -> Decimal:
    """A figure of a page as a number."""
    digits = re.sub(r"[^0-9.]", "", cell)
    return Decimal(digits or 0) * (-1 if "(" in cell else 1)


def again(folder: Path) -> tuple[int, str]:
    """What the check of the pages finds, without any installed package."""
    command = [sys.executable, "-S", "-m", "scripts.checks.pages", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not ran.stderr
    return ran.returncode, ran.stdout


def test_every_claim_of_the_first_screens_is_recomputed_from_the_files(
    here: Path, ledger: Path, tmp_path: Path
) -> None:
    assert ledger.exists()
    code, said = again(here / OUT)
    assert code == 0, said
    assert [line.split()[0].upper() for line in said.splitlines()] == list(FLEETS)
    copy = Path(shutil.copytree(here / OUT, tmp_path / "copy"))
    page = (copy / "meta.html").read_text("utf-8")
    start, end = page.index('<header class="first">'), page.index('<p class="strip">')
    elsewhere = r"<svg.*?</svg>|<[^>]*>|&[^;]*;|\d+% off|\d+ backtests"  # the score of the backtest is in no file
    shown = re.sub(elsewhere, lambda hidden: " " * len(hidden[0]), page[start:end], flags=re.DOTALL)
    digits = [start + found.start() for found in re.finditer(r"\d", shown)]
    for place in random.Random(7).sample(digits, 12):
        wrong = page[:place] + str((int(page[place]) + 1) % 10) + page[place + 1 :]
        (copy / "meta.html").write_text(wrong, encoding="utf-8")
        code, said = again(copy)
        assert code == 1, page[place - 40 : place + 10]
        assert "meta" in said


def test_what_it_proposes_to_ask_is_answered(here: Path, printed: str) -> None:
    asks = re.findall(r'^  \S+ sql (\S+) "(.+)"$', printed, re.MULTILINE)
    assert len(asks) == 4
    for path, statement in asks:
        ran = run(here, "sql", path, statement, "--format", "csv")
        assert ran.code == 0, ran.err
        assert len(ran.out.splitlines()) > 6
    assert "GPUs with a sourced price" in printed


def test_units_without_a_price_are_counted(ledger: Path, printed: str) -> None:
    known = datasets.purchases()
    for issuer, priced in sql(ledger, "SELECT issuer, sum(units)::BIGINT AS n FROM fleet GROUP BY 1").iter_rows():
        [line] = [line.split() for line in printed.splitlines() if re.match(rf"{issuer}\s+\d+\s+\d+\s+\d+$", line)]
        units = known.filter(issuer=issuer)["units"].sum()
        assert list(map(int, line[1:])) == [units, units - priced, priced]


STEP = re.compile(r'<li id="d[\d-]+">(.*?)</li>', re.DOTALL)
LIFE = re.compile(r"(?:Q\d )?FY\d{4}|[\d.]+ yr")


def read(step: str) -> str:
    """A piece of a page as a person reads it."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", step)).split())


def answered(rows: pl.DataFrame) -> dict[str, list[Decimal]]:
    """The last column of an answer by period, or by life."""
    found: dict[str, list[Decimal]] = {}
    for row in rows.iter_rows(named=True):
        year, quarter = row.get("fiscal_year"), row.get("fiscal_quarter")
        life = str(row.get("book", "")).removeprefix("life-").replace("y", " yr")
        period = life if year is None else f"Q{quarter} FY{year}" if quarter else f"FY{year}"
        found.setdefault(period, []).append(row[rows.columns[-1]])
    return found


@pytest.mark.parametrize("page", ["meta", "crwv", "index"])
def test_the_sql_of_a_derivation_gives_its_figures(page: str, here: Path, ledger: Path) -> None:
    """Asked of the ledger, every question of a page is answered, and what is one column is the figure to the cent."""
    text = (here / OUT / f"{page}.html").read_text("utf-8")
    compared = 0
    with depr.open(ledger).session() as asked:
        for block in re.findall(r'<div class="why">(.*?)</div>', text, re.DOTALL):
            title = read(block.partition("</p>")[0])
            query = re.search(r"<pre>(.*?)</pre>", block, re.DOTALL)
            if not query:
                assert "such lots are not in the ledger" in title
                continue
            answers = answered(asked.frame(unescape(query[1])))
            assert answers
            for step in STEP.findall(block) if " = " in title else []:
                figure = read(step.partition("<b>")[2].partition("</b>")[0]).replace(",", "").replace("−", "-")
                period = LIFE.match(read(step))
                assert period
                assert answers[period[0]] == [Decimal(figure)], (title, period[0])
                compared += 1
        for query in re.findall(r'<pre tabindex="0">(SELECT.*?)</pre>', text, re.DOTALL):
            assert asked.frame(unescape(query)).height
    assert compared > (10 if page == "index" else 300)


def everything(folder: Path) -> dict[str, bytes]:
    """Pages and purchases, byte by byte; of the ledger, which is DuckDB's to lay out, what it says."""
    out = {
        path.name: path.read_bytes() for path in sorted((folder / OUT).rglob("*")) if path.suffix in (".html", ".csv")
    }
    with Ledger.open(folder / OUT / "fleet.duckdb") as opened:
        out["head"] = opened.head().encode()
    for name in ("restatement", "rollup", "statements", "books", "issuers", "lots", "fleet"):
        answer = sql(folder / OUT / "fleet.duckdb", f"FROM {name} ORDER BY ALL")
        out[name] = answer.write_csv().encode()
    return out


ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "12345",
    "POLARS_MAX_THREADS": "1",
    "COLUMNS": "50",
    "HOME": "nowhere",
}


def test_a_run_elsewhere_gives_the_same_bytes(here: Path, answer: str, tmp_path: Path) -> None:
    assert demo(tmp_path, "csv", **ELSEWHERE) == answer
    one, two = everything(here), everything(tmp_path)
    assert len(one) == 7 + (6 + 5 + 2) + 1 + 7
    assert [name for name in one if one[name] != two[name]] == []


def test_another_ledger_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / OUT / "fleet.duckdb"
    path.parent.mkdir()
    init(path)
    import_files(path, [write(tmp_path / "p.csv", lot())], RECORDED)
    before = path.read_bytes()
    ran = run(tmp_path, "demo")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.strip().startswith("depr-demo/fleet.duckdb: holds other purchases than the demo's")
    assert path.read_bytes() == before
