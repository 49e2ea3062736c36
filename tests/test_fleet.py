"""The face for Python: every example of its docstrings, and what it takes and refuses beside them."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import depr
from depr import fleet as face
from depr.fleet import Fleet, answers, arguments, ledger, without_ledger
from tests.ledger.samples import lot, write

LOTS = (
    lot(cost="94000.00", in_service_date="2024-01-01", purchase_date="2023-12-20"),
    lot(lot_id="L2", cost="60000.00", in_service_date="2024-01-01", purchase_date="2023-12-20"),
)


STATEMENTS = """\
issuer,period_type,fiscal_year,fiscal_quarter,period_end,currency,pretax_income,income_tax,net_income
ACME,FY,2023,,2023-12-31,USD,100,20,80
"""


BOOK = """\
id = "acme-5y"
title = "ACME, five years"
kind = "scenario"
source = "accounting manual"

[[policy]]
effective = "opening"
generations = ["*"]
method = "straight_line"
convention = "full_month"
life_months = 60
source = "accounting manual, section 4"
"""


def public() -> list[str]:
    """All that a person may call, in the order of the file."""
    functions = [name for name in depr.__all__ if inspect.isfunction(getattr(depr, name)) and name not in FIRST]
    verbs = [
        f"{each.__name__}.{name}"
        for each in reversed(Fleet.__mro__[:-1])
        for name, value in vars(each).items()
        if not name.startswith("_") and (callable(value) or isinstance(value, property))
    ]
    return ["open_fleet", "create", *functions, *verbs]


FIRST = ("open", "create")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the examples may name, in a folder with a ledger of two lots."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("fleet"))
        fleet = depr.create("fleet.duckdb")
        fleet.add(write(Path("purchases.csv"), *LOTS))
        Path("statements.csv").write_text(STATEMENTS, "utf-8")
        Path("own").mkdir()
        Path("own", "acme-5y.toml").write_text(BOOK, "utf-8")
        yield {"depr": depr, "fleet": fleet, "pl": pl, "date": date, "Decimal": Decimal}


def test_every_example(names: dict[str, Any]) -> None:
    """In the order of the file, as one session: each method has one, and each prints what it says."""
    finder = doctest.DocTestFinder()
    found = {
        each.name: each
        for module in (face, without_ledger, answers, ledger)
        for each in finder.find(module, "of", globs=names)
    }
    for name in public():
        each = found[f"of.{name}"]
        assert each.examples, f"{name} has no example"
        ran = doctest.DocTestRunner(verbose=False, optionflags=doctest.FAIL_FAST).run(each, clear_globs=False)
        assert not ran.failed, name


def test_every_method_says_what_it_takes(names: dict[str, Any]) -> None:
    for name in dir(names["fleet"]):
        if not name.startswith("_") and name != "path":
            assert inspect.getdoc(getattr(Fleet, name)), name


TAKEN = {
    "polars": lambda lots: lots,
    "pandas-like": lambda lots: lots.to_arrow(),
    "columns": lambda lots: lots.to_dict(as_series=False),
    "lazy": lambda lots: lots.lazy(),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_any_table_is_taken_with_the_columns_of_a_user(kind: str, tmp_path: Path) -> None:
    fleet = depr.create(str(tmp_path / "f.duckdb"))
    columns = {"lot_id": ["A", "B"], "issuer": ["META"] * 2, "generation": ["h100", "a100"], "units": [1, 2]}
    columns |= {"cost": [Decimal("10.25"), Decimal("1.10")], "currency": ["USD"] * 2}
    days = {"purchase_date": [date(2024, 1, 1)] * 2, "in_service_date": [date(2024, 2, 1)] * 2}
    [done] = fleet.add(TAKEN[kind](pl.DataFrame(columns | days)), name="mine")
    assert (done.batch.accepted, done.batch.file) == (2, "mine.parquet")
    assert fleet.lots()["cost"].to_list() == [Decimal("10.25"), Decimal("1.10")]
    [again] = depr.open(fleet.path).add(TAKEN[kind](pl.DataFrame(columns | days)), name="mine")
    assert (again.batch.accepted, again.batch.duplicates) == (0, 2)


def test_rows_that_are_refused_are_named(tmp_path: Path) -> None:
    fleet = depr.create(tmp_path / "f.duckdb")
    with pytest.raises(depr.Refused, match=r"frame:2: unknown generation"):
        fleet.add(pl.DataFrame([*LOTS[:1], LOTS[1] | {"generation": "h1000"}]))
    with pytest.raises(depr.Refused, match="int is no table"):
        fleet.add(7)
    assert repr(fleet).endswith("no lots yet; add purchases")


REFUSED = {
    "a number": lambda fleet: fleet.restate(lives=[3]),
    "digits": lambda fleet: fleet.restate(lives=["3"]),
    "months of prepare": lambda fleet: fleet.prepare(lives=[36]),
    "one life": lambda fleet: fleet.restate(lives="3y"),
    "a book by number": lambda fleet: fleet.schedule(6),
    "a float": lambda fleet: without_ledger.asset(
        1000.5,  # type: ignore[arg-type]
        life="5y",
        in_service=date(2024, 1, 1),
    ),
    "a float of an event": lambda fleet: fleet.record("impairment", "L1", date(2025, 1, 1), amount=1.5),
    "no ledger": lambda fleet: depr.open("nowhere.duckdb"),
    "one there": lambda fleet: depr.create(fleet.path),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_exact_is_refused_in_words(case: str, names: dict[str, Any]) -> None:
    with pytest.raises(depr.Refused) as refused:
        REFUSED[case](names["fleet"])
    assert all(finding.what and finding.do for finding in refused.value.findings)


GIVEN: dict[str, tuple[Any, list[Any]]] = {
    "date": (date(2025, 1, 1), [5, "2025", "1 January", datetime(2025, 1, 1, 12, tzinfo=UTC)]),
    "datetime": (datetime(2025, 1, 1, tzinfo=UTC), [5, "2025-01-01", date(2025, 1, 1)]),
    "str": ("3y", [5, date(2025, 1, 1), ["3y"], b"3y"]),
    "Sequence[str]": (["META"], ["META", 5, [5]]),
    "Sequence[date]": ([date(2025, 1, 1)], [date(2025, 1, 1), "2025-01-01", ["2025"], 5]),
    "tuple[int, int]": ((2024, 2025), [2025.0, True, (2025,), ("2024", "2025"), "25"]),
    "PathLike": ("f.duckdb", [5, ["f.duckdb"]]),
    "int": (1, ["1", 1.0, True]),
}
"""Of each kind of parameter a value, and values that are none."""


def parameters() -> list[tuple[str, str]]:
    """Every public verb with every parameter of a kind in GIVEN."""
    return [
        (name, each)
        for name in public()
        if inspect.isfunction(verb_of(name))
        for each, parameter in inspect.signature(verb_of(name)).parameters.items()
        if str(parameter.annotation).removesuffix(" | None") in GIVEN
    ]


def verb_of(name: str) -> Any:
    """A verb by its name in `public`."""
    of, _, method = name.rpartition(".")
    where = {"Ledger": ledger.Ledger, "Figures": answers.Figures, "Fleet": Fleet}.get(of)
    return vars(where)[method] if where else getattr(face, name, None) or getattr(depr, name)


ASKED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@pytest.mark.parametrize(("name", "parameter"), parameters())
def test_what_is_no_value_of_a_parameter_is_refused_under_its_name(
    name: str, parameter: str, names: dict[str, Any]
) -> None:
    """Whatever the verb, before it does anything: a text is not several names, a day is no time, 3 is no text."""
    verb, values = verb_of(name), {}
    for each, other in inspect.signature(verb).parameters.items():
        kind = str(other.annotation).removesuffix(" | None")
        if other.default is inspect.Parameter.empty and other.kind in ASKED:
            values[each] = names["fleet"] if each == "self" else GIVEN[kind][0] if kind in GIVEN else "1"
    of = inspect.signature(verb).parameters[parameter]
    for wrong in GIVEN[str(of.annotation).removesuffix(" | None")][1]:
        several = of.kind is inspect.Parameter.VAR_POSITIONAL
        call = partial(verb, *values.values(), wrong) if several else partial(verb, **values | {parameter: wrong})
        with pytest.raises(depr.Refused) as refused:
            call()
        [finding] = refused.value.findings
        assert (finding.file, bool(finding.what), bool(finding.do)) == (parameter, True, True), wrong


MISSPELT = {
    "modes": lambda fleet: fleet.restate(lives=["3y"], mode=["as_if"]),
    "changes_on": lambda fleet: fleet.restate(lives=["3y"], changes_of=[date(2025, 1, 1)]),
    "as_of": lambda fleet: fleet.schedule(as_off=date(2025, 1, 1)),
    "delimiter": lambda fleet: fleet.add("purchases.csv", delimeter=";"),
    "document": lambda fleet: fleet.record("disposal", "L1", date(2025, 7, 1), dokument="memo 7"),
    "reason": lambda fleet: fleet.record("disposal", "L1", date(2025, 7, 1), reson="x"),
}


@pytest.mark.parametrize("meant", MISSPELT)
def test_an_option_that_no_verb_has_is_refused_and_nothing_is_recorded(meant: str, names: dict[str, Any]) -> None:
    fleet = names["fleet"]
    before = fleet.head
    with pytest.raises(depr.Refused, match=f"did you mean '{meant}'"):
        MISSPELT[meant](fleet)
    assert fleet.head == before


def test_the_options_that_verbs_take_in_one_are_those_of_their_types() -> None:
    for name, options in arguments.GATHERED.items():
        assert options == tuple(vars(ledger)[name.removeprefix("Unpack[").removesuffix("]")].__annotations__)


def test_what_is_recorded_is_told_in_a_line(tmp_path: Path) -> None:
    """accepted + rejected + held already = rows, in what a notebook shows."""
    fleet = depr.create(tmp_path / "f.duckdb")
    rows = pl.DataFrame([LOTS[0], LOTS[1] | {"generation": "h1000"}])
    [plan] = fleet.preview(rows)
    assert repr(plan) == "Preview('frame.parquet': 2 rows = 1 to record + 1 to reject + 0 held already)"
    [done] = fleet.add(rows, partial=True)
    counts = "2 rows = 1 accepted + 1 rejected + 0 held already"
    assert repr(done) == f"Imported(Batch(1, 'frame.parquet': {counts}; hash {done.batch.hash[:12]}))"


def test_dates_and_times_may_be_text(names: dict[str, Any]) -> None:
    """As they are written in files; a time at midnight is its date, as pandas gives it."""
    fleet = names["fleet"]
    day = date(2024, 12, 31)
    assert fleet.rollforward("2024-12-31").equals(fleet.rollforward(day).frame)
    assert fleet.lots(as_of="2024-06-30").equals(fleet.lots(as_of=date(2024, 6, 30)).frame)
    assert fleet.schedule(as_of=datetime(2024, 6, 30, tzinfo=UTC)).equals(fleet.schedule(as_of=date(2024, 6, 30)).frame)
    assert fleet.lots(known_at="2100-01-01T00:00+00:00").equals(fleet.lots().frame)
    one = depr.asset(120_000, life="3y", in_service="2025-01-01")  # type: ignore[arg-type]
    assert one.equals(depr.asset(120_000, life="3y", in_service=date(2025, 1, 1)).frame)
    with pytest.raises(depr.Refused, match="3 has no unit"):
        depr.asset(120_000, life=3, in_service=date(2025, 1, 1))  # type: ignore[arg-type]


def test_an_answer_is_a_frame_for_everyone(names: dict[str, Any]) -> None:
    answer = names["fleet"].schedule("5y", grain="year")
    assert isinstance(answer.schema["depreciation"], pl.Decimal)
    assert pa.table(answer).num_rows == len(answer) == answer.height
    assert duckdb.execute("SELECT sum(depreciation) FROM answer").fetchall()[0][0] == answer["depreciation"].sum()
    assert "a scenario" in " ".join(answer.notes)
    assert "<table" in answer._repr_html_()
    assert len(repr(answer).splitlines()) < 40
    lines = repr(names["fleet"].schedule("5y")).splitlines()
    assert any("more rows" in line and ".frame holds all" in line for line in lines)
    with pytest.raises(AttributeError):
        answer.no_such_thing  # noqa: B018


def test_a_restatement_is_that_of_the_command_line(names: dict[str, Any]) -> None:
    from tests.command import run

    answer = names["fleet"].restate(lives=["3y", "42m"], years=2024)
    told = run(Path.cwd(), "restate", "fleet.duckdb", "--lives", "3,42m", "--years", "2024", "--format", "csv").out
    table = pl.read_csv(told.encode(), infer_schema=False)
    assert table["understated"].to_list() == [str(value) for value in answer["understatement"]]
    assert "As if" in repr(answer)
