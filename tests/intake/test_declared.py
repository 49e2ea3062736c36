"""What a mapping may declare: every form of dates, numbers, signs, lives, rows and columns, and no other is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import depr
from depr.errors import Refused
from depr.intake import FactsRead, Written, read_facts
from depr.intake.forms import filled
from depr.intake.mapping import Mapping, extended, parse_mapping, translated
from tests.command import run
from tests.ledger.samples import GENERATIONS
from tests.test_mapping import PLAIN, ROW, plain, saved, what, without, workbook


def read(folder: Path, mapping: Mapping, *cells: dict[str, str]) -> FactsRead:
    rows = [ROW | {"Asset": str(n), "Reserve": ""} | cell for n, cell in enumerate(cells or ({},), 1)]
    return read_facts(saved(folder / "p.csv", *rows), GENERATIONS, (), mapping)


def days(mapping: Mapping, *texts: str) -> list[str | None]:
    """What their dates become, before the calendar judges them."""
    rows = filled(pl.DataFrame([ROW | {"Bought": text} for text in texts]), 2)
    return translated(rows, mapping)["purchase_date"].to_list()


def costs(mapping: Mapping, *texts: str) -> list[str | None]:
    rows = filled(pl.DataFrame([ROW | {"Value": text} for text in texts]), 2)
    return translated(rows, mapping)["cost"].to_list()


# Dates


def test_of_several_forms_the_first_in_which_there_is_such_a_day_is_read() -> None:
    mapping = plain(date=["DD/MM/YYYY", "MM/DD/YYYY", "DD-MON-YY"], pivot=50)
    assert days(mapping, "13/02/2023", "02/13/2023", "03/04/2023", "05-Jun-24", "31/31/2023", "2023-01-01") == [
        *("2023-02-13", "2023-02-13", "2023-04-03", "2024-06-05", None, None)
    ]
    turned = plain(date=["MM/DD/YYYY", "DD/MM/YYYY"])
    assert days(turned, "03/04/2023", "13/02/2023") == ["2023-03-04", "2023-02-13"]


def test_a_date_in_none_of_several_forms_is_a_finding_that_names_them(tmp_path: Path) -> None:
    facts = read(tmp_path, plain(date=["DD/MM/YYYY", "serial"]), {"Bought": "2023-01-15"})
    assert what(facts) == [(2, "Bought (purchase_date) '2023-01-15' is not a date")]
    assert "in any of the forms DD/MM/YYYY, serial that the mapping declares" in facts.findings[0].why


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("DD/MM/YYYY HH:MM", "29/02/2024 23:59"),
        ("YYYY-MM-DD HH:MM:SS", "2024-02-29 08:00:00.000"),
        ("YYYY-MM-DDTHH:MM:SS", "2024-02-29T08:00:00Z"),
        ("M/D/YYYY HH:MM AM", "2/29/2024 12:00 PM"),
        ("M/D/YYYY HH:MM:SS AM", "2/29/2024 1:00:59 am"),
        ("D MONTH YYYY", "29 February 2024"),
        ("MON D, YYYY", "Feb 29, 2024"),
        ("YYMMDD", "240229"),
        ("serial", "45351"),
        ("serial1904", "43889"),
    ],
)
def test_a_day_in_each_form(form: str, text: str, tmp_path: Path) -> None:
    mapping = plain(date=form, pivot=50)
    assert days(mapping, text) == ["2024-02-29"]
    others = ["29/02/2024 24:00", "29/02/2024", "2024-02-29", "29 Feb 2024", "6", "2902024", "2/29/2024 13:00 PM"]
    for other in others:
        assert days(mapping, other) == [None], other


@given(st.dates(dt.date(1900, 3, 1), dt.date(2173, 10, 13)))
def test_a_serial_is_the_day_that_a_workbook_shows(day: dt.date) -> None:
    """Days since 30 December 1899, and since 1 January 1904 in workbooks of that system."""
    assert days(plain(date="serial"), str((day - dt.date(1899, 12, 30)).days)) == [day.isoformat()]
    if day >= dt.date(1904, 2, 1):
        assert days(plain(date="serial1904"), str((day - dt.date(1904, 1, 1)).days)) == [day.isoformat()]


def test_serials_before_march_1900_are_not_certain() -> None:
    assert days(plain(date="serial"), "60", "61", "45351.5", "45351.0") == [None, "1900-03-01", None, "2024-02-29"]


@given(st.integers(0, 99), st.integers(0, 100))
def test_a_year_of_two_digits_lies_in_the_century_of_the_pivot(year: int, pivot: int) -> None:
    expected = (2000 if year < pivot else 1900) + year
    assert days(plain(date="DD.MM.YY", pivot=pivot), f"01.02.{year:02}") == [f"{expected}-02-01"]


def test_months_in_another_language() -> None:
    names = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
    assert days(plain(date="D. MON YYYY", months=names), "3. Mär 2024", "4. OKT 2024", "5. Oct 2024") == [
        *("2024-03-03", "2024-10-04", None)
    ]


def test_real_dates_text_and_serials_stand_in_one_column_of_a_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [list(ROW)]
    bought = [dt.datetime.fromisoformat("2023-01-15T12:00"), "16/01/2023", 44943, dt.date(2023, 1, 18)]
    rows += [[f"L{n}", "DGX H100", 1, 1000, day, ""] for n, day in enumerate(bought)]
    mapping = plain(date=["DD/MM/YYYY HH:MM", "DD/MM/YYYY", "serial"], sheet="Assets")
    facts = read_facts(workbook(tmp_path / "p.xlsx", *rows), GENERATIONS, (), mapping)
    assert facts.findings == ()
    held = facts.entries.filter(kind="acquisition")["effective_date"].to_list()
    assert held == [dt.date(2023, 1, day) for day in (15, 16, 17, 18)]
    strict = plain(date="DD/MM/YYYY", sheet="Assets")
    refused = what(read_facts(tmp_path / "p.xlsx", GENERATIONS, (), strict))
    assert [row for row, _ in refused] == [2, 4]  # a time and a serial are none of it


# Numbers


def test_several_ways_below_zero_and_no_other(tmp_path: Path) -> None:
    mapping = plain(negative=["minus", "parentheses"], negated=["accumulated"])
    facts = read(tmp_path, mapping, {"Reserve": "-250.00"}, {"Reserve": "(250.00)"}, {"Reserve": "250.00-"})
    assert facts.entries["amount_minor"].drop_nulls().to_list() == [25_000, 25_000]
    assert what(facts) == [(4, "Reserve (accumulated) '250.00-' is not an amount in USD")]
    assert "a negative one as -5 or (5)" in facts.findings[0].why


SIGNED = plain(signs={"$": "USD", "USD": "USD", "€": "EUR"}, thousands=",", negative=["minus", "parentheses"])


def test_a_sign_or_code_stands_before_or_behind_the_number() -> None:
    written = ["$1,000.00", "$ 1,000.00", "1,000.00 USD", "USD 1,000.00", "1000$", "1,000.00"]
    assert costs(SIGNED, *written) == ["1000.00", "1000.00", "1000.00", "1000.00", "1000", "1000.00"]
    below = ["-$5", "$-5", "($5)", "$(5)", "(5 USD)", "- $5", "(5) $"]
    assert costs(SIGNED, *below) == ["-5"] * len(below)
    assert costs(SIGNED, "$$5", "$", "5 $ 5", "£5", "us$5", "$5 USD") == [None] * 6


def test_an_amount_in_another_currency_than_its_row_is_refused(tmp_path: Path) -> None:
    facts = read(tmp_path, SIGNED, {"Value": "€1,000.00"}, {"Value": "$1,000.00"})
    assert what(facts) == [(2, "Value (cost) '€1,000.00' is not an amount in USD")]


def test_a_row_has_the_currency_of_its_amounts_where_nothing_else_says_it(tmp_path: Path) -> None:
    mapping = parse_mapping(extended(without("currency"), {"signs": {"$": "USD", "€": "EUR"}}))
    facts = read(tmp_path, mapping, {"Value": "€5"}, {"Value": "$5"}, {"Value": "5"}, {"Value": "$5", "Reserve": "€1"})
    assert facts.entries.filter(kind="acquisition").select("lot_id", "currency").rows() == [("1", "EUR"), ("2", "USD")]
    assert what(facts) == [(4, "currency is blank"), (5, "Reserve (accumulated) '€1' is not an amount in USD")]


LIVES = {
    "columns": {"kind": "What", "lot_id": "Asset", "effective_date": "On", "life_months": "Life"},
    "title": "Lives",
    "source": "this test",
}


@pytest.mark.parametrize(
    ("life", "texts", "months"),
    [
        ("months", ["60", "60.0", "60.5"], [60, 60]),
        ("years", ["5", "5.5", "4.25", "5.1", "x"], [60, 66, 51]),
        ("quarters", ["20", "1.5", "0.333333333"], [60]),
        ("years/months", ["5/0", "003/006", "5", "5/x"], [60, 42]),
    ],
)
def test_a_life_in_its_unit_is_a_whole_number_of_months(
    life: str, texts: list[str], months: list[int], tmp_path: Path
) -> None:
    rows = [{"What": "estimate", "Asset": text, "On": "2024-01-01", "Life": text} for text in texts]
    facts = read_facts(saved(tmp_path / "e.csv", *rows), GENERATIONS, (), parse_mapping({**LIVES, "life": life}))
    assert facts.entries["life_months"].to_list() == months
    assert len(facts.findings) == len(texts) - len(months)
    assert all("Life (life_months)" in finding.what for finding in facts.findings)


# Rows

TOTALS = [
    {"Asset": "A1", "Class": "DGX H100"},
    {"Asset": "Subtotal GPU", "Class": "", "Qty": "", "Bought": ""},
    {"Asset": "A2", "Class": "Office furniture", "Qty": "x"},
    {"Asset": "A3", "Class": ""},
    {"Asset": "", "Class": "", "Qty": "", "Value": "2000.00", "Bought": ""},
    {"Asset": "A4", "Reserve": "sold"},
]


def test_rows_are_skipped_by_a_condition_and_counted(tmp_path: Path) -> None:
    skip = [
        {"column": "*", "begins": "subtotal"},
        {"column": "class", "equals": ["OFFICE FURNITURE", "Cars"]},
        {"column": "Asset", "blank": True},
        {"column": "Reserve", "filled": True},
    ]
    facts = read(tmp_path, plain(skip=skip), *TOTALS)
    assert what(facts) == [(5, "Class (generation) is blank")]
    assert (facts.read, facts.good) == (2, 1)
    assert list(map(str, facts.skipped)) == [
        "1 where any cell begins with 'subtotal' (row 3)",
        "1 where class is 'OFFICE FURNITURE' or 'Cars' (row 4)",
        "1 where Asset is blank (row 6)",
        "1 where Reserve is not blank (row 7)",
    ]


def test_merged_cells_say_what_is_above_them_and_subtotals_do_not(tmp_path: Path) -> None:
    cells = [
        {"Class": "DGX H100"},
        {"Class": ""},
        {"Class": "", "Asset": "Subtotal"},
        {"Class": ""},
        {"Class": "Office furniture"},
        {"Class": ""},
        {"Class": "Subtotal furniture", "Asset": ""},
        {"Class": ""},
    ]
    skip = [{"column": "*", "begins": "Subtotal"}, {"column": "Class", "equals": "Office furniture"}]
    facts = read(tmp_path, plain(skip=skip, fill_down=["generation"]), *cells)
    assert what(facts) == [(9, "Class (generation) is blank")]
    assert facts.entries.filter(kind="acquisition")["source_row"].to_list() == [2, 3, 5]
    assert [(each.rows, each.first) for each in facts.skipped] == [(2, (4, 8)), (2, (6, 7))]


def test_a_condition_on_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"p\.csv:1: missing column: Status\n  why: rows are skipped by it"):
        read(tmp_path, plain(skip=[{"column": "Status", "equals": "sold"}]))


# The header, columns and sheets


def test_a_header_of_two_rows_with_names_over_several_columns(tmp_path: Path) -> None:
    names = {"purchase_date": "Acquisition Date", "cost": "Acquisition Value", "units": "Qty"}
    mapping = plain(columns=names, header_rows=2, skip_rows=1, sheet="Assets")
    rows: list[list[Any]] = [
        ["Register"],
        ["Asset", "Class", "Qty", "Acquisition", "", "Reserve"],
        ["", "", "", "Date", "Value", ""],
        ["1", "DGX H100", 10, "2023-01-15", 1000, ""],
    ]
    book = read_facts(workbook(tmp_path / "p.xlsx", *rows), GENERATIONS, (), mapping)
    lines = "".join(",".join(map(str, row)) + ("," * (6 - len(row))) + "\n" for row in rows)
    (tmp_path / "p.csv").write_text(lines, encoding="utf-8")
    for facts in (book, read_facts(tmp_path / "p.csv", GENERATIONS, (), mapping)):
        assert (facts.good, facts.findings) == (1, ())
        assert facts.entries["source_row"].to_list() == [4, 4]


def test_a_column_without_a_name_or_a_cell_may_be_dropped(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("Asset,Class,Qty,Value,Bought,Reserve,,\n1,DGX H100,10,1000.00,2023-01-15,,,\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"p\.csv:1: a column has no name"):
        read_facts(path, GENERATIONS, (), plain())
    for own in ({"empty_columns": "drop"}, {"ignore": "*"}, {"ignore": ["*"]}):
        assert read_facts(path, GENERATIONS, (), plain(**own)).good == 1
    path.write_text(path.read_text("utf-8").replace(",,,\n", ",,seen,\n"), encoding="utf-8")
    with pytest.raises(Refused, match=r"p\.csv:1: a column has no name"):
        read_facts(path, GENERATIONS, (), plain(empty_columns="drop"))
    assert read_facts(path, GENERATIONS, (), plain(ignore="*")).good == 1


def test_their_columns_are_known_in_any_case(tmp_path: Path) -> None:
    rows = [{name.upper(): cell for name, cell in ROW.items()}]
    assert read_facts(saved(tmp_path / "p.csv", *rows), GENERATIONS, (), plain()).good == 1
    both = [{**ROW, "ASSET": "x"}]
    with pytest.raises(Refused, match=r"p\.csv:1: unknown column: ASSET"):
        read_facts(saved(tmp_path / "p.csv", *both), GENERATIONS, (), plain())


@pytest.mark.parametrize(("word", "mark"), [("semicolon", ";"), (";", ";"), ("tab", "\t"), ("pipe", "|")])
def test_a_delimiter_goes_by_its_name_too(word: str, mark: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(mark.join(ROW) + "\n" + mark.join(ROW.values()) + "\n", encoding="utf-8")
    assert read_facts(tmp_path / "p.csv", GENERATIONS, (), plain(delimiter=word)).good == 1


def test_rows_above_the_header_may_differ_by_sheet(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, above in (("2023", 3), ("2024", 0)):
            page = book.add_worksheet(name)
            for number, cells in enumerate((list(ROW), list(ROW.values())), above):
                page.write_row(number, 0, [cells[0] + ("" if number == above else name), *cells[1:]])
    mapping = plain(skip_rows={"2023": 3}, sheet=["2023", "2024"])
    assert mapping.sheets == ("2023", "2024")
    for name, row in (("2023", 5), ("2024", 2)):
        facts = read_facts(path, GENERATIONS, (), mapping, Written(sheet=name))
        assert (facts.good, facts.entries["source_row"][0], facts.entries["lot_id"][0]) == (1, row, f"1{name}")


# The mapping itself


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"date": []}, "at least 1 item"),
        ({"date": ["DD.MM.YY"]}, "'DD.MM.YY' does not say the century; with pivot = 50"),
        ({"date": "DD/MM/YYYY HH"}, "a time may follow as in HH:MM"),
        ({"months": ["Jan"]}, "a year has twelve months"),
        ({"signs": {"$": "dollar"}}, "unknown currency 'dollar'"),
        ({"signs": {"5": "USD"}}, "'5' is no sign of a currency"),
        ({"signs": {"-": "USD"}}, "'-' is no sign of a currency"),
        ({"fill_down": ["residual"]}, "fill_down: residual is not among the columns"),
        ({"skip": [{"column": "a"}]}, "a row is skipped by one of equals, differs, begins, contains"),
        ({"skip": [{"column": "a", "equals": ""}]}, "a blank cell is blank = true"),
        ({"skip": [{"column": "*", "blank": True}]}, "differs, blank = true and filled = true are said of a column"),
        (
            {"skip": [{"column": "a", "starts": "b"}]},
            "the keys are: column, equals, differs, begins, contains, blank, filled, note",
        ),
        ({"delimiter": "colon"}, "write comma, semicolon, tab, pipe"),
        ({"encoding": "ebcdic"}, "unknown encoding 'ebcdic'; use one of: utf-8"),
        ({"header_rows": 0}, "greater than or equal to 1"),
        ({"skip_rows": {"A": 2000}}, "rows above the header are 0 to 1000"),
        ({"life": "weeks"}, "Input should be 'months', 'quarters', 'years' or 'years/months'"),
        ({"date": "MM/YYYY"}, "'MM/YYYY' is a month, not a day"),
        ({"date": "?"}, "date is left open"),
        ({"values": {"generation": {"Laptop": "?"}}}, "values.generation.Laptop is left open"),
        ({"skp": []}, "skp: unknown key; did you mean 'skip'?"),
        ({"decimals": ","}, "the keys are: title, source, note, extends, columns, constants, values, date"),
    ],
    ids=str,
)
def test_a_mapping_that_does_not_hold_together_is_refused(own: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        plain(**own)
    assert said in str(refused.value)


def test_everything_that_is_left_open_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        parse_mapping(extended(PLAIN, {"date": "?", "constants": {"currency": "?"}, "decimal": "?"}))
    what_is = [finding.what for finding in refused.value.findings]
    assert what_is == ["constants.currency is left open", "date is left open", "decimal is left open"]


# At the command line, and in Python


def test_each_declared_sheet_is_a_transaction_and_what_is_skipped_is_said(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "p.xlsx")) as book:
        for name in ("A", "B", "Notes"):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["Asset", "Qty"])
            page.write_row(1, 0, [f"{name}1", "1"])
            page.write_row(2, 0, ["Total", "1"])
    text = 'title = "t"\nsource = "s"\nsheet = ["A", "B"]\n[columns]\nlot_id = "asset"\nunits = "Qty"\n'
    text += '[[skip]]\ncolumn = "Asset"\nequals = "total"\n[constants]\nissuer = "META"\ngeneration = "h100"\n'
    text += 'cost = "5"\ncurrency = "USD"\npurchase_date = "2024-01-01"\n'
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    assert run(tmp_path, "init", "f.duckdb").code == 0
    done = run(tmp_path, "import", "f.duckdb", "p.xlsx", "--mapping", "m.toml", "--format", "csv")
    assert done.code == 0, done.err
    assert [line.split(",")[1:4] for line in done.out.splitlines()[1:]] == [
        ["p.xlsx[A]", "1", "1"],
        ["p.xlsx[B]", "1", "1"],
    ]
    said = "p.xlsx[A]: 1 row skipped by the mapping: 1 where Asset is 'total' (row 3)"
    assert said in done.err
    assert said in run(tmp_path, "import", "f.duckdb", "p.xlsx", "--mapping", "m.toml", "--dry-run").err


def test_rows_of_a_frame_go_by_its_name_and_begin_with_1(tmp_path: Path) -> None:
    fleet = depr.create(tmp_path / "f.duckdb")
    lot = {"lot_id": "L1", "issuer": "META", "generation": "h100", "units": 1, "currency": "USD"}
    frame = pl.DataFrame([lot | {"cost": 5, "purchase_date": "2024-01-01"}] * 2).with_columns(units=pl.Series([1, 0]))
    frame = frame.with_columns(lot_id=pl.Series(["L1", "L2"]))
    with pytest.raises(Refused, match=r"^mine:2: units is 0"):
        fleet.add(frame, name="mine")
    [plan] = fleet.preview(frame)
    assert [(each.file, each.row) for each in plan.recording.findings] == [("frame", 2)]
    [done] = fleet.add(frame, partial=True)
    assert [(each.file, each.row) for each in done.findings] == [("frame", 2)]
    with pytest.raises(Refused, match=r"^frame: missing column: lot_id"):
        fleet.add(frame.drop("lot_id"))
