"""Names from files, made into names of conditions and suites."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Names of conditions and suites may have a few more; a number comes behind those that are there twice.
_LONGEST_NAME = 48
# What is drawn takes milliseconds a character, and a file may name its model by a megabyte.
_LONGEST_SHOWN = 200
_SHOWN = 5


def slug(text: str) -> str:
    """A text as the name of a condition or an endpoint."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-") or "model"


def suite_name(text: str) -> str:
    """A text as the name of a suite, which unlike ids of models may have an underscore: mmlu_pro."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower())[:_LONGEST_NAME].strip("-_") or "questions"


def unique(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that are there already."""
    free = FreeNames()
    return [free.take(name) for name in names]


def shortened(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """A name from a file as pages and pictures show it: of a long one the beginning, with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(shortened, names[:_SHOWN])) + more


class FreeNames:
    """Gives each name out once, with a number behind those that are there already."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # From 1 for each name, a file of one name only would take for ever.
        self._last: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name, or the first of ``NAME-2``, ``NAME-3`` … that nobody has."""
        number, free = self._last.get(name, 1), name
        while free in self._taken:
            number += 1
            free = f"{name}-{number}"
        self._last[name] = number
        self._taken.add(free)
        return free
