"""What is known: the facts of a ledger, effective on a date and recorded by a time, proven before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import dataframely as dy

from depr.contract import Events, Lots
from depr.ledger.chain import Batch
from depr.ledger.positions import acquired, effective
from depr.ledger.store import trusted
from depr.ledger.tables import GENESIS


@dataclass(frozen=True)
class Known:
    """What a ledger says: lots and the events that stand, effective on a date and known at a time; proven first."""

    ledger: Path
    lots: dy.DataFrame[Lots]
    events: dy.DataFrame[Events]
    batches: Sequence[Batch]
    as_of: date | None

    @property
    def head(self) -> str:
        """Hash of the last batch that is known: it stands for all of them."""
        return self.batches[-1].hash if self.batches else GENESIS

    @property
    def moment(self) -> str:
        """When the last of it was recorded, in UTC: asked as known at this time, the ledger always says the same."""
        return self.batches[-1].recorded_at.isoformat() + "Z" if self.batches else ""


def known(ledger: Path, as_of: date | None = None, known_at: datetime | None = None) -> Known:
    """What a ledger says of a date, as known at a time (all of it, when None). Raises `Refused` if it was changed."""
    with trusted(ledger) as opened:
        events = effective(opened.events(known_at), as_of)
        return Known(ledger, acquired(events), events, opened.batches(known_at), as_of)
