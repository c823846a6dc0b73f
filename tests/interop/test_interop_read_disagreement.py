"""What is read here beside the tool's own marks, which count; keys that they deny are not shown."""

from typing import Any

import made_files as made
import pytest
from made_files import one, outcomes

from llmxray.interop.read import Imported
from llmxray.results import TOOL_MARK

SAMPLES = "samples_t_2026-01-01T00-00-00.1.jsonl"
COLOURS = ["red", "green", "blue", "grey"]


def notes(found: Imported) -> list[str]:
    """The remarks on keys that contradict marks."""
    return [note for note in found.results.notes if "do not show what the correct" in note]


def weighed(n: int, best: int, target: str, **more: Any) -> dict[str, Any]:
    """A question of lm-evaluation-harness with one option that is likeliest."""
    sums = [-1.0 if at == best else -3.0 for at in range(4)]
    return made.lm_eval_weighed(n, sums, COLOURS, target, **{"metrics": ["acc"], **more})


def test_sums_that_contradict_a_key_lose_their_options():
    """The target is a place from 0 for the format; for the marks it cannot be."""
    found = one((SAMPLES, made.lines([weighed(n, n % 3, str(n % 3 + 1), acc=1.0) for n in range(12)])))
    assert outcomes(found) == ["correct"] * 12
    assert {row.rule for row in found.results.rows} == {TOOL_MARK}
    assert {item.choices for item in found.results.plan.items().values()} == {()}
    (said,) = notes(found)
    assert said.startswith(
        "lm-evaluation-harness, t: the tool's marks do not show what the correct answers of 12 q"
    )


def test_one_question_whose_sums_differ_counts_as_it_is_marked():
    """The others show that the key is meant; it keeps its options."""
    rows = [weighed(n, n % 2, "0", acc=float(n % 2 == 0)) for n in range(20)]
    rows[4]["acc"], rows[4]["resps"][0][0][0] = 0.0, "-1.0"
    found = one((SAMPLES, made.lines(rows)))
    marks = ["correct" if row["acc"] else "wrong" for row in rows]
    assert outcomes(found) == marks
    odd = found.results.rows[4]
    assert (odd.rule, odd.option_confidence, odd.expected) == (TOOL_MARK, None, "A")
    assert found.results.rows[3].option_confidence is not None
    assert not notes(found)
    assert (
        "model not named: lm-evaluation-harness (acc) marks 1 of 20 answers otherwise: 4"
        in found.results.notes
    )


def test_a_metric_that_is_not_asked_for_changes_nothing():
    """Outcomes are of the metric that is asked for, computed here where the file does not have it."""
    rows = [weighed(n, 0, "0", metrics=["acc", "acc_norm"], acc=1.0, acc_norm=0.0) for n in range(9)]
    assert outcomes(one((SAMPLES, made.lines(rows)))) == ["correct"] * 9
    for asked, outcome in (("acc_norm", "wrong"), ("acc_bytes", "correct")):
        found = one((SAMPLES, made.lines(rows)), likelihood=asked)
        assert outcomes(found) == [outcome] * 9
        assert not notes(found)


def inspect(letters: str, marks: str) -> bytes:
    """A log of multiple choice, key A, whose letter the format documents."""
    samples = []
    for n, (letter, mark) in enumerate(zip(letters, marks, strict=True)):
        scores = {"choice": {"value": mark, "answer": letter}}
        samples.append(made.inspect_sample(n, letter) | {"scores": scores})
    return made.dump(made.inspect_log(samples))


@pytest.mark.parametrize(("n", "differ"), [(20, 1), (20, 4), (2, 2)])
def test_the_mark_counts_and_a_documented_key_is_kept(n, differ):
    """However few differ. Options and confidences of the others stay; those of answers that differ are of no use."""
    found = one(("x.json", inspect("A" * n, "I" * differ + "C" * (n - differ))))
    assert outcomes(found) == ["wrong"] * differ + ["correct"] * (n - differ)
    rows = found.results.rows
    assert [row.rule == TOOL_MARK for row in rows] == [True] * differ + [False] * (n - differ)
    assert [row.option_confidence is None for row in rows] == [True] * differ + [False] * (n - differ)
    assert {row.expected for row in rows} == {"A"}
    assert not notes(found)
    assert any(f"marks {differ} of {n} answers otherwise: q0" in note for note in found.results.notes)
