"""WORDS: figures -> context -> pages. Only `build` touches files."""
