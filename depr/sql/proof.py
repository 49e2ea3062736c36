"""Ledgers proven before anything in them answers: bytes, facts, and every table, view and macro."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from depr.errors import Refused, refuse
from depr.ledger import contents, faults, proven, seal
from depr.ledger.opening import connect
from depr.ledger.store import Ledger, trusted
from depr.sql import template
from depr.sql.install import texts


@contextmanager
def answering(path: Path, *, anew: bool = False) -> Iterator[tuple[Ledger, tuple[str, ...]]]:
    """A ledger of which all holds that can be asked, and in words what of it could not be compared.

    What was proven for the same bytes before is believed (depr/ledger/proven.py) unless `anew`. Raises `Refused`.
    """
    with trusted(path, anew=anew) as ledger:
        digest = seal.digest(path)
        if digest and not anew and proven.known(digest, proven.CONTENTS):
            yield ledger, ()
            return
        compared = compare(path, ledger.connection, anew=anew)
        if compared.findings:
            raise Refused(compared.findings)
        if digest and not compared.unproven:
            proven.note(digest, proven.CONTENTS)
        yield ledger, compared.unproven


def compare(path: Path, connection: duckdb.DuckDBPyConnection, *, anew: bool = True) -> contents.Compared:
    """What beside the facts of an open file is not as depr left it, views and macros as this version makes them.

    These are made `anew`, or taken from the kept file that a new ledger begins as (depr/sql/template.py).
    """
    try:
        said = contents.recorded(connection).get(contents.DEFINITIONS)
        if said is None:  # as in a copy without lots: what is there has an entry of its own
            return contents.compare(path, connection, {})
        return contents.compare(path, connection, installed(anew) if said.definition == texts() else None)
    except duckdb.Error as fault:
        raise faults.damaged(path, fault) from None


@cache
def installed(anew: bool) -> Mapping[contents.Key, str]:
    """The views and macros that this version makes, as a file says them that is read again: name -> SHA-256."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.duckdb"
        kept = None if anew else template.copied()
        try:
            if kept is None:
                template.make(path)
        except (OSError, duckdb.Error) as fault:  # no room; then what is kept has to do
            if (kept := template.copied()) is None:
                why = str(fault).splitlines()[0]
                do = "free space where temporary files lie"
                raise refuse(folder, "views and macros cannot be made to compare with", why, do) from None
        with connect(kept or path, read_only=True) as connection:
            made = contents.definitions(connection, ("schema", *contents.OF_A_TABLE, "macro"))
    return {key: digest for key, digest in made.items() if key[0] in contents.CODE}
