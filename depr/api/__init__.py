"""The verbs: what a command does, as a function of the same name. Reads and writes files; the thinking is below.

Each is loaded when it is first used: a command waits for no other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depr.api.analyst import read_statement, sql, sql_session, write_answer
    from depr.api.asked import LIVES
    from depr.api.common import Progress, find_book
    from depr.api.evidence import StatementsTold, lives, materiality, statements
    from depr.api.figures import (
        currencies_of,
        drop_saved,
        explain,
        journal,
        report,
        report_pages,
        restate,
        rollforward,
        saved,
        schedule,
    )
    from depr.api.ledger import (
        SHOWN,
        Imported,
        Preview,
        close,
        head,
        holdings,
        import_files,
        init,
        preview,
        record,
        reopen,
        shown,
        source,
    )
    from depr.api.migration import Migrated, migrate
    from depr.api.outlook import claim_level_set, claim_surface, claims, project
    from depr.api.own_files import OwnStatements, own_statements
    from depr.api.pages import is_page, verify_pages
    from depr.api.preparing import LIVES as PREPARED_LIVES
    from depr.api.preparing import METHODS as PREPARED_METHODS
    from depr.api.preparing import prepare
    from depr.api.proofs import Verified, reseal, verify
    from depr.api.publishing import is_copy, publish, verify_copy
    from depr.api.reference import asset, conventions, fiscal_calendar, methods
    from depr.backtest.run import backtest
    from depr.checks import check
    from depr.intake import Written, issuer_currencies, mappings, written
    from depr.ledger.known import Known, known

_HOMES = {
    "Imported": "depr.api.ledger",
    "Known": "depr.ledger.known",
    "LIVES": "depr.api.asked",
    "Migrated": "depr.api.migration",
    "OwnStatements": "depr.api.own_files",
    "PREPARED_LIVES": "depr.api.preparing:LIVES",
    "PREPARED_METHODS": "depr.api.preparing:METHODS",
    "Preview": "depr.api.ledger",
    "Progress": "depr.api.common",
    "SHOWN": "depr.api.ledger",
    "StatementsTold": "depr.api.evidence",
    "Verified": "depr.api.proofs",
    "Written": "depr.intake",
    "asset": "depr.api.reference",
    "backtest": "depr.backtest.run",
    "check": "depr.checks",
    "claim_level_set": "depr.api.outlook",
    "claim_surface": "depr.api.outlook",
    "claims": "depr.api.outlook",
    "close": "depr.api.ledger",
    "conventions": "depr.api.reference",
    "currencies_of": "depr.api.figures",
    "drop_saved": "depr.api.figures",
    "explain": "depr.api.figures",
    "find_book": "depr.api.common",
    "fiscal_calendar": "depr.api.reference",
    "head": "depr.api.ledger",
    "holdings": "depr.api.ledger",
    "import_files": "depr.api.ledger",
    "init": "depr.api.ledger",
    "is_copy": "depr.api.publishing",
    "is_page": "depr.api.pages",
    "issuer_currencies": "depr.intake",
    "journal": "depr.api.figures",
    "known": "depr.ledger.known",
    "lives": "depr.api.evidence",
    "mappings": "depr.intake",
    "materiality": "depr.api.evidence",
    "methods": "depr.api.reference",
    "migrate": "depr.api.migration",
    "own_statements": "depr.api.own_files",
    "prepare": "depr.api.preparing",
    "preview": "depr.api.ledger",
    "project": "depr.api.outlook",
    "publish": "depr.api.publishing",
    "read_statement": "depr.api.analyst",
    "record": "depr.api.ledger",
    "reopen": "depr.api.ledger",
    "report": "depr.api.figures",
    "report_pages": "depr.api.figures",
    "reseal": "depr.api.proofs",
    "restate": "depr.api.figures",
    "rollforward": "depr.api.figures",
    "saved": "depr.api.figures",
    "schedule": "depr.api.figures",
    "shown": "depr.api.ledger",
    "source": "depr.api.ledger",
    "sql": "depr.api.analyst",
    "sql_session": "depr.api.analyst",
    "statements": "depr.api.evidence",
    "verify": "depr.api.proofs",
    "verify_copy": "depr.api.publishing",
    "verify_pages": "depr.api.pages",
    "write_answer": "depr.api.analyst",
    "written": "depr.intake",
}
"""Where each name comes from; what is called otherwise there, after a colon."""

__all__ = [
    "LIVES",
    "PREPARED_LIVES",
    "PREPARED_METHODS",
    "SHOWN",
    "Imported",
    "Known",
    "Migrated",
    "OwnStatements",
    "Preview",
    "Progress",
    "StatementsTold",
    "Verified",
    "Written",
    "asset",
    "backtest",
    "check",
    "claim_level_set",
    "claim_surface",
    "claims",
    "close",
    "conventions",
    "currencies_of",
    "drop_saved",
    "explain",
    "find_book",
    "fiscal_calendar",
    "head",
    "holdings",
    "import_files",
    "init",
    "is_copy",
    "is_page",
    "issuer_currencies",
    "journal",
    "known",
    "lives",
    "mappings",
    "materiality",
    "methods",
    "migrate",
    "own_statements",
    "prepare",
    "preview",
    "project",
    "publish",
    "read_statement",
    "record",
    "reopen",
    "report",
    "report_pages",
    "reseal",
    "restate",
    "rollforward",
    "saved",
    "schedule",
    "shown",
    "source",
    "sql",
    "sql_session",
    "statements",
    "verify",
    "verify_copy",
    "verify_pages",
    "write_answer",
    "written",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'depr.api' has no attribute {name!r}; it has: {', '.join(__all__)}")
    home, _, called = _HOMES[name].partition(":")
    globals()[name] = found = getattr(import_module(home), called or name)
    return found
