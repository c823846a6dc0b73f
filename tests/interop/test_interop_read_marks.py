"""Which marks of a tool decide: two-valued ones, of the scorer that marks correctness."""

from collections.abc import Mapping, Sequence
from typing import Any

import made_files as made
import pytest
from made_files import one, outcomes

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.interop.read.marks import typed_scorer
from llmxray.report.pages.compare import nothing


def graded(scores: Sequence[Mapping[str, Any]], scorer: str = "") -> Imported:
    """Open answers of Inspect, each of which has the words "Paris" that are expected."""
    samples = []
    for n, each in enumerate(scores):
        sample = made.inspect_sample(n, "A", p=None, choices=None, target="Paris", input=f"Write {n}")
        sample["output"]["choices"][0]["message"]["content"] = "It is Paris, I say."
        samples.append({**sample, "scores": {name: {"value": value} for name, value in each.items()}})
    (found,) = interop.read_files([("x.json", made.dump(made.inspect_log(samples)))], scorer=scorer)
    return found


def test_words_and_numbers_as_texts_are_marks():
    """As scorers write them; "N" is no answer, which is wrong."""
    wrong = ["I", "N", "incorrect", "no", "No", "false", "0", False, 0, 0.0]
    right = ["C", "correct", "yes", "true", "1", True, 1, 1.0]
    found = graded([{"match": value} for value in [*wrong, *right]])
    assert outcomes(found) == ["wrong"] * len(wrong) + ["correct"] * len(right)


@pytest.mark.parametrize("scale", [(1, 2, 3, 4, 5), (0, 0.4, 1), ("1", "2"), (-1, 1), (0, 1, "GRADE: I")])
def test_a_scale_marks_nothing_as_correct(scale):
    """1 of 1 to 5 is the worst; and no answer is searched for words in place of its grade."""
    with pytest.raises(InputError, match=r"x\.json: its scores \(match\) mark no answer as right or wrong"):
        graded([{"match": value} for value in scale])


def test_partial_credit_leaves_its_own_row_unscored():
    """And no other one; a note counts them."""
    found = graded([{"model_graded_qa": value} for value in "CPIN"])
    assert outcomes(found) == ["correct", "unscored", "wrong", "wrong"]
    said = (
        "org/small: 1 answer is not scored; Inspect (model_graded_qa) marks neither correct nor wrong there"
    )
    assert said in found.results.notes


def test_the_scorer_of_correctness_decides_before_others():
    """Whatever its place."""
    found = graded([{"polite": 1, "match": "I"}] * 3)
    assert outcomes(found) == ["wrong"] * 3
    assert any("3 open answers count as Inspect (match) marks them" in note for note in found.results.notes)
    samples = graded([{"rubric": {"polite": 1, "correct": 0}}] * 3)
    assert outcomes(samples) == ["wrong"] * 3
    # One that marks few replies is of a part of them.
    assert outcomes(graded([{"exact": "C", "match": "I"}, *[{"match": "I"}] * 3])) == ["wrong"] * 4


@pytest.mark.parametrize("undecided", ["P", None, 0.5])
def test_no_scorer_of_form_stands_in_for_an_undecided_mark(undecided):
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


def test_the_name_of_a_scorer_may_have_its_package_in_front():
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


def test_a_scale_is_told_by_all_files_of_a_task():
    """A weak model has the worst grade everywhere, which is 1."""
    weak, strong = essays([1] * 6, "org/weak"), essays([3, 4, 5] * 2, "org/strong")
    with pytest.raises(InputError, match="mark no answer as right or wrong"):
        interop.read_files([("weak.json", weak), ("strong.json", strong)])


def test_all_runs_of_a_task_have_one_scorer():
    """The same replies under two scorers, which stand in another order in each log: no model is ahead."""
    logs = []
    for model, names in (("org/a", ("exact", "is_correct")), ("org/b", ("is_correct", "exact"))):
        marks = {"exact": "I", "is_correct": "C"}
        samples = [
            made.inspect_sample(n, "A", p=None, choices=None, target="Paris")
            | {"scores": {name: {"value": marks[name]} for name in names}}
            for n in range(4)
        ]
        logs.append((f"{model[-1]}.json", made.dump(made.inspect_log(samples, model))))
    (found,) = interop.read_files(logs)
    assert outcomes(found) == ["wrong"] * 8


@pytest.mark.parametrize(
    ("metric", "scores", "said"),
    [
        ({"metric_unit": "percent"}, (100.0, 0.0), ["correct", "wrong"]),
        ({"min_score": 0, "max_score": 5}, (5, 0), ["correct", "wrong"]),
        # What lies between makes it a grade, and so does a scale on which the worst is 1, or less is better.
        ({"max_score": 100}, (0, 1, 100), []),
        ({"min_score": 1, "max_score": 5}, (5, 5), []),
        ({"max_score": 100, "lower_is_better": True}, (100, 0), []),
    ],
)
def test_scores_of_every_eval_ever_on_another_scale(metric, scores, said):
    """All of what can be had is correct where 0 is nothing, as percent."""
    rows = [made.eee_row(n, "A", evaluation={"score": x, "is_correct": x > 0}) for n, x in enumerate(scores)]
    about = made.eee_aggregate()
    about["evaluation_results"][0] |= {"evaluation_result_id": "sums.acc", "metric_config": metric}
    files = [("a_samples.jsonl", made.lines(rows)), ("a.json", made.dump(about))]
    if said:
        assert outcomes(one(*files)) == said
    else:
        with pytest.raises(InputError, match="mark no answer as right or wrong"):
            one(*files)


@pytest.mark.parametrize("name", ["llm_judge", "sycophancy_judge score", "language_accuracy"])
def test_a_name_that_is_not_in_the_table_counts_where_the_user_says_so(name):
    """C may mean that it found a misdeed, or a form."""
    marks = [{name: value} for value in "CICC"]
    with pytest.raises(InputError, match=rf"\({name}\) mark no answer as right or wrong.*--scorer"):
        graded(marks)
    assert outcomes(graded(marks, typed_scorer(name))) == ["correct", "wrong", "correct", "correct"]
    assert outcomes(graded([{name: "C", "match": value} for value in "CI"])) == ["correct", "wrong"]


def test_what_failed_counts_as_it_is_marked():
    """At a limit, or with an error that the tool scores: its mean is over these samples too."""
    samples = [made.inspect_sample(n, "A", p=None, choices=None, target="Paris") for n in range(6)]
    for n, sample in enumerate(samples):
        sample["scores"] = {"match": {"value": "CI"[n % 2]}}
    for sample in samples[2:]:
        sample["output"]["choices"] = []
        sample["messages"] = []
    samples[4]["error"] = samples[5]["error"] = {"message": "the tool crashed"}
    samples[5]["scores"] = {}
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert outcomes(found) == ["correct", "wrong", "correct", "wrong", "correct", "error"]
    row = found.results.rows[4]
    assert (row.rule, row.error, row.text) == ("tool-mark", "the tool crashed", "")
    assert "org/small: 3 replies that failed count as Inspect (match) marks them" in found.results.notes
    assert str(nothing(row)) == "(no whole reply: the tool crashed)"


def test_the_scorer_that_the_user_names_counts():
    """Whether nothing is known of its name, or another one would have counted; a dot stands for a blank."""
    marks = [{"rubric is kind": value, "refused": False} for value in (True, False, True)]
    with pytest.raises(InputError, match=r"say which: --scorer rubric\.is\.kind$"):
        graded(marks)
    for beside in ({}, {"match": "I"}):
        for named in ("rubric.is.kind", "kind"):
            found = graded([{**each, **beside} for each in marks], named)
            assert outcomes(found) == ["correct", "wrong", "correct"]
    assert outcomes(graded(marks, "refused")) == ["wrong"] * 3


def test_a_scorer_that_is_not_there_or_there_twice_is_one_line():
    """And a grade says neither right nor wrong, whoever names it."""
    marks = [{"a accuracy": n % 2, "b accuracy": 1, "grade": n} for n in range(4)]
    with pytest.raises(InputError, match=r"--scorer c: the files have a\.accuracy, b\.accuracy, grade$"):
        graded(marks, "c")
    with pytest.raises(InputError, match=r"--scorer accuracy: that is a\.accuracy or b\.accuracy$"):
        graded(marks, "accuracy")
    with pytest.raises(InputError, match="mark no answer as right or wrong"):
        graded(marks, "grade")
    assert outcomes(graded(marks, "a.accuracy")) == ["wrong", "correct"] * 2
