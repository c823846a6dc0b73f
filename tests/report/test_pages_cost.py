"""Cost: tokens always, money where the experiment file has prices, and the limit on the choose page."""

import hand_made
import in_node
import pytest

from llmxray.report.analysis import Analysis, costs
from llmxray.report.pages import choose, results
from llmxray.report.pages.choose import Scores
from llmxray.report.sentences import Finding

PRICES = {
    "dear": {"input_per_million": 10, "output_per_million": 20},
    "cheap": {"input_per_million": 1, "output_per_million": 2},
}


def made(folder, **more):
    """Twenty questions of 96 and 4 tokens: dear gets ten right, cheap five."""
    return Analysis(
        hand_made.data(
            folder,
            {"dear": "+-" * 10, "cheap": "+---" * 5},
            latency_s={"dear": 1.0, "cheap": 1.0},
            prompt_tokens={"dear": 96, "cheap": 96},
            **more,
        )
    )


def test_a_question_and_a_right_answer_have_a_price(tmp_path):
    """96 · 10 + 4 · 20 = 1040 millionths a question; half of them right, so twice that for a right answer."""
    analysis = made(tmp_path, prices=PRICES)
    dear = costs.cost_of(analysis, analysis.views[0])
    assert (0.00104, 20, "USD") == (pytest.approx(dear.question.value), dear.question.n, dear.currency)
    assert pytest.approx(0.00208) == dear.right.value
    assert dear.right.low < dear.right.value < dear.right.high
    assert 100 == dear.tokens
    cheap = costs.cost_of(analysis, analysis.views[1])
    assert pytest.approx(0.000416) == cheap.right.value
    alone = made(tmp_path / "alone", prices={"dear": PRICES["dear"]})
    assert costs.cost_of(alone, alone.views[1]).question.value is None


def shown(analysis):
    """The texts of tokens and money on the page of results, by row."""
    rows = results.times(analysis)
    return {row.kind: [cell.text for cell in row.cells] for row in rows if row.kind in ("in", "out", "cost")}


def test_the_results_page_says_what_costs_more(tmp_path):
    """Ten times a question."""
    analysis = made(tmp_path, prices=PRICES)
    assert {"in": ["96", "96"], "out": ["4", "4"], "cost": ["$1.0", "$0.10"]} == shown(analysis)
    (row,) = [row for row in results.times(analysis) if row.kind == "cost"]
    assert ("cost", 0.1) == (row.anchor, pytest.approx(row.cells[1].share / row.cells[0].share))


def test_without_prices_tokens_are_shown_and_no_money(tmp_path):
    """As in the shipped experiments."""
    analysis = made(tmp_path)
    assert ["in", "out"] == list(shown(analysis))
    assert ["results.no-prices"] == [note.kind for note in results.cost_notes(analysis)]


def test_currencies_are_not_compared(tmp_path):
    """Each amount with its own; no limit."""
    prices = {"dear": {**PRICES["dear"], "currency": "EUR"}, "cheap": PRICES["cheap"]}
    analysis = made(tmp_path, prices=prices)
    assert ["€1.0", "$0.10"] == shown(analysis)["cost"]
    page = choose.page_values(analysis, Scores(analysis))
    assert ("", None, []) == (page.currency, page.cost, list(page.notes)[1:])
    assert "price" not in page.criteria


def test_the_limit_on_cost_excludes(tmp_path):
    """1.04 USD for a thousand questions is more than half a dollar; a tenth is not."""
    analysis = made(tmp_path, prices=PRICES)
    scores = Scores(analysis)
    data = choose._data(scores)
    found = in_node.called("choose", "ranked", data["options"], [1, 0, 0], {"cost": "0.5"})
    assert {"dear": True, "cheap": False} == {
        each["option"]["id"]: "too expensive" in each["out"] for each in [*found["scored"], *found["out"]]
    }
    page = choose.page_values(analysis, scores)
    assert ["USD", "cheap", "cheap"] == [page.currency, page.criteria[-1][1], page.cost.values["cheapest"]]
    assert [1.0, pytest.approx(0.1, abs=0.01)] == [each.scores[3].value for each in scores.options][::-1]


MACHINE = {"machine_per_hour": 0.36, "currency": "EUR", "source": "a cloud's list"}


def test_a_machine_is_paid_by_the_hour(tmp_path):
    """One second at 0.36 an hour is a ten-thousandth; half right, so twice that; named as an assumption."""
    analysis = made(tmp_path, prices=MACHINE)
    dear = costs.cost_of(analysis, analysis.views[0])
    assert (0.0001, "EUR") == (pytest.approx(dear.question.value), dear.currency)
    assert pytest.approx(0.0002) == dear.right.value
    assert "at €0.36 an hour, a cloud's list" == dear.assumption
    (note,) = results.cost_notes(analysis)
    assert Finding("results.rented", whose="", assumption="at €0.36 an hour, a cloud's list") == note
    page = choose.page_values(analysis, Scores(analysis))
    assert dear.assumption == page.cost.values["assumption"]
    # Each file assumes an hour of its own: nothing to rank runs by.
