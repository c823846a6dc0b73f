"""How alike the samples of a prompt are: within a setting, between settings, with and without a shared seed.

Similarity of two texts is the Jaccard index of their word sets (`compare.text.jaccard`). Means are over
pairs of samples; pairs share samples, so intervals resample the samples and not the pairs: sample i is drawn
in every setting at once, which keeps settings that share seeds paired.

Tests are by permutation and one-sided. Whether a setting changes the answers: texts are dealt to the settings at
random; pairs that share a seed do not count, so that what a seed makes alike is not taken for the setting. Whether
sharing a seed makes answers alike: the samples of each setting are put in random order. Over several prompts the
statistics of deals are summed; p-values of single prompts are a family of Holm's.

Of one model at two settings also which request fields differ, and whether its replies do.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from llmxray.compare.text import jaccard, word_set
from llmxray.metrics import accuracy
from llmxray.metrics.evidence import BootstrapEvidence
from llmxray.plan import PROMPTS, Plan
from llmxray.report.analysis import Analysis, ConditionView, Corrected, ExperimentData, corrected_by
from llmxray.report.analysis.rows import grouped, memoized, seeded
from llmxray.types import Condition, Estimate, Item, Json, Outcome, Row

# Tested together, and shown by page and headline; the others are in the list of questions.
MOST_PROMPTS = 24
# Of all settings together; each is compared with each, and the first of every setting tell enough.
MOST_TEXTS = 200
_RESAMPLES = 2000
# The observed deal is one more.
_DEALS = 1999
# Sums of the same similarities in another order differ by this much.
_ROUNDING = 1e-9
# Two samples give one pair within a setting, and resampling one pair says nothing.
_FEWEST = 3
type _Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """Mean similarity of the samples of one prompt.

    Attributes:
        within: by setting: pairs of samples of that setting; all_within: their mean.
        all_same: mean over pairs of settings: sample i of one with sample i of the other.
        all_between: the same: sample i of one with another sample of the other.
        setting_effect: ``all_within`` − ``all_between``: what the setting adds to chance.
        seed_effect: same seed − other seeds, over all pairs of settings.
        setting_deals, seed_deals: both statistics under random deals, the observed one first; empty where unknown.
    """

    within: Mapping[str, Estimate]
    all_within: Estimate
    all_same: Estimate
    all_between: Estimate
    setting_effect: Estimate
    seed_effect: Estimate
    setting_deals: _Weights = field(compare=False, repr=False)
    seed_deals: _Weights = field(compare=False, repr=False)


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
    drawn = seeded(name).multinomial(n, np.full(n, 1 / n), size=_RESAMPLES if n >= _FEWEST else 0)
    # How often each sample is drawn; the first row is the data itself.
    draws = np.vstack([np.ones(n), drawn]).astype(np.float64)
    found = {each: word_sets(samples[:n]) for each, samples in texts.items()}
    within = {setting: _over_pairs(jaccards(found[setting], found[setting]), draws) for setting in settings}
    crossed = {(a, b): jaccards(found[a], found[b]) for a, b in pairs}
    inside = np.mean(list(within.values()), axis=0)
    shared = np.mean([_over_diagonal(matrix, draws) for matrix in crossed.values()], axis=0)
    outside = np.mean([_over_pairs(matrix, draws) for matrix in crossed.values()], axis=0)
    return Similarity(
        within={each: _estimate(values, n) for each, values in within.items()},
        all_within=_estimate(inside, n),
        all_same=_estimate(shared, n),
        all_between=_estimate(outside, n),
        setting_effect=_estimate(inside - outside, n),
        seed_effect=_estimate(shared - outside, n),
        setting_deals=_setting_deals(list(found.values()), seeded(name, "settings")),
        seed_deals=_seed_deals(crossed, n, seeded(name, "seeds")),
    )


def _setting_deals(texts: Sequence[Sequence[Set[str] | None]], rng: np.random.Generator) -> _Weights:
    """Mean similarity of two texts of one setting, less that of two settings, of different samples each."""
    n_settings, n = len(texts), len(texts[0])
    flat = [text for samples in texts for text in samples]
    matrix = jaccards(flat, flat)
    sample = np.tile(np.arange(n), n_settings)
    known = ~np.isnan(matrix) & (sample[:, None] != sample)
    values, counts = np.where(known, matrix, 0.0), known.astype(np.float64)
    # Which setting each text is dealt to, shape (deals, texts).
    observed = np.repeat(np.arange(n_settings), n)
    dealt = np.vstack([observed, rng.permuted(np.tile(observed, (_DEALS, 1)), axis=1)])
    inside, n_inside = np.zeros(len(dealt)), np.zeros(len(dealt))
    for setting in range(n_settings):
        member = (dealt == setting).astype(np.float64)
        inside += ((member @ values) * member).sum(axis=1)
        n_inside += ((member @ counts) * member).sum(axis=1)
    return _known(_divided(inside, n_inside) - _divided(values.sum() - inside, counts.sum() - n_inside))


def _seed_deals(crossed: Mapping[tuple[str, str], _Weights], n: int, rng: np.random.Generator) -> _Weights:
    """Mean similarity of samples of the same number, less that of others, over pairs of settings."""
    orders: dict[str, NDArray[np.int64]] = {}
    gaps = []
    for pair, matrix in crossed.items():
        for each in pair:
            if each not in orders:
                drawn = rng.permuted(np.tile(np.arange(n), (_DEALS, 1)), axis=1)
                orders[each] = np.vstack([np.arange(n), drawn])
        known = ~np.isnan(matrix)
        values, counts = np.where(known, matrix, 0.0), known.astype(np.float64)
        a, b = (orders[each] for each in pair)
        same, n_same = values[a, b].sum(axis=1), counts[a, b].sum(axis=1)
        gaps.append(_divided(same, n_same) - _divided(values.sum() - same, counts.sum() - n_same))
    return _known(np.mean(gaps, axis=0))


def _known(deals: _Weights) -> _Weights:
    """The deals that have a value; none where the observed one has none."""
    return deals[~np.isnan(deals)] if not np.isnan(deals[0]) else deals[:0]


def _p_value(deals: Sequence[_Weights]) -> float | None:
    """One-sided p of the statistic of several prompts together, the observed deal counted; None where none is known."""
    if not (known := [deal for deal in deals if deal.size > 1]):
        return None
    total = np.sum([each[: min(map(len, known))] for each in known], axis=0)
    return float((total >= total[0] - _ROUNDING).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Whether something changes how alike answers are, over prompts.

    Attributes:
        together: one test over all prompts together, which opens the family of single prompts.
        alone: the test of each prompt.
    """

    together: Corrected
    alone: Mapping[str, Corrected]

    @property
    def clear(self) -> frozenset[str]:
        """The prompts for which it is significant, where it is over all of them together."""
        tests = self.alone.items() if self.together.is_significant else ()
        return frozenset(name for name, test in tests if test.is_significant)


def _effect(deals: Mapping[str, _Weights]) -> Effect:
    together = Corrected(p_holm=_p_value(list(deals.values())), family="prompt", size=1)
    alone = corrected_by("prompt", {name: _p_value([each]) for name, each in deals.items()})
    return Effect(together=together, alone=alone)


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
    low, high = np.quantile(replicates, (0.025, 0.975))
    return Estimate(float(values[0]), float(low), float(high), n, 0, method)


@memoized
def similarity_of(analysis: Analysis, item: Item, among: tuple[str, ...] = ()) -> Similarity | None:
    """How alike the answers to a prompt are; None with one setting, or without repeats.

    Args:
        among: settings that are compared, in plan order; all of them by default.
    """
    texts = {
        name: [row.text if is_whole(row) else None for row in rows]
        for name, rows in rows_of(analysis.data, item).items()
        if name in among or not among
    }
    if len(texts) < 2 or min(map(len, texts.values())) < 2:
        return None
    return similarity(texts, f"{analysis.data.name}/{item.id}")


def prompts_compared(analysis: Analysis) -> Mapping[str, Similarity]:
    """Similarity of the answers to each prompt that was repeated; free prompts only, where there are any.

    Of a prompt with a right answer it matters whether that is given, and not in which words.
    """
    found = {item.id: similarity_of(analysis, item) for item in free_prompts(analysis.plan)[:MOST_PROMPTS]}
    return {name: alike for name, alike in found.items() if alike is not None}


def free_prompts(plan: Plan) -> Sequence[Item]:
    """The prompts without a right answer; all prompts where each has one."""
    prompts = plan.suites[PROMPTS].items if PROMPTS in plan.suites else ()
    return [item for item in prompts if not item.answer] or prompts


@memoized
def setting_effect(analysis: Analysis) -> Effect:
    """Whether the setting changes the answers to `prompts_compared`."""
    return _effect({name: alike.setting_deals for name, alike in prompts_compared(analysis).items()})


@memoized
def seed_effect(analysis: Analysis) -> Effect:
    """Whether sharing a seed makes the answers to `prompts_compared` alike."""
    return _effect({name: alike.seed_deals for name, alike in prompts_compared(analysis).items()})


def seed_evidence(
    analysis: Analysis, items: Sequence[Item], settings: tuple[str, ...]
) -> BootstrapEvidence | None:
    """Evidence on the mean over prompts of `Similarity.seed_effect`; None without spread.

    A shift: if a shared seed adds so much similarity, the statistic less that much is spread as under random deals.
    """
    found = [similarity_of(analysis, item, settings) for item in items]
    deals = [alike.seed_deals for alike in found if alike is not None and alike.seed_deals.size > 1]
    if not deals:
        return None
    means = np.mean([deal[: min(map(len, deals))] for deal in deals], axis=0)
    # Rounded, so that a deal which is the observed one again ties with it.
    draws = np.sort(np.round(means[0] - means[1:], 9))
    if draws[0] == draws[-1]:
        return None
    method = f"same seed less other seeds, permutation of samples ({draws.size} deals), shifted"
    return BootstrapEvidence(float(means[0]), draws, (-1.0, 1.0), len(deals), method)


def rows_of(data: ExperimentData, item: Item) -> Mapping[str, list[Row]]:
    """Rows of a prompt by condition, in sample order."""
    rows = (row for row in data.results.rows if row.suite == PROMPTS and row.item_id == item.id)
    found = grouped(rows, attrgetter("condition"))
    return {name: sorted(each, key=attrgetter("sample")) for name, each in found.items()}


def is_whole(row: Row) -> bool:
    """Whether there is a reply that was read."""
    return row.outcome not in (Outcome.ERROR, Outcome.UNREAD)


_UNSAID: tuple[Json, ...] = ("", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A request field: its value in each condition, as text, or the one value of all."""

    name: str
    values: tuple[str, ...]


def settings(conditions: Sequence[Condition]) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
    """The request fields that vary between conditions, and those that do not."""
    fields: list[dict[str, Json]] = [
        {
            "model": condition.model,
            "answer": condition.answer,
            "layout": condition.layout,
            "system prompt": condition.system,
            "budget (tokens)": condition.max_tokens,
            **condition.sampling,
        }
        for condition in conditions
    ]
    varies, constant = [], []
    for name in dict.fromkeys(name for each in fields for name in each):
        values = [each.get(name) for each in fields]
        if any(value != values[0] for value in values):
            varies.append(Setting(name=name, values=tuple(map(_written, values))))
        # A field that none of them sets is no setting that was held constant.
        elif values[0] not in _UNSAID:
            constant.append(Setting(name=name, values=(_written(values[0]),)))
    return tuple(varies), tuple(constant)


def _written(value: Json) -> str:
    return "not set" if value in _UNSAID else value if isinstance(value, str) else json.dumps(value)


def same_reply(a: ConditionView, b: ConditionView) -> Estimate | None:
    """Share of the questions with the same reply; None of two conditions that answer in different ways."""
    # A letter and a sentence differ in any case, and tell nothing of a setting.
    if a.condition.answer != b.condition.answer:
        return None
    # By repeat as well: repeats of one number have the same seed under both. Prompts without a suite are left out.
    asked = attrgetter("suite", "item_id", "sample", "rotation")
    of_b = {asked(row): _reply(row) for row in b.rows}
    rows = [row for row in a.rows if asked(row) in of_b and row.suite != PROMPTS]
    replies = [(_reply(row), of_b[asked(row)]) for row in rows]
    same = [None if None in pair else pair[0] == pair[1] for pair in replies]
    return accuracy.clustered_share(same, list(map(a.unit, rows)))


def _reply(row: Row) -> str | None:
    """All that a reply says; for likelihood answers the probability of every option, to the last digit."""
    if row.text or row.reasoning:
        # Kept apart: thinking that moved into the answer is another reply.
        return f"{row.reasoning}\0{row.text}"
    return repr(row.option_probs) if row.option_probs else None
