"""Journal entries: what moves the balances of a fleet, as numbered and balanced postings, and as text.

entries.py makes the postings, notes.py the memoranda of changes in estimate, texts.py writes beancount and hledger,
exports.py what other systems take in, posting.py what went into the general ledger; the accounts are those of
depr/books/chart.py.
"""

from __future__ import annotations

from depr.journal.entries import JournalLines, journal, window
from depr.journal.exports import Export, export_text, parse_export
from depr.journal.texts import beancount_text, hledger_text

__all__ = [
    "Export",
    "JournalLines",
    "beancount_text",
    "export_text",
    "hledger_text",
    "journal",
    "parse_export",
    "window",
]
