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


def promptfoo(
    n: int, reply: str, passed: bool, *, asserted: Sequence[str] = ("icontains",), **more: Any
) -> dict[str, Any]:
    """A written answer, whose key is a variable of the user's."""
    row = made.promptfoo_row(n, reply, passed=passed)
    row["vars"] = {"question": f"Which {n}?", "choices": COLOURS, **more}
    row["testCase"]["assert"] = [{"type": each} for each in asserted]
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
    assert outcomes(one(("x.json", inspect("A" * 20, "I" * 20, [""] * 20)))) == ["correct"] * 20
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


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("scorer", ["concise", "refused"])
def test_a_scorer_of_form_alone_contradicts_nothing(scorer: str, value: bool) -> None:
    """Whether a reply is short, or refuses, says nothing of the letter in it."""
    samples = [made.inspect_sample(n, "AB"[n % 2], scores={scorer: {"value": value}}) for n in range(12)]
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert outcomes(found) == ["correct", "wrong"] * 6
    assert not notes(found)


@pytest.mark.parametrize(
    ("asserted", "counts"),
    [
        (["equals"], True),
        (["similar:dot", "model-graded-closedqa"], True),
        (["icontains", "cost"], False),
        (["is-json"], False),
        ([], False),
    ],
)
def test_what_promptfoo_passes_contradicts_where_texts_are_compared(
    asserted: Sequence[str], counts: bool
) -> None:
    """An answer that costs too much fails too, and one without assertions passes."""
    rows = [promptfoo(n, "A", bool(n % 2), asserted=asserted, expected="A") for n in range(12)]
    beside = [{"assertion": {"type": each}, "pass": True} for each in asserted]
    moved = [
        {**row, "testCase": {}, "gradingResult": {**row["gradingResult"], "componentResults": beside}}
        for row in rows
    ]
    for each in (rows, moved):
        found = one(("r.json", made.dump(made.promptfoo(each))))
        assert outcomes(found) == (["wrong", "correct"] * 6 if counts else ["correct"] * 12)


def test_the_scorer_that_contradicts_is_the_one_that_is_applied() -> None:
    """Of two that mark correctness, the one that differs least."""
    samples = [made.inspect_sample(n, "A", p=None) for n in range(12)]
    for n, sample in enumerate(samples):
        sample["scores"] = {
            "match": {"value": "I", "answer": "x"},
            "choice": {"value": "CI"[n % 2], "answer": "A"},
        }
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert outcomes(found) == ["correct", "wrong"] * 6
    assert "6 differ from the marks of Inspect (choice)" in notes(found)[0]


def gsm(n: int, flexible: str, mark: float) -> list[dict[str, Any]]:
    """A number under the two filters of GSM8K, of which the strict one finds nothing."""
    rows = [
        made.lm_eval_written(n, f"The answer is {2 * n}. No: 99.", filter_=name, mark=value)
        for name, value in (("strict-match", 0.0), ("flexible-extract", mark))
    ]
    rows[0]["filtered_resps"], rows[1]["filtered_resps"] = ["[invalid]"], [flexible]
    return rows


def test_a_filter_that_found_an_answer_judges_it() -> None:
    """That another one found nothing excuses no difference from it."""
    found = one((SAMPLES, made.lines([row for n in range(12) for row in gsm(n, "99", 0.0)])))
    assert outcomes(found) == ["wrong"] * 12
    assert "(exact_match,flexible-extract)" in notes(found)[0]
    rows = [row for n in range(12) for row in gsm(n, "99", 0.0)]
    # As filters leave it that do not take the first reply.
    nested = [{**row, "filtered_resps": [row["filtered_resps"]]} for row in rows]
    assert outcomes(one((SAMPLES, made.lines(nested)))) == ["wrong"] * 12
    none = one((SAMPLES, made.lines([row for n in range(12) for row in gsm(n, "[invalid]", 0.0)])))
    assert set(outcomes(none)) == {outcomes(none)[1]}
    assert not notes(none)


@pytest.mark.parametrize(("scorer", "outcome"), [("model_graded_qa", "wrong"), ("match", "correct")])
def test_a_model_that_grades_reads_the_whole_reply(scorer: str, outcome: str) -> None:
    """What it names as the answer is the reply; of a scorer that extracts, it is that there was none."""
    samples = [made.inspect_sample(n, "A", p=None) for n in range(12)]
    for sample in samples:
        sample["scores"] = {scorer: {"value": "I", "answer": "ANSWER: A"}}
    assert outcomes(one(("x.json", made.dump(made.inspect_log(samples))))) == [outcome] * 12


def test_a_field_that_may_be_absent_says_nothing_by_its_absence() -> None:
    """In Every Eval Ever one row may name what was extracted, and the others not."""
    rows = [made.eee_row(n, "A", right=False) for n in range(12)]
    for row in rows[1:]:
        row.pop("answer_attribution")
    assert outcomes(one(("x_samples.jsonl", made.lines(rows)))) == ["wrong"] * 12


def test_the_share_is_counted_over_all_files_of_a_run() -> None:
    """Two of five are few; ten of twenty-five are not, and are named once."""
    files = []
    for n in range(5):
        samples = [made.inspect_sample(5 * n + k, "A", p=None) for k in range(5)]
        for sample in samples[:2]:
            sample["scores"]["choice"]["value"] = "I"
        files.append((f"{n}.json", made.dump(made.inspect_log(samples))))
    assert outcomes(one(files[0])) == ["correct"] * 5
    found = one(*files)
    assert outcomes(found) == (["wrong"] * 2 + ["correct"] * 3) * 5
    (said,) = notes(found)
    assert "of 25 answers as read here, 10 differ" in said


def test_marks_of_a_log_that_stands_there_once_more_are_not_held() -> None:
    """The replies of the first file count; that a second one marks them otherwise is no matter."""
    first = inspect("A" * 6, "C" * 6)
    again = inspect("A" * 6, "I" * 6)
    found = one(("a.json", first), ("b.json", again))
    assert outcomes(found) == ["correct"] * 6
    assert not notes(found)
    assert "6 replies stand in more than one file and count once" in found.results.notes


def test_numbers_have_no_option_confidence_to_miss() -> None:
    """The note on it is of questions with options."""
    rows = [made.lm_eval_written(n, f"{2 * n} of 100", mark=1.0) for n in range(1, 9)]
    for row in rows:
        row["filtered_resps"] = [row["target"].rpartition(" ")[2]]
    found = one((SAMPLES, made.lines(rows)))
    assert outcomes(found) == ["correct"] * 8
    assert not any("option confidence" in note for note in found.results.notes)


def test_the_share_is_that_of_a_condition() -> None:
    """Of two conditions with replies in common, the second is held against the marks of all of its own."""
    first = inspect("A" * 30, "C" * 30)
    second = inspect("B" + "A" * 29, "I" * 7 + "C" * 23)
    found = one(("a.json", first), ("b.json", second))
    assert outcomes(found) == ["correct"] * 30 + ["wrong"] * 7 + ["correct"] * 23
    (said,) = notes(found)
    assert "of 30 answers as read here, 6 differ" in said
