"""Runs that files name: what one of them asked stays together, and no figure is of two by chance."""

from itertools import permutations
from typing import Any, Final

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read.join import Imported

type File = tuple[str, bytes]
DAY = "2026-01-0{}T00-00-00.1"


def inspect(task: str, letter: str, run: str, day: int, **more: Any) -> File:
    """One call's log of two questions; A is right."""
    samples = [made.inspect_sample(n, letter, p=None, input=f"{task} {n}?") for n in range(2)]
    created = f"2026-01-0{day}T00:00:00+00:00"
    ids = {"run_id": run, "task_id": f"{run}-{task}", "created": created}
    log = made.inspect_log(samples, task=task, **{**ids, **more})
    return f"logs/{run}_{task}_{day}.json", made.dump(log)


def lm_eval(task: str, letter: str, run: str, day: int, **more: Any) -> list[File]:
    """One command's samples of two questions, and its results once more for each task."""
    best = "ABCD".index(letter)
    sums = [-1.0 if place == best else -3.0 for place in range(4)]
    rows = [made.lm_eval_row(n, sums) for n in range(2)]
    for row in rows:
        row["doc"]["question"] = f"{task} {row['doc_id']}?"
    at = DAY.format(day)
    results = made.lm_eval_results(task, date=float(day), system_instruction=run, **more)
    return [
        (f"{run}/{task}/samples_{task}_{at}.jsonl", made.lines(rows)),
        (f"{run}/{task}/results_{at}.json", made.dump(results)),
    ]


def openai_evals(task: str, letter: str, run: str) -> File:
    """An event log of two samples."""
    log = made.openai_events([(letter, "A", letter == "A")] * 2)
    log[0]["spec"] |= {"eval_name": task, "run_id": run}
    events = [{**each, "run_id": run, "sample_id": f"{task}.{each['sample_id']}"} for each in log[1:-1]]
    for each in events:
        if each["type"] == "sampling":
            each["data"]["prompt"] = [{"role": "user", "content": f"{each['sample_id']}?"}]
    return f"{run}-{task}.jsonl", made.lines([log[0], *events])


def shares(files: list[File]) -> dict[str, dict[str, str]]:
    """Outcomes of each condition by suite: C and I."""
    (found,) = interop.read_files(files)
    return shares_of(found)


def shares_of(found: Imported) -> dict[str, dict[str, str]]:
    """The same, of what was read."""
    labels = {each.id: each.label for each in found.results.plan.conditions}
    given: dict[str, dict[str, str]] = {}
    for row in found.results.rows:
        mine = given.setdefault(labels[row.condition], {})
        mine[row.suite] = mine.get(row.suite, "") + ("C" if row.outcome.value == "correct" else "I")
    return given


FIRST: Final = {"arc": "II"}
SECOND: Final = {"arc": "CC", "gsm": "CC"}


@pytest.mark.parametrize("call", [lambda *of: [inspect(*of)], lm_eval])
def test_what_one_call_asked_stays_together(call):
    """In whatever order its files come, one run's arc and the other run's gsm are no model."""
    calls = [call("arc", "B", "bad", 1), call("arc", "A", "good", 2), call("gsm", "A", "good", 2)]
    for given in permutations(calls):
        found = shares([each for files in given for each in files])
        assert [*found.values()] in ([FIRST, SECOND], [SECOND, FIRST])


def test_tasks_of_a_model_run_one_call_each_are_one_condition():
    """As long as nothing says otherwise, or says less; asked all again, it is two."""
    once = [inspect(task, "B", f"{task}1", day) for day, task in enumerate(("arc", "gsm", "sums"), 1)]
    less = [(name, log.replace(b'"temperature": 0.5, ', b"") if "gsm" in name else log) for name, log in once]
    for given in (once, less):
        assert shares(given) == {"org/small": {"arc": "II", "gsm": "II", "sums": "II"}}
    again = [inspect(task, "A", f"{task}2", day) for day, task in enumerate(("arc", "gsm", "sums"), 4)]
    for given in (once + again, [each for pair in zip(once, again, strict=True) for each in pair]):
        assert shares(given) == {
            "org/small, run 1": {"arc": "II", "gsm": "II", "sums": "II"},
            "org/small, run 2": {"arc": "CC", "gsm": "CC", "sums": "CC"},
        }


def test_what_two_runs_would_take_belongs_to_neither():
    """Arc was asked twice before; a figure of it and gsm would be of two runs by chance."""
    files = [inspect("arc", "B", "r1", 1), inspect("arc", "A", "r2", 2)]
    files += [inspect("gsm", "A", "r3", 3), inspect("sums", "A", "r4", 4)]
    (found,) = interop.read_files(files)
    assert shares_of(found) == {
        "org/small, run 1": {"arc": "II"},
        "org/small, run 2": {"arc": "CC"},
        "org/small, run 3": {"gsm": "CC", "sums": "CC"},
    }
    said = "org/small, run 3: no file says to which run of org/small its tasks (gsm, sums) belong"
    assert any(note.startswith(said) for note in found.results.notes)


def test_two_runs_that_say_the_same_are_two():
    """A gate of before and after must not fail where nothing changed."""
    logs = [inspect("arc", "A", "before", 1), inspect("arc", "A", "after", 2)]
    samples = [*lm_eval("arc", "A", "before", 1), *lm_eval("arc", "A", "after", 2)]
    events = [openai_evals("arc", "A", "before"), openai_evals("arc", "A", "after")]
    for files in (logs, samples, events):
        found = shares(files)
        assert [label.rpartition(", ")[2] for label in found] == ["run 1", "run 2"]
        assert list(found.values()) == [{"arc": "CC"}] * 2


@pytest.mark.parametrize("more", [{}, {"run_id": "retry"}])
def test_a_copy_or_a_retry_is_no_run_of_its_own(more):
    """A retry of Inspect keeps the id of the task, and the replies that there were."""
    again = inspect("arc", "A", "r1", 2, **more)
    (found,) = interop.read_files([inspect("arc", "A", "r1", 1), again])
    assert shares_of(found) == {"org/small": {"arc": "CC"}}
    assert "2 replies stand in more than one file and count once" in found.results.notes
    copied = [(f"copy/{name}", content) for name, content in lm_eval("arc", "A", "r1", 1)]
    assert shares([*lm_eval("arc", "A", "r1", 1), *copied]) == {"org/base": {"arc": "CC"}}


def test_models_that_no_file_names_are_as_many_as_folders_and_runs():
    """One name for two models would give them one accuracy."""

    def samples(folder: str, task: str, letter: str, day: int) -> File:
        (name, content), _ = lm_eval(task, letter, "r", day)
        return f"{folder}/{name.rpartition('/')[2]}", content

    a, b = samples("org__A", "arc", "A", 1), samples("org__B", "gsm", "B", 1)
    assert shares([a, b]) == {
        "model not named (org__A 2026-01-01T00-00-00.1)": {"arc": "CC"},
        "model not named (org__B 2026-01-01T00-00-00.1)": {"gsm": "II"},
    }
    assert shares([a, samples("org__A", "gsm", "B", 1)]) == {"model not named": {"arc": "CC", "gsm": "II"}}


def test_samples_marked_as_invalid_are_replaced_by_those_of_a_retry():
    """Until then they count, as they do in Inspect, and a note says so."""

    def log(letters: str, run: str, *, invalid: bool) -> File:
        samples = [made.inspect_sample(n, letter, p=None) for n, letter in enumerate(letters)]
        if invalid:
            samples[1]["invalidation"] = {"author": "a", "reason": "contaminated"}
        return f"{run}.json", made.dump(made.inspect_log(samples, run_id=run, task_id="t"))

    first, retry = log("AB", "r1", invalid=True), log("AA", "r2", invalid=False)
    (alone,) = interop.read_files([first])
    assert shares_of(alone) == {"org/small": {"sums": "CI"}}
    assert any(note.startswith("r1.json: 1 sample is marked as invalid") for note in alone.results.notes)
    for given in ([first, retry], [retry, first]):
        assert shares(given) == {"org/small": {"sums": "CC"}}
