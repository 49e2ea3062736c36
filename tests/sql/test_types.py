"""Every type of DuckDB in every form of an answer: the value as it is, or refused by name; never a panic."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from rich.console import Console

from depr.console import writers
from depr.errors import Refused
from depr.fleet.questions import write_answer
from depr.sql.query import Session, session
from tests.command import run
from tests.ledger.samples import ledger, lot

VALUES = {
    "BOOLEAN": ["true"],
    "TINYINT": ["1::TINYINT"],
    "SMALLINT": ["1::SMALLINT"],
    "INTEGER": ["1"],
    "BIGINT": ["9223372036854775807"],
    "HUGEINT": [
        "170141183460469231731687303715884105727::HUGEINT",
        "(-170141183460469231731687303715884105727)::HUGEINT",
    ],
    "UTINYINT": ["255::UTINYINT"],
    "USMALLINT": ["65535::USMALLINT"],
    "UINTEGER": ["4294967295::UINTEGER"],
    "UBIGINT": ["18446744073709551615::UBIGINT"],
    "UHUGEINT": ["340282366920938463463374607431768211455::UHUGEINT"],
    "BIGNUM": ["1::BIGNUM", "repeat('9', 100)::BIGNUM"],
    "DECIMAL": ["1.5::DECIMAL(4, 2)", "1.5::DECIMAL(38, 37)", "(-0.00000001)::DECIMAL(18, 8)"],
    "FLOAT": ["1.5::FLOAT", "'-inf'::FLOAT"],
    "DOUBLE": ["1e300", "'inf'::DOUBLE", "'nan'::DOUBLE"],
    "VARCHAR": ["'text'", "''"],
    "ENUM": ["'a'::ENUM('a', 'b')"],
    "BLOB": [r"'\xAA'::BLOB"],
    "BIT": ["'10101'::BIT"],
    "UUID": ["'550e8400-e29b-41d4-a716-446655440000'::UUID"],
    "GEOMETRY": ["'POINT (1 2)'::GEOMETRY"],
    "VARIANT": ["1::VARIANT", "DATE 'infinity'::VARIANT"],
    "DATE": [
        *("DATE '2020-02-29'", "DATE '0001-01-01'", "DATE '9999-12-31'", "DATE '10000-01-01'", "DATE '290000-01-01'"),
        *("DATE 'infinity'", "DATE '-infinity'", "DATE '0044-03-15 (BC)'", "DATE '0000-01-01'"),
    ],
    "TIME": ["TIME '12:34:56.789'", "TIME '00:00:00'", "TIME '24:00:00'"],
    "TIME_NS": ["TIME_NS '12:00:00.123456789'"],
    "TIME WITH TIME ZONE": ["TIMETZ '12:00:00+02'", "TIMETZ '24:00:00-15:59'"],
    "TIMESTAMP": [
        *("TIMESTAMP '2020-01-01 10:00:00.5'", "TIMESTAMP '9999-12-31 23:59:59.999999'", "TIMESTAMP '0001-01-01'"),
        *("TIMESTAMP 'infinity'", "TIMESTAMP '-infinity'", "TIMESTAMP '0044-03-15 (BC) 10:00:00'"),
        *("TIMESTAMP '20000-01-01'", "TIMESTAMP '290000-01-01'"),
    ],
    "TIMESTAMP_S": ["TIMESTAMP_S '2020-01-01'", "TIMESTAMP_S 'infinity'", "TIMESTAMP_S '290000-01-01'"],
    "TIMESTAMP_MS": ["TIMESTAMP_MS '2020-01-01'", "TIMESTAMP_MS '-infinity'", "TIMESTAMP_MS '12000-01-01'"],
    "TIMESTAMP_NS": ["TIMESTAMP_NS '2262-01-01 00:00:00.123456789'", "TIMESTAMP_NS 'infinity'"],
    "TIMESTAMP WITH TIME ZONE": ["TIMESTAMPTZ 'infinity'", "TIMESTAMPTZ '-infinity'", "TIMESTAMPTZ '12000-01-01'"],
    "TIMESTAMPTZ_NS": ["TIMESTAMPTZ_NS 'infinity'"],
    "INTERVAL": ["INTERVAL 5 MONTH", "INTERVAL '-1 month 3 days -1 second'"],
    "LIST": ["[1, 2]", "[DATE 'infinity']", "[INTERVAL 1 DAY]", "[TIME '24:00:00']", "['x'::BLOB]", "[1::UHUGEINT]"],
    "STRUCT": [
        "{'a': DATE 'infinity'}",
        "{'a': {'b': [TIMESTAMP 'infinity']}}",
        "{'a': union_value(s := 'x')}",
        "{'a': 1}",
    ],
    "MAP": ["MAP {1: 'x'}", "MAP {'a': DATE '-infinity'}", "MAP {'a': 'nan'::DOUBLE}", "MAP {}"],
    "UNION": ["union_value(n := 1)"],
    "TUPLE": ["(1, DATE 'infinity')", "row()"],
    "ARRAY": ["array_value(1, 2)", "array_value(INTERVAL 1 DAY)"],
    "NULL": ["NULL"],
}
"""Values of each type; another that fails belongs here."""

WITHOUT_VALUES = {"ANY", "INVALID", "TYPE", "LAMBDA", "POINTER", "TABLE", "UNKNOWN", "VALIDITY", "INTEGER_LITERAL"}
EACH = [(kind, value) for kind, values in VALUES.items() for value in values]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with session(ledger(tmp_path_factory.mktemp("types") / "fleet.duckdb", [lot()])) as opened:
        yield opened


def test_every_type_is_tried() -> None:
    listed = duckdb.execute("SELECT DISTINCT upper(logical_type) FROM duckdb_types()").fetchall()
    assert {name for (name,) in listed} <= set(VALUES) | WITHOUT_VALUES


def _plain(text: str) -> str:
    """Without what forms do differently: thousands, the T of a time, quotes, capitals."""
    return "".join(letter for letter in text.lower() if letter not in ",t '\"\\")


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize(("kind", "value"), EACH)
def test_a_value_is_shown_as_it_is(kind: str, value: str, form: str, asked: Session) -> None:
    [(said,)] = asked.connection.execute(f"SELECT ({value})::VARCHAR").fetchall()
    shown = io.StringIO()
    writers.text(asked.frame(f"SELECT {value} AS v"), form, Console(file=shown, width=300))
    assert _plain(said or "") in _plain(shown.getvalue())
    assert form != "json" or said is None or "null" not in shown.getvalue()


NO_PARQUET = [
    *VALUES["HUGEINT"],
    "TIME '24:00:00'",
    "[TIME '24:00:00']",
    "TIMESTAMP_S 'infinity'",
    "MAP {}",
]


@pytest.mark.parametrize(("kind", "value"), [each for each in EACH if each[1] not in NO_PARQUET])
def test_a_value_is_written_as_it_is(kind: str, value: str, asked: Session, tmp_path: Path) -> None:
    out = tmp_path / "v.parquet"
    [(said,)] = asked.connection.execute(f"SELECT ({value})::VARCHAR").fetchall()
    write_answer(asked, f"SELECT {value} AS v", out, "parquet")
    with duckdb.connect() as connection:
        [(read,)] = connection.execute("SELECT v::VARCHAR FROM read_parquet(?)", [str(out)]).fetchall()
    assert _plain(str(read)) == _plain(str(said))


@pytest.mark.parametrize("value", NO_PARQUET)
def test_what_parquet_cannot_hold_is_refused(value: str, asked: Session, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="query: "):
        write_answer(asked, f"SELECT {value} AS v", tmp_path / "v.parquet", "parquet")
    assert not list(tmp_path.iterdir())


def test_a_column_is_of_its_type_where_all_of_it_can_be(asked: Session) -> None:
    known = asked.frame("SELECT DATE '2020-01-01' AS d, 1::HUGEINT AS n")
    assert known.schema == {"d": pl.Date, "n": pl.Decimal(38, 0)}
    odd = asked.frame("SELECT unnest([DATE '2020-01-01', DATE 'infinity', NULL]) AS d, 1 AS n")
    assert odd["d"].to_list() == ["2020-01-01", "infinity", None]
    assert odd["n"].dtype == pl.Int32


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_infinity_at_the_command(form: str, tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    ended = run(tmp_path, "sql", path, "SELECT DATE 'infinity' AS d", "--format", form)
    assert ended.code == 0, ended.err
    assert "infinity" in ended.out
