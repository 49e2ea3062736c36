"""The version of depr, which a ledger, its proofs and all that is made of it name."""

VERSION = "0.2.0"
