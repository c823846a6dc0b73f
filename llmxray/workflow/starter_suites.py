"""Whether the questions of a frozen plan are those of the starter suites that it names, which every llmxray has.

The questions of other suites, and what is right in them, are believed: their rows are not at hand. How many were
selected, and from which categories, is known without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from math import isclose
from pathlib import Path

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import Experiment, SuiteRef
from llmxray.experiment.suite import STARTER
from llmxray.plan import PROMPTS, Plan, PlannedSuite
from llmxray.plan.model import SuiteDifference
from llmxray.report.numbers import listed, plural
from llmxray.suites import Suite
from llmxray.suites.base import chance
from llmxray.suites.selection import QUICK_HALF_WIDTH, quick_items
from llmxray.suites.starter import EARLIER_WORDINGS
from llmxray.types import Item, SuiteCard

# The name is that of the entry in the experiment file. Title, licence and chance are compared by themselves.
_NOT_COMPARED = frozenset({"name", "title", "licence", "chance"})
# Each page has these lines, and what they name may be a stranger's.
_MOST_NAMED, _LONGEST_SHOWN = 10, 100


def suite_differences(
    experiment: Experiment, plan: Plan, *, selection: bool = False
) -> tuple[SuiteDifference, ...]:
    """What a frozen plan has otherwise than the starter suites of this llmxray, than the file selects or expects.

    A suite may have been mended since the recording, or have grown; or somebody changed the plan, and with it scores.

    Args:
        selection: also where other questions of a suite are asked than the file selects today, as happens to honest
            recordings whenever a suite grows.
    """
    found = list[SuiteDifference]()
    for ref in experiment.suites:
        planned = plan.suites[ref.id]
        if ref.id != ref.suite and ref.id in suites.names():
            found.append(SuiteDifference(f"{ref.id}: the name of a suite, and this is {ref.suite}"))
        if beyond := list(_beyond(planned.items, ref)):
            said = f"{ref.id}: {listed(beyond)}: scores are not those of the questions that the file selects"
            found.append(SuiteDifference(said))
        if ref.suite.startswith(STARTER):
            found += _of_starter(ref, planned, selection=selection)
    return (*found, *_expected_otherwise(experiment, plan))


def _beyond(items: tuple[Item, ...], ref: SuiteRef) -> Iterator[str]:
    """What no selection of the file can have left, whatever the rows are."""
    quick = ref.quick and quick_items(QUICK_HALF_WIDTH if ref.quick is True else ref.quick)
    bounds = (ref.limit, ref.sample and ref.sample.n, quick)
    most = min((int(bound) for bound in bounds if bound), default=len(items))
    if len(items) > most:
        yield f"{plural(len(items), 'question')} where the file asks for at most {most:,}"
    counts = Counter(item.category for item in items)
    if ref.categories is not None and (others := [name for name in counts if name not in ref.categories]):
        yield f"questions of {plural(len(others), 'category', 'categories')} that the file does not ask for"
    if ref.per_category is not None and max(counts.values(), default=0) > ref.per_category:
        yield f"more than {plural(ref.per_category, 'question')} of a category"


def _of_starter(ref: SuiteRef, planned: PlannedSuite, *, selection: bool) -> Iterator[SuiteDifference]:
    if ref.suite not in suites.names():
        yield SuiteDifference(
            f"{ref.id}: this llmxray has no such suite as {ref.suite}: nothing of it was compared"
        )
        return
    # Compared with all of the suite: one that has grown selects other questions, or in another order.
    whole = suites.load(SuiteRef(suite=ref.suite, answer=ref.answer), Path())
    try:
        selected = suites.load(ref, Path())
    except SuiteError as error:
        # An honest recording, where a category was renamed since.
        yield SuiteDifference(
            f"{ref.id}: the file selects what this llmxray does not have: {error}", scores=False
        )
        selected = None
    by = f"by the {ref.suite} of this llmxray"
    if differing := list(_scored_otherwise(planned, selected, whole)):
        yield SuiteDifference(f"{ref.id}: {listed(differing)}, {by}: scores are not those of that suite")
    if described := list(_described_otherwise(planned, whole)):
        yield SuiteDifference(f"{ref.id}: {listed(described)}, {by}", scores=False)
    if selection and selected and not differing:
        others = len(_ids(planned.items) - _ids(selected.items))
        if others:
            questions = plural(others, "question")
            said = f"{ref.id}: {questions} that the file does not select today: the suite grew, or they were picked"
            yield SuiteDifference(said, scores=False)


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


def _scored_otherwise(planned: PlannedSuite, selected: Suite | None, whole: Suite) -> Iterator[str]:
    known = _known(planned, whole)
    asked = len(planned.items) - len(known) + sum(_asked(mine) != _asked(found) for mine, found in known)
    keyed = sum(_right(mine) != _right(found) for mine, found in known)
    fewer = len(selected.items) - len(planned.items) if selected else 0
    if planned.answer != whole.answer:
        yield f"answers are read as {planned.answer or 'the models say'}"
    if asked:
        yield f"{plural(asked, 'question')} asked otherwise"
    if keyed:
        yield f"{plural(keyed, 'question')} with another right answer"
    if fewer > 0:
        yield f"{plural(fewer, 'question')} fewer than the file asks for"
    # Without a chance, answers are open: nothing is guessed among.
    guessed = None if whole.card.chance is None else chance(planned.items)
    stated = planned.card.chance
    if (guessed is None) != (stated is None) or not isclose(guessed or 0.0, stated or 0.0):
        yield f"guessing said to be right in {'no known share' if stated is None else f'{stated:.1%}'}"


def _described_otherwise(planned: PlannedSuite, whole: Suite) -> Iterator[str]:
    known = _known(planned, whole)
    sorted_otherwise = sum(_category(mine) != _category(found) for mine, found in known)
    harder = sum(mine.difficulty != found.difficulty for mine, found in known)
    stated, card = planned.card, whole.card
    if (stated.title, stated.licence) != (card.title, card.licence):
        yield f"titled {stated.title[:_LONGEST_SHOWN]}, {stated.licence[:_LONGEST_SHOWN]}"
    others = [
        field.name
        for field in fields(SuiteCard)
        if field.name not in _NOT_COMPARED
        and getattr(stated, field.name) not in {getattr(card, field.name), *EARLIER_WORDINGS}
        # It was not always there.
        and (field.name != "example" or stated.example)
    ]
    if planned.n_faults > len(whole.faults) or not {*planned.faults} <= {*map(str, whole.faults)}:
        yield "other faults in its data"
    if others:
        yield f"another {listed([name.replace('_', ' ') for name in others])} on its card"
    if sorted_otherwise:
        yield f"{plural(sorted_otherwise, 'question')} in another category"
    if harder:
        yield f"{plural(harder, 'question')} of another difficulty"


def _known(planned: PlannedSuite, whole: Suite) -> list[tuple[Item, Item]]:
    """The questions that the suite has today too: as it has them, and as planned."""
    own = {item.id: item for item in whole.items}
    return [(own[item.id], item) for item in planned.items if item.id in own]


def _ids(items: Iterable[Item]) -> set[str]:
    return {item.id for item in items}


def _asked(item: Item) -> tuple[object, ...]:
    return item.question, item.choices, item.tools


def _category(item: Item) -> tuple[object, ...]:
    return item.category, item.subcategory, item.skill


def _right(item: Item) -> tuple[object, ...]:
    return item.answer_text, item.accept
