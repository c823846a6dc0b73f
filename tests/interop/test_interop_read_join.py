"""Files joined: which replies are one condition, which questions are one question."""

import json

import made_files as made
import pytest
from made_files import one

from llmxray.interop.read.questions import order_of, plain


def log(samples: list[dict[str, object]], **more: object) -> bytes:
    """An Inspect log."""
    return made.dump(made.inspect_log(samples, **more))  # type: ignore[arg-type]


def test_an_inspect_log_pairs_with_an_lm_eval_log_of_the_same_questions():
    """By the words of question and options, though tasks, ids and frames are others."""
    rows = [made.lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0)) for n in range(5)]
    for row in rows:
        row["doc"]["question"] = f"Question:  {row['doc']['question'].upper()}\nAnswer:"  # type: ignore[index]
    found = one(
        ("a.json", log([made.inspect_sample(n, "B") for n in range(5)])),
        ("samples_arith_2026-01-01T00-00-00.1.jsonl", made.lines(rows)),
    )
    assert len(found.results.plan.suites) == 1
    by_item: dict[str, set[str]] = {}
    for row in found.results.rows:
        by_item.setdefault(row.item_id, set()).add(row.condition)
    assert [len(each) for each in by_item.values()] == [2] * 5


def test_options_in_another_order_are_the_same_question():
    """Shown in its own order: letters stay those of the file, the item's answer moves along."""
    turned = made.inspect_sample(1, "D", p=0.8)
    turned["choices"] = list(reversed(turned["choices"]))
    turned["target"] = "D"
    turned["scores"] = {"choice": {"value": "C", "answer": "D"}}
    other = made.inspect_sample(2, "D")
    found = one(
        ("a.json", log([made.inspect_sample(1, "A"), made.inspect_sample(2, "A")])),
        ("b.json", log([turned, other], model="org/large")),
    )
    row = next(row for row in found.results.rows if row.condition == "org-large" and row.item_id == "q1")
    assert (row.order, row.answer, row.outcome.value) == ((3, 2, 1, 0), "D", "correct")
    assert row.option_confidence == pytest.approx(0.8)
    assert len(found.results.plan.items()) == 2


def test_files_of_one_run_are_joined_and_what_stands_twice_counts_once():
    """Questions 0 to 2 in one file, 2 to 4 in another, as a run that was taken up again leaves them."""
    found = one(
        ("a.json", log([made.inspect_sample(n, "A") for n in range(3)])),
        ("b.json", log([made.inspect_sample(n, "A") for n in range(2, 5)])),
    )
    assert (len(found.results.plan.conditions), len(found.results.rows)) == (1, 5)
    assert "1 reply stands in more than one file and counts once" in found.results.notes


def test_what_failed_is_taken_from_the_file_where_it_did_not():
    """A retried run."""
    failed = made.inspect_sample(1, "A", error={"message": "gone"})
    found = one(
        ("a.json", log([made.inspect_sample(0, "A"), failed])), ("b.json", log([made.inspect_sample(1, "A")]))
    )
    assert [row.outcome.value for row in found.results.rows] == ["correct", "correct"]


def test_other_settings_are_another_condition_named_by_them():
    """Temperature tells the two apart."""
    warm = json.loads(log([made.inspect_sample(1, "A")]))
    warm["plan"]["config"]["temperature"] = 1.5
    found = one(("a.json", log([made.inspect_sample(1, "A")])), ("b.json", made.dump(warm)))
    assert [each.sampling["temperature"] for each in found.results.plan.conditions] == [0.5, 1.5]
    assert "temperature 1.5" in found.results.plan.conditions[1].label


def test_one_question_under_two_ids_stays_two():
    """As MMLU-Pro has some."""
    twin = {**made.inspect_sample(1, "B"), "id": "again"}
    found = one(("a.json", log([made.inspect_sample(1, "A"), twin])))
    assert [row.item_id for row in found.results.rows] == ["q1", "again"]


def test_another_right_answer_is_another_question():
    """Two versions of a data set disagree: nothing is compared."""
    moved = {**made.inspect_sample(1, "A"), "target": "B"}
    found = one(
        ("a.json", log([made.inspect_sample(n, "A") for n in range(1, 4)])),
        ("b.json", log([moved, *(made.inspect_sample(n, "A") for n in range(2, 4))], model="org/large")),
    )
    assert len(found.results.plan.items()) == 4


def test_words_are_compared_without_their_frame():
    """Capitals, spacing, width and the words around a question."""
    assert plain("Question:  What is\n２?\nAnswer:") == plain("what is 2?")
    assert order_of(["b", "a", "a"], ["a", "b", "a"]) == (1, 0, 2)
    assert order_of(["a", "b"], ["a", "b"]) == ()
