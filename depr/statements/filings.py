"""Which filing speaks for a period: the annual and quarterly reports first, then interim ones, then all others.

A proxy, a registration statement or a press release repeats figures of the reports, sometimes in other units: it never
takes the place of a report, however late it was filed.
"""

from __future__ import annotations

import re

REPORT = re.compile(r"(10-?K|10-?Q|20-?F|40-?F)(T|SB|SB40|405|T405)?(/A)?")
"""Annual and quarterly reports, those of a transition period (T), of small filers (SB), and their amendments (/A)."""

ANNUAL = re.compile(r"(10-?K|20-?F|40-?F)(SB|SB40|405)?(/A)?")
"""Those of them that report a fiscal year."""

INTERIM = re.compile(r"6-?K(/A)?")
"""Interim reports of foreign filers: nothing else gives their quarters."""

OTHERS = 2
"""The rank of proxies (DEF 14A), registration statements (S-1, 424B), current reports (8-K) and all others."""


def rank(form: str) -> int:
    """0 for annual and quarterly reports, 1 for interim reports of foreign filers, 2 for the others."""
    return 0 if REPORT.fullmatch(form) else 1 if INTERIM.fullmatch(form) else OTHERS


def is_annual(form: str) -> bool:
    """Whether what such a filing calls a year is a fiscal year of the filer."""
    return ANNUAL.fullmatch(form) is not None


def is_amendment(form: str) -> bool:
    """Whether a filing amends another: of one day it comes after what it amends."""
    return form.endswith("/A")
