"""The compare lab."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_data import comparison, letter, made, words

from llmxray.report.analysis import Analysis, excerpts, greedy_agreement
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.excerpts import FEWEST_CHARACTERS, MOST_CHARACTERS, excerpt_length
from llmxray.report.analysis.similarity import MOST_TEXTS, similarity
from llmxray.report.pages import alone
from llmxray.report.pages import compare as compare_room
from llmxray.report.pages.compare import make
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.comparison import cut_off, pace, settings
from llmxray.types import Estimate

CAPITAL = [{"id": "capital", "text": "Capital?", "expect": "Canberra"}]


def poem(trial: Any, sample: int) -> Any:
    """Cool writes the same three words each time, hot ends differently."""
    if trial.condition == "cool":
        return words("snow ", "falls ", "slowly")
    return words("snow ", "melts ", f"at {sample}")


def test_words_that_change_are_counted(tmp_path: Path):
    """Two of three words go and three come; the replies part at the second token."""
    (prompt,) = make(Analysis(comparison(tmp_path, poem))).prompts
    (pair,) = prompt.pairs
    first = pair.samples[0]
    assert (2, 1, 3) == (first.counts.deleted, first.counts.kept, first.counts.inserted)
    assert first.parting is not None
    assert (2, "snow") == (first.parting.place, first.parting.before)
    assert [("falls␣", ("c0",)), ("melts␣", ("c1",))] == [(c.token, c.by) for c in first.parting.choices]
    assert 5 / 7 == pytest.approx(pair.changed.value)
    assert pair.shares_seeds


def test_one_list_holds_the_probabilities_of_one_model(tmp_path: Path):
    """Under another system prompt "melts" has another probability: it is not listed among those of the first."""
    data = comparison(tmp_path, poem)
    plan = data.results.plan
    cool, hot = plan.conditions
    asked = replace(plan, conditions=(cool, replace(hot, system="Be a poet.")))
    analysis = Analysis(replace(data, results=replace(data.results, plan=asked)))
    (prompt,) = make(analysis).prompts
    parting = prompt.pairs[0].samples[0].parting
    assert [("falls␣", ("c0",))] == [(choice.token, choice.by) for choice in parting.choices]
    assert 0 == parting.of


def test_likeness_tells_the_setting_from_chance(tmp_path: Path):
    """Cool repeats itself, hot shares all words but the last, and they share one word of five."""
    (prompt,) = make(Analysis(comparison(tmp_path, poem))).prompts
    cool, hot = prompt.rows
    assert cool.alike is not None
    assert hot.alike is not None
    assert 1.0 == cool.alike.value
    assert 3 / 5 == pytest.approx(hot.alike.value)
    assert "Two answers at the same setting share 80% of their words" in prompt.lede


def test_one_sample_is_said_to_be_no_evidence(tmp_path: Path):
    """No likeness, no intervals, and a warning."""
    (prompt,) = make(Analysis(comparison(tmp_path, poem, samples=1))).prompts
    assert "no evidence" in prompt.warning
    assert "" == prompt.lede
    assert "" == prompt.seeds_say
    assert prompt.rows[0].alike is None
    assert "" == prompt.pace_say


def test_haiku_are_scanned(tmp_path: Path):
    """5-7-5 in one variant, one line in the other."""
    scans = ("an old silent pond\n", "a frog jumps into the pond\n", "splash silence again")
    data = comparison(
        tmp_path, lambda trial, _: words(*scans) if trial.condition == "cool" else words("snow")
    )
    (prompt,) = make(Analysis(data)).prompts
    assert "5 · 7 · 5" == prompt.variants[0].texts[0].scansion
    assert prompt.variants[0].texts[0].scans
    assert [3, 0] == [row.n_scans for row in prompt.rows]
    assert "3 of 6 poems scan as 5-7-5." == prompt.scanning


def test_a_missing_reply_is_said(tmp_path: Path):
    """An error is no text, and does not break the pair."""
    data = comparison(tmp_path, lambda trial, sample: None if sample == 1 else poem(trial, sample))
    (prompt,) = make(Analysis(data)).prompts
    assert prompt.variants[0].texts[1].text.startswith("(no whole reply")
    assert prompt.pairs[0].samples[1].parting is None


def test_scored_prompts_count_each_question_once(tmp_path: Path):
    """Cool is right in all samples, hot in one of three: its share is a third of one question."""

    def tell(trial: Any, sample: int) -> Any:
        right = trial.condition == "cool" or sample == 0
        return letter("Canberra" if right else "Sydney", {"Canberra": 0.6, "Sydney": 0.3})

    facts = make(Analysis(comparison(tmp_path, tell, prompts=CAPITAL))).facts
    assert facts is not None
    assert facts.lede.startswith("Share of right answers to 1 question: cool 100% (95% ")
    assert ", hot 33% (95% " in facts.lede
    assert facts.chart
    assert "cool" == facts.first


def test_nothing_scored_no_section(tmp_path: Path):
    """A poem has no right answer."""
    assert make(Analysis(comparison(tmp_path, poem))).facts is None


def test_bands_hold_their_ends():
    """A probability of exactly .4 and of exactly 1."""
    assert "40 to 80%" == greedy_agreement.band(0.4)
    assert "80% or more" == greedy_agreement.band(1.0)
    assert "below 40%" == greedy_agreement.band(0.0)


def test_likeness_needs_three_samples_for_an_interval():
    """Two samples give one pair: a value, no interval."""
    two = similarity({"a": ["x y", "x z"], "b": ["x", "y"]}, "n")
    assert 1 / 3 == pytest.approx(two.within["a"].value)
    assert two.within["a"].low is None


def test_likeness_is_the_same_every_time():
    """The name seeds the resampling."""
    texts = {"a": ["x y", "x z", "y z"], "b": ["x", "y", "x y z"]}
    assert similarity(texts, "n") == similarity(texts, "n")
    found = similarity(texts, "n")
    assert (1 / 2 + 0 + 2 / 3) / 3 == pytest.approx(found.same_seed["a", "b"].value)


def test_likeness_of_very_many_samples_is_that_of_the_first():
    """Each is compared with each: a million texts would take days."""
    texts = {name: [f"{name} {n % 7}" for n in range(MOST_TEXTS)] for name in "abcd"}
    found = similarity(texts, "n")
    first = {name: each[: MOST_TEXTS // 4] for name, each in texts.items()}
    assert found == similarity(first, "n")
    assert found.all_within.n == MOST_TEXTS // 4


def test_of_very_many_variants_those_beside_the_first_are_compared(tmp_path: Path, monkeypatch):
    """Every pair is a diff: of a hundred replies of some kilobytes they took more than a minute."""
    data = comparison(tmp_path / "c", lambda trial, _: words("one", f" {trial.sample}"))
    monkeypatch.setattr(compare_room, "MOST_PAIRS", 0)
    (prompt,) = make(Analysis(data)).prompts
    assert (prompt.pairs, prompt.pairs_left_out) == ((), 1)
    alone("compare", make)(Renderer(tmp_path / "site"), Analysis(data))
    assert "more pairs are not compared" not in (tmp_path / "site/sweep/compare.html").read_text()
    monkeypatch.setattr(compare_room, "MOST_PAIRS", 1)
    (prompt,) = make(Analysis(data)).prompts
    assert (len(prompt.pairs), prompt.pairs_left_out) == (1, 0)


def test_of_very_long_replies_the_beginning_is_compared(tmp_path: Path):
    """Of two replies of a megabyte, a page of them took seconds for each pair; what is left out is said."""
    analysis = Analysis(_with_texts(comparison(tmp_path / "c", poem, samples=2), "a " * 400_000))
    assert MOST_CHARACTERS == excerpt_length(analysis)
    began = time.process_time()
    (prompt,) = make(analysis).prompts
    assert time.process_time() - began < 3
    assert {MOST_CHARACTERS} == {len(text.text) for each in prompt.variants for text in each.texts}
    assert MOST_CHARACTERS == sum(
        len(op.text) for op in prompt.pairs[0].samples[0].ops if op.kind != "insert"
    )
    assert [MOST_CHARACTERS] * 2 == [row.n_words for row in prompt.rows]
    alone("compare", make)(Renderer(tmp_path / "site"), analysis)
    said = cut_off(MOST_CHARACTERS)
    assert said in (tmp_path / "site/sweep/compare.html").read_text()
    short = make(Analysis(comparison(tmp_path / "d", poem)))
    assert "" == short.prompts[0].cut_off


def _with_texts(data: ExperimentData, text: str) -> ExperimentData:
    """The data with such replies, each with a number in front."""
    rows = tuple(replace(row, text=f"{n} {text}") for n, row in enumerate(data.results.rows))
    return replace(data, results=replace(data.results, rows=rows))


def test_of_very_many_long_replies_less_is_compared(tmp_path: Path, monkeypatch):
    """All together are as long as they may be; short ones are whole, and no long one is cut to nothing."""
    data = comparison(
        tmp_path, lambda trial, n: words("a " * (50 if trial.condition == "cool" else 5_000)), samples=10
    )
    monkeypatch.setattr(excerpts, "_MOST_TOGETHER", 102_000)
    # Each of the 20 is compared with one other condition: 51,000 characters, of which the short ones have 1,000.
    assert 5_000 == excerpt_length(Analysis(data))
    monkeypatch.setattr(excerpts, "_MOST_TOGETHER", 10)
    assert FEWEST_CHARACTERS == excerpt_length(Analysis(data))


def test_a_page_of_long_replies_shows_fewer_samples(tmp_path: Path, monkeypatch):
    """Each text stands alone and in the diff of its pair; the numbers count all."""
    analysis = Analysis(comparison(tmp_path, lambda *_: words("a" * 100), samples=10))
    monkeypatch.setattr(compare_room, "_MOST_CHARACTERS", 5 * 4 * 100)
    (prompt,) = make(analysis).prompts
    assert (prompt.n, prompt.n_shown, prompt.samples_left_out) == (5, 5, True)
    assert [len(each.texts) for each in prompt.variants] == [5, 5]
    assert [row.n for row in prompt.rows] == [10, 10]
    monkeypatch.setattr(compare_room, "_MOST_CHARACTERS", 1)
    # With one sample there would be nothing to step through.
    assert 2 == make(analysis).prompts[0].n


def test_model_text_is_escaped(tmp_path: Path):
    """In the grid and in the diff."""
    alone("compare", make)(
        Renderer(tmp_path / "site"),
        Analysis(comparison(tmp_path / "c", lambda trial, _: words("<img src=x>", f" {trial.condition}"))),
    )
    html = (tmp_path / "site/sweep/compare.html").read_text()
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_times_and_lengths_are_compared(tmp_path: Path):
    """Hot writes six tokens for cool's two, eight times: cool is done first."""
    data = comparison(
        tmp_path, lambda trial, _: words(*["a "] * (2 if trial.condition == "cool" else 6)), samples=8
    )
    (prompt,) = make(Analysis(data)).prompts
    cool, hot = prompt.rows
    assert (
        "The intervals of tokens an answer lie apart: hot has the most (6 in the median), cool the fewest (2)."
        in (prompt.pace_say)
    )
    assert cool.latency_s.value < hot.latency_s.value


def test_a_failed_sample_counts_as_missing(tmp_path: Path):
    """Neither as words that changed, nor as a text unlike all others, nor as a poem that does not scan."""

    def tell(trial: Any, sample: int) -> Any:
        return None if (trial.condition, sample) == ("hot", 1) else words("snow ", "falls")

    (prompt,) = make(Analysis(comparison(tmp_path, tell))).prompts
    (pair,) = prompt.pairs
    assert (0.0, 2, 1) == (pair.changed.value, pair.changed.n, pair.changed.n_missing)
    assert [1.0, 1.0] == [row.alike.value for row in prompt.rows if row.alike]
    hot = prompt.rows[1]
    assert hot.scans is not None
    assert (2, 1) == (hot.n, hot.scans.n_missing)


def test_a_word_and_what_came_for_it_are_two_words_in_plain_text(tmp_path: Path):
    """Whoever copies a diff, or hears it, reads no "slowlyquickly"; a mark after them stays where it is."""
    tell = {"cool": words("snow ", "falls ", "slowly", "."), "hot": words("snow ", "falls ", "quickly", ".")}
    data = comparison(tmp_path / "c", lambda trial, _: tell[trial.condition])
    alone("compare", make)(Renderer(tmp_path), Analysis(data))
    html = (tmp_path / "sweep/compare.html").read_text("utf-8")
    assert "snow falls <del>slowly</del> <ins>quickly</ins>." in html


def test_the_page_opens_with_what_the_setting_changes_most(tmp_path: Path):
    """Only a prompt whose answers differ more between settings than within one is named; facts are right or wrong."""

    def tell(trial: Any, sample: int) -> Any:
        hot = trial.condition == "hot"
        if trial.item == "capital":
            return words("It ", "is ", "Sydney" if hot else "Canberra")
        # The words of every sample of "noise" are others.
        return words(f"{trial.condition}{sample}" if trial.item == "noise" else "ab"[hot])

    prompts = [*CAPITAL, {"id": "noise", "text": "Noise?"}, {"id": "all", "text": "All?"}]
    page = make(Analysis(comparison(tmp_path, tell, prompts=prompts, samples=8)))
    assert page.lede.startswith(
        "The setting clearly changes the answers to 1 of 2 prompts without a right answer, most for “All?”. "
        "For the others, the change may be chance. Of the scored questions, cool gets 100% right"
    )
    assert [each.id for each in page.prompts] == ["prompt-all", "prompt-capital", "prompt-noise"]


def test_where_nothing_is_clear_no_prompt_is_named(tmp_path: Path):
    """One prompt whose words are others in every sample."""
    noise = comparison(tmp_path, lambda trial, n: words(f"{trial.condition}{n}"), samples=5)
    page = make(Analysis(noise))
    assert page.lede == "The setting does not significantly change the answers to 1 prompt."


def test_what_could_follow_is_shown_once(tmp_path: Path):
    """Two pairs part where the first setting goes on: its choices stand in the first of them."""
    file = {
        "experiment": "sweep",
        "kind": "compare",
        "endpoints": {"tiny": {"preset": "local"}},
        "models": [{"id": "small", "endpoint": "tiny", "model": "small"}],
        "prompts": [{"id": "haiku", "text": "Write a haiku"}],
        "variants": [{"id": f"t{n}", "temperature": n} for n in range(3)],
    }
    data = made(tmp_path / "a", file, (), lambda trial, _: words("snow ", trial.condition))
    (prompt,) = make(Analysis(data)).prompts
    partings = [pair.samples[0].parting for pair in prompt.pairs]
    assert [each and each.of for each in partings] == [0, None, 0]
    # They begin otherwise: there is nothing after which they part.
    data = made(tmp_path / "b", file, (), lambda trial, _: words(trial.condition, " snow"))
    (prompt,) = make(Analysis(data)).prompts
    assert {pair.samples[0].parting for pair in prompt.pairs} == {None}


def test_a_variant_says_what_it_is_sent_and_the_page_what_all_are(tmp_path: Path):
    """What the label says already stands there once."""
    assert settings("temperature 0.2", [("temperature", "0.2"), ("system prompt", "Be kind.")]) == (
        "system prompt Be kind."
    )
    assert "; seed 1 to 3, one for each repeat" in make(Analysis(comparison(tmp_path, poem))).constant


def test_what_does_not_differ_is_said_with_its_medians():
    """One number where both are equal."""
    equal = [("cool", Estimate(13, 12, 14)), ("hot", Estimate(13.2, 12, 15))]
    apart = [("cool", Estimate(9, 8, 10)), ("hot", Estimate(11, 9, 12))]
    assert (
        "There is no clear difference in tokens a second (medians: 13) or tokens an answer (medians: 9 to 11)."
        == pace({"tokens a second": equal, "tokens an answer": apart})
    )


def test_of_a_thousand_samples_the_first_hundred_are_shown(tmp_path: Path):
    """A page of all would take gigabytes; the numbers count all, and no page prints them all."""
    data = comparison(tmp_path, lambda *_: words("yes"), samples=101)
    (prompt,) = make(Analysis(data)).prompts
    assert (prompt.n, prompt.samples_left_out) == (100, True)
    assert [len(each.texts) for each in prompt.variants] == [100, 100]
    assert [len(pair.samples) for pair in prompt.pairs] == [100]
    assert [row.n for row in prompt.rows] == [101, 101]
    assert data.has_printed
    assert not replace(data, results=replace(data.results, rows=data.results.rows * 500)).has_printed


def test_answers_that_are_long_as_html_are_not_printed(tmp_path: Path):
    """A page that is all "<" is four times as long: of 19 megabytes it took two gigabytes to make."""
    data = comparison(tmp_path, poem, samples=1)
    assert _with_texts(data, "a" * 9_000_000).has_printed
    assert not _with_texts(data, "<" * 9_000_000).has_printed
