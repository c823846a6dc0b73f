"""Predictions from the file to the command line: refused, foreseen, and judged after a real recording."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from servers import RawServer, Say, Seen, chunked, events, with_length
from typer.testing import CliRunner

from llmxray.cassette import Cassette
from llmxray.cli.commands import app
from llmxray.errors import ExperimentError
from llmxray.plan import plan_fingerprint, recorded_labels
from llmxray.report.wording.predictions import Verdict
from llmxray.workflow import Overrides, Workspace, prepare, prospects, read_results, record, replay, verdicts

MODELS = with_length(b'{"object": "list", "data": [{"id": "good"}, {"id": "bad"}]}')
ROWS = "".join(
    json.dumps(
        {"id": f"q{n}", "question": f"{n}?", "choices": ["yes", "no"], "answer": "A", "category": "odd"}
    )
    + "\n"
    for n in range(24)
)
AHEAD = "{claim: Good is ahead., metric: accuracy, of: good, above: bad, margin: 10}"
SURE = "{claim: Good is sure., metric: ece, of: good, below: 10}"


def answering(_: int, seen: Seen) -> Say:
    """The good model says A, which is right, the bad one B."""
    if seen.path.endswith("/models"):
        return Say(MODELS)
    if "capital of France" in seen.body.decode():
        return Say(chunked(events("Paris")))
    return Say(chunked(events("A" if seen.json["model"] == "good" else "B")))


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
        prospect.obstacle for prospect in prospects(prepare(path, Workspace(folder / "cassettes", folder)))
    ]


@pytest.mark.parametrize("place", ["even", "custom/x"])
def test_an_unknown_place_is_refused_where_it_stands(tmp_path: Path, place: str) -> None:
    """Once the suites are loaded, and before anything is recorded or frozen."""
    path = write(tmp_path, predictions=AHEAD.replace("margin: 10", f"on: {place}"))
    where = Workspace(tmp_path / "cassettes", tmp_path)
    with pytest.raises(
        ExperimentError, match=r"e\.yaml:6:\d+: predictions\[0\]\.on: no suite, category or prompt"
    ):
        prepare(path, where)
    # A few of the questions may lack a category that all of them have.
    assert prepare(path, where, Overrides(limit=2))


def test_what_could_never_be_decided_is_foreseen(tmp_path: Path) -> None:
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


def test_the_minimum_detectable_effect_is_stated(tmp_path: Path) -> None:
    """√24·d = 1.96·√.5 + .84·√(.5 − d²): 38 points, if the two disagree on half of the questions."""
    path = write(tmp_path, predictions=AHEAD)
    (prospect,) = prospects(prepare(path, Workspace(tmp_path / "cassettes", tmp_path)))
    assert (24, pytest.approx(38.48, abs=0.05)) == (prospect.n_questions, prospect.detectable)
    output = CliRunner().invoke(app, ["check", str(path), "--cassettes", str(tmp_path / "cassettes")]).output
    assert "24 questions, minimum detectable effect 38 points beyond the margin of 10" in output


SEEDS = """prompts: [{id: haiku, text: "Write: haiku"}, {id: poem, text: "Write: poem"}]
samples: 4
predictions:
  - {claim: Seeds., metric: same_seed, of: cool and hot, above: 0}
"""
COLUMNS = "{question: question, choices: choices, answer: answer, id: id, group: passage}"
WORDED = f"""suites:
  - {{suite: plain, source: {{file: plain.jsonl}}, columns: {COLUMNS}}}
  - {{suite: reworded, source: {{file: reworded.jsonl}}, columns: {COLUMNS}}}
rotations: all
predictions:
  - {{claim: Wordings., metric: paraphrase_gap, of: cool, within: 60}}
  - {{claim: A favourite., metric: favourite_share, of: hot, above: 50}}
  - {{claim: None., metric: favourite_share, of: cool, same_as: 50, within: 45}}
  - {{claim: Anywhere., metric: accuracy, of: cool, above: chance, on: position}}
  - {{claim: Nowhere., metric: accuracy, of: hot, above: chance, on: position}}
  - {{claim: The same., metric: accuracy, of: cool, same_as: hot, within: 5}}
"""


def write_asked(folder: Path, url: str, content: str) -> Path:
    """One model at two temperatures, with one seed; beside it 24 questions on 12 passages in two wordings."""
    folder.mkdir(exist_ok=True)
    for name, text in (("plain", "What is {}?"), ("reworded", "Say what {} is.")):
        rows = [
            {
                "id": f"q{n}",
                "question": text.format(n),
                "choices": ["yes", "no"],
                "answer": "A",
                "passage": n // 2,
            }
            for n in range(24)
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = folder / "asked.yaml"
    path.write_text(
        f"""experiment: asked
kind: compare
endpoints: {{lab: {{base_url: "{url}"}}}}
models: [{{id: m, endpoint: lab, model: good}}]
variants: [{{id: cool, temperature: 0.3}}, {{id: hot, temperature: 0.9}}]
sampling: {{seed: 5}}
{content}"""
    )
    return path


def answering_worded(_: int, seen: Seen) -> Say:
    """Cool finds "yes" wherever it stands, hot says A; of prompts a seed gives its own words at both temperatures."""
    if seen.path.endswith("/models"):
        return Say(MODELS)
    body, text = seen.json, seen.body.decode()
    if "Write: " in text:
        return Say(chunked(events(f"words of {'abcdefg'[body['seed'] % 7] * 3}")))
    asked = "What is" in text or "Say what" in text
    cool = body.get("temperature") == 0.3
    return Say(chunked(events("B" if asked and cool and "A. no" in text.replace("A) no", "A. no") else "A")))


async def recorded(folder: Path, content: str) -> tuple[list[str], list[Verdict]]:
    """Obstacles and verdicts of an experiment that is recorded, read back from the plan that was frozen."""
    where = Workspace(folder / "cassettes", folder)
    async with RawServer(answering_worded) as server:
        path = write_asked(folder, server.url, content)
        await record(prepare(path, where), environ={})
    prepared = prepare(path, where)
    found = verdicts(prepared, read_results(prepared))
    return [each.obstacle for each in prospects(prepared)], list(found)


async def test_every_kind_is_recorded_then_judged(tmp_path: Path) -> None:
    """Seeds, wordings, letters, positions and sameness; questions count by passage."""
    obstacles, (seeds,) = await recorded(tmp_path / "seeds", SEEDS)
    assert ([""], "held", 2) == (obstacles, seeds.outcome, seeds.n)
    obstacles, found = await recorded(tmp_path / "worded", WORDED)
    # It could be shown to fail only.
    assert [*[""] * 5, "only 12 independent questions: even equal answers would not show that"] == obstacles
    outcomes = ["held"] * 4 + ["did not hold"] * 2
    assert outcomes == [each.outcome for each in found], [each.sentence for each in found]
    assert {12} == {each.n for each in found}
    assert "the letter is A" == found[1].extreme
    assert "with the right option at B, the lowest of 2 positions" == found[4].extreme


async def test_recorded_then_judged(tmp_path: Path) -> None:
    """Frozen with the recording, judged from a replay and from the cassette alike, and printed."""
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(answering) as server:
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
    command = ["run", str(path), "--cassettes", str(where.cassettes), "--out", str(tmp_path / "site")]
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
    command = ["check", str(path), "--cassettes", str(where.cassettes)]
    checked = await asyncio.to_thread(lambda: CliRunner().invoke(app, command).output)
    assert f"fingerprint: {fingerprint}  (of the plan as it was recorded)" in checked


async def test_a_label_changed_after_recording_stays_told(tmp_path: Path) -> None:
    """Recording again freezes the plan again, also where nothing is left to be sent."""
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(answering) as server:
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
