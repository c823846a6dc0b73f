"""Strong and weak: families of conditions are adjusted together."""

from __future__ import annotations

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
from llmxray.types import Estimate


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
    """Nine of ten against three of ten is significant alone (Fisher p = .02), and not as one of three."""
    marks = "++" * 3 + "+-" * 6 + "--"
    (alone,) = unevenness.skills(skilled(tmp_path / "a", {"a": marks})).lines
    three = unevenness.skills(skilled(tmp_path / "b", {"a": marks, "b": "++" * 10, "c": "--" * 10}))
    p = stats.fisher_exact([[9, 1], [3, 7]]).pvalue
    assert p < 0.05 < 3 * p
    assert "recall" == alone.cells[3].text
    line = next(each for each in three.lines if each.head == "a")
    assert "inconclusive" == line.cells[3].text
    assert pytest.approx(3 * p, abs=0.001) == float(line.cells[3].small.replace(NBSP, "").removeprefix("p="))


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
    names = [part.axes[place] for place in offered[1]]
    assert ("all categories", 4) == (offered[0], len(set(names)))
    assert names[0].startswith("law · ")


def test_a_category_that_another_suite_is_named_after_has_its_suite(tmp_path):
    """Science of the misconceptions is not the suite School science."""
    analysis = two_suites(tmp_path, [(8, 2)])
    label = analysis.label_of_suite
    analysis.label_of_suite = lambda suite: "School science" if suite == "starter/arc" else label(suite)
    assert "science (starter/mmlu-pro)" == labels.of_category(analysis, "starter/mmlu-pro", "science")
    assert "law" == labels.of_category(analysis, "starter/mmlu-pro", "law")


def test_suites_that_differ_are_told_from_categories_that_do_not(tmp_path):
    """Eight of ten right in each category of one suite, two of ten in the other: the suite makes the difference."""
    page = categories.make(two_suites(tmp_path, [(8, 2)]))
    lede = page.lede.replace(NBSP, " ")
    assert "ranges from 20% in biology (starter/mmlu-pro) to 80% in physics (starter/arc)" in lede
    assert "The lowest is of 10 questions with 4 options, the highest of 10 questions with 4 options." in lede
    assert (
        "Its suites differ clearly (p < 0.001); but categories of the same suite do not differ clearly "
        "(p > 0.99)." in lede
    )


def test_uneven_suites_are_said_where_single_categories_are_not(tmp_path):
    """Nine of ten against one of ten; a spread over suites that leaves out 0 beside one that does not."""
    page = categories.make(two_suites(tmp_path, [(9, 1)]))
    assert "Suites differ in how hard they are, and in what guessing gets" not in page.tables[1][2].caption
    suites, single = Estimate(0.13, 0.07, 0.17), Estimate(0.07, 0.0, 0.13)
    assert "uneven over suites" == unevenness._word(suites, single)
    assert ["specialist", "inconclusive"] == [
        unevenness._word(single, suites),
        unevenness._word(single, single),
    ]


def test_a_prediction_that_held_where_a_cell_shows_no_lead_is_explained(tmp_path):
    """Half of 20 right beats guessing as the one prediction, and not as one of five cells; nothing clashes without."""
    claim = {"claim": "a beats guessing.", "metric": "accuracy", "of": "a", "above": "chance"}
    more = {"categories": ("w", "x", "y", "z")}

    def found(name, outcomes, **given):
        return categories.make(Analysis(hand_made.data(tmp_path / name, outcomes, **more, **given))).heatmap

    half, none = {"a": "+" * 10 + "-" * 10}, {"a": "+" * 5 + "-" * 15}
    assert (True, True) == ((page := found("held", half, predictions=(claim,))).any_guessing, page.stricter)
    assert not found("unpredicted", half).stricter
    assert not found("open", none, predictions=(claim,)).stricter


def test_no_end_in_a_title_is_printed_as_guessing(tmp_path):
    """A third of 100 is from 24.6% on, which as 25% would be what guessing gets."""
    made = Analysis(hand_made.data(tmp_path, {"a": "+" * 33 + "-" * 67}))
    ((cell,),) = (row.cells for group in heatmap(made).groups for row in group.rows)
    assert cell.title.startswith("95% 24.6% to 42.7%; against guessing (25%)")
