"""Names from files, made into names of conditions and suites."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Names of conditions and suites may have a few more; a number comes behind those that are there twice.
_LONGEST_NAME = 48


def slug(text: str) -> str:
    """A text as the name of a condition or an endpoint."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-") or "model"


def suite_name(text: str) -> str:
    """A text as the name of a suite, which unlike ids of models may have an underscore: mmlu_pro."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower())[:_LONGEST_NAME].strip("-_") or "questions"


def unique(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that are there already."""
    taken: set[str] = set()
    out = []
    for name in names:
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        taken.add(free)
        out.append(free)
    return out
