"""Predictions from the file to the command line: refused, foreseen, and judged after a real recording."""

import asyncio
import json
from pathlib import Path

import pytest
from servers import RawServer, Say, chunked, events, model_server
from typer.testing import CliRunner

from llmxray.cassette import Cassette
from llmxray.cli.commands import app
from llmxray.errors import ExperimentError
from llmxray.plan import plan_fingerprint, recorded_labels
from llmxray.workflow import (
    Overrides,
    Workspace,
    prepare,
    preview_predictions,
    read_results,
    record,
    replay,
    verdicts,
)

ROWS = "".join(
    json.dumps(
        {"id": f"q{n}", "question": f"{n}?", "choices": ["yes", "no"], "answer": "A", "category": "odd"}
    )
    + "\n"
    for n in range(24)
)
AHEAD = "{claim: Good is ahead., metric: accuracy, of: good, above: bad, margin: 10}"
SURE = "{claim: Good is sure., metric: ece, of: good, below: 10}"


# The good model says A, which is right, the bad one B.
ANSWERING = model_server(
    lambda seen: Say(chunked(events("A" if seen.json["model"] == "good" else "B"))), "good", "bad"
)


def write(folder: Path, url: str = "http://127.0.0.1:9/v1", predictions: str = "", rows: str = ROWS) -> Path:
    """An experiment of two models on 24 questions."""
    (folder / "rows.jsonl").write_text(rows)
    path = folder / "e.yaml"
    path.write_text(
        f"""experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}"}}}}
models: [{{id: good, endpoint: lab, model: good}}, {{id: bad, endpoint: lab, model: bad}}]
suites: [{{suite: custom, source: {{file: rows.jsonl}}}}]
predictions: [{predictions}]
"""
    )
    return path


def foreseen(folder: Path, predictions: str, rows: str = ROWS) -> list[str]:
    """What stands in the way of each prediction, "" for nothing."""
    path = write(folder, predictions=predictions, rows=rows)
    return [
        preview.obstacle
        for preview in preview_predictions(prepare(path, Workspace(folder / "cassettes", folder)))
    ]


@pytest.mark.parametrize("place", ["even", "custom/x"])
def test_an_unknown_place_is_refused_where_it_stands(tmp_path, place):
    """Once the suites are loaded, and before anything is recorded or frozen."""
    path = write(tmp_path, predictions=AHEAD.replace("margin: 10", f"on: {place}"))
    where = Workspace(tmp_path / "cassettes", tmp_path)
    with pytest.raises(
        ExperimentError, match=r"e\.yaml:6:\d+: predictions\[0\]\.on: no suite, category or prompt"
    ):
        prepare(path, where)
    # A few of the questions may lack a category that all of them have.
    assert prepare(path, where, Overrides(limit=2))


def test_what_could_never_be_decided_is_foreseen(tmp_path):
    """No log-probabilities, no repeats, too few questions, an effect that these could not show."""
    similar = "{claim: c, metric: similarity, of: good, above: bad}"
    obstacles = foreseen(tmp_path, f"{AHEAD}, {SURE}, {similar}")
    assert "" == obstacles[0]
    assert "good asks for no log-probabilities: add 'sampling: {top_logprobs: 20}'" == obstacles[1]
    assert "similarity compares the samples of a prompt: set 'samples: 5' or more" == obstacles[2]
    few = "".join(ROWS.splitlines(keepends=True)[:5])
    assert ["only 5 independent questions: an interval needs 6"] == foreseen(tmp_path, AHEAD, few)
    far = AHEAD.replace("margin: 10", "margin: 95")
    assert ["only 24 questions: no possible difference would be detected"] == foreseen(tmp_path, far)


def test_the_minimum_detectable_effect_is_stated(tmp_path, monkeypatch):
    """√24·d = 1.96·√.5 + .84·√(.5 − d²): 38 points, if the two disagree on half of the questions."""
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, predictions=AHEAD)
    (preview,) = preview_predictions(prepare(path, Workspace(tmp_path / "cassettes", tmp_path)))
    assert (24, pytest.approx(38.48, abs=0.05)) == (preview.n_questions, preview.detectable)
    # Of several each has a share of α.
    path = write(tmp_path, predictions=f"{AHEAD}, {AHEAD.replace('margin: 10', 'margin: 5')}")
    first, _ = preview_predictions(prepare(path, Workspace(tmp_path / "cassettes", tmp_path)))
    assert first.detectable > preview.detectable + 1
    write(tmp_path, predictions=AHEAD)
    output = CliRunner().invoke(app, ["-C", str(tmp_path), "check", str(path)]).output
    assert "24 questions, minimum detectable effect 38 points beyond the margin of 10" in output


async def test_recorded_then_judged(tmp_path, monkeypatch):
    """Frozen with the recording, judged from a replay and from the cassette alike, and printed."""
    monkeypatch.chdir(tmp_path)
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(ANSWERING) as server:
        path = write(tmp_path, server.url, AHEAD)
        planned = prepare(path, where)
        fingerprint = plan_fingerprint(planned.experiment, planned.plan)
        await record(planned, environ={})
    write(tmp_path, server.url, f"{SURE}, {AHEAD}")
    with path.open("a") as file:
        file.write("anchor: {at: 'https://osf.io/abcde', date: 2026-11-30}\n")
    prepared = prepare(path, where)
    ahead, sure = verdicts(prepared, await replay(prepared))
    assert (ahead, sure) == verdicts(prepared, read_results(prepared))
    assert ahead.sentence.startswith("held: 100% against 0% (difference 100.0 points, 95% CI ")
    assert (False, True) == (ahead.added_after, sure.added_after)
    assert "undecided: no option confidence was recorded for good" == sure.sentence
    command = ["-C", str(tmp_path), "run", str(path)]
    output = await asyncio.to_thread(lambda: CliRunner().invoke(app, command).output)
    frozen = f"frozen before the first answer ({ahead.stated_on}), by the author's own recording"
    assert f"e: 2 predictions, 1 of them {frozen}" in output
    assert f"  Good is ahead.\n    {ahead.sentence}" in output
    assert "  Good is sure. (added after recording)\n    undecided: " in output
    published = json.loads((tmp_path / "site" / "e" / "results.json").read_text("utf-8"))
    assert ["held", "undecided"] == [prediction["verdict"] for prediction in published["predictions"]]
    assert 48 == len(published["rows"])
    assert fingerprint in (tmp_path / "site" / "e" / "methods.html").read_text("utf-8")
    overview = (tmp_path / "site" / "e" / "index.html").read_text("utf-8")
    assert 'the plan\'s fingerprint</a> on 2026-11-30: <a href="https://osf.io/abcde"' in overview
    command = ["-C", str(tmp_path), "check", str(path)]
    checked = await asyncio.to_thread(lambda: CliRunner().invoke(app, command).output)
    assert f"fingerprint: {fingerprint}  (of the plan as it was recorded)" in checked


async def test_a_label_changed_after_recording_stays_told(tmp_path):
    """Recording again freezes the plan again, also where nothing is left to be sent."""
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(ANSWERING) as server:
        path = write(tmp_path, server.url)
        plain = path.read_text()
        for label in ("Old", "New", "Newest"):
            path.write_text(plain.replace("{id: good,", f"{{id: good, label: {label},"))
            await record(prepare(path, where), environ={})
            header = next(Cassette(where.cassettes / "e").lines("plan"))
            assert {"good": "Old", "bad": ""} == recorded_labels(header)
        # All of it anew, under today's label.
        await record(prepare(path, where), environ={}, fresh=True)
        header = next(Cassette(where.cassettes / "e").lines("plan"))
        assert {"good": "Newest", "bad": ""} == recorded_labels(header)
