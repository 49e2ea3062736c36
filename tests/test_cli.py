"""Every command on a small ledger: what it prints in each format, how it ends, and that no refusal is a traceback."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import polars as pl
import pytest

from depr import __version__ as depr_version
from depr.__main__ import main as begin
from depr.ledger import seal
from tests.command import Ran, run
from tests.ledger.samples import foreign, lot, write

ROWS = [
    lot(lot_id="[bold]A[/bold]", units="1000", cost="34641000.00", location="=1+1", document="[/]"),
    lot(
        lot_id="B", cost="1000.00", cost_low="900.00", cost_high="1100.01", location="@x", document="<script>x</script>"
    ),
]
FORMATS = ("table", "json", "csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write(folder / "purchases.csv", *ROWS)
    assert run(folder, "init", "fleet.duckdb").code == 0
    assert run(folder, "import", "fleet.duckdb", "purchases.csv").code == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A folder with a ledger of two lots and the file they came from."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def rows(folder: Path, *words: str) -> list[dict[str, str]]:
    """What a command prints, the same in JSON and CSV."""
    printed = run(folder, *words, "--format", "json")
    assert printed.code == 0, printed.err
    records: list[dict[str, object]] = json.loads(printed.out)
    as_text = [{name: "" if value is None else str(value) for name, value in record.items()} for record in records]
    table = csv.DictReader(StringIO(run(folder, *words, "--format", "csv").out, newline=""))
    assert [{name: cell.removeprefix("'") for name, cell in row.items()} for row in table] == as_text
    return as_text


HEAD = r"[^\n]*\.duckdb head [0-9a-f]{64} of batch [0-9]+, recorded [-0-9:. ]+Z\n"
BOOK = r"^books? [^\n]*: (?:what|a scenario|scenarios)[^\n]*\n"


def clean(ran: Ran) -> bool:
    """Ended well and said nothing on standard error but what the figures were made from, and under which book."""
    return ran.code == 0 and not re.sub(HEAD, "", re.sub(BOOK, "", ran.err, flags=re.MULTILINE)).strip()


# Each command


def test_init_makes_a_ledger_and_says_what_is_next(tmp_path: Path) -> None:
    ran = run(tmp_path, "init", "new.duckdb")
    assert clean(ran)
    assert ran.out == "made new.duckdb; next: depr import new.duckdb purchases.csv\n"
    assert (tmp_path / "new.duckdb").is_file()
    assert clean(run(tmp_path, "init"))
    assert (tmp_path / "fleet.duckdb").is_file()


def test_import_counts_each_file(folder: Path) -> None:
    write(folder / "more.csv", lot(lot_id="C"), ROWS[1])
    pl.DataFrame([lot(lot_id="D")]).write_parquet(folder / "more.parquet")
    words = ("import", "fleet.duckdb", "more.csv", "more.parquet", "--format", "csv")
    assert [line.split(",")[:6] for line in run(folder, *words).out.splitlines()] == [
        ["batch", "file", "read", "accepted", "rejected", "duplicates"],
        ["2", "more.csv", "2", "1", "0", "1"],
        ["3", "more.parquet", "1", "1", "0", "0"],
    ]
    again = run(folder, "import", "fleet.duckdb", "purchases.csv")
    assert "purchases.csv    2        0        0          2" in again.out
    assert (again.code, again.err.strip()) == (0, "purchases.csv: nothing new; the ledger is as it was")


def test_a_partial_import_takes_the_good_and_names_the_bad(folder: Path) -> None:
    write(folder / "half.csv", lot(lot_id="C"), lot(lot_id="[red]D", units="0", cost="[/]"))
    refused = run(folder, "import", "fleet.duckdb", "half.csv")
    assert (refused.code, refused.out) == (1, "")
    assert "half.csv:3: cost '[/]' is not an amount in USD\n" in refused.err
    taken = run(folder, "import", "fleet.duckdb", "half.csv", "--partial", "--format", "csv")
    assert taken.code == 1
    assert taken.out.splitlines()[1].startswith("2,half.csv,2,1,1,0,")
    assert taken.err.strip() == refused.err.strip()
    assert rows(folder, "sql", "fleet.duckdb", "SELECT count(*) AS n FROM lots") == [{"n": "3"}]


def test_check_says_that_nothing_was_found(folder: Path) -> None:
    for words in ([], ["chain"], ["chain", "counts"]):
        ran = run(folder, "check", "fleet.duckdb", *words)
        assert clean(ran)
        assert ran.out == "fleet.duckdb: no findings\n"


def test_a_schedule_by_year(folder: Path) -> None:
    found = rows(folder, "schedule", "fleet.duckdb", "--book", "2y", "--grain", "year")
    assert [(r["lot_id"], r["fiscal_year"], r["depreciation"], r["accumulated"]) for r in found] == [
        ("B", "2023", "458.33", "458.33"),
        ("B", "2024", "500.00", "958.33"),
        ("B", "2025", "41.67", "1000.00"),
        ("[bold]A[/bold]", "2023", "15877125.00", "15877125.00"),
        ("[bold]A[/bold]", "2024", "17320500.00", "33197625.00"),
        ("[bold]A[/bold]", "2025", "1443375.00", "34641000.00"),
    ]


@pytest.mark.parametrize(("grain", "number"), [("month", 24), ("quarter", 9), ("year", 3)])
def test_a_schedule_in_each_grain(grain: str, number: int, folder: Path) -> None:
    found = rows(folder, "schedule", "fleet.duckdb", "--book", "2y", "--grain", grain)
    assert len(found) == 2 * number
    assert sum(Decimal(row["depreciation"]) for row in found) == Decimal("34642000.00")


@pytest.mark.parametrize("name", ["s.csv", "s.parquet", "new/s.parquet"])
def test_a_schedule_to_a_file(name: str, folder: Path) -> None:
    ran = run(folder, "schedule", "fleet.duckdb", "--out", name)
    assert clean(ran)
    assert ran.out == f"wrote {name}\n"
    read = pl.read_parquet if name.endswith("parquet") else pl.read_csv
    assert read(folder / name)["depreciation_minor"].sum() == 3_464_200_000


def test_a_book_by_name_path_and_life(folder: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "schedules" / "books" / "life-3y.toml", folder / "own.toml")
    answers = [
        run(folder, "schedule", "fleet.duckdb", "--book", book, "-f", "csv")
        for book in ("life-3y", "own.toml", "3y", "36m")
    ]
    assert len({ran.out for ran in answers}) == 1
    assert all(map(clean, answers))


def test_a_restatement(folder: Path) -> None:
    found = rows(folder, "restate", "fleet.duckdb", "--lives", "3", "--years", "2024-2025")
    assert [(row["book"], row["period"]) for row in found] == [("life-3y", "FY2024"), ("life-3y", "FY2025")]
    assert clean(run(folder, "restate", "fleet.duckdb", "--lives", "3", "--years", "2024-2025", "--save", "three"))
    assert [row["run"] for row in rows(folder, "saved", "fleet.duckdb")] == ["three"]
    stored = "SELECT understatement, understatement_cumulative, eps_diluted_restated FROM restatement"
    where = "WHERE period_type = 'FY' AND bound = 'mid' ORDER BY fiscal_year"
    asked = rows(folder, "sql", "fleet.duckdb", f"{stored} {where}")
    assert [(r["understated"], r["cumulative"], r["restated"]) for r in found] == [tuple(row.values()) for row in asked]


def test_a_restatement_by_quarter(folder: Path) -> None:
    found = rows(folder, "restate", "fleet.duckdb", "--lives", "1,meta-reported,42m", "--periods", "Q")
    assert {row["book"] for row in found} == {"life-1y", "life-42m"}
    assert all(row["period"][-2] == "Q" for row in found)


def test_a_report(folder: Path) -> None:
    ran = run(folder, "report", "fleet.duckdb", "--out", "pages", "--issuer", "META", "--lives", "2,3")
    assert clean(ran)
    assert ran.out == "wrote pages/index.html\nwrote pages/meta.html\n"
    page = (folder / "pages" / "meta.html").read_text("utf-8")
    assert "not a GAAP restatement" in page
    assert "&lt;script&gt;x" in page
    assert "<script" not in page


def test_sql_from_the_line_and_from_a_file(folder: Path) -> None:
    statement = "SELECT lot_id, cost, location, document FROM lots ORDER BY lot_id"
    (folder / "q.sql").write_text(statement, encoding="utf-8")
    found = rows(folder, "sql", "fleet.duckdb", statement)
    assert found == rows(folder, "sql", "fleet.duckdb", "--file", "q.sql")
    assert found == [
        {"lot_id": "B", "cost": "1000.00", "location": "@x", "document": "<script>x</script>"},
        {"lot_id": "[bold]A[/bold]", "cost": "34641000.00", "location": "=1+1", "document": "[/]"},
    ]


def test_sql_ends_in_time(folder: Path) -> None:
    ran = run(folder, "sql", "fleet.duckdb", "SELECT count(*) FROM range(10000000000000)", "--seconds", "0.2")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("query: stopped after 0.2 seconds")


def test_an_asset_by_year(tmp_path: Path) -> None:
    """120,000 over 3 years from 15 March 2024, full month: ten months, two years, two months."""
    found = rows(tmp_path, "asset", "--cost", "120000", "--in-service", "2024-03-15", "--life", "3y", "--grain", "year")
    names = ["period_start", "period_end", "depreciation", "accumulated", "carrying_amount"]
    assert [[row[name] for name in names] for row in found] == [
        ["2024-01-01", "2024-12-31", "33333.33", "33333.33", "86666.67"],
        ["2025-01-01", "2025-12-31", "40000.00", "73333.33", "46666.67"],
        ["2026-01-01", "2026-12-31", "40000.00", "113333.33", "6666.67"],
        ["2027-01-01", "2027-12-31", "6666.67", "120000.00", "0.00"],
    ]
    assert list(found[0]) == names


def test_the_rows_of_an_asset_in_json(tmp_path: Path) -> None:
    """Decimals are strings, so that no reader makes floats of them."""
    words = "--cost 1000000 --residual 0 --life 36m --in-service 2024-01-15 --fiscal-year-end 06-30 --grain quarter"
    [first, *_] = json.loads(run(tmp_path, "asset", *words.split(), "--format", "json").out)
    assert first == {
        "period_start": "2024-01-01",
        "period_end": "2024-03-31",
        "depreciation": "83333.33",
        "accumulated": "83333.33",
        "carrying_amount": "916666.67",
    }


def test_changes_of_an_asset(tmp_path: Path) -> None:
    """60,000 over 5 years; 6,000 lost after 2, which leaves 30,000 for 3; half of it goes in the middle of year 3."""
    told = ("--change", "2025-12-31 impairment 6000", "--change", "2026-07-01 partial_disposal 1/2")
    words = ["--cost", "60000", "--life", "5y", "--in-service", "2024-01-01", "--grain", "year"]
    found = rows(tmp_path, "asset", *words, *told)
    assert [row["depreciation"] for row in found] == ["12000.00", "12000.00", "7500.00", "5000.00", "5000.00"]
    assert [row["carrying_amount"] for row in found] == ["48000.00", "30000.00", "10000.00", "5000.00", "0.00"]


@pytest.mark.parametrize("told", ["soon disposal", "2025-01-01", "2025-01-01 theft", "2025-01-01 impairment many"])
def test_a_change_that_is_not_in_its_form(told: str, tmp_path: Path) -> None:
    words = ["--cost", "60000", "--life", "5y", "--in-service", "2024-01-01"]
    assert run(tmp_path, "asset", *words, "--change", told).code == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--method", "declining_balance", "--factor", "1.5", "--switch", "original"),
        ("--method", "declining_balance", "--switch", "none", "--residual", "1000", "--residual-as", "floor"),
        ("--method", "sum_of_years_digits", "--convention", "mid_month", "--residual", "120000"),
        ("--convention", "half_year", "--fiscal-year-end", "06-30", "--life", "37m"),
        ("--convention", "period_ends", "--grain", "quarter", "--rounding", "per_period", "--true-up", "fiscal_year"),
        ("--convention", "row_days", "--grain", "year", "--method", "declining_balance", "--residual", "1000"),
    ],
    ids=str,
)
def test_every_option_of_an_asset_is_reached(options: tuple[str, ...], tmp_path: Path) -> None:
    found = rows(tmp_path, "asset", "--cost", "120000", "--in-service", "2024-03-15", *options)
    residual = Decimal(options[options.index("--residual") + 1]) if "--residual" in options else Decimal(0)
    charged = sum(Decimal(row["depreciation"]) for row in found)
    assert charged <= 120_000 - residual
    assert charged == 120_000 - residual or "none" in options
    assert Decimal(found[-1]["accumulated"]) == charged


@pytest.mark.parametrize(
    ("options", "charges"),
    [
        (("--method", "units_of_production", "--usage", "1,2,3", "--total-usage", "6"), ["200.00", "400.00", "600.00"]),
        (("--method", "table", "--percents", "20,50,30", "--grain", "year"), ["240.00", "600.00", "360.00"]),
        (("--method", "sum_of_years_digits", "--life", "3y", "--grain", "year"), ["600.00", "400.00", "200.00"]),
        (
            ("--method", "economic", "--prices", "0:100,12:40,24:0", "--life", "2y", "--grain", "year"),
            ["720.00", "480.00"],
        ),
    ],
    ids=lambda part: part[1] if isinstance(part, tuple) else None,
)
def test_methods_whose_curve_is_given(options: tuple[str, ...], charges: list[str], tmp_path: Path) -> None:
    found = rows(tmp_path, "asset", "--cost", "1200", "--in-service", "2024-01-01", *options)
    assert [row["depreciation"] for row in found] == charges


@pytest.mark.parametrize("command", ["methods", "conventions"])
def test_what_there_is_to_choose_from(command: str, tmp_path: Path) -> None:
    found = rows(tmp_path, command)
    assert len(found) > 5
    assert all(row["name"] and row["formula"] and row["source"] for row in found)


@pytest.mark.parametrize("book", ["2y", "meta-reported"])
def test_an_explanation_ends_on_the_charge_of_the_schedule(book: str, folder: Path) -> None:
    months = rows(folder, "schedule", "fleet.duckdb", "--book", book, "--grain", "month")
    for row in [row for row in months if row["lot_id"] == "B"][::7]:
        ran = run(folder, "explain", "fleet.duckdb", "B", row["period_end"][:7], "--book", book)
        assert clean(ran)
        lines = ran.out.splitlines()
        assert lines[0] == "lot B: cost 1,000.00 USD  [purchases.csv:3]"
        assert lines[-1].endswith(f"= {row['depreciation']}")


# What is said at the terminal


@pytest.mark.parametrize("form", FORMATS)
def test_markup_in_the_data_is_text(form: str, folder: Path) -> None:
    for words in (["sql", "fleet.duckdb", "SELECT lot_id, location FROM lots"], ["schedule", "fleet.duckdb"]):
        ran = run(folder, *words, "--format", form)
        assert clean(ran)
        assert "[bold]A[/bold]" in ran.out
    assert "[/]" in run(folder, "sql", "fleet.duckdb", "SELECT lot_id, document FROM lots", "--format", form).out


def test_a_formula_is_quoted_in_csv_alone(folder: Path) -> None:
    ask = ("sql", "fleet.duckdb", "SELECT location FROM lots WHERE lot_id LIKE '[%'", "--format")
    assert run(folder, *ask, "csv").out == "location\n'=1+1\n"
    assert json.loads(run(folder, *ask, "json").out) == [{"location": "=1+1"}]


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("sql", "fleet.duckdb"),
        ("restate", "fleet.duckdb", "--years", "last"),
        ("schedule", "fleet.duckdb", "--as-of", "2023-02-30"),
        ("asset", "--cost", "1000", "--in-service", "15.03.2024"),
        ("asset", "--cost", "1000", "--in-service", "2024-03-15", "--format", "xml"),
        ("import", "fleet.duckdb"),
    ],
    ids=str,
)
def test_a_wrong_word_is_told_with_exit_code_2(words: tuple[str, ...], folder: Path) -> None:
    ran = run(folder, *words)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage:" in ran.err
    assert "Traceback" not in ran.err


BAD_FACTOR = "asset --cost 1000 --in-service 2024-03-15 --method declining_balance --factor two"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("asset", "--cost", "1,000", "--in-service", "2024-03-15"), "amount: '1,000' is not an amount in USD"),
        (
            ("asset", "--cost", "1000", "--in-service", "2024-03-15", "--currency", "usd"),
            "amount: unknown currency 'usd'",
        ),
        (
            ("asset", "--cost", "1000", "--in-service", "2024-03-15", "--life", "3.5y"),
            "life: '3.5y' is not a useful life",
        ),
        (("asset", "--cost", "1000", "--in-service", "2024-03-15", "--life", "y"), "life: 'y' is not a useful life"),
        (("asset", "--cost", "1000", "--in-service", "2024-03-15", "--life", "0m"), "life: '0m' is not a useful life"),
        (
            ("asset", "--cost", "1000", "--in-service", "2024-03-15", "--method", "linear"),
            "options: policy.0: unknown method 'linear'",
        ),
        (
            tuple(BAD_FACTOR.split()),
            "options: policy.0.factor",
        ),
        (
            ("asset", "--cost", "1000", "--in-service", "2024-03-15", "--residual", "1001"),
            "asset: residual 1001 is above cost 1000",
        ),
        (("asset", "--cost", "1000", "--in-service", "2024-03-15", "--grain", "week"), "input: unknown grain 'week'"),
        (
            ("asset", "--cost", "1000", "--in-service", "1899-03-15"),
            "lots: lot asset: in_service_date 1899-03-15 is out of range",
        ),
        (("explain", "fleet.duckdb", "B", "2024-13"), "explain: '2024-13' is not a month"),
        (("explain", "fleet.duckdb", "B", "2021-01"), "explain: nothing is charged in 2021-01"),
        (("explain", "fleet.duckdb", "[/]", "2024-01"), "fleet.duckdb: unknown lot '[/]'"),
        (("sql", "fleet.duckdb", "DROP TABLE events"), "query: DROP is not a question"),
        (("sql", "nowhere.duckdb", "SELECT 1"), "nowhere.duckdb: no such ledger"),
        (("report", "fleet.duckdb", "--reports", "nowhere"), "nowhere: no such folder"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else None,
)
def test_a_refusal_is_told_with_exit_code_1(words: tuple[str, ...], said: str, folder: Path) -> None:
    ran = run(folder, *words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.strip().startswith(said)
    assert "Traceback" not in ran.err


def test_a_damaged_ledger_is_told_without_a_traceback(folder: Path) -> None:
    data = (folder / "fleet.duckdb").read_bytes()
    (folder / "fleet.duckdb").write_bytes(data[: len(data) // 2])
    for words in (["check"], ["restate"], ["sql", "FROM events"], ["import", "purchases.csv"]):
        ran = run(folder, words[0], "fleet.duckdb", *words[1:])
        assert (ran.code, ran.out) == (1, "")
        assert "fleet.duckdb" in ran.err
        assert "Traceback" not in ran.err


def test_a_month_that_is_none_is_named(tmp_path: Path) -> None:
    assert run(
        tmp_path, "asset", "--cost", "1000", "--in-service", "2024-03-15", "--fiscal-year-end", "13-01"
    ).code in (1, 2)


# As a process


def depr(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from depr.cli import main; main()", *words]
    root = str(Path(__file__).parents[1])
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": root, **env}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_version_is_said(tmp_path: Path) -> None:
    assert run(tmp_path, "--version") == Ran(0, f"depr {depr_version}\n", "")
    assert "depr guide lists" in " ".join(run(tmp_path, "--help").out.split())


@pytest.mark.slow
def test_a_process_ends_as_it_should(folder: Path) -> None:
    found = depr(folder, "check", "fleet.duckdb")
    assert (found.returncode, found.stdout, found.stderr) == (0, "fleet.duckdb: no findings\n", "")
    refused = depr(folder, "init", "fleet.duckdb")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("fleet.duckdb: already exists")


@pytest.mark.slow
def test_no_surroundings_change_an_answer(folder: Path) -> None:
    words = ("schedule", "fleet.duckdb", "--format", "csv")
    there = {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "1"}
    one, two = depr(folder, *words), depr(folder, *words, **there, COLUMNS="40", NO_COLOR="1")
    assert one.stdout == two.stdout
    assert len(one.stdout) > 200


def test_a_missing_sql_file_is_named(folder: Path) -> None:
    ran = run_or_fail(folder, "sql", "fleet.duckdb", "--file", "nowhere.sql")
    assert ran.err.strip().startswith("nowhere.sql: no such file")


def test_markup_in_a_heading_is_text(folder: Path) -> None:
    assert "[red]a" in run_or_fail(folder, "sql", "fleet.duckdb", 'SELECT 1 AS "[red]a"').out
    assert "[/]" in run_or_fail(folder, "sql", "fleet.duckdb", 'SELECT 1 AS "[/]"').out


def test_a_list_in_csv_is_text(folder: Path) -> None:
    assert run_or_fail(folder, "sql", "fleet.duckdb", "SELECT [1, 2] AS a", "--format", "csv").out.startswith("a\n")


@pytest.mark.parametrize("words", [("--periods", "X"), ("--years", "2030-2031"), ("--lives", ",")], ids=str)
def test_a_question_without_an_answer_is_told(words: tuple[str, str], folder: Path) -> None:
    assert run_or_fail(folder, "restate", "fleet.duckdb", *words).code in (1, 2)


def test_yen_have_no_cents(folder: Path) -> None:
    found = rows(
        folder,
        "asset",
        "--cost",
        "1200",
        "--in-service",
        "2024-01-15",
        "--life",
        "1y",
        "--grain",
        "year",
        "--currency",
        "JPY",
    )
    assert [row["depreciation"] for row in found] == ["1200"]
    yen = lot(lot_id="J", cost="1200", currency="JPY", in_service_date="2024-01-01")
    foreign(folder / "yen.duckdb", yen, lot(lot_id="K"))
    # beside dollars the column has their two decimals
    assert "1200.00" in {row["accumulated"] for row in rows(folder, "schedule", "yen.duckdb", "--book", "1y")}


def test_euros_are_not_restated_against_dollars(folder: Path) -> None:
    write(folder / "euro.csv", lot(lot_id="E", currency="EUR"))
    ran = run_or_fail(folder, "import", "fleet.duckdb", "euro.csv")
    assert ran.code == 1
    assert "euro.csv:2: the cost is in EUR, META reports in USD" in ran.err
    foreign(folder / "euro.duckdb", lot(lot_id="E", currency="EUR"))
    assert run_or_fail(folder, "restate", "euro.duckdb").code == 1


def test_a_formula_is_quoted_in_a_csv_file(folder: Path) -> None:
    write(folder / "formula.csv", lot(lot_id="=1+1"))
    assert run(folder, "import", "fleet.duckdb", "formula.csv").code == 0
    assert run(folder, "schedule", "fleet.duckdb", "--out", "s.csv").code == 0
    assert "\n=1+1," not in (folder / "s.csv").read_text("utf-8")


def test_no_figure_is_printed_from_a_changed_ledger(folder: Path) -> None:
    with duckdb.connect(str(folder / "fleet.duckdb")) as plain:
        plain.execute("UPDATE events SET cost_minor = cost_minor + 1 WHERE seq = 1")
    for words in (["restate"], ["schedule"], ["report"]):
        ran = run_or_fail(folder, words[0], "fleet.duckdb")
        assert ran.code == 1
        assert "the ledger file was changed" in ran.err
    seal.place(folder / "fleet.duckdb").unlink()
    for words in (["restate"], ["schedule"], ["report"]):
        assert "does not match its hash" in run_or_fail(folder, words[0], "fleet.duckdb").err


def run_or_fail(folder: Path, *words: str) -> Ran:
    """An exception that reaches a person is a failure like any other."""
    try:
        return run(folder, *words)
    except Exception as fault:
        raise AssertionError(f"{type(fault).__name__}: {fault}") from fault


@pytest.mark.parametrize("made", [None, RuntimeError("Query interrupted"), ValueError("a model cannot be built")])
def test_ctrl_c_ends_in_words(
    made: Exception | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where a library makes a fault of its own of it (DuckDB in the midst of a query, pydantic in an import)."""

    def pressed() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise made or KeyboardInterrupt from None

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr("depr.cli.main", pressed)
    try:
        with pytest.raises(SystemExit) as ended:
            begin()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ended.value.code, "stopped; the ledger is as it was" in capsys.readouterr().err) == (130, True)


def test_a_fault_that_nobody_stopped_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty() -> None:
        raise RuntimeError("something else")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr("depr.cli.main", faulty)
    try:
        with pytest.raises(RuntimeError, match="something else"):
            begin()
    finally:
        signal.signal(signal.SIGINT, before)
