"""CONSOLE: what a person sees at a terminal, and results as files."""
