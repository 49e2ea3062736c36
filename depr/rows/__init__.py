"""ROWS: one asset as a ledger of rows books it, period by period, and the schedule of one asset by command."""
