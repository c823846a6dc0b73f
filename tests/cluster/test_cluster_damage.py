"""What arrives damaged from a worker is one line, costs one try, and never a recording."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from asking import served, stream

from llmxray import workflow
from llmxray.cassette import Cassette, verify
from llmxray.cluster.engine import FinishedTask
from llmxray.errors import LlmxrayError, PackError
from llmxray.workflow.cluster_recording import PartFinished, PartOptions, record_on_cluster
from llmxray.workflow.part_recording import PartResult, unzip_cassette
from tests.cluster.driver import contents, write

type Change = Callable[[bytes], bytes]


def reply(path: str, _: bytes) -> tuple[int, str, bytes]:
    """A server of the models m and n."""
    if path.endswith("/models"):
        return 200, "application/json", b'{"object": "list", "data": [{"id": "m"}, {"id": "n"}]}'
    return 200, "text/event-stream", stream("yes")


class OneWorker:
    """An engine whose worker is this process, and whose wire changes what comes back.

    Args:
        change: applied to the zip of the first so many parts.
    """

    cores_each = 0

    def __init__(self, change: Change, parts: int) -> None:
        self._change, self._left = change, parts
        self._waiting: list[tuple[Any, Callable[..., Any], tuple[Any, ...]]] = []

    def wait_for_workers(self) -> list[str]:
        """Names."""
        return self.workers()

    def workers(self) -> list[str]:
        """Names."""
        return ["here"]

    def everywhere(self, call: Callable[[], Any]) -> None:
        """At the end."""
        call()

    def submit(self, tag: Any, call: Callable[..., Any], *arguments: Any, worker: str = "") -> None:
        """To be run in turn."""
        self._waiting.append((tag, call, arguments))

    def finished(self) -> Iterator[FinishedTask]:
        """Run what was submitted."""
        while self._waiting:
            tag, call, arguments = self._waiting.pop(0)
            result = call(*arguments)
            if isinstance(result, PartResult) and self._left:
                self._left -= 1
                result = PartResult(self._change(result.cassette), result.facts, result.error, result.seconds)
            yield FinishedTask(tag, "here", result, "")


def members(data: bytes) -> dict[str, bytes]:
    """Contents of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def without_a_reply(data: bytes) -> bytes:
    """A byte of the recordings is another one."""
    files = members(data)
    name = next(file for file in files if file.startswith("recordings/"))
    files[name] = files[name].replace(b"question", b"Question", 1)[:-9] + b"x" * 9
    return zipped(files)


CHANGES: dict[str, tuple[Change, str]] = {
    "cut": (lambda data: data[: len(data) // 2], "is damaged: File is not a zip file"),
    "a changed recording": (without_a_reply, "is damaged: recordings/"),
    "no manifest": (
        lambda data: zipped({"other": b""}),
        "of its trials are missing from what the worker sent",
    ),
    "compressed": (
        lambda data: zipped({**members(data), "zeros": bytes(50_000_000)}, zipfile.ZIP_DEFLATED),
        "is damaged: it states more than it holds",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_damaged_part_is_done_again(tmp_path: Path, name: str) -> None:
    """Counted as failed with one line; the second try brings what one process records."""
    change, says = CHANGES[name]
    arrived: list[PartFinished] = []
    with served(reply) as url:
        write(tmp_path, url, prompts=3)
        prepared = workflow.prepare(tmp_path / "e.yaml", workflow.Workspace(tmp_path / "cassettes", tmp_path))
        record_on_cluster(prepared, OneWorker(change, 1), PartOptions(), environ={}, on_part=arrived.append)  # type: ignore[arg-type]
    first, *others = arrived
    assert says in first.again
    assert "\n" not in first.again
    assert "/tmp" not in first.again
    assert [part.again for part in others] == [""] * len(others)
    assert (arrived[-1].done, arrived[-1].total) == (12, 12)
    assert len(contents(prepared.cassette)) == 12 == len(Cassette(prepared.cassette))
    assert verify(prepared.cassette) == []


def test_zips_damaged_at_random_are_one_line_or_whole() -> None:
    """Nothing else is raised, whatever bytes are changed."""
    rng = random.Random(18)
    whole = zipped({"manifest.json": b"{}" * 200, "recordings/a.jsonl": bytes(range(256)) * 4})
    refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with suppress(PackError):
            refused += 1
            with unzip_cassette(bytes(data)):
                refused -= 1
    assert refused > 120


@pytest.mark.parametrize("who", ["the driver", "a worker"])
def test_a_key_in_the_experiment_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Whoever has it: in a prompt. What a worker finds ends the recording, of which nothing is left."""
    key = "sk-Ab3dEf6hIj9kLm2n"
    with served(reply) as url:
        write(tmp_path, url, prompts=3)
        path = tmp_path / "e.yaml"
        text = path.read_text().replace("concurrency: 2", "key_env: LAB_API_KEY")
        path.write_text(text.replace("question 2", f"question 2 {key}"))
        prepared = workflow.prepare(path, workflow.Workspace(tmp_path / "cassettes", tmp_path))
        monkeypatch.setenv("LAB_API_KEY", key)
        # Both are this process here.
        environ = os.environ if who == "the driver" else {}
        options = PartOptions(permits=tuple(use.permit for use in workflow.key_uses(prepared).values()))
        with pytest.raises(LlmxrayError, match="an API key was about to be written"):
            record_on_cluster(prepared, OneWorker(lambda data: data, 0), options, environ=environ)  # type: ignore[arg-type]
    assert not (tmp_path / "cassettes").exists()
