"""What an experiment holds that a page, or a part of one, is about."""

from __future__ import annotations

import itertools

from llmxray.plan import PROMPTS, Plan, item_address
from llmxray.plan.units import dependent_items, paraphrase_suites
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.rows import Design, right
from llmxray.scoring import right_options
from llmxray.types import Condition, Item, Outcome

# What a person can weigh, and how many answers make a diagram.
MOST_CHOICES, FEWEST_FOR_PEOPLE = 6, 10


def design_of(plan: Plan) -> Design:
    """Which items of a plan are wordings of one question or share a group, and how many options each has."""
    wordings, groups = dependent_items(plan)
    options = {item_address(*key): len(item.choices) for key, item in plan.items().items()}
    return Design(wordings=wordings, groups=groups, options=options)


def same_weights(plan: Plan) -> list[tuple[Condition, Condition]]:
    """Every two conditions of one model on one endpoint, in plan order; none where no suite is asked."""
    if not set(plan.suites) - {PROMPTS}:
        return []
    # An endpoint may serve other weights, or another quantisation, under the same name.
    return [
        (a, b)
        for a, b in itertools.combinations(plan.conditions, 2)
        if (a.endpoint, a.model) == (b.endpoint, b.model)
    ]


def has_rotations(data: ExperimentData) -> bool:
    """Whether a question was answered with its options rotated."""
    return any(row.rotation is not None and right(row) is not None for row in data.results.rows)


def has_paraphrases(data: ExperimentData) -> bool:
    """Whether a condition answered a question in two wordings."""
    pairs = paraphrase_suites(data.results.plan)
    rows = data.results.rows if pairs else ()
    answered = {(row.condition, row.suite, row.item_id) for row in rows if right(row) is not None}
    return any(
        {(condition.id, first, name), (condition.id, second, name)} <= answered
        for first, second, ids in pairs
        for name in ids
        for condition in data.results.plan.conditions
    )


def can_be_compared(data: ExperimentData) -> bool:
    """Whether there are two conditions and anything scored: what pairs and choices need.

    Not of what ended early: it was asked until its predictions were decided, and the tests of pairs allow for no looks.
    """
    if data.results.stopped:
        return False
    scored = any(row.outcome is not Outcome.UNSCORED for row in data.results.rows)
    return scored and len(data.results.plan.conditions) > 1


def has_confidence(data: ExperimentData) -> bool:
    """Whether any scored answer has an option confidence: what calibration is about."""
    return any(row.option_confidence is not None and right(row) is not None for row in data.results.rows)


def has_tokens(data: ExperimentData) -> bool:
    """Whether there may be tokens to look at: files of other tools often hold none."""
    return not data.files or any(row.logprob_tokens for row in data.results.rows)


def can_be_played(data: ExperimentData) -> bool:
    """Whether there are times to play back: files of other tools do not say when a reply began to come."""
    return not data.files or any(row.ttft_s is not None for row in data.results.rows)


def people_can_answer(data: ExperimentData) -> bool:
    """Whether there are enough questions with a handful of options for a person to try."""
    items = (item for suite in data.results.plan.suites.values() for item in suite.items)
    return sum(map(can_be_weighed, items)) >= FEWEST_FOR_PEOPLE


def can_be_weighed(item: Item) -> bool:
    """Whether a person can choose among its options: a handful, of which one is right and no other has its text."""
    return 2 <= len(item.choices) <= MOST_CHOICES and len(right_options(item)) == 1
