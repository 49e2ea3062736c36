"""A suggested mapping reads a register as it is meant, or leaves open what two readings fit."""

from __future__ import annotations

import datetime as dt
import random
import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import depr
from depr.errors import Refused
from depr.intake import read_facts
from depr.intake.mapping import parse_mapping
from depr.intake.suggest import Suggestion, suggest, vocabulary
from depr.intake.suggest.values import life_of
from tests.command import run
from tests.ledger.samples import GENERATIONS

THERE = vocabulary()
HEAD = ("Asset No.", "Class", "Qty", "Cost", "Purchase date", "Currency", "Company")
LOT = ("A1", "h100", "1", "1000.50", "2023-01-15", "USD", "META")


def register(path: Path, *lots: dict[str, str], head: Sequence[str] = HEAD, mark: str = ",") -> Path:
    rows = [head, *([lot.get(name, dict(zip(HEAD, LOT, strict=True)).get(name, "")) for name in head] for lot in lots)]
    text = "".join(mark.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def lots(**columns: Sequence[str]) -> list[dict[str, str]]:
    """Lots with numbers of their own and these cells: names with _ for blanks."""
    names = {name: name.replace("_", " ") for name in columns}
    rows = zip(*columns.values(), strict=True)
    return [{"Asset No.": f"A{n}"} | dict(zip(names.values(), row, strict=True)) for n, row in enumerate(rows)]


def document(suggestion: Suggestion) -> dict[str, Any]:
    """The mapping, as one decides it whose lots are under construction: most of these registers have no such day."""
    read = tomllib.loads(suggestion.text)
    if read["columns"].get("in_service_date") == "?":
        del read["columns"]["in_service_date"]
    return read


def left(suggestion: Suggestion) -> list[str]:
    """What else is left open."""
    return [key for key in suggestion.open if key != "columns.in_service_date"]


def of(folder: Path, *rows: dict[str, str], **own: Any) -> tuple[dict[str, Any], Suggestion]:
    made = suggest(register(folder / "r.csv", *rows, **own), THERE)
    return document(made), made


# A hostile workbook, from outside: what was written comes in, to the cent and to the day

CLASSES = {"NVIDIA DGX H100": "h100", "A100 80GB PCIe servers": "a100-pcie-80gb", "Office furniture": None}


def hostile(path: Path) -> dict[str, tuple[str, int, int, dt.date, int]]:
    """300 rows with titles, merged cells, subtotals, two sheets, text dates and parentheses; the lots that it holds."""
    chance = random.Random(7)
    held: dict[str, tuple[str, int, int, dt.date, int]] = {}
    with xlsxwriter.Workbook(str(path)) as book:
        bold = book.add_format({"bold": True})
        money = book.add_format({"num_format": "#,##0.00;(#,##0.00)"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        book.add_worksheet("Summary").write_row(0, 0, ["Fixed assets", 1])
        for sheet, above in (("FY24", 4), ("FY25", 2)):
            page = book.add_worksheet(sheet)
            page.merge_range(0, 0, 0, 8, "ACME Compute: fixed asset register", bold)
            page.write_string(1, 0, "as of 31 December 2025")
            page.merge_range(above, 3, above, 4, "Acquisition", bold)
            names = ["Asset No.", "Class", "Qty", "Date", "Cost (USD)", "In service", "Accum. depr.", "Location", ""]
            page.write_row(above + 1, 0, names)
            row = above + 2
            for named, key in CLASSES.items():
                first = row
                for _ in range(50):
                    lot = f"FA{sheet}{row:05}"
                    cents = chance.randint(1_000_000, 90_000_000)
                    bought = dt.date(2023, 1, 1) + dt.timedelta(days=chance.randint(0, 700))
                    spent = cents // 5
                    units = chance.randint(1, 8)
                    page.write_string(row, 0, lot)
                    page.write_number(row, 2, units)
                    if row % 3:
                        page.write_string(row, 3, f"{bought:%d/%m/%Y}")
                    else:
                        page.write_datetime(row, 3, bought, day)
                    page.write_string(row, 4, f"{cents / 100:,.2f}")
                    page.write_string(row, 5, f"{bought + dt.timedelta(days=30):%d/%m/%Y}")
                    if row % 2:
                        page.write_string(row, 6, f"({spent / 100:,.2f})")
                    else:
                        page.write_number(row, 6, -spent / 100, money)
                    page.write_string(row, 7, "Luleå")
                    if key:
                        held[lot] = (key, units, cents, bought, spent)
                    row += 1
                page.merge_range(first, 1, row - 1, 1, named)
                page.write_row(row, 0, ["Subtotal", "", "", "", "1,000.00"])
                row += 1
            page.write_row(row, 0, ["Grand total", "", "", "", "3,000.00"])
    return held


def test_a_hostile_workbook_comes_in_with_one_mapping(tmp_path: Path) -> None:
    held = hostile(tmp_path / "register.xlsx")
    said = run(tmp_path, "import", "register.xlsx", "--suggest")
    assert said.code == 0
    assert said.err.startswith(
        "left open, decide in register.mapping.toml: values.generation.Office furniture, constants.issuer, "
        "constants.accumulated_date\nwrote register.mapping.toml; then: depr import LEDGER register.xlsx"
    )
    path = tmp_path / "register.mapping.toml"
    text = path.read_text("utf-8")
    assert re.search(r"^# (\d{3}) of \1 cells read as DD/MM/YYYY \(Acquisition Date, In service\)$", text, re.MULTILINE)
    assert "# above the header stands 'as of 31 December 2025'" in text
    assert run(tmp_path, "init", "f.duckdb").code == 0
    refused = run(tmp_path, "import", "f.duckdb", "register.xlsx", "--mapping", path.name)
    assert "register.mapping.toml: constants.issuer is left open" in refused.err
    decided = text.replace('issuer = "?"', 'issuer = "META"').replace(
        'accumulated_date = "?"', 'accumulated_date = "2025-12-31"'
    )
    decided = decided.replace('"Office furniture" = "?"\n', "")
    path.write_text(decided + '\n[[skip]]\ncolumn = "Class"\nequals = "Office furniture"\n', encoding="utf-8")
    done = run(tmp_path, "import", "f.duckdb", "register.xlsx", "--mapping", path.name)
    assert done.code == 0, done.err
    assert "54 rows skipped by the mapping: 4 where Asset No. begins with" in done.err
    events = depr.open(tmp_path / "f.duckdb").events().frame
    bought = events.filter(kind="acquisition").sort("lot_id")
    opening = events.filter(kind="opening").sort("lot_id")
    read = zip(
        *(bought[name] for name in ("lot_id", "generation", "units", "cost", "effective_date")),
        opening["amount"],
        strict=True,
    )
    assert {
        lot: (key, units, int(cost * 100), day, int(spent * 100)) for lot, key, units, cost, day, spent in read
    } == held


# It never reads wrongly what it does not leave open

FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%Y%m%d", "%B %d, %Y", "%m-%d-%Y")
STYLES = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "\u202f"))
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2025, 12, 31))
LOTS = st.lists(st.tuples(DAYS, st.integers(0, 10**11), st.booleans()), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LOTS, st.sampled_from(FORMS), st.sampled_from(STYLES), st.sampled_from(["", "$", "€", "USD"]), st.booleans())
def test_what_is_suggested_is_what_was_meant(
    tmp_path: Path,
    held: list[tuple[dt.date, int, bool]],
    form: str,
    style: tuple[str, str],
    sign: str,
    total: bool,
) -> None:
    decimal, thousands = style
    rows = []
    for n, (day, cents, plain) in enumerate(held):
        whole = f"{cents // 100:,}".replace(",", thousands)
        cost = f"{whole}{decimal}{cents % 100:02}" if not plain or cents % 100 else whole
        rows.append({"Asset No.": f"A{n}", "Cost": f"{sign}{cost}", "Purchase date": f"{day:{form}}"})
    rows += [{"Asset No.": "Total", "Class": "", "Purchase date": "", "Cost": "5"}] * total
    found, made = of(tmp_path, *rows)
    undecided = {key for key in left(made) if not key.startswith("signs.")}
    assert undecided <= {"date", "decimal"}, made.text
    found["signs"] = dict.fromkeys(found.get("signs", {}), "USD")
    currency = {"constants": {"currency": "USD"}} if sign == "€" else {}
    if sign == "€":
        found["columns"].pop("currency")
        found["ignore"] = "*"
    decided = {"date": form_in_letters(form), "decimal": decimal, "thousands": thousands}
    if "decimal" not in undecided:
        decided = {"date": decided["date"]}
    mapping = parse_mapping({**found, **currency, **(decided if undecided else {})})
    facts = read_facts(tmp_path / "r.csv", GENERATIONS, (), mapping)
    assert facts.findings == ()
    bought = facts.entries.filter(kind="acquisition")
    assert bought["cost_minor"].to_list() == [cents for _, cents, _ in held]
    assert bought["effective_date"].to_list() == [day for day, _, _ in held]


def form_in_letters(form: str) -> str:
    letters = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%b": "MON", "%B": "MONTH"}
    for sign, part in letters.items():
        form = form.replace(sign, part)
    return form


# What is ambiguous is left open, with what it rests on


@pytest.mark.parametrize(
    ("days", "given", "evidence"),
    [
        (
            ["03/04/2023", "05/06/2023"],
            "?",
            "03/04/2023 is 2023-04-03 as DD/MM/YYYY; 03/04/2023 is 2023-03-04 as MM/DD",
        ),
        (["13/04/2023", "05/06/2023"], "DD/MM/YYYY", "1 could be MM/DD/YYYY as well, which does not read the others"),
        (["04/13/2023", "05/06/2023"], "MM/DD/YYYY", "2 of 2 cells read as MM/DD/YYYY (Purchase date)"),
        (
            ["13/04/2023", "04/13/2023", "05/06/2023"],
            "?",
            "1 cell read as DD/MM/YYYY and as MM/DD/YYYY: 05/06/2023 is",
        ),
        (["05/05/2023", "06/06/2023"], "DD/MM/YYYY", "2 of 2 cells read as DD/MM/YYYY"),
        (["2023-01-15", "15 Jan 2023"], ["YYYY-MM-DD", "DD MON YYYY"], "1 of 2 cells read as DD MON YYYY"),
        (["45000", "45001"], "serial", "2 of 2 cells read as serial"),
        (["13/04/2023 10:30", "01/04/2023 23:00"], "DD/MM/YYYY HH:MM", "2 of 2 cells read as DD/MM/YYYY HH:MM"),
        (["1/4/2023", "13/12/2023"], "D/M/YYYY", "2 of 2 cells read as D/M/YYYY"),
    ],
    ids=str,
)
def test_dates_are_read_by_the_one_form_that_reads_all(
    days: list[str], given: Any, evidence: str, tmp_path: Path
) -> None:
    found, made = of(tmp_path, *lots(Purchase_date=days))
    assert found["date"] == given
    assert ("date" in made.open) == (given == "?")
    assert evidence in made.text.replace("\n#  ", "")


def test_a_century_is_left_open_where_it_matters(tmp_path: Path) -> None:
    found, _ = of(tmp_path, *lots(Purchase_date=["13/04/23", "14/05/24"]))
    assert (found["date"], found["pivot"]) == ("DD/MM/YY", 50)
    found, made = of(tmp_path, *lots(Purchase_date=["13/04/23", "14/05/98"]))
    assert (found["date"], found["pivot"]) == ("DD/MM/YY", "?")
    assert "years of two digits run from 23 to 98" in made.text


@pytest.mark.parametrize(
    ("costs", "keys"),
    [
        (["1,50", "2,75"], {"decimal": ","}),
        (["1.234", "2.345"], {"decimal": ",", "thousands": "."}),
        (["1,234.00", "5"], {"thousands": ","}),
        (["1 234,00", "5,5"], {"decimal": ",", "thousands": " "}),
        (["12", "13"], {"decimal": "."}),
        (["$5.00", "$6.00"], {"signs": {"$": "?"}}),
        (["€5,00", "6,00 €"], {"decimal": ",", "signs": {"€": "EUR"}}),
        (["USD 5.00", "5.00"], {"signs": {"USD": "USD"}}),
    ],
    ids=str,
)
def test_amounts_are_read_by_the_marks_that_read_all(costs: list[str], keys: dict[str, Any], tmp_path: Path) -> None:
    found, made = of(tmp_path, *lots(Cost=costs))
    assert {key: found.get(key) for key in keys} == keys
    assert ("signs.$" in made.open) == ("?" in keys.get("signs", {}).values())


def test_marks_that_contradict_each_other_are_left_open(tmp_path: Path) -> None:
    found, made = of(tmp_path, *lots(Cost=["1.234,00", "1,234.00"]))
    assert found["decimal"] == "?"
    assert "is another number by each" in made.text


def test_what_no_form_reads_is_named_with_its_rows(tmp_path: Path) -> None:
    found, made = of(
        tmp_path, *lots(Cost=["5.00", "n/a", "6.00", "approx 7"], Purchase_date=[*["2023-01-15"] * 3, "Q3 2023"])
    )
    assert found["values"]["cost"] == {"n/a": "?"}
    assert sorted(made.in_the_way) == [
        "Cost 'approx 7' in row 5 is in none of the forms",
        "Purchase date 'Q3 2023' in row 5 is in none of the forms",
    ]
    assert "# Cost 'n/a' in row 3 is no figure" in made.text
    assert made.preview.filter(column="cost")["not_read"].item() == 2


# Columns, values, rows, sheets


def test_a_column_that_may_be_two_is_left_open(tmp_path: Path) -> None:
    head = [*HEAD, "Acquisition date"]
    found, made = of(tmp_path, *lots(Acquisition_date=["2023-01-16", "2023-01-17"]), head=head)
    assert found["columns"]["purchase_date"] == "?"
    assert "# it may be 'Purchase date' or 'Acquisition date'" in made.text


def test_of_several_columns_the_one_whose_cells_name_generations_is_taken_and_said(tmp_path: Path) -> None:
    head = [*HEAD, "Description"]
    found, made = of(tmp_path, *lots(Class=["GPU", "GPU"], Description=["DGX H100", "A100"]), head=head)
    assert found["columns"]["generation"] == "Description"
    assert "# of 'Class' and 'Description' its cells name most generations: 2 of 2" in made.text


def test_what_no_column_says_is_left_open(tmp_path: Path) -> None:
    found, made = of(tmp_path, *lots(Asset_No=["x", "y"]), head=["Asset No.", "Class", "Cost", "Purchase date"])
    assert found["constants"] == {"currency": "?", "issuer": "?", "units": "?"}
    assert 'where each row is one unit: "1"' in made.text
    found, _ = of(tmp_path, {"Asset No.": "1", "Cost (EUR)": "5"}, head=["Asset No.", "Class", "Cost (EUR)", "Bought"])
    assert (found["constants"]["currency"], found["columns"]["cost"]) == ("EUR", "Cost (EUR)")


def test_without_a_day_of_service_all_would_be_under_construction_so_it_is_asked(tmp_path: Path) -> None:
    _, made = of(tmp_path, *lots(Asset_No=["x", "y"]))
    assert "columns.in_service_date" in made.open
    assert "'Purchase date' may serve as both, or take the key out" in made.text.replace("\n#  ", "")
    _, made = of(tmp_path, *lots(In_service=["2023-02-01"]), head=[*HEAD, "In service"])
    assert made.open == ()


def test_words_for_generations_and_owners_are_recognised_or_left_open(tmp_path: Path) -> None:
    rows = lots(
        Class=["NVIDIA H100 80GB", "A100 SXM4 40GB", "Laptop", "H100 or H200"],
        Company=["Meta Platforms", "META", "Acme", "META"],
    )
    found, made = of(tmp_path, *rows)
    assert found["values"]["generation"] == {
        "NVIDIA H100 80GB": "h100",
        "A100 SXM4 40GB": "a100-sxm4-40gb",
        "Laptop": "?",
        "H100 or H200": "h100",
    }
    assert found["values"]["issuer"]["Meta Platforms"] == "META"
    assert found["values"]["issuer"]["Acme"] == "?"
    assert "1 row (row 4): none is called so" in made.text


def test_totals_headings_and_headers_that_come_again_are_skipped(tmp_path: Path) -> None:
    blank = dict.fromkeys(HEAD, "")
    rows = [
        blank | {"Asset No.": "GPU servers"},
        {"Asset No.": "A1"},
        blank | {"Asset No.": "Sub-total servers", "Cost": "1000.50"},
        dict(zip(HEAD, HEAD, strict=True)),
        {"Asset No.": "A2"},
        blank | {"Class": "Summe", "Cost": "2001.00"},
    ]
    found, made = of(tmp_path, *rows)
    assert found["skip"] == [
        {"column": "Asset No.", "equals": "Asset No."},
        {"column": "Asset No.", "begins": ["sub-total"]},
        {"column": "Class", "begins": ["summe"]},
        {"column": "Cost", "blank": True},
    ]
    assert left(made) == []
    facts = read_facts(tmp_path / "r.csv", GENERATIONS, (), parse_mapping(found))
    assert (facts.good, facts.findings) == (2, ())


def test_what_is_gone_is_for_its_owner_to_decide(tmp_path: Path) -> None:
    head = [*HEAD, "Disposal date", "Status"]
    rows = lots(Disposal_date=["", "2024-01-01", ""], Status=["In use", "Sold", "In use"])
    found, made = of(tmp_path, *rows, head=head)
    assert found["skip"] == [
        {"column": "Disposal date", "filled": True, "note": "?"},
        {"column": "Status", "equals": "?"},
    ]
    assert "# rows by it: 'In use' 2, 'Sold' 1" in made.text
    assert {"skip.note", "skip.equals"} <= set(made.open)


def test_blanks_below_a_name_are_left_open_unless_they_are_merged(tmp_path: Path) -> None:
    found, made = of(tmp_path, *lots(Class=["h100", "", "a100"]))
    assert found["fill_down"] == "?"
    assert 'fill_down = ["generation"]; if not: fill_down = []' in made.text


def book(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return path


def test_sheets_of_one_header_are_read_together_unless_they_share_lots(tmp_path: Path) -> None:
    other = ("A2", *LOT[1:])
    apart = suggest(book(tmp_path / "r.xlsx", One=[HEAD, LOT], Two=[HEAD, other], Notes=[["x"]]), THERE)
    assert document(apart)["sheet"] == ["One", "Two"]
    assert "# 'Notes' is not read: it has no such columns" in apart.text
    shared = suggest(book(tmp_path / "r.xlsx", One=[HEAD, LOT], Two=[HEAD, LOT, other]), THERE)
    assert document(shared)["sheet"] == "?"
    assert "have the same header and 1 lot in common, as 'A1'" in shared.text
    renamed = [["Asset", *HEAD[1:]], other]
    rivals = suggest(book(tmp_path / "r.xlsx", One=[HEAD, LOT], Two=renamed), THERE)
    assert document(rivals)["sheet"] == "?"
    assert "'One', 'Two' may each be the register" in rivals.text


def test_an_encoding_that_may_be_several_is_left_open_with_how_each_reads(tmp_path: Path) -> None:
    path = register(tmp_path / "r.csv", {"Asset No.": "Malmö 1"})
    path.write_bytes(path.read_text("utf-8").encode("windows-1252"))
    made = suggest(path, THERE)
    assert document(made)["encoding"] == "?"
    assert "Malmö 1" in made.text
    assert "windows-1251: " in made.text
    path.write_bytes(register(path, {"Asset No.": "Malmö 1"}).read_text("utf-8").encode("utf-16"))
    assert document(suggest(path, THERE))["encoding"] == "utf-16"


@pytest.mark.parametrize(("name", "mark"), [("semicolon", ";"), ("tab", "\t"), ("pipe", "|")])
def test_the_delimiter_is_found(name: str, mark: str, tmp_path: Path) -> None:
    found, made = of(tmp_path, *lots(Class=["h100", "h100"]), mark=mark)
    assert found["delimiter"] == name
    assert "3 of the first 3 lines have 7 cells by it" in made.text


def test_the_columns_of_a_system_are_recognised(tmp_path: Path) -> None:
    head = [
        "ID",
        "Company",
        "Item Code",
        "Asset Quantity",
        "Net Purchase Amount",
        "Purchase Date",
        "Available for Use Date",
    ]
    row = ["ACC-1", "META", "h100", "8", "277128.00", "2025-01-13", "2025-02-01"]
    found, made = of(tmp_path, dict(zip(head, row, strict=True)), head=head)
    assert "# the columns are those of the mapping erpnext" in made.text
    assert found["columns"]["cost"] == "Net Purchase Amount"
    assert found["constants"] == {"currency": "?"}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=3, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_names_the_mapping_is_toml_and_is_refused_in_words(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "r.csv"
    cells = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    path.write_bytes(f"{cells}\nx{',1' * (len(names) - 1)}\n".encode())
    try:
        made = suggest(path, THERE)
    except Refused:
        return
    assert document(made)["columns"]["purchase_date"] == "?"


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"r\.csv: no such file"):
        suggest(tmp_path / "r.csv", THERE)
    (tmp_path / "r.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"r\.csv: holds no table"):
        suggest(tmp_path / "r.csv", THERE)
    with pytest.raises(Refused, match=r"r\.xlsx: no sheet holds a table"):
        suggest(book(tmp_path / "r.xlsx", One=[["a"], ["b"]]), THERE)


def test_parquet_needs_no_form_where_it_is_typed(tmp_path: Path) -> None:
    frame = pl.DataFrame(dict(zip(HEAD, ([cell] for cell in LOT), strict=True)))
    typed: dict[str, list[Any]] = {"Cost": [Decimal("5.25")], "Purchase date": [dt.date(2023, 1, 15)], "Qty": [3]}
    frame.with_columns(pl.Series(name, cells) for name, cells in typed.items()).write_parquet(tmp_path / "r.parquet")
    made = suggest(tmp_path / "r.parquet", THERE)
    assert left(made) == []
    assert {"date", "decimal"} & document(made).keys() == set()
    facts = read_facts(tmp_path / "r.parquet", GENERATIONS, (), parse_mapping(document(made)))
    assert facts.entries.select("cost_minor", "units").row(0) == (525, 3)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Useful life (years)", "years"),
        ("Life in months", "months"),
        ("Nutzungsdauer (Jahre)", "years"),
        ("Life", "?"),
        ("Life (years/months)", "?"),
    ],
)
def test_the_unit_of_a_life_is_what_its_column_says(name: str, unit: str) -> None:
    assert life_of(name)[0] == unit


# At the command line


def test_a_suggestion_is_written_once_and_where_it_is_asked(tmp_path: Path) -> None:
    served = {"In service": "2023-02-01"}
    register(tmp_path / "r.csv", served, {"Asset No.": "A2"} | served, head=[*HEAD, "In service"])
    assert run(tmp_path, "import", "r.csv", "--suggest", "--out", "m.toml").code == 0
    assert run(tmp_path, "init", "f.duckdb").code == 0
    assert run(tmp_path, "import", "f.duckdb", "r.csv", "--mapping", "m.toml").code == 0
    assert depr.open(tmp_path / "f.duckdb").lots()["lot_id"].to_list() == ["A1", "A2"]
    assert (tmp_path / "m.toml").read_text("utf-8") == depr.open(tmp_path / "f.duckdb").suggest(tmp_path / "r.csv").text
    register(tmp_path / "r.csv", {"Cost": "5,00"})
    again = run(tmp_path, "import", "f.duckdb", "r.csv", "--suggest", "--out", "m.toml")
    assert (again.code, "m.toml" in again.err) == (1, True)
    assert run(tmp_path, "import", "f.duckdb", "r.csv", "--suggest", "--out", "m.toml", "--overwrite").code == 0
    assert run(tmp_path, "import", "f.duckdb", "r.csv", "r.csv", "--suggest").code == 2
    assert run(tmp_path, "import", "f.duckdb", "r.csv", "--out", "m.toml").code == 2
    assert run(tmp_path, "import", "f.duckdb").code == 2
