"""COMPARISON: the same facts under two books, subtracted, and carried through the statements. Pure."""
