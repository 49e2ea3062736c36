"""The changes that scripts/check mutation makes, and how the tests meet them."""
