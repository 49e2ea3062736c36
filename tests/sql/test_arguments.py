"""Arguments of the macros, two at a time: each is followed in the answer, or the two are refused together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import duckdb
import polars as pl
import pytest

from depr.fleet.preparing import plain_book, prepare
from tests.daily import sampled
from tests.sql.fleets import made_up

CHANGE, DAY = "2024-01-01", "2024-12-31"
METHOD, CONVENTION = "declining_balance", "mid_month"
VALUES = {
    "life_years": "5",
    "lives": "[5]",
    "book": "'life-5y'",
    "method": f"'{METHOD}'",
    "convention": f"'{CONVENTION}'",
    "grain": "'year'",
    "bound": "'high'",
    "as_of": f"DATE '{DAY}'",
    "through": f"DATE '{DAY}'",
    "tax": "'effective'",
    "mode": "'prospective'",
    "change_date": f"DATE '{CHANGE}'",
}
"""A value of each argument that is not its default; a new argument belongs here."""

MACROS = ("understatement", "schedule", "rollforward", "explain", "restate", "eps", "cash_gap")
REPORTED = ("schedule", "rollforward", "explain")
"""Macros that answer for what is reported unless a life or a book is named."""

PARTS = ("eps", "cash_gap")
"""Macros that give some columns of restate; each argument is tried with the grain alone."""

THIRDS = 3
"""The pairs of each macro in so many parts: one is asked each run, all for a release; a plan takes up to a second."""

TOGETHER = [
    {"lives", "life_years"},
    {"lives", "book"},
    {"life_years", "book"},
    {"book", "method"},
    {"book", "convention"},
]
"""What says the same thing twice."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_up(tmp_path_factory.mktemp("arguments") / "fleet.duckdb", 30, seed=8)
    ways = [(life, method, convention) for life in (36, 60) for method in ("straight_line", METHOD)
            for convention in ("full_month", CONVENTION)]  # fmt: skip
    named = [f"{life}-from-{CHANGE}" for life in ("life-3y", "life-5y")]
    prepare(made, lives=["36m"], methods=["straight_line"], books=[*(plain_book(*way) for way in ways), *named],
            evidence=False)  # fmt: skip
    return made


@pytest.fixture(scope="module")
def plain(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def parameters(plain: duckdb.DuckDBPyConnection, macro: str) -> list[str]:
    told = "SELECT parameters FROM duckdb_functions() WHERE function_name = ? AND function_type = 'table_macro'"
    [found] = {tuple(names) for (names,) in plain.execute(told, [macro]).fetchall()}
    return [name for name in found if name not in ("lot", "period")]


def refused(macro: str, pair: set[str]) -> bool:
    """Whether two arguments cannot be followed together."""
    if any(both <= pair for both in TOGETHER):
        return True
    if macro in REPORTED and pair & {"method", "convention"} and "life_years" not in pair:
        return True
    return len(pair & {"mode", "change_date"}) == 1


def call(plain: duckdb.DuckDBPyConnection, macro: str, names: set[str], **other: str) -> pl.DataFrame:
    [(lot,)] = plain.sql("SELECT min(lot_id) FROM acquired WHERE cost_low_minor IS NOT NULL").fetchall()
    of = [f"'{lot}'", "'2024-03'"] if macro == "explain" else []
    said = [f"{name} := {other.get(name, VALUES[name])}" for name in sorted(names)]
    answer: pl.DataFrame = plain.sql(f"FROM {macro}({', '.join(of + said)})").pl()
    return answer


def rows(frame: pl.DataFrame) -> list[str]:
    return sorted(map(str, frame.rows()))


def named(macro: str, pair: set[str]) -> str | None:
    """The book that answers; None where it is what each issuer reports."""
    life = 60 if pair & {"life_years", "lives", "book"} else 36
    if macro in REPORTED and life == 36:
        return None
    method = METHOD if "method" in pair else "straight_line"
    book = plain_book(life, method, CONVENTION if "convention" in pair else "full_month").id
    return f"{book}-from-{CHANGE}" if "mode" in pair else book


def follow(plain: duckdb.DuckDBPyConnection, macro: str, pair: set[str], answer: pl.DataFrame) -> None:
    """Every argument of the two shows in the answer."""
    book = named(macro, pair)
    if "book" in answer.columns and book is not None:
        assert set(answer["book"]) == {book}
    if "grain" in pair:
        assert answer["fiscal_quarter"].is_null().all()
    if "bound" in pair:
        assert rows(answer) != rows(call(plain, macro, pair, bound="'low'"))
    if "through" in pair:
        assert answer.filter(pl.col("period_end").dt.year() > 2025).is_empty()
    if "tax" in pair and "tax_kind" in answer.columns:
        assert set(answer["tax_kind"].drop_nulls()) <= {"effective"}
    if "mode" in pair:
        assert set(answer["mode"]) == {"prospective"}
    if "as_of" in pair:
        plain.execute(f"SET VARIABLE as_of = DATE '{DAY}'")
        try:
            assert rows(answer) == rows(call(plain, macro, pair - {"as_of"}))
        finally:
            plain.execute("RESET VARIABLE as_of")


@pytest.mark.parametrize(
    ("macro", "part"),
    [case for n, macro in enumerate(MACROS) for case in sampled(product([macro], range(THIRDS)), THIRDS, n % THIRDS)],
)
def test_two_arguments_are_followed_or_refused(plain: duckdb.DuckDBPyConnection, macro: str, part: int) -> None:
    names = parameters(plain, macro)
    assert set(names) <= VALUES.keys()
    for number, pair in enumerate(map(set, combinations(names, 2))):
        if (macro in PARTS and "grain" not in pair) or number % THIRDS != part:
            continue
        if refused(macro, pair):
            with pytest.raises(duckdb.InvalidInputException):
                call(plain, macro, pair)
            continue
        answer = call(plain, macro, pair)
        assert not answer.is_empty(), (macro, pair)
        follow(plain, macro, pair, answer)
