"""Processes made to be killed, and what must be true afterwards.

They are forked from a server that has everything imported, so that a kill costs tenths of a second, not seconds.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from prompted import in_folder, write
from recordings import interaction
from servers import RawServer, Say, Seen, chunked, events, model_server

from llmxray.cassette import Cassette, Journal
from llmxray.proxy import upstream  # noqa: F401  so that the fork server has it
from llmxray.workflow import Prepared, RecordingListener, record

AT_ONCE = 3
_LONG_JOIN_S = 30.0


def context() -> ForkServerContext:
    """The fork server, with this module imported."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["victims"])
    return forks


def start(target: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """A process running ``target``."""
    process = context().Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def append_for_ever(folder: str, said: str, first: int) -> None:
    """Append recordings of all sizes, noting the number of each once it is written."""
    out = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with Journal(Path(folder)) as journal:
        for number in range(first, sys.maxsize):
            body = b"data: " + b"x" * (number * 7919 % 6_000) + b"\n\n"
            journal.append(interaction(f"q{number}", body=body))
            os.write(out, b"%d\n" % number)


def record_experiment(folder: str, said: str) -> None:
    """Record the experiment in a folder, noting each trial that the runner has the whole answer to."""
    os.close(2)
    os.open(os.devnull, os.O_WRONLY)
    out = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    prepared = in_folder(Path(folder))
    listener = RecordingListener(
        on_progress=lambda done: void(os.write(out, f"{done.trial.item}\n".encode()))
    )
    asyncio.run(record(prepared, environ={}, listener=listener))


def void(_: object) -> None:
    """Nothing."""


def write_experiment(folder: Path, url: str, prompts: int) -> Prepared:
    """An experiment of prompts named after their numbers."""
    return write(folder, url, prompts, text="say p{}", endpoint=f"concurrency: {AT_ONCE}")


def answer(seen: Seen) -> Say:
    """Says what it was asked, in a few milliseconds."""
    return Say(chunked(events(*seen.json["messages"][-1]["content"])), pause_s=0.002)


def name_of(text: str) -> str:
    """Name of the prompt in a request's text."""
    return text.rpartition(" ")[2]


def complete(directory: Path) -> set[str]:
    """Names of the prompts whose answer is recorded."""
    if not directory.exists():
        return set()
    cassette = Cassette(directory)
    keys = {entry.address.key for entry in cassette.all_entries() if entry.complete}
    return {name_of(str(cassette.request(key)["messages"][-1]["content"])) for key in keys}


@dataclass
class Tally:
    """What killing did.

    Attributes:
        kills: processes killed while they recorded.
        lost: answers that the runner had, and the cassette has not.
        paid_twice: recorded answers that were asked for again.
        cut: requests under way at a kill, which had to be asked again.
    """

    kills: int = 0
    lost: set[str] = field(default_factory=set)
    paid_twice: set[str] = field(default_factory=set)
    cut: int = 0


async def kill_and_resume(folder: Path, kills: int, prompts: int, seed: int = 1) -> tuple[Prepared, Tally]:
    """Record an experiment in processes killed at random moments, until one gets to the end."""
    rng, tally, said = random.Random(seed), Tally(), folder / "said"
    async with RawServer(model_server(answer)) as server:
        prepared = write_experiment(folder, server.url, prompts)

        def asked() -> list[str]:
            bodies = [seen.json["messages"][-1]["content"] for seen in server.seen if seen.body]
            return [name_of(text) for text in bodies if text.startswith("say ")]

        while True:
            before, whole = len(asked()), complete(prepared.cassette)
            process = start(record_experiment, str(folder), str(said))
            enough = before + rng.randint(1, prompts // kills)
            while process.is_alive() and (tally.kills >= kills or len(asked()) < enough):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            await asyncio.sleep(rng.random() * 0.02)
            if process.is_alive():
                process.kill()
                tally.kills += 1
            await asyncio.to_thread(process.join, _LONG_JOIN_S)
            tally.paid_twice |= whole & set(asked()[before:])
            tally.lost |= set(said.read_text().split() if said.exists() else ()) - complete(prepared.cassette)
            if process.exitcode != -signal.SIGKILL:
                break
        assert process.exitcode == 0
        tally.cut = sum(times - 1 for times in Counter(asked()).values())
    return prepared, tally
