"""Whole numbers in texts that somebody wrote: on the command line, in the environment, in what a server said. Pure."""

from __future__ import annotations

# More than anything here is counted in. Python refuses to read a number of thousands of digits.
_MOST_DIGITS = 15
_SHOWN = 100


def whole_number(text: str) -> int | None:
    """The number that a text of up to 15 digits 0 to 9 is; None for any other text."""
    # Not isdigit(), which holds for ² too.
    return int(text) if len(text) <= _MOST_DIGITS and text.isascii() and text.isdecimal() else None


def shown(text: str) -> str:
    """The text as an error repeats it: cut where it is long."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
