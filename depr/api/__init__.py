"""The verbs: what a command does, as a function of the same name. Reads and writes files; the thinking is below."""

from __future__ import annotations

from depr.api.common import Progress, find_book
from depr.api.evidence import StatementsTold, lives, materiality, statements
from depr.api.figures import (
    LIVES,
    explain,
    journal,
    read_statement,
    report,
    report_pages,
    restate,
    rollforward,
    schedule,
    sql,
)
from depr.api.ledger import (
    SHOWN,
    Imported,
    Preview,
    Verified,
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
    verify,
)
from depr.api.reference import asset, conventions, fiscal_calendar, methods
from depr.backtest import backtest
from depr.checks import check
from depr.ledger.known import Known, known
from depr.outlook import claim_level_set, claim_surface, claims, project
from depr.readers import mappings

__all__ = [
    "LIVES",
    "SHOWN",
    "Imported",
    "Known",
    "Preview",
    "Progress",
    "StatementsTold",
    "Verified",
    "asset",
    "backtest",
    "check",
    "claim_level_set",
    "claim_surface",
    "claims",
    "close",
    "conventions",
    "explain",
    "find_book",
    "fiscal_calendar",
    "head",
    "holdings",
    "import_files",
    "init",
    "journal",
    "known",
    "lives",
    "mappings",
    "materiality",
    "methods",
    "preview",
    "project",
    "read_statement",
    "record",
    "reopen",
    "report",
    "report_pages",
    "restate",
    "rollforward",
    "schedule",
    "shown",
    "source",
    "sql",
    "statements",
    "verify",
]
