"""What a ledger answers from besides its facts: a digest of every table, written by whoever writes the table.

The chain proves facts alone. Result tables, statements, books and what the macros read are judgements and arithmetic:
for each of them the table `contents` keeps a SHA-256 over its definition and one over its rows, put there in the
transaction that writes them. No command of depr renews the digest of what it did not write itself, so sealing a file
anew never makes a changed table an honest one. Views and macros are compared with those that this version makes
(depr/sql/definitions.py); what neither knows was added by someone else.

A digest of rows does not depend on their order, on how DuckDB lays them out or on its version: each row is written as
text, length before content, and hashed; the hashes are hashed in their order. The `fingerprint` stands for all of it,
facts included: noted elsewhere, it finds a file in which rows and digests were changed together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from depr.errors import Finding, Refused
from depr.ledger import faults
from depr.ledger.tables import contents as made
from depr.ledger.version import VERSION
from depr.ledger.wording import in_order

CHAINED = ("events", "batches", "sources")
"""Tables whose rows the chain proves (chain.py, store.py)."""

WITHOUT_ROWS = (*CHAINED, "contents")
"""Tables that have a digest of their definition alone; the fingerprint covers the rows of the last."""

TAKEN_IN = "someone else"
"""Who made what was taken in as it was."""

UNKNOWN = "no one knows who"
"""Who made what was there before anything said what depr wrote: it may stand, and is never called proven."""

OWN = re.compile(r"\bledger_[0-9a-f]{12}\b")
"""The schema of the macros, named by what the file holds (depr/sql/placing.py): here the same in every file."""

CODE = ("view", "macro", "schema")
"""What depr installs from the texts of depr/sql."""

DEFINITIONS = ("definitions", "views and macros")
"""The entry that says which text of views and macros was installed."""

HERE = "database_name = current_database() AND NOT internal"
OBJECTS = {
    "schema": f"SELECT schema_name, '', comment FROM duckdb_schemas() WHERE {HERE} AND schema_name <> 'main'",
    "table": f"SELECT schema_name, table_name, comment, temporary, tags::VARCHAR FROM duckdb_tables() WHERE {HERE}",
    "view": f"SELECT schema_name, view_name, comment, temporary, tags::VARCHAR, sql FROM duckdb_views() WHERE {HERE}",
    "column": "SELECT schema_name, table_name, column_name, column_index, data_type, column_default, is_nullable, "
    f"comment FROM duckdb_columns() WHERE {HERE}",
    "constraint": "SELECT schema_name, table_name, constraint_text FROM duckdb_constraints() "
    "WHERE database_name = current_database()",
    "macro": "SELECT schema_name, function_name, function_type, parameters, parameter_types, comment, description, "
    f"tags::VARCHAR, macro_definition FROM duckdb_functions() WHERE {HERE}",
    "index": "SELECT schema_name, index_name, table_name, is_unique, comment, sql FROM duckdb_indexes() "
    "WHERE database_name = current_database()",
    "sequence": "SELECT schema_name, sequence_name, comment, start_value, min_value, max_value, increment_by, cycle "
    "FROM duckdb_sequences() WHERE database_name = current_database()",
    "type": "SELECT schema_name, type_name, logical_type, labels, comment FROM duckdb_types() "
    f"WHERE {HERE} AND schema_name <> 'pg_catalog'",
    "trigger": "SELECT schema_name, trigger_name, comment, sql FROM duckdb_triggers() "
    "WHERE database_name = current_database()",
}
"""All that a file can hold beside rows: schema, name and what makes it up, by kind."""

PARTS = ("column", "constraint")
"""What belongs to a table, or to a view."""

OF_A_TABLE = ("table", "view", *PARTS)
PLAIN = re.compile(r'[^."]+')
"""A name that needs no quotes to be told from others."""

Key = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True)
class Digest:
    """SHA-256 of a definition and of the rows of a table (blank for what has none); and what made it."""

    definition: str
    rows: str
    made_by: str


@dataclass(frozen=True)
class Compared:
    """What of a file is not as it was left, in words what could not be compared, and what may be taken in as it is."""

    found: Mapping[Key, Sequence[Finding]]
    unproven: tuple[str, ...] = ()
    foreign: tuple[Key, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """All that was found."""
        return [finding for findings in self.found.values() for finding in findings]

    @property
    def left(self) -> list[Finding]:
        """What is found all the same when the rest is taken in."""
        return [finding for key, findings in self.found.items() if key not in self.foreign for finding in findings]


def made_here() -> str:
    """What makes a digest of a definition: DuckDB writes definitions in words of its version."""
    return f"depr {VERSION}, DuckDB {duckdb.__version__}"


def definitions(connection: duckdb.DuckDBPyConnection, kinds: Iterable[str] = tuple(OBJECTS)) -> dict[Key, str]:
    """SHA-256 of the definition of everything in the current database: columns, constraints and comments included."""
    parts: dict[Key, list[str]] = {}
    for kind in kinds:
        if kind == "trigger" and not _has_triggers(connection):
            continue
        for schema, name, *cells in connection.execute(OBJECTS[kind]).fetchall():
            own = full(OWN.sub("ledger_own", schema), OWN.sub("ledger_own", name))
            text = "\0".join("" if cell is None else f"+{cell}" for cell in (kind, *cells))
            whole = kind if kind not in PARTS else "view" if ("view", own) in parts else "table"
            parts.setdefault((whole, own), []).append(in_order(OWN.sub("ledger_own", text)))
    return {key: _sha256("\1".join(sorted(lines))) for key, lines in parts.items()}


def full(schema: str, name: str) -> str:
    """A name as findings say it; one that could be taken for another is quoted."""
    if not (PLAIN.fullmatch(schema) and PLAIN.fullmatch(name or schema)):
        return ".".join(_quoted(part) for part in (schema, name))
    return name if schema == "main" else f"{schema}.{name}".rstrip(".")


def _in_sql(full: str) -> str:
    return full if full.startswith('"') else ".".join(map(_quoted, full.split(".")))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _has_triggers(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this version of DuckDB knows triggers."""
    listed = "SELECT 1 FROM duckdb_functions() WHERE function_name = 'duckdb_triggers' LIMIT 1"
    return bool(connection.execute(listed).fetchall())


EMPTY = hashlib.sha256().hexdigest()
"""The digest of no rows."""


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def rows_sha256(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """SHA-256 over the rows of a table, in whatever order they lie."""
    name = _in_sql(table)
    columns = connection.execute(f"DESCRIBE {name}").fetchall()
    texts = ", ".join(_text(_quoted(column), kind) for column, kind, *_ in columns)
    query = f"SELECT string_agg(h, '' ORDER BY h) FROM (SELECT sha256(concat({texts})) AS h FROM {name})"
    [(hashes,)] = connection.execute(query).fetchall()
    return _sha256(hashes or "")


def _text(column: str, kind: str) -> str:
    """A cell as text, its length before it; no time zone of the session is in it."""
    cell = f"epoch_us({column})::VARCHAR" if kind == "TIMESTAMP WITH TIME ZONE" else f"{column}::VARCHAR"
    return f"coalesce(strlen({cell}) || ':' || {cell}, '-')"


def record(connection: duckdb.DuckDBPyConnection, tables: Iterable[str], *, added: bool = False) -> None:
    """Put the digests of tables into `contents`: for what has just been written, in the same transaction.

    Where rows were only `added` or taken out, what was of unknown making stays so until nothing of it is left.
    """
    if not (digests := recorded(connection)):
        _make(connection)
        tables = [*tables, *WITHOUT_ROWS, "meta"]
    here = definitions(connection, OF_A_TABLE)
    for table in (name for name in tables if ("table", name) in here):
        rows = "" if table in WITHOUT_ROWS else rows_sha256(connection, table)
        before = digests.get(("table", table))
        stays = added and before is not None and unknown(before) and rows != EMPTY
        put(connection, ("table", table), Digest(here["table", table], rows, _made_by(UNKNOWN if stays else "")))


def adopt(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `contents` where there is none, as in a file of an earlier version: what is there is of unknown making."""
    if recorded(connection):
        return
    _make(connection)
    for (kind, name), definition in definitions(connection, OF_A_TABLE).items():
        if kind == "table":
            rows = "" if name in WITHOUT_ROWS else rows_sha256(connection, name)
            who = UNKNOWN if rows not in ("", EMPTY) and name != "meta" else ""
            put(connection, (kind, name), Digest(definition, rows, _made_by(who)))


def unknown(digest: Digest) -> bool:
    """Whether no one knows who made what a digest is of."""
    return digest.made_by.startswith(UNKNOWN)


def of_unknown_making(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What of a file is of unknown making, in words."""
    return faults.of_unknown_making([name for (_, name), digest in recorded(connection).items() if unknown(digest)])


def _make(connection: duckdb.DuckDBPyConnection) -> None:
    for statement in made():
        connection.execute(statement).fetchall()


def _made_by(who: str) -> str:
    return ", ".join(filter(None, (who, made_here())))


def take_in(connection: duckdb.DuckDBPyConnection, keys: Iterable[Key] | None = None) -> None:
    """Put what someone made into `contents` as it is now; all that is no table, when None."""
    here = definitions(connection)
    for kind, name in [key for key in here if key[0] != "table"] if keys is None else keys:
        connection.execute("DELETE FROM contents WHERE kind = ? AND name = ?", [kind, name]).fetchall()
        if (kind, name) in here:
            rows = rows_sha256(connection, name) if kind == "table" and name not in WITHOUT_ROWS else ""
            put(connection, (kind, name), Digest(here[kind, name], rows, _made_by(TAKEN_IN)))


def put(connection: duckdb.DuckDBPyConnection, key: Key, digest: Digest) -> None:
    """Put one entry into `contents`, in the place of an older one."""
    connection.execute("DELETE FROM contents WHERE kind = ? AND name = ?", key).fetchall()
    values = [*key, digest.definition, digest.rows, digest.made_by]
    connection.execute("INSERT INTO contents VALUES (?, ?, ?, ?, ?)", values).fetchall()


def rename(connection: duckdb.DuckDBPyConnection, table: str, to: str) -> None:
    """Tell of a table under its new name; its definition is to be recorded anew."""
    statement = "UPDATE contents SET name = ? WHERE kind = 'table' AND name = ?"
    connection.execute(statement, [to, table]).fetchall()


def recorded(connection: duckdb.DuckDBPyConnection) -> dict[Key, Digest]:
    """What `contents` says; nothing when there is no such table."""
    columns = connection.execute(f"{OBJECTS['column']} AND table_name = 'contents' AND schema_name = 'main'").fetchall()
    if not {"kind", "name", "definition", "rows", "made_by"} <= {name for _, _, name, *_ in columns}:
        return {}
    rows = connection.execute("SELECT kind, name, definition, rows, made_by FROM contents ORDER BY ALL").fetchall()
    return {(kind, name): Digest(*rest) for kind, name, *rest in rows}


def fingerprint(connection: duckdb.DuckDBPyConnection, head: str) -> str:
    """The hash that stands for the facts (`head`) and all that `contents` says; blank when that says nothing."""
    digests = recorded(connection)
    lines = [f"{kind}\0{name}\0{d.definition}\0{d.rows}\0{d.made_by}" for (kind, name), d in sorted(digests.items())]
    return _sha256("\n".join([head, *lines])) if digests else ""


def vouch(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Rows are added to tables that are as depr left them; else their next digest would vouch for what is not.

    Raises `Refused`.
    """
    digests = recorded(connection)
    for table in tables:
        digest = digests.get(("table", table))
        if digest is None or digest.rows != rows_sha256(connection, table):
            raise Refused(faults.altered(Path("ledger"), table))


def compare(path: Path, connection: duckdb.DuckDBPyConnection, installed: Mapping[Key, str] | None) -> Compared:
    """What of a file is not as it was left: its tables, and `installed`, the views and macros that it should have.

    None says that they are those of another version, which cannot be compared.
    """
    digests = recorded(connection)
    here = definitions(connection)
    if not digests:
        return Compared({("table", "contents"): [faults.untold(path)]})
    code = installed or {}
    unproven = []
    if installed is None:
        unproven.append(faults.other_definitions(digests[DEFINITIONS].made_by))
    found = {}
    foreign = []
    for key in sorted((digests.keys() | code.keys() | here.keys()) - {DEFINITIONS}):
        own = key in digests and key not in code and digests[key].made_by.startswith(TAKEN_IN)
        if installed is None and key[0] in CODE and key not in digests:
            continue
        said = list(_differences(path, connection, key, here.get(key), code.get(key), digests.get(key)))
        if said:
            found[key] = said
        if said and (own or (key not in digests and key not in code and not _hides(connection, *key))):
            foreign.append(key)
        if key in digests and _of_another_client(here.get(key), digests[key]):
            unproven.append(f"the definition of {' '.join(key)}: {digests[key].made_by} wrote it")
    return Compared(found, (*unproven, *of_unknown_making(connection)), tuple(foreign))


def _differences(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    key: Key,
    here: str | None,
    installed: str | None,
    written: Digest | None,
) -> Iterator[Finding]:
    """What is wrong with one thing: its definition as it is here, as this version installs it, as it was recorded."""
    if here is None:
        yield faults.gone(path, *key)
    elif installed is not None:
        if here != installed:
            yield faults.redefined(path, *key)
    elif written is None:
        yield faults.in_place(path, *key) if _hides(connection, *key) else faults.added(path, *key)
    else:
        if here != written.definition and not _of_another_client(here, written):
            yield faults.redefined(path, *key)
        if written.rows and rows_sha256(connection, key[1]) != written.rows:
            yield faults.altered(path, key[1])


def _of_another_client(here: str | None, written: Digest) -> bool:
    """Whether a definition reads otherwise and another version of DuckDB put it into words."""
    return here is not None and here != written.definition and _client(written.made_by) != _client(made_here())


def _hides(connection: duckdb.DuckDBPyConnection, kind: str, name: str) -> bool:
    """Whether something that was added answers, or acts, where the texts of depr mean something else."""
    own = name.lower().rpartition(".")[2]
    if kind in ("macro", "type"):
        what = "function" if kind == "macro" else "type"
        listed = f"SELECT 1 FROM duckdb_{what}s() WHERE internal AND lower({what}_name) = ? LIMIT 1"
        return bool(connection.execute(listed, [own]).fetchall())
    return kind == "trigger"


def _client(made_by: str) -> str:
    return made_by.rpartition(", ")[2]
