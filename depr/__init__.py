"""depr: depreciation accounting for GPU fleets. The same facts under two books, subtracted, to the cent.

    fleet = depr.open("fleet.duckdb")
    fleet.restate(lives=["3y"])

`open` and `create` give a `Fleet`, whose methods are the verbs of the command line; what needs no ledger stands here.
Names are loaded when they are first used, so that `import depr` and `depr --help` answer at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from depr.ledger.version import VERSION

if TYPE_CHECKING:
    from depr.books.book import Book, Policy
    from depr.console.answer import Answer
    from depr.errors import Finding, Refused
    from depr.fleet import Fleet, create, new
    from depr.fleet import open_fleet as open
    from depr.fleet.without_ledger import (
        asset,
        claims,
        conventions,
        disclosures,
        lives,
        mappings,
        methods,
        project,
        read_statements,
    )

__version__ = VERSION

__all__ = [
    "Answer",
    "Book",
    "Finding",
    "Fleet",
    "Policy",
    "Refused",
    "asset",
    "claims",
    "conventions",
    "create",
    "disclosures",
    "lives",
    "mappings",
    "methods",
    "new",
    "open",
    "project",
    "read_statements",
]

_HOMES = {
    "Answer": "depr.console.answer",
    "Book": "depr.books.book",
    "Finding": "depr.errors",
    "Fleet": "depr.fleet",
    "Policy": "depr.books.book",
    "Refused": "depr.errors",
    "asset": "depr.fleet.without_ledger",
    "claims": "depr.fleet.without_ledger",
    "conventions": "depr.fleet.without_ledger",
    "create": "depr.fleet",
    "disclosures": "depr.fleet.without_ledger",
    "lives": "depr.fleet.without_ledger",
    "mappings": "depr.fleet.without_ledger",
    "methods": "depr.fleet.without_ledger",
    "new": "depr.fleet",
    "open": "depr.fleet:open_fleet",
    "project": "depr.fleet.without_ledger",
    "read_statements": "depr.fleet.without_ledger",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'depr' has no attribute {name!r}; it has: {', '.join(__all__)}")
    home, _, called = _HOMES[name].partition(":")
    return getattr(import_module(home), called or name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
