"""SQL over a ledger: views and result tables in fleet.duckdb, and a locked-down connection to read them."""
