"""How fast a fleet becomes a schedule, and in how much memory, beside a Decimal loop and pandas."""
