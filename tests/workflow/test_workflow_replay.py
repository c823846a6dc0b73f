"""A replay gives what the cassette holds, in the recorded rhythm or at once; a miss says what differs."""

import time

import pytest

from llmxray.errors import RunFailedError
from llmxray.workflow import Workspace, prepare, read_results, replay, replaying


@pytest.fixture
def shipped(root):
    """A small experiment that ships with the project."""
    return prepare(
        root / "experiments" / "system-prompt-pair.yaml", Workspace(root / "cassettes", root / "experiments")
    )


@pytest.fixture(params=["here", "apart"])
def sent(request, monkeypatch):
    """Where requests are sent from: this process, or one of its own."""
    monkeypatch.setattr(replaying, "_MANY", 1 if request.param == "apart" else 10**9)
    return str(request.param)


async def test_a_replay_gives_what_the_cassette_alone_gives(shipped, sent):
    """Rows and notes are the same, and every trial is told as it ends."""
    done: list[int] = []
    results = await replay(shipped, on_progress=lambda step: done.append(step.done))
    alone = read_results(shipped)
    assert (alone.rows, alone.notes) == (results.rows, results.notes)
    assert list(range(1, len(shipped.plan.trials) + 1)) == done


async def test_a_process_that_ends_early_is_no_replay(shipped, monkeypatch):
    """Rows that nobody was served are not given; at a speed, this process sends."""
    monkeypatch.setattr(replaying, "_MANY", 1)
    monkeypatch.setattr(replaying.sys, "executable", "false")
    await replay(shipped, speed=10**6)
    with pytest.raises(RunFailedError, match="ended early: run it again"):
        await replay(shipped)


async def test_at_a_speed_it_takes_as_long_as_the_recording(shipped):
    """One request at a time, as it was recorded: all latencies add up."""
    recorded_s = sum(row.latency_s or 0.0 for row in read_results(shipped).rows)
    began = time.monotonic()
    await replay(shipped, speed=recorded_s)
    assert time.monotonic() - began >= 1
