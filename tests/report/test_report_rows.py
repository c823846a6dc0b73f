"""What a trial counts as."""

from dataclasses import replace

import hand_made
import in_node

from llmxray.plan.model import trial_id
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.by_category import columns_of
from llmxray.report.analysis.questions import questions_of
from llmxray.report.analysis.rows import address, item_means, right


def test_repeats_are_averaged_within_their_item(tmp_path):
    """Two samples of three questions, one without a reply at all."""
    rows = hand_made.data(tmp_path, {"a": ["+-!", "++!"]}).results.rows
    items = list(dict.fromkeys(map(address, rows)))
    assert {items[0]: 1.0, items[1]: 0.5} == item_means(rows, right)
    assert 1.5 == item_means([replace(rows[0], latency_s=1.5)], lambda row: row.latency_s)[items[0]]


SLASHED = (("quiz", "x/0", "x/c"), ("quiz/x", "0", "c"))


def test_items_of_two_suites_never_share_an_address(tmp_path):
    """Names of suites and of items may both hold a slash; in the browser as in Python."""
    made = hand_made.data(tmp_path, {"m": "+-", "k": "-+"}, reworded=True)
    plan = made.results.plan
    old = dict(zip((hand_made.SUITE, hand_made.REWORDED), SLASHED, strict=True))

    def renamed(row):
        suite, item, category = old[row.suite]
        return replace(
            row, suite=suite, item_id=item, category=category, trial=trial_id(row.condition, suite, item, 0)
        )

    suites = {
        new: replace(
            plan.suites[suite], items=(replace(plan.suites[suite].items[0], id=item, category=category),)
        )
        for suite, (new, item, category) in old.items()
    }
    rows = tuple(map(renamed, made.results.rows))
    analysis = Analysis(
        replace(made, results=replace(made.results, plan=replace(plan, suites=suites), rows=rows))
    )
    assert 4 == len({row.trial for row in rows})
    assert [(0.5, 2), (0.5, 2)] == [(each.value, each.n) for each in analysis.accuracies.values()]
    assert 2 == analysis.n_scored()
    m = analysis.views[0]
    assert [[[1.0]], [[0.0]]] == [
        [*of.values()] for of in columns_of(analysis, m.means("right"), by="category").values()
    ]
    found = [each.address for each in questions_of(analysis)]
    assert ["quiz//x/0", "quiz/x/0"] == found
    places = {"suites": [["quiz"], ["quiz/x"]], "sizes": [1, 1], "id": ["x/0", "0"]}
    assert found == [each["address"] for each in in_node.called("shards", "listed", places)]
