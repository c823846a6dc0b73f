"""Real SIGKILLs of processes that record: nothing is lost, nothing is paid for twice."""

import random
import signal
import time

from recordings import interaction
from victims import AT_ONCE, append_for_ever, complete, kill_and_resume, start

from llmxray.cassette import Cassette, Journal, journal, seal, verify
from llmxray.workflow import replay

JOURNAL_KILLS, RECORDER_KILLS = 25, 2


async def test_recorder_killed_and_resumed(tmp_path):
    """A whole recorder, killed at random moments; more often in bench/bench_kills.py."""
    prepared, tally = await kill_and_resume(tmp_path, RECORDER_KILLS, 42)
    assert tally.kills >= RECORDER_KILLS
    assert (set(), set()) == (tally.lost, tally.paid_twice)
    # Only what was under way at a kill is ever asked again.
    assert tally.cut <= AT_ONCE * tally.kills
    assert [] == verify(prepared.cassette)
    assert 42 == len(complete(prepared.cassette)) == len((await replay(prepared)).rows)


def test_writer_killed_mid_line(tmp_path):
    """Twenty-five kills of a process that does nothing but append: every line it said is written is there, in order."""
    rng, whole, said = random.Random(5), 0, tmp_path / "said"
    directory = tmp_path / "c"
    for _ in range(JOURNAL_KILLS):
        process = start(append_for_ever, str(directory), str(said), whole)
        while process.is_alive() and not (said.exists() and len(said.read_text().split()) > whole):
            time.sleep(0.001)
        time.sleep(rng.random() * 0.006)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        told = len(said.read_text().split())
        here = [str(each.request["messages"][0]["content"]) for _, each in journal.read_journal(directory)]  # type: ignore[index,call-overload]
        assert [f"q{n}" for n in range(len(here))] == here
        # One more may have been written than it came to say.
        assert len(here) - told in (0, 1)
        said.write_text("".join(f"{n}\n" for n in range(len(here))))
        whole = len(here)
    with Journal(directory) as again:
        again.append(interaction("after"))
    seal(directory)
    assert [] == verify(directory)
    assert whole + 1 == len(Cassette(directory)) > JOURNAL_KILLS
