"""What is read here against the tool's own marks: no figure contradicts them without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.results import TOOL_MARK

SAMPLES = "samples_t_2026-01-01T00-00-00.1.jsonl"
COLOURS = ["red", "green", "blue", "grey"]


def one(*files: tuple[str, bytes], **more: Any) -> Imported:
    """The one experiment of some files."""
    (found,) = interop.read(files, **more)
    return found


def outcomes(found: Imported) -> list[str]:
    """Outcome of each row."""
    return [row.outcome.value for row in found.results.rows]


def notes(found: Imported) -> list[str]:
    """The remarks on runs and keys that contradict marks."""
    return [note for note in found.results.notes if "count as the tool marks them" in note]


def weighed(
    n: int, best: int, target: str, texts: Sequence[str] = COLOURS, *, metric: str = "acc", **more: Any
) -> dict[str, Any]:
    """A question of lm-evaluation-harness with one option that is likeliest."""
    sums = [-3.0] * len(texts)
    sums[best] = -1.0
    row = made.lm_eval_row(0, sums, target=target, doc={"question": f"Which {n}?", "choices": list(texts)})
    row["arguments"] = {
        f"gen_args_{at}": {"arg_0": "Q", "arg_1": f" {text}"} for at, text in enumerate(texts)
    }
    return row | {"doc_id": n, "metrics": [metric], **more}


def test_sums_that_contradict_a_key_lose_their_options() -> None:
    """The target is a place from 0 for the format; for the marks it cannot be."""
    found = one((SAMPLES, made.lines([weighed(n, n % 3, str(n % 3 + 1), acc=1.0) for n in range(12)])))
    assert outcomes(found) == ["correct"] * 12
    assert {row.rule for row in found.results.rows} == {TOOL_MARK}
    assert {item.choices for item in found.results.plan.items().values()} == {()}
    (said,) = notes(found)
    assert "lm-evaluation-harness, t: with the correct answers as read here, 12 of 12 answers differ" in said


def test_one_question_whose_sums_differ_counts_as_it_is_marked() -> None:
    """The others show that the key is meant; the run keeps its options, and says so."""
    rows = [weighed(n, n % 2, "0", acc=float(n % 2 == 0)) for n in range(20)]
    rows[4]["acc"], rows[4]["resps"][0][0][0] = 0.0, "-1.0"
    found = one((SAMPLES, made.lines(rows)))
    marks = ["correct" if row["acc"] else "wrong" for row in rows]
    assert outcomes(found) == marks
    odd = found.results.rows[4]
    assert (odd.rule, odd.option_confidence, odd.expected) == (TOOL_MARK, None, "A")
    assert found.results.rows[3].option_confidence is not None
    assert any("of 20 answers as read here, 1 differs from the marks" in note for note in notes(found))
    assert (
        "model not named: lm-evaluation-harness (acc) marks 1 of 20 answers otherwise: 4"
        in found.results.notes
    )


def test_a_metric_that_is_not_asked_for_changes_nothing() -> None:
    """Outcomes are of `acc`; lengths are no matter of the key."""
    rows = [weighed(n, 0, "0", metrics=["acc", "acc_norm"], acc=1.0, acc_norm=0.0) for n in range(9)]
    assert outcomes(one((SAMPLES, made.lines(rows)))) == ["correct"] * 9
    found = one((SAMPLES, made.lines(rows)), likelihood="acc_norm")
    assert outcomes(found) == ["wrong"] * 9
    assert notes(found)


def test_options_as_likely_as_each_other_may_be_taken_either_way() -> None:
    """As by a tool that sums in another order."""
    rows = [weighed(n, 0, "0", acc=0.0) for n in range(9)]
    for row in rows:
        row["resps"][1] = row["resps"][0]
    found = one((SAMPLES, made.lines(rows)))
    assert outcomes(found) == ["correct"] * 9
    assert not notes(found)


def promptfoo(n: int, reply: str, passed: bool, **more: Any) -> dict[str, Any]:
    """A written answer, whose key is a variable of the user's."""
    row = made.promptfoo_row(n, reply, passed=passed)
    row["vars"] = {"question": f"Which {n}?", "choices": COLOURS, **more}
    return row


def test_a_key_with_one_reading_is_held_against_the_marks() -> None:
    """The user's letters are not those of the options: no reading fits."""
    rows = [promptfoo(n, "The answer is C.", True, expected="A") for n in range(9)]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert outcomes(found) == ["correct"] * 9
    assert "promptfoo, tests: with the correct answers as read here, 9 of 9 answers differ" in notes(found)[0]
    assert {item.choices for item in found.results.plan.items().values()} == {()}


def test_a_key_is_that_of_a_file_whoever_answered() -> None:
    """Two answers of a second provider are too few to deny it; both are still asked the same questions."""
    rows = [promptfoo(n, "The answer is C.", True, expected="A") for n in range(9)]
    rows += [{**row, "provider": {"id": "other", "label": ""}} for row in rows[:2]]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert outcomes(found) == ["correct"] * 11
    assert len(found.results.plan.items()) == 9


def inspect(letters: str, marks: str, answers: Sequence[str | None] | None = None) -> bytes:
    """A log of multiple choice, key A, whose letter the format documents."""
    samples = []
    for n, (letter, mark) in enumerate(zip(letters, marks, strict=True)):
        given = answers[n] if answers else letter
        sample = made.inspect_sample(n, letter)
        samples.append({**sample, "scores": {"choice": {"value": mark, "answer": given}}})
    return made.dump(made.inspect_log(samples))


def test_a_documented_key_is_kept_and_the_run_counts_as_marked() -> None:
    """Options and confidences of the other answers stay; those of answers that differ are of no use."""
    found = one(("x.json", inspect("A" * 10 + "B" * 10, "C" * 14 + "I" * 6)))
    assert outcomes(found) == ["correct"] * 14 + ["wrong"] * 6
    rows = found.results.rows
    assert [row.rule == TOOL_MARK for row in rows] == [False] * 10 + [True] * 4 + [False] * 6
    assert rows[0].option_confidence == pytest.approx(0.7)
    assert rows[10].option_confidence is None
    (said,) = notes(found)
    assert said == (
        "org/small, multiple_choice, sums: of 20 answers as read here, 4 differ from the marks of Inspect (choice), "
        "more than reading explains: answers of this run count as the tool marks them"
    )
    assert any("marks 4 of 20 answers otherwise: q10" in note for note in found.results.notes)


@pytest.mark.parametrize(("n", "differ"), [(20, 2), (100, 10), (2, 2)])
def test_what_the_tools_way_of_reading_explains_stays_as_it_is_read(n: int, differ: int) -> None:
    """10%, or two; the notes name them."""
    found = one(("x.json", inspect("A" * n, "I" * differ + "C" * (n - differ))))
    assert outcomes(found) == ["correct"] * n
    assert not notes(found)
    assert any(f"marks {differ} of {n} answers otherwise" in note for note in found.results.notes)


def test_a_reply_that_the_tool_could_not_read_contradicts_nothing() -> None:
    """Its scorer found no letter, and marks it as wrong."""
    found = one(("x.json", inspect("A" * 20, "I" * 15 + "C" * 5, [""] * 15 + ["A"] * 5)))
    assert outcomes(found) == ["correct"] * 20
    assert not notes(found)
    rows = [made.lm_eval_written(n, f"So it is {2 * n}, I think.", mark=0.0) for n in range(1, 9)]
    assert outcomes(one((SAMPLES, made.lines(rows)))) == ["correct"] * 8


def test_numbers_that_differ_count_as_they_are_marked() -> None:
    """The last number of a reply is not always its answer."""
    rows = [made.lm_eval_written(n, f"{2 * n} of 100", mark=1.0) for n in range(1, 9)]
    for row in rows:
        row["filtered_resps"] = [row["target"].rpartition(" ")[2]]
    found = one((SAMPLES, made.lines(rows)))
    assert outcomes(found) == ["correct"] * 8
    assert len(notes(found)) == 1


def test_a_scorer_of_form_excuses_nothing() -> None:
    """It happens to agree with a key that the scorer of correctness denies."""
    samples = [made.inspect_sample(n, "A") for n in range(9)]
    for sample in samples:
        sample["scores"] = {"form": {"value": 1}, "choice": {"value": "I", "answer": "A"}}
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert outcomes(found) == ["wrong"] * 9
    assert len(notes(found)) == 1


def test_one_scorer_that_agrees_is_enough() -> None:
    """Of several, one may mark form."""
    samples = [made.inspect_sample(n, "A") for n in range(9)]
    for sample in samples:
        sample["scores"] = {"form": {"value": 0}, "choice": {"value": "C", "answer": "A"}}
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert outcomes(found) == ["correct"] * 9
    assert not notes(found)
