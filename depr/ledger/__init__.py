"""FACTS: events, the store that keeps them, positions (what they add up to) and checks."""
