"""The compare lab."""

from dataclasses import replace
from typing import Any

import pytest
from reading_data import comparison, letter, words

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.similarity import similarity
from llmxray.report.pages import alone
from llmxray.report.pages.compare import divergence, page_values
from llmxray.report.widgets.render import Renderer

CAPITAL = [{"id": "capital", "text": "Capital?", "expect": "Canberra"}]


def poem(trial: Any, sample: int) -> Any:
    """Cool writes the same three words each time, hot ends differently."""
    if trial.condition == "cool":
        return words("snow ", "falls ", "slowly")
    return words("snow ", "melts ", f"at {sample}")


def test_words_that_change_are_counted(tmp_path):
    """Two of three words go and three come."""
    (prompt,) = page_values(Analysis(comparison(tmp_path, poem))).prompts
    (pair,) = prompt.pairs
    first = pair.samples[0]
    assert (2, 1, 3) == (first.counts.deleted, first.counts.unchanged, first.counts.inserted)
    (line,) = prompt.changed["changed"]
    assert (5 / 7, "cool → hot") == (pytest.approx(line.share), line.name)


def test_answers_part_where_their_tokens_do(tmp_path):
    """Both begin with "snow": what either took is listed once with its probability, and how each goes on."""
    (prompt,) = page_values(Analysis(comparison(tmp_path, poem))).prompts
    stream = prompt.streams[0]
    assert "The answers part at token 2: \u2068falls␣\u2069\u00a0100%, \u2068melts␣\u2069\u00a0100%" == str(
        stream.headline
    )
    assert (1, (("", "snow"),)) == (stream.n_shared, stream.trunk)
    assert [("falls␣", 1.0, "c8"), ("melts␣", 1.0, "c0")] == [
        (c.text, c.share, c.css) for c in stream.choices
    ]
    assert [("cool", 0, "falls␣", "slowly"), ("hot", 1, "melts␣", "at 0")] == [
        (each.labels[0][1], each.choice, each.first, "".join(text for _, text in each.rest))
        for each in stream.branches
    ]


def test_without_logprobs_words_part_without_percentages(tmp_path):
    """Of texts alone it is known where they part, and not how likely a word was."""
    data = comparison(tmp_path, poem, samples=1)
    cool, hot = data.results.plan.conditions
    names = {"cool": ("c0", "cool"), "hot": ("c1", "hot")}

    def told(**texts: str) -> list[divergence.Answer]:
        rows = (replace(row, text=texts[row.condition]) for row in data.results.rows)
        return [divergence.Answer(row=row, tokens=()) for row in rows]

    stream = divergence.stream((cool, hot), names, told(cool="snow falls slowly", hot="snow melts"))
    assert ("compare.part-word", 2, False) == (
        stream.headline.kind,
        stream.headline.values["place"],
        stream.has_shares,
    )
    assert [("falls", None), ("melts", None)] == [(choice.text, choice.share) for choice in stream.choices]
    # One that ends goes on with nothing.
    ended = divergence.stream((cool, hot), names, told(cool="snow falls slowly", hot="snow"))
    assert ["falls", "(the end)"] == [each.first for each in ended.branches]
    assert divergence.stream((cool, hot), names, told(cool="snow", hot="")) is None


def test_likeness_tells_the_setting_from_chance(tmp_path):
    """Cool repeats itself, hot shares all words but the last, and they share one word of five."""
    (prompt,) = page_values(Analysis(comparison(tmp_path, poem))).prompts
    assert [1.0, pytest.approx(3 / 5)] == [line.share for line in prompt.measures["alike"]]
    assert ("compare.alike", pytest.approx(0.8)) == (prompt.lede.kind, prompt.lede.values["inside"].value)


def test_haiku_are_scanned(tmp_path):
    """5-7-5 in one variant, one line in the other."""
    scans = ("an old silent pond\n", "a frog jumps into the pond\n", "splash silence again")
    data = comparison(
        tmp_path, lambda trial, _: words(*scans) if trial.condition == "cool" else words("snow")
    )
    (prompt,) = page_values(Analysis(data)).prompts
    assert "5 · 7 · 5" == prompt.variants[0].texts[0].scansion
    assert prompt.variants[0].texts[0].scans
    assert ["100%", "0%"] == [line.text for line in prompt.measures["scans"]]


def test_scored_prompts_count_each_question_once(tmp_path):
    """Cool is right in all samples, hot in one of three: its share is a third of one question."""

    def tell(trial: Any, sample: int) -> Any:
        right = trial.condition == "cool" or sample == 0
        return letter("Canberra" if right else "Sydney", {"Canberra": 0.6, "Sydney": 0.3})

    facts = page_values(Analysis(comparison(tmp_path, tell, prompts=CAPITAL))).facts
    assert [("cool", "100%"), ("hot", "33%")] == [(line.name, line.text) for line in facts.accuracies]
    assert [[(0.6, 1.0, True)], [(0.6, pytest.approx(1 / 3), True)]] == [
        [(pytest.approx(x), y, right) for x, y, right in panel.points] for panel in facts.panels
    ]
    assert "cool" == facts.first


def test_likeness_needs_three_samples_for_an_interval():
    """Two samples give one pair: a value, no interval."""
    two = similarity({"a": ["x y", "x z"], "b": ["x", "y"]}, "n")
    assert 1 / 3 == pytest.approx(two.within["a"].value)
    assert two.within["a"].low is None


def test_likeness_is_the_same_every_time():
    """The name seeds the resampling."""
    texts = {"a": ["x y", "x z", "y z"], "b": ["x", "y", "x y z"]}
    found = similarity(texts, "n")
    assert found == similarity(texts, "n")
    assert (1 / 2 + 0 + 2 / 3) / 3 == pytest.approx(found.all_same.value)


def test_model_text_is_escaped(tmp_path):
    """In the grid and in the diff."""
    alone("compare", page_values)(
        Renderer(tmp_path / "site"),
        Analysis(comparison(tmp_path / "c", lambda trial, _: words("<img src=x>", f" {trial.condition}"))),
    )
    html = (tmp_path / "site/sweep/compare.html").read_text()
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_a_failed_sample_counts_as_missing(tmp_path):
    """Neither as words that changed, nor as a text unlike all others, nor as a poem that does not scan."""

    def tell(trial: Any, sample: int) -> Any:
        return None if (trial.condition, sample) == ("hot", 1) else words("snow ", "falls")

    (prompt,) = page_values(Analysis(comparison(tmp_path, tell))).prompts
    (pair,) = prompt.pairs
    changed = pair.changed
    assert (0.0, 2, 1) == (changed.value, changed.n, changed.n_missing)
    assert [1.0, 1.0] == [line.share for line in prompt.measures["alike"]]
    assert ["0% to 56%", "0% to 66%"] == [line.interval for line in prompt.measures["scans"]]


def test_a_word_and_what_came_for_it_are_two_words_in_plain_text(tmp_path):
    """Whoever copies a diff, or hears it, reads no "slowlyquickly"; a mark after them stays where it is."""
    tell = {"cool": words("snow ", "falls ", "slowly", "."), "hot": words("snow ", "falls ", "quickly", ".")}
    data = comparison(tmp_path / "c", lambda trial, _: tell[trial.condition])
    alone("compare", page_values)(Renderer(tmp_path), Analysis(data))
    html = (tmp_path / "sweep/compare.html").read_text("utf-8")
    assert "snow falls <del>slowly</del> <ins>quickly</ins>." in html


def test_the_page_opens_with_what_the_setting_changes_most(tmp_path):
    """Only a prompt whose answers differ more between settings than within one is named; facts are right or wrong."""

    def tell(trial: Any, sample: int) -> Any:
        hot = trial.condition == "hot"
        if trial.item == "capital":
            return words("It ", "is ", "Sydney" if hot else "Canberra")
        # The words of every sample of "noise" are others.
        return words(f"{trial.condition}{sample}" if trial.item == "noise" else "ab"[hot])

    prompts = [*CAPITAL, {"id": "noise", "text": "Noise?"}, {"id": "all", "text": "All?"}]
    page = page_values(Analysis(comparison(tmp_path, tell, prompts=prompts, samples=8)))
    assert "findings.setting-some" == page.overall.kind
    assert "findings.close" == page.facts.compared.kind
    assert [each.id for each in page.prompts] == ["prompt-all", "prompt-capital", "prompt-noise"]


def test_a_variant_says_what_it_is_sent_and_the_page_what_all_are(tmp_path):
    """What the label says already stands there once."""
    page = page_values(Analysis(comparison(tmp_path, poem)))
    assert ("seed", "1 to 3, one for each repeat") in page.constant
    assert ["temperature 0.2", "temperature 1.2"] == [each.settings for each in page.prompts[0].variants]


def test_of_many_samples_the_first_twelve_are_shown(tmp_path):
    """A page of all would take gigabytes; the numbers count all."""
    data = comparison(tmp_path, lambda *_: words("yes"), samples=101)
    (prompt,) = page_values(Analysis(data)).prompts
    assert (prompt.n, prompt.samples_left_out) == (12, True)
    assert [len(each.texts) for each in prompt.variants] == [12, 12]
    assert 12 == len(prompt.streams)
    assert 101 == prompt.pairs[0].changed.n
    assert data.has_printed
    assert not replace(data, results=replace(data.results, rows=data.results.rows * 500)).has_printed
