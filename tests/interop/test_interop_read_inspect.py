"""Accuracies of Inspect logs that are no share of right replies are said beside the one that is shown."""

from __future__ import annotations

from typing import Any

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read import inspect


def notes(samples: list[dict[str, Any]], *scores: dict[str, Any]) -> list[str]:
    """What is said of a log with these samples and sums about what the log gives."""
    log = made.inspect_log(samples)
    log["results"] = {"scores": [*scores]}
    (found,) = interop.read([("x.json", made.dump(log))])
    return [each for each in found.results.notes if "the log gives" in each]


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
        "x.json: the log gives 100.0% as the accuracy of choice (the max of each sample's epochs); here it is 33.3%, "
        "the share of replies marked correct among those marked correct or wrong"
    ]


def test_the_mean_is_the_same_and_nothing_is_said() -> None:
    """Of several reducers the first is what Inspect shows; a failed epoch is none of the mean's."""
    samples = epochs(3)
    assert notes(samples, summed(1 / 3, "mean"), summed(1.0, "max")) == []
    samples[2] |= {"error": {"message": "broke"}, "scores": {}}
    assert notes(samples, summed((1 / 2 + 1 / 3) / 2, "mean")) == []


def test_partial_credit_is_no_share_of_replies_either() -> None:
    """It is half an answer in Inspect, and no answer here."""
    samples = [made.inspect_sample(n, "AB"[n % 2]) for n in range(4)]
    samples[0]["scores"]["choice"]["value"] = "P"
    (said,) = notes(samples, summed(1.5 / 4))
    assert "gives 37.5% as the accuracy of choice; here it is 33.3%" in said


@pytest.mark.parametrize("value", [0.4, "0.4"])
def test_the_mean_of_grades_is_no_accuracy(value: object) -> None:
    """They are counted nowhere, so there is nothing beside it."""
    samples = [made.inspect_sample(n, "A") for n in range(3)]
    for n, each in enumerate(samples):
        each["scores"]["f1"] = {"value": value if n else 1.0}
    assert notes(samples, summed(0.6, name="f1")) == []


def test_sums_of_two_scorers_with_a_part_of_one_name_are_both_compared() -> None:
    """As of two that grade by parts; what is said names the one that counts."""
    samples = epochs(2)
    for each in samples:
        given = each["scores"].pop("choice")
        each["scores"] = {"a": {**given, "value": {"correct": 1}}, "b": {**given, "value": {"correct": 0}}}
    scores = [{**summed(1.0, "max", name="correct"), "scorer": scorer} for scorer in "ab"]
    (said,) = notes(samples, *scores)
    assert "the accuracy of correct (the max of each sample's epochs); here it is 0.0%" in said


def test_names_that_are_one_when_they_are_short_are_gone_through_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small log may have 20,000 sums and 100,000 marks."""
    looked: list[int] = []

    def counted(marks: Any) -> float | None:
        looked.append(len(marks))
        return share_of_right(marks)

    share_of_right = inspect._share_of_right
    monkeypatch.setattr(inspect, "_share_of_right", counted)
    name = "a" * 300
    samples = [made.inspect_sample(n, "AB"[n % 2]) for n in range(4)]
    for each in samples:
        each["scores"] = {name: each["scores"]["choice"]}
    assert len(notes(samples, *(summed(1.0, name=f"{name}{n}") for n in range(50)))) == 1
    assert looked == [4]
