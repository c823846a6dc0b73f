"""Whether the questions of a frozen plan are those of the starter suites that it names, which every llmxray has.

The questions of other suites, and what is right in them, are believed: their rows are not at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.plan import PROMPTS, PlannedSuite
from llmxray.report.numbers import listed, plural
from llmxray.types import Item
from llmxray.workflow.preparation import Prepared

_PREFIX = "starter/"


def suite_differences(prepared: Prepared, *, selection: bool = False) -> tuple[str, ...]:
    """A line for each starter suite of a frozen plan that is not as this llmxray has it, and for the file's prompts.

    A suite may have been mended since the recording, or have grown; or somebody changed the plan, and with it scores.

    Args:
        selection: also where other questions of a suite are asked than the file selects today, as happens to honest
            recordings whenever a suite grows.
    """
    if not prepared.frozen:
        return ()
    found = (
        (
            ref.id,
            f"the {ref.suite} of this llmxray",
            list(_differing(ref, prepared.plan.suites[ref.id], selection)),
        )
        for ref in prepared.experiment.suites
        if ref.suite.startswith(_PREFIX) and ref.suite in suites.names()
    )
    lines = [
        f"{name}: {listed(differing)}, by {source}: scores are not those of that suite"
        for name, source, differing in found
        if differing
    ]
    return (*lines, *_expected_otherwise(prepared))


def _expected_otherwise(prepared: Prepared) -> Iterator[str]:
    """A line where prompts are scored against other answers than the file expects today."""
    planned = prepared.plan.suites.get(PROMPTS)
    items = {item.id: (item.answer, *item.accept) for item in planned.items} if planned else {}
    stated = {prompt.id: prompt.expected for prompt in prepared.experiment.prompts}
    changed = [
        name for name, answers in items.items() if tuple(filter(None, answers)) != tuple(stated.get(name, ()))
    ]
    if changed:
        yield f"prompts scored against the answers of the recording, not those of the file: {listed(changed)}"


def _differing(ref: SuiteRef, planned: PlannedSuite, selection: bool) -> Iterator[str]:
    # Compared with all of the suite: a suite that has grown selects other questions, or in another order.
    suite, selected = suites.load(SuiteRef(suite=ref.suite), Path()), suites.load(ref, Path())
    own = {item.id: item for item in suite.items}
    known = [(own[item.id], item) for item in planned.items if item.id in own]
    asked = len(planned.items) - len(known) + sum(_asked(mine) != _asked(found) for mine, found in known)
    keyed = sum(_right(mine) != _right(found) for mine, found in known)
    sorted_otherwise = sum(_category(mine) != _category(found) for mine, found in known)
    fewer = len(selected.items) - len(planned.items)
    others = len({found.id for _, found in known} - {item.id for item in selected.items})
    if planned.answer != selected.answer:
        yield f"answers are read as {planned.answer or 'the models say'}"
    if (planned.card.title, planned.card.licence) != (suite.card.title, suite.card.licence):
        yield f"titled {planned.card.title}, {planned.card.licence}"
    if asked:
        yield f"{plural(asked, 'question')} asked otherwise"
    if keyed:
        yield f"{plural(keyed, 'question')} with another right answer"
    if sorted_otherwise:
        yield f"{plural(sorted_otherwise, 'question')} in another category"
    if fewer > 0:
        yield f"{plural(fewer, 'question')} fewer than the file asks for"
    if selection and others:
        yield f"{plural(others, 'question')} that the file does not select"


def _asked(item: Item) -> tuple[object, ...]:
    return item.question, item.choices, item.tools


def _category(item: Item) -> tuple[object, ...]:
    return item.category, item.subcategory, item.skill


def _right(item: Item) -> tuple[object, ...]:
    return item.answer_text, item.accept
