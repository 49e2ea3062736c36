"""A line of the restated statements is one row of a table: Polars and SQL work out the same figure from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.contract import Restated, Statements
from depr.contract.names import bare
from depr.kernel.formula import Formula, col, either, equal, joined, known, size, value, when
from depr.restate.formula import YEAR, of_year, part, per_share, ratio, taxed
from depr.restate.lines import EFFECTIVE_RATE, EFFECTS, LINES, Lines, amount, layered, worked_out
from depr.sql.placing import script
from tests.size import examples

ALL = EFFECTS | LINES | {"effective_rate_ppm": EFFECTIVE_RATE}
READ = sorted({name for line in ALL.values() for name in line.reads} - ALL.keys())
"""What the rows read that is no row: lines of statements, terms of the period, the understatement."""

SEEDS = st.integers(0, 2**32)
NUMBERS = (3, 10**5, 10**8)
"""How large amounts are, at most: a ratio of any two, also a share, has its place in 64 bits."""


def drawn(seed: int) -> list[dict[str, Any]]:
    """Rows of what is read, with blanks."""
    draw = Random(seed)
    return [{name: _drawn(draw, name) for name in TYPES} for _ in range(60)]


def _drawn(draw: Random, name: str) -> Any:
    if name == "period_type":
        return draw.choice(("FY", "Q"))
    if name == "minor_per_unit":
        return draw.choice((1, 100, 1000))
    if name.endswith("_den"):
        return draw.choice((3, draw.randrange(3, 10**4)))
    if name.endswith("_num"):
        return draw.randrange(4)
    if draw.random() < 1 / 6:
        return None
    if name.endswith("_follows"):
        return draw.random() < 1 / 2
    if name.startswith("tax_rate"):
        return draw.randrange(10**6)
    if name.endswith("_shares"):
        return draw.choice((0, draw.randrange(1000, 10**7)))
    size = draw.choice(NUMBERS)
    return draw.randrange(-size, size)


TYPES = {
    name: pl.String if name == "period_type" else pl.Boolean if name.endswith("follows") else pl.Int64
    for name in (*READ, "minor_per_unit")
}


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the macros that take figures, not tables."""
    with duckdb.connect() as connection:
        for each in connection.extract_statements(script()):
            with suppress(duckdb.CatalogException):  # those that read tables
                connection.execute(each).fetchall()
        yield connection


def both(plain: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], lines: Lines) -> None:
    """Work the lines out in both, and compare every one of them in every row."""
    frame = pl.DataFrame(rows, TYPES, orient="row").with_row_index("n")
    units = {1: Decimal(1), 100: Decimal("0.01"), 1000: Decimal("0.001")}
    in_polars = worked_out(frame, lines)
    cells = ", ".join(_cell(name) for name in TYPES if name != "minor_per_unit")
    plain.register("given", frame.to_arrow())
    wide = f"(SELECT n, minor_per_unit::DECIMAL(4,0) AS minor_per_unit, {cells} FROM given)"
    in_sql = plain.sql(f"SELECT * FROM {layered(lines, wide)} AS l ORDER BY n")
    found = [dict(zip(in_sql.columns, row, strict=True)) for row in in_sql.fetchall()]
    assert len(found) == len(rows)
    for mine, other in zip(found, in_polars.iter_rows(named=True), strict=True):
        for name in lines:
            figure, scale = other[name], units[other["minor_per_unit"]] if name.endswith("_minor") else Decimal("1e-6")
            scaled = figure if figure is None or name == bare(name) else figure * scale
            assert mine[bare(name)] == scaled, (name, lines[name].sql)


def _cell(name: str) -> str:
    if name.endswith("_minor"):
        unit = "CASE minor_per_unit WHEN 1 THEN 1 WHEN 1000 THEN 0.001 ELSE 0.01 END::DECIMAL(4,3)"
        return f"({name}::DECIMAL(25,0) * {unit})::DECIMAL(28,3) AS {bare(name)}"
    return name if name == bare(name) else f"({name}::DECIMAL(18,0) * 0.000001)::DECIMAL(18,6) AS {bare(name)}"


@examples(5)
@given(SEEDS)
def test_every_line_is_the_same_in_both(plain: duckdb.DuckDBPyConnection, seed: int) -> None:
    both(plain, drawn(seed), ALL)


AMOUNTS = st.sampled_from([amount("revenue"), amount("capex"), amount("net_income"), amount("losses")])
CONDITIONS = st.sampled_from([YEAR, ~YEAR, col("eps_basic_follows"), known(amount("equity"))])


def _larger(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda of: of[0] + of[1]),
        two.map(lambda of: of[0] - of[1]),
        two.map(lambda of: either(*of)),
        inner.map(size),
        inner.map(of_year),
        inner.map(lambda of: of * value(2)),
        inner.map(lambda of: taxed(of, col("tax_rate_ppm"))),
        inner.map(lambda of: part(of, col("first_num"), col("first_den"))),
        st.tuples(CONDITIONS, inner, inner).map(lambda of: when(*of)),
        st.tuples(inner, inner, inner).map(lambda of: when((of[0] < of[1]) | equal(of[0], of[2]), of[1], of[2])),
        st.tuples(inner, inner, inner).map(lambda of: when((of[0] >= of[1]) & (of[1] < of[2]), of[0])),
    )


@examples(15)
@given(SEEDS, st.recursive(AMOUNTS, _larger, max_leaves=6), AMOUNTS)
def test_a_row_added_to_the_table_is_in_both(
    plain: duckdb.DuckDBPyConnection, seed: int, formula: Formula, whole: Formula
) -> None:
    """Whatever the words of the vocabulary make, and what is worked out from it in turn."""
    added = {
        "added_minor": formula,
        "added_over_ppm": ratio(amount("added"), whole),
        "added_per_share_micro": per_share(amount("added"), col("basic_shares")),
        "added_said": joined(value("it's "), when(known(amount("added")), value("known"), value("blank"))),
    }
    both(plain, drawn(seed), added)


def test_each_figure_of_a_restatement_is_a_row_or_is_given() -> None:
    given_ones = {"issuer", "book", "mode", "bound", "called", "change_date", "tax_kind", "tax_source"}
    periods = {"period_type", "fiscal_year", "fiscal_quarter", "period_end"}
    fleet = {"depreciation_modelled", "depreciation_alternative", "understatement", "understatement_cumulative"}
    carried = {"losses", "carried_over", "tax_rate", "tax_rate_marginal", "deferred_tax_closing", "broken_identities"}
    rest = {bare(name) for name in Restated.column_names()} - {bare(name) for name in ALL}
    assert rest - {bare(name) for name in Statements.column_names()} == (given_ones - {"issuer"}) | fleet | carried
    assert rest >= given_ones | periods | fleet | carried


def test_a_row_that_is_no_figure_is_read_by_another() -> None:
    steps = LINES.keys() - set(Restated.column_names())
    assert steps <= {name for line in LINES.values() for name in line.reads}


def test_rows_that_read_each_other_are_an_error() -> None:
    with pytest.raises(ValueError, match="lines that read each other: a_minor, b_minor"):
        layered({"a_minor": amount("b"), "b_minor": amount("a")}, "t")


def test_ratios_and_amounts_per_share_have_six_decimals_in_sql() -> None:
    """Whatever DuckDB makes of a quotient: the type is that of the contract."""
    sql = layered(LINES, "gaps")
    ratios = [name for name in LINES if name.endswith(("_ppm", "_micro"))]
    assert len(ratios) > 5
    assert not [name for name in ratios if f"::DECIMAL(18,6) AS {bare(name)}" not in sql]
