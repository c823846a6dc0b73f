"""Which run, model and repeat an answer of a file is of."""

from typing import Any

import made_files as made
import pytest

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read.join import Imported
from llmxray.workflow.imported_results import read_files

AT, LATER = "2026-01-01T00-00-00.1", "2026-02-02T00-00-00.1"


def outcomes(found: Imported) -> dict[str, list[str]]:
    """Outcomes of each model's rows."""
    models = {each.id: each.model for each in found.results.plan.conditions}
    given: dict[str, list[str]] = {}
    for row in found.results.rows:
        given.setdefault(models[row.condition], []).append(row.outcome.value)
    return given


def lm_eval(folder: str, at: str, rows: list[dict[str, Any]]) -> tuple[str, bytes]:
    """A file of samples of the task sums."""
    return f"{folder}/samples_sums_{at}.jsonl", made.lines(rows)


def test_results_of_another_second_or_folder_name_no_model():
    """They are another run's: its model would be credited with these answers."""
    rows = [made.lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0)) for n in range(2)]
    results = (f"logs/good/results_{AT}.json", made.dump(made.lm_eval_results(model="org/good")))
    for folder, at in (("logs/good", LATER), ("logs/bad", AT)):
        (found,) = interop.read_files([lm_eval(folder, at, rows), results])
        assert list(outcomes(found)) == ["model not named"]
        assert any("the file names no model" in note for note in found.results.notes)
    (found,) = interop.read_files([lm_eval("logs/good", AT, rows), results])
    assert list(outcomes(found)) == ["org/good"]


def test_checkpoints_of_one_name_are_models_of_their_own():
    """Of other tasks too, where nothing else would keep them apart."""
    files = []
    for step, (task, best) in {"step1": ("sums", 0), "step2": ("more", 1)}.items():
        sums = [-3.0] * 4
        sums[best] = -1.0
        results = made.lm_eval_results(task)
        results["config"]["model_args"] += f",revision={step},dtype=float16"
        files.append((f"{step}/samples_{task}_{AT}.jsonl", made.lines([made.lm_eval_row(1, sums)])))
        files.append((f"{step}/results_{AT}.json", made.dump(results)))
    (found,) = interop.read_files(files)
    assert outcomes(found) == {
        "org/base (revision=step1)": ["correct"],
        "org/base (revision=step2)": ["wrong"],
    }


@pytest.mark.parametrize("name", ["model_path", "lora_local_path", "tokenizer_path", "adapter"])
def test_local_files_of_a_model_are_told_without_their_folders(name):
    """Two of one name are two models; a report names no folder of the machine that wrote the log."""
    files = []
    for task, path in {
        "a": "/home/ann/lab/llama",
        "b": "/home/ann/old/llama/",
        "c": "./llama",
        "d": "org/llama",
    }.items():
        samples = [made.inspect_sample(1, "A", p=None, input=f"{task}?")]
        log = made.inspect_log(samples, model="hf/local", task=task, model_args={name: path})
        files.append((f"{task}.json", made.dump(log)))
    (found,) = interop.read_files(files)
    labels = [each.label for each in found.results.plan.conditions]
    assert len(set(labels)) == 4
    assert not any("ann" in label or "lab" in label or "old" in label for label in labels)
    assert labels[2:] == [f"hf/local ({name}=llama)", f"hf/local ({name}=org/llama)"]


@pytest.mark.parametrize("is_marked", [True, False])
def test_two_metrics_of_repeats_that_say_the_same(is_marked):
    """B, B and A, each with two metrics: three replies in every order of the lines."""
    rows = [made.eee_row(1, letter, metric=metric) for letter in "BBA" for metric in ("acc", "f1")]
    if not is_marked:
        for row in rows:
            del row["evaluation"]["is_correct"]
    for given in (rows, rows[::2] + rows[1::2]):
        (found,) = interop.read_files([("x_samples.jsonl", made.lines(given))])
        assert [row.outcome.value for row in found.results.rows] == ["wrong", "wrong", "correct"]


def test_shuffled_options_of_inspect_have_no_confidence():
    """The letter may be the same by chance, and the probabilities are those of other options."""
    log = made.inspect_log([made.inspect_sample(1, "A")])
    log["plan"]["steps"][0]["params"] = {"shuffle": 42}
    (found,) = interop.read_files([("x.json", made.dump(log))])
    (row,) = found.results.rows
    assert (row.outcome.value, row.option_confidence, row.option_probs) == ("correct", None, ())
    assert "the tool shuffled the options" in row.missing_why


FOREIGN = {
    "config.ini": b"[task]\n",
    "run.log": b"[2026-01-01] start\n",
    "t.csv": b"Category,n\nx,1\n",
    "b.zip": b"PK",
}


def test_what_only_begins_like_a_log_is_passed_over_in_a_folder(tmp_path):
    """What is called like a log and is damaged is refused all the same: its answers would be lost."""
    for name, content in FOREIGN.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "x.json").write_bytes(made.dump(made.inspect_log([made.inspect_sample(1, "A")])))
    (found,) = read_files([tmp_path])
    assert len(found.results.rows) == 1
    for name, content in FOREIGN.items():
        with pytest.raises(InputError, match=name):
            interop.read_files([(name, content)])
    with pytest.raises(InputError, match="cut.jsonl"):
        interop.read_files([("cut.jsonl", b'{"doc_id": 1')], skip_unknown=True)


def test_a_sample_that_is_a_folder_is_one_answer():
    """What else Inspect writes beside it is none."""
    log = made.inspect_log([made.inspect_sample(n, "AB"[n % 2], epoch=n + 1) for n in range(4)])
    (whole,) = interop.read_files([("x.eval", made.inspect_archive(log))])
    (split,) = interop.read_files([("x.eval", made.in_folders(log))])
    assert split.results.rows == whole.results.rows
    assert split.results.plan == whole.results.plan


def test_tests_of_promptfoo_that_broke_and_are_asked_again_complete_the_first():
    """`--filter-errors-only` is another evaluation, of what the first has no reply to."""
    rows = [made.promptfoo_row(n, "A") for n in range(4)]
    broken = rows[2] | {"response": {}, "error": "timeout", "failureReason": 2, "success": False}
    broken.pop("gradingResult", None)
    first, again = made.promptfoo([*rows[:2], broken, rows[3]]), made.promptfoo([rows[2] | {"testIdx": 0}])
    again["evalId"] = "eval-2"
    (found,) = interop.read_files([("a.json", made.dump(first)), ("b.json", made.dump(again))])
    assert [4] == [len(each) for each in outcomes(found).values()]
    assert "error" not in {outcome for each in outcomes(found).values() for outcome in each}


def test_marks_of_helm_are_those_of_the_run_in_the_same_folder(tmp_path):
    """Files by a shell pattern have a name only, and folders may be called alike: ``a/runs`` and ``b/runs``."""
    folders = []
    for model, right in (("org/bad", False), ("org/good", True)):
        run = made.helm_run([made.helm_state(n, "A" if right else "B", []) for n in range(4)])
        run["adapter_spec"]["model"] = model
        stats = [made.helm_stats(n, exact_match=float(right)) for n in range(4)]
        folder = tmp_path / model / "runs"
        folder.mkdir(parents=True)
        (folder / "scenario_state.json").write_bytes(made.dump(run))
        (folder / "run_spec.json").write_bytes(
            made.dump({"name": f"mmlu:subject={model[4:]}", "adapter_spec": {}, "scenario_spec": {}})
        )
        (folder / "per_instance_stats.json").write_bytes(made.dump(stats))
        folders.append(folder)
    (found,) = read_files([file for each in folders for file in sorted(each.iterdir())])
    assert outcomes(found) == {"org/bad": ["wrong"] * 4, "org/good": ["correct"] * 4}
    assert not any("otherwise" in note for note in found.results.notes)
    assert not any("org" in name for name in found.files)


def test_one_folder_named_twice_is_one(tmp_path):
    """By itself, and by a file in it: the files beside that one belong to it."""
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "results.json").write_bytes(made.dump(made.lm_eval_results(model="org/good")))
    (folder / "samples_sums.jsonl").write_bytes(made.lines([made.lm_eval_row(1, (-1.0, -2.0))]))
    (found,) = read_files([folder / "results.json", tmp_path / "runs" / ".." / "runs"])
    assert outcomes(found) == {"org/good": ["correct"]}


@pytest.mark.parametrize("argument", ["pretrained", "model", "path", "engine", "peft", "delta"])
@pytest.mark.parametrize("as_object", [True, False])
def test_arguments_of_a_model_name_it(argument, as_object):
    """Also where they are an object, and where the file has no name made of them."""
    files = []
    for task, model, best in (("sums", "org/good", 0), ("more", "org/bad", 1)):
        sums = [-3.0] * 4
        sums[best] = -1.0
        results = made.lm_eval_results(task, model_name="")
        given = {"dtype": "float16", "base_url": "http://model=1/", argument: model}
        results["config"]["model_args"] = (
            given if as_object else ",".join(f"{name}={value}" for name, value in given.items())
        )
        files.append((f"{task}/samples_{task}_{AT}.jsonl", made.lines([made.lm_eval_row(best, sums)])))
        files.append((f"{task}/results_{AT}.json", made.dump(results)))
    (found,) = interop.read_files(files)
    more = {"peft", "delta"} & {argument}
    told = {model: f"{model} ({argument}={model})" if more else model for model in ("org/good", "org/bad")}
    assert outcomes(found) == {told["org/good"]: ["correct"], told["org/bad"]: ["wrong"]}
