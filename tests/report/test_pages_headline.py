"""Headlines: each kind of experiment says and draws what it was made to find."""

from __future__ import annotations

from dataclasses import replace

import hand_made
from designs import paraphrases, rotated
from reading_data import comparison, words

from llmxray.report import build
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.similarity import similarity
from llmxray.report.pages import overview as experiment_index
from llmxray.report.pages.front import summary
from llmxray.report.wording.comparison import overview, seed_in_short, seeds, setting_or_chance
from llmxray.report.wording.headline import headline
from llmxray.types import Estimate


def sweep(folder, *, preset=None, samples=3) -> ExperimentData:
    """Cool repeats itself, hot shares little with itself and less with cool."""

    def tell(trial, sample):
        return (
            words("snow ", "falls ", "slowly")
            if trial.condition == "cool"
            else words("snow ", f"at {sample}")
        )

    data = comparison(folder, tell, samples=samples)
    return replace(data, experiment=data.experiment.model_copy(update={"preset": preset}))


def test_a_benchmark_ranks(tmp_path):
    """Accuracy by condition, best first."""
    found = headline(
        Analysis(hand_made.data(tmp_path, {"a": "+" * 9, "b": "-" * 9}, latency_s={"a": 0.4, "b": 0.2}))
    )
    assert found.ranked
    assert ["a", "b"] == [name for name, _, _ in found.rows]
    assert "a beats b by 100.0 points" in found.sentences[0]


def test_an_audit_of_places_opens_with_the_places(tmp_path):
    """Not with who is more accurate: each condition by the place of the right option."""
    analysis = Analysis(rotated(tmp_path))
    found = headline(analysis)
    assert "small is right in 100% where the right option is A" in found.sentences[0]
    assert [1.0, 0.0, 0.0, 0.0] == [each.value for _, each, _ in found.rows[0][2]]
    assert "robustness.html#position" == found.link.href
    page = experiment_index.make(analysis)
    assert page.picture is not None
    assert ["right is A", "right is B", "right is C", "right is D"] == [
        line.name for line in page.picture.groups[0].lines
    ]


def test_paraphrases_open_with_the_wordings(tmp_path):
    """Both accuracies of each condition on the same questions."""
    found = headline(Analysis(paraphrases(tmp_path)))
    assert "fewer right" in found.sentences[0]
    assert ["Tiny/Plain", "Tiny/Reworded"] == [name for name, _, _ in found.rows[0][2]]
    small = next(measures for name, _, measures in found.rows if name == "small")
    assert small[0][1].value > small[1][1].value


def test_a_comparison_opens_with_what_the_setting_changes(tmp_path):
    """Likeness within a setting beside likeness between settings, a row a prompt."""
    found = headline(Analysis(sweep(tmp_path / "many", samples=10)))
    assert "The setting clearly changes the answers to" in found.sentences[0]
    assert ["same setting", "different settings"] == [name for name, _, _ in found.rows[0][2]]
    inside, outside = (share for _, share, _ in found.rows[0][2])
    assert inside.value > outside.value


def test_many_prompts_are_counted(tmp_path):
    """Six prompts on which the setting tells, as one sentence; a row for each."""

    def tell(trial, sample):
        return (
            words("snow ", "falls ", "slowly")
            if trial.condition == "cool"
            else words("snow ", f"at {sample}")
        )

    prompts = [{"id": f"p{n}", "text": f"Write {n} words"} for n in range(6)]
    found = headline(Analysis(comparison(tmp_path, tell, prompts=prompts)))
    assert found.sentences[0].startswith(
        "The setting clearly changes the answers to 6 prompts, most for “Write"
    )
    assert 6 == len(found.rows)


def test_two_samples_are_not_said_to_show_nothing():
    """No interval is no finding: the headline says what the page of the comparison says."""
    two = similarity({"cool": ["snow falls", "snow fell"], "hot": ["rain falls", "hail fell"]}, "two")
    eight = similarity({each: [f"{each} day {n}" for n in range(8)] for each in ("cool", "hot")}, "eight")
    assert "With 2 samples there is no telling" in setting_or_chance(two)
    assert "There are too few samples to tell the setting from chance." == overview({"two": two}, {})
    mixed = overview({"eight": eight, "two": two}, {"eight": "Eight?"})
    assert mixed == (
        "The setting clearly changes the answers to 1 of 2 prompts, most for “Eight?”. For the others, the change may "
        "be chance."
    )
    assert "" == overview({"once": None}, {})


def test_a_gap_agrees_with_its_terms():
    """19% less 14% is not 4 points: the gap takes another digit where rounding parts it from what it stands beside."""
    effect = Estimate(0.044, 0.002, 0.08, 8)
    alike = replace(
        similarity({"cool": ["snow", "snow"], "hot": ["rain", "rain"]}, "x"),
        all_within=Estimate(0.187, n=8),
        all_between=Estimate(0.143, n=8),
        setting_effect=effect,
    )
    assert "share 19% of their words; two at different settings share 14%." in setting_or_chance(alike)
    assert "The gap of 4.4 points (95% +0.2 to +8.0) is what" in setting_or_chance(alike)


def test_what_varies_is_called_by_its_name():
    """Three models at one setting are no three settings."""
    alike = similarity({each: [f"{each} day {n}" for n in range(8)] for each in ("a", "b")}, "models")
    said = setting_or_chance(alike, "model")
    assert said.startswith("Two answers of the same model share 50% of their words")
    assert "is what the model adds to chance" in said
    assert "setting" not in said
    assert "The model clearly changes the answers to 1 prompt." == overview({"x": alike}, {}, "model")


def test_a_seed_that_makes_answers_differ_is_chance():
    """No seed does that."""
    less = replace(
        similarity({"cool": ["snow", "snow"], "hot": ["rain", "rain"]}, "x"),
        seed_effect=Estimate(-0.05, -0.09, -0.01, 8),
    )
    assert seeds(less).endswith("no seed does that, so it is probably chance.")


def test_one_seed_in_short_counts_the_prompts():
    """None, some, all of them."""
    alike = similarity({"cool": ["snow", "snow"], "hot": ["rain", "rain"]}, "x")
    more, none = (replace(alike, seed_effect=Estimate(0.2, low, 0.3, 8)) for low in (0.1, -0.1))
    said = "Using the same seed made the answers measurably more similar"
    assert (
        seed_in_short([none, none]) == "Using the same seed did not make the answers measurably more similar."
    )
    assert [seed_in_short(each) for each in ([more, none], [more])] == [
        f"{said} for 1 of 2 prompts.",
        f"{said}.",
    ]


def test_one_seed_opens_with_the_seed(tmp_path):
    """Sharing it makes nothing alike here: the texts do not depend on it."""
    found = headline(Analysis(sweep(tmp_path, preset="deterministic-pair")))
    assert "Using the same seed did not make the answers measurably more similar." == found.sentences[0]
    assert ["same seed", "other seeds"] == [name for name, _, _ in found.rows[0][2]]


def test_without_repeats_nothing_is_claimed(tmp_path):
    """One answer per setting, nothing scored: the front page says so and draws nothing."""
    data = sweep(tmp_path / "c", samples=1)
    found = headline(Analysis(data))
    assert ("Nothing here is scored: no prompt states an expected answer.",) == found.sentences
    assert () == found.rows
    build([data], tmp_path / "site")
    assert "entry-plot" not in (tmp_path / "site/index.html").read_text()


def test_every_row_leads_to_its_questions(tmp_path):
    """In a suite and in a comparison."""
    found = headline(Analysis(rotated(tmp_path / "a")))
    assert "answers.html#condition=small" == found.rows[0][2][0][2]
    (prompt,) = headline(Analysis(sweep(tmp_path / "b"))).rows
    assert "answer.html?q=prompts/haiku" == prompt[2][0][2]


def test_a_headline_outlives_the_build(tmp_path):
    """The front page is made from what was kept of each experiment."""
    for place, data in enumerate(
        (rotated(tmp_path / "a"), paraphrases(tmp_path / "b"), sweep(tmp_path / "c"))
    ):
        made = summary.make(Analysis(data))
        assert made == summary.load(summary.dump(made)), place
