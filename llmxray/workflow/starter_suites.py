"""Whether the questions of a frozen plan are those of the starter suites that it names, which every llmxray has.

The questions of other suites, and what is right in them, are believed: their rows are not at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.plan import PlannedSuite
from llmxray.report.numbers import listed, plural
from llmxray.types import Item
from llmxray.workflow.preparation import Prepared

_PREFIX = "starter/"


def suite_differences(prepared: Prepared) -> tuple[str, ...]:
    """A line for each starter suite of a frozen plan that is not as this llmxray has it.

    A suite may have been mended since the recording, or have grown; or somebody changed the plan, and with it scores.
    """
    if not prepared.frozen:
        return ()
    return tuple(
        f"{ref.id}: {listed(differing)}, by the {ref.suite} of this llmxray: scores are not those of that suite"
        for ref in prepared.experiment.suites
        if ref.suite.startswith(_PREFIX) and ref.suite in suites.names()
        if (differing := list(_differing(ref, prepared.plan.suites[ref.id])))
    )


def _differing(ref: SuiteRef, planned: PlannedSuite) -> Iterator[str]:
    # Compared with all of the suite: a suite that has grown selects other questions, or in another order.
    suite, selected = suites.load(SuiteRef(suite=ref.suite), Path()), suites.load(ref, Path())
    own = {item.id: item for item in suite.items}
    known = [(own[item.id], item) for item in planned.items if item.id in own]
    asked = len(planned.items) - len(known) + sum(_asked(mine) != _asked(found) for mine, found in known)
    keyed = sum(_right(mine) != _right(found) for mine, found in known)
    fewer = len(selected.items) - len(planned.items)
    if planned.answer != selected.answer:
        yield f"answers are read as {planned.answer or 'the models say'}"
    if asked:
        yield f"{plural(asked, 'question')} asked otherwise"
    if keyed:
        yield f"{plural(keyed, 'question')} with another right answer"
    if fewer > 0:
        yield f"{plural(fewer, 'question')} fewer than the file asks for"


def _asked(item: Item) -> tuple[object, ...]:
    return item.question, item.choices, item.tools


def _right(item: Item) -> tuple[object, ...]:
    return item.answer_text, item.accept
