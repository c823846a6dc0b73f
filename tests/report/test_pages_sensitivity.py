"""Other ways to score: the same replies under each chain, the same weights compared otherwise."""

from __future__ import annotations

from dataclasses import replace

import hand_made
import reading_data
from reading_data import words

from llmxray import results
from llmxray.report.analysis import Analysis
from llmxray.report.pages import robustness
from llmxray.report.pages.robustness import rescoring as sensitivity
from llmxray.report.widgets.render import Renderer


def test_the_score_under_each_chain(tmp_path):
    """Small letters are read by ours only: the page says how many points that is."""
    replies = {"small": words("the answer", " is", " a"), "large": words("The answer is", " (A)")}
    data = reading_data.benchmark(tmp_path, lambda trial, sample: replies[trial.condition])
    page = sensitivity.make(Analysis(data))
    assert page.chains is not None
    shown = {line.head: [cell.text for cell in line.cells] for line in page.chains.lines}
    # llmxray, mmlu-pro, mmlu-pro-two-steps, official-compat, first-letter: accuracy and replies without an answer.
    assert ["50%", "0", "0%", "2"] == shown["small"][:4]
    assert ["50%", "0", "50%", "0"] == shown["large"][:4]
    assert "The same replies of small score 0.0% when read by" in page.lede
    assert page.lede.endswith("On MMLU-Pro others found 2 to 2.5 points.")
    assert page.silent == ""
    assert page.weights is None
    assert "llmxray report tiny --chain mmlu-pro" == page.command


def test_what_another_tool_marked_is_no_reading_of_a_chain(tmp_path):
    """Its mark and what a chain reads differ for other reasons: its suite is left out for every condition."""
    data = hand_made.data(tmp_path, {"a": "+" * 8 + "-" * 8, "b": "-" * 8 + "+" * 8}, reworded=True)
    _, reworded = data.results.plan.suites
    page = sensitivity.make(Analysis(data))
    assert page.left_out == ""
    rows = [
        replace(row, rule=results.TOOL_MARK) if (row.condition, row.suite) == ("a", reworded) else row
        for row in data.results.rows
    ]
    analysis = Analysis(replace(data, results=replace(data.results, rows=tuple(rows))))
    page = sensitivity.make(analysis)
    # Each over the first suite, and not b over both.
    assert ["100%", "0%"] == [line.cells[0].text for line in page.chains.lines]
    assert page.left_out.startswith(f"Without {analysis.label_of_suite(reworded)}: ")
    rows = tuple(replace(row, rule=results.TOOL_MARK) for row in rows)
    assert sensitivity.make(Analysis(replace(data, results=replace(data.results, rows=rows)))) is None


def test_a_chain_that_finds_nothing_is_no_score_of_nought(tmp_path):
    """Bare letters have no answer for MMLU-Pro's first two steps: a sentence says so, and no column shows 0%."""
    data = reading_data.benchmark(tmp_path, lambda trial, sample: words("A"))
    page = sensitivity.make(Analysis(data))
    assert page.lede.startswith("Every way of reading that finds an answer gives a condition the same score")
    assert page.silent == "No answer in any reply is found by mmlu-pro-two-steps."
    assert page.chains is not None
    assert "mmlu-pro-two-steps" not in [column.text for column in page.chains.columns]
    assert "mmlu-pro-two-steps" not in dict(page.manners)


def test_without_any_reply_no_table_stands_empty(tmp_path):
    """Neither that of the chains, nor those of positions and of paraphrases: one sentence is left."""
    for name, more in {"plain": {}, "rotated": {"rotated": True}, "reworded": {"reworded": True}}.items():
        failed = ["!!!!"] * 4 if name == "rotated" else "!!!!"
        analysis = Analysis(hand_made.data(tmp_path / name, {"a": failed}, **more))
        page = robustness.make(analysis)
        assert [] == page.parts
        Renderer(tmp_path / name).page("x/robustness.html", "pages/robustness/page.html", page)
        html = (tmp_path / name / "x/robustness.html").read_text()
        assert ("<table" in html, "<h2" in html.split("</main>")[0]) == (False, False), name
        assert "there is no other way to score it" in html


def test_the_page_says_what_it_changes(tmp_path):
    """How replies are read, where nothing was asked in two ways; else one of the two at a time, or nothing."""
    for name, more, said in (
        ("plain", {}, "This page changes how the replies are read, and nothing else."),
        ("rotated", {"rotated": True}, "This page changes one of them at a time."),
        ("failed", {}, "read in one way."),
    ):
        marks = ["++++"] * 4 if name == "rotated" else "!!!!" if name == "failed" else "++--"
        data = hand_made.data(tmp_path / name, {"a": marks}, **more)
        assert robustness.make(Analysis(data)).lede.endswith(said)


def test_free_text_is_neither_read_nor_weighed(tmp_path):
    """A comparison without expected answers has no other way to score it."""
    assert sensitivity.make(Analysis(reading_data.comparison(tmp_path, lambda *_: words("snow")))) is None


def test_likelihood_under_three_names(tmp_path):
    """acc, acc_norm and acc_bytes beside each other, with the choices that they change."""
    data = hand_made.data(tmp_path, {"a": "++"})
    plan = data.results.plan
    plan = replace(plan, conditions=(replace(plan.conditions[0], answer="likelihood"),))
    probs = {
        "option_probs": (0.6, 0.4, 0.0, 0.0),
        "option_probs_per_character": (0.3, 0.7, 0.0, 0.0),
        "option_probs_per_byte": (0.5, 0.3, 0.2, 0.0),
    }
    rows = tuple(replace(row, rule="likelihood-total", **probs) for row in data.results.rows)
    page = sensitivity.make(Analysis(replace(data, results=replace(data.results, plan=plan, rows=rows))))
    assert page.weights is not None
    heads = [column.text for column in page.weights.columns]
    assert ["condition", "acc", "acc_norm", "acc_bytes"] == heads[:4]
    assert ["100%", "0%", "100%", "2", "0"] == [cell.text for cell in page.weights.lines[0].cells[:5]]
