"""What is written for another tool and read again is what was recorded."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import made_files as made
import pytest
from studies import shipped

from llmxray import workflow
from llmxray.types import Outcome
from tests import commands

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NO_MARK = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED)


@pytest.mark.parametrize("form", ["inspect", "eee"])
def test_an_export_reads_back(form, tmp_path):
    """Letters, outcomes and times; log-probabilities too where the format has a place for them."""
    whole = shipped("model-showdown")
    data = replace(whole, results=replace(whole.results, rows=whole.results.rows[::8]))
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


def test_texts_of_logs_without_token_detail_come_back(tmp_path):
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
    workflow.export(workflow.imported_data(found, [tmp_path / "log.json"]), "inspect", tmp_path / "out", NOW)
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
def test_conditions_of_one_model_come_back_apart(form, tmp_path):
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
    workflow.export(workflow.imported_data(found, [tmp_path / "logs"]), form, tmp_path / "out", NOW)
    (again,) = workflow.read_files([tmp_path / "out"])
    model = {"inspect": "org/base", "eee": "unknown/org_base"}[form]
    assert sorted(each.label for each in again.results.plan.conditions) == [
        f"{model}, 0-shot",
        f"{model}, 5-shot",
    ]


def test_the_command_takes_logs(tmp_path):
    """A file in place of an experiment: from one tool's form into another's, which says no more than the file."""
    log = made.inspect_log([made.inspect_sample(n, "AB"[n % 2]) for n in range(3)])
    (tmp_path / "log.json").write_bytes(made.dump(log))
    done = commands.llmxray("export", "log.json", "--to", "eee", "--out", "eee", at=tmp_path)
    assert 0 == done.returncode, done.stderr
    aggregate = json.loads(next((tmp_path / "eee").glob("data/*/*/*/*.json")).read_bytes())
    assert ("Inspect", "0.3.285") == (aggregate["eval_library"]["name"], aggregate["eval_library"]["version"])
    details = aggregate["model_info"]["additional_details"]
    assert ("unknown", "unknown") == (details["deployment_type"], details["model_availability"])
    assert "reasoning" not in aggregate["evaluation_results"][0]["generation_config"]["generation_args"]
