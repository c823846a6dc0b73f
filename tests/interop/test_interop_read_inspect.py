"""Accuracies of Inspect logs that are no share of right replies are said beside the one that is shown."""

from __future__ import annotations

from typing import Any

import made_files as made

from llmxray.interop import read as interop


def notes(samples: list[dict[str, Any]], *scores: dict[str, Any]) -> list[str]:
    """What is said of a log with these samples and sums about what the log states."""
    log = made.inspect_log(samples, task_id="t")
    log["results"] = {"scores": [*scores]}
    (found,) = interop.read([("x.json", made.dump(log))])
    return [each for each in found.results.notes if "states" in each]


def summed(value: float, reducer: str | None = None, name: str = "choice") -> dict[str, Any]:
    """One score of the results."""
    told = {"reducer": reducer} if reducer else {}
    return {
        "name": name,
        "scorer": name,
        "metrics": {"accuracy": {"name": "accuracy", "value": value}},
    } | told


def epochs(n: int) -> list[dict[str, Any]]:
    """Two questions, of which one epoch is right."""
    return [
        made.inspect_sample(each, "A" if epoch == 1 else "B", epoch=epoch)
        for each in range(2)
        for epoch in range(1, n + 1)
    ]


def test_the_best_of_three_epochs_is_no_share_of_replies() -> None:
    """Inspect shows 100%, the page a third: both are said."""
    assert notes(epochs(3), summed(1.0, "max")) == [
        "org/small: Inspect (choice) states 100.0% for sums; the accuracy over its 2 questions here is 33.3%"
    ]


def test_the_mean_is_the_same_and_nothing_is_said() -> None:
    """Of several reducers the first is what Inspect shows; a failed epoch is none of the mean's."""
    samples = epochs(3)
    assert notes(samples, summed(1 / 3, "mean"), summed(1.0, "max")) == []
    samples[2] |= {"error": {"message": "broke"}, "scores": {}}
    assert notes(samples, summed((1 / 2 + 1 / 3) / 2, "mean")) == []


def test_a_sum_of_the_scorer_that_counts_is_compared() -> None:
    """Of two that grade by parts, with a part of one name."""
    samples = epochs(2)
    for each in samples:
        given = each["scores"].pop("choice")
        each["scores"] = {name: {**given, "value": {"correct": 1}} for name in "ab"}
    scores = [
        {**summed(value, name="correct"), "scorer": scorer} for scorer, value in (("a", 1.0), ("b", 0.5))
    ]
    assert notes(samples, *scores) == []
    (said,) = notes(samples, *({**score, "scorer": other} for score, other in zip(scores, "ba", strict=True)))
    assert (
        "Inspect (a correct) states 50.0% for sums; the accuracy over its 2 questions here is 100.0%" in said
    )
