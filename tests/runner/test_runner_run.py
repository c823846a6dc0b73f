"""The runner against servers that fail in every way, directly and through the recording proxy."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from servers import RawServer, Say, Seen, chunked, events, head, to_the_end, with_length
from trips import recording

from llmxray.cassette import Cassette, seal
from llmxray.errors import CassetteError, MissError, RunFailedError
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.runner import Progress, RunnerConfig, run
from llmxray.types import Condition, PlannedRequest, Receipt, Trial
from llmxray.wire import request_key

CONDITION = Condition("c", "x", "m", "letter", "chat", {}, 8)
YES = chunked(events("yes"))


def trial(name: str, *texts: str, sample: int = 0) -> Trial:
    """A trial that asks each of the texts."""
    bodies = [{"model": "m", "messages": [{"role": "user", "content": text}]} for text in texts or (name,)]
    requests = tuple(
        PlannedRequest(request_key("POST", "/v1/chat/completions", "x", body), body) for body in bodies
    )
    return Trial(name, "c", "s", name, sample, requests)


async def send(url: str, trials: Sequence[Trial], **config: Any) -> list[Receipt]:
    """Run the trials against a base URL."""
    settings = RunnerConfig({"x": url}, **{"backoff_s": 0.01, "timeout_s": 5.0, **config})
    return await run(trials, {"c": CONDITION}, settings)


async def test_concurrency_and_order():
    """Never more at once than allowed, as many as allowed, receipts in the order of the trials."""
    trials = [trial(f"t{n}") for n in range(20)]
    progress: list[Progress] = []

    def script(_: int, seen: Seen) -> Say:
        return Say(chunked(events(seen.json["messages"][0]["content"])), pause_s=0.01)

    async with RawServer(script) as server:
        config = RunnerConfig({"x": server.url}, concurrency={"x": 4})
        receipts = await run(trials, {"c": CONDITION}, config, progress.append)
        assert 4 == server.most_in_flight
    assert [trial.id for trial in trials] == [receipt.trial for receipt in receipts]
    hashes = [hashlib.sha256(b"".join(events(trial.id))).hexdigest() for trial in trials]
    assert hashes == [receipt.sha256 for receipt in receipts]
    assert list(range(1, 21)) == [step.done for step in progress]
    assert {20} == {step.total for step in progress}


@pytest.mark.parametrize(
    ("value", "at_least", "at_most"),
    [
        ("1", 0.9, 3),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True), 0.9, 4),
        (lambda: format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True), 0, 0.6),
        ("soon", 0, 0.6),
        ("²", 0, 0.6),
    ],
    ids=["seconds", "date", "past", "words", "no-number"],
)
async def test_retry_after(value, at_least, at_most):
    """Retry-After is kept, in seconds and as a date; nonsense is the back-off."""
    text = value() if callable(value) else value
    busy = with_length(
        b"{}", opening=head(429, "application/json", f"Retry-After: {text}", "Connection: close")
    )
    async with RawServer(lambda n, _: Say(busy if n == 0 else YES)) as server:
        began = asyncio.get_running_loop().time()
        (receipt,) = await send(server.url, [trial("a")])
        took = asyncio.get_running_loop().time() - began
    assert (200, 1) == (receipt.status, receipt.attempt)
    assert at_least <= took <= at_most


FAILURES = {
    "html-500": Say(with_length(b"<html>oops</html>", opening=head(500, "text/html"))),
    "503": Say(with_length(b"", opening=head(503))),
    "reset": Say(chunked(events("y")[:1], end=False), ending="rst"),
    "fin-in-length": Say(with_length(b"data: {", opening=head(), stated=99)),
    "cut-close": Say(to_the_end([events("yes", done=False)[0][:20]])),
    "error-event": Say(chunked([b'data: {"error": {"message": "no memory"}}\n\n', b"data: [DONE]\n\n"])),
    "done-as-text": Say(to_the_end([b'data: {"choices": [{"delta": {"content": "[DONE]'])),
    "done-unfinished": Say(to_the_end([b"data: [DONE]"])),
    "empty": Say(chunked([])),
    "nothing": Say([]),
}


@pytest.mark.parametrize("through", ["server", "proxy"])
@pytest.mark.parametrize("how", FAILURES)
async def test_failures_are_tried_again(tmp_path, how, through):
    """Twice this failure, then an answer: three attempts; the same when replayed, in order."""
    async with RawServer(lambda n, _: FAILURES[how] if n < 2 else Say(YES)) as server:
        if through == "server":
            (receipt,) = await send(server.url, [trial("a")])
        else:
            async with ProxyServer(
                ProxyConfig(tmp_path / "c", mode="auto", targets={"x": server.url})
            ) as proxy:
                (receipt,) = await send(proxy.endpoint_url("x"), [trial("a")])
        assert 3 == len(server.seen)
    assert (200, 2) == (receipt.status, receipt.attempt)
    if through == "proxy":
        seal(tmp_path / "c")
        entries = list(Cassette(tmp_path / "c").all_entries())
        assert [(0, False), (1, False), (2, True)] == [
            (entry.address.attempt, entry.complete) for entry in entries
        ]
        async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
            assert [receipt] == await send(proxy.endpoint_url("x"), [trial("a")])
            assert 0 == proxy.unserved()


async def test_giving_up(tmp_path):
    """After the last retry the failure stands, recorded and replayed; 4 tries by default."""
    async with recording(lambda *_: FAILURES["reset"], tmp_path / "c", mode="auto") as (server, proxy):
        first = await send(proxy.endpoint_url("x"), [trial("a")])
    assert 4 == len(server.seen)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert first == await send(proxy.endpoint_url("x"), [trial("a")])


async def test_refusals_stand(tmp_path):
    """HTTP 400 is an answer of the server, tried once, even if it quotes our words."""
    refusal = with_length(b'<p>"llmxray_miss"</p>', opening=head(400, "text/html"))
    async with recording(lambda *_: Say(refusal), tmp_path / "c", mode="auto") as (server, proxy):
        (receipt,) = await send(proxy.endpoint_url("x"), [trial("a")])
    assert (400, 1) == (receipt.status, len(server.seen))
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert [receipt] == await send(proxy.endpoint_url("x"), [trial("a")])


async def test_replay_follows_all_recorded_tries(tmp_path):
    """A request refused, failing six times over two runs, then answered: replay ends at the answer too."""
    script = [Say(with_length(b"{}", opening=head(401))), *[FAILURES["503"]] * 6, Say(YES)]
    async with recording(lambda n, _: script[n], tmp_path / "c", mode="auto") as (_, proxy):
        for _ in range(3):
            (last,) = await send(proxy.endpoint_url("x"), [trial("a")])
    assert (200, 7) == (last.status, last.attempt)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        assert [last] == await send(proxy.endpoint_url("x"), [trial("a")])


@pytest.mark.parametrize("failing", [False, True])
async def test_trials_that_share_a_request(tmp_path, failing):
    """Asked once, served to each, at any concurrency; when it fails for good, replay ends the same."""
    trials = [trial(f"t{n}", "the same") for n in range(6)]
    async with recording(
        lambda *_: FAILURES["503"] if failing else Say(YES, pause_s=0.02), tmp_path / "c", mode="auto"
    ) as (server, proxy):
        first = await send(proxy.endpoint_url("x"), trials, concurrency={"x": 6}, retries=1)
    assert (12 if failing else 1) == len(server.seen)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        again = await send(proxy.endpoint_url("x"), trials, concurrency={"x": 3}, retries=1)
    assert [receipt.status for receipt in first] == [receipt.status for receipt in again]
    if not failing:
        assert first == again


async def test_samples(tmp_path):
    """Repeats of one request are recorded apart and served apart, whatever the order asked in."""
    trials = [trial(f"t{n}", "one text", sample=n) for n in range(5)]
    says = [Say(chunked(events(f"answer {n}"))) for n in range(5)]
    async with recording(lambda n, _: says[n], tmp_path / "c", mode="auto") as (_, proxy):
        first = await send(proxy.endpoint_url("x"), trials)
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        again = await send(proxy.endpoint_url("x"), trials[::-1], concurrency={"x": 5})
    assert 5 == len({receipt.sha256 for receipt in first})
    assert first == again[::-1]


async def test_miss_ends_the_run(tmp_path):
    """One clear error, not a group of them, and not one per trial."""
    async with recording(lambda *_: Say(YES), tmp_path / "c", mode="auto") as (_, proxy):
        await send(proxy.endpoint_url("x"), [trial("known")])
    async with ProxyServer(ProxyConfig(tmp_path / "c")) as proxy:
        with pytest.raises(MissError, match="messages"):
            await send(proxy.endpoint_url("x"), [trial(f"t{n}") for n in range(9)], concurrency={"x": 5})
        with pytest.raises(RunFailedError, match="no upstream|cannot"):
            async with ProxyServer(
                ProxyConfig(tmp_path / "d", mode="auto", targets={"y": "http://127.0.0.1:9/v1"})
            ) as other:
                await send(other.endpoint_url("x"), [trial("a")])


async def test_a_server_that_stops_answering_ends_the_run(tmp_path):
    """No hours of retries against a dead server: five trials in a row, then one line; the answers are kept."""
    trials = [trial(f"t{n}") for n in range(40)]
    # It answers five times, misses one trial, answers four more, and then is gone.
    silent = {5, 6} | set(range(11, 200))
    async with recording(
        lambda n, _: FAILURES["nothing"] if n in silent else Say(YES), tmp_path / "c", mode="auto"
    ) as (server, proxy):
        with pytest.raises(RunFailedError, match="endpoint x stopped answering.*5 trials.*goes on from"):
            await send(proxy.endpoint_url("x"), trials, retries=1)
    # Nine answers, one trial between them missed, five more: two tries each.
    assert 9 + 2 * 6 == len(server.seen)
    entries = list(Cassette(tmp_path / "c").all_entries())
    assert 9 == sum(entry.complete for entry in entries)


async def test_a_server_that_always_fails_does_answer(tmp_path):
    """Refusing ten trials in a row is an answer: each becomes an error of its own, and the run goes on."""
    async with recording(lambda *_: FAILURES["503"], tmp_path / "c", mode="auto") as (_, proxy):
        receipts = await send(proxy.endpoint_url("x"), [trial(f"t{n}") for n in range(10)], retries=0)
    assert [503] * 10 == [receipt.status for receipt in receipts]


async def test_silent_server():
    """Silence beyond the time-out is a failed try."""
    async with RawServer(lambda n, _: Say([b"", b""], pause_s=1) if n == 0 else Say(YES)) as server:
        (receipt,) = await send(server.url, [trial("a")], timeout_s=0.2)
    assert (200, 1) == (receipt.status, receipt.attempt)


async def test_an_error_of_ours_is_no_traceback():
    """What the listener raises on purpose ends the run as one error, not as a group of them."""

    def on_progress(_: Progress) -> None:
        raise CassetteError("no recording")

    async with RawServer(lambda *_: Say(YES)) as server:
        with pytest.raises(CassetteError, match=r"^no recording$"):
            await run(
                [trial("a"), trial("b")], {"c": CONDITION}, RunnerConfig({"x": server.url}), on_progress
            )
