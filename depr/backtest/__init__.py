"""BACKTEST: what the model says of past changes of useful lives, beside what was disclosed."""
