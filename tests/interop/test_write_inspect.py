"""Inspect logs: Inspect itself reads them, and finds in them what was recorded."""

import json
import math
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from environments import python_with
from studies import made, shipped

from llmxray import workflow
from llmxray.cassette import Address
from llmxray.interop.write import inspect_log
from llmxray.types import Outcome, Row, ToolCall

NOW = datetime(2026, 1, 2, tzinfo=UTC)
# Run by Inspect's own Python: everything that it reads in a folder of logs, as it writes it.
READER = """
import json, pathlib, sys
from inspect_ai.analysis import samples_df
from inspect_ai.log import list_eval_logs, read_eval_log
folder = sys.argv[1]
logs = [read_eval_log(each) for each in list_eval_logs(folder)]
table = samples_df(folder, quiet=True)
names = [each for each in ("id", "epoch", "score_llmxray", "target", "metadata_trial", "error") if each in table]
print(json.dumps({
    "logs": [json.loads(each.model_dump_json(exclude_none=True)) for each in logs],
    "table": json.loads(table[names].to_json(orient="records")),
}))
"""


def read(folder: Path) -> dict[str, Any]:
    """What Inspect reads."""
    python = python_with("inspect_ai")
    done = subprocess.run(
        [python, "-c", READER, str(folder)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        timeout=300,
    )
    assert 0 == done.returncode, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


NAMES = ("position-bias", "paraphrase")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Two shipped experiments as Inspect reads them; skipped where there is no Inspect, before the work."""
    python_with("inspect_ai")
    folder = tmp_path_factory.mktemp("logs")
    for name in NAMES:
        workflow.export(shipped(name), "inspect", folder / name, NOW)
    return read(folder)


def samples(found: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Every sample of an experiment by its trial."""
    logs = (log for log in found["logs"] if log["eval"]["metadata"]["experiment"] == name)
    return {each["metadata"]["trial"]: each for log in logs for each in log["samples"]}


def recorded(name: str, row: Row) -> Any:
    """The reply behind a row."""
    cassette = shipped(name).results.cassette
    return cassette.completion(Address.parse(row.recordings[0]))


def written(folder: Path) -> list[dict[str, Any]]:
    """The samples of the one log in a folder, as they were written."""
    (log,) = folder.glob("*.json")
    found: list[dict[str, Any]] = json.loads(log.read_bytes())["samples"]
    return found


VALUES = {Outcome.CORRECT: "C", Outcome.WRONG: "I"}


@pytest.mark.parametrize("name", NAMES)
def test_inspect_reads_every_trial(found, name):
    """A sample each, with the mark, the answer, the question as shown, the tokens used and the time."""
    data = shipped(name)
    inside = samples(found, name)
    assert {row.trial for row in data.results.rows} == set(inside)
    assert len(found["table"]) == sum(len(shipped(each).results.rows) for each in NAMES)
    for row in data.results.rows:
        each = inside[row.trial]
        item = data.results.plan.items()[row.suite, row.item_id]
        score = each["scores"]["llmxray"]
        assert VALUES.get(row.outcome, "N") == score["value"]
        assert (row.answer, row.sample + 1) == (score.get("answer"), each["epoch"])
        assert item.question == each["input"]
        assert row.latency_s == pytest.approx(each["output"]["time"])
        if row.completion_tokens is not None:
            assert row.completion_tokens == each["output"]["usage"]["output_tokens"]
        if item.choices:
            shown = [item.choices[place] for place in row.order] or list(item.choices)
            assert (shown, row.expected) == (each["choices"], each["target"])


def test_every_token_is_carried_over(found):
    """Text, bytes, log-probability and all its alternatives, to the last digit."""
    name = "position-bias"
    inside = samples(found, name)
    rows = shipped(name).results.rows[::40]
    assert rows
    for row in rows:
        reply = recorded(name, row)
        assert reply.tokens
        written = inside[row.trial]["output"]["choices"][0]["logprobs"]["content"]
        assert [each.token for each in reply.tokens] == [each["token"] for each in written]
        for ours, theirs in zip(reply.tokens, written, strict=True):
            assert ours.logprob_nats == theirs["logprob"]
            assert [(each.token, each.logprob_nats) for each in ours.top] == [
                (each["token"], each["logprob"]) for each in theirs["top_logprobs"]
            ]
            assert ours.bytes is None or list(ours.bytes) == theirs["bytes"]


def test_a_weighed_answer_has_a_choice_an_option(found):
    """The chosen one first; the sums of their log-probabilities are what it was chosen by."""
    name = "paraphrase"
    inside = samples(found, name)
    rows = [row for row in shipped(name).results.rows if len(row.recordings) > 1]
    assert rows
    for row in rows[::10]:
        choices = inside[row.trial]["output"]["choices"]
        forced = inside[row.trial]["metadata"]["forced"]
        assert sorted(forced) == list(range(len(row.option_probs)))
        sums = [sum(token["logprob"] for token in each["logprobs"]["content"]) for each in choices]
        assert "ABCDEFGHIJ".index(row.answer or "") == forced[0]
        assert 0 == sums.index(max(sums))
        odds = [math.exp(each - sums[0]) for each in sums]
        assert row.option_confidence == pytest.approx(odds[0] / sum(odds), rel=1e-3)


def test_accuracy_and_settings_stand_in_the_head(found):
    """Those of the report; what was sent with every request."""
    name = "position-bias"
    data = shipped(name)
    logs_of_conditions = [log for log in found["logs"] if log["eval"]["metadata"]["experiment"] == name]
    assert logs_of_conditions
    for log in logs_of_conditions:
        condition = log["eval"]["metadata"]["condition"]
        rows = data.results.of(condition)
        (score,) = log["results"]["scores"]
        share = sum(row.outcome is Outcome.CORRECT for row in rows) / len(rows)
        assert share == pytest.approx(score["metrics"]["accuracy"]["value"])
        config = log["eval"]["model_generate_config"]
        assert (0, 7, 20, 16) == tuple(
            config[each] for each in ("temperature", "seed", "top_logprobs", "max_tokens")
        )
        assert ("success", 2) == (log["status"], log["version"])
        assert log["eval"]["created"].startswith("2026-11-25T18:4")


def test_what_failed_is_an_error_and_not_an_answer(tmp_path):
    """Without a whole reply there is no score; an answer that cannot be read has the mark of none."""
    workflow.export(made(tmp_path / "c", {"one": "+-?!◇"}), "inspect", tmp_path / "out", NOW)
    told = [
        (each.get("scores", {}).get("llmxray", {}).get("value"), "error" in each)
        for each in written(tmp_path / "out")
    ]
    assert [("C", False), ("I", False), ("N", False), (None, True), (None, False)] == told


@pytest.mark.parametrize("form", ["inspect", "eee", "app"])
def test_samples_are_written_one_by_one(tmp_path, form):
    """Each repeats its prompt, which a cassette holds once: all of them in memory would be gigabytes."""
    data = made(tmp_path / "made", {"a": ["+"] * 60, "b": ["-"] * 60})
    ((name, suite),) = data.results.plan.suites.items()
    (item,) = suite.items
    plan = replace(
        data.results.plan, suites={name: replace(suite, items=(replace(item, question="long " * 40_000),))}
    )
    data = replace(data, results=replace(data.results, plan=plan))
    tracemalloc.start()
    done = workflow.export(data, form, tmp_path / "out", NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 24e6 < sum(path.stat().st_size for path in done.files)
    assert peak < 6e6
    assert [] == list((tmp_path / "out").rglob("*.part"))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_arguments_that_no_json_holds_are_kept_as_their_text(number):
    """One such call of a model would take the log with it."""
    said = f'{{"limit": {number}}}'
    written = inspect_log._call(0, ToolCall("f", said))
    assert said == json.loads(json.dumps(written, allow_nan=False))["arguments"]["arguments"]
    assert "not a JSON object" == written["parse_error"]
