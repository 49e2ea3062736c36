"""Posting a month of a large fleet beside a plain insert of the same entries."""
