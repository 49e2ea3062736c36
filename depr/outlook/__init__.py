"""ANALYSIS of what is not yet known: purchases to come under stated assumptions, through the same books and kernel."""
