"""A plan whose starter suites are not those of this llmxray is told of: its scores are not those of the suites."""

from dataclasses import replace
from pathlib import Path

import pytest

from llmxray import plan as plans
from llmxray import workflow
from llmxray.cassette import write_plan
from llmxray.plan import PlannedSuite
from llmxray.types import Item
from llmxray.workflow import Prepared, Workspace
from tests.commands import llmxray

NAME = "starter/arc"


@pytest.fixture(scope="module")
def prepared(root):
    """A shipped experiment with its frozen plan."""
    where = Workspace(root / "cassettes", root / "experiments")
    return workflow.prepare(where.find("position-bias"), where)


def with_items(prepared: Prepared, items: list[Item], **changes: object) -> Prepared:
    """The plan with other questions."""
    planned: PlannedSuite = replace(prepared.plan.suites[NAME], items=tuple(items), **changes)  # type: ignore[arg-type]
    return replace(prepared, plan=replace(prepared.plan, suites={**prepared.plan.suites, NAME: planned}))


def lines(prepared: Prepared) -> list[str]:
    """What is told of a plan."""
    return list(map(str, workflow.suite_differences(prepared.experiment, prepared.plan)))


def test_another_question_or_right_answer_is_told(prepared):
    """How many there are of each."""
    first, second, third, *others = prepared.plan.suites[NAME].items
    wrong = "B" if first.answer == "A" else "A"
    items = [replace(first, answer=wrong), replace(second, question="Which?"), *others]
    (line,) = lines(with_items(prepared, items, answer="text"))
    assert line == (
        f"{NAME}: answers are read as text, 1 question asked otherwise and 1 question with another right answer, "
        f"by the {NAME} of this llmxray: scores are not those of that suite"
    )
    assert [] == lines(with_items(prepared, [third, first, second, *others]))


def test_other_categories_are_told(prepared):
    """No score depends on them."""
    first, *others = prepared.plan.suites[NAME].items
    (line,) = lines(with_items(prepared, [replace(first, category="law"), *others]))
    assert "1 question in another category, by" in line


def test_a_starter_suite_that_nobody_has_is_told(prepared):
    """Nothing of it can be compared."""
    (ref,) = prepared.experiment.suites
    other = ref.model_copy(update={"suite": "starter/arc-hard"})
    found = prepared.experiment.model_copy(update={"suites": (other,)})
    (line,) = map(str, workflow.suite_differences(found, prepared.plan))
    assert line == f"{NAME}: this llmxray has no such suite as starter/arc-hard: nothing of it was compared"


def test_a_plan_that_contradicts_its_requests_is_a_fault(prepared, tmp_path):
    """With hashes that fit: `cassette verify` reads the plan as `report` does, and two of them are not merged."""
    honest = plans.freeze(prepared.plan, prepared.source)
    header, first, *others = honest.plan
    order = [*first[4][1:], first[4][0]]
    changed = replace(honest, plan=(header, [*first[:4], order, *first[5:]], *others))
    for name, frozen, code in (("honest", honest, 0), ("changed", changed, 1)):
        sources = [str(tmp_path / f"{name}-{number}") for number in "12"]
        for source in sources:
            write_plan(Path(source), "position-bias", frozen, software={})
        done = llmxray("cassette", "verify", sources[0], at=tmp_path)
        assert (code, bool(code)) == (done.returncode, "the frozen plan cannot be read" in done.stdout)
        assert code == llmxray("cassette", "merge", *sources, "-o", name, at=tmp_path).returncode
        assert (code == 0) == (tmp_path / name).exists()
