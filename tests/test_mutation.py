"""The changes that scripts/check mutation makes: which there are, which are sampled, and what counts as wrong."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.checks import mutation
from scripts.checks.mutants import last, reach, sample, trial
from scripts.checks.mutants.changes import Mutant
from scripts.checks.mutants.suite import Suite

SOURCE = """
def first(rows, low, high):
    if low is None:
        raise ValueError("nothing")
    kept = [row for row in rows if low <= row.age and row.cost]
    return f(kept[0], sorted(kept)[1:]) if kept else g(low, high, by="cost", of="age")
"""
SQL = "CREATE MACRO m() AS SELECT a.cost - a.gone FROM a WHERE a.day <= 'a <= b' AND a.units > 1; -- a < b\n"
PAGE = "{% if loop.first and row.cost > row.gone %}<b>1 < 2</b>{{ row.cost }}{% endif %}"


def afters(mutants: list[Mutant]) -> set[str]:
    """What stands in place of it."""
    return {mutant.after for mutant in mutants}


def test_slips() -> None:
    after = afters(sample.possible("x", SOURCE))
    expected = {
        "pass",  # the check is gone
        "kept = [row for row in rows if low < row.age and row.cost]",
        "kept = [row for row in rows if row.cost]",
        "kept = [row for row in rows if low <= row.cost and row.cost]",
        "return f(sorted(kept)[1:], kept[0]) if kept else g(low, high, by='cost', of='age')",
        "return f(kept[-1], sorted(kept)[1:]) if kept else g(low, high, by='cost', of='age')",
        "return f(kept[0], sorted(kept)[:]) if kept else g(low, high, by='cost', of='age')",
        "return f(kept[0], kept[1:]) if kept else g(low, high, by='cost', of='age')",
        "return f(kept[0], sorted(kept)[1:]) if kept else g(high, low, by='cost', of='age')",
        "return f(kept[0], sorted(kept)[1:]) if kept else g(low, high, of='age')",
        "return f(kept[0], sorted(kept)[1:]) if kept else g(low, high, by='age', of='age')",
        "return f(kept[0], sorted(kept)[1:])",
    }
    assert expected <= after


def test_texts() -> None:
    """Operators and columns, of no comment, no quoted word and nothing that is printed as it stands."""
    made = sample.possible("depr/sql/x.sql", SQL)
    assert {mutant.tree for mutant in made} == {
        SQL.replace("cost - a", "cost + a"),
        SQL.replace("day <=", "day <"),
        SQL.replace("AND", "OR"),
        SQL.replace("> 1", ">= 1"),
        SQL.replace("> 1", "> 11"),
        *(SQL.replace(*pair) for pair in (("a.cost", "a.gone"), ("a.gone", "a.day"), ("a.day", "a.units"))),
        SQL.replace("a.units", "a.cost"),
    }
    pages = {str(mutant.tree) for mutant in sample.possible("reports/x.html.j2", PAGE)}
    changed = (
        "if not loop",
        "loop.last",
        " or ",
        " >= ",
        "row.gone > row.gone",
        "row.cost > row.cost",
        "{{ row.gone }}",
    )
    assert len(pages) == len(changed)
    assert all(sum(words in page for page in pages - {PAGE}) == 1 for words in changed)


def test_comments_are_left_as_they_are_whatever_stands_in_them() -> None:
    said = "COMMENT ON MACRO m IS 'part / whole; it''s null where a - b > 1';\n"
    made = sample.possible("depr/sql/x.sql", f"{said}CREATE MACRO m() AS 1 - 2;\n{said}")
    assert afters(made) == {"CREATE MACRO m() AS 1 + 2;", "CREATE MACRO m() AS 11 - 2;", "CREATE MACRO m() AS 1 - 12;"}


def test_a_sample_is_the_same_again_and_spread_by_size() -> None:
    sources = {"one": SOURCE, "two": SOURCE * 3, "depr/x.sql": SQL}
    again = [[m.key for m in sample.chosen(sources, 12, seed)] for seed in (1, 1, 2)]
    assert again[0] == again[1] != again[2]
    assert [len(keys) for keys in again] == [12] * 3
    assert sample.shares({"small": 100, "large": 300}, 12, 5) == {"small": 3, "large": 9}
    assert len({m.kind for m in sample.chosen({"one": SOURCE}, 12, 1)}) > 6


def test_tests_that_type_a_command_belong_to_the_module_that_declares_it() -> None:
    assert reach.declared("cli/outlook") == {"project", "claims"}
    assert reach.declared("cli/options") == reach.declared("sql/publish") == frozenset()
    typing = Path("tests", "sql", "test_publish.py")
    assert reach.nearness(typing, "cli", "cli/publishing") == 2
    assert reach.times(typing, "cli/publishing") > reach.times(typing, "cli/outlook") == 0
    assert typing in reach.belonging("cli", ("cli/publishing",))


def test_what_is_wrong() -> None:
    made = sample.chosen({"one": SOURCE}, 10, 1)
    results = [("one", mutant, place > 1) for place, mutant in enumerate(made)]
    told = [mutation.told(mutant) for mutant in made[:2]]
    assert [*mutation.wrong(results, {}, 90)] == [*told, "one: 80.0 % is less than 90"]
    assert [*mutation.wrong(results, {made[0].key: "alike"}, 90)] == told[1:]
    assert [*mutation.wrong(results, {made[9].key: "alike"}, 80)] == [
        *told,
        f"explained, but killed: {' | '.join(made[9].key)}",
    ]
    assert [*mutation.gone({("one", "first", "a", "b"): "alike"}, ["one"], {"one": SOURCE})] == [
        "explained, but not there: one | first | a | b"
    ]


SUMS = """\
def more(a):
    return a + 1


def less(a):
    return a - 1


def same(a):
    return a * 1
"""
NEAR = """\
from depr.sums import more, same


def test_more():
    assert more(1) == 2
    assert same(1) == 1
"""
ELSEWHERE = """\
import subprocess
import sys


def test_less():
    said = subprocess.run([sys.executable, "-c", "from depr.sums import less; print(less(3))"], capture_output=True)
    assert said.stdout.split() == [b"2"]
"""


WRONG = """\
from depr.wrong import one


def test_one():
    assert one() == 2 == 3


def test_two():
    assert one() == 1
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program of one module, with a file of tests that is near, and one that only the table names."""
    texts = {
        "depr/__init__.py": "",
        "depr/sums.py": SUMS,
        "depr/wrong.py": "def one():\n    return 1\n\n\ndef three():\n    return 3\n",
        "tests/test_sums.py": NEAR,
        "tests/test_elsewhere.py": ELSEWHERE,
        "tests/test_wrong.py": WRONG,
        str(last.NAMED): '[tests]\nsums = ["tests/test_elsewhere.py::test_less"]\n',
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    reach.test_files.cache_clear()
    yield tmp_path
    reach.test_files.cache_clear()


@pytest.mark.parametrize(
    ("module", "before", "after", "by"),
    [
        ("sums", "return a + 1", "return a - 1", "tests/test_sums.py::test_more"),
        ("sums", "return a - 1", "return a + 1", "tests/test_elsewhere.py::test_less"),
        ("sums", "return a * 1", "return a / 1", None),
        ("wrong", "return 1", "return 2", "tests/test_wrong.py::test_two"),  # the one before it fails without a mutant
        ("wrong", "return 3", "return 4", None),
    ],
)
def test_what_survives_meets_at_last_what_is_near_and_what_is_named(
    small: Path, module: str, before: str, after: str, by: str | None
) -> None:
    file = small / "depr" / f"{module}.py"
    text = file.read_text("utf-8")
    [mutant] = [m for m in sample.possible(module, text) if (m.before, m.after) == (before, after)]
    suite = Suite(module, [])
    assert last.at_last(suite, mutant) == (by is not None)
    assert suite.by.get(mutant.key) == by
    assert file.read_text("utf-8") == text


def test_processes_that_a_test_starts_meet_a_mutant(small: Path) -> None:
    """Else a test that compares this process with another one would kill every mutant of a function."""
    [mutant] = [m for m in sample.possible("sums", SUMS) if (m.before, m.after) == ("return a - 1", "return a + 1")]
    met: list[str] = []

    def asked(_: object) -> Iterator[str]:
        met.append((small / "depr" / "sums.py").read_text("utf-8"))
        yield ""

    suite = Suite("sums", [("tests/test_sums.py::test_less", True, 0.1, 0.0, ["sums less"])])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "forked", asked)
        assert trial.tried(suite, mutant, lambda *_: None, lambda *_: None) is False
    assert met == [last.text(mutant.tree)]
    assert (small / "depr" / "sums.py").read_text("utf-8") == SUMS


def test_no_file_is_written_at_last_while_a_fork_still_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both write into one tree: the one would meet the mutants of the other."""
    made = [mutant for mutant in sample.possible("one", SOURCE) if mutant.function][:3]
    done: list[str] = []

    def forked(_: object) -> Iterator[tuple[bool, None]]:
        for _ in made:
            done.append("fork")
            yield False, None

    monkeypatch.setattr(trial, "forked", forked)
    monkeypatch.setattr(trial, "at_last", lambda *_: done.append("last"))
    assert len([*trial.outcomes(Suite("one", []), [], made, ())]) == 3
    assert done == ["fork"] * 3 + ["last"] * 3


def test_a_test_without_end_kills_nothing_at_last(small: Path) -> None:
    (small / "tests" / "test_sums.py").write_text("def test_more():\n    while True: pass\n", "utf-8")
    assert last.alone(["tests/test_sums.py"], 2).code not in {last.FINE, *last.FAILED}


def test_what_is_explained_is_explained_once_and_of_a_module_that_is_there() -> None:
    there = {sample.module(file) for files in sample.packages(Path()).values() for file in files}
    listed = tomllib.loads(mutation.EXPLAINED.read_text("utf-8"))["survivor"]
    assert {each["module"] for each in listed} <= there
    assert len(listed) == len(mutation.explained())


def test_what_is_named_is_there() -> None:
    there = {name for name, files in sample.packages(Path()).items() for name in (name, *map(sample.module, files))}
    tests = tomllib.loads(last.NAMED.read_text("utf-8"))["tests"]
    assert tests.keys() <= there
    for test in {test for own in tests.values() for test in own}:
        file, _, name = test.partition("::")
        nodes = ast.walk(ast.parse(Path(file).read_text("utf-8")))
        assert {name} - {"", *(node.name for node in nodes if isinstance(node, ast.FunctionDef))} == set(), test
