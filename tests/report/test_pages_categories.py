"""Strong and weak: families of conditions are adjusted together."""

from __future__ import annotations

import json
from dataclasses import replace

import hand_made
import pytest
from designs import FIRST, SECOND, paraphrases, two_suites
from scipy import stats

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.numbers import NBSP
from llmxray.report.pages import categories
from llmxray.report.pages.categories import profiles as category_profile
from llmxray.report.pages.categories import unevenness
from llmxray.report.widgets.heatmap import heatmap
from llmxray.report.wording import labels


def skilled(folder, outcomes):
    """Questions that are recall and reasoning in turn."""
    data = hand_made.data(folder, outcomes)
    plan = data.results.plan
    suite = plan.suites[hand_made.SUITE]
    items = tuple(replace(item, skill=("recall", "reasoning")[n % 2]) for n, item in enumerate(suite.items))
    plan = replace(plan, suites={hand_made.SUITE: replace(suite, items=items)})
    return Analysis(
        ExperimentData(
            experiment=data.experiment, results=replace(data.results, plan=plan), cassette=data.cassette
        )
    )


def test_recall_against_reasoning_is_adjusted_over_the_conditions(tmp_path):
    """Nine of ten against three of ten is significant alone (p = .02, as by Fisher), and not as one of three."""
    marks = "++" * 3 + "+-" * 6 + "--"
    (alone,) = unevenness.skills(skilled(tmp_path / "a", {"a": marks})).lines
    three = unevenness.skills(skilled(tmp_path / "b", {"a": marks, "b": "++" * 10, "c": "--" * 10}))
    p = stats.fisher_exact([[9, 1], [3, 7]]).pvalue
    assert p < 0.05 < 3 * p
    assert "recall" == alone.cells[3].text
    line = next(each for each in three.lines if each.head == "a")
    assert "inconclusive" == line.cells[3].text
    assert pytest.approx(3 * p, abs=0.01) == float(line.cells[3].small.replace(NBSP, "").removeprefix("p="))


@pytest.mark.parametrize(
    ("marks", "names", "lede"),
    [
        ("+-", ("all",), "a answers 50% right; there is one category only."),
        ("+-", ("x", "y"), "a answers 50% right; fewer than two of 2 categories have 10 questions or more."),
        ("+-", ("",), "a answers 50% right; the questions are in no categories."),
        ("!!", ("x", "y"), "No trial has a whole reply, so no category has an accuracy."),
        (
            "+" * 20,
            ("x", "y"),
            "a answers 100% right in every one of 2 categories with 10 questions or more.",
        ),
    ],
)
def test_the_lede_says_why_nothing_ranges(tmp_path, marks, names, lede):
    """One category, too few questions, none at all, no reply, or no difference."""
    assert lede == categories.make(Analysis(hand_made.data(tmp_path, {"a": marks}, categories=names))).lede


def test_categories_of_one_name_have_a_spoke_each(tmp_path):
    """Paraphrases share their categories: physics of the one suite is not physics of the other."""
    first, second = (
        tuple(replace(item, category=("law", "physics")[place % 2]) for place, item in enumerate(items))
        for items in (FIRST, SECOND)
    )
    part = category_profile.profile(Analysis(paraphrases(tmp_path, items=(first, second))))
    assert part is not None
    (offered,) = part.groups
    axes = [each["title"] for each in json.loads(part.data)["axes"]]
    names = [axes[place] for place in offered[1]]
    assert ("all categories", 4) == (offered[0], len(set(names)))
    assert names[0].startswith("law · ")


def test_a_category_that_another_suite_is_named_after_has_its_suite(tmp_path):
    """Science of the misconceptions is not the suite School science."""
    analysis = two_suites(tmp_path, [(8, 2)])
    label = analysis.label_of_suite
    analysis.label_of_suite = lambda suite: "School science" if suite == "starter/arc" else label(suite)
    assert "science (starter/mmlu-pro)" == labels.of_category(analysis, "starter/mmlu-pro", "science")
    assert "law" == labels.of_category(analysis, "starter/mmlu-pro", "law")


def test_a_range_is_that_of_one_suite(tmp_path):
    """Eight of ten right in each category of one suite, two of ten in the other: the suite makes the difference."""
    assert (
        "In starter/arc, a answers 80% right in every one of 2 categories with 10 questions or more."
        == categories.make(two_suites(tmp_path, [(8, 2)])).lede
    )


def test_a_condition_at_guessing_has_no_best_category(tmp_path):
    """One line says so; the other has ties, and they are said."""
    names = tuple("stuvwxyz")
    marks = {"a": "++++----" * 10, "b": "+---" * 20}
    table = unevenness.extremes(Analysis(hand_made.data(tmp_path, marks, categories=names)))
    assert ["a"] == [line.head for line in table.lines]
    assert table.caption.startswith("b: not shown to be above guessing, so no best and no worst. ")
    third, worst = table.lines[0].cells[2], table.lines[0].cells[5]
    assert third.small.endswith("; 1 other as well")
    assert worst.small.endswith("; 1 other as well")
    alone = {"b": marks["b"]}
    assert unevenness.extremes(Analysis(hand_made.data(tmp_path / "b", alone, categories=names))) is None


def test_a_spike_is_more_than_chance_within_a_suite(tmp_path):
    """All right in one category and none in the other; and half of both."""
    for name, marks, word in (("spiky", "+-" * 20, "spiky"), ("level", "++--" * 10, "inconclusive")):
        data = hand_made.data(tmp_path / name, {"a": marks}, categories=("x", "y"))
        (line,) = unevenness.shapes(Analysis(data)).lines
        assert word == line.cells[0].text
    single = hand_made.data(tmp_path / "single", {"a": "+-"}, categories=("x",))
    assert unevenness.shapes(Analysis(single)) is None


def test_subjects_of_no_group_have_no_column(tmp_path, monkeypatch):
    """Business is in none."""
    monkeypatch.setattr(hand_made, "SUITE", "starter/mmlu-pro")
    data = hand_made.data(tmp_path, {"a": "+-" * 15}, categories=("physics", "law", "business"))
    table = unevenness.subjects(Analysis(data))
    assert ["STEM", "humanities", "STEM − humanities"] == [column.text for column in table.columns[1:4]]


def test_a_prediction_that_held_where_a_cell_shows_no_lead_is_explained(tmp_path):
    """Half of 20 beats guessing as the one prediction, and not as one of three totals; nothing clashes without."""
    claim = {"claim": "a beats guessing.", "metric": "accuracy", "of": "a", "above": "chance"}
    more = {"categories": ("w", "x", "y", "z")}

    def found(name, outcomes, **given):
        return categories.make(Analysis(hand_made.data(tmp_path / name, outcomes, **more, **given))).heatmap

    guesses = "+" * 5 + "-" * 15
    half, none = {"a": "+" * 10 + "-" * 10, "b": guesses, "c": guesses}, {"a": guesses}
    assert (True, True) == ((page := found("held", half, predictions=(claim,))).any_guessing, page.stricter)
    assert not found("unpredicted", half).stricter
    assert not found("open", none, predictions=(claim,)).stricter


def test_suites_are_a_family_apart_from_their_categories(tmp_path):
    """27 of 64 is above guessing; none of the eight categories is."""
    marks = {"a": ("+" + "-" * 7) + "++-" * 13 + "-" * 17}
    made = heatmap(Analysis(hand_made.data(tmp_path, marks, categories=tuple("abcdefgh"))))
    ((total, *rest),) = ([row.cells[0] for row in group.rows] for group in made.groups)
    assert "42%" == total.text
    assert total.title.endswith("against guessing (25%) p\u00a0=\u00a00.004")
    assert not total.guessing
    assert all(cell.guessing for cell in rest)
    assert rest[0].title.endswith("Holm over 8 cells")


def test_groups_of_unlike_suites_are_not_told_apart(tmp_path):
    """All of an easy suite recalls and all of a hard one reasons: there is nothing to shuffle within a suite."""
    analysis = two_suites(tmp_path, [(9, 1)])
    first = next(iter(analysis.plan.suites))
    for kind_of, dashes in (
        (lambda key, _: key[0] == first, ("—", "—")),
        (lambda _, place: place % 2, ("−20.0", "inconclusive")),
    ):
        analysis.items = {
            key: replace(item, skill="recall" if kind_of(key, place) else "reasoning")
            for place, (key, item) in enumerate(analysis.items.items())
        }
        table = unevenness.skills(analysis)
        assert dashes == tuple(cell.text for cell in table.lines[0].cells[2:])
        assert ("cannot be separated from their suites" in table.caption) == ("—" in dashes)


def test_no_end_in_a_title_is_printed_as_guessing(tmp_path):
    """A third of 100 is from 24.6% on, which as 25% would be what guessing gets."""
    made = Analysis(hand_made.data(tmp_path, {"a": "+" * 33 + "-" * 67}))
    ((cell,),) = (row.cells for group in heatmap(made).groups for row in group.rows)
    assert cell.title.startswith("95% 24.6% to 42.7%; against guessing (25%)")
