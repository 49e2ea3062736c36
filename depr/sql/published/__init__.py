"""Copies of a ledger, for reading alone."""
