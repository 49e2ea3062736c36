"""Units on the books against a physical count of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from depr.checks import check
from depr.errors import Finding, Refused
from tests.ledger.samples import event, ledger, lot, write

HEADER = ("issuer", "generation", "location", "units")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """META holds 20 h100 at A until 5 of them go and one lot moves to B; 3 a100 wait at B; MSFT has 4 nowhere."""
    bought = [
        lot(location="A"),
        lot(lot_id="L2", location="A"),
        lot(lot_id="L3", generation="a100", units="3", location="B", in_service_date=""),
        lot(lot_id="L4", issuer="MSFT", units="4"),
    ]
    moved = [event("transfer", "2024-01-31", "L2", location="B"), event("partial_disposal", "2024-06-30", units="5")]
    return ledger(tmp_path_factory.mktemp("count") / "fleet.duckdb", bought, moved)


def counted(path: Path, folder: Path, *rows: tuple[str, ...], as_of: date | None = None) -> list[Finding]:
    cells = [dict(zip(HEADER, row, strict=True)) for row in rows]
    return check(path, ["physical"], counts=write(folder / "count.csv", *cells), as_of=as_of)


AFTER = (("META", "h100", "A", "5"), ("META", "h100", "B", "10"), ("META", "a100", "B", "3"))


def test_a_count_that_agrees_has_no_findings(path: Path, tmp_path: Path) -> None:
    assert not counted(path, tmp_path, *AFTER)
    assert not counted(path, tmp_path, ("MSFT", "h100", "", "4"))
    before = (("META", "h100", "A", "20"), ("META", "a100", "B", "3"))
    assert not counted(path, tmp_path, *before, as_of=date(2024, 1, 30))


def test_every_difference_is_found_at_its_row(path: Path, tmp_path: Path) -> None:
    rows = (("META", "h100", "A", "4"), ("META", "h100", "B", "11"), ("META", "h100", "C", "0"))
    found = counted(path, tmp_path, *rows)
    assert [(each.row, each.what, each.why) for each in found] == [
        (
            2,
            "META h100 at A: 5 units on the books on 2024-06-30, 4 counted",
            "1 fewer than on the books; booked as 'L1'",
        ),
        (
            3,
            "META h100 at B: 10 units on the books on 2024-06-30, 11 counted",
            "1 more than on the books; booked as 'L2'",
        ),
        (
            0,
            "META a100 at B: 3 units on the books on 2024-06-30, not counted",
            "3 fewer than on the books, 3 of the booked are under construction; booked as 'L3'",
        ),
    ]


def test_without_locations_the_sites_are_added_up(path: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "count.csv", {"issuer": "META", "generation": "h100", "units": "15"})
    said = [each.what for each in check(path, counts=file)]
    assert said == [
        "lot 'L3' (3 a100) bought 2023-01-15 has no date placed in service",
        "lot 'L3' (3 a100) bought 2023-01-15 is still under construction on 2024-06-30",
        "META a100: 3 units on the books on 2024-06-30, not counted",
    ]


def test_the_count_runs_only_when_there_is_one(path: Path) -> None:
    assert not [each for each in check(path) if each.code == "physical"]
    assert [each.what for each in check(path, ["physical"])] == ["there is no physical count to compare with"]


def test_many_lots_are_named_by_a_few(tmp_path: Path) -> None:
    many = ledger(tmp_path / "fleet.duckdb", [lot(lot_id=f"L{n}") for n in range(1, 6)])
    [finding] = counted(many, tmp_path, ("META", "h100", "", "1"))
    assert finding.what == "META h100 without a location: 50 units on the books on 2023-02-01, 1 counted"
    assert finding.why == "49 fewer than on the books; booked as 'L1', 'L2', 'L3' and 2 more"


def test_a_count_with_a_fault_is_not_compared(path: Path, tmp_path: Path) -> None:
    found = counted(path, tmp_path, ("META", "h100", "A", "1e1"), ("META", "h100", "B", "11"))
    assert [(each.file, each.row, each.what) for each in found] == [
        ("count.csv", 2, "units '1e1' is not a whole number")
    ]


@pytest.mark.parametrize("suffix", ["parquet", "xlsx"])
def test_a_count_is_read_from_the_files_that_purchases_are(suffix: str, path: Path, tmp_path: Path) -> None:
    file, rows = tmp_path / f"count.{suffix}", [HEADER, *AFTER[:2], ("META", "a100", "B", "2")]
    if suffix == "parquet":
        pl.DataFrame(rows[1:], list(HEADER), orient="row").cast({"units": pl.Int64}).write_parquet(file)
    else:
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    sheet.write_number(y, x, int(cell)) if y and x == 3 else sheet.write_string(y, x, cell)
    assert [(each.file, each.row) for each in check(path, ["physical"], counts=file)] == [(file.name, 4)]


def test_a_file_that_is_no_count_is_said_to_be_none(path: Path, tmp_path: Path) -> None:
    for text, said in (
        ("issuer,generation\n", "missing column: units"),
        ("issuer,generation,units,rack\nMETA,h100,1,7\n", "unknown column: rack"),
        ("issuer,generation,units\n", "holds no count"),
    ):
        (tmp_path / "count.csv").write_text(text)
        found = check(path, ["physical"], counts=tmp_path / "count.csv")
        assert [each.what for each in found] == [said]
    assert (found[0].why, found[0].do) == ("there is no row below the header", "add a row for each group")
    with pytest.raises(Refused, match="no such ledger"):
        check(tmp_path / "none.duckdb", ["physical"], counts=tmp_path / "count.csv")
