"""Whatever another program alters in a ledger file is noticed and named, also when the file is sealed anew."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import duckdb
import pytest

from depr.checks import check
from depr.errors import Refused
from depr.fleet.facts import close, record
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from depr.fleet.restating import drop_saved, restate, saved
from depr.ledger import contents, seal
from depr.ledger.store import Ledger
from depr.ledger.wording import in_order
from depr.sql import proof
from depr.sql.published.copies import publish
from depr.sql.verified import reseal, verify
from tests.command import run
from tests.daily import release, sampled
from tests.ledger.samples import RECORDED, event, ledger, lot
from tests.sql.alterations import OTHERS, of_definitions, of_rows
from tests.sql.copied import restated


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return restated(tmp_path_factory.mktemp("contents"))


@pytest.fixture
def path(origin: Path, tmp_path: Path) -> Path:
    """A ledger of one's own, with results and what the macros read."""
    for each in (origin, seal.place(origin)):
        shutil.copy(each, tmp_path)
    return tmp_path / origin.name


def plain(path: Path, statements: str) -> None:
    """What another program does."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements).fetchall()


def found(path: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What a proof of an open file says, whatever its bytes are."""
    said = proof.compare(path, connection).findings
    try:
        chain = Ledger(path, connection, None).verify()
    except Refused as refused:
        chain = list(refused.findings)
    return [finding.what for finding in [*said, *chain]]


# Each alteration

PARTS = {"rows": 8, "definitions": 8, "others": 1}
"""The alterations of each kind, in so many parts; one of them is made each run, all for a release."""


@pytest.mark.parametrize(
    ("kind", "part"),
    [(kind, part) if not part else release((kind, part)) for kind, parts in PARTS.items() for part in range(parts)],
)
def test_every_alteration_is_noticed_and_named(kind: str, part: int, path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        made = {"rows": of_rows, "definitions": of_definitions, "others": lambda _: iter(OTHERS)}[kind]
        alterations = list(made(connection))
        assert found(path, connection) == []
        unseen = []
        for statements, named in alterations[part :: PARTS[kind]]:
            connection.begin()
            connection.execute(statements).fetchall()
            said = found(path, connection)
            connection.rollback()
            if not any(named in what or (named in contents.CHAINED and "batch" in what) for what in said):
                unseen.append((statements, said))
        assert not unseen
        assert found(path, connection) == []
    assert len(alterations) > {"rows": 120, "definitions": 120, "others": 15}[kind]


@pytest.mark.parametrize(
    ("statements", "named"),
    sampled(
        [
            (
                "UPDATE restatement_saved SET understatement = understatement * 2",
                "the rows of table restatement_saved were changed",
            ),
            ("CREATE OR REPLACE VIEW lots AS FROM acquired", "the definition of view lots was changed"),
            ("CREATE MACRO sum(x) AS 0", "macro sum was added"),
        ],
        3,
    ),
)
def test_sealed_anew_it_is_still_noticed_by_every_command(statements: str, named: str, path: Path) -> None:
    plain(path, statements)
    commands = (
        ["verify", path.name],
        ["check", path.name],
        ["publish", path.name, "copy"],
        ["sql", path.name, "FROM fleet"],
    )
    for words in commands:
        ran = run(path.parent, *words)
        assert (ran.code, named in ran.err or "the ledger file was changed" in ran.err) == (1, True)
    ran = run(path.parent, "verify", path.name, "--seal")
    assert (ran.code, named in ran.err, "as depr left it" in ran.out) == (1, True, False)
    for words in commands:
        ran = run(path.parent, *words)
        assert (ran.code, named in ran.err) == (1, True)
    assert not path.with_name("copy").exists()


def test_no_writer_makes_a_changed_table_honest(path: Path) -> None:
    """The seal taken away, then every command that writes: the table stays what it is until it is made anew."""
    plain(path, "UPDATE rollup_saved SET depreciation = depreciation + 1")
    seal.place(path).unlink()
    record(path, "transfer", "Zebra-1", RECORDED.date(), RECORDED, location="x")
    close(path, "META", "2023-06", RECORDED)
    prepare(path, lives=["36m"], methods=["straight_line"])
    with pytest.raises(Refused, match="the rows of table rollup_saved were changed"):
        restate(path, lives=["1y"], save="one")
    assert [finding.what for finding in verify(path)[1]] == ["the rows of table rollup_saved were changed"]
    plain(path, "DROP TABLE rollup_saved")
    assert [finding.what for finding in reseal(path)[1]] == ["table rollup_saved is missing"]
    prepare(path, lives=["36m"], methods=["straight_line"])
    restate(path, lives=["1y"], save="one")
    assert not verify(path)[1]


def test_what_is_added_to_a_changed_table_does_not_vouch_for_it(path: Path) -> None:
    plain(path, "UPDATE statements SET revenue = revenue + 1")
    reseal(path)
    with pytest.raises(Refused, match="the rows of table statements were changed"):
        prepare(path)
    assert [finding.what for finding in verify(path)[1]] == ["the rows of table statements were changed"]


def test_a_writer_proves_the_facts_before_it_seals_them(path: Path) -> None:
    plain(path, "UPDATE events SET units = units + 1 WHERE seq = 1")
    seal.place(path).unlink()
    with pytest.raises(Refused, match=r"batch 1 .* does not match its hash"):
        record(path, "transfer", "Zebra-1", RECORDED.date(), RECORDED, location="x")
    assert not seal.place(path).exists()


def test_rewritten_with_its_digests_it_is_found_by_the_hash_of_the_contents(path: Path) -> None:
    """Whoever knows how: rows, digest, seal, all made to fit. What was noted elsewhere does not fit."""
    mark, head = verify(path)[0].contents, verify(path)[0].head
    assert not verify(path, mark[:16])[1]
    assert verify(path, mark.upper())[0].unproven == verify(path, mark)[0].unproven
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE rollup_saved SET depreciation = depreciation + 1").fetchall()
        contents.record(connection, ["rollup_saved"])
    [rewritten] = reseal(path)[1]
    assert rewritten.what == "the digests in table contents are not those of the last seal"
    seal.place(path).unlink()
    assert not reseal(path)[1]
    assert not verify(path)[1]
    assert [finding.code for finding in verify(path, mark)[1]] == ["head"]
    told, none = verify(path, head)
    assert not none
    assert any(said.startswith("all but facts") for said in told.unproven)
    assert any("looks the same" in said for said in verify(path)[0].unproven)


# What someone adds on purpose


def test_what_is_added_on_purpose_is_taken_in_and_watched(path: Path) -> None:
    plain(path, "CREATE VIEW mine AS SELECT count(*) AS n FROM lots; CREATE TABLE notes AS SELECT 'x' AS note")
    told, left = reseal(path)
    assert not left
    assert {said.split(":")[0] for said in told.unproven} == {"view mine", "table notes"}
    assert not verify(path)[1]
    assert sql(path, "FROM mine").rows() == [(5,)]
    publish(path, path.with_name("copy.duckdb"))
    assert not verify(path.with_name("copy.duckdb"))[1]
    plain(path, "UPDATE notes SET note = 'y'")
    assert "the rows of table notes were changed" in [finding.what for finding in verify(path)[1]]


def test_what_hides_a_function_or_writes_by_itself_is_not_taken_in(path: Path) -> None:
    plain(path, "CREATE MACRO sum(x) AS 0")
    left = reseal(path)[1]
    assert [(finding.what, finding.why) for finding in left] == [
        ("macro sum was added", "it hides the macro of DuckDB")
    ]


# Versions


def test_the_texts_of_another_version_are_not_compared_and_that_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "texts", lambda: "0" * 64)
    told, none = verify(path)
    assert not none
    assert told.unproven[0].startswith("the views and macros: depr ")
    assert [finding.what for finding in check(path, ["contents"])] == [f"not compared: {told.unproven[0]}"]


SAVED = (
    "the rows of books_saved, made_from, restatement_saved, rollup_saved: "
    "they were there before the file said what depr wrote; "
)
WHOSE = "the rows of issuers, statements: they were there before the file said what depr wrote; "


def test_a_ledger_without_digests_says_so(path: Path) -> None:
    plain(path, "DROP TABLE contents")
    assert [finding.what for finding in reseal(path)[1]] == [
        "the digests in table contents are not those of the last seal"
    ]
    seal.place(path).unlink()
    assert [finding.code for finding in reseal(path)[1]] == ["contents"]
    assert [finding.code for finding in verify(path)[1]] == ["contents"]


TAKEN = ("DROP TABLE contents", "DELETE FROM contents")
FIRST = ("prepare fleet.duckdb --life 3y", "restate fleet.duckdb --lives 2 --save other")


@pytest.mark.parametrize(("taken", "first"), sampled(product(TAKEN, FIRST), 4))
def test_digests_taken_away_launder_nothing(taken: str, first: str, path: Path) -> None:
    """A changed figure without its digest is called not proven by every command, until all like it was made anew."""
    name = path.name
    plain(path, f"UPDATE restatement_saved SET understatement = understatement + 1; {taken}")
    seal.place(path).unlink()
    words = first.replace("fleet.duckdb", name).split()
    assert run(path.parent, *words).code == 0
    said = run(path.parent, "prepare", name, "--life", "3y")
    assert (said.code, SAVED in said.err, WHOSE in said.err) == (0, True, True)
    assert not verify(path)[1]
    for ran in (
        run(path.parent, "verify", name),
        run(path.parent, "sql", name, "FROM fleet"),
        run(path.parent, "publish", name, "copy"),
        run(path.parent, "publish", name, "copy.duckdb"),
    ):
        assert ran.code == 0
        assert "not proven: " in ran.err
        assert SAVED in ran.err
        assert WHOSE in ran.err
    for copy in ("copy", "copy.duckdb"):
        assert SAVED in run(path.parent, "verify", copy).err
    ran = run(path.parent, "check", name, "contents")
    assert (ran.code, f"not compared: {SAVED}" in ran.err) == (1, True)
    assert run(path.parent, "restate", name, "--lives", "4", "--save", "more").code == 0
    assert SAVED in run(path.parent, "verify", name).err
    for run_name in saved(path)["run"]:
        drop_saved(path, run_name)
    again = run(path.parent, "verify", name)
    assert (again.code, "restatement" in again.err, WHOSE in again.err) == (0, False, True)
    prepare(path, lives=["36m"], anew=True)
    assert [said for said in verify(path)[0].unproven if "before the file said" in said] == []
    assert check(path, ["contents"]) == []


# The digests themselves


def test_a_digest_of_rows_does_not_depend_on_their_order() -> None:
    rows = ["(1, 'a', NULL)", "(1, 'a', NULL)", "(2, NULL, '')", "(3, '1:a', 'b')"]
    seen = set()
    for order in (rows, rows[::-1], rows[2:] + rows[:2]):
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t AS FROM (VALUES {', '.join(order)}) AS v (a, b, c)").fetchall()
            seen.add(contents.rows_sha256(connection, "t"))
    assert len(seen) == 1
    for other in (rows[1:], [*rows, rows[0]], [rows[0].replace("NULL", "'-'"), *rows[1:]]):
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t AS FROM (VALUES {', '.join(other)}) AS v (a, b, c)").fetchall()
            seen.add(contents.rows_sha256(connection, "t"))
    assert len(seen) == 4


def test_the_zone_of_the_session_is_in_no_digest() -> None:
    seen = set()
    for zone in ("UTC", "Asia/Tokyo"):
        with duckdb.connect() as connection:
            connection.execute(f"SET TimeZone = '{zone}'").fetchall()
            connection.execute("CREATE TABLE t AS SELECT to_timestamp(0) AS t").fetchall()
            seen.add(contents.rows_sha256(connection, "t"))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("SELECT * EXCLUDE (a, b) FROM t", "SELECT * EXCLUDE (b, a) FROM t", True),
        ("* REPLACE (f(x, y) AS x, (1) AS y)", "* REPLACE ((1) AS y, f(x, y) AS x)", True),
        ("* REPLACE (f(x, y) AS x)", "* REPLACE (f(y, x) AS x)", False),
        ("* REPLACE (* EXCLUDE (b, a), ',' AS c)", "* REPLACE (',' AS c, * EXCLUDE (a, b))", True),
        ("f(a, b)", "f(b, a)", False),
        ("EXCLUDE (a, b", "EXCLUDE (b, a", False),
    ],
)
def test_sets_are_the_same_in_any_order(one: str, two: str, same: bool) -> None:
    assert (in_order(one) == in_order(two)) == same


def test_the_same_writes_give_the_same_contents(tmp_path: Path) -> None:
    marks = set()
    for name in "ab":
        made = ledger(tmp_path / f"{name}.duckdb", [lot()], [event("transfer", "2024-01-01", location="x")])
        restate(made, lives=["3y"], save="three")
        prepare(made, lives=["36m"])
        marks.add(verify(made)[0].contents)
    assert len(marks) == 1
