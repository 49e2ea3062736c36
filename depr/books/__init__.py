"""BOOK: judgements (lives, residual values, methods, dates) and the estimates that follow from them."""
