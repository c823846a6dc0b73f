"""Scores by question for the browser, which needs them only to count on common questions.

::

    data/scores-<suite>-<n>.<hash>.js    runs, at most `CELLS` scores a file: one character a question

A suite whose runs were all asked the same questions has no such file: all of them are common, and the accuracies in
the ledger's own data say it all. Runs asked the same share a *sheet*: ranges of question numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from llmxray.report.analysis.runs import Run, Scores
from llmxray.report.files.shards import shard
from llmxray.types import Json

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer

CELLS = 400_000
# The first printable character that JSON and JavaScript leave as it is.
_FIRST = ord("0")


class Sheets:
    """The questions of a suite, numbered over all runs, and who was asked which."""

    def __init__(self, runs: Sequence[Run], suite: str) -> None:
        self.suite = suite
        self.runs = [run for run in runs if suite in run.scores]
        self._scores = {run.key: Scores.of(run.scores[suite]) for run in self.runs}
        # By what they hold: entries that were read apart have objects of their own.
        numbers: dict[tuple[str, ...], int] = {}
        self._numbers = {
            questions: numbers.setdefault(questions.keys, len(numbers))
            for questions in dict.fromkeys(scores.questions for scores in self._scores.values())
        }
        self._sheets = list(numbers)
        self._place = {
            key: place
            for place, key in enumerate(dict.fromkeys(key for keys in self._sheets for key in keys))
        }

    @property
    def sizes(self) -> list[int]:
        """Questions on each sheet."""
        return [len(keys) for keys in self._sheets]

    def of(self, run: Run) -> int:
        """Number of a run's sheet."""
        return self._numbers[self._scores[run.key].questions]

    def parts(self) -> Iterator[Json]:
        """The files' contents; none where there is one sheet."""
        if len(self._sheets) < 2:
            return
        part: list[Run] = []
        size = 0
        for run in self.runs:
            n = len(run.scores[self.suite])
            if part and size + n > CELLS:
                yield self._part(part)
                part, size = [], 0
            part.append(run)
            size += n
        yield self._part(part)

    def _part(self, runs: Sequence[Run]) -> Json:
        columns = [self._scores[run.key].shares for run in runs]
        values = np.unique(np.concatenate(columns))
        texts: dict[str, Json] = {}
        for run, column in zip(runs, columns, strict=True):
            # NaN is the last of the values, and found there as well.
            codes = np.searchsorted(values, column) + _FIRST
            texts[run.key] = codes.astype("<u2").tobytes().decode("utf-16-le", "replace")
        sheets = dict.fromkeys(self.of(run) for run in runs)
        return {
            "values": [None if np.isnan(value) else float(value) for value in values],
            "sheets": {str(number): self._ranges(self._sheets[number]) for number in sheets},
            "runs": texts,
        }

    def _ranges(self, keys: Sequence[str]) -> list[Json]:
        """First number and length of each stretch of numbers that follow one another."""
        places = np.array([self._place[key] for key in keys])
        starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        ends = np.append(starts[1:], places.size)
        return [[int(places[start]), int(end - start)] for start, end in zip(starts, ends, strict=True)]


def write(renderer: Renderer, sheets: Sequence[Sheets]) -> Mapping[str, list[str]]:
    """Write the files of all suites and remove those of an older build; returns their paths by suite."""
    paths: dict[str, list[str]] = {}
    for number, each in enumerate(sheets):
        paths[each.suite] = []
        for n, part in enumerate(each.parts()):
            made = shard(f"scores-{number}-{n}", part, packed=True)
            renderer.write(f"data/{made.filename}", made.data)
            paths[each.suite].append(f"data/{made.filename}")
    keep = {path.rpartition("/")[2] for of in paths.values() for path in of}
    renderer.remove_old("data/scores-*.js", keep)
    return paths
