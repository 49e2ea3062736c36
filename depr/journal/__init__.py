"""Journal entries: what moves the balances of a fleet, as numbered and balanced postings, and as text.

entries.py makes the postings, notes.py the memoranda of changes in estimate, texts.py writes beancount and hledger; the
accounts are those of depr/books/chart.py.
"""

from __future__ import annotations

from depr.journal.entries import JournalLines, journal, window
from depr.journal.texts import beancount_text, hledger_text

__all__ = ["JournalLines", "beancount_text", "hledger_text", "journal", "window"]
