"""Targets, options and lengths of lm-evaluation-harness, as it reads them itself."""

from collections.abc import Sequence
from typing import Any

import made_files as made
import pytest

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported

SAMPLES = "samples_t_2026-01-01T00-00-00.1.jsonl"


def one(rows: Sequence[dict[str, Any]], **more: Any) -> Imported:
    """The one experiment of some lines."""
    (found,) = interop.read_files([(SAMPLES, made.lines(rows))], **more)
    return found


def read(found: Imported) -> list[tuple[str, str | None, str]]:
    """Correct answer, answer and outcome of each row."""
    return [(row.expected, row.answer, row.outcome.value) for row in found.results.rows]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_number_may_be_the_text_of_an_option_or_a_place(as_text):
    """Both are "2" in the file; `acc` tells them apart."""
    rows = []
    for n in range(12):
        best = n % 3
        right = best if as_text else best + 1
        target = str(best + 1)
        sums = [-1.0 if at == right else -3.0 for at in range(4)]
        rows.append(made.lm_eval_weighed(n, sums, "1234", target, acc=1.0))
    found = one(rows)
    letters = "ABC" if as_text else "BCD"
    assert read(found) == [(letters[n % 3], letters[n % 3], "correct") for n in range(12)]
    assert {row.rule for row in found.results.rows} == {"likelihood-total"}


def test_several_options_of_truthful_qa_are_right():
    """The target 0 of MC2 is a dummy; its `acc`, the mass on all true options, is a grade and scores no answer."""
    rows = []
    for n, best in enumerate((0, 1, 2, 3)):
        texts = ["Right", "Also right", "False", "Also false"]
        row = made.lm_eval_weighed(n, [-0.5 if at == best else -3.0 for at in range(4)], texts, "0", acc=0.9)
        row["doc"] = {"question": f"Myth {n}?", "mc2_targets": {"choices": texts, "labels": [1, 1, 0, 0]}}
        rows.append(row)
    with pytest.raises(InputError, match=r"its scores \(acc\) mark no answer"):
        one(rows)
    found = one([{**row, "metrics": ["none"]} for row in rows])
    assert [outcome for *_, outcome in read(found)] == ["correct", "correct", "wrong", "wrong"]
    assert found.results.rows[0].right_mass == pytest.approx(0.868, abs=0.001)


def test_options_are_in_the_order_in_which_they_were_weighed():
    """The data set may have them in another one; marks, bars and answers are those of what was weighed."""
    row = made.lm_eval_weighed(1, (-1.0, -2.0, -3.0, -4.0), ["w", "x", "y", "z"], "0", acc=1.0)
    row["doc"]["choices"] = ["z", "w", "y", "x"]
    found = one([row])
    assert read(found) == [("A", "A", "correct")]
    (item,) = found.results.plan.items().values()
    assert item.choices == ("w", "x", "y", "z")


def test_a_target_may_be_a_list_as_python_writes_it():
    """Any of them is right; replies of a task without scores are searched for them."""
    row = made.lm_eval_written(1, "")
    row |= {"target": "['Paris', \"City of Paris's centre\"]", "doc": {"question": "Capital?"}}
    row["resps"], row["metrics"] = [["Paris", "City of Paris's centre", "Lyon"]], ["none"]
    # Beside one whose answer is a number.
    seven = made.lm_eval_written(2, "7") | {"target": "7", "metrics": ["none"]}
    assert [outcome for *_, outcome in read(one([row, seven]))] == ["correct", "correct", "wrong", "correct"]
    # No list of texts.
    assert read(one([row | {"target": "['Paris', 75]"}]))[0][0] == "['Paris', 75]"


@pytest.mark.parametrize("stated", [True, False])
def test_replies_without_scores_are_read_here(stated):
    """`--predict_only` writes 999 in the place of each score."""
    rows = [made.lm_eval_written(n, f"It is {2 * n}.") for n in (3, 4)] + [
        made.lm_eval_written(5, "It is 9.")
    ]
    for row in rows:
        row["bypass"] = 999
        del row["exact_match"], row["metrics"]
        row |= {"metrics": ["bypass"]} if stated else {}
    found = one(rows)
    assert read(found) == [("6", "6", "correct"), ("8", "8", "correct"), ("10", "9", "wrong")]
    assert {row.tool_mark for row in found.results.rows} == {""}


def test_the_kind_of_a_question_is_not_the_question():
    """COPA asks why or what then in the prompt, and says "cause" or "effect" in the field that others have it in."""
    rows = []
    for n, (kind, premise) in enumerate((("cause", "He fell because"), ("effect", "It rained, therefore"))):
        row = made.lm_eval_weighed(
            n, (-1.0, -2.0), ("x", "y"), "0", doc={"question": kind, "premise": premise[:-8]}
        )
        row["arguments"] = {f"gen_args_{at}": {"arg_0": premise, "arg_1": f" {at}"} for at in range(2)}
        rows.append(row)
    assert [item.question for item in one(rows).results.plan.items().values()] == [
        "He fell because",
        "It rained, therefore",
    ]


def test_documents_that_share_an_id_are_questions_of_their_own():
    """An id may be of what the question is about, and the same words may be asked of each."""
    rows = []
    for n in range(6):
        row = made.lm_eval_written(n, "yes", mark=1.0) | {"target": "yes", "doc_hash": f"h{n}"}
        row["doc"] = {"id": f"product{n // 3}" if n < 5 else "alone", "question": "Is this review positive?"}
        rows.append(row)
    # Of another filter, and a repeat: the same document once more.
    rows += [rows[0] | {"filter": "flexible-extract"}, rows[5]]
    found = one(rows)
    assert [(row.item_id, row.sample) for row in found.results.rows] == [
        ("product0/0", 0),
        ("product0/1", 0),
        ("product0/2", 0),
        ("product1/3", 0),
        ("product1/4", 0),
        ("alone", 0),
        ("alone", 1),
    ]


def shots(rows: Sequence[dict[str, Any]]) -> Imported:
    """The one experiment of a task without shots, and with one that each prompt begins with."""
    files = []
    for n, before in ((1, "Shot.\n\n"), (0, "")):
        with_shots = []
        for row in rows:
            asked = {
                name: {**each, "arg_0": before + each["arg_0"]} for name, each in row["arguments"].items()
            }
            with_shots.append(row | {"arguments": asked, "prompt_hash": f"{before}{row['doc_id']}"})
        at = f"2026-01-0{n + 1}T00-00-00.1"
        results = made.lm_eval_results("t") | {"n-shot": {"t": n}}
        files.append((f"{n}/samples_t_{at}.jsonl", made.lines(with_shots)))
        files.append((f"{n}/results_{at}.json", made.dump(results)))
    (found,) = interop.read_files(files)
    return found


@pytest.mark.parametrize("field", ["question_stem", "Question", "Problem", "qtext"])
def test_fields_of_tasks_that_hold_the_question(field):
    """OpenBookQA, TMMLU, MathQA and HEAD-QA: with any number of shots it is one question."""
    rows = []
    for n in range(3):
        row = made.lm_eval_weighed(n, (-1.0, -2.0), ("iron", "wood"), "0")
        row["doc"] = {"id": f"7-{n}", field: f"Stem {n}", "choices": {"text": ["iron", "wood"]}}
        rows.append(row)
    items = shots(rows).results.plan.items()
    assert [item.question for item in items.values()] == ["Stem 0", "Stem 1", "Stem 2"]
