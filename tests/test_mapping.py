"""The export of another system is read as declared, and in no other way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from depr import share
from depr.errors import Refused
from depr.intake import FactsRead, mappings, read_facts, read_mapping, read_toml
from depr.intake.forms import filled
from depr.intake.mapping import Mapping, extended, parse_mapping, translated
from depr.intake.schedules import read_schedule
from tests.ledger.samples import GENERATIONS

PLAIN: dict[str, Any] = {
    "title": "Plain",
    "source": "this test",
    "columns": {
        "lot_id": "Asset",
        "generation": "Class",
        "units": "Qty",
        "cost": "Value",
        "purchase_date": "Bought",
        "accumulated": "Reserve",
    },
    "constants": {
        "issuer": "META",
        "currency": "USD",
        "accumulated_date": "2024-12-31",
        "in_service_date": "2023-02-01",
    },
    "values": {"generation": {"DGX H100": "h100"}},
}
ROW = {"Asset": "1", "Class": "DGX H100", "Qty": "10", "Value": "1000.00", "Bought": "2023-01-15", "Reserve": "250.00"}


def plain(**own: Any) -> Mapping:
    return parse_mapping(extended(PLAIN, own))


def saved(path: Path, *rows: dict[str, str], header: Sequence[str] | None = None, above: str = "") -> Path:
    names = header or list(rows[0])
    lines = [names, *([row[name] for name in names] for row in rows)]
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines)
    path.write_text(above + text, encoding="utf-8")
    return path


def read(folder: Path, mapping: Mapping, *cells: dict[str, str]) -> FactsRead:
    rows = [ROW | {"Asset": str(n)} | cell for n, cell in enumerate(cells or ({},), 1)]
    return read_facts(saved(folder / "p.csv", *rows), GENERATIONS, (), mapping)


def what(facts: FactsRead) -> list[tuple[int, str]]:
    return [(finding.row, finding.what) for finding in facts.findings]


def test_their_table_becomes_ours(tmp_path: Path) -> None:
    facts = read(tmp_path, plain())
    assert (facts.form, facts.read, facts.good, facts.findings) == ("purchases", 1, 1, ())
    [bought, served, brought] = facts.entries.iter_rows(named=True)
    said = ("lot_id", "issuer", "generation", "units", "cost_minor", "currency", "effective_date", "source_row")
    assert [bought[name] for name in said] == ["1", "META", "h100", 10, 100_000, "USD", dt.date(2023, 1, 15), 2]
    assert (served["kind"], served["effective_date"]) == ("placed_in_service", dt.date(2023, 2, 1))
    assert (brought["kind"], brought["effective_date"], brought["amount_minor"]) == (
        *("opening", dt.date(2024, 12, 31)),
        25_000,
    )


# Numbers: accepted only in the declared form, and a finding quotes the cell as it stands in the export

FORMS: dict[str, dict[str, str]] = {
    "point": {},
    "comma": {"decimal": ","},
    "english": {"thousands": ","},
    "german": {"decimal": ",", "thousands": "."},
    "swiss": {"thousands": "'"},
    "french": {"decimal": ",", "thousands": "\u202f"},
}
ACCEPTED = {
    "point": {"1000.00": 100_000, "1000": 100_000, "1000.5": 100_050, "0": 0},
    "comma": {"1000,00": 100_000, "1000": 100_000},
    "english": {"1,000.00": 100_000, "1000.00": 100_000, "12,345,678.90": 1_234_567_890, "999": 99_900},
    "german": {"1.000,00": 100_000, "1000,00": 100_000, "1.000": 100_000, "12.345.678,9": 1_234_567_890},
    "swiss": {"1'000.00": 100_000},
    "french": {"1\u202f000,00": 100_000},
}
NEVER = (
    *("1e6", "1E6", "NaN", "inf", "1_000", "１０００", "١٢٣", "+5", "$5", "5 USD", "0x10", "1/2", "50%", "=5"),
    *("1" * 19, "1,00,000.00", "1.00.000,00", "1,0000.00", ",100.00", "1,000.001", "1.2.3,4", ".5", "5."),
    *("(500)", "-500", "500-"),
)


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in ACCEPTED.items() for text in texts])
def test_a_number_in_its_declared_form_is_exact(form: str, text: str, tmp_path: Path) -> None:
    facts = read(tmp_path, plain(**FORMS[form]), {"Value": text, "Reserve": ""})
    assert facts.findings == ()
    assert facts.entries["cost_minor"][0] == ACCEPTED[form][text]


OTHERS = [
    (form, text)
    for form in FORMS
    for text in dict.fromkeys((*(t for texts in ACCEPTED.values() for t in texts), *NEVER))
    if text not in ACCEPTED[form]
    and not re.fullmatch(rf"[0-9]{{1,15}}([{FORMS[form].get('decimal', '.')}][0-9]{{1,2}})?", text)  # without groups
]


@pytest.mark.parametrize(("form", "text"), OTHERS, ids=lambda text: ascii(text)[:20])
def test_a_number_in_another_form_is_a_finding_with_its_text(form: str, text: str, tmp_path: Path) -> None:
    facts = read(tmp_path, plain(**FORMS[form]), {"Value": text, "Reserve": ""})
    assert (facts.read, facts.good) == (1, 0)
    [finding] = facts.findings
    assert (finding.file, finding.row) == ("p.csv", 2)
    assert finding.what == f"Value (cost) '{text}' is not an amount in USD"
    assert "the mapping declares digits" in finding.why


def test_the_same_text_is_another_number_in_another_form(tmp_path: Path) -> None:
    """The reason for declaring it."""
    texts = {"1.234": ("german", 123_400), "1,234": ("english", 123_400), "1,23": ("comma", 123)}
    for text, (form, minor) in texts.items():
        facts = read(tmp_path, plain(**FORMS[form]), {"Value": text, "Reserve": ""})
        assert facts.entries["cost_minor"][0] == minor


@given(st.integers(0, 10**15), st.sampled_from(list(FORMS)), st.booleans())
def test_every_amount_comes_back_from_every_form(minor: int, form: str, grouped: bool) -> None:
    decimal, thousands = FORMS[form].get("decimal", "."), FORMS[form].get("thousands", "")
    digits = f"{minor // 100:,}".replace(",", thousands) if grouped else str(minor // 100)
    rows = filled(pl.DataFrame([ROW | {"Value": f"{digits}{decimal}{minor % 100:02}"}]), 2)
    assert translated(rows, plain(**FORMS[form]))["cost"].item() == f"{minor // 100}.{minor % 100:02}"


@pytest.mark.parametrize(
    ("negative", "text"), [("minus", "-250.00"), ("trailing_minus", "250.00-"), ("parentheses", "(250.00)")]
)
def test_a_negative_number_needs_its_form_and_a_column_that_is_negated(
    negative: str, text: str, tmp_path: Path
) -> None:
    facts = read(tmp_path, plain(negative=negative, negated=["accumulated"]), {"Reserve": text})
    assert facts.entries["amount_minor"].drop_nulls().to_list() == [25_000]
    for own in ({"negated": ["accumulated"]}, {"negative": negative}, {}):
        assert what(read(tmp_path, plain(**own), {"Reserve": text})) == [
            (2, f"Reserve (accumulated) '{text}' is not an amount in USD")
        ]


def test_a_negated_column_takes_no_positive_number_and_zero_has_no_sign(tmp_path: Path) -> None:
    turned = plain(negative="minus", negated=["accumulated"])
    facts = read(tmp_path, turned, {"Reserve": "250.00"}, {"Reserve": "0.00"}, {"Reserve": "-0.00"})
    assert what(facts) == [(2, "Reserve (accumulated) '250.00' is not an amount in USD")]
    assert facts.entries["amount_minor"].drop_nulls().to_list() == [0, 0]


def test_units_are_read_in_the_declared_form(tmp_path: Path) -> None:
    german = plain(decimal=",", thousands=".")
    amounts = {"Value": "1.000.000,00", "Reserve": ""}
    assert read(tmp_path, german, {"Qty": "1.000", **amounts}).entries["units"][0] == 1000
    assert what(read(tmp_path, german, {"Qty": "1,000", **amounts})) == [
        (2, "Qty (units) '1,000' is not a whole number")
    ]


# Dates

DATES = {
    "YYYY-MM-DD": "2024-02-29",
    "DD.MM.YYYY": "29.02.2024",
    "D.M.YYYY": "29.2.2024",
    "MM/DD/YYYY": "02/29/2024",
    "M/D/YYYY": "2/29/2024",
    "DD-MON-YYYY": "29-FEB-2024",
    "D MON YYYY": "29 Feb 2024",
    "YYYYMMDD": "20240229",
    "YYYY/MM/DD": "2024/02/29",
}


@pytest.mark.parametrize("form", DATES)
def test_a_date_in_its_declared_form(form: str, tmp_path: Path) -> None:
    facts = read(tmp_path, plain(date=form, constants={"in_service_date": "2024-03-01"}), {"Bought": DATES[form]})
    assert facts.findings == ()
    assert facts.entries["effective_date"][0] == dt.date(2024, 2, 29)


NO_DATES = (
    "29.02.2023",
    "31.04.2024",
    "2024-13-01",
    "2024-2-9",
    "45000",
    "29.02.24",
    "29-FEV-2024",
    "２9.02.2024",
    "x",
)


@pytest.mark.parametrize("form", DATES)
def test_a_date_in_another_form_is_a_finding_with_its_text(form: str, tmp_path: Path) -> None:
    loose = {"MM/DD/YYYY": {"M/D/YYYY"}, "DD.MM.YYYY": {"D.M.YYYY"}}
    both = {"D.M.YYYY": {"DD.MM.YYYY"}, "M/D/YYYY": {"MM/DD/YYYY"}}
    texts = [t for f, t in DATES.items() if f != form and f not in both.get(form, ()) and f not in loose.get(form, ())]
    mapping = plain(date=form, constants={"in_service_date": "2024-03-01"})
    facts = read(tmp_path, mapping, *({"Bought": text} for text in (*texts, *NO_DATES)))
    assert facts.good == 0
    assert what(facts) == [
        (row, f"Bought (purchase_date) '{text}' is not a date") for row, text in enumerate((*texts, *NO_DATES), 2)
    ]
    assert {finding.why for finding in facts.findings} == {
        f"it is not a day of the calendar in the form {form} that the mapping declares"
    }


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y"]))
def test_every_day_comes_back_from_every_form(day: dt.date, pattern: str) -> None:
    form = pattern.replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY").replace("%b", "MON")
    rows = filled(pl.DataFrame([ROW | {"Bought": day.strftime(pattern)}]), 2)
    assert translated(rows, plain(date=form))["purchase_date"].item() == day.isoformat()


# Values and constants


def without(*constants: str) -> dict[str, Any]:
    return PLAIN | {"constants": {name: text for name, text in PLAIN["constants"].items() if name not in constants}}


def test_text_that_has_values_takes_no_other(tmp_path: Path) -> None:
    meta = {"columns": {"issuer": "Owner"}, "values": {"issuer": {"Meta Platforms, Inc.": "META"}}}
    owner = {"Owner": "Meta Platforms, Inc."}
    mapping = parse_mapping(extended(without("issuer"), meta))
    facts = read(tmp_path, mapping, owner, {"Owner": "meta platforms, inc."}, {**owner, "Class": "Laptop"})
    assert facts.entries["issuer"].drop_nulls().to_list() == ["META"]
    assert what(facts) == [
        (3, "Owner (issuer) 'meta platforms, inc.' is not among the values of the mapping"),
        (4, "Class (generation) 'Laptop' is not among the values of the mapping"),
    ]


def test_a_value_may_stand_for_a_blank_and_a_blank_for_a_value(tmp_path: Path) -> None:
    mapping = plain(values={"accumulated": {"0.00": "", "n/a": ""}, "units": {"": "1"}})
    cells = [{"Reserve": "0.00", "Qty": ""}, {"Reserve": "n/a"}, {"Reserve": "1.00"}, {"Reserve": ""}]
    facts = read(tmp_path, mapping, *cells)
    assert facts.findings == ()
    assert facts.entries["units"].drop_nulls().to_list() == [1, 10, 10, 10]
    assert facts.entries.filter(kind="opening").select("lot_id", "amount_minor").rows() == [("3", 100)]


def test_a_constant_is_judged_like_a_cell(tmp_path: Path) -> None:
    facts = read(tmp_path, plain(constants={"currency": "dollars", "in_service_date": "1.2.2023"}))
    assert what(facts) == [
        (2, "in_service_date '1.2.2023' is not a date"),
        (2, "unknown currency 'dollars'"),
    ]


def test_a_blank_constant_is_a_blank(tmp_path: Path) -> None:
    facts = read(tmp_path, plain(constants={"in_service_date": ""}), {"Reserve": ""})
    assert facts.entries["kind"].to_list() == ["acquisition"]


def test_a_constant_kind_makes_events(tmp_path: Path) -> None:
    mapping = parse_mapping(
        {
            "title": "Disposals",
            "source": "this test",
            "columns": {"lot_id": "Asset", "effective_date": "Sold on", "amount": "Proceeds"},
            "constants": {"kind": "disposal", "currency": "EUR"},
            "date": "D.M.YYYY",
            "decimal": ",",
        }
    )
    rows = [{"Asset": "1", "Sold on": "1.2.2025", "Proceeds": "10,5"}, {"Asset": "2", "Sold on": "x", "Proceeds": ""}]
    facts = read_facts(saved(tmp_path / "p.csv", *rows), GENERATIONS, (), mapping)
    assert (facts.form, facts.read, facts.good) == ("events", 2, 1)
    [row] = facts.entries.iter_rows(named=True)
    assert (row["kind"], row["effective_date"], row["amount_minor"]) == ("disposal", dt.date(2025, 2, 1), 1050)
    assert what(facts) == [(3, "Sold on (effective_date) 'x' is not a date")]


# The table in the file


def test_rows_above_the_header_are_skipped_and_counted(tmp_path: Path) -> None:
    title = 'Fixed asset register,,,\n"as of 31 December 2024"\n\n'
    path = saved(tmp_path / "p.csv", ROW, ROW | {"Asset": "2", "Value": "x"}, ROW | {"Asset": "3"}, above=title)
    facts = read_facts(path, GENERATIONS, (), plain(skip_rows=3))
    assert what(facts) == [(6, "Value (cost) 'x' is not an amount in USD")]
    assert facts.entries.filter(kind="acquisition")["source_row"].to_list() == [5, 7]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("\n\nAsset;Qty\n1;2;3\n", "p.csv:3: missing column: Class"),
        ("\n\nAsset;Class;Qty;Value;Bought;Reserve\n1;DGX H100;2;3\n", "p.csv:4: 4 cells, the header has 6"),
        ("\n\nAsset;Class;Qty;Value;Bought;Reserve;Asset\n", "p.csv:3: column Asset is there twice"),
        ("\n\nAsset;Class;Qty;Value;Bought;Reserve\n", "p.csv: holds no purchases"),
        ('\n\nAsset;Class;Qty;Value;Bought;Reserve\n1;"DGX" H100;2;3;4;5\n', "p.csv:4: a quote is not closed"),
        ("", "p.csv: cannot be read as a table"),
    ],
)
def test_rows_of_a_file_with_a_title_are_named_as_they_are_counted(data: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(data, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_facts(path, GENERATIONS, (), plain(skip_rows=2, delimiter=";", ignore="*"))
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_an_encoding_is_declared(encoding: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "p.csv", ROW | {"Asset": "Malmö"})
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    declared = encoding.removesuffix("-sig")
    facts = read_facts(path, GENERATIONS, (), plain(encoding=declared))
    assert facts.entries["lot_id"].unique().to_list() == ["Malmö"]
    if declared != "utf-8":
        with pytest.raises(Refused, match=r"p\.csv:[12]: "):
            read_facts(path, GENERATIONS, (), plain())


def test_columns_in_any_order_with_quoted_newlines(tmp_path: Path) -> None:
    cells = [ROW | {"Asset": "a\nb"}, ROW | {"Asset": "2", "Qty": "x"}]
    one = read_facts(saved(tmp_path / "p.csv", *cells), GENERATIONS, (), plain())
    two = read_facts(saved(tmp_path / "q.csv", *cells, header=list(ROW)[::-1]), GENERATIONS, (), plain())
    assert one.entries.equals(two.entries)
    assert what(one) == what(two) == [(3, "Qty (units) 'x' is not a whole number")]


def test_every_column_is_mapped_or_ignored(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.csv", ROW | {"Notes": "x", "Plant": "y"})
    for ignore, extra in (([], "Notes, Plant"), (["Notes"], "Plant")):
        with pytest.raises(Refused, match=rf"p\.csv:1: unknown column: {extra}\n"):
            read_facts(path, GENERATIONS, (), plain(ignore=ignore))
    for ignored in (["Notes", "Plant"], "*"):
        assert read_facts(path, GENERATIONS, (), plain(ignore=ignored)).good == 1


def test_a_row_with_text_in_an_ignored_column_alone_is_not_blank(tmp_path: Path) -> None:
    """A line of totals must not vanish."""
    blank = dict.fromkeys(ROW, "")
    path = saved(tmp_path / "p.csv", *(r | n for r, n in ((ROW, {"Notes": ""}), (blank, {"Notes": "Total"}))))
    facts = read_facts(path, GENERATIONS, (), plain(ignore=["Notes"]))
    assert (facts.read, facts.good) == (2, 1)
    assert (3, "Asset (lot_id) is blank") in what(facts)


def test_a_column_may_be_optional(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.csv", {name: text for name, text in ROW.items() if name != "Reserve"})
    mapping = parse_mapping({**without("accumulated_date"), "optional": ["accumulated"]})
    assert read_facts(path, GENERATIONS, (), mapping).entries["kind"].to_list() == ["acquisition", "placed_in_service"]
    dated = plain(optional=["accumulated"])
    assert read_facts(path, GENERATIONS, (), dated).entries["kind"].to_list() == ["acquisition", "placed_in_service"]
    with pytest.raises(Refused, match=r"p\.csv:1: missing column: Reserve"):
        read_facts(path, GENERATIONS, (), plain())


def test_what_the_form_needs_is_missed_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"p\.csv: the mapping gives no issuer, currency\n"):
        read(tmp_path, parse_mapping(without("issuer", "currency")))
    with pytest.raises(Refused, match=r"p\.csv: the mapping gives no accumulated_date\n"):
        read(tmp_path, parse_mapping(without("accumulated_date")))


# Sheets and Parquet: a number is a number, whatever form text is declared in


def workbook(path: Path, *rows: Sequence[Any], sheet: str = "Assets") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Cover").write_string(0, 0, "cover")
        page, day = book.add_worksheet(sheet), book.add_format({"num_format": "dd.mm.yyyy"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                match value:
                    case str():
                        page.write_string(number, column, value)
                    case dt.date():
                        page.write_datetime(number, column, value, day)
                    case _:
                        page.write_number(number, column, value)
    return path


MIXED = (
    ("1", 1.234, "15.01.2023"),
    ("2", "1.234", dt.date(2023, 1, 16)),
    ("3", 1.23, "17.01.2023"),
    ("4", 5, 44941),
)
GERMAN = {"decimal": ",", "thousands": ".", "date": "DD.MM.YYYY", "sheet": "Assets", "skip_rows": 1}


def test_numbers_and_dates_of_a_sheet_need_no_form(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Register"],
        list(ROW),
        ["1", "DGX H100", 10, 1234.567 + 0.003, dt.date(2023, 1, 15), 0.1 + 0.2],
        ["2", "DGX H100", 10, 33333333.33, dt.date(2023, 1, 16), 5],
    ]
    facts = read_facts(workbook(tmp_path / "p.xlsx", *rows), GENERATIONS, (), plain(**GERMAN))
    assert facts.findings == ()
    bought = facts.entries.filter(kind="acquisition")
    assert bought["cost_minor"].to_list() == [123_457, 3_333_333_333]
    assert bought["effective_date"].to_list() == [dt.date(2023, 1, 15), dt.date(2023, 1, 16)]
    assert bought["source_row"].to_list() == [3, 4]
    assert facts.entries["amount_minor"].drop_nulls().to_list() == [30, 500]


def test_text_of_a_sheet_is_in_the_declared_form(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Register"], list(ROW), ["1", "DGX H100", "1.000", "1.234.567,89", "15.01.2023", "1.234"]]
    facts = read_facts(workbook(tmp_path / "p.xlsx", *rows), GENERATIONS, (), plain(**GERMAN))
    assert facts.findings == ()
    assert (facts.entries["units"][0], facts.entries["cost_minor"][0]) == (1000, 123_456_789)
    assert facts.entries["amount_minor"].drop_nulls().to_list() == [123_400]


def test_a_column_of_numbers_and_text_is_read_cell_by_cell(tmp_path: Path) -> None:
    """1.234 as text is 1234, as a number it is not."""
    rows: list[list[Any]] = [
        ["Register"],
        list(ROW),
        *([n, "DGX H100", 1, value, day, ""] for n, value, day in MIXED),
    ]
    facts = read_facts(workbook(tmp_path / "p.xlsx", *rows), GENERATIONS, (), plain(**GERMAN))
    assert what(facts) == [
        (3, "Value (cost) '1.234' is not an amount in USD"),
        (6, "Bought (purchase_date) '44941' is not a date"),
    ]
    bought = facts.entries.filter(kind="acquisition")
    assert bought.select("lot_id", "cost_minor").rows() == [("2", 123_400), ("3", 123)]
    assert bought["effective_date"].to_list() == [dt.date(2023, 1, 16), dt.date(2023, 1, 17)]


def test_a_sheet_is_found_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "p.xlsx", list(ROW), list(ROW.values()), sheet="Register")
    assert read_facts(path, GENERATIONS, (), plain(sheet="Register")).good == 1
    with pytest.raises(Refused, match=r"p\.xlsx: no sheet 'Assets'\n  do: name one of: Cover, Register"):
        read_facts(path, GENERATIONS, (), plain(sheet="Assets"))
    with pytest.raises(Refused, match=r"sheet 'Register' has no row below the 9 that are skipped"):
        read_facts(path, GENERATIONS, (), plain(sheet="Register", skip_rows=9))
    with pytest.raises(Refused, match=r"p\.xlsx: 2 sheets hold something: Cover, Register"):
        read_facts(path, GENERATIONS, (), plain())


def test_typed_parquet_columns_need_no_form(tmp_path: Path) -> None:
    typed = {"Qty": [1000], "Value": pl.Series(["1234.5"]).cast(pl.Decimal(18, 4)), "Bought": [dt.date(2023, 1, 15)]}
    pl.DataFrame({**{name: [text] for name, text in ROW.items()}, **typed, "Reserve": ["1.234"]}).write_parquet(
        tmp_path / "p.parquet"
    )
    german = {name: GERMAN[name] for name in ("decimal", "thousands", "date")}
    facts = read_facts(tmp_path / "p.parquet", GENERATIONS, (), plain(**german, constants={"currency": "JPY"}))
    assert what(facts) == [(2, "Value (cost) '1234.50' is not an amount in JPY")]
    facts = read_facts(tmp_path / "p.parquet", GENERATIONS, (), plain(**german))
    assert facts.entries.select("units", "cost_minor", "effective_date").row(0) == (1000, 123_450, dt.date(2023, 1, 15))


# The mapping itself


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"columns": {"colour": "Colour"}}, "columns: colour is no column of purchases; they are: lot_id"),
        ({"constants": {"kind": "disposal"}}, "columns: purchase_date, accumulated is no column of events"),
        ({"constants": {"units": "1"}}, "units is both a column and a constant"),
        ({"values": {"location": {"a": "b"}}}, "values: location is not among the columns"),
        ({"negated": ["residual"]}, "negated: residual is not among the columns"),
        ({"negated": ["units"]}, "negated: units is no amount"),
        ({"optional": ["serial"]}, "optional: serial is not among the columns"),
        ({"decimal": ",", "thousands": ","}, "the decimal mark and the thousands mark are the same"),
        ({"date": "YYYY-DD-MM"}, "a date that begins with its year goes on with the month"),
        ({"date": "DD.MM.YY"}, "'DD.MM.YY' does not say the century"),
        ({"date": "DD.MM"}, "'DD.MM' is no form of a date"),
        ({"date": "%d.%m.%Y"}, "is no form of a date"),
        ({"date": "DMYYYY"}, "does not say where a part ends"),
        ({"decimal": ";"}, "Input should be '.' or ','"),
        ({"skip_rows": -1}, "rows above the header are 0 to 1000"),
        ({"colour": "red"}, "unknown key"),
        ({"source": ""}, "at least 1 character"),
    ],
    ids=str,
)
def test_a_mapping_that_does_not_hold_together_is_refused(own: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        plain(**own)
    assert said in str(refused.value)


def test_a_mapping_may_build_on_another(tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text('extends = "erpnext"\ntitle = "Ours"\n[constants]\ncurrency = "EUR"\n', encoding="utf-8")
    mapping, base = read_mapping(own), read_mapping(share.find("mappings", "erpnext"))
    assert (mapping.title, mapping.source, mapping.columns) == ("Ours", base.source, base.columns)
    assert mapping.constants == {"currency": "EUR"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('extends = "erp"\n', "unknown mapping 'erp'"),
        ("extends = 3\n", "extends is no text"),
        ('extends = "ours"\n', "extends ours, which extends it"),
        ("title = \n", "cannot be read"),
    ],
)
def test_what_cannot_be_built_on_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    path = tmp_path / "mappings" / "ours.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=said):
        read_mapping(path, tmp_path)


# The mappings that ship, each on a small export in the documented layout

ADDED: dict[str, Any] = {"constants": {"issuer": "META", "currency": "USD", "units": "8"}}
H100 = {"generation": {"DGX H100": "h100"}}
DAY, LATER = dt.date(2023, 1, 15), dt.date(2023, 2, 1)
PRESETS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "erpnext": (
        {"constants": {"currency": "USD", "accumulated_date": "2024-12-31"}, "values": H100},
        "ID,Asset Name,Item Code,Company,Location,Purchase Date,Available for Use Date,Net Purchase Amount,"
        "Asset Quantity,Opening Accumulated Depreciation,Status\n"
        "ACC-ASS-2023-00001,Rack 1,DGX H100,META,Luleå,2023-01-15,2023-02-01,250000.5,8,1000.0,Submitted\n"
        "ACC-ASS-2025-00002,Rack 2,DGX H100,META,Luleå,2025-01-15,2025-02-01,250000.5,8,0.0,Submitted\n",
        {"lot_id": "ACC-ASS-2023-00001", "location": "Luleå", "opening": [100_000]},
    ),
    "erpnext-15": (
        {"constants": {"currency": "USD"}, "values": H100},
        "ID,Item Code,Company,Purchase Date,Available for Use Date,Gross Purchase Amount,Asset Quantity\n"
        "ACC-ASS-2023-00001,DGX H100,META,2023-01-15,2023-02-01,250000.5,8\n",
        {"lot_id": "ACC-ASS-2023-00001", "opening": []},
    ),
    "oca": (
        {"constants": {"units": "8", "accumulated_date": "2024-12-31"}, "values": H100},
        "id,code,name,profile_id,company_id,company_currency_id,purchase_value,salvage_value,date_start,"
        "value_depreciated,state\n"
        "__export__.1,A-1,Rack 1,DGX H100,META,USD,250000.5,0.0,2023-02-01,1000.0,open\n",
        {"lot_id": "A-1", "effective_date": LATER, "residual_minor": 0, "opening": [100_000]},
    ),
    "netsuite": (
        {**ADDED, "constants": {"issuer": "META", "currency": "USD", "accumulated_date": "2024-12-31"}, "values": H100},
        "Internal ID,ID,Name,Asset Type,Asset Original Cost,Asset Current Cost,Serial Number,Quantity,Date Created,"
        "Purchase Date,Depreciation Start Date,Current Net Book Value,Cumulative Depreciation\n"
        '101,FAM00001,Rack 1,DGX H100,"250,000.50","250,000.50",S-1,8,1/20/2023,1/15/2023,2/1/2023,'
        '"249,000.50","1,000.00"\n',
        {"lot_id": "FAM00001", "serial": "S-1", "opening": [100_000]},
    ),
    "sap": (
        {"constants": {"currency": "USD", "units": "8", "accumulated_date": "2024-12-31"}, "values": H100},
        "BUKRS;ANLN1;ANLN2;ANLKL;AFABE;GJAHR;ZUGDT;AKTIV;KANSW;KNAFA\n"
        "META;000000100001;0;DGX H100;01;2025;15.01.2023;01.02.2023;250.000,50;1.000,00-\n"
        "META;000000100002;0;DGX H100;01;2025;15.01.2023;00.00.0000;250.000,50;0,00\n",
        {"lot_id": "000000100001", "opening": [100_000], "served": 1},
    ),
    "oracle": (
        {"constants": {"currency": "USD"}, "values": {**H100, "issuer": {"META CORP": "META"}}},
        "ASSET_NUMBER,BOOK_TYPE_CODE,MODEL_NUMBER,FIXED_ASSETS_UNITS,FIXED_ASSETS_COST,ACCOUNTING_DATE,"
        "DATE_PLACED_IN_SERVICE,SERIAL_NUMBER,INVOICE_NUMBER,QUEUE_NAME\n"
        "10001,META CORP,DGX H100,8,250000.50,15-JAN-2023,01-FEB-2023,S-1,INV-9,POSTED\n",
        {"lot_id": "10001", "serial": "S-1", "document": "INV-9", "opening": []},
    ),
    "dynamics365": (
        {**ADDED, "values": H100},
        "FixedAssetNumber,BookId,FixedAssetGroupId,AcquisitionDate,AcquisitionPrice,PlacedInService,"
        "ExpectedScrapValue,VendorInvoice\n"
        "FA-1,BOOK,DGX H100,2023-01-15,250000.50,2023-02-01,500.00,INV-9\n",
        {"lot_id": "FA-1", "residual_minor": 50_000, "document": "INV-9", "opening": []},
    ),
    "dynamics365 with accumulated depreciation": (
        {**ADDED, "values": H100},
        "FIXEDASSETNUMBER,BOOKID,FIXEDASSETGROUPID,ACQUISITIONDATE,ACQUISITIONPRICE,PLACEDINSERVICE,"
        "DEPRECIATIONLASTRUNDATE,ACCUMULATEDDEPRECIATION\n"
        "FA-1,BOOK,DGX H100,2023-01-15,250000.50,2023-02-01,2024-12-31,1000.00\n"
        "FA-2,BOOK,DGX H100,2023-01-15,250000.50,2023-02-01,2024-12-31,0.00\n",
        {"lot_id": "FA-1", "opening": [100_000]},
    ),
    "business-central": (
        {**ADDED, "values": H100},
        "FA No.,Depreciation Book Code,FA Posting Group,Acquisition Date,Depreciation Starting Date,Acquisition Cost,"
        "Depreciation,Salvage Value,Book Value,Last Depreciation Date\n"
        'FA000010,COMPANY,DGX H100,1/15/2023,2/1/2023,"250,000.50","-1,000.00",-500.00,"249,000.50",12/31/2024\n'
        'FA000020,COMPANY,DGX H100,1/15/2023,2/1/2023,"250,000.50",0.00,0.00,"250,000.50",\n',
        {"lot_id": "FA000010", "residual_minor": 50_000, "opening": [100_000]},
    ),
    "sage-50": (
        {**ADDED, "values": H100},
        "Asset Reference,Location or Employee,Description 1,Description 2,Description 3,Serial No,Supplier Reference,"
        "Balance Sheet Nominal Reference,P and L Nominal Reference,Depreciation Method,Purchase Date,Category,"
        "Department,Rate,Cost Price,Net Book Value\n"
        "RACK1,Slough,DGX H100,,,S-1,SUP1,0040,8000,1,15/01/2023,1,1,25.00,250000.50,249000.50\n",
        {"lot_id": "RACK1", "location": "Slough", "serial": "S-1", "opening": []},
    ),
    "quickbooks": (
        {"constants": {**ADDED["constants"], "accumulated_date": "2024-12-31"}, "values": H100},
        "ListID,Name,AcquiredAs,PurchaseDesc,PurchaseDate,PurchaseCost,Location,PONumber,SerialNumber,"
        "YearEndAccumulatedDepreciation\n"
        "80000001-1,RACK 1,New,DGX H100,2023-01-15,250000.50,Austin,PO-7,S-1,1000.00\n",
        {"lot_id": "RACK 1", "location": "Austin", "serial": "S-1", "document": "PO-7", "opening": [100_000]},
    ),
}


SCHEDULED: dict[str, str] = {
    "erpnext-schedule": (
        "ID,Asset,Status,Schedule Date (Depreciation Schedule),Depreciation Amount (Depreciation Schedule),"
        "Journal Entry (Depreciation Schedule)\n"
        "ACC-ADS-1,A1,Active,2025-01-31,100.5,\n,,,2025-02-28,200.25,\nACC-ADS-2,A2,Active,2025-01-31,50.0,\n"
    ),
    "oca-schedule": (
        "id,code,depreciation_line_ids/type,depreciation_line_ids/line_date,depreciation_line_ids/amount\n"
        "__export__.1,A1,create,2023-02-01,9000.0\n,,depreciate,2025-01-31,100.5\n,,depreciate,2025-02-28,200.25\n"
        "__export__.2,A2,create,2023-02-01,9000.0\n,,depreciate,2025-01-31,50.0\n"
    ),
    "netsuite-schedule": (
        "ID,Date,Transaction Amount,Net Book Value\n"
        'A1,1/31/2025,100.50,"8,000.00"\nA1,2/28/2025,200.25,1.00\nA2,1/31/2025,50.00,1.00\n'
    ),
    "sap-schedule": (
        "ANLN1;ANLN2;AFABER;PERIOD;NAFAZ\nA1;0;01;202501;100,50-\nA1;0;01;202502;200,25-\nA2;0;01;202501;50,00-\n"
    ),
    "dynamics365-schedule": (
        "AssetId,BookId,TransDate,TransType,AccountingCurrency,DepreciationAmounts\n"
        "A1,B,2023-02-01,Acquisition,USD,0.00\nA1,B,2025-01-31,Depreciation,USD,-100.50\n"
        "A1,B,2025-02-28,Depreciation,USD,-200.25\nA2,B,2025-01-31,Depreciation,USD,-50.00\nA2,B,2025-03-01,Disposal,USD,\n"
    ),
    "business-central-schedule": (
        "FA No.,Depreciation Book Code,FA Posting Date,FA Posting Type,Amount\n"
        'A1,COMPANY,2/1/2023,Acquisition Cost,"9,000.00"\nA1,COMPANY,1/31/2025,Depreciation,-100.50\n'
        "A1,COMPANY,2/28/2025,Depreciation,-200.25\nA2,COMPANY,1/31/2025,Depreciation,-50.00\n"
    ),
}


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_mapping_of_a_schedule_reads_one_in_the_documented_layout(name: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SCHEDULED[name], encoding="utf-8")
    read = read_schedule(tmp_path / "s.csv", ["USD"], read_mapping(share.find("mappings", name)))
    assert read.findings == ()
    held = read.rows.select("lot_id", "date", "depreciation_minor", "currency").rows()
    assert held == [
        ("A1", dt.date(2025, 1, 31), 10_050, "USD"),
        ("A1", dt.date(2025, 2, 28), 20_025, "USD"),
        ("A2", dt.date(2025, 1, 31), 5_000, "USD"),
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_a_mapping_that_ships_reads_an_export_in_the_documented_layout(name: str, tmp_path: Path) -> None:
    """What no export holds (owner, currency, units, generations) is what the user adds."""
    added, text, expected = PRESETS[name]
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    shipped = read_mapping(share.find("mappings", name.partition(" ")[0]))
    own = parse_mapping(extended(shipped.model_dump(), added))
    facts = read_facts(tmp_path / "p.csv", GENERATIONS, (), own)
    assert facts.findings == ()
    assert facts.read == facts.good == text.count("\n") - 1
    assert facts.entries.filter(kind="opening")["amount_minor"].to_list() == expected.pop("opening")
    assert facts.entries.filter(kind="placed_in_service").height == expected.pop("served", facts.read)
    first = facts.entries.filter(kind="acquisition").row(0, named=True)
    common = {"issuer": "META", "generation": "h100", "units": 8, "cost_minor": 25_000_050, "currency": "USD"}
    said = common | {"effective_date": DAY, "source_row": 2} | expected
    assert {column: first[column] for column in said} == said


def test_every_mapping_that_ships_is_tried_and_says_where_it_comes_from() -> None:
    listed = mappings()
    tried = {name.partition(" ")[0] for name in PRESETS} | SCHEDULED.keys()
    assert listed["mapping"].to_list() == sorted(tried) == share.names("mappings")
    for row in listed.iter_rows(named=True):
        assert all(len(row[column]) > 10 for column in ("title", "source", "note")), row["mapping"]


def test_a_users_own_mappings_are_listed_too(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    own = tmp_path / "mappings" / "ours.toml"
    own.write_text('extends = "sap"\ntitle = "Our SAP, in English form"\ndecimal = "."\nthousands = ","\n', "utf-8")
    listed = mappings(tmp_path)
    assert listed.filter(mapping="ours")["title"].to_list() == ["Our SAP, in English form"]
    assert {name.partition(" ")[0] for name in PRESETS} < set(listed["mapping"])
    assert read_toml(own)["extends"] == "sap"
