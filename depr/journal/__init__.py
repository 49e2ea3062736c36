"""Journal entries: what moves the balances of a fleet, as numbered and balanced postings, and as text.

chart.py has the accounts, entries.py makes the postings, notes.py the memoranda of changes in estimate, texts.py
writes beancount and hledger.
"""

from __future__ import annotations

from depr.journal.chart import Chart, parse_accounts
from depr.journal.entries import JournalLines, journal, window
from depr.journal.texts import beancount_text, hledger_text

__all__ = ["Chart", "JournalLines", "beancount_text", "hledger_text", "journal", "parse_accounts", "window"]
