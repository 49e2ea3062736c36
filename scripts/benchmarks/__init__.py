"""Benchmarks, one folder each: scripts/bench NAME runs it."""
