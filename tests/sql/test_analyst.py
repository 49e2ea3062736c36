"""`depr sql`: a question on the line, in a file, from a pipe or at a prompt; an answer as table, CSV, JSON, Parquet."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import polars as pl
import pytest

from depr.cli.prompt import _completion, ended, prompt
from depr.errors import Refused
from depr.fleet.questions import sql as ask
from depr.fleet.questions import write_answer
from depr.fleet.restating import restate
from depr.sql.published.copies import publish
from depr.sql.query import session
from tests.command import Ran, run
from tests.ledger.samples import ledger, lot

LOTS = "SELECT lot_id, cost, document FROM lots ORDER BY 1"
ROWS = [lot(document="=1+1"), lot(lot_id="L2", cost="7.01")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analyst")
    ledger(folder / "fleet.duckdb", ROWS)
    (folder / "b").mkdir()
    ledger(folder / "b" / "other.duckdb", [lot(lot_id="X", cost="1.00")])
    return folder


def sql(folder: Path, *words: str | Path) -> Ran:
    return run(folder, "sql", "fleet.duckdb", *words)


def test_an_answer_in_each_form(folder: Path) -> None:
    assert sql(folder, LOTS).out.splitlines() == [
        "lot id     cost document",
        "L1     1,000.00 =1+1    ",
        "L2         7.01         ",
    ]
    assert sql(folder, LOTS, "--format", "csv").out == "lot_id,cost,document\nL1,1000.00,'=1+1\nL2,7.01,\n"
    assert json.loads(sql(folder, LOTS, "--format", "json").out)[1] == {
        "lot_id": "L2",
        "cost": "7.01",
        "document": None,
    }


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_an_answer_in_a_file_is_the_one_on_the_screen(form: str, folder: Path, tmp_path: Path) -> None:
    shown = sql(folder, LOTS, "--format", form).out
    done = sql(folder, LOTS, "--format", form, "--out", tmp_path / "out")
    assert (done.code, done.out) == (0, f"wrote {tmp_path / 'out'}\n")
    assert (tmp_path / "out").read_text("utf-8").split() == shown.split()


def test_parquet_keeps_every_digit_and_type(folder: Path, tmp_path: Path) -> None:
    question = f"SELECT *, 123456789012345678901234.01::DECIMAL(28,2) AS wide, [1, 2] AS two FROM ({LOTS})"
    assert sql(folder, question, "--format", "parquet", "--out", tmp_path / "a.parquet").code == 0
    assert pl.read_parquet(tmp_path / "a.parquet").equals(ask(folder / "fleet.duckdb", question))
    large = "SELECT range AS n, 'x' AS word FROM range(300000)"
    assert sql(folder, large, "--format", "parquet", "--out", tmp_path / "b.parquet").code == 0
    assert pl.read_parquet(tmp_path / "b.parquet")["n"].sum() == 300000 * 299999 // 2
    assert sql(folder, "FROM range(0)", "--format", "parquet", "--out", tmp_path / "c.parquet").code == 0
    assert pl.read_parquet(tmp_path / "c.parquet").is_empty()


@pytest.mark.parametrize("question", ["FROM nowhere", "SELECT error('late') FROM range(3)", "DROP TABLE events"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_is_replaced_whole_or_not_at_all(form: str, question: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")
    failed = sql(folder, question, "--format", form, "--out", tmp_path / "out")
    assert failed.code == 1
    assert failed.err.startswith("query: ")
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "before"


def test_a_file_that_cannot_be_one(folder: Path, tmp_path: Path) -> None:
    assert "is a folder" in sql(folder, LOTS, "--out", tmp_path).err
    (tmp_path / "file").write_text("")
    failed = sql(folder, LOTS, "--format", "parquet", "--out", tmp_path / "file" / "out")
    assert (failed.code, "cannot be written" in failed.err) == (1, True)
    with session(folder / "fleet.duckdb") as asked, pytest.raises(Refused, match="unknown format 'xml'"):
        write_answer(asked, LOTS, tmp_path / "out", "xml")


def test_long_tables_are_cut_and_say_so(folder: Path) -> None:
    cut = sql(folder, "FROM range(500)")
    assert len(cut.out.splitlines()) == 201
    assert "the first 200 rows; --rows 0 shows all of them, --out FILE writes them" in cut.err
    assert len(sql(folder, "FROM range(500)", "--rows", "0").out.splitlines()) == 501
    for words in (["--rows", "500"], ["--format", "csv"]):
        whole = sql(folder, "FROM range(500)", *words)
        assert len(whole.out.splitlines()) == 501
        assert "the first" not in whole.err


def test_ledgers_side_by_side_and_the_head_of_each(folder: Path) -> None:
    question = "SELECT lot_id FROM fleet.lots UNION SELECT lot_id FROM b.lots ORDER BY 1"
    done = sql(folder, question, "--attach", "b=b/other.duckdb", "--format", "csv")
    assert done.out == "lot_id\nL1\nL2\nX\n"
    assert [line.split()[0] for line in done.err.splitlines()] == ["fleet.duckdb", "b/other.duckdb"]
    assert "X" in sql(folder, "FROM other.lots", "--attach", "b/other.duckdb").out
    assert "is taken" in sql(folder, "FROM lots", "--attach", "fleet=b/other.duckdb").err
    assert "no such ledger" in sql(folder, "FROM lots", "--attach", "c=none.duckdb").err


def test_a_question_in_a_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT 1 AS a;\n-- and then\nSELECT 2 AS b;\n")
    assert sql(folder, "--file", tmp_path / "q.sql", "-f", "csv").out == "b\n2\n"
    (tmp_path / "w.sql").write_text("SELECT 1; DELETE FROM events")
    assert "DELETE is not a question" in sql(folder, "--file", tmp_path / "w.sql").err
    assert "no such file" in sql(folder, "--file", tmp_path / "none.sql").err
    (tmp_path / "latin.sql").write_bytes("SELECT 'é'".encode("latin-1"))
    assert "cannot be read" in sql(folder, "--file", tmp_path / "latin.sql").err


def test_a_question_from_a_pipe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("SELECT 1 AS a;\nSELECT 2 AS b;\n"))
    assert sql(folder, "-f", "csv").out == "b\n2\n"
    monkeypatch.setattr(sys, "stdin", StringIO(" \n"))
    assert sql(folder).code == 2


def test_a_pipe_that_is_no_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO("SELECT 'é'".encode("latin-1")), "utf-8"))
    refused = sql(folder)
    assert (refused.code, "is not text" in refused.err) == (2, True)
    monkeypatch.setattr(sys, "stdin", None)
    assert sql(folder).code == 2


def test_a_published_copy_is_asked_too(folder: Path, tmp_path: Path) -> None:
    path, question = ledger(tmp_path / "fleet.duckdb", ROWS), "SELECT count(*) AS n FROM rollup"
    restate(path, lives=["3y"], save="three")
    whole, alone = tmp_path / "whole.duckdb", tmp_path / "alone.duckdb"
    publish(path, whole)
    publish(path, alone, without_lots=True)
    expected = ask(path, question).rows()
    assert expected[0][0] > 0
    for copy in (whole, alone):
        asked = run(tmp_path, "sql", copy.name, question, "-f", "csv")
        assert asked.out == f"n\n{expected[0][0]}\n"
        assert asked.err.startswith(f"{copy.name} ")
    assert ask(path, "SELECT count(*) AS n FROM b.rollup", attach={"b": alone}).rows() == expected
    alone.write_bytes(alone.read_bytes()[:-1] + b"!")
    with pytest.raises(Refused, match="was changed"):
        ask(alone, question)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SELECT 1", "--format", "parquet"], "Parquet needs --out FILE"),
        (["SELECT 1", "--file", "q.sql"], "not both"),
        ([""], "give a statement"),
        (["SELECT 1", "--memory", "1"], "64"),
    ],
)
def test_options_that_do_not_fit(words: list[str], said: str, folder: Path) -> None:
    refused = sql(folder, *words)
    assert (refused.code, said in refused.err) == (2, True)


def test_time_is_limited(folder: Path) -> None:
    assert (
        "stopped after 0.2 seconds" in sql(folder, "SELECT count(*) FROM range(1000000000000)", "--seconds", "0.2").err
    )


def test_the_help_lists_the_ten_questions(folder: Path) -> None:
    from depr.sql.examples import examples

    shown = " ".join(run(folder, "sql", "--help").out.split())
    assert all(f"{each.number}. {each.question}" in shown for each in examples())


# The prompt


@pytest.mark.parametrize(
    ("text", "is_ended"),
    [
        ("SELECT 1;", True),
        ("SELECT 1; ", True),
        ("SELECT 1; -- done", True),
        ("SELECT 1; /* done */", True),
        ("SELECT 1 -- not yet;", False),
        ("SELECT 1 /* not yet; */", False),
        ("SELECT 1 /* not yet;", False),
        ("SELECT ';", False),
        ("SELECT ';'", False),
        ("SELECT ';';", True),
        ("SELECT 'it''s;", False),
        ("SELECT 'it''s';", True),
        ('SELECT "a;', False),
        ('SELECT "a""b";', True),
        ("SELECT $$ it's; $$", False),
        ("SELECT $a$ ' $a$;", True),
        ("SELECT '--';", True),
        ("SELECT '\n;\n';", True),
    ],
)
def test_a_semicolon_ends_a_question(text: str, is_ended: bool) -> None:
    assert ended(text) == is_ended


Line = str | type[BaseException]


def asked_at_the_prompt(folder: Path, *lines: Line, fail: BaseException | None = None) -> list[str]:
    """What is asked when these lines are typed."""
    questions: list[str] = []

    def show(text: str) -> None:
        questions.append(text)
        if fail:
            raise fail

    typed: Iterator[Line] = iter(lines)

    def read(_: str) -> str:
        line = next(typed, EOFError)
        if isinstance(line, str):
            return line
        raise line

    with session(folder / "fleet.duckdb") as asked:
        prompt(folder / "fleet.duckdb", {"b": folder}, asked, show, read)
    return questions


def test_lines_until_a_semicolon_are_one_question(folder: Path) -> None:
    assert asked_at_the_prompt(folder, "", "SELECT", "", "1;", "FROM lots;") == ["SELECT\n\n1;", "FROM lots;"]


@pytest.mark.parametrize("word", ["exit", "quit;", ".exit", "QUIT"])
def test_a_word_leaves(word: str, folder: Path) -> None:
    assert asked_at_the_prompt(folder, "SELECT 1;", word, "SELECT 2;") == ["SELECT 1;"]


def test_what_is_not_ended_is_not_asked(folder: Path) -> None:
    assert asked_at_the_prompt(folder, "SELECT 1") == []


def test_a_line_is_dropped_by_an_interrupt(folder: Path) -> None:
    assert asked_at_the_prompt(folder, "SELECT", KeyboardInterrupt, "FROM lots;") == ["FROM lots;"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), Refused([])])
def test_a_fault_does_not_leave_the_prompt(fault: BaseException, folder: Path) -> None:
    assert asked_at_the_prompt(folder, "FROM a;", "FROM b;", fail=fault) == ["FROM a;", "FROM b;"]


def test_names_are_completed() -> None:
    assert [_completion(["lots", "lot_id", "x"], "lot", n) for n in range(3)] == ["lots", "lot_id", None]
    assert _completion(["lots"], "", 0) is None


@pytest.fixture
def terminal(folder: Path) -> Iterator[tuple[Callable[[str, str], str], subprocess.Popen[bytes]]]:
    """A prompt in a terminal, and a function that types and reads until something is shown."""
    ours, theirs = pty.openpty()
    program = "from depr.cli import main; main()"
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "HOME": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-c", program, "sql", "fleet.duckdb"],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = ""

        def until(typed: str, expected: str) -> str:
            nonlocal shown
            os.write(ours, typed.encode())
            text, end = "", time.monotonic() + 60
            while expected not in text and time.monotonic() < end:
                if select.select([ours], [], [], 0.2)[0]:
                    with suppress(OSError):  # the other side is closed
                        text += os.read(ours, 65536).decode(errors="replace")
            shown += text
            assert expected in text, shown
            return text

        yield until, process
        process.kill()
    os.close(ours)


def test_a_session_in_a_terminal(terminal: tuple[Callable[[str, str], str], subprocess.Popen[bytes]]) -> None:
    type_until, process = terminal
    assert "Ctrl-D leaves" in type_until("", "depr> ")
    type_until("SELECT cost\n", "... ")
    assert "1,000.00" in type_until("FROM lots;\n", "depr> ")
    assert "did you mean lots" in type_until("FROM lotz;\n", "depr> ")
    assert "%" in type_until("SELECT count(*) FROM range(1000000000000);\n", "query 0%")
    process.send_signal(signal.SIGINT)
    assert "interrupted" in type_until("", "depr> ")
    assert "42" in type_until("SELECT 6 * 7 AS answer;\n", "depr> ")
    type_until("\x04", "head")
    assert process.wait(60) == 0
