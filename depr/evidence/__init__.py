"""EVIDENCE: how long units last, what is material, and how one figure comes about."""
