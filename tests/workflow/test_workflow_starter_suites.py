"""A plan whose starter suites are not those of this llmxray is told of: its scores are not those of the suites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llmxray import cassette as cassettes
from llmxray import plan as plans
from llmxray import suites, workflow
from llmxray.cassette import freeze
from llmxray.cli.app import main
from llmxray.experiment import SuiteRef
from llmxray.plan import PlannedSuite
from llmxray.types import Item
from llmxray.workflow import Prepared, Workspace

NAME = "starter/arc"


@pytest.fixture(scope="module")
def prepared(root: Path) -> Prepared:
    """A shipped experiment with its frozen plan."""
    where = Workspace(root / "cassettes", root / "experiments")
    return workflow.prepare(where.find("position-bias"), where)


def with_items(prepared: Prepared, items: list[Item], **changes: object) -> Prepared:
    """The plan with other questions."""
    planned: PlannedSuite = replace(prepared.plan.suites[NAME], items=tuple(items), **changes)  # type: ignore[arg-type]
    return replace(prepared, plan=replace(prepared.plan, suites={**prepared.plan.suites, NAME: planned}))


def verified(cassette: Path) -> object:
    """The exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["cassette", "verify", str(cassette)])
    return ended.value.code


def test_what_ships_is_asked_as_its_suites_are(root: Path) -> None:
    """Every shipped recording."""
    where = Workspace(root / "cassettes", root / "experiments")
    found = [workflow.prepare(path, where) for path in where.all()]
    assert [] == [line for each in found for line in workflow.suite_differences(each)]
    assert all(each.frozen for each in found)
    assert any(name.startswith("starter/") for each in found for name in each.plan.suites)


def test_another_question_or_right_answer_is_told(prepared: Prepared) -> None:
    """How many there are of each."""
    first, second, third, *others = prepared.plan.suites[NAME].items
    wrong = "B" if first.answer == "A" else "A"
    items = [replace(first, answer=wrong), replace(second, question="Which?"), *others]
    (line,) = workflow.suite_differences(with_items(prepared, items, answer="text"))
    assert line == (
        f"{NAME}: answers are read as text, 1 question asked otherwise, 1 question with another right answer and "
        f"1 question fewer than the file asks for, by the {NAME} of this llmxray: scores are not those of that suite"
    )
    assert () == workflow.suite_differences(with_items(prepared, [third, first, second, *others]))
    assert () == workflow.suite_differences(replace(with_items(prepared, items), frozen=False))


def test_other_categories_titles_and_selections_are_told(prepared: Prepared) -> None:
    """Selections to whoever reproduces: a suite that has grown gives others, so honest recordings have some."""
    first, *others = prepared.plan.suites[NAME].items
    (line,) = workflow.suite_differences(with_items(prepared, [replace(first, category="law"), *others]))
    assert "1 question in another category, by" in line
    card = replace(prepared.plan.suites[NAME].card, title="ARC, official")
    (line,) = workflow.suite_differences(with_items(prepared, [first, *others], card=card))
    assert "titled ARC, official, CC BY 4.0, by" in line
    every = suites.load(SuiteRef(suite=NAME), Path()).items
    assert not workflow.suite_differences(with_items(prepared, [*every[-60:]]))
    (line,) = workflow.suite_differences(with_items(prepared, [*every[-60:]]), selection=True)
    assert line.endswith("that the file does not select today: the suite grew, or they were picked")


def test_prompts_that_expect_something_else_are_told(root: Path) -> None:
    """The answers of the recording count."""
    where = Workspace(root / "cassettes", root / "experiments")
    found = workflow.prepare(where.find("deterministic-pair"), where)
    first, *others = found.plan.suites["prompts"].items
    changed = replace(found.plan.suites["prompts"], items=(replace(first, answer="else"), *others))
    plan = replace(found.plan, suites={**found.plan.suites, "prompts": changed})
    (line,) = workflow.suite_differences(replace(found, plan=plan))
    assert line.endswith(f"not those of the file: {first.id}")


def test_a_plan_that_contradicts_its_requests_is_a_fault(
    prepared: Prepared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With hashes that fit: `cassette verify` reads the plan as `report` does."""
    honest = plans.freeze(prepared.plan, prepared.source)
    freeze(tmp_path / "honest", "position-bias", honest, software={})
    assert 0 == verified(tmp_path / "honest")
    header, first, *others = honest.plan
    order = [*first[4][1:], first[4][0]]
    changed = replace(honest, plan=(header, [*first[:4], order, *first[5:]], *others))
    freeze(tmp_path / "changed", "position-bias", changed, software={})
    assert [] == cassettes.verify(tmp_path / "changed")
    capsys.readouterr()
    assert 1 == verified(tmp_path / "changed")
    captured = capsys.readouterr()
    assert "the frozen plan cannot be read" in captured.out
    assert captured.err.count("\n") == 1
