"""How alike the samples of a prompt are: within a setting, between settings, with and without a shared seed.

Similarity of two texts is the Jaccard index of their word sets (`compare.text.jaccard`). Means are over
pairs of samples; pairs share samples, so intervals resample the samples and not the pairs: sample i is drawn
in every setting at once, which keeps settings that share seeds paired.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from llmxray.compare.text import jaccard, word_set
from llmxray.metrics.resampling import percentile_interval
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.excerpts import excerpt, excerpt_length
from llmxray.report.analysis.rows import grouped
from llmxray.report.analysis.seeding import seeded
from llmxray.types import Estimate, Item, Outcome, Row

# The page and the headline show so many; the others are in the list of questions.
MOST_PROMPTS = 12
# Of all settings together; each is compared with each, and the first of every setting tell enough.
MOST_TEXTS = 200
_RESAMPLES = 2000
# Two samples give one pair within a setting, and resampling one pair says nothing.
_FEWEST = 3
type _Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """Mean similarity of the samples of one prompt.

    Attributes:
        within: by setting: pairs of samples of that setting.
        same_seed: by pair of settings: sample i of one with sample i of the other.
        other_seed: by pair of settings: sample i of one with another sample of the other.
        all_within, all_same, all_between: means of ``within``, of ``same_seed`` and of ``other_seed``.
        setting_effect: ``all_within`` − ``all_between``: what the setting adds to chance.
        seed_effect: same seed − other seeds, over all pairs of settings.
    """

    within: Mapping[str, Estimate]
    same_seed: Mapping[tuple[str, str], Estimate]
    other_seed: Mapping[tuple[str, str], Estimate]
    all_within: Estimate
    all_same: Estimate
    all_between: Estimate
    setting_effect: Estimate
    seed_effect: Estimate


def similarity(texts: Mapping[str, Sequence[str | None]], name: str) -> Similarity:
    """Similarity of ``texts``, by setting the text of each sample in sample order.

    Args:
        texts: as many samples for each setting, None for one without a whole reply. Beyond `MOST_TEXTS` the first
            ones of each setting are compared, two at least.
        name: seeds the resampling, so that the same page gives the same numbers.
    """
    settings = list(texts)
    pairs = list(itertools.combinations(settings, 2))
    n = min(*(len(samples) for samples in texts.values()), max(2, MOST_TEXTS // len(settings)))
    draws = _draws(n, name)
    found = {each: word_sets(samples[:n]) for each, samples in texts.items()}
    within = {each: _over_pairs(jaccards(found[each], found[each]), draws) for each in settings}
    crossed = {(a, b): jaccards(found[a], found[b]) for a, b in pairs}
    same = {pair: _over_diagonal(matrix, draws) for pair, matrix in crossed.items()}
    other = {pair: _over_pairs(matrix, draws) for pair, matrix in crossed.items()}
    inside, shared, outside = (np.mean(list(each.values()), axis=0) for each in (within, same, other))
    return Similarity(
        within={each: _estimate(values, n) for each, values in within.items()},
        same_seed={pair: _estimate(values, n) for pair, values in same.items()},
        other_seed={pair: _estimate(values, n) for pair, values in other.items()},
        all_within=_estimate(inside, n),
        all_same=_estimate(shared, n),
        all_between=_estimate(outside, n),
        setting_effect=_estimate(inside - outside, n),
        seed_effect=_estimate(shared - outside, n),
    )


def _draws(n: int, name: str) -> _Weights:
    """How often each sample is drawn; the first row is the data itself."""
    rng = seeded(name)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=_RESAMPLES if n >= _FEWEST else 0)
    return np.vstack([np.ones(n), drawn]).astype(np.float64)


def word_sets(texts: Sequence[str | None]) -> list[frozenset[str] | None]:
    """Distinct words of each text, made once: each is compared with many others."""
    return [None if text is None else word_set(text) for text in texts]


def jaccards(a: Sequence[Set[str] | None], b: Sequence[Set[str] | None]) -> NDArray[np.float64]:
    """Similarity of each of ``a`` with each of ``b``; NaN where one has no text, or neither has a word."""
    found = [[None if left is None or right is None else jaccard(left, right) for right in b] for left in a]
    return np.array(found, dtype=np.float64)


def _over_pairs(matrix: _Weights, draws: _Weights) -> _Weights:
    """Mean over pairs of different samples, for each row of draws; NaN where there is no such pair."""
    known = ~np.isnan(matrix)
    # The diagonal is a sample with itself, or across settings with the one of the same seed.
    np.fill_diagonal(known, False)
    # Products of counts: no resample compares a text again.
    total = ((draws @ np.where(known, matrix, 0.0)) * draws).sum(axis=1)
    weight = ((draws @ known.astype(np.float64)) * draws).sum(axis=1)
    return _divided(total, weight)


def _over_diagonal(matrix: _Weights, draws: _Weights) -> _Weights:
    values = np.diag(matrix)
    known = ~np.isnan(values)
    return _divided(draws @ np.where(known, values, 0.0), draws @ known.astype(np.float64))


def _divided(total: _Weights, weight: _Weights) -> _Weights:
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def _estimate(values: _Weights, n: int) -> Estimate:
    method = "mean over pairs of samples, percentile bootstrap 95% over samples"
    if np.isnan(values[0]):
        return Estimate(None, n=n, method=method)
    replicates = values[1:][~np.isnan(values[1:])]
    if replicates.size == 0:
        return Estimate(float(values[0]), n=n, method=method)
    low, high = percentile_interval(replicates, n, fewest=2)
    return Estimate(float(values[0]), low, high, n, 0, method)


def similarity_of(analysis: Analysis, item: Item) -> Similarity | None:
    """How alike the answers to a prompt are; None with one setting, or without repeats."""

    def make() -> Similarity | None:
        length = excerpt_length(analysis)
        texts = {
            name: [excerpt(row, length) if is_whole(row) else None for row in rows]
            for name, rows in rows_of(analysis.data, item).items()
        }
        if len(texts) < 2 or min(map(len, texts.values())) < 2:
            return None
        return similarity(texts, f"{analysis.data.name}/{item.id}")

    return analysis.memoized(("similarity", item.id), make)


def rows_of(data: ExperimentData, item: Item) -> Mapping[str, list[Row]]:
    """Rows of a prompt by condition, in sample order."""
    rows = (row for row in data.results.rows if row.suite == PROMPTS and row.item_id == item.id)
    found = grouped(rows, attrgetter("condition"))
    return {name: sorted(each, key=attrgetter("sample")) for name, each in found.items()}


def is_whole(row: Row) -> bool:
    """Whether there is a reply that was read."""
    return row.outcome not in (Outcome.ERROR, Outcome.UNREAD)
