"""Whether the questions of a frozen plan are those of the starter suites that it names, which every llmxray has.

Other suites are not checked: their rows are not available here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmxray import suites
from llmxray.experiment import Experiment, SuiteRef
from llmxray.experiment.suite import STARTER
from llmxray.plan import PROMPTS, Plan, PlannedSuite
from llmxray.plan.model import SuiteDifference
from llmxray.report.numbers import listed, plural

# Each page has this line.
_MOST_NAMED = 10


def suite_differences(experiment: Experiment, plan: Plan) -> tuple[SuiteDifference, ...]:
    """Differences between a frozen plan and today's starter suites or expected answers.

    A suite may have been fixed since the recording, or the plan edited.
    """
    starters = [ref for ref in experiment.suites if ref.suite.startswith(STARTER)]
    differences = [difference for ref in starters for difference in _of_starter(ref, plan.suites[ref.id])]
    return (*differences, *_expected_otherwise(experiment, plan))


def _of_starter(ref: SuiteRef, planned: PlannedSuite) -> Iterator[SuiteDifference]:
    if ref.suite not in suites.names():
        yield SuiteDifference(
            f"{ref.id}: this llmxray has no such suite as {ref.suite}: nothing of it was compared"
        )
        return
    # Compared with the whole suite: a larger one selects other questions.
    today = suites.load(SuiteRef(suite=ref.suite, answer=ref.answer), Path())
    items = {item.id: item for item in today.items}
    pairs = [(items[item.id], item) for item in planned.items if item.id in items]
    asked = len(planned.items) - len(pairs)
    asked += sum(
        (own.question, own.choices, own.tools) != (item.question, item.choices, item.tools)
        for own, item in pairs
    )
    keyed = sum((own.answer_text, own.accept) != (item.answer_text, item.accept) for own, item in pairs)
    sorted_otherwise = sum(own.category != item.category for own, item in pairs)
    by = f"by the {ref.suite} of this llmxray"
    scored = [
        *(
            [f"answers are read as {planned.answer or 'the models say'}"]
            if planned.answer != today.answer
            else []
        ),
        *([f"{plural(asked, 'question')} asked otherwise"] if asked else []),
        *([f"{plural(keyed, 'question')} with another right answer"] if keyed else []),
    ]
    if scored:
        yield SuiteDifference(f"{ref.id}: {listed(scored)}, {by}: scores are not those of that suite")
    if sorted_otherwise:
        questions = plural(sorted_otherwise, "question")
        yield SuiteDifference(f"{ref.id}: {questions} in another category, {by}", scores=False)


def _expected_otherwise(experiment: Experiment, plan: Plan) -> Iterator[SuiteDifference]:
    """Where prompts are scored against other answers than the file expects today."""
    planned = plan.suites.get(PROMPTS)
    items = {item.id: (item.answer, *item.accept) for item in planned.items} if planned else {}
    stated = {prompt.id: prompt.expected for prompt in experiment.prompts}
    changed = [
        name for name, answers in items.items() if tuple(filter(None, answers)) != tuple(stated.get(name, ()))
    ]
    if changed:
        names = changed if len(changed) <= _MOST_NAMED else [*changed[:_MOST_NAMED], "others"]
        yield SuiteDifference(
            f"prompts scored against the answers of the recording, not those of the file: {listed(names)}"
        )
