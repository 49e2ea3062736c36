"""BALANCES: the schedule and everything else that moves the balances of lots, summed."""
