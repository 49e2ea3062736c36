"""ARITHMETIC: curves, conventions, calendar, shares, schedule. Knows no file, clock, network or ledger."""
