"""A mapping is suggested for a file, from what the file says: each guess with its evidence, and none where two fit.

grid      where the table is: sheet, delimiter, encoding, header
columns   which column is which
forms     how dates and numbers are written
rows      what is no lot: subtotals, headings, what is gone
draft     the mapping as text, each key below its evidence
"""

from __future__ import annotations

from depr.intake.suggest.names import vocabulary
from depr.intake.suggest.suggestion import Suggestion, suggest

__all__ = ["Suggestion", "suggest", "vocabulary"]
