"""One record a number: what it means, how it is computed, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One number.

    Attributes:
        text: what it is; source: where it comes from, "" for ours.
        formula: in plain text, "" where the text says it all; interval: how its doubt is found, "" where it has none.
        code: the function, below ``llmxray.metrics`` unless it names a room.
    """

    anchor: str
    term: str
    text: str
    source: str = ""
    formula: str = ""
    interval: str = ""
    code: str = ""


BOOTSTRAP = "basic bootstrap over questions, 2,000 resamples (smooth ECE 200)"
"""How most numbers of confidence get their interval."""
