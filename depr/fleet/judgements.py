"""The judgements of a ledger: adopted, listed, and put where the verbs look for them.

What is adopted is content: an entry of an issuer, a book, a chart of accounts, a catalogue, assumptions, thresholds or
a mapping. All files of one adoption are looked at together, with what was adopted before and what ships, and are
recorded together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from depr import share
from depr.checks.controls import read_controls
from depr.errors import Finding, Refused, refuse, unknown
from depr.evidence.materiality import parse_screen
from depr.fleet.carried import check_name, put
from depr.intake import documents as toml
from depr.ledger import adopted
from depr.ledger.adopted import Adopted
from depr.ledger.store import Ledger, trusted
from depr.share.files import sha256
from depr.sql.placing import renew


@dataclass(frozen=True)
class Form:
    """A kind of judgement: what tells it, where it lies in a folder of schedules, and how it is read."""

    kind: str
    mark: str
    place: str
    read: Callable[[Path, Path], Any]


FORMS = (
    Form("issuer", "fiscal_year_end_month", "issuers/{id}.toml", lambda file, _: toml.read_issuer(file)),
    Form("book", "policy", "books/{id}.toml", toml.read_book),
    Form("chart of accounts", "account", "accounts.toml", lambda file, _: toml.read_accounts(file)),
    Form("catalogue", "generation", "generations.toml", lambda file, _: toml.read_catalogue(file)),
    Form("assumptions", "assumption", "assumptions.toml", lambda file, _: toml.read_assumptions(file)),
    Form("thresholds of checks", "control", "controls.toml", lambda file, _: read_controls(file)),
    Form("thresholds of materiality", "threshold", "materiality.toml", lambda f, _: parse_screen(toml.read_toml(f))),
    Form("mapping", "columns", "mappings/{stem}.toml", toml.read_mapping),
    Form("mapping", "extends", "mappings/{stem}.toml", toml.read_mapping),
)
"""What can be adopted. A new kind is a line here."""


def adopt(
    ledger: Path,
    files: Iterable[Path],
    recorded_at: datetime,
    *,
    by: str,
    why: str,
) -> list[Adopted]:
    """Record judgements in a ledger, each a new version under its name, all of them or none. Raises `Refused`.

    A file that says what is in force already changes nothing, and is not among the answer.
    """
    for name, said in (("by", by), ("reason", why)):
        if not said.strip():
            raise refuse(str(ledger), f"a judgement is adopted with a {name}", do=f"say it with --{name}")
    if not by.isprintable() or adopted.BY in by:
        raise refuse(str(ledger), f"{by!r} is no name", do="write the name of a person: --by 'A. Chen'")
    named = _named(_files(files))
    with Ledger.open(ledger, read_only=False) as opened:
        before = adopted.in_force(opened)
        with TemporaryDirectory(prefix="depr-") as folder:
            put({name: adopted.content(opened, entry) for name, entry in before.items()}, Path(folder))
            put({name: file.read_bytes() for name, (file, _) in named.items()}, Path(folder))
            _check(named, Path(folder))
        first = len(adopted.versions(opened))
        with opened.transaction():
            for name, (file, _) in named.items():
                digest = sha256(file)
                if name not in before or before[name].sha256 != digest:
                    adopted.record(opened, name, file, digest, recorded_at, by.strip(), why.strip())
            renew(opened.connection)
        return adopted.versions(opened)[first:]


def _files(given: Iterable[Path]) -> list[Path]:
    """Files, and the TOML files within folders."""
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise refuse(str(path), "no such file or folder", do="name a file of judgements, or a folder of them")
        inside = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise refuse(str(path), "holds no judgement", "no file in it ends with .toml", "name another folder")
        found += inside
    return found


def _named(files: Sequence[Path]) -> dict[str, tuple[Path, Form]]:
    """Each file under the name that it is adopted by. Raises `Refused`."""
    named: dict[str, tuple[Path, Form]] = {}
    for file in files:
        document = toml.read_toml(file)
        form = _form(file, document)
        name = form.place.format(id=str(document.get("id", "")).lower(), stem=file.stem.lower())
        check_name(name, str(file))
        if name in named:
            why = "one of them would be a version of the other"
            raise refuse(str(file), f"is {name}, as {named[name][0]} is", why, "adopt one after the other")
        named[name] = file, form
    return named


def _form(file: Path, document: Mapping[str, Any]) -> Form:
    fitting = [form for form in FORMS if form.mark in document or file.name == form.place]
    if len({form.place for form in fitting}) != 1:
        kinds = ", ".join(f"{form.mark} ({form.kind})" for form in FORMS)
        what = "is no judgement" if not fitting else f"could be {' or '.join(form.kind for form in fitting)}"
        raise refuse(str(file), what, f"one is told by what it holds: {kinds}", "correct the file, or name another")
    return fitting[0]


def _check(named: Mapping[str, tuple[Path, Form]], folder: Path) -> None:
    """Whether what is to be adopted can be read, and what it names is there. Raises `Refused` with all faults."""
    wrong: list[Finding] = []
    for file, form in named.values():
        try:
            found = form.read(file, folder)
            if form.kind == "issuer":
                share.find("books", found.book, folder)
            if form.kind == "book" and found.issuer and toml.find_issuer(found.issuer, folder) is None:
                raise unknown("issuer", found.issuer, toml.issuers(folder), str(file))
        except Refused as refused:
            wrong += refused.findings
    if wrong:
        copies = {str(folder / name): str(file) for name, (file, _) in named.items()}
        said = [replace(each, file=copies.get(each.file, each.file)) for each in wrong]
        raise Refused(list(dict.fromkeys(said)))


def listed(ledger: Path, known_at: datetime | None = None, *, every: bool = False) -> pl.DataFrame:
    """The judgements in force in a ledger, as known at a time, or every version: a row each, by name and version."""
    with trusted(ledger) as opened:
        found = adopted.versions(opened, known_at) if every else adopted.in_force(opened, known_at).values()
        rows = [
            {
                "name": entry.name,
                "version": entry.version,
                "adopted": entry.recorded_at,
                "by": entry.by,
                "why": entry.why,
                "batch": entry.batch,
                "sha256": entry.sha256,
            }
            for entry in sorted(found, key=lambda entry: (entry.name, entry.version))
        ]
    types: dict[str, Any] = {
        "name": pl.String,
        "version": pl.Int64,
        "adopted": pl.Datetime("us"),
        "by": pl.String,
        "why": pl.String,
    }
    return pl.DataFrame(rows, schema={**types, "batch": pl.Int64, "sha256": pl.String})
