"""STATUTE: what tax law allows as depreciation. Percentages, limits, rates and dates are data; this applies them."""
