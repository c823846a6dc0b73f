"""Recording one part of a plan in a worker of a cluster: its own proxy, journal, keys and model server.

What goes to a worker holds no key: it looks its keys up in its own environment. What comes back is the part's sealed
cassette as one zip, whole or as far as it got.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmxray.cassette import Frozen, freeze
from llmxray.cluster.model_server import ModelServer, Serve
from llmxray.errors import CassetteCorruptError, LlmxrayError, PackError
from llmxray.keys import KeyPermit
from llmxray.local import LocalServer
from llmxray.packs.opening import UNREADABLE
from llmxray.plan import Plan
from llmxray.scratch import scratch_folder
from llmxray.workflow.detect import Decision, decide
from llmxray.workflow.keys import keys_of
from llmxray.workflow.preparation import Overrides, Prepared, Workspace, prepare
from llmxray.workflow.recording import record


@dataclass(frozen=True, slots=True)
class PartTask:
    """What a worker is told.

    Attributes:
        source: text of the experiment file.
        condition: the condition whose trials these are.
        frozen: the plan of this part alone.
        endpoints: base URL by label, as the command line gave it.
        serve: by label, how the worker starts the endpoint's model server; the embedded models need none.
        permits: which keys may be sent where; the keys themselves are the worker's own.
    """

    name: str
    source: str
    condition: str
    frozen: Frozen
    endpoints: Mapping[str, str] = field(default_factory=dict)
    serve: Mapping[str, Serve] = field(default_factory=dict)
    permits: tuple[KeyPermit, ...] = ()


@dataclass(frozen=True, slots=True)
class PartResult:
    """What comes back.

    Attributes:
        cassette: the sealed cassette of the part as a zip; b"" where nothing was recorded.
        facts: what the servers show of themselves, by "endpoint/model".
        error: why it ended early, "" where it did not.
        seconds: how long the recording took, without starting a model server.
    """

    cassette: bytes
    facts: Mapping[str, Any]
    error: str
    seconds: float


class _Held:
    """What a worker keeps from one part to the next: the running model server, and what is known of servers."""

    server: ModelServer | None = None
    serves: tuple[str, str] = ("", "")
    known: dict[str, Any] = {}  # noqa: RUF012  one worker process, one state


def record_part(task: PartTask) -> PartResult:
    """Record a part; never raises for what servers do, for the driver has to say it."""
    with scratch_folder("part") as folder:
        began = time.monotonic()
        try:
            prepared = _prepared(task, Path(folder))
            began = time.monotonic()
            _record(prepared, task.permits)
            error = ""
        except LlmxrayError as failed:
            error = str(failed)
        took = time.monotonic() - began
        recorded = Path(folder) / "cassettes" / task.name
        data = _zipped(recorded) if (recorded / "manifest.json").exists() else b""
    facts = {name: facts for name, facts in _Held.known.items() if name == _server_of(task)}
    return PartResult(data, facts, error, took)


def decide_part(task: PartTask) -> tuple[Decision | None, str]:
    """What the server of the task's condition needs, and why nobody could tell ("" otherwise)."""
    with scratch_folder("part") as folder:
        try:
            prepared = _prepared(task, Path(folder))
            # Other models may run on other servers, which are not there now.
            mine = tuple(each for each in prepared.plan.conditions if each.id == task.condition)
            keys = keys_of(prepared, os.environ, task.permits)
            return asyncio.run(
                decide(replace(prepared, plan=replace(prepared.plan, conditions=mine)), keys)
            ), ""
        except LlmxrayError as failed:
            return None, str(failed)


def stop_server() -> None:
    """Stop the model server that this worker runs, if any."""
    server, _Held.server, _Held.serves = _Held.server, None, ("", "")
    if server is not None:
        server.stop()


def _record(prepared: Prepared, permits: Collection[KeyPermit]) -> None:
    asyncio.run(record(prepared, environ=os.environ, permits=permits, known=_Held.known))


def _prepared(task: PartTask, folder: Path) -> Prepared:
    """The part as an experiment of its own, in a folder of its own, with its model server running."""
    where = Workspace(folder / "cassettes", folder)
    path = folder / f"{task.name}.yaml"
    path.write_text(task.source, "utf-8")
    freeze(where.cassettes / task.name, task.name, task.frozen, software={})
    prepared = prepare(path, where, Overrides(endpoints=task.endpoints))
    condition = next(each for each in prepared.plan.conditions if each.id == task.condition)
    label, model = condition.endpoint, condition.model
    endpoint = prepared.experiment.endpoints[label]
    if label not in task.serve and not endpoint.is_embedded:
        return prepared
    url = _served(label, model, task.serve.get(label))
    # An embedded model answers one request at a time; a server of one's own takes what the file says.
    changed = {"base_url": url} | ({"concurrency": 1} if endpoint.is_embedded else {})
    endpoints = {**prepared.experiment.endpoints, label: endpoint.model_copy(update=changed)}
    return replace(prepared, experiment=prepared.experiment.model_copy(update={"endpoints": endpoints}))


def _served(label: str, model: str, serve: Serve | None) -> str:
    """The base URL of a model's server, which is started where it does not run yet."""
    held = _Held.server
    if held is not None and held.is_running and _Held.serves == (label, model):
        return held.base_url
    # One at a time: two models would share one machine's memory.
    stop_server()
    if serve is None:
        embedded = [sys.executable, "-P", "-m", "llmxray.local.serve", model]
        _Held.server = ModelServer(lambda port: [*embedded, str(port), "--with-parent"], ready_s=120.0)
        _Held.known.setdefault(f"{label}/{model}", LocalServer(model).facts())
    else:
        _Held.server = ModelServer(partial(serve.words, model), ready_s=serve.ready_s)
    _Held.serves = (label, model)
    return _Held.server.base_url


def _server_of(task: PartTask) -> str:
    """Name under which the facts of the part's server are kept."""
    header = task.frozen.plan[0]
    found = next((each for each in header["conditions"] if each["id"] == task.condition), None)
    return f"{found['endpoint']}/{found['model']}" if found else ""


def _zipped(directory: Path) -> bytes:
    held = io.BytesIO()
    # The files are compressed already.
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(directory).as_posix())
    return held.getvalue()


@contextmanager
def unpacked(data: bytes) -> Iterator[Path]:
    """The cassette of a part in a temporary folder.

    Raises:
        PackError: the zip is damaged or holds more than was sent, or the block finds that the cassette is corrupt.
    """
    with scratch_folder("part") as folder:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                held = archive.infolist()
                stored = all(each.compress_type == zipfile.ZIP_STORED for each in held)
                # Nothing is compressed, so nothing can grow.
                if not stored or sum(each.file_size for each in held) > len(data):
                    raise zipfile.BadZipFile("it states more than it holds")
                # `extract` leaves out what would lead out of the folder.
                archive.extractall(folder)
        # An encrypted member is a RuntimeError.
        except (*UNREADABLE, RuntimeError) as error:
            raise PackError(f"what the worker sent is damaged: {error}") from error
        try:
            yield Path(folder)
        except CassetteCorruptError as error:
            raise PackError(
                f"what the worker sent is damaged: {str(error).replace(f'{folder}{os.sep}', '')}"
            ) from error


def part_of(plan: Plan, names: Sequence[str]) -> Plan:
    """The plan with these trials alone, and the questions, suites and conditions that they need."""
    wanted = set(names)
    trials = tuple(trial for trial in plan.trials if trial.id in wanted)
    asked = {(trial.suite, trial.item) for trial in trials}
    suites = {
        name: replace(suite, items=tuple(item for item in suite.items if (name, item.id) in asked))
        for name, suite in plan.suites.items()
    }
    return replace(plan, suites=suites, trials=trials)
