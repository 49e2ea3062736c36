"""Tables out: exact decimals, inert cells, files whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from depr.console import writers
from depr.console.answer import MOST_ROWS, Answer
from depr.errors import Refused, visible
from depr.kernel.rounding import decimal_text

HOSTILE = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "=cmd|' /C calc'!A0"),  # a spreadsheet's
    *("[bold]x[/bold]", "[/]", "[red]", "[link=x]y[/link]", ":smile:"),  # the console's
    *("<script>alert(1)</script>", "&amp;", "'; DROP TABLE events; --", "\u202eabc", "a\u0000b", "a\nb", 'a"b', "a,b"),
)


def printed(frame: pl.DataFrame, form: str, title: str | None = None) -> str:
    out = StringIO()
    writers.text(frame, form, Console(file=out, width=200), title)
    return out.getvalue()


def test_decimals_are_those_of_the_issuer_or_dollars() -> None:
    frame = pl.DataFrame({"issuer": ["A", "B"], "cost_minor": [123, 123]})
    assert writers.decimals(frame, {"A": "JPY"})["cost"].to_list() == [Decimal(123), Decimal("1.23")]


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    frame = pl.DataFrame({"own_name": ["x", "x"], "year": [1, 2], "note": ["a", "b"], "blank": [None, None]})
    shown, said = writers.telling(frame, "note", "own_name")
    assert (shown.columns, said) == (["year"], "own name x")
    one = frame.head(1)
    assert writers.telling(one)[0].equals(one)


def test_an_answer_for_a_notebook_shows_its_first_rows_and_says_so() -> None:
    text = Answer(pl.DataFrame({"n": range(MOST_ROWS + 5)}), title="t<", notes=["said"])._repr_html_()
    assert text.count("<tr") == MOST_ROWS + 1
    assert all(part in text for part in ("t&lt;", "5 more rows", "said"))


def test_integers_become_exact_decimals() -> None:
    frame = pl.DataFrame({"cost_minor": [10**17, -1, None], "eps_micro": [1, 0, None], "rate_ppm": [1, 0, None]})
    out = writers.decimals(frame)
    assert out.schema == {"cost": pl.Decimal(38, 2), "eps": pl.Decimal(38, 6), "rate": pl.Decimal(38, 6)}
    assert out["cost"].to_list() == [Decimal("1000000000000000.00"), Decimal("-0.01"), None]
    assert out["eps"].to_list() == [Decimal("0.000001"), Decimal("0.000000"), None]


def test_a_currency_without_cents_has_no_decimals() -> None:
    assert writers.decimals(pl.DataFrame({"cost_minor": [1200]}), "JPY")["cost"].to_list() == [Decimal(1200)]


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_survives(minor: int) -> None:
    [shown] = writers.decimals(pl.DataFrame({"x_minor": [minor]}, {"x_minor": pl.Int64}))["x"]
    assert Fraction(shown) * 100 == minor


def test_readable_amounts_are_rounded_half_to_even() -> None:
    frame = pl.DataFrame({"cost_minor": [5_000_000, 15_000_000, -5_000_000], "eps_micro": [5_000, 15_000, -5_000]})
    out = writers.readable(frame)
    assert list(map(str, out["cost"])) == ["0.0", "0.2", "0.0"]
    assert list(map(str, out["eps"])) == ["0.00", "0.02", "0.00"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(69, 50), "1.38"),
        (Fraction(3), "3"),
        (Fraction(0), "0"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-1, 8), "-0.125"),
    ],
)
def test_a_rational_as_text(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text


@pytest.mark.parametrize("cell", HOSTILE, ids=ascii)
def test_hostile_cells_stay_text(cell: str) -> None:
    frame = pl.DataFrame({"name": [cell, "b"], "n": [1, -1]})
    assert json.loads(printed(frame, "json")) == [{"name": cell, "n": 1}, {"name": "b", "n": -1}]
    [_, first, second] = csv.reader(StringIO(printed(frame, "csv"), newline=""))
    assert first == [f"'{cell}" if cell[0] in "=+-@\t\r" else cell, "1"]
    assert second == ["b", "-1"]
    table = printed(pl.DataFrame({"name": [cell]}), "table")
    assert visible(cell).split("\n")[0].strip("\t") in table


def test_a_title_is_no_markup() -> None:
    assert "[bold]t[/]" in printed(pl.DataFrame({"a": [1]}), "table", "[bold]t[/]")


def test_nothing_is_blank_and_numbers_are_grouped() -> None:
    frame = pl.DataFrame({"cost_minor": [123_456_789, None], "units": [1000, None], "name": ["a", None]})
    lines = [line.rstrip() for line in printed(writers.decimals(frame), "table").splitlines()]
    assert lines == ["        cost units name", "1,234,567.89  1000 a", ""]


def test_json_and_csv_hold_the_exact_decimals() -> None:
    frame = writers.decimals(pl.DataFrame({"cost_minor": [10**17 + 1], "day": [None]}))
    assert json.loads(printed(frame, "json")) == [{"cost": "1000000000000000.01", "day": None}]
    assert printed(frame, "csv") == "cost,day\n1000000000000000.01,\n"


def test_an_empty_frame_has_its_columns() -> None:
    frame = pl.DataFrame({"a": pl.Series([], dtype=pl.String), "b_minor": pl.Series([], dtype=pl.Int64)})
    assert printed(writers.decimals(frame), "csv") == "a,b\n"
    assert printed(writers.decimals(frame), "json") == "[]\n"


def test_another_format_is_refused() -> None:
    with pytest.raises(Refused, match="unknown format 'xml'"):
        printed(pl.DataFrame({"a": [1]}), "xml")


# Files


FRAME = pl.DataFrame({"a": ["x", None], "n": [1, 2]})


def test_files_are_written_whole(tmp_path: Path) -> None:
    assert writers.write(FRAME.lazy(), tmp_path / "t.parquet") == tmp_path / "t.parquet"
    writers.write(FRAME.lazy(), tmp_path / "t.CSV")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(FRAME)
    assert pl.read_csv(tmp_path / "t.CSV").equals(FRAME)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.CSV", "t.parquet"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


def test_the_same_frame_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = (writers.write(FRAME.lazy(), tmp_path / name).read_bytes() for name in ("1.parquet", "2.parquet"))
    assert one == two


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"unknown file type '\.xls'"):
        writers.write(FRAME.lazy(), tmp_path / "t.xls")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_fault_on_the_way_leaves_the_old_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{ending}"
    path.write_text("old", encoding="utf-8")
    broken = FRAME.lazy().select(pl.col("a").cast(pl.Int64, strict=True))
    with pytest.raises(pl.exceptions.InvalidOperationError):
        writers.write(broken, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    assert writers.write(FRAME.lazy(), tmp_path / "new" / "er" / "t.csv").is_file()


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old", encoding="utf-8")
    with pytest.raises(Refused, match=r"file/t\.csv: cannot be written"):
        writers.write(FRAME.lazy(), tmp_path / "file" / "t.csv")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "old"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="cannot be written: No space left on device"):
        writers.write(FRAME.lazy(), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
