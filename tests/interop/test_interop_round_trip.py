"""What is written for another tool and read again is what was recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import made_files as made
import pytest
from studies import shipped

from llmxray import workflow
from llmxray.types import ExportForm, Outcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NO_MARK = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED)


@pytest.mark.parametrize("form", ["inspect", "eee"])
def test_an_export_reads_back(form: ExportForm, tmp_path: Path) -> None:
    """Letters, outcomes and times; log-probabilities too where the format has a place for them."""
    data = shipped("model-showdown")
    workflow.export(data, form, tmp_path, NOW)
    (found,) = workflow.read_files([tmp_path])
    letters = {each.id for each in data.results.plan.conditions if each.answer == "letter"}
    ours = [row for row in data.results.rows if row.condition in letters and row.outcome not in NO_MARK]
    theirs = found.results.rows
    assert len(theirs) >= len(ours)
    by_text = {(row.item_id, row.text, row.latency_s and round(row.latency_s, 3)): row for row in theirs}
    met = 0
    for row in ours:
        again = by_text.get((row.item_id, row.text, row.latency_s and round(row.latency_s, 3)))
        if again is None or row.rotation or row.reasoning:
            continue
        met += 1
        assert (again.outcome, again.answer) == (row.outcome, row.answer), row.trial
        if form == "inspect" and row.option_confidence is not None:
            assert again.option_confidence == pytest.approx(row.option_confidence)
    assert met > len(ours) / 2


def test_texts_of_logs_without_token_detail_come_back(tmp_path: Path) -> None:
    """Replies that are marked, that are not, that say nothing, and their thinking; what failed stays a failure."""
    samples = [made.inspect_sample(n, "AB"[n % 2], p=None, choices=None, target="A") for n in range(6)]
    thought = [{"type": "reasoning", "reasoning": "Hm."}, {"type": "text", "text": "A, I think."}]
    samples[2]["output"]["choices"][0]["message"]["content"] = thought
    samples[3]["scores"] = {"choice": {"value": "P"}}
    samples[4]["output"]["choices"][0]["message"]["content"] = ""
    samples[4]["scores"] = {"choice": {"value": "I"}}
    samples[5] |= {"output": {"choices": []}, "messages": [], "scores": {}, "error": {"message": "broke"}}
    (tmp_path / "log.json").write_bytes(made.dump(made.inspect_log(samples)))
    (found,) = workflow.read_files([tmp_path / "log.json"])
    workflow.export(workflow.foreign_data(found, [tmp_path / "log.json"]), "inspect", tmp_path / "out", NOW)
    (again,) = workflow.read_files([tmp_path / "out"])
    ours, theirs = (
        {
            row.item_id: (row.outcome, row.answer, row.text, row.reasoning, row.error)
            for row in each.results.rows
        }
        for each in (found, again)
    )
    assert {"A, I think.", "ANSWER: A", "ANSWER: B", ""} == {text for _, _, text, _, _ in ours.values()}
    assert ours == theirs


@pytest.mark.parametrize("form", ["inspect", "eee"])
def test_requests_in_flight_that_no_file_states_are_not_written(form: ExportForm, tmp_path: Path) -> None:
    """None at all would be a number; those of a recording of our own are known."""
    log = tmp_path / "log.json"
    log.write_bytes(made.dump(made.inspect_log([made.inspect_sample(0, "A"), made.inspect_sample(1, "B")])))
    (found,) = workflow.read_files([log])
    read = workflow.export(workflow.foreign_data(found, [log]), form, tmp_path / "read", NOW)
    ours = workflow.export(shipped("model-showdown"), form, tmp_path / "ours", NOW)
    name = {"inspect": '"concurrency"', "eee": '"requests_in_flight"'}[form]
    assert [False, True] == [any(name in path.read_text() for path in each.files) for each in (read, ours)]


@pytest.mark.parametrize("form", ["inspect", "eee"])
def test_conditions_of_one_model_come_back_apart(form: ExportForm, tmp_path: Path) -> None:
    """Asked with no examples and with five; called like before. Other questions, so that no reply tells them apart."""
    for shots in (0, 5):
        folder = tmp_path / "logs" / str(shots)
        folder.mkdir(parents=True)
        rows = [made.lm_eval_row(n + 10 * shots, [-1.0, -2.0, -3.0, -4.0]) for n in range(4)]
        results = made.lm_eval_results(**{"n-shot": {"sums": shots}})
        when = f"2026-01-0{1 + shots}T00-00-00.1"
        (folder / f"samples_sums_{when}.jsonl").write_bytes(made.lines(rows))
        (folder / f"results_{when}.json").write_bytes(made.dump(results))
    (found,) = workflow.read_files([tmp_path / "logs"])
    labels = [each.label for each in found.results.plan.conditions]
    assert labels == ["org/base, 0-shot", "org/base, 5-shot"]
    workflow.export(workflow.foreign_data(found, [tmp_path / "logs"]), form, tmp_path / "out", NOW)
    (again,) = workflow.read_files([tmp_path / "out"])
    model = {"inspect": "org/base", "eee": "unknown/org_base"}[form]
    assert sorted(each.label for each in again.results.plan.conditions) == [
        f"{model}, 0-shot",
        f"{model}, 5-shot",
    ]


@pytest.mark.parametrize("form", ["inspect", "eee"])
@pytest.mark.parametrize("more", [{}, {"seed": 7}])
def test_labels_do_not_grow_with_every_export(form: ExportForm, more: dict[str, int], tmp_path: Path) -> None:
    """Settings stand in them, and once more beside them; of these, Every Eval Ever has a place for one only."""
    (tmp_path / "0").mkdir()
    for number, temperature in enumerate((0.0, 1.0)):
        log = made.inspect_log([made.inspect_sample(n, "AB"[(n + number) % 2]) for n in range(4)])
        log["plan"]["config"] |= {"temperature": temperature, **more}
        (tmp_path / "0" / f"{number}.json").write_bytes(made.dump(log))
    labels = []
    for turn in range(3):
        (found,) = workflow.read_files([tmp_path / str(turn)])
        labels.append(sorted(each.label for each in found.results.plan.conditions))
        data = workflow.foreign_data(found, [tmp_path / str(turn)])
        workflow.export(data, form, tmp_path / str(turn + 1), NOW)
    assert [label.partition(", ")[2].partition(", ")[0] for label in labels[0]] == [
        "temperature 0.0",
        "temperature 1.0",
    ]
    again = {
        "inspect": labels[0],
        "eee": ["unknown/org_small, temperature 0.0", "unknown/org_small, temperature 1.0"],
    }
    assert labels[1] == labels[2] == again[form]


def test_tasks_that_differ_by_an_underscore_are_written_apart(tmp_path: Path) -> None:
    """Inspect splits the name of a log at underscores, so they cannot stand there."""
    for task in ("arc_easy", "arc-easy"):
        samples = [made.inspect_sample(n, "A", input=f"{task} {n}?") for n in range(2)]
        (tmp_path / f"{task}.json").write_bytes(made.dump(made.inspect_log(samples, task=task)))
    logs = [tmp_path / "arc_easy.json", tmp_path / "arc-easy.json"]
    (found,) = workflow.read_files(logs)
    assert set(found.results.plan.suites) == {"arc_easy", "arc-easy"}
    done = workflow.export(workflow.foreign_data(found, logs), "inspect", tmp_path / "out", NOW)
    assert len({path.name for path in done.files}) == 2
    assert all(path.name.count("_") == 2 for path in done.files)
    (again,) = workflow.read_files([tmp_path / "out"])
    assert set(again.results.plan.suites) == {"arc_easy", "arc-easy"}
