"""What experiments enter into the ledger."""

import json

import hand_made
import pytest

from llmxray.errors import InputError
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import ledger_entry as ledger


def entry(folder, outcomes, name="made-up", **more):
    """The ledger entry of a hand-made experiment."""
    return ledger.build_entry(Analysis(hand_made.data(folder, outcomes, name=name, **more)))


def shares(run):
    """Its shares of right answers, None without a whole reply."""
    return [None if share != share else share for share in run.scores[hand_made.SUITE].shares.tolist()]


def test_a_run_is_a_condition_with_its_scores(tmp_path):
    """Right 1, wrong and unread 0, no reply missing; accuracy is that of the results page."""
    data = hand_made.data(tmp_path, {"a": "+-?!", "b": "++++"})
    a, b = ledger.build_entry(Analysis(data)).runs
    assert ("made-up", "a", "letter, zero-shot", "a") == (a.experiment, a.id, a.asked, a.model)
    assert shares(a) == [1.0, 0.0, 0.0, None]
    ours, theirs = a.estimate(hand_made.SUITE), Analysis(data).accuracies["a"]
    assert (ours.value, ours.low, ours.high, ours.n) == (theirs.value, theirs.low, theirs.high, theirs.n)
    assert 1.0 == b.estimate(hand_made.SUITE).value


def test_what_was_written_is_read_back(tmp_path):
    """Gaps included: not asked, and no whole reply; what no page shows any more is passed over."""
    whole = ledger.dump(entry(tmp_path, {"a": "+-!", "b": "+++"}))
    assert whole == ledger.dump(ledger.load(whole))
    content = json.loads(whole)
    for run in content["runs"]:
        run |= {"cost": 0.5}
    assert whole == ledger.dump(ledger.load(json.dumps(content).encode()))


def test_answers_are_those_of_the_item(tmp_path):
    """Letters of the item's own options, in lower case, whatever was shown; the first of several turns that counts."""
    (run,) = entry(tmp_path, {"a": ["+-!!", "-+-!", "--!!"]}, rotated=True).runs
    assert ("a", "b", "c", None) == run.scores[hand_made.SUITE].answers
    assert ("a",) * 4 == run.scores[hand_made.SUITE].questions.answers


def test_the_same_question_has_one_key(tmp_path):
    """In whatever experiment it is asked; the same id with other words is another question."""
    (long,) = entry(tmp_path, {"a": "+" * 8 + "--"}).runs
    (short,) = entry(tmp_path, {"b": "+---"}, name="short").runs
    first, second = ledger.shared_shares(long, short, hand_made.SUITE)
    assert ([1.0] * 4, [1.0, 0.0, 0.0, 0.0]) == (first.tolist(), second.tolist())
    (reworded,) = entry(tmp_path, {"c": "+---"}, name="other", options=3).runs
    assert not ledger.shared_shares(long, reworded, hand_made.SUITE)[0].size


@pytest.mark.parametrize("field", ["label", "title", "model"])
def test_a_text_longer_than_a_line_is_refused(tmp_path, field):
    """It would stand in every row."""
    content = json.loads(ledger.dump(entry(tmp_path, {"a": "+-"})))
    content["runs"][0][field] = "a" * 501
    with pytest.raises(InputError, match=r"^x/ledger\.json is torn, or of another version") as caught:
        ledger.load(json.dumps(content).encode(), file="x/ledger.json")
    assert "\n" not in str(caught.value)
