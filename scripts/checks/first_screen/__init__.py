"""What the first screen of a page says, from the files of its folder alone (scripts/checks/pages.py)."""
