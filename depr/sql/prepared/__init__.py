"""What the macros of a ledger read."""
