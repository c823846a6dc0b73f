"""Rounds: when is looked, which questions stand together, and that a frozen order cannot be another one."""

from dataclasses import replace

import pytest
from planned import built, frozen

from llmxray import plan as plans
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import parse
from llmxray.plan.rounds import look_sizes

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: a, endpoint: tiny, model: a}]
suites: [{suite: starter/arc, limit: 60}, {suite: starter/mmlu-pro, limit: 30}]
predictions: [{claim: A knows., metric: accuracy, of: a, above: chance}]
until: decided
order: {seed: 1}
"""


def test_sizes_of_looks():
    """Each half as large again; none that would leave hardly anything."""
    assert look_sizes(645, 20) == (20, 30, 45, 68, 101, 152, 228, 342, 513, 645)
    assert look_sizes(100, 20) == (20, 30, 45, 68, 100)
    assert look_sizes(60, 55) == (60,)


def test_every_look_has_the_same_share_of_every_suite():
    """Two thirds are of the larger suite; another seed has another order, another order in the file has not."""
    rounds = built(TEXT).rounds
    assert rounds is not None
    assert rounds.looks == (20, 30, 45, 68, 90)
    for look in range(len(rounds.looks)):
        asked = rounds.items(look)
        assert abs(sum(each.startswith("starter/arc/") for each in asked) - len(asked) * 2 / 3) <= 1
    swapped = TEXT.replace("{suite: starter/arc, limit: 60}, ", "").replace(
        "limit: 30}", "limit: 30}, {suite: starter/arc, limit: 60}"
    )
    assert built(swapped).rounds == rounds
    assert built(TEXT.replace("seed: 1", "seed: 2")).rounds != rounds


def test_wordings_of_a_question_are_asked_together():
    """A paraphrase is no second question."""
    text = TEXT.replace(
        "limit: 60}, {suite: starter/mmlu-pro, limit: 30}", "}, {suite: starter/arc-paraphrased}"
    )
    rounds = built(text.replace("arc, }", "arc}")).rounds
    assert rounds is not None
    assert {2} <= {len(unit) for unit in rounds.units} <= {1, 2}


def test_frozen_and_thawed():
    """The order follows from the seed; a plan of some looks keeps all of its rounds."""
    plan = plans.thaw(frozen(TEXT))
    assert plan.rounds == built(TEXT).rounds
    part = plans.first_looks(plan, 1)
    assert (len(part.items()), part.rounds) == (20, plan.rounds)
    assert plans.is_plan_of(plan, parse(TEXT))
    assert not plans.is_plan_of(plan, parse(TEXT.replace("seed: 1", "seed: 2")))
    assert not plans.is_plan_of(replace(plan, rounds=None), parse(TEXT))
    without = parse(TEXT.replace("until: decided\norder: {seed: 1}\n", ""))
    assert plans.plan_fingerprint(without, plan) != plans.plan_fingerprint(parse(TEXT), plan)


@pytest.mark.parametrize("change", [{"seed": 2}, {"looks": [90, 20]}, {"alpha": 0.5}])
def test_a_changed_order_is_refused(change):
    """Whatever the seed, the looks or the error are said to be."""
    lines = frozen(TEXT)
    header = {**lines.plan[0], "until": {**lines.plan[0]["until"], **change}}
    with pytest.raises(CassetteError):
        plans.thaw(replace(lines, plan=(header, *lines.plan[1:])))


def test_too_few_questions():
    """There would be nothing to save."""
    with pytest.raises(ExperimentError, match="at least 60 independent questions, and these are 50"):
        built(TEXT.replace("60", "30").replace("limit: 30}]", "limit: 20}]"))
