"""The verb for ledgers of an earlier version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from depr.ledger import migrate as schemas
from depr.ledger.migrate import Migrated
from depr.sql import template

__all__ = ["Migrated", "migrate"]


def migrate(ledger: Path, recorded_at: datetime) -> Migrated:
    """A ledger of an earlier schema becomes one of this version; the old file is kept beside it. Raises `Refused`."""
    return schemas.migrate(ledger, recorded_at, template.copy)
