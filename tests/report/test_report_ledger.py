"""What experiments enter into the ledger."""

from __future__ import annotations

import json

import hand_made
import pytest

from llmxray.errors import InputError
from llmxray.metrics import accuracy
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import runs as ledger


def entry(folder, outcomes, name="made-up", **more):
    """The ledger entry of a hand-made experiment."""
    return ledger.make(Analysis(hand_made.data(folder, outcomes, name=name, **more)))


def test_a_run_is_a_condition_with_its_scores(tmp_path):
    """Right 1, wrong and unread 0, no reply missing; accuracy is that of the results page."""
    data = hand_made.data(tmp_path, {"a": "+-?!", "b": "++++"})
    a, b = ledger.make(Analysis(data)).runs
    assert ("made-up/a", "letter, zero-shot", "a") == (a.key, a.asked, a.model)
    assert [1.0, 0.0, 0.0, None] == list(a.scores[hand_made.SUITE].values())
    assert Analysis(data).accuracies["a"] == a.estimate(hand_made.SUITE)
    assert 1.0 == b.estimate(hand_made.SUITE).value


def test_what_was_written_is_read_back(tmp_path):
    """Gaps included: not asked, and no whole reply."""
    made = entry(tmp_path, {"a": "+-!", "b": "+++"})
    assert made == ledger.load(ledger.dump(made))


def test_a_file_of_an_earlier_version_is_read(tmp_path):
    """Its runs say what no page shows any more."""
    made = entry(tmp_path, {"a": "+-!", "b": "+++"})
    content = json.loads(ledger.dump(made))
    for run in content["runs"]:
        run |= {"cost": 0.5}
    assert made == ledger.load(json.dumps(content).encode())


def test_repeats_are_averaged_within_questions(tmp_path):
    """Two samples: shares of a half, and the interval that the pages of the experiment have."""
    (run,) = entry(tmp_path, {"a": ["++-", "-+-"]}).runs
    assert [0.5, 1.0, 0.0] == list(run.scores[hand_made.SUITE].values())
    assert accuracy.averaged_share([0.5, 1.0, 0.0]) == run.estimate(hand_made.SUITE)
    assert [run] == list(ledger.load(ledger.dump(entry(tmp_path, {"a": ["++-", "-+-"]}))).runs)


def test_the_same_question_has_one_key(tmp_path):
    """In whatever experiment it is asked; the same id with other words is another question."""
    (long,) = entry(tmp_path, {"a": "+" * 8 + "--"}).runs
    (short,) = entry(tmp_path, {"b": "+---"}, name="short").runs
    asked = list(short.scores[hand_made.SUITE])
    assert 4 == len(asked)
    assert 1.0 == long.estimate(hand_made.SUITE, asked).value
    (reworded,) = entry(tmp_path, {"c": "+---"}, name="other", options=3).runs
    assert not {*reworded.scores[hand_made.SUITE]} & {*long.scores[hand_made.SUITE]}


def test_comparisons_enter_nothing(tmp_path):
    """Prompts are no suite."""
    made = entry(tmp_path, {"a": "++"}, kind="compare")
    assert ({}, ()) == (made.suites, made.runs)


@pytest.mark.parametrize("field", ["suites", "runs", "label", "title", "model"])
def test_more_than_an_experiment_has_is_refused(tmp_path, field):
    """A ledger goes over every suite for every run, and a file of a megabyte may hold ten thousand of each."""
    content = json.loads(ledger.dump(entry(tmp_path, {"a": "+-"})))
    (run,) = content["runs"]

    def spoiled(n):
        if field == "suites":
            return content | {"suites": content["suites"] | {f"s{each}": "S" for each in range(n - 1)}}
        if field == "runs":
            return content | {"runs": [run | {"id": f"c{at}", "key": f"made-up/c{at}"} for at in range(n)]}
        return content | {"runs": [run | {field: "a" * n}]}

    most = 300 if field in ("suites", "runs") else 500
    assert ledger.load(json.dumps(spoiled(most)).encode()).runs
    with pytest.raises(InputError, match=r"x/ledger\.json is torn, or of another version") as caught:
        ledger.load(json.dumps(spoiled(most + 1)).encode(), file="x/ledger.json")
    assert "\n" not in str(caught.value)
