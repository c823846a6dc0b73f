"""A plan whose starter suites are not those of this llmxray is told of: its scores are not those of the suites."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from llmxray import plan as plans
from llmxray import suites, workflow
from llmxray.cassette import freeze
from llmxray.cli.commands import main
from llmxray.experiment import SuiteRef, parse
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


def lines(prepared: Prepared, *, selection: bool = False) -> list[str]:
    """What is told of a plan."""
    found = workflow.suite_differences(prepared.experiment, prepared.plan, selection=selection)
    return list(map(str, found))


def _of(items: Sequence[Item], category: str) -> list[Item]:
    return [item for item in items if item.category == category]


def ended(*command: str) -> object:
    """The exit code."""
    with pytest.raises(SystemExit) as end:
        main([*command])
    return end.value.code


def test_another_question_or_right_answer_is_told(prepared: Prepared) -> None:
    """How many there are of each."""
    first, second, third, *others = prepared.plan.suites[NAME].items
    wrong = "B" if first.answer == "A" else "A"
    items = [replace(first, answer=wrong), replace(second, question="Which?"), *others]
    (line,) = lines(with_items(prepared, items, answer="text"))
    assert line == (
        f"{NAME}: answers are read as text, 1 question asked otherwise, 1 question with another right answer and "
        f"1 question fewer than the file asks for, by the {NAME} of this llmxray: scores are not those of that suite"
    )
    assert [] == lines(with_items(prepared, [third, first, second, *others]))


def test_other_categories_titles_and_selections_are_told(prepared: Prepared) -> None:
    """Selections to whoever reproduces: a suite that has grown gives others, so honest recordings have some."""
    first, *others = prepared.plan.suites[NAME].items
    (line,) = lines(with_items(prepared, [replace(first, category="law"), *others]))
    assert "1 question in another category, by" in line
    card = replace(prepared.plan.suites[NAME].card, title="ARC, official")
    (line,) = lines(with_items(prepared, [first, *others], card=card))
    assert "titled ARC, official, CC BY 4.0, by" in line
    every = suites.load(SuiteRef(suite=NAME), Path()).items
    picked = [item for name in {item.category: 0 for item in every} for item in _of(every, name)[-15:]]
    assert not lines(with_items(prepared, picked))
    (line,) = lines(with_items(prepared, picked), selection=True)
    assert line.endswith("that the file does not select today: the suite grew, or they were picked")


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("categories: [biology]", "questions of 1 category that the file does not ask for"),
        ("limit: 3", "4 questions where the file asks for at most 3"),
        ("sample: {n: 2, seed: 1}", "4 questions where the file asks for at most 2"),
        ("sample: {n: 4, seed: 1}", ""),
        ("per_category: 1", "more than 1 question of a category"),
        ("per_category: 2", ""),
    ],
)
def test_a_selection_is_checked_without_its_rows(tmp_path: Path, selection: str, said: str) -> None:
    """Of a suite of one's own: the file says how many are left at most, and of which categories."""
    rows = [
        {"id": f"{n}", "question": f"q{n}?", "choices": ["a", "b"], "answer": "A", "category": category}
        for n, category in enumerate(["physics", "physics", "biology", "biology"])
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    text = (
        "experiment: e\nkind: benchmark\nendpoints: {tiny: {preset: local}}\n"
        "models: [{id: m, endpoint: tiny, model: m}]\nsuites: [{suite: own, source: {file: own.jsonl}%s}]\n"
    )
    whole = parse(text % "")
    plan = plans.build(whole, [suites.load(ref, tmp_path) for ref in whole.suites])
    found = list(map(str, workflow.suite_differences(parse(text % f", {selection}"), plan)))
    assert bool(said) == len(found)
    assert all(line.startswith(f"own: {said}") for line in found)


def test_a_category_that_was_renamed_loses_no_recording(prepared: Prepared) -> None:
    """The file selects one that today's suite does not have."""
    (ref,) = prepared.experiment.suites
    experiment = prepared.experiment.model_copy(
        update={"suites": (ref.model_copy(update={"categories": ("alchemy", "physics")}),)}
    )
    items = [item for item in prepared.plan.suites[NAME].items if item.category == "physics"]
    found = replace(with_items(prepared, items), experiment=experiment)
    (line,) = lines(found)
    assert line.startswith(
        f"{NAME}: the file selects what this llmxray does not have: {NAME} has no category 'alch"
    )
    assert [False] == [each.scores for each in workflow.suite_differences(experiment, found.plan)]


def test_a_starter_suite_that_nobody_has_is_told(prepared: Prepared) -> None:
    """Nothing of it can be compared."""
    (ref,) = prepared.experiment.suites
    other = ref.model_copy(update={"suite": "starter/arc-hard"})
    found = prepared.experiment.model_copy(update={"suites": (other,)})
    named, line = map(str, workflow.suite_differences(found, prepared.plan))
    assert "starter/arc: the name of a suite, and this is starter/arc-hard" == named
    assert line == f"{NAME}: this llmxray has no such suite as starter/arc-hard: nothing of it was compared"


def test_a_plan_that_contradicts_its_requests_is_a_fault(
    prepared: Prepared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With hashes that fit: `cassette verify` reads the plan as `report` does, and two of them are not merged."""
    honest = plans.freeze(prepared.plan, prepared.source)
    header, first, *others = honest.plan
    order = [*first[4][1:], first[4][0]]
    changed = replace(honest, plan=(header, [*first[:4], order, *first[5:]], *others))
    for name, frozen, code in (("honest", honest, 0), ("changed", changed, 1)):
        sources = [str(tmp_path / f"{name}-{number}") for number in "12"]
        for source in sources:
            freeze(Path(source), "position-bias", frozen, software={})
        assert code == ended("cassette", "verify", sources[0])
        assert ("the frozen plan cannot be read" in capsys.readouterr().out) is bool(code)
        assert code == ended("cassette", "merge", *sources, "-o", str(tmp_path / name))
        assert (code == 0) == (tmp_path / name).exists()
