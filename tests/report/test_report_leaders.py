"""Whom the best condition is compared with."""

import hand_made
import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.leaders import rival_of

MODELS = {"small-letter": "small", "small-sums": "small", "large-letter": "large", "large-sums": "large"}
SUMS = {"small-sums": "likelihood", "large-sums": "likelihood"}


@pytest.mark.parametrize(
    ("marks", "rival"),
    [
        # The baseline, the first of them, is another model asked in another way: the best of the others is not.
        ({"small-letter": 4, "small-sums": 5, "large-letter": 6, "large-sums": 8}, "large-letter"),
        ({"small-letter": 4, "small-sums": 6, "large-letter": 5, "large-sums": 8}, "small-sums"),
        # It differs in one thing.
        ({"small-letter": 4, "small-sums": 5, "large-letter": 8, "large-sums": 6}, "small-letter"),
        # Nobody differs in one thing only.
        ({"small-letter": 4, "large-sums": 8}, "small-letter"),
        ({"small-letter": 8, "large-sums": 4}, "large-sums"),
        ({"small-letter": 8}, None),
    ],
)
def test_the_rival_differs_in_one_thing_where_somebody_does(tmp_path, marks, rival):
    """Of a difference in the model and in the way of asking nobody knows to which it is due."""
    data = hand_made.data(
        tmp_path,
        {name: "+" * right + "-" * (10 - right) for name, right in marks.items()},
        models={name: MODELS[name] for name in marks},
        answers={name: SUMS[name] for name in marks if name in SUMS},
    )
    found = rival_of(Analysis(data))
    assert (found and found.id) == rival


def test_a_named_baseline_is_the_rival_however_it_was_asked(tmp_path):
    """The others are compared with it, as the file says; a model of two conditions is the one most like the best."""
    marks = {"small-letter": 4, "small-sums": 5, "large-letter": 6, "large-sums": 8}

    def rival(baseline: str) -> str:
        data = hand_made.data(
            tmp_path,
            {name: "+" * right + "-" * (10 - right) for name, right in marks.items()},
            models=MODELS,
            answers=SUMS,
            analysis={"baseline": baseline},
        )
        found = rival_of(Analysis(data))
        return found.id

    assert rival("small-letter") == "small-letter"
    # The best is compared with whom it was before.
    assert rival("large-sums") == "large-letter"
