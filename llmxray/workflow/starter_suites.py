"""Whether the questions of a frozen plan are those of the starter suites that it names, which every llmxray has.

The questions of other suites, and what is right in them, are believed: their rows are not at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.plan import PROMPTS, PlannedSuite
from llmxray.report.numbers import listed, plural
from llmxray.suites import Suite
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
    lines = list[str]()
    for ref in prepared.experiment.suites:
        if not ref.suite.startswith(_PREFIX) or ref.suite not in suites.names():
            continue
        planned, selected = prepared.plan.suites[ref.id], suites.load(ref, Path())
        # Compared with all of the suite: one that has grown selects other questions, or in another order.
        whole = suites.load(SuiteRef(suite=ref.suite), Path())
        if differing := list(_differing(planned, selected, whole)):
            known = f"{listed(differing)}, by the {ref.suite} of this llmxray"
            lines.append(f"{ref.id}: {known}: scores are not those of that suite")
        elif selection and (others := len(_ids(planned.items) - _ids(selected.items))):
            questions = plural(others, "question")
            lines.append(
                f"{ref.id}: {questions} that the file does not select today: the suite grew, or they were picked"
            )
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


def _differing(planned: PlannedSuite, selected: Suite, whole: Suite) -> Iterator[str]:
    own = {item.id: item for item in whole.items}
    known = [(own[item.id], item) for item in planned.items if item.id in own]
    asked = len(planned.items) - len(known) + sum(_asked(mine) != _asked(found) for mine, found in known)
    keyed = sum(_right(mine) != _right(found) for mine, found in known)
    sorted_otherwise = sum(_category(mine) != _category(found) for mine, found in known)
    fewer = len(selected.items) - len(planned.items)
    if planned.answer != selected.answer:
        yield f"answers are read as {planned.answer or 'the models say'}"
    if (planned.card.title, planned.card.licence) != (whole.card.title, whole.card.licence):
        yield f"titled {planned.card.title}, {planned.card.licence}"
    if asked:
        yield f"{plural(asked, 'question')} asked otherwise"
    if keyed:
        yield f"{plural(keyed, 'question')} with another right answer"
    if sorted_otherwise:
        yield f"{plural(sorted_otherwise, 'question')} in another category"
    if fewer > 0:
        yield f"{plural(fewer, 'question')} fewer than the file asks for"


def _ids(items: Iterable[Item]) -> set[str]:
    return {item.id for item in items}


def _asked(item: Item) -> tuple[object, ...]:
    return item.question, item.choices, item.tools


def _category(item: Item) -> tuple[object, ...]:
    return item.category, item.subcategory, item.skill


def _right(item: Item) -> tuple[object, ...]:
    return item.answer_text, item.accept
