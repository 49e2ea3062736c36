"""Files in: what is good is read exactly, what is not is named by file and row; good + rejected = read."""

from __future__ import annotations

import datetime as dt
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.intake import FactsRead, read_assumptions, read_book, read_facts, read_issuer
from depr.intake.bounds import COLUMNS, check
from depr.intake.forms import PURCHASES
from depr.intake.tables import stray_quote
from depr.share.files import sha256
from tests.ledger.samples import GENERATIONS, csv_text, lot, write

TEXT = csv_text(lot(), lot(lot_id="L2", location="Malmö"))


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_facts(path, GENERATIONS)
    return str(refused.value)


def saved(folder: Path, data: bytes | str, name: str = "p.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def taken(path: Path) -> FactsRead:
    """A file without a fault."""
    read = read_facts(path, GENERATIONS)
    assert not read.findings, read.findings
    assert read.read == read.good == len(bought(read))
    return read


def bought(read: FactsRead) -> pl.DataFrame:
    """What the file says was bought, and when it was placed in service."""
    of = {kind: read.entries.filter(kind=kind) for kind in ("acquisition", "placed_in_service")}
    served = of["placed_in_service"].select("source_row", in_service_date="effective_date")
    return of["acquisition"].join(served, on="source_row", how="left", maintain_order="left")


# CSV


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.replace('"', "").encode(),
        (TEXT + "\n\n").encode(),
        (TEXT + "  ,,,,,,,,\n").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "CR", "no-last-newline", "unquoted", "blank-lines", "blank-cells"],
)
def test_a_csv_file_in_its_ways_of_being_saved(data: bytes, tmp_path: Path) -> None:
    read = taken(saved(tmp_path, data))
    assert bought(read)["lot_id"].to_list() == ["L1", "L2"]
    assert bought(read)["location"].to_list() == [None, "Malmö"]
    assert bought(read)["source_row"].to_list() == [2, 3]
    assert read.sha256 == sha256(tmp_path / "p.csv")


def test_columns_in_any_order_give_the_same_purchases(tmp_path: Path) -> None:
    rows, mixed = [lot(), lot(lot_id="L2")], list(lot())
    random.Random(2).shuffle(mixed)
    one, two = (taken(write(tmp_path / f"{n}.csv", *rows, columns=order)) for n, order in enumerate((lot(), mixed)))
    assert one.entries.equals(two.entries)


def test_text_is_kept_as_it_is(tmp_path: Path) -> None:
    cells = ["a\nb", 'say "hi"', "a,b", "=1+1", "[bold]x[/]", "<b>", "\u202eabc", "NULL", "NA", "\x00", "x" * 100_000]
    rows = [lot(lot_id=f"L{n}", location=f"<{text}>", document=text) for n, text in enumerate(cells)]
    read = taken(write(tmp_path / "p.csv", *rows))
    assert bought(read)["location"].to_list() == [f"<{text}>" for text in cells]
    assert bought(read)["document"].to_list() == cells


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    """A cell of several lines is in one row; blank rows count."""
    good, bad = lot(location="a\nb\nc"), lot(lot_id="L2", cost="x")
    text = csv_text(good, bad, lot(lot_id="L3"), columns=[*lot(), "location"]).split("\n")
    read = read_facts(saved(tmp_path, "\n".join([*text[:4], "", *text[4:]])), GENERATIONS)
    assert [(finding.file, finding.row, finding.what) for finding in read.findings] == [
        ("p.csv", 4, "cost 'x' is not an amount in USD")
    ]
    assert (read.read, read.rejected, bought(read)["source_row"].to_list()) == (3, 1, [2, 5])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "p.csv: cannot be read as a table"),
        (b"\n\n", "p.csv:1: a column has no name"),
        (TEXT.encode("latin-1"), "p.csv:3: cannot be read as a table"),
        (TEXT.encode("utf-16"), "p.csv"),
        (b"PK\x03\x04\xff\xfe\x00", "p.csv: cannot be read as a table"),
        (TEXT.replace(",", ";").replace('"', "").encode(), "p.csv:1: the columns are separated by ';'"),
        (TEXT.replace('"', "").replace(",", "\t").encode(), "p.csv:1: the columns are separated by '\\t'"),
        (("# lots\n" + TEXT).encode(), "p.csv:1: missing column: lot_id"),
        (("\n" + TEXT).encode(), "p.csv:1: a column has no name"),
        (TEXT.encode()[:-30], "p.csv:3: a quote is not closed"),
        (TEXT.replace('"', "").encode()[:-30], "p.csv:3: "),
        (TEXT.replace('"h100"', 'h"1"00', 1).encode(), "p.csv:2: a quote is not closed, or stands inside a cell"),
        (TEXT.replace('"h100"', '"h"100', 1).encode(), "p.csv:2: a quote is not closed, or stands inside a cell"),
    ],
    ids=[
        *("empty", "only-newlines", "latin-1", "utf-16", "a-workbook", "semicolons", "tabs", "a-title", "blank-first"),
        *("torn-in-a-quote", "torn", "quote-inside", "quote-then-text"),
    ],
)
def test_a_csv_file_that_is_none_is_refused_with_its_line(data: bytes, said: str, tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, data)).startswith(said)


WHOLE_CELLS = re.compile(rb'(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^,\r\n])')


@given(st.text('",\na', min_size=1, max_size=14), st.integers(1, 8))
def test_a_stray_quote_is_found_wherever_the_blocks_end(text: str, block: int) -> None:
    """A quote is stray where it is left once every whole quoted cell is taken away."""
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("depr.intake.tables.CSV_BLOCK_BYTES", block)
        assert (stray_quote(data, ",") >= 0) == (b'"' in WHOLE_CELLS.sub(b"", data))


def test_a_quote_left_open_swallows_no_row(tmp_path: Path) -> None:
    """The two rows would make one of eight cells, with a name over two lines."""
    torn = '"L1,META,h100,10\n"L2",META,h100,10,1000.00,USD,2023-01-15,2023-02-01\n'
    path = saved(tmp_path, ",".join(lot()) + "\n" + torn)
    assert refusal(path).startswith("p.csv:2: a quote is not closed")


@pytest.mark.parametrize("column", [name for name in lot() if name != "in_service_date"])
def test_each_required_column_is_missed(column: str, tmp_path: Path) -> None:
    named = "unit_cost or cost" if column == "cost" else column
    assert f"missing column: {named}" in refusal(write(tmp_path / "p.csv", lot(**{column: None})))


def test_every_column_may_be_there(tmp_path: Path) -> None:
    """A purchase is an acquisition, a placing in service and an opening balance."""
    more = {"serial": "S-1", "accumulated": "100.50", "accumulated_date": "2023-12-31"}
    row = lot(unit_cost="100.00", cost_low="900.00", cost_high="1100.00", residual="50", location="x", document="y")
    read = taken(write(tmp_path / "p.csv", row | more, columns=PURCHASES.columns))
    said = [{n: v for n, v in row.items() if v is not None} for row in read.entries.iter_rows(named=True)]
    lot_1: dict[str, Any] = {"lot_id": "L1", "document": "y", "source_row": 2}
    acquisition = {
        "kind": "acquisition",
        "effective_date": dt.date(2023, 1, 15),
        "issuer": "META",
        "generation": "h100",
        "units": 10,
        "cost_minor": 100_000,
        "cost_low_minor": 90_000,
        "cost_high_minor": 110_000,
        "residual_minor": 5_000,
        "currency": "USD",
        "location": "x",
        "serial": "S-1",
    }
    opening = {"kind": "opening", "effective_date": dt.date(2023, 12, 31), "amount_minor": 10_050, "currency": "USD"}
    service = {"kind": "placed_in_service", "effective_date": dt.date(2023, 2, 1)}
    assert [dict(sorted(row.items())) for row in said] == [
        dict(sorted((lot_1 | event).items())) for event in (acquisition, service, opening)
    ]


def test_good_and_rejected_rows_are_all_that_was_read(tmp_path: Path) -> None:
    seed = random.Random(7)
    bad: list[dict[str, str]] = [
        {"cost": "1e6"},
        {"units": "0"},
        {"purchase_date": "2023-02-30"},
        {"lot_id": ""},
    ]
    rows = [lot(lot_id=f"L{n}") | (seed.choice(bad) if seed.random() < 0.3 else {}) for n in range(500)]
    read = read_facts(write(tmp_path / "p.csv", *rows), GENERATIONS)
    faulty = {finding.row for finding in read.findings}
    assert read.read == 500
    assert read.rejected == len(faulty) > 100
    assert set(bought(read)["source_row"]) | faulty == set(range(2, 502))
    assert list(read.findings) == sorted(read.findings, key=lambda finding: finding.row)


def test_a_line_without_end_is_refused_at_once(tmp_path: Path) -> None:
    path = saved(tmp_path, ",".join(lot()).encode() + b"\n" + b"x" * (40 << 20))
    assert refusal(path).startswith("p.csv")


# Parquet


def parquet(folder: Path, **columns: Any) -> Path:
    path = folder / "p.parquet"
    typed = {
        "lot_id": ["L1"],
        "issuer": ["META"],
        "generation": ["h100"],
        "units": [10],
        "cost": [Decimal("1000.00")],
        "currency": ["USD"],
        "purchase_date": [dt.date(2023, 1, 15)],
        "in_service_date": [dt.date(2023, 2, 1)],
    }
    pl.DataFrame(typed | columns).write_parquet(path)
    return path


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"cost": pl.Series([Decimal("1000.0000")], dtype=pl.Decimal(18, 4))},
        {"cost": pl.Series([Decimal("1000")], dtype=pl.Decimal(38, 0))},
        {"cost": [1000]},
        {"cost": ["1000.00"], "units": ["10"], "purchase_date": ["2023-01-15"]},
        {"units": pl.Series([10], dtype=pl.UInt8)},
        {"purchase_date": [dt.datetime.fromisoformat("2023-01-15")]},
        {"issuer": pl.Series(["META"], dtype=pl.Categorical)},
        {"location": pl.Series([None], dtype=pl.Null)},
    ],
    ids=["typed", "decimal-4", "decimal-0", "integer", "text", "small-integer", "midnight", "categorical", "null"],
)
def test_parquet_columns_of_exact_types(columns: dict[str, Any], tmp_path: Path) -> None:
    [row] = bought(taken(parquet(tmp_path, **columns))).iter_rows(named=True)
    assert (row["issuer"], row["units"], row["cost_minor"]) == ("META", 10, 100_000)
    assert (row["effective_date"], row["in_service_date"]) == (dt.date(2023, 1, 15), dt.date(2023, 2, 1))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"cost": [1000.5]}, "column cost holds floats"),
        ({"units": [10.0]}, "column units holds floats"),
        ({"location": [["a"]]}, "column location holds List(String)"),
        ({"location": [{"a": 1}]}, "column location holds Struct({'a': Int64})"),
        ({"location": [b"\xff"]}, "column location holds Binary"),
    ],
)
def test_parquet_columns_of_other_types_are_refused(columns: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert said in refusal(parquet(tmp_path, **columns))


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"cost": [Decimal("1000.001")]}, "cost '1000.001' is not an amount in USD"),
        ({"cost": [Decimal(-5)]}, "cost '-5' is not an amount in USD"),
        ({"units": [-1]}, "units '-1' is not a whole number"),
        ({"units": [True]}, "units 'true' is not a whole number"),
        (
            {"purchase_date": [dt.datetime.fromisoformat("2023-01-15T03:00")]},
            "purchase_date '2023-01-15 03:00:00.000000' is not a date",
        ),
        ({"lot_id": [None]}, "lot_id is blank"),
    ],
)
def test_parquet_values_keep_the_same_rules(columns: dict[str, Any], what: str, tmp_path: Path) -> None:
    read = read_facts(parquet(tmp_path, **columns), GENERATIONS)
    assert [(finding.row, finding.what) for finding in read.findings] == [(2, what)]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    data = parquet(tmp_path).read_bytes()
    for cut in (b"", data[:4], data[: len(data) // 2], data[:-1]):
        assert "cannot be read as a table" in refusal(saved(tmp_path, cut, "p.parquet"))


# XLSX


def xlsx(folder: Path, *rows: dict[str, Any], header: list[str] | None = None, first: int = 0) -> Path:
    """A workbook as a person makes one: numbers as numbers, dates as dates, (formula, value) as a formula."""
    path = folder / "p.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet("Lots"), book.add_format({"num_format": "yyyy-mm-dd"})
        names = header or list(dict.fromkeys(name for row in rows for name in row))
        for column, name in enumerate(names):
            sheet.write_string(first, column, name)
        for number, row in enumerate(rows, first + 1):
            for name, value in row.items():
                _put(sheet, number, names.index(name), value, day)
    return path


def _put(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    match value:
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case dt.date():
            sheet.write_datetime(row, column, value, day)
        case (formula, shown):
            sheet.write_formula(row, column, formula, None, shown)
        case _:
            sheet.write_string(row, column, value)


SHEET = {
    **lot(),
    "units": 10,
    "cost": 1000.25,
    "purchase_date": dt.date(2023, 1, 15),
    "in_service_date": dt.date(2023, 2, 1),
}


@pytest.mark.parametrize("left", [0, ""])
def test_formulas_that_were_never_calculated_are_refused(left: object, tmp_path: Path) -> None:
    """Libraries leave 0 or nothing for a program to fill in; a value that was worked out is read."""
    said = refusal(xlsx(tmp_path, SHEET | {"cost": ("=D2*100", left)}))
    assert "formulas were never calculated" in said
    assert "save it again" in said
    [row] = bought(taken(xlsx(tmp_path, SHEET | {"cost": ("=D2*100", 1000)}))).iter_rows(named=True)
    assert row["cost_minor"] == 100_000


def test_a_workbook_with_numbers_and_real_dates(tmp_path: Path) -> None:
    [row] = bought(taken(xlsx(tmp_path, SHEET))).iter_rows(named=True)
    assert (row["units"], row["cost_minor"]) == (10, 100_025)
    assert (row["effective_date"], row["in_service_date"]) == (dt.date(2023, 1, 15), dt.date(2023, 2, 1))


def test_a_workbook_with_text_alone(tmp_path: Path) -> None:
    assert bought(taken(xlsx(tmp_path, lot())))["cost_minor"].to_list() == [100_000]


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (0.07, 7),
        (0.1 + 0.2, 30),
        (33333333.33, 3_333_333_333),
        (123456789012.34, 12_345_678_901_234),
        (9999999999999.98, 999_999_999_999_998),
        (1e14, 10**16),
        (("=500*2.5", 1250), 125_000),
    ],
)
def test_a_number_of_a_sheet_is_the_decimal_it_shows(value: Any, minor: int, tmp_path: Path) -> None:
    """A sheet keeps binary fractions: 33333333.33 is stored as 33333333.329999998."""
    assert bought(taken(xlsx(tmp_path, SHEET | {"cost": value})))["cost_minor"].to_list() == [minor]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"cost": 1234567.891}, "cost '1234567.891' is not an amount in USD"),
        ({"cost": 1e15}, "cost '1000000000000000' is not an amount in USD"),
        ({"cost": True}, "cost 'true' is not an amount in USD"),
        ({"cost": "1,000.00"}, "cost '1,000.00' is not an amount in USD"),
        ({"units": 10.5}, "units '10.5' is not a whole number"),
        ({"purchase_date": 44941}, "purchase_date '44941' is not a date"),
        (
            {"purchase_date": dt.datetime.fromisoformat("2023-01-15T12:00")},
            "purchase_date '2023-01-15 12:00:00' is not a date",
        ),
    ],
    ids=str,
)
def test_cells_of_a_sheet_keep_the_same_rules(cells: dict[str, Any], what: str, tmp_path: Path) -> None:
    read = read_facts(xlsx(tmp_path, SHEET | cells), GENERATIONS)
    assert [(finding.row, finding.what) for finding in read.findings] == [(2, what)]


def test_blank_rows_of_a_sheet_count(tmp_path: Path) -> None:
    read = read_facts(xlsx(tmp_path, SHEET, {}, SHEET | {"lot_id": "L2", "units": 0}, {}), GENERATIONS)
    assert (read.read, [(finding.row, finding.what) for finding in read.findings]) == (2, [(4, "units is 0")])


def test_a_failed_formula_is_no_blank(tmp_path: Path) -> None:
    """Read as a blank, the lot would seem to be under construction."""
    said = refusal(xlsx(tmp_path, SHEET, SHEET | {"lot_id": "L2", "in_service_date": ("=NA()", "#N/A")}))
    assert said.startswith("p.xlsx:3: column 8 holds an error")


def test_the_header_of_a_sheet_is_its_first_row(tmp_path: Path) -> None:
    assert refusal(xlsx(tmp_path, SHEET, first=2)).startswith("p.xlsx:1: a column has no name")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ([*lot(), "cost"], "p.xlsx:1: column cost is there twice"),
        ([*lot(), ""], "p.xlsx:1: a column has no name"),
        ([*lot(), "colour"], "p.xlsx:1: unknown column: colour"),
        (list(lot())[1:], "p.xlsx:1: missing column: lot_id"),
        (list(lot()), "p.xlsx: holds no purchases"),
    ],
    ids=["twice", "unnamed", "unknown", "missing", "only-a-header"],
)
def test_the_header_of_a_sheet_keeps_the_same_rules(header: list[str], said: str, tmp_path: Path) -> None:
    rows = [] if said.endswith("purchases") else [{name: SHEET[name] for name in header if name in SHEET}]
    assert refusal(xlsx(tmp_path, *rows, header=header)).startswith(said)


def test_an_empty_sheet_and_no_workbook_are_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "p.xlsx")) as book:
        book.add_worksheet()
    assert "its first sheet is empty" in refusal(tmp_path / "p.xlsx")
    for data in (b"", b"PK\x03\x04junk", TEXT.encode()):
        assert "cannot be read as a table" in refusal(saved(tmp_path, data, "p.xlsx"))


# Events

EVENTS = """\
kind,lot_id,effective_date,issuer,generation,units,cost,amount,currency,life_months,book,location,document,reason,reverses
acquisition,L1,2023-01-15,META,h100,10,1000.00,,USD,,,,invoice 1,,
placed_in_service,L1,2023-02-01,,,,,,,,,,,,
impairment,L1,2024-06-30,,,,,250.50,USD,,life-3y,,memo 4,"market price, by broker",
,,,,,,,,,,,,,,
sale,L1,2024-06-30,,,,,,,,,,,,
estimate,L1,2024-12-31,,,,,,,0,,,,,
disposal,L1,2025-03-31,,,,,,,,,,,,
period_closed,L1,2025-03-31,,,,,,,,,,,,
correction,L1,2024-06-30,,,,,,,,,,,wrong price,3
"""


def test_a_file_with_a_column_kind_holds_events(tmp_path: Path) -> None:
    read = read_facts(saved(tmp_path, EVENTS, "e.csv"), GENERATIONS, ("life-3y",))
    assert (read.form, read.read, read.good, read.rejected) == ("events", 8, 5, 3)
    assert [(finding.file, finding.row, finding.what) for finding in read.findings] == [
        ("e.csv", 6, "unknown kind 'sale'"),
        ("e.csv", 7, "life_months 0 is out of range"),
        ("e.csv", 9, "period_closed is not read from a file"),
    ]
    assert "acquisition, placed_in_service, opening" in read.findings[0].do
    assert read.findings[2].do == "use depr close, depr reopen, depr adopt, depr post"
    assert read.entries.select("kind", "source_row").rows() == [
        ("acquisition", 2),
        ("placed_in_service", 3),
        ("impairment", 4),
        ("disposal", 8),
        ("correction", 10),
    ]
    impairment = {name: value for name, value in read.entries.row(2, named=True).items() if value is not None}
    assert impairment == {
        "kind": "impairment",
        "lot_id": "L1",
        "effective_date": dt.date(2024, 6, 30),
        "amount_minor": 25_050,
        "currency": "USD",
        "book": "life-3y",
        "document": "memo 4",
        "reason": "market price, by broker",
        "source_row": 4,
    }
    assert read.entries["reverses"].to_list() == [None, None, None, None, 3]


def test_events_of_a_purchase_are_the_purchase(tmp_path: Path) -> None:
    """The same lot, as one row of purchases and as three events."""
    opening = {"accumulated": "250.00", "accumulated_date": "2024-12-31"}
    bought = taken(write(tmp_path / "p.csv", lot(document="d", **opening))).entries
    rows = """\
kind,lot_id,effective_date,issuer,generation,units,unit_cost,amount,currency,document
acquisition,L1,2023-01-15,META,h100,10,100.00,,USD,d
placed_in_service,L1,2023-02-01,,,,,,,d
opening,L1,2024-12-31,,,,,250.00,USD,d
"""
    read = read_facts(saved(tmp_path, rows, "e.csv"), GENERATIONS)
    assert read.findings == ()
    assert read.entries.drop("source_row").equals(bought.drop("source_row"))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("kind,lot_id", "e.csv:1: missing column: effective_date"),
        ("kind,lot_id,effective_date,purchase_date", "e.csv:1: unknown column: purchase_date"),
        ("kind,lot_id,effective_date", "e.csv: holds no events"),
        ("kind,lot_id,effective_date,kind", "e.csv:1: column kind is there twice"),
        ("Kind,Lot ID,kind,effective_date", "e.csv:1: unknown column: Kind"),
        ("KIND,Lot ID,Kind,effective_date", "e.csv:1: column kind is there twice"),
    ],
)
def test_the_header_of_events_is_judged(header: str, said: str, tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, header + "\n", "e.csv")).startswith(said)


def test_rows_beyond_one_chunk_are_counted_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depr.intake.facts.CHUNK_ROWS", 3)
    rows = [lot(lot_id=f"L{n}") for n in range(10)]
    rows[7] = lot(lot_id="L1")
    rows[8] = lot(lot_id="L8", units="x")
    read = read_facts(write(tmp_path / "p.csv", *rows), GENERATIONS)
    assert [(finding.row, finding.what) for finding in read.findings] == [
        (9, "lot_id 'L1' is in this file twice"),
        (10, "units 'x' is not a whole number"),
    ]
    assert bought(read)["source_row"].to_list() == [2, 3, 4, 5, 6, 7, 8, 11]


# The same purchases, whatever the file


def test_three_kinds_of_file_give_the_same_purchases(tmp_path: Path) -> None:
    frame = taken(write(tmp_path / "p.csv", lot(cost="1000.25"))).entries
    assert taken(parquet(tmp_path, cost=[Decimal("1000.25")])).entries.equals(frame)
    assert taken(xlsx(tmp_path, SHEET)).entries.equals(frame)


@pytest.mark.parametrize("name", ["p.txt", "p", "p.csv.gz", "p.xls"])
def test_other_kinds_of_file_are_refused(name: str, tmp_path: Path) -> None:
    assert "unknown file type" in refusal(saved(tmp_path, TEXT, name))


def test_the_kind_is_in_capitals_too(tmp_path: Path) -> None:
    assert taken(saved(tmp_path, TEXT, "P.CSV")).good == 2


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "p.csv").mkdir()
    assert refusal(tmp_path / "p.csv").endswith("do: check the path")


# Judgements


@pytest.mark.parametrize("reader", [read_book, read_issuer, read_assumptions])
def test_a_toml_file_that_is_none_is_refused(reader: Any, tmp_path: Path) -> None:
    for data in (b"\xff\xfe", b"a = ", b"a = 1\na = 2"):
        with pytest.raises(Refused, match=r"own\.toml: cannot be read"):
            reader(saved(tmp_path, data, "own.toml"))
    with pytest.raises(Refused, match=r"nowhere\.toml: cannot be read"):
        reader(tmp_path / "nowhere.toml")


def test_every_fault_of_a_toml_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_issuer(saved(tmp_path, 'id = "X"\ncurrency = "usd"\nfiscal_year_end_month = 13\n', "x.toml"))
    what = [finding.what.partition(":")[0] for finding in refused.value.findings]
    assert what == ["book", "currency", "fiscal_year_end_month", "function_split", "name", "source", "tax_rate"]


def test_a_header_of_more_columns_than_any_table_has_is_refused(tmp_path: Path) -> None:
    """Before any of it is read as a table: every line would be as wide."""
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{n}" for n in range(COLUMNS + 1)) + "\n1\n", "utf-8")
    with pytest.raises(Refused, match=f"the header has more than {COLUMNS:,} columns"):
        check(file)
    file.write_text(",".join(f"c{n}" for n in range(COLUMNS)) + "\n1\n", "utf-8")
    assert check(file) > 0


@pytest.mark.parametrize("header", ["LOT_ID", "Lot ID", " lot  id ", "lot_id"])
def test_a_column_of_ours_is_known_in_any_case_and_with_blanks(header: str, tmp_path: Path) -> None:
    one = TEXT.replace('"lot_id"', f'"{header}"').replace('"currency"', '"Currency"')
    assert taken(saved(tmp_path, one)).entries.equals(taken(saved(tmp_path, TEXT, "q.csv")).entries)
    sheet = {header if name == "lot_id" else name.replace("_", " ").title(): cell for name, cell in SHEET.items()}
    assert taken(xlsx(tmp_path, sheet)).good == 1


def test_a_missing_column_is_told_with_those_that_are_needed(tmp_path: Path) -> None:
    said = refusal(saved(tmp_path, "lot_id,units\nL1,1\n"))
    assert said.startswith("p.csv:1: missing column: issuer, generation, currency, purchase_date, unit_cost or cost\n")
    must = (
        "purchases must have lot_id, issuer, generation, units, currency, purchase_date, unit_cost or cost; the columns"
    )
    assert must in said
