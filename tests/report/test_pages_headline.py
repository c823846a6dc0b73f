"""Headlines: each kind of experiment says and draws what it was made to find."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import hand_made
import numpy as np
from designs import paraphrases, rotated
from reading_data import comparison, words

from llmxray.report import build
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.similarity import Effect, similarity
from llmxray.report.analysis.similarity import _effect as _effect_of
from llmxray.report.pages import overview as experiment_index
from llmxray.report.pages.compare import setting_or_chance
from llmxray.report.pages.front import summary
from llmxray.report.wording.headline import headline, overview, seed_in_short
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
    assert "a beats b by 100.0 points" in str(found.sentences[0])


def test_an_audit_of_places_opens_with_the_places(tmp_path):
    """Not with who is more accurate: each condition by the place of the right option."""
    analysis = Analysis(rotated(tmp_path))
    found = headline(analysis)
    assert "small is right in 100% where A is right" in str(found.sentences[0])
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
    assert "fewer right" in str(found.sentences[0])
    assert ["Tiny/Plain", "Tiny/Reworded"] == [name for name, _, _ in found.rows[0][2]]
    small = next(measures for name, _, measures in found.rows if name == "small")
    assert small[0][1].value > small[1][1].value


def test_a_comparison_opens_with_what_the_setting_changes(tmp_path):
    """Likeness within a setting beside likeness between settings, a row a prompt."""
    found = headline(Analysis(sweep(tmp_path / "many", samples=10)))
    assert "The setting clearly changes the answers to" in str(found.sentences[0])
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
    found = headline(Analysis(comparison(tmp_path, tell, prompts=prompts, samples=8)))
    assert str(found.sentences[0]).startswith(
        "The setting clearly changes the answers to 6 prompts, most for “Write"
    )
    assert 6 == len(found.rows)


def _effect(found, kind="setting_deals"):
    return _effect_of({name: getattr(alike, kind) for name, alike in found.items()})


def test_two_samples_are_not_said_to_show_nothing():
    """No interval is no finding: the headline says what the page of the comparison says."""
    texts = {"cool": ["snow falls", "snow fell"], "hot": ["rain falls", "hail fell"]}
    two = similarity(texts, "two")
    eight = similarity({each: [f"{each} day {n}" for n in range(8)] for each in ("cool", "hot")}, "eight")
    mixed = {"eight": eight, "two": two}
    assert str(overview(_effect(mixed), mixed, {"eight": "Eight?"}, "setting")) == (
        "The setting clearly changes the answers to 1 of 2 prompts, most for “Eight?”; the rest may be chance."
    )
    assert "With 2 samples there is no telling" in str(
        setting_or_chance(two, _effect(mixed), "two", "setting")
    )
    pairs = {name: similarity(texts, name) for name in "abcdefgh"}
    assert "8 prompts taken together; each alone" in str(overview(_effect(pairs), pairs, {}, "setting"))
    assert overview(_effect({}), {}, {}, "setting") is None


def test_no_effect_is_rarely_called_clear():
    """Random words at one setting and at two: a setting and a seed are each found in at most 5% (of 300 draws, 9%)."""
    rng = np.random.default_rng(3)
    hits = Counter()
    for draw in range(300):
        texts = {s: [" ".join(rng.choice(list("abcdefgh"), 4)) for _ in range(6)] for s in ("cool", "hot")}
        found = {"x": similarity(texts, str(draw))}
        for kind in ("setting_deals", "seed_deals"):
            hits[kind] += bool(_effect(found, kind).clear)
    assert max(hits.values()) <= 27
    # The words of a sample depend on its seed alone: sharing it is found, and is not taken for the setting.
    shared = [f"{n} {n + 1} {n + 2}" for n in range(0, 24, 3)]
    found = {"x": similarity({"cool": shared, "hot": shared}, "shared")}
    assert not _effect(found).clear
    assert _effect(found, "seed_deals").clear


def test_a_gap_agrees_with_its_terms():
    """19% less 14% is not 4 points: the gap takes another digit where rounding parts it from what it stands beside."""
    effect = Estimate(0.044, 0.002, 0.08, 8)
    alike = replace(
        similarity({"cool": ["snow", "snow"], "hot": ["rain", "rain"]}, "x"),
        all_within=Estimate(0.187, n=8),
        all_between=Estimate(0.143, n=8),
        setting_effect=effect,
    )
    effect = Effect(p_value=0.001, p_holm={"x": 0.001, "y": 0.5})
    said = str(setting_or_chance(alike, effect, "x", "setting"))
    assert "share 19% of their words; two at different settings share 14%." in said
    assert (
        "The gap of 4.4 points (permutation test, p\u00a0=\u00a00.001, Holm over 2 prompts) is what" in said
    )


def test_what_varies_is_called_by_its_name():
    """Three models at one setting are no three settings."""
    alike = similarity({each: [f"{each} day {n}" for n in range(8)] for each in ("a", "b")}, "models")
    said = str(setting_or_chance(alike, _effect({"x": alike}), "x", "model"))
    assert said.startswith("Two answers of the same model share 50% of their words")
    assert "is what the model adds to chance" in said
    assert "setting" not in said
    said = overview(_effect({"x": alike}), {"x": alike}, {}, "model")
    assert "The model clearly changes the answers to 1 prompt." == str(said)


def test_one_seed_in_short_counts_the_prompts():
    """None, some, all of them, or all of them together only."""
    said = "Using the same seed made the answers measurably more similar"
    assert str(seed_in_short(Effect(p_value=0.12, p_holm={"a": 0.01, "b": 1.0}), 2)) == (
        "The answers with the same seed are not significantly more similar."
    )
    assert [
        str(seed_in_short(Effect(p_value=0.001, p_holm={"a": a, "b": b}), 2))
        for a, b in ((0.1, 0.2), (0.01, 0.2), (0.01, 0.01))
    ] == [
        f"{said} over 2 prompts together.",
        f"{said} for 1 of 2 prompts.",
        f"{said}.",
    ]


def test_one_seed_opens_with_the_seed(tmp_path):
    """Sharing it makes nothing alike here: the texts do not depend on it."""
    found = headline(Analysis(sweep(tmp_path, preset="deterministic-pair")))
    assert "findings.seed-none" == found.sentences[0].kind
    assert ["same seed", "other seeds"] == [name for name, _, _ in found.rows[0][2]]


def test_without_repeats_nothing_is_claimed(tmp_path):
    """One answer per setting, nothing scored: the front page says so and draws nothing."""
    data = sweep(tmp_path / "c", samples=1)
    found = headline(Analysis(data))
    assert ["findings.unscored"] == [each.kind for each in found.sentences]
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
