"""Accuracies of Inspect logs that are no share of right replies are said beside the one that is shown."""

from typing import Any

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read.tokens import SHUFFLED
from llmxray.types import Row


def notes(samples: list[dict[str, Any]], *scores: dict[str, Any]) -> list[str]:
    """What is said of a log with these samples and sums about what the log states."""
    log = made.inspect_log(samples, task_id="t")
    log["results"] = {"scores": [*scores]}
    (found,) = interop.read_files([("x.json", made.dump(log))])
    return [each for each in found.results.notes if "states" in each]


def summed(value: float, reducer: str) -> dict[str, Any]:
    """One score of the results."""
    accuracy = {"name": "accuracy", "value": value}
    return {"name": "choice", "scorer": "choice", "metrics": {"accuracy": accuracy}, "reducer": reducer}


def epochs(n: int) -> list[dict[str, Any]]:
    """Two questions, of which one epoch is right."""
    return [
        made.inspect_sample(each, "A" if epoch == 1 else "B", epoch=epoch)
        for each in range(2)
        for epoch in range(1, n + 1)
    ]


def test_the_best_of_three_epochs_is_no_share_of_replies():
    """Inspect shows 100%, the page a third: both are said."""
    assert notes(epochs(3), summed(1.0, "max")) == [
        "org/small: Inspect (choice) states 100.0% for sums; the accuracy over its 2 questions here is 33.3%"
    ]


def test_the_mean_is_the_same_and_nothing_is_said():
    """Of several reducers the first is what Inspect shows; a failed epoch is none of the mean's."""
    samples = epochs(3)
    assert notes(samples, summed(1 / 3, "mean"), summed(1.0, "max")) == []
    samples[2] |= {"error": {"message": "broke"}, "scores": {}}
    assert notes(samples, summed((1 / 2 + 1 / 3) / 2, "mean")) == []


_SAYS = "Choices were shuffled before generating a response, the following was sent to the model:\n\nA) 3"


def rows(*samples: dict[str, object]) -> dict[str, Row]:
    """The rows of a log with these samples, whose plan names a solver of its own, by id."""
    log = made.inspect_log(samples)
    log["plan"]["steps"] = [{"solver": "my_solver", "params": {}}]
    (found,) = interop.read_files([("x.json", made.dump(log))])
    return {row.item_id: row for row in found.results.rows}


@pytest.mark.parametrize("where", ["the text", "an attachment"])
def test_a_log_of_which_one_sample_says_that_it_was_shuffled(where):
    """The letter stayed by chance in the other: its alternatives are still those of other options."""
    said = made.inspect_sample(1, "B")
    said["scores"]["choice"]["explanation"] = _SAYS if where == "the text" else "attachment://long"
    said["attachments"]["long"] = _SAYS
    found = rows(said, made.inspect_sample(2, "A"))
    for row in found.values():
        assert (row.option_confidence, row.option_probs, row.recordings) == (None, (), ())
        assert row.missing_why == SHUFFLED


def test_a_log_of_which_one_reply_has_another_letter_than_its_tokens():
    """No scorer explains anything, as where the answer is matched: the letter was put back in order all the same."""
    turned = made.inspect_sample(1, "B")
    turned["output"]["choices"][0]["logprobs"] = made.logprobs("ANSWER: D", "D", 0.9)
    found = rows(turned, made.inspect_sample(2, "A"))
    assert [(row.answer, row.option_confidence, row.recordings) for row in found.values()] == [
        ("B", None, ()),
        ("A", None, ()),
    ]
    assert "do not spell the reply" in found["q1"].missing_why
    assert found["q2"].missing_why == SHUFFLED


def test_a_reply_that_was_changed_otherwise_says_nothing_of_others():
    """A tool may strip a reply; of one whose options were shuffled nothing but the answer is left."""
    changed = made.inspect_sample(1, "B")
    changed["output"]["choices"][0]["message"]["content"] = "I say ANSWER: B"
    changed["output"]["choices"][0]["logprobs"] = made.logprobs("I  say ANSWER: B", "B", 0.9)
    found = rows(changed, made.inspect_sample(2, "A", p=0.7))
    assert found["q1"].option_confidence is None
    assert found["q2"].option_confidence == pytest.approx(0.7)
