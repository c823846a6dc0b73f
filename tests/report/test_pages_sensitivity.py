"""Other ways to score: the same replies under each chain, the same weights compared otherwise."""

from dataclasses import replace

import hand_made
import reading_data
from reading_data import words

from llmxray import results
from llmxray.report.analysis import Analysis, rescoring
from llmxray.report.pages import contents_of
from llmxray.report.pages import results as results_page
from llmxray.report.pages.robustness import rescoring_part
from llmxray.types import Item


def test_the_score_under_each_chain(tmp_path):
    """Small letters are read by ours only: the page says how many points that is."""
    replies = {"small": words("the answer", " is", " a"), "large": words("The answer is", " (A)")}
    data = reading_data.benchmark(tmp_path, lambda trial, sample: replies[trial.condition])
    # Of a reply that was cut off no chain reads an answer either.
    data = hand_made.marked(data, lambda row: row.condition == "small", finish_reason="length")
    page = rescoring_part(Analysis(data))
    shown = {line.head: [cell.text for cell in line.cells] for line in page.chains.lines}
    # llmxray, mmlu-pro, mmlu-pro-two-steps, official-compat, first-letter: accuracy and replies without an answer.
    assert ["50%", "0", "0%", "2"] == shown["small"][:4]
    assert ["50%", "0", "50%", "0"] == shown["large"][:4]
    assert "The same replies of small score 0.0% when read by" in str(page.lede)
    assert str(page.lede).endswith("points are the reader's doing, not the model's.")
    assert page.silent is None
    assert page.weights is None
    assert "llmxray report tiny --chain mmlu-pro" == page.command


def test_what_another_tool_marked_is_no_reading_of_a_chain(tmp_path):
    """Its mark and what a chain reads differ for other reasons: its suite is left out for every condition."""
    data = hand_made.data(tmp_path, {"a": "+" * 8 + "-" * 8, "b": "-" * 8 + "+" * 8}, reworded=True)
    first, reworded = data.results.plan.suites
    rows = [
        replace(row, rule=results.TOOL_MARK) if (row.condition, row.suite) == ("a", reworded) else row
        for row in data.results.rows
    ]
    marked = replace(data, results=replace(data.results, rows=tuple(rows)))
    # Each over the first suite, and not b over both.
    assert {first} == {row.suite for each in rescoring.rows_of(marked, "letter").values() for row in each}
    assert (reworded,) == rescoring.marked_suites(marked)
    rows = tuple(replace(row, rule=results.TOOL_MARK) for row in rows)
    assert {} == rescoring.rows_of(replace(data, results=replace(data.results, rows=rows)), "letter")


def test_chains_that_change_nothing_have_no_table(tmp_path):
    """Bare letters have no answer for MMLU-Pro's first two steps, which says nothing of the model."""
    data = reading_data.benchmark(tmp_path, lambda trial, sample: words("A"))
    analysis = Analysis(data)
    assert ("mmlu-pro-two-steps",) == rescoring.readings(analysis).left_out
    assert rescoring_part(analysis) is None
    assert not contents_of(data).has("robustness")
    page = results_page.page_values(Analysis(replace(data, contents=contents_of(data))))
    assert not page.otherwise


def test_a_form_that_the_prompt_never_asked_for_is_no_reading(tmp_path):
    """GSM8K's official chain reads nothing but "####", which stands in one reply of four."""
    items = tuple(Item(f"sum{n}", f"{n} + 1?", (), str(n + 1)) for n in range(4))

    def tell(trial, sample):
        n = int(trial.item[-1])
        return words("#### 1") if not n else words(f"The answer is {n + 1}.")

    found = rescoring.readings(Analysis(reading_data.benchmark(tmp_path, tell, items, answer="number")))
    assert ("official-compat",) == found.left_out
    assert ["llmxray", "last-number"] == list(found.outcomes)
    assert not found.changed


def test_likelihood_under_three_names(tmp_path):
    """acc, acc_norm and acc_bytes beside each other, with the choices that they change."""
    data = hand_made.data(tmp_path, {"a": "++", "b": "++"}, answers=dict.fromkeys("ab", "likelihood"))
    moved = {
        "option_probs": (0.6, 0.4, 0.0, 0.0),
        "option_probs_per_character": (0.3, 0.7, 0.0, 0.0),
        "option_probs_per_byte": (0.5, 0.3, 0.2, 0.0),
    }
    probs = {"a": moved, "b": dict.fromkeys(moved, (0.9, 0.1, 0.0, 0.0))}
    weighed = hand_made.changed(
        data, lambda row: replace(row, rule="likelihood-total", **probs[row.condition])
    )
    page = rescoring_part(Analysis(weighed))
    heads = [column.text for column in page.weights.columns]
    assert ["condition", "acc", "acc_norm", "acc_bytes"] == heads
    assert ["100%", "0%", "100%"] == [cell.text for cell in page.weights.lines[0].cells]
    assert str(page.weights.caption).startswith("No score moves by more than 100.0 points.")
