"""SQL over a large fleet, beside what one would write without the macros."""
