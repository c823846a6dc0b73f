"""Every figure that the pages of an experiment state, by name: what a reproduction is compared with.

Names read ``measure/condition`` or ``measure/condition@suite/category``; an estimate has its ``low``, ``high``
and ``n`` beside its value. Missing is None. The figures are those of the pages: they come from the same
analysis, with the same seeded intervals.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from llmxray.report.analysis import (
    Analysis,
    ConditionResults,
    accuracy_of,
    confidence,
    costs,
    median_of,
    per_token,
    rate,
)
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.analysis.paraphrases import paraphrased_suites
from llmxray.report.analysis.setting_pairs import settings_pairs
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.speed import per_second
from llmxray.types import Estimate, Outcome

NAME = "figures.json"

type Figure = tuple[str, float | None]


def figures(analysis: Analysis) -> dict[str, float | None]:
    """The figures of one experiment, in the order of its pages."""
    found: dict[str, float | None] = {}
    for view in analysis.views:
        found |= dict(_outcomes(view))
        found |= dict(_accuracies(analysis, view))
        found |= dict(_calibration(analysis, view))
        found |= dict(_speed(analysis, view))
        found |= dict(_cost(analysis, view))
    found |= dict(_pairs(analysis))
    found |= dict(_settings(analysis))
    found |= dict(_paraphrases(analysis))
    found |= dict(_predictions(analysis))
    return found


def dump(found: dict[str, float | None]) -> bytes:
    """The bytes of figures.json, one figure a line."""
    # The last digits of a sum depend on where its numbers stand in memory: without them every build is the same.
    rounded = {name: None if value is None else float(f"{value:.12g}") for name, value in found.items()}
    # ASCII: a lone surrogate in a name has no UTF-8, and a replaced one might make two names the same.
    return (json.dumps(rounded, indent=0, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _estimate(name: str, estimate: Estimate) -> Iterator[Figure]:
    yield name, estimate.value
    if estimate.low is not None or estimate.high is not None:
        yield f"{name} low", estimate.low
        yield f"{name} high", estimate.high
    yield f"{name} n", float(estimate.n)


def _outcomes(view: ConditionResults) -> Iterator[Figure]:
    counts = Counter(row.outcome for row in view.rows)
    for outcome in Outcome:
        yield f"{outcome.value}/{view.id}", float(counts[outcome])


def _accuracies(analysis: Analysis, view: ConditionResults) -> Iterator[Figure]:
    yield from _estimate(f"accuracy/{view.id}", analysis.accuracies[view.id])
    for suite in analysis.suites:
        yield from _estimate(f"accuracy/{view.id}@{suite}", accuracy_of(view.of(suite=suite)))
    for suite, category in categories_of(analysis):
        found = accuracy_of(view.of(suite=suite, category=category))
        yield from _estimate(f"accuracy/{view.id}@{suite}/{category}", found)


def _calibration(analysis: Analysis, view: ConditionResults) -> Iterator[Figure]:
    if not confidence.columns(view).n:
        return
    yield from _estimate(f"mean confidence/{view.id}", confidence.mean_confidence(view))
    yield from _estimate(f"AUROC/{view.id}", confidence.auroc(view))
    multiclass = confidence.brier_multiclass(analysis, view)
    if multiclass.value is not None:
        yield from _estimate(f"Brier, all options/{view.id}", multiclass)
    for estimator in confidence.ESTIMATORS:
        yield from _estimate(f"{estimator.name}/{view.id}", confidence.estimate(analysis, view, estimator))


def _speed(analysis: Analysis, view: ConditionResults) -> Iterator[Figure]:
    yield from _estimate(f"median latency_s/{view.id}", median_of(view, "latency_s"))
    yield from _estimate(f"median ttft_s/{view.id}", median_of(view, "ttft_s"))
    if any(row.reasoning for row in view.rows):
        yield from _estimate(f"median ttfa_s/{view.id}", median_of(view, "ttfa_s"))
    yield from _estimate(f"median tpot_s/{view.id}", median_of(view, per_token))
    yield from _estimate(f"median tokens per second/{view.id}", median_of(view, rate))
    yield from _estimate(f"accuracy per second/{view.id}", per_second(analysis, view))


def _pairs(analysis: Analysis) -> Iterator[Figure]:
    kind = _test(analysis.test)
    for pair in analysis.pairs:
        name = f"{pair.a.id} − {pair.b.id}"
        yield from _estimate(f"difference/{name}", pair.difference)
        if pair.p_value is not None:
            yield f"{kind} p/{name}", pair.p_value
            yield f"Holm-adjusted p/{name}", pair.p_holm
            yield f"detectable difference/{name}", pair.detectable


def _cost(analysis: Analysis, view: ConditionResults) -> Iterator[Figure]:
    found = costs.cost_of(analysis, view)
    if found.currency:
        yield from _estimate(f"cost per question/{view.id}", found.question)
        yield from _estimate(f"cost per right answer/{view.id}", found.right)


def _settings(analysis: Analysis) -> Iterator[Figure]:
    for pair in settings_pairs(analysis):
        if pair.identical is not None:
            yield from _estimate(f"same reply/{pair.a.id} ~ {pair.b.id}", pair.identical)


def _test(found: tuple[str, str]) -> str:
    return "sign-flip" if found[1] == "sign-flip" else "McNemar"


def _paraphrases(analysis: Analysis) -> Iterator[Figure]:
    for paraphrases in paraphrased_suites(analysis):
        for each in paraphrases.conditions:
            name = f"{each.view.id}@{paraphrases.first} ~ {paraphrases.second}"
            yield f"paraphrases right in both/{name}", float(len(each.both))
            yield f"paraphrases right then wrong/{name}", float(len(each.lost))
            yield f"paraphrases wrong then right/{name}", float(len(each.gained))
            yield f"paraphrases wrong in both/{name}", float(len(each.neither))
            yield from _estimate(f"paraphrases difference/{name}", each.difference)
            yield from _estimate(f"paraphrases same answer/{name}", each.same)
            if each.p_value is not None:
                yield f"paraphrases {_test(analysis.test_of_one_wording)} p/{name}", each.p_value
                yield f"paraphrases Holm-adjusted p/{name}", each.p_holm


def _predictions(analysis: Analysis) -> Iterator[Figure]:
    for each in verdicts(analysis):
        if each.value is not None:
            name = f"prediction/{each.name}"
            yield name, each.value
            yield f"{name} low", each.low
            yield f"{name} high", each.high
            yield f"{name} p", each.p_value
            yield f"{name} Holm-adjusted p", each.p_holm
