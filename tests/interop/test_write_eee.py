"""Every Eval Ever: its own validator accepts what we write, and the numbers in it are ours."""

import json
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from environments import python_with
from studies import made, named_on_the_hub, shipped

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.types import Outcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def aggregates(folder: Path) -> list[dict]:
    """Every aggregate below a folder."""
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("data/*/*/*/*.json"))]


def instances(folder: Path, aggregate: dict) -> list[dict]:
    """The lines that an aggregate points to."""
    path = folder / aggregate["detailed_evaluation_results"]["file_path"]
    return [json.loads(each) for each in path.read_bytes().splitlines()]


@pytest.mark.parametrize(
    "name", ["model-showdown", "how-you-ask", "position-bias", "thinking-tradeoff", "deterministic-pair"]
)
def test_its_own_validator_accepts_it(tmp_path, name):
    """Letters, likelihoods, rotations, thinking and repeats: no error and no warning."""
    python = python_with("every_eval_ever")
    done = workflow.export(named_on_the_hub(shipped(name)), "eee", tmp_path, NOW)
    assert not done.notes
    found = subprocess.run(
        [python, "-m", "every_eval_ever", "validate", "--format", "json", "data/*/*/*/*.json*"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
        timeout=300,
    )
    reports = json.loads(found.stdout)
    assert [] == [each for each in reports if each["errors"] or each["warnings"] or not each["valid"]]
    assert (0, len(done.files)) == (found.returncode, len(reports))


def test_scores_are_those_of_the_report(tmp_path):
    """Accuracy of the aggregate and of its lines; each trial stands in one line, whatever the metrics."""
    data = shipped("model-showdown")
    workflow.export(data, "eee", tmp_path, NOW)
    found = aggregates(tmp_path)
    assert 15 == len(found)
    trials: Counter[str] = Counter()
    for each in found:
        results = {one["metric_config"]["metric_id"]: one for one in each["evaluation_results"]}
        lines = instances(tmp_path, each)
        condition = each["model_info"]["additional_details"]["condition"]
        rows = [row for row in data.results.of(condition) if row.suite == lines[0]["evaluation_name"]]
        share = sum(row.outcome is Outcome.CORRECT for row in rows) / len(rows)
        assert results["accuracy"]["score_details"]["details"]["trials"] == str(len(rows))
        assert share == pytest.approx(results["accuracy"]["score_details"]["score"])
        assert share == pytest.approx(sum(one["evaluation"]["score"] for one in lines) / len(lines))
        assert 0 < results["llmxray.ece_15"]["score_details"]["score"] < 1
        assert {results["accuracy"]["evaluation_result_id"]} == {one["evaluation_result_id"] for one in lines}
        trials.update(one["metadata"]["trial"] for one in lines)
    assert {row.trial: 1 for row in data.results.rows} == dict(trials)


def test_a_line_holds_the_trial(tmp_path):
    """Question, options as shown, what was said and how it was read, tokens and times."""
    data = shipped("position-bias")
    workflow.export(data, "eee", tmp_path, NOW)
    lines = {
        one["metadata"]["trial"]: one for each in aggregates(tmp_path) for one in instances(tmp_path, each)
    }
    row = next(row for row in data.results.rows if row.rotation == 2)
    item = data.results.plan.items()[row.suite, row.item_id]
    found = lines[row.trial]
    assert f"{row.item_id}#r2" == found["sample_id"]
    assert [item.choices[place] for place in row.order] == found["input"]["choices"]
    assert [row.expected] == found["input"]["reference"]
    assert [row.text] == found["output"]["raw"]
    (attribution,) = found["answer_attribution"]
    assert (row.answer, row.rule) == (attribution["extracted_value"], attribution["extraction_method"])
    assert row.prompt_tokens == found["token_usage"]["input_tokens"]
    assert row.latency_s == pytest.approx(found["performance"]["latency_ms"] / 1000, abs=1e-6)
    assert row.option_confidence == json.loads(found["metadata"]["option_confidence"])
    assert ("0", "2") == (found["metadata"]["sample"], found["metadata"]["rotation"])


def test_what_has_no_whole_reply_stands_in_no_line(tmp_path):
    """The schema has right and wrong only; the aggregate counts the others. A second export replaces the first."""
    for _ in range(2):
        workflow.export(made(tmp_path / "c", {"one": "++-!!◇"}), "eee", tmp_path, NOW)
    (found,) = aggregates(tmp_path)
    (accuracy,) = found["evaluation_results"]
    assert 3 == len(instances(tmp_path, found)) == found["detailed_evaluation_results"]["total_rows"]
    details = accuracy["score_details"]["details"]
    assert ("6", "2", "1") == (details["trials"], details["trials_error"], details["trials_unread"])
    assert 2 / 3 == pytest.approx(accuracy["score_details"]["score"])


def test_what_is_not_known_is_unknown(tmp_path):
    """Nothing is made up of who made the model and who ran it; a note says how to state it."""
    far = {"endpoints": {"tiny": {"base_url": "https://example.org/v1"}}}
    done = workflow.export(made(tmp_path / "c", {"one": "+-"}, **far), "eee", tmp_path, NOW)
    (found,) = aggregates(tmp_path)
    details = found["model_info"]["additional_details"]
    assert ("unknown", "unknown") == (details["deployment_type"], details["model_availability"])
    assert "unknown/one" == found["model_info"]["id"]
    assert "evaluation_timestamp" not in found
    (note,) = done.notes
    assert "one: the datastore sorts records by the model's name on the Hub" in note


def test_the_experiment_file_says_what_only_its_author_knows(tmp_path):
    """Where the model is published, and who runs the server."""
    stated = {
        "endpoints": {"tiny": {"base_url": "https://example.org/v1", "deployment": "externally_managed"}},
        "models": [
            {"id": "one", "endpoint": "tiny", "model": "m", "hub": "Org/M", "availability": "closed_weights"}
        ],
    }
    data = made(tmp_path / "c", {"one": "+-"}, models={"one": "m"})
    experiment = type(data.experiment).model_validate(
        {**data.experiment.model_dump(exclude_none=True, exclude_unset=True), **stated}
    )
    workflow.export(replace(data, experiment=experiment), "eee", tmp_path, NOW)
    (path,) = tmp_path.glob("data/*/*/*/*.json")
    assert ("Org", "M") == path.relative_to(tmp_path).parts[2:4]
    details = json.loads(path.read_bytes())["model_info"]["additional_details"]
    assert ("externally_managed", "closed_weights") == (
        details["deployment_type"],
        details["model_availability"],
    )


def test_no_name_leads_out_of_the_folder(tmp_path):
    """Nor is it too long for a file; a model may be called anything."""
    for number, name in enumerate(("../../../out", "a/../../b", "x" * 500, "...", "con\n\x00")):
        data = made(tmp_path / "c", {"one": "+-"}, models={"one": name})
        for form in ("eee", "inspect", "parquet"):
            done = workflow.export(data, form, tmp_path / f"{number}", NOW)  # type: ignore[arg-type]
            assert done.files
        assert all(path.resolve().is_relative_to(tmp_path / f"{number}") for path in done.files)


def test_without_a_score_there_is_nothing_to_write(tmp_path):
    """One line, and no empty folder."""
    with pytest.raises(InputError, match="no trial is scored"):
        workflow.export(made(tmp_path / "c", {"one": "!!"}), "eee", tmp_path / "out", NOW)
