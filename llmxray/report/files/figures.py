"""Every figure that the pages of an experiment state, by name: what a reproduction is compared with.

Names read ``measure/condition`` or ``measure/condition@suite/category``; an estimate has its ``low``, ``high``
and ``n`` beside its value. Of two figures with one name (category ``x`` of suite ``quiz``, and suite ``quiz/x``) the
second is ``… (2)``. Missing is None. The figures come from the analysis that makes the pages, with the same seeded
intervals; packs state all of them, so none is taken away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count

from llmxray.report.analysis import Analysis, ConditionView, Value, accuracy_of, confidence, costs, median_of
from llmxray.report.analysis.applies import same_weights
from llmxray.report.analysis.asked_twice import paraphrased_suites
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.analysis.rows import per_token, rate
from llmxray.report.analysis.similarity import same_reply
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.speed import per_second
from llmxray.types import Estimate, Outcome

NAME = "figures.json"


type Figure = tuple[str, float | None]


def figures(analysis: Analysis) -> dict[str, float | None]:
    """The figures of one experiment, in the order of its pages."""
    of_condition = (_outcomes, _accuracies, _calibration, _speed, _cost)
    found = [part(analysis, view) for view in analysis.views for part in of_condition]
    found += [part(analysis) for part in (_pairs, _settings, _paraphrases, _predictions)]
    named: dict[str, float | None] = {}
    for name, value in chain.from_iterable(found):
        if name in named:
            name = next(other for n in count(2) if (other := f"{name} ({n})") not in named)
        named[name] = value
    return named


def dump(found: dict[str, float | None]) -> bytes:
    """The bytes of figures.json, one figure a line."""
    # The last digits of a sum depend on where its numbers stand in memory: without them every build is the same.
    rounded = {name: None if value is None else float(f"{value:.12g}") for name, value in found.items()}
    # ASCII: a lone surrogate in a name has no UTF-8, and a replaced one might make two names the same.
    return (json.dumps(rounded, indent=0, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _named(measure: str, *parts: str, shape: str = "{}") -> str:
    return f"{measure}/{shape.format(*(part.replace('%', '%25') for part in parts))}"


def _estimate(name: str, estimate: Estimate) -> Iterator[Figure]:
    yield name, estimate.value
    if estimate.low is not None or estimate.high is not None:
        yield f"{name} low", estimate.low
        yield f"{name} high", estimate.high
    yield f"{name} n", float(estimate.n)


def _outcomes(_: Analysis, view: ConditionView) -> Iterator[Figure]:
    counts = Counter(row.outcome for row in view.rows)
    for outcome in Outcome:
        yield _named(outcome.value, view.id), float(counts[outcome])


def _accuracies(analysis: Analysis, view: ConditionView) -> Iterator[Figure]:
    yield from _estimate(_named("accuracy", view.id), analysis.accuracies[view.id])
    for suite in analysis.suites:
        found = accuracy_of(view.of(suite=suite), view.design)
        yield from _estimate(_named("accuracy", view.id, suite, shape="{}@{}"), found)
    for suite, category in categories_of(analysis):
        found = accuracy_of(view.of(suite=suite, category=category), view.design)
        yield from _estimate(_named("accuracy", view.id, suite, category, shape="{}@{}/{}"), found)


def _calibration(analysis: Analysis, view: ConditionView) -> Iterator[Figure]:
    if not confidence.columns(view).n:
        return
    yield from _estimate(_named("mean confidence", view.id), confidence.mean_confidence(view))
    yield from _estimate(_named("AUROC", view.id), confidence.auroc(view))
    multiclass = confidence.brier_multiclass(analysis, view)
    if multiclass.value is not None:
        yield from _estimate(_named("Brier, all options", view.id), multiclass)
    for estimator in confidence.ESTIMATORS:
        yield from _estimate(_named(estimator.name, view.id), confidence.estimate(analysis, view, estimator))


def _speed(analysis: Analysis, view: ConditionView) -> Iterator[Figure]:
    fields: dict[str, Value] = {"latency_s": "latency_s", "ttft_s": "ttft_s"}
    if any(row.reasoning for row in view.rows):
        fields["ttfa_s"] = "ttfa_s"
    for name, value in {**fields, "tpot_s": per_token, "tokens per second": rate}.items():
        yield from _estimate(_named(f"median {name}", view.id), median_of(view, value))
    yield from _estimate(_named("accuracy per second", view.id), per_second(analysis, view))


def _pairs(analysis: Analysis) -> Iterator[Figure]:
    for pair in analysis.pairs:
        of = _named("", pair.a.id, pair.b.id, shape="{} − {}")
        yield from _estimate(f"difference{of}", pair.difference)
        if pair.p_value is not None:
            yield f"{_test(analysis.test)} p{of}", pair.p_value
            yield f"Holm-adjusted p{of}", pair.p_holm
            yield f"detectable difference{of}", pair.test.detectable


def _cost(analysis: Analysis, view: ConditionView) -> Iterator[Figure]:
    found = costs.cost_of(analysis, view)
    if found.currency:
        yield from _estimate(_named("cost per question", view.id), found.question)
        yield from _estimate(_named("cost per right answer", view.id), found.right)


def _settings(analysis: Analysis) -> Iterator[Figure]:
    views = {view.id: view for view in analysis.views}
    for one, other in same_weights(analysis.plan):
        found = same_reply(views[one.id], views[other.id])
        if found is not None:
            yield from _estimate(_named("same reply", one.id, other.id, shape="{} ~ {}"), found)


def _test(found: tuple[str, str]) -> str:
    return "paired t" if found[1] == "paired-shares" else "McNemar"


def _paraphrases(analysis: Analysis) -> Iterator[Figure]:
    for paraphrases in paraphrased_suites(analysis):
        for condition in paraphrases.conditions:
            of = _named("", condition.view.id, paraphrases.first, paraphrases.second, shape="{}@{} ~ {}")
            yield f"paraphrases right in both{of}", float(len(condition.both))
            yield f"paraphrases right then wrong{of}", float(len(condition.lost))
            yield f"paraphrases wrong then right{of}", float(len(condition.gained))
            yield f"paraphrases wrong in both{of}", float(len(condition.neither))
            yield from _estimate(f"paraphrases difference{of}", condition.difference)
            yield from _estimate(f"paraphrases same answer{of}", condition.same)
            if condition.p_value is not None:
                yield f"paraphrases {_test(analysis.test_of_one_wording)} p{of}", condition.p_value
                yield f"paraphrases Holm-adjusted p{of}", condition.p_holm


def _predictions(analysis: Analysis) -> Iterator[Figure]:
    for verdict in verdicts(analysis):
        if verdict.value is not None:
            name = _named("prediction", verdict.name)
            yield name, verdict.value
            yield f"{name} low", verdict.low
            yield f"{name} high", verdict.high
            yield f"{name} p", verdict.p_value
            yield f"{name} Holm-adjusted p", verdict.p_holm
