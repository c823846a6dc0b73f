"""Twins: the same questions in other words, pair by pair."""

from dataclasses import replace

import hand_made
import pytest
import reading_data
from designs import FIRST, FLAT, NAMES, SECOND, N, paraphrases
from reading_data import letter

from llmxray.plan.units import paraphrase_suites
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.asked_twice import paraphrased_suites
from llmxray.report.files import figures
from llmxray.report.pages import contents_of
from llmxray.report.pages.robustness import rewording_part


def test_repeats_of_paraphrases_are_averaged_and_tested(tmp_path):
    """Two samples; in other words the second one is wrong in eight questions: half a point each, all of one sign."""

    def tell(trial, sample):
        return "B" if trial.suite == NAMES[1] and sample == 1 and int(trial.item[1:]) < 8 else "A"

    (found,) = paraphrased_suites(Analysis(paraphrases(tmp_path, tell=tell, samples=2)))
    each = found.conditions[0]
    assert (1.0, 0.75) == (each.first.value, each.second.value)
    assert (0.25, N) == (each.difference.value, each.difference.n)
    assert each.p_value == pytest.approx(2 / 2**8, rel=0.02)
    assert (0.75, 2 * N) == (each.same.value, each.same.n)
    assert each.differs


def test_paraphrases_share_ids_options_and_answers_but_not_words(tmp_path):
    """Other options, or the same words, make no paraphrases; one alone is a coincidence."""
    assert [(*NAMES, tuple(item.id for item in FIRST))] == paraphrase_suites(
        paraphrases(tmp_path / "a").results.plan
    )
    same = paraphrases(tmp_path / "b", (FIRST, FIRST)).results.plan
    other = tuple(replace(item, choices=("x", "y", "z")) for item in SECOND)
    assert (
        []
        == paraphrase_suites(same)
        == paraphrase_suites(paraphrases(tmp_path / "c", (FIRST, other)).results.plan)
    )
    assert [] == paraphrase_suites(paraphrases(tmp_path / "d", (FIRST[:1], SECOND[:1])).results.plan)
    # Two tasks of yes and no have the same answer to half of their questions.
    half = tuple(replace(item, answer="AB"[place % 2]) for place, item in enumerate(SECOND))
    assert [] == paraphrase_suites(paraphrases(tmp_path / "e", (FIRST, half)).results.plan)


def test_each_question_is_compared_with_its_paraphrase(tmp_path):
    """Ten lost and one gained of sixteen: p = 2 · (1 + 11) / 2¹¹, doubled at most by the second condition."""
    (found,) = paraphrased_suites(Analysis(paraphrases(tmp_path)))
    small = next(each for each in found.conditions if each.view.id == "small")
    assert (10, 1, 3, 2) == tuple(map(len, (small.lost, small.gained, small.both, small.neither)))
    assert pytest.approx(2 * 12 / 2**11) == small.p_value
    assert small.differs
    assert (9 / 16, 16) == (small.difference.value, small.n)
    assert (5 / 16, 16) == (small.same.value, small.same.n), "three right and two wrong ones are kept"
    large = next(each for each in found.conditions if each.view.id == "large")
    assert (1.0, False, 0.0) == (large.same.value, large.differs, large.difference.value)


def test_the_page_lists_the_flips_with_both_wordings(tmp_path):
    """Links to both questions, the answers in words, the right one beside them."""
    made_page = rewording_part(Analysis(paraphrases(tmp_path)))
    (section,) = made_page.sections
    lost, gained = section.flips
    assert ("small right, then wrong", 10, "gained-small-tiny/reworded", 1) == (
        lost.title,
        lost.n,
        gained.anchor,
        gained.n,
    )
    line = lost.table.lines[0]
    second, right = line.cells
    assert ("What is 0?", "● this, 50%") == (line.head, line.small)
    assert ("Say what q0 is.", "✕ that, 30%", "this") == (second.text, second.small, right.text)
    assert "answer.html?q=tiny/reworded/q0" == second.href


def test_only_experiments_with_twins_have_the_part(tmp_path):
    """With its links and its figures."""
    data = paraphrases(tmp_path / "a")
    assert contents_of(data).has("robustness")
    html = hand_made.write_page(tmp_path / "with", data, "robustness")
    assert 'id="lost-small-tiny/reworded"' in html
    assert 'href="#lost-small-tiny/reworded"' in html
    assert 'id="rewording"' in html
    found = figures.figures(Analysis(data))
    assert 10 == found["paraphrases right then wrong/small@tiny/plain ~ tiny/reworded"]
    plain = reading_data.benchmark(tmp_path / "b", lambda t, s: letter("A", FLAT))
    assert not contents_of(plain).has("robustness")


def test_what_shares_a_number_and_no_answer_is_no_paraphrase(tmp_path):
    """Open questions without an expected answer; and whatever was read from files of other tools."""
    first, second = (tuple(replace(item, choices=(), answer="") for item in each) for each in (FIRST, SECOND))
    assert [] == paraphrase_suites(paraphrases(tmp_path / "a", (first, second)).results.plan)
    imported = replace(paraphrases(tmp_path / "b").results.plan, fingerprint="")
    assert [] == paraphrase_suites(imported)
