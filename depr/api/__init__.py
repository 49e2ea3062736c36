"""The verbs: what a command does, as a function of the same name. Reads and writes files; the thinking is below."""

from __future__ import annotations

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
from depr.api.own_statements import OwnStatements, own_statements
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
