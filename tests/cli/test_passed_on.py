"""Every word that is typed reaches the verb of `Fleet` under its own name, as the value that it stands for.

A new option fails here until it is typed in TYPED, or stands in HERE, since its command itself does what it asks.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main

import depr.cli.demo
import depr.fleet
from depr import cli
from depr.datasets import own_statements
from depr.fleet import without_ledger
from depr.intake import written
from depr.rows.reference import fiscal_calendar
from tests.command import run

ASKED = "--as-of 2024-01-31 --known-at 2025-02-03T11:00"
OF = {"as_of": date(2024, 1, 31), "known_at": datetime(2025, 2, 3, 11, tzinfo=UTC)}
NOT_SAID = {"as_of": None, "known_at": None}
WRITTEN = "--sheet one --delimiter tab --encoding utf-16"
READ = {"sheet": "one", "delimiter": "tab", "encoding": "utf-16"}
OWN = {"schedules": Path("own")}
FLEET = {"path": Path("a.duckdb")}
MINE = f"--statements mine.csv --statements mine.xlsx --filed first --accept-breaks {WRITTEN} --schedules own"
CHOSEN: dict[str, Any] = {"issuers": ["META", "MSFT"], "years": (2023, 2024)}
CHOICE = "--issuer META --issuer MSFT --years 2023-2024 --lives 2,42m,meta-reported"
LIVES = {"lives": ["2y", "42m", "meta-reported"]}
MODES = "--mode as_if,prospective --change-date 2024-01-01 --change-date 2024-07-01"
CHANGED = {"modes": ["as_if", "prospective"], "changes_on": [date(2024, 1, 1), date(2024, 7, 1)]}


@dataclass(frozen=True)
class Own:
    """Stands for statements of one's own: what they were asked for by."""

    asked: dict[str, Any]
    findings: tuple[()] = ()


FILES = [Path("mine.csv"), Path("mine.xlsx")]
HOW = written(FILES, **READ)
STATEMENTS = {"statements": Own({"files": FILES, "filed": "first", "accept_breaks": True, "how": HOW, **CHOSEN, **OWN})}
ASSET = {
    "residual": "5",
    "method": "m",
    "convention": "c",
    "day_count": "d",
    "factor": "3",
    "switch": "s",
    "residual_as": "r",
    "reset": "t",
    "total_usage": "7",
    "tax_method": "SL",
    "section_179": "8",
    "section_179_property": "9",
    "bonus": "b",
    "rounding": "x",
    "true_up": "y",
    "first_year_part": "0.5",
    "opening_rows": 4,
    "currency": "EUR",
    "grain": "year",
    "rate_percent": "12",
    "life": "3y",
}
RENAMED = {"rate_percent": "rate"}
OF_ASSET = " ".join(f"--{RENAMED.get(name, name).replace('_', '-')} {value}" for name, value in ASSET.items())
LISTS = "--percents 60,40 --usage 1,2 --amounts 3,4 --prices 0:100,12:40 --change 'a b 6' --change c --booking erpnext"
IN_LISTS = {
    "percents": ["60", "40"],
    "usage": ["1", "2"],
    "amounts": ["3", "4"],
    "changes": ["a b 6", "c"],
    "prices": [("0", "100"), ("12", "40")],
    "booking": ["erpnext"],
}
DAYS = "--in-service 2024-01-15 --acquired 2023-12-01 --first-row 2024-02-29"
ON = {"in_service": date(2024, 1, 15), "acquired": date(2023, 12, 1), "first_row": date(2024, 2, 29)}
WEEKS = "--fiscal-year-end 06-30 --weeks 4-4-5 --weekday 4 --ending nearest"

TYPED: dict[str, tuple[str, dict[str, Any]]] = {
    "init a.duckdb": ("create", FLEET),
    "new acme --id ACME --name Acme --currency USD --year-end-month 6 --weeks 4-4-5 --weekday sunday --year-ends last "
    "--life 5y --method m --convention c --residual-rate 0.1 --tax-rate 0.21 --tax-kind marginal --by Ada --source s": (
        "new",
        {"folder": Path("acme"), "id": "ACME", "name": "Acme", "currency": "USD", "year_end_month": 6, "life": "5y"}
        | {"weeks": "4-4-5", "weekday": "sunday", "year_ends": "last", "method": "m", "convention": "c", "by": "Ada"}
        | {"residual_rate": "0.1", "tax_rate": "0.21", "tax_kind": "marginal", "source": "s"},
    ),
    "adopt a.duckdb b.toml own --by Ada --reason why": (
        "Fleet.adopt",
        FLEET | {"files": [Path("b.toml"), Path("own")], "by": "Ada", "reason": "why"},
    ),
    "diff a.duckdb --since 2025-02-03T11:00 --until 2025-02-03T11:00 --every --statements mine.csv "
    f"--statements-then old.csv --schedules own {CHOICE}": (
        "Fleet.diff",
        FLEET
        | OWN
        | CHOSEN
        | LIVES
        | {"since": OF["known_at"], "until": OF["known_at"], "every": True}
        | {"statements": [Path("mine.csv")], "statements_then": [Path("old.csv")]},
    ),
    "post a.duckdb 2025-03 --by Ada --book 3y --issuer META --schedules own": (
        "Fleet.post",
        FLEET | OWN | {"period": "2025-03", "by": "Ada", "book": "3y", "issuer": "META"},
    ),
    "postings a.duckdb --issuer META --known-at 2025-02-03T11:00": (
        "Fleet.postings",
        FLEET | {"issuer": "META", "known_at": OF["known_at"]},
    ),
    "judgements a.duckdb --every --known-at 2025-02-03T11:00": (
        "Fleet.judgements",
        FLEET | {"every": True, "known_at": OF["known_at"]},
    ),
    f"import a.duckdb 1.csv 2.csv --mapping erpnext --findings f.csv --partial {WRITTEN} --schedules own": (
        "Fleet.add",
        FLEET
        | OWN
        | READ
        | {"facts": [Path("1.csv"), Path("2.csv")], "mapping": "erpnext", "partial": True, "all_findings": True},
    ),
    f"tie a.duckdb t.csv --mapping oca-schedule --from 2025-01 --months 6 --book 3y --issuer META {WRITTEN} {ASKED} "
    "--schedules own": (
        "Fleet.tie",
        FLEET
        | OWN
        | READ
        | OF
        | {
            "file": Path("t.csv"),
            "book": "3y",
            "mapping": "oca-schedule",
            "start": "2025-01",
            "months": 6,
            "issuer": "META",
        },
    ),
    f"import a.duckdb 1.csv --suggest {WRITTEN} --schedules own": (
        "Fleet.suggest",
        FLEET | {"file": Path("1.csv"), **READ, **OWN},
    ),
    f"import a.duckdb 1.csv --mapping erpnext --dry-run {WRITTEN} --schedules own": (
        "Fleet.preview",
        FLEET | OWN | READ | {"facts": [Path("1.csv")], "mapping": "erpnext", "all_findings": False},
    ),
    "record a.duckdb impairment L 2025-06-30 --amount 1.00 --units 2 --life 4y --residual 3.00 --location Oslo "
    "--book b --document d --reason 'a reason' --reverses 42 --schedules own": (
        "Fleet.record",
        FLEET
        | OWN
        | {"kind": "impairment", "lot": "L", "effective": date(2025, 6, 30), "amount": "1.00", "units": 2}
        | {"life": "4y", "residual": "3.00", "location": "Oslo", "book": "b", "document": "d", "reason": "a reason"}
        | {"reverses": 42},
    ),
    f"check a.duckdb physical chain --counts c.csv {WRITTEN} {ASKED} --schedules own": (
        "Fleet.check",
        FLEET | OWN | READ | OF | {"names": ("physical", "chain"), "counts": Path("c.csv")},
    ),
    "verify a.duckdb --head 3f2a": ("Fleet.verify", FLEET | {"head": "3f2a"}),
    "verify a.duckdb --seal": ("Fleet.reseal", FLEET),
    "close a.duckdb META 2025-03 --schedules own": (
        "Fleet.close",
        FLEET | OWN | {"issuer": "META", "month": "2025-03"},
    ),
    "reopen a.duckdb META 2025-03 --reason late --schedules own": (
        "Fleet.reopen",
        FLEET | OWN | {"issuer": "META", "month": "2025-03", "reason": "late"},
    ),
    f"holdings a.duckdb --by location,status {ASKED}": ("Fleet.holdings", FLEET | OF | {"by": ["location", "status"]}),
    "source a.duckdb 3 --out there --overwrite": (
        "Fleet.source",
        FLEET | {"batch": 3, "out": Path("there"), "overwrite": True},
    ),
    "migrate a.duckdb": ("Fleet.migrate", FLEET),
    f"schedule a.duckdb --book 6y --issuer META --grain month {ASKED} --schedules own": (
        "Fleet.schedule",
        FLEET | OWN | OF | {"book": "6y", "issuer": "META", "grain": "month"},
    ),
    f"rollforward a.duckdb --through 2024-12-31 --book 6y --issuer META --by location, --grain year {ASKED} "
    "--schedules own": (
        "Fleet.rollforward",
        FLEET
        | OWN
        | OF
        | {"through": date(2024, 12, 31), "book": "6y", "issuer": "META", "by": ["location"], "grain": "year"},
    ),
    f"journal a.duckdb 2024-Q1 --book 6y --issuer META --per-lot --difference --posted {ASKED} --schedules own": (
        "Fleet.journal",
        FLEET
        | OWN
        | OF
        | {"period": "2024-Q1", "book": "6y", "issuer": "META", "per_lot": True, "difference": True, "posted": True},
    ),
    f"explain a.duckdb L 2025-03 --book 6y {ASKED} --schedules own": (
        "Fleet.explain",
        FLEET | OWN | OF | {"lot": "L", "month": "2025-03", "book": "6y"},
    ),
    f"restate a.duckdb {CHOICE} {MODES} {MINE} {ASKED} --tax marginal --by lot --periods Q --save kept": (
        "Fleet.restate",
        FLEET
        | OWN
        | OF
        | CHOSEN
        | LIVES
        | CHANGED
        | STATEMENTS
        | {"tax": "marginal", "by": "lot", "periods": "Q", "save": "kept"},
    ),
    f"report a.duckdb {CHOICE} {MODES} {MINE} {ASKED} --out there --overwrite --reports templates": (
        "Fleet.report",
        FLEET
        | OWN
        | OF
        | CHOSEN
        | LIVES
        | CHANGED
        | STATEMENTS
        | {"out": Path("there"), "overwrite": True, "templates": Path("templates"), "called": None},
    ),
    f"materiality a.duckdb {CHOICE} {MINE} {ASKED}": (
        "Fleet.materiality",
        FLEET | OWN | OF | CHOSEN | LIVES | STATEMENTS,
    ),
    "materiality a.duckdb --years 2024": (
        "Fleet.materiality",
        FLEET | NOT_SAID | {"issuers": None, "years": (2024, 2024), "lives": ["1y", "3y", "6y"], "statements": None},
    ),
    "saved a.duckdb --drop kept": ("Fleet.drop", FLEET | {"name": "kept"}),
    f"lives a.duckdb --book 6y {ASKED} --schedules own": ("Fleet.lives", FLEET | OWN | OF | {"book": "6y"}),
    "lives --book 6y --schedules own": ("without_ledger.lives", OWN | {"book": "6y"}),
    "prepare a.duckdb --life 3y,42m --method a,b --convention c,d --book 1.toml --book 2 --anew --no-evidence "
    "--schedules own": (
        "Fleet.prepare",
        FLEET
        | OWN
        | {"lives": ["3y", "42m"], "methods": ["a", "b"], "conventions": ["c", "d"], "books": ["1.toml", "2"]}
        | {"anew": True, "evidence": False},
    ),
    "publish a.duckdb copy --without-lots --least-lots 5 --overwrite": (
        "Fleet.publish",
        FLEET | {"out": Path("copy"), "without_lots": True, "least_lots": 5, "overwrite": True},
    ),
    f"sql a.duckdb 'FROM lots' --attach q=b.duckdb --memory 64 {ASKED}": (
        "Fleet.session",
        FLEET | OF | {"attach": {"q": Path("b.duckdb")}, "memory_mib": 64},
    ),
    f"statements m.json --issuer META --filed first --split-adjusted --accept-breaks {WRITTEN} --schedules own": (
        "without_ledger.read_statements",
        OWN
        | READ
        | {"file": Path("m.json"), "issuer": "META", "filed": "first", "split_adjusted": True, "accept_breaks": True},
    ),
    f"backtest --cases mine.csv {WRITTEN} --schedules own": (
        "without_ledger.disclosures",
        OWN | READ | {"cases": Path("mine.csv")},
    ),
    "project outlook --table tornado --schedules own": (
        "without_ledger.project",
        OWN | {"scenario": "outlook", "table": "tornado"},
    ),
    "claims seen --surface s --schedules own": (
        "without_ledger.claims",
        OWN | {"scenario": "seen", "surface": "s", "level": None},
    ),
    "claims seen --level s --schedules own": (
        "without_ledger.claims",
        OWN | {"scenario": "seen", "surface": None, "level": "s"},
    ),
    "methods": ("without_ledger.methods", {}),
    "conventions": ("without_ledger.conventions", {}),
    "mappings --schedules own": ("without_ledger.mappings", OWN),
    f"asset --cost 100 {OF_ASSET} {LISTS} {DAYS} {WEEKS}": (
        "without_ledger.asset",
        ASSET | IN_LISTS | ON | {"cost": "100", "calendar": fiscal_calendar("06-30", "4-4-5", 4, "nearest")},
    ),
    "demo --out there --overwrite": ("demo", {"out": Path("there"), "overwrite": True}),
}
"""Words of a command with its options, each with a value of its own, and what a verb is given: none lost or swapped."""

HERE = {
    "journal --export": "the entries, once they are there: tests/journal/test_exports.py",
    "--format": "how it is shown",
    "--findings": "tests/test_written.py, tests/test_outputs.py",
    "import --out": "tests/intake/test_suggest.py",
    "check --list": "no ledger is asked: tests/test_checks.py",
    **dict.fromkeys(("check --overwrite", "import --overwrite", "statements --overwrite"), "of --findings"),
    **dict.fromkeys(("schedule --out", "schedule --overwrite", "statements --out"), "tests/test_outputs.py"),
    **{f"sql --{name}": "tests/sql/test_analyst.py" for name in ("file", "seconds", "rows", "out", "overwrite")},
}
"""Options that are not passed on, and why."""


class PassedOn(Exception):  # noqa: N818  # no error
    """A verb is called: its name, and what it is given."""


def recorded(name: str, verb: Callable[..., Any], first: dict[str, Any]) -> Callable[..., Any]:
    """Stands in for a verb: says what it is called with, by the names that the verb has for it."""
    signature = inspect.signature(verb)

    def called(*args: Any, **options: Any) -> None:
        given = dict(signature.bind(*args, **options).arguments)
        for open_to_all in [p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD]:
            given |= given.pop(open_to_all, {})
        assert callable(given.pop("progress", None)) == ("progress" in signature.parameters), "progress is not shown"
        raise PassedOn(name, first | {key: value for key, value in given.items() if key != "self"})

    return called


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is opened, read or worked out."""
    real = depr.fleet.Fleet

    class Recording:
        def __init__(self, path: Path, schedules: Path | None = None) -> None:
            self._given = {"path": path} | ({} if schedules is None else {"schedules": schedules})

        def __getattr__(self, verb: str) -> Callable[..., Any]:
            called = recorded(f"Fleet.{verb}", getattr(real, verb), self._given)
            return lambda *args, **options: called(self, *args, **options)

    def own(*args: Any, **options: Any) -> Own:
        given = inspect.signature(read).bind(*args, **options).arguments
        return Own(dict(given))

    read = own_statements.own_statements
    monkeypatch.setattr(own_statements, "own_statements", own)
    monkeypatch.setattr(depr.fleet, "Fleet", Recording)
    for name in ("create", "new"):
        monkeypatch.setattr(depr.fleet, name, recorded(name, getattr(depr.fleet, name), {}))
    monkeypatch.setattr(depr.cli.demo, "demo", recorded("demo", depr.cli.demo.demo, {}))
    for name in {
        verb.removeprefix("without_ledger.") for verb, _ in TYPED.values() if verb.startswith("without_ledger.")
    }:
        monkeypatch.setattr(without_ledger, name, recorded(f"without_ledger.{name}", getattr(without_ledger, name), {}))


@pytest.mark.parametrize("typed", TYPED)
def test_every_option_reaches_the_verb_under_its_own_name(typed: str, tmp_path: Path, stand_ins: None) -> None:
    with pytest.raises(PassedOn) as passed:
        run(tmp_path, *shlex.split(typed))
    assert passed.value.args == TYPED[typed]


def test_every_option_of_every_command_is_typed() -> None:
    commands: Any = typer.main.get_command(cli.app)
    left = {
        f"{name} {option.opts[0]}"
        for name, command in commands.commands.items()
        for option in command.params
        if option.param_type_name == "option" and "--help" not in option.opts
    }
    for typed in TYPED:
        first, *others = shlex.split(typed)
        left -= {f"{first} {word.replace('--no-', '--')}" for word in others}
    assert {each for each in left if not {each, each.split()[1]} & set(HERE)} == set()
