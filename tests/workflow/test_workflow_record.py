"""Recording and replaying whole experiments against a scripted server: killed, interrupted, failing, again."""

import asyncio
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prompted import in_folder, write
from servers import RawServer, Say, Script, Seen, chunked, events, head, is_probe, model_server, with_length

from llmxray.cassette import Cassette, remove_recordings, verify
from llmxray.errors import EndpointError, InputError, RunFailedError
from llmxray.plan import Statement, frozen_statement
from llmxray.types import Outcome
from llmxray.workflow import Overrides, Prepared, Workspace, freezing, prepare, read_results, record, replay


def model(answer: Callable[[str, int], Say], **listed: str) -> Script:
    """A server that leaves what is no probe to ``answer(text, times asked before)``."""
    asked: Counter[bytes] = Counter()

    def counted(seen: Seen) -> Say:
        asked[seen.body] += 1
        return answer(seen.json["messages"][-1]["content"], asked[seen.body] - 1)

    return model_server(counted, **listed)


def echo(text: str, _: int) -> Say:
    """Says what it was asked."""
    return Say(chunked(events(*text.split(" "))), pause_s=0.004)


def asked(server: RawServer) -> list[str]:
    """The texts asked, probes and lists left out."""
    return [seen.json["messages"][-1]["content"] for seen in server.seen if seen.body and not is_probe(seen)]


def _complete(directory: Path) -> set[str]:
    if not directory.exists():
        return set()
    cassette = Cassette(directory)
    done = [entry for entry in cassette.all_entries() if entry.complete]
    return {str(cassette.request(entry.address.key)["messages"][-1]["content"]) for entry in done}


def test_software_that_is_not_installed_is_passed_over(monkeypatch):
    """The versions of the rest are recorded."""
    monkeypatch.setattr(freezing, "_RECORDED_WITH", ("no-such-package", "aiohttp"))
    assert {"llmxray", "python", "aiohttp"} == freezing._software().keys()


async def test_interrupted(tmp_path):
    """Ctrl-C: what was recorded is sealed, nothing is left locked, the rest is asked for next time."""
    async with RawServer(model(echo)) as server:
        prepared = write(tmp_path, server.url, prompts=40)
        task = asyncio.create_task(record(prepared, environ={}))
        while len(asked(server)) < 12 and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [] == verify(prepared.cassette)
        whole = _complete(prepared.cassette)
        assert 5 < len(whole) < 40
        manifest = Cassette(prepared.cassette).manifest
        assert "lab/m" in manifest.facts
        before = len(asked(server))
        await record(prepared, environ={})
        assert not whole & set(asked(server)[before:])
    assert 40 == len((await replay(prepared)).rows)


def broken(text: str, _: int) -> Say:
    """Breaks off at one question."""
    return Say(chunked(events("x", "y")[:1], end=False), ending="rst") if " 3 " in text else echo(text, 0)


async def test_hopeless_requests_end_as_errors(tmp_path):
    """One prompt whose stream always breaks: its outcome is error, the others are answers, they sum to N."""
    async with RawServer(model(broken)) as server:
        prepared = write(tmp_path, server.url)
        await record(prepared, environ={})
    results = await replay(prepared)
    outcomes = Counter(row.outcome for row in results.rows)
    assert (1, 12) == (outcomes[Outcome.ERROR], outcomes.total())
    (row,) = (row for row in results.rows if row.outcome is Outcome.ERROR)
    assert ("p3", None, 4) == (row.item_id, row.answer, row.attempts)
    assert any("1 trials have no whole reply" in note for note in results.notes)
    # Recorded again with the server mended, only that one is asked.
    async with RawServer(model(echo), port=server.port) as mended:
        await record(prepared, environ={})
        assert ["question 3 of many"] == asked(mended)
    assert 0 == Counter(row.outcome for row in (await replay(prepared)).rows)[Outcome.ERROR]


async def test_the_longest_timeout_holds(tmp_path):
    """A slow endpoint that is recorded beside a quick one is not cut off."""
    async with RawServer(model(lambda *_: Say(chunked(events("x")), pause_s=0.3))) as server:
        write(tmp_path, server.url, prompts=1, models="mn", endpoint="timeout_s: 0.2")
        text = (tmp_path / "e.yaml").read_text()
        text = text.replace("{lab: ", f"{{slow: {{base_url: '{server.url}'}}, lab: ").replace(
            "lab, model: n", "slow, model: m"
        )
        (tmp_path / "e.yaml").write_text(text)
        await record(in_folder(tmp_path), environ={})
    assert {row.outcome for row in read_results(in_folder(tmp_path)).rows} == {Outcome.WRONG}


@pytest.mark.parametrize("status", [401, 404, 503])
async def test_fresh_takes_the_place_only_when_complete(tmp_path, status):
    """One that fails leaves the old answers: a server is busy, a key is revoked, a model is unloaded."""
    async with RawServer(model(echo)) as server:
        prepared = write(tmp_path, server.url)
        await record(prepared, environ={})
    old = {row.text for row in read_results(prepared).rows}

    def failing(text: str, n: int) -> Say:
        refused = Say(with_length(b"no", opening=head(status, "", "Retry-After: 0")))
        return refused if "n 5 " in text else Say(chunked(events("new")))

    said = "1 requests have no whole reply" + ("" if status == 503 else ", 1 of which had one: .* or move ")
    async with RawServer(model(failing), port=server.port):
        with pytest.raises(RunFailedError, match=said):
            await record(prepared, environ={}, fresh=True)
    assert old == {row.text for row in read_results(prepared).rows}
    if status == 503:
        async with RawServer(model(lambda *_: Say(chunked(events("new")))), port=server.port) as third:
            await record(prepared, environ={}, fresh=True)
            assert 1 == len(asked(third))
        assert {"new"} == {row.text for row in read_results(prepared).rows}
        assert [] == verify(prepared.cassette)
        assert ["e"] == os.listdir(prepared.cassette.parent)
        return
    shutil.rmtree(prepared.cassette)
    # Nothing is there to lose, and what is refused for good is no reason to ask for ever.
    async with RawServer(model(failing), port=server.port):
        if status == 401:
            with pytest.raises(RunFailedError, match="1 requests have no whole reply: "):
                await record(prepared, environ={}, fresh=True)
        else:
            await record(prepared, environ={}, fresh=True)
            assert prepared.cassette.exists()


async def test_another_model_does_not_go_on(tmp_path):
    """The same name at another precision: refused before it is asked; the old one goes on, and --fresh starts anew."""
    async with RawServer(model(broken, quantization="Q8_0")) as server:
        prepared = write(tmp_path, server.url)
        await record(prepared, environ={})
    before = {path: path.read_bytes() for path in prepared.cassette.rglob("*") if path.is_file()}
    says = "lab/m is not what .*: model_facts was 'quantization Q8_0' and is 'quantization Q4_0' now"
    async with RawServer(model(echo, quantization="Q4_0"), port=server.port) as other:
        with pytest.raises(EndpointError, match=says + ".* add --fresh"):
            await record(prepared, environ={})
        assert asked(other) == []
        assert {path: path.read_bytes() for path in prepared.cassette.rglob("*") if path.is_file()} == before
    async with RawServer(model(echo, quantization="Q8_0"), port=server.port) as same:
        await record(prepared, environ={})
        assert asked(same) == ["question 3 of many"]
    async with RawServer(model(echo, quantization="Q4_0"), port=server.port) as other:
        await record(prepared, environ={}, fresh=True)
        assert 12 == len(asked(other))


async def test_what_a_killed_recording_is_compared_with(tmp_path):
    """The server's facts are on the disk before the first question is asked."""
    held = []

    def answer(text: str, n: int) -> Say:
        manifest = Cassette(tmp_path / "cassettes" / "e").manifest
        held.append(manifest.facts["lab/m"]["model_facts"] if manifest else None)
        return echo(text, n)

    async with RawServer(model(answer, quantization="Q8_0")) as server:
        await record(write(tmp_path, server.url, prompts=2), environ={})
    assert held == ["quantization Q8_0"] * 2


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (None, "cannot be reached"),
        (Say(with_length(b"<html>", opening=head(200, "text/html"))), "not JSON"),
        (Say(with_length(b'{"data": [{"id": "other"}]}')), "has no model 'm'; it has: other"),
        (Say(with_length(b"{}", opening=head(404))), "is not there"),
        (Say(with_length(b"{}", opening=head(401))), "refuses the API key"),
    ],
    ids=["nothing", "html", "other-model", "wrong-path", "key"],
)
async def test_servers_that_cannot_be_recorded(tmp_path, reply, says):
    """One clear line, and nothing new on disk."""
    async with RawServer(lambda *_: reply or Say([])) as server:
        prepared = write(tmp_path, server.url if reply else "http://127.0.0.1:9/v1")
        with pytest.raises(EndpointError, match=says):
            await record(prepared, environ={})
    assert ["e.yaml"] == os.listdir(tmp_path)


async def test_a_model_that_thinks_gets_its_budget_and_no_stop(tmp_path):
    """Found out by one question before recording, frozen into the plan, and kept by a second recording."""
    said = Say(chunked(events("<think>\nB?\n", "no</think>\n\n", "Paris", "\nQuestion: B")))
    async with RawServer(model_server(lambda _: said, probed=("<think>", "France", " is"))) as server:
        prepared = write(tmp_path, server.url, prompts=2)
        await record(prepared, environ={})
        first = [seen.json for seen in server.seen if seen.body and not is_probe(seen)]
        again = in_folder(tmp_path)
        await record(again, environ={})
        later = [seen for seen in server.seen if seen.body and not is_probe(seen)]
    assert [2048, 2048] == [body["max_tokens"] for body in first]
    assert len(first) == len(later)
    condition = again.plan.conditions[0]
    assert (True, "its reply to a test question began with <think>") == (
        condition.thinks,
        condition.budget_reason,
    )
    assert {"B?\nno"} == {row.reasoning for row in read_results(again).rows}


ROWS = "".join(
    json.dumps({"id": f"q{n}", "question": f"{n}?", "choices": ["yes", "no"], "answer": "A"}) + "\n"
    for n in range(5)
)


async def test_a_taste_of_what_is_recorded(tmp_path):
    """The first questions are replayed, and recorded again, without the rows, and the whole plan stays."""
    (tmp_path / "rows.jsonl").write_text(ROWS)
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(model(echo)) as server:
        (tmp_path / "e.yaml").write_text(
            f"""experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{server.url}"}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites: [{{suite: custom, source: {{file: rows.jsonl}}}}]
"""
        )
        await record(prepare(tmp_path / "e.yaml", where), environ={})
        (tmp_path / "rows.jsonl").unlink()
        taste = prepare(tmp_path / "e.yaml", where, Overrides(limit=2))
        assert (taste.frozen, 2) == (True, len(taste.plan.trials))
        assert 2 == len((await replay(taste)).rows)
        remove_recordings(taste.cassette, [next(iter(Cassette(taste.cassette).all_entries())).address])
        await record(taste, environ={})
    whole = prepare(tmp_path / "e.yaml", where, recorded=True)
    assert (whole.frozen, 5) == (True, len(whole.plan.trials))
    assert 5 == len((await replay(whole)).rows)


def statement(prepared: Prepared) -> Statement:
    """What the cassette holds."""
    return frozen_statement(next(Cassette(prepared.cassette).lines("plan")))


def predicting(claim: str) -> str:
    """Lines of an experiment file."""
    return f"""hypothesis: {claim}
predictions: [{{claim: {claim}, metric: accuracy, of: m, above: 50}}]
"""


async def test_nothing_can_be_stated_after_the_answers(tmp_path):
    """Recording again keeps what stood in the file before the first request, and the day on which it began."""
    before, after = datetime.now(UTC).date(), predicting("After.")
    async with RawServer(model(echo)) as server:
        first = write(tmp_path, server.url, 2, more=predicting("Before."))
        await record(first, environ={})
        again = write(tmp_path, server.url, 3, more=after)
        await record(again, environ={})
    frozen = statement(again)
    assert "Before." == frozen.hypothesis
    assert frozen.predictions is not None
    assert ["Before."] == [prediction["claim"] for prediction in frozen.predictions]
    assert frozen.stated_on in {before.isoformat(), datetime.now(UTC).date().isoformat()}
    assert () == frozen.earlier


async def test_a_fresh_recording_keeps_what_was_stated_before(tmp_path):
    """It has today's, and the earlier ones where they differ; also when it goes on after a failure."""

    def failing(text: str, n: int) -> Say:
        unwell = Say(with_length(b"", opening=head(503, "", "Retry-After: 0")))
        return unwell if "n 1 " in text else echo(text, n)

    async with RawServer(model(echo)) as server:
        await record(write(tmp_path, server.url, 2, more=predicting("First.")), environ={})
    async with RawServer(model(failing), port=server.port):
        second = write(tmp_path, server.url, 2, more=predicting("Second."))
        with pytest.raises(RunFailedError):
            await record(second, environ={}, fresh=True)
    assert "First." == statement(second).hypothesis
    async with RawServer(model(echo), port=server.port):
        await record(write(tmp_path, server.url, 2, more=predicting("Third.")), environ={}, fresh=True)
        frozen = statement(second)
        assert ("Second.", ["First."]) == (
            frozen.hypothesis,
            [earlier.hypothesis for earlier in frozen.earlier],
        )
        assert frozen.stated_on == frozen.earlier[0].stated_on


async def test_a_fresh_recording_of_the_first_questions_replaces_none_of_all(tmp_path):
    """The other replies are paid for, and would be gone."""
    text = (
        'experiment: e\nkind: benchmark\nendpoints: {lab: {base_url: "%s"}}\n'
        "models: [{id: m, endpoint: lab, model: m}]\nsuites: [{suite: starter/arc, limit: 3}]\n"
    )
    where = Workspace(tmp_path / "cassettes", tmp_path)
    first = Overrides(limit=1)
    async with RawServer(model(echo)) as server:
        path = tmp_path / "e.yaml"
        path.write_text(text % server.url)
        # Where there is nothing yet, or only the first question, nothing is lost.
        for _ in range(2):
            await record(prepare(path, where, first, fresh=True), environ={}, fresh=True)
        await record(prepare(path, where, fresh=True), environ={}, fresh=True)
        with pytest.raises(
            InputError, match="holds 3 questions, and --fresh with --limit would leave 1 of them"
        ):
            prepare(path, where, first, fresh=True)
        # Nothing is dropped by a higher one.
        assert not prepare(path, where, Overrides(limit=20), fresh=True).frozen
    assert len(Cassette(where.cassettes / "e")) == 3
