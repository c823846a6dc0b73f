"""What a condition is called and coloured, the same on every page."""

from __future__ import annotations

from llmxray.types import Condition

# Okabe–Ito has eight colours; a ninth condition shares the first one's and is told apart by its name.
N_COLOURS = 8


def label_of(condition: Condition) -> str:
    """Name of a condition for people."""
    return condition.label or condition.id


def colour(index: int) -> str:
    """Colour class of the condition at that place of the plan: ``c0`` to ``c7``."""
    return f"c{index % N_COLOURS}"
