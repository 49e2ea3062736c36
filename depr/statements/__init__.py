"""REPORTED: the statements of companies, from a table or from the facts they filed, and whether they hold together."""
