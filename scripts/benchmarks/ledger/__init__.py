"""Speed and memory of the ledger."""
