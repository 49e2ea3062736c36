"""How a file is written: sheets, digits of numbers, delimiters, encodings. What is not certain is refused by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from depr import share
from tests.command import Ran, run
from tests.daily import sampled
from tests.ledger.samples import csv_text, lot

Rows = Sequence[Sequence[Any]]


def workbook(path: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = (), chart: bool = False) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name in hidden:
                sheet.hide()
        if chart:
            drawn = book.add_chart({"type": "column"})
            drawn.add_series({"values": f"={next(iter(sheets))}!$A$2:$A$3"})
            book.add_chartsheet("Chart").set_chart(drawn)
    return path


def lots(*ids: str) -> Rows:
    return [list(lot()), *(list(lot(lot_id=name).values()) for name in ids)]


def imported(folder: Path, *words: str) -> Ran:
    if not (folder / "f.duckdb").exists():
        assert run(folder, "init", "f.duckdb").code == 0
    return run(folder, "import", "f.duckdb", *words)


def held(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / "f.duckdb"), read_only=True) as ledger:
        return [name for (name,) in ledger.execute("SELECT lot_id FROM lots ORDER BY lot_id").fetchall()]


def test_a_second_sheet_is_not_lost(tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", {"2023": lots("A"), "Empty": [], "2024": lots("B", "C")}, hidden=["2024"], chart=True)
    ran = imported(tmp_path, "b.xlsx")
    assert (ran.code, ran.out, held(tmp_path)) == (1, "", [])
    assert ran.err.startswith("b.xlsx: 2 sheets hold something: 2023, 2024 (hidden)\n")
    assert "--sheet '2023'" in ran.err
    assert imported(tmp_path, "b.xlsx", "--sheet", "2024").code == 0
    assert held(tmp_path) == ["B", "C"]
    assert imported(tmp_path, "b.xlsx", "--sheet", "all").code == 0
    assert held(tmp_path) == ["A", "B", "C"]
    assert run(tmp_path, "verify", "f.duckdb").code == 0
    assert "name one of: 2023, Empty, 2024, Chart" in imported(tmp_path, "b.xlsx", "--sheet", "2025").err


def test_one_sheet_that_holds_something_is_the_one_meant(tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", {"Empty": [[" "]], "Lots": lots("A")}, chart=True)
    assert imported(tmp_path, "b.xlsx").code == 0
    assert held(tmp_path) == ["A"]


def test_a_finding_names_the_sheet_of_its_row(tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", {"one": lots("A"), "two": [*lots("B"), list(lot(units="x").values())]})
    ran = imported(tmp_path, "b.xlsx", "--sheet", "all")
    assert ran.code == 1
    assert "b.xlsx[two]:3: units 'x' is not a whole number" in ran.err


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        (12345678901234567890, True),
        (1234567890123456, True),
        (123456789012345, False),
        ("12345678901234567890", False),
    ],
)
def test_an_id_of_more_digits_than_a_number_keeps(value: Any, refused: bool, tmp_path: Path) -> None:
    rows = [list(lot()), list({**lot(), "lot_id": value}.values()), list(lot(lot_id="text").values())]
    workbook(tmp_path / "b.xlsx", {"Lots": rows})
    ran = imported(tmp_path, "b.xlsx")
    assert ran.code == int(refused), ran.err
    if refused:
        assert ran.err.startswith("b.xlsx:2: lot_id 1234567890")
        assert "in cell A2 is a number of more than 15 digits" in ran.err
    assert held(tmp_path) == ([] if refused else sorted([str(value), "text"]))


def test_an_amount_of_more_digits_than_a_number_keeps(tmp_path: Path) -> None:
    """Excel keeps 12345678901234.5 of 12345678901234.56."""
    rows: list[list[Any]] = [list(lot()), list({**lot(), "cost": 12345678901234.56}.values())]
    workbook(tmp_path / "b.xlsx", {"Lots": rows})
    assert "cost 12345678901234.56" in imported(tmp_path, "b.xlsx").err
    workbook(tmp_path / "t.xlsx", {"Lots": [rows[0], list(lot(cost="12345678901234.56").values())]})
    assert imported(tmp_path, "t.xlsx").code == 0


TEXT = csv_text(lot(lot_id="Malmö"))


@pytest.mark.parametrize(
    ("data", "said", "words"),
    [
        (TEXT.replace(",", ";"), "p.csv:1: the columns are separated by ';'", ["--delimiter", "semicolon"]),
        (TEXT.replace(",", "\t"), "p.csv:1: the columns are separated by '\\t'", ["--delimiter", "tab"]),
        (TEXT.replace(",", "|"), "p.csv:1: the columns are separated by '|'", ["--delimiter", "|"]),
        (TEXT.encode("utf-16"), "p.csv:1: cannot be read as a table", ["--encoding", "utf-16"]),
        (TEXT.encode("utf-16-le"), "p.csv:1: cannot be read as a table", ["--encoding", "utf-16"]),
        (TEXT.encode("latin-1"), "p.csv:2: cannot be read as a table", ["--encoding", "latin-1"]),
        (TEXT.encode("cp1252"), "p.csv:2: cannot be read as a table", ["--encoding", "windows-1252"]),
    ],
    ids=["semicolons", "tabs", "pipes", "utf-16", "utf-16-without-a-mark", "latin-1", "windows-1252"],
)
def test_what_a_csv_file_is_written_in_is_said(data: Any, said: str, words: list[str], tmp_path: Path) -> None:
    """The refusal names the option that reads it."""
    (tmp_path / "p.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    ran = imported(tmp_path, "p.csv")
    assert (ran.code, held(tmp_path)) == (1, [])
    assert ran.err.startswith(said)
    assert words[0] in ran.err
    assert imported(tmp_path, "p.csv", *words).code == 0
    assert held(tmp_path) == ["Malmö"]


@pytest.mark.parametrize("command", ["import f.duckdb", "statements", "backtest --cases", "check f.duckdb --counts"])
def test_every_command_that_reads_a_table_says_so(command: str, tmp_path: Path) -> None:
    assert run(tmp_path, "init", "f.duckdb").code == 0
    workbook(tmp_path / "b.xlsx", {"one": [["issuer"], ["META"]], "two": [["issuer"], ["META"]]})
    (tmp_path / "p.csv").write_text("issuer;units;generation;period_type;ticker;case_id\nMETA;1;h100;FY;META;1\n")
    words = command.split()
    assert "2 sheets hold something: one, two" in run(tmp_path, *words, "b.xlsx").err
    assert "missing column" in run(tmp_path, *words, "b.xlsx", "--sheet", "two").err
    assert "--delimiter semicolon" in run(tmp_path, *words, "p.csv").err
    assert " column: " in run(tmp_path, *words, "p.csv", "--delimiter", ";").err
    assert "there is no .xlsx file to read" in run(tmp_path, *words, "p.csv", "--sheet", "two").err
    assert "unknown encoding 'klingon'" in run(tmp_path, *words, "p.csv", "--encoding", "klingon").err


@pytest.mark.slow
@pytest.mark.parametrize("data", sampled([b"", TEXT.encode("latin-1")], 2, 1), ids=["empty", "not-utf-8"])
def test_a_refusal_ends_as_one(data: bytes, tmp_path: Path) -> None:
    """As a process of its own, again and again: a thread that outlives the interpreter ends some by a signal."""
    assert run(tmp_path, "init", "f.duckdb").code == 0
    (tmp_path / "p.csv").write_bytes(data)
    call = [sys.executable, "-c", "from depr.cli import main; main()", "import", "f.duckdb", "p.csv"]
    ends = {subprocess.run(call, cwd=tmp_path, capture_output=True, check=False).returncode for _ in range(6)}
    assert ends == {1}


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_called_what_it_is(encoding: str, tmp_path: Path) -> None:
    assert run(tmp_path, "init", "f.duckdb").code == 0
    (tmp_path / "p.csv").write_bytes(TEXT.encode(encoding))
    said = imported(tmp_path, "p.csv").err
    assert ("UTF-32" in said, "save it as UTF-8" in said, "--encoding" in said) == (True, True, False)


def test_an_id_has_one_spelling(tmp_path: Path) -> None:
    """Composed, full width, zero width, blanks around it: one lot, in files and by hand; capitals are another."""
    ways = ["Café-1", "Cafe\u0301-1", "Ｃafé-１", "Caf\u200bé-1", " Café-1\u00a0", "\u202eCafé-1"]
    for number, name in enumerate(ways):
        (tmp_path / f"{number}.csv").write_text(csv_text(lot(lot_id=name)), "utf-8")
        assert imported(tmp_path, f"{number}.csv").code == 0
    assert held(tmp_path) == ["Café-1"]
    assert run(tmp_path, "record", "f.duckdb", "improvement", ways[1], "2024-06-30", "--amount", "10").code == 0
    (tmp_path / "two.csv").write_text(csv_text(*(lot(lot_id=name) for name in ways[:2])), "utf-8")
    assert "is in this file twice" in imported(tmp_path, "two.csv").err
    (tmp_path / "other.csv").write_text(csv_text(lot(lot_id="café-1")), "utf-8")
    assert imported(tmp_path, "other.csv").code == 0
    assert held(tmp_path) == ["Café-1", "café-1"]


@pytest.mark.parametrize("name", ["meta", "Mota", "ACME", "/etc/passwd", "x.toml", "../issuers/meta.toml", "A/S"])
def test_a_lot_of_an_unknown_issuer_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(csv_text(lot(issuer=name), lot(lot_id="L2")), "utf-8")
    ran = imported(tmp_path, "p.csv")
    assert (ran.code, held(tmp_path)) == (1, [])
    assert ran.err.startswith(f"p.csv:2: unknown issuer '{name}'")
    assert ("did you mean 'META'?" in ran.err) == (name in ("meta", "Mota"))
    assert "use one of: AMZN" in ran.err
    assert "--schedules" in ran.err


def test_an_issuer_is_found_by_its_id_not_by_a_path(tmp_path: Path) -> None:
    own = tmp_path / "own" / "issuers"
    own.mkdir(parents=True)
    text = share.find("issuers", "META").read_text("utf-8")
    (own / "nordic.toml").write_text(text.replace('id = "META"', 'id = "Nordic Compute A/S"'), "utf-8")
    (tmp_path / "p.csv").write_text(csv_text(lot(issuer="Nordic Compute A/S")), "utf-8")
    assert imported(tmp_path, "p.csv", "--schedules", "own").code == 0
    row = {"issuer": "Nordic Compute A/S", "period_type": "FY", "fiscal_year": "2024", "fiscal_quarter": ""}
    row |= {"currency": "USD", "period_end": "2024-12-31", "pretax_income": "4000.00", "income_tax": "800.00"}
    (tmp_path / "own.csv").write_text(csv_text(row | {"net_income": "3200.00"}), "utf-8")
    asked = ["--lives 3 --statements own.csv", "--lives 3 --statements own.csv", "--lives 3 --statements own.csv"]
    asked += ["--book 6y --grain year", "2024 --book 6y", "--through 2024-12-31"]
    verbs = ("restate", "report", "materiality", "schedule", "journal", "rollforward")
    for verb, options in zip(verbs, asked, strict=True):
        ran = run(tmp_path, verb, "f.duckdb", *options.split(), "--schedules", "own")
        assert ran.code == 0, (verb, ran.err)
        assert verb == "report" or "Nordic Compute A/S" in ran.out
    pages = [path.name for path in (tmp_path / "pages").iterdir()]
    assert len(pages) == 2
    assert any(name.startswith("nordic-compute-a-s") for name in pages)
    assert run(tmp_path, "verify", "f.duckdb").code == 0


def test_an_event_by_hand_that_is_on_file_is_a_duplicate(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(csv_text(lot()), "utf-8")
    assert imported(tmp_path, "p.csv").code == 0
    words = ("record", "f.duckdb", "improvement", "L1", "2024-06-30", "--amount", "10")
    assert run(tmp_path, *words).code == 0
    again = run(tmp_path, *words)
    assert (again.code, again.out) == (1, "")
    assert "nothing was recorded" in again.err
    assert "--document" in again.err
    assert run(tmp_path, *words, "--document", "second").code == 0


def test_an_amount_in_another_currency_than_its_issuers(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(csv_text(lot(currency="EUR"), lot(lot_id="L2")), "utf-8")
    assert imported(tmp_path, "p.csv").err.startswith("p.csv:2: the cost is in EUR, META reports in USD\n")
    assert held(tmp_path) == []


@pytest.mark.parametrize(
    ("cells", "near"),
    [
        ({"generation": "h10"}, "h100"),
        ({"generation": "H100"}, "h100"),
        ({"generation": "tpu-v9x"}, "tpu-v"),
        ({"currency": "usd"}, "USD"),
        ({"issuer": "MSTF"}, "MSFT"),
        ({"issuer": "googl"}, "GOOGL"),
    ],
)
def test_a_name_that_does_not_exist_is_told_with_the_nearest(cells: dict[str, str], near: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(csv_text(lot(**cells)), "utf-8")
    [(name, text)] = cells.items()
    assert f"p.csv:2: unknown {name} '{text}'; did you mean '{near}" in imported(tmp_path, "p.csv").err


def test_so_is_a_book(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(csv_text(lot()), "utf-8")
    assert imported(tmp_path, "p.csv").code == 0
    near = "unknown book 'meta-reportd'; did you mean 'meta-reported'?"
    assert near in run(tmp_path, "schedule", "f.duckdb", "--book", "meta-reportd").err
    words = ("record", "f.duckdb", "estimate", "L1", "2024-06-30", "--life", "4y", "--book", "meta-reportd")
    assert near in run(tmp_path, *words).err


def test_an_error_in_a_sheet_that_is_not_meant_is_no_fault(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        register = book.add_worksheet("Register")
        for number, row in enumerate(lots("A")):
            register.write_row(number, 0, row)
        book.add_worksheet("Sums").write_formula("A1", "=1/0", None, "#DIV/0!")
    assert "2 sheets hold something: Register, Sums" in imported(tmp_path, "b.xlsx").err
    assert imported(tmp_path, "b.xlsx", "--sheet", "Register").code == 0
    assert "holds an error" in imported(tmp_path, "b.xlsx", "--sheet", "Sums").err


def test_sheets_are_listed_also_where_one_is_too_large(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet("A & B").write(0, 0, "lot_id")
        far = book.add_worksheet("Far")
        far.write(1_048_000, 40, "x")
        far.hide()
    ran = imported(tmp_path, "b.xlsx")
    assert ran.code == 1
    assert "it has 2 sheets: A & B, Far (hidden)" in ran.err
