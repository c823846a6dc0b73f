"""Figures of other tools' files are the tools' own: metrics of all kinds, repeats, tasks of one model, scored again."""

from collections import Counter
from typing import Any

import made_files as made
import pytest
from made_files import one

from llmxray.interop.read import Imported

WHEN = "2026-01-01T00-00-00.1"
type Files = tuple[tuple[str, bytes], ...]


def counted(found: Imported) -> dict[tuple[str, str], Counter[str]]:
    """Outcomes by condition and suite."""
    by: dict[tuple[str, str], Counter[str]] = {}
    for row in found.results.rows:
        by.setdefault((row.condition, row.suite), Counter())[row.outcome.value] += 1
    return by


def task(name: str, rows: list[dict[str, Any]], model: str = "org/a", folder: str = "a") -> Files:
    """Samples of lm-evaluation-harness with their results."""
    about = made.lm_eval_results(name, model, date=WHEN)
    return (
        (f"{folder}/results_{WHEN}.json", made.dump(about)),
        (f"{folder}/samples_{name}_{WHEN}.jsonl", made.lines(rows)),
    )


def ifeval(n: int, follows: bool) -> dict[str, Any]:
    """A line of IFEval, whose target is a dummy, and whose metrics are true and false."""
    names = ["prompt_level_loose_acc", "prompt_level_strict_acc"]
    row = made.lm_eval_written(n, f"No commas {n}") | {
        "target": "0",
        "doc": {"key": n, "prompt": f"Write {n}."},
    }
    row.pop("exact_match")
    row |= {"metrics": ["inst_level_strict_acc", *names[::-1], "inst_level_loose_acc"]}
    return (
        row
        | dict.fromkeys(names, follows)
        | {key: [True] for key in ("inst_level_strict_acc", "inst_level_loose_acc")}
    )


def test_metrics_that_are_true_or_false_decide():
    """IFEval: whether a prompt is followed, and not how many of its instructions; its target 0 is no number."""
    found = one(*task("ifeval", [ifeval(n, n % 3 == 0) for n in range(6)]))
    assert counted(found) == {("org-a", "ifeval"): Counter(correct=2, wrong=4)}
    assert found.results.plan.conditions[0].answer == "text"
    said = "org/a: 6 open answers count as lm-evaluation-harness (prompt_level_strict_acc) marks them"
    assert said in found.results.notes


def test_a_task_whose_scores_mark_nothing_is_not_searched():
    """Perplexity and BLEU, whose values are lists; the tasks beside it count."""
    lists = {"word_perplexity": [-45.3, 11], "bleu": ["a river", "a river"]}
    rows = [
        made.lm_eval_written(n, "a river") | {"target": "a river", "metrics": list(lists)} | lists
        for n in range(3)
    ]
    for row in rows:
        row.pop("exact_match")
    more = task("sums", [made.lm_eval_written(7, "14", mark=1.0)])
    found = one(*task("wiki", rows, folder="b"), *more)
    assert counted(found) == {("org-a", "wiki"): Counter(unscored=3), ("org-a", "sums"): Counter(correct=1)}
    said = "wiki holds word_perplexity, bleu only: no answer is marked right or wrong, so its 3 answers are not scored"
    assert said in found.results.notes


@pytest.mark.parametrize(
    "own", ["final_number_exact_match", "math_equiv_chain_of_thought", "ifeval_strict_accuracy", "pass@1"]
)
def test_a_scenarios_own_metric_goes_before_those_of_all(own):
    """HELM: a worked answer is no exact match; counts of tokens and scores of form are no marks."""
    states, stats = [], []
    for n in range(4):
        state = made.helm_state(n, "x", ()) | {"output_mapping": {}}
        state["instance"]["references"] = [{"output": {"text": f"The answer is {n}."}, "tags": ["correct"]}]
        means = {"exact_match": 0.0, "num_references": 1.0, own: float(n > 0), "exact_match@5": 1.0}
        states.append(state)
        stats.append(made.helm_stats(n, **means))
    found = one(
        ("gsm/scenario_state.json", made.dump(made.helm_run(states))),
        ("gsm/run_spec.json", made.dump({"name": "gsm:model=m", "adapter_spec": {}, "scenario_spec": {}})),
        ("gsm/per_instance_stats.json", made.dump(stats)),
    )
    assert counted(found) == {("org-small", "gsm"): Counter(correct=3, wrong=1)}
    assert f"4 open answers count as HELM ({own}) marks them" in " ".join(found.results.notes)
    assert "num_references" not in found.results.rows[0].tool_mark


def test_tasks_of_one_model_with_the_same_questions_are_suites_of_their_own():
    """A figure of both would be of neither; another model's answers are compared with those to the same task."""
    direct = [made.lm_eval_written(n, "x", mark=float(n == 0)) for n in range(10)]
    worked = [made.lm_eval_written(n, "y", mark=1.0) for n in range(10)]
    other = [made.lm_eval_written(n, "z", mark=float(n < 3)) for n in range(10)]
    found = one(
        *task("gsm", direct),
        *task("gsm_cot", worked, folder="b"),
        *task("gsm", other, model="org/b", folder="c"),
    )
    assert {place: each["correct"] for place, each in counted(found).items()} == {
        ("org-a", "gsm"): 1,
        ("org-a", "gsm_cot"): 10,
        ("org-b", "gsm"): 3,
    }


def scored(value: str | None, *, created: str = "") -> bytes:
    """A log of open answers with one mark for all of them."""
    samples = []
    for n in range(3):
        sample = made.inspect_sample(n, "A", p=None, choices=None, target="Paris", input=f"Where {n}?")
        samples.append({**sample, "scores": {"includes": {"value": value}} if value else {}})
    log = made.inspect_log(samples, task_id="t")
    log["eval"]["created"] = created
    return made.dump(log)


DAY = "2026-11-27T10:00:00+00:00"
LATER = "2026-11-28T09:00:00.5Z"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (scored(None, created=DAY), scored("C", created=DAY)),
        (scored("I", created=DAY), scored("C", created=LATER)),
        (scored(None, created=LATER), scored("C")),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_equal_replies_the_marks_of_the_later_file_count(before, after, turned):
    """Scored later, or scored again: whichever file comes first."""
    files = [("a.json", before), ("b.json", after)]
    found = one(*reversed(files)) if turned else one(*files)
    assert [row.outcome.value for row in found.results.rows] == ["correct"] * 3
    said = "3 replies stand in more than one file and count once; where marks differ, those of b.json count"
    assert said in found.results.notes


def test_two_runs_keep_their_own_marks():
    """Also of replies that both of them gave: each figure is that of its own log."""
    logs = []
    for letters, marks in (("A" * 6, "C" * 6), ("B" + "A" * 5, "I" * 4 + "C" * 2)):
        samples = [made.inspect_sample(n, letter) for n, letter in enumerate(letters)]
        for sample, mark in zip(samples, marks, strict=True):
            sample["scores"] = {"choice": {"value": mark, "answer": "A"}}
        logs.append(made.dump(made.inspect_log(samples)))
    found = one(("a.json", logs[0]), ("b.json", logs[1]))
    assert [each["correct"] for each in counted(found).values()] == [6, 2]


def test_repeated_tests_of_promptfoo_are_repeats_of_one_question():
    """With `--repeat`, their numbers count on."""
    rows = [made.promptfoo_row(n, "A") | {"testIdx": 3 * repeat + n} for repeat in range(4) for n in range(3)]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert len(found.results.plan.items()) == 3
    assert {row.sample for row in found.results.rows} == {0, 1, 2, 3}


def group(model: str, parts: dict[str, list[dict[str, Any]]], **more: Any) -> Files:
    """Samples of the tasks of one group "times", with their results."""
    subtasks = {"times": list(parts)}
    about = made.lm_eval_results("times", model, group_subtasks=subtasks, configs={}, **more)
    samples = [(f"{model}/samples_{name}_{WHEN}.jsonl", made.lines(rows)) for name, rows in parts.items()]
    return ((f"{model}/results_{WHEN}.json", made.dump(about)), *samples)


def test_parts_of_a_group_that_ask_the_same_are_tasks_of_their_own():
    """Each figure stands under the name of its part, and models are compared on the same one."""
    direct = [made.lm_eval_written(n, "x", mark=float(n == 0)) for n in range(10)]
    worked = [made.lm_eval_written(n, "y", mark=1.0) for n in range(10)]
    found = one(
        *group("a", {"times_cot": worked, "times_direct": direct}), *group("b", {"times_direct": worked})
    )
    assert {place: each["correct"] for place, each in counted(found).items()} == {
        ("a", "times_cot"): 10,
        ("a", "times_direct"): 1,
        ("b", "times_direct"): 10,
    }


def test_configurations_of_one_provider_are_conditions():
    """Neither repeats nor texts of a configuration: a key is never shown."""
    thinking = {"type": "enabled", "budget_tokens": 1024}
    configs: list[dict[str, Any]] = [
        {"apiKey": "k3y"},
        {"apiKey": "k3y", "thinking": thinking},
        {"apiKey": "other-k3y"},
        {"apiKey": "k3y", "thinking": thinking},
    ]
    rows = [
        made.promptfoo_row(n, "A" * place, promptIdx=place)
        | {"provider": {"id": "claude", "label": "", "config": config}}
        for n in range(3)
        for place, config in enumerate(configs)
    ]
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert [each.label for each in found.results.plan.conditions] == [
        "claude",
        "claude, column 2",
        "claude, column 3",
        "claude, column 4",
    ]
    assert {row.sample for row in found.results.rows} == {0}


PASSED, FAILED, TIMED = (
    {"pass": True, "assertion": {"type": "contains"}},
    {"pass": False, "assertion": {"type": "contains"}},
    {"pass": False, "assertion": {"type": "latency"}},
)


@pytest.mark.parametrize(
    ("passed", "parts", "more", "correct"),
    [
        (True, [PASSED, FAILED, TIMED], {"threshold": 0.5}, True),
        (False, [PASSED, TIMED], {"threshold": 0.8}, False),
        (False, [PASSED, TIMED], {"assertScoringFunction": "x"}, False),
        (False, [PASSED, TIMED], {}, False),
        (False, [PASSED, FAILED, TIMED], {}, False),
        (True, [PASSED, {"pass": False, "assertion": {"type": "similar", "metricOnly": True}}], {}, True),
        (False, [{"pass": False}, PASSED, TIMED], {}, False),
    ],
)
def test_the_pass_of_promptfoo_counts(passed, parts, more, correct):
    """Thresholds, sums and metrics that count for nothing are promptfoo's."""
    rows = [made.promptfoo_row(n, "A", passed=passed) for n in range(2)]
    for row in rows:
        asserts = [part.get("assertion", {"type": "assert-set", "assert": []}) for part in parts]
        row["testCase"] |= {"assert": asserts, **more}
        row["gradingResult"]["componentResults"] = parts
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert counted(found)["openai-small", "tests"]["correct"] == 2 * correct


@pytest.mark.parametrize(
    "failed",
    [
        {"failureReason": 2, "gradingResult": None, "response": {"error": "HTTP 429"}},
        {"gradingResult": None, "response": {}, "error": "timeout"},
    ],
)
def test_a_call_that_failed_is_no_wrong_answer(failed):
    """No assertion was tried; promptfoo counts such calls apart, and says "not passed" of them all the same."""
    rows = [made.promptfoo_row(n, "A") for n in range(4)]
    rows += [made.promptfoo_row(n, "", success=False) | failed for n in range(4, 7)]
    rows.append(made.promptfoo_row(7, "B", success=False, failureReason=1))
    found = one(("r.json", made.dump(made.promptfoo(rows))))
    assert counted(found)["openai-small", "tests"] == Counter(correct=4, error=3, wrong=1)


@pytest.mark.parametrize(
    ("metric", "stated", "said"),
    [
        ("acc,none", 0.5, True),
        # Of a group whose tasks count by their questions it is the same figure.
        ("acc,none", 0.8, False),
        ("acc_stderr,none", 0.5, False),
        ("acc_norm,none", 0.5, False),
        ("acc,none", "N/A", False),
    ],
)
def test_a_group_figure_of_the_tool_stands_beside_ours(metric, stated, said):
    """lm-evaluation-harness may count tasks of a group alike, whatever their size; pages count questions."""
    right, wrong = (-1.0, -2.0, -3.0, -4.0), (-2.0, -1.0, -3.0, -4.0)
    parts = {
        "times_law": [made.lm_eval_row(n, right) for n in range(8)],
        "times_art": [made.lm_eval_row(n, wrong) for n in range(8, 10)],
    }
    found = one(*group("org/a", parts, groups={"times": {"alias": "times", metric: stated}, "all": {}}))
    assert counted(found) == {("org-a", "times"): Counter(correct=8, wrong=2)}
    note = "org/a: lm-evaluation-harness (acc) states 50.0% for times; the accuracy over its 10 questions here is 80.0%"
    assert [note for note in found.results.notes if "states" in note] == [note] * said
