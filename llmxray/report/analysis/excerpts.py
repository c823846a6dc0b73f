"""The part of a free reply that is compared with others and shown beside them: all of it, unless it is very long.

Each reply is compared with many. A reply of a megabyte says no more about a setting than its first pages, and a
hundred of them would take minutes and gigabytes.
"""

from __future__ import annotations

from itertools import accumulate

from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis
from llmxray.types import Row

# Some three thousand words: longer than what is asked for when texts are to be compared.
MOST_CHARACTERS = 20_000
# Where replies are very many as well, they are cut further, but not below this.
FEWEST_CHARACTERS = 2_000
# Of all replies, each counted once for each other condition that it is compared with: some twenty seconds.
_MOST_TOGETHER = 60_000_000
# Beside how many others a reply stands; of more conditions only those beside the first are compared.
_MOST_BESIDE = 12


def excerpt_length(analysis: Analysis) -> int:
    """How many characters of each reply to a prompt are compared; the others are only on the pages of answers."""

    def make() -> int:
        rows = (row for row in analysis.data.results.rows if row.suite == PROMPTS)
        lengths = sorted(min(len(row.text), MOST_CHARACTERS) for row in rows)
        n, beside = len(lengths), len(analysis.plan.conditions)
        most = _MOST_TOGETHER // (beside if beside <= _MOST_BESIDE else 2)
        shorter = accumulate(lengths, initial=0)
        # The length up to which all replies together are as long as they may be.
        found = next(
            (
                (most - done) // (n - place)
                for place, (length, done) in enumerate(zip(lengths, shorter, strict=False))
                if done + length * (n - place) > most
            ),
            MOST_CHARACTERS,
        )
        return max(FEWEST_CHARACTERS, found)

    return analysis.memoized(("excerpt length",), make)


def excerpt(row: Row, length: int) -> str:
    """The first characters of a reply, without white space around it."""
    return row.text.strip()[:length]


def is_cut_off(row: Row, length: int) -> bool:
    """Whether a reply is longer than its `excerpt`."""
    return len(row.text.strip()) > length
