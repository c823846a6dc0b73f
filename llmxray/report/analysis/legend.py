"""What a condition is called and coloured, the same on every page."""

from __future__ import annotations

import re

from llmxray.types import Condition

# Okabe–Ito has eight colours; a ninth condition shares the first one's, and its name identifies it.
N_COLOURS = 8


def label_of(condition: Condition) -> str:
    """Name of a condition for people."""
    return condition.label or condition.id


def colour(index: int) -> str:
    """Colour class of the condition at that place of the plan: ``c0`` to ``c7``."""
    return f"c{index % N_COLOURS}"


def model_in(label: str, model: str) -> str:
    """The model's name for people, as a label begins with it; "" where it begins with something else."""
    name = re.split(r", | \(", label)[0]
    first = _plain(name.split(" ")[0])
    return name if first and first in _plain(model) else ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
