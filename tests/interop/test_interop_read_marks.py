"""Which marks of a tool decide: two-valued ones, of the scorer that marks correctness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import made_files as made
import pytest

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported

SAMPLES = "samples_t_2026-01-01T00-00-00.1.jsonl"


def one(name: str, data: bytes) -> Imported:
    """The one experiment of a file."""
    (found,) = interop.read([(name, data)])
    return found


def outcomes(found: Imported) -> list[str]:
    """Outcome of each row."""
    return [row.outcome.value for row in found.results.rows]


def graded(scores: Sequence[Mapping[str, Any]]) -> Imported:
    """Open answers of Inspect, each of which has the words "Paris" that are expected."""
    samples = []
    for n, each in enumerate(scores):
        sample = made.inspect_sample(n, "A", p=None, choices=None, target="Paris", input=f"Write {n}")
        sample["output"]["choices"][0]["message"]["content"] = "It is Paris, I say."
        samples.append({**sample, "scores": {name: {"value": value} for name, value in each.items()}})
    return one("x.json", made.dump(made.inspect_log(samples)))


def test_words_and_numbers_as_texts_are_marks() -> None:
    """As scorers write them; "N" is no answer, which is wrong."""
    wrong = ["I", "N", "incorrect", "no", "No", "false", "0", False, 0, 0.0]
    right = ["C", "correct", "yes", "true", "1", True, 1, 1.0]
    found = graded([{"judge": value} for value in [*wrong, *right]])
    assert outcomes(found) == ["wrong"] * len(wrong) + ["correct"] * len(right)


@pytest.mark.parametrize("scale", [(1, 2, 3, 4, 5), (0, 0.4, 1), ("1", "2"), (-1, 1), (0, 1, "GRADE: I")])
def test_a_scale_marks_nothing_as_correct(scale: Sequence[object]) -> None:
    """1 of 1 to 5 is the worst; and no answer is searched for words in place of its grade."""
    with pytest.raises(InputError, match=r"x\.json: its scores \(judge\) mark no answer as right or wrong"):
        graded([{"judge": value} for value in scale])


def test_partial_credit_leaves_its_own_row_unscored() -> None:
    """And no other one; a note counts them."""
    found = graded([{"model_graded_qa": value} for value in "CPIN"])
    assert outcomes(found) == ["correct", "unscored", "wrong", "wrong"]
    said = (
        "org/small: 1 answer is not scored; Inspect (model_graded_qa) marks neither correct nor wrong there"
    )
    assert said in found.results.notes


def test_another_scorer_decides_where_one_grades() -> None:
    """Its marks count for all answers, also where the grade happens to be 1."""
    found = graded([{"style": n, "match": "CI"[n % 2]} for n in range(4)])
    assert outcomes(found) == ["correct", "wrong"] * 2


@pytest.mark.parametrize("first", ["format_ok", "polite"])
def test_the_scorer_of_correctness_decides_before_others(first: str) -> None:
    """Whatever its place; what the others say stands in the notes."""
    found = graded([{first: 1, "match": "I"}] * 3)
    assert outcomes(found) == ["wrong"] * 3
    assert any("3 open answers count as Inspect (match) marks them" in note for note in found.results.notes)
    assert f"org/small: Inspect ({first}) marks 3 of 3 answers otherwise: q0, q1, q2" in found.results.notes
    samples = graded([{"rubric": {first: 1, "correct": 0}}] * 3)
    assert outcomes(samples) == ["wrong"] * 3


def test_of_several_metrics_of_lm_eval_exact_match_decides() -> None:
    """Differences of BLEU are no marks, though they may be 0."""
    rows = []
    for n in range(4):
        row = made.lm_eval_written(n, "Some words", mark=1.0)
        row |= {"target": "Other words", "metrics": ["bleu_diff", "rouge1_acc", "exact_match"]}
        rows.append({**row, "bleu_diff": 0.0, "rouge1_acc": 0.0})
    found = one(SAMPLES, made.lines(rows))
    assert outcomes(found) == ["correct"] * 4
    assert {row.tool_mark.count("bleu_diff: 0.0") for row in found.results.rows} == {1}
    assert not any("(bleu_diff)" in note for note in found.results.notes)


def test_an_f1_between_makes_all_of_it_a_grade() -> None:
    """F1 of 1 beside 0.4: a grade. Without another metric these answers are not scored."""
    rows = []
    for n, f1 in enumerate((1.0, 0.4, 0.0)):
        row = made.lm_eval_written(n, "It is Paris.")
        row.pop("exact_match")
        rows.append({**row, "target": "Paris", "metrics": ["f1"], "f1": f1})
    with pytest.raises(InputError, match="mark no answer as right or wrong"):
        one(SAMPLES, made.lines(rows))


@pytest.mark.parametrize("undecided", ["P", None, 0.5])
def test_no_scorer_of_form_stands_in_for_an_undecided_mark(undecided: object) -> None:
    """The answer is not scored, nor one that the scorer of correctness has not marked."""
    scores = [{"model_graded_qa": value, "concise": "C"} for value in ("C", "I", undecided)]
    if undecided == 0.5:
        with pytest.raises(InputError, match="mark no answer as right or wrong"):
            graded(scores)
        return
    found = graded([*scores, {"concise": "C"}])
    assert outcomes(found) == ["correct", "wrong", "unscored", "unscored"]
    said = "org/small: 1 answer is not scored; Inspect (model_graded_qa)"
    assert f"{said} marks neither correct nor wrong there" in found.results.notes
    assert f"{said} has no mark there" in found.results.notes


def test_the_name_of_a_scorer_may_have_its_package_in_front() -> None:
    """It counts before one of form all the same."""
    found = graded([{"concise": "C", "pkg/accuracy": "CI"[n % 2]} for n in range(4)])
    assert outcomes(found) == ["correct", "wrong"] * 2


def essays(values: Sequence[int], model: str) -> bytes:
    """A log with one grade an essay."""
    samples = []
    for n, value in enumerate(values):
        sample = made.inspect_sample(n, "A", p=None, choices=None, target="Paris", input=f"Write {n}")
        samples.append({**sample, "scores": {"rubric": {"value": value}}})
    return made.dump(made.inspect_log(samples, model=model))


def test_a_scale_is_told_by_all_files_of_a_task() -> None:
    """A weak model has the worst grade everywhere, which is 1."""
    weak, strong = essays([1] * 6, "org/weak"), essays([3, 4, 5] * 2, "org/strong")
    with pytest.raises(InputError, match="mark no answer as right or wrong"):
        interop.read([("weak.json", weak), ("strong.json", strong)])


def test_tasks_of_a_group_have_metrics_of_their_own() -> None:
    """`acc` of TruthfulQA's MC2 is a share, and scores nothing; that of MC1 stays a mark."""
    about = made.lm_eval_results(
        "truthfulqa_mc1", group_subtasks={"truthfulqa": ["truthfulqa_mc1", "truthfulqa_mc2"]}
    )
    about["configs"]["truthfulqa_mc2"] = {}
    files = [("results_2026-01-01T00-00-00.1.json", made.dump(about))]
    for at, (task, acc) in enumerate((("truthfulqa_mc1", 1.0), ("truthfulqa_mc2", 0.3))):
        rows = [made.lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0), acc=acc) for n in range(4 * at, 4 * at + 4)]
        files.append((f"samples_{task}_2026-01-01T00-00-00.1.jsonl", made.lines(rows)))
    (found,) = interop.read(files)
    assert outcomes(found) == ["correct"] * 4 + ["unscored"] * 4
    assert any("(acc) marks all 4 answers the same way" in note for note in found.results.notes)
