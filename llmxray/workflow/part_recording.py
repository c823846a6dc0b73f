"""Recording one part of a plan in a worker of a cluster: its own proxy, journal, keys and model server.

What goes to a worker holds no key: it looks its keys up in its own environment. What comes back is the part's sealed
cassette as one zip, whole or as far as it got.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmxray import plan as plans
from llmxray.cassette import Frozen, freeze
from llmxray.cluster.model_server import ModelServer, Serve
from llmxray.errors import CassetteCorruptError, LlmxrayError, PackError
from llmxray.experiment import Experiment
from llmxray.keys import KeyPermit
from llmxray.local import LocalServer
from llmxray.packs.opening import UNREADABLE
from llmxray.plan import Plan, ServerFinding
from llmxray.proxy.kept_upstream import KeptUpstream
from llmxray.scratch import scratch_folder
from llmxray.types import Trial
from llmxray.workflow.detect import Decision, decide
from llmxray.workflow.keys import keys_of
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.recording import Kept, record

IDLE_S = 300.0


@dataclass(frozen=True, slots=True)
class PartTask:
    """What a worker is told.

    Attributes:
        experiment: with what the command line changed.
        source: text of its file.
        condition: the condition whose trials these are.
        frozen: the plan of this part alone.
        serve: by label, how the worker starts the endpoint's model server; the embedded models need none.
        permits: which keys may be sent where; the keys themselves are the worker's own.
        threads: cores for an embedded model; 0 for all of the worker's machine.
    """

    experiment: Experiment
    source: str
    condition: str
    frozen: Frozen
    serve: Mapping[str, Serve] = field(default_factory=dict)
    permits: tuple[KeyPermit, ...] = ()
    threads: int = 0


@dataclass(frozen=True, slots=True)
class PartResult:
    """What comes back.

    Attributes:
        cassette: the sealed cassette of the part as a zip; b"" where nothing was recorded.
        facts: what the servers show of themselves, by "endpoint/model".
        error: why it ended early, "" where it did not.
        seconds: how long the recording took, without starting a model server.
        findings: by condition, why its requests are not those of the task: a refusal asked for another budget field.
    """

    cassette: bytes
    facts: Mapping[str, Any]
    error: str
    seconds: float
    findings: Mapping[str, ServerFinding] = field(default_factory=dict)


class _Worker:
    """What a worker process keeps from one part to the next: model server, mitmproxy, and what is known of servers.

    Left idle, as after the driver was killed, it lets go of all of it: a model server holds a GPU.
    """

    def __init__(self) -> None:
        self.kept = Kept(upstream=KeptUpstream())
        self._server: ModelServer | None = None
        self._serves = ("", "")
        self._turn = threading.Lock()
        self._alarm: threading.Timer | None = None

    @contextmanager
    def turn(self) -> Iterator[Callable[[], None]]:
        """One part at a time asks the server. Calling what is given ends the turn: the next part asks meanwhile."""
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                self._alarm = threading.Timer(IDLE_S, self._close_idle)
                self._alarm.daemon = True
                self._alarm.start()
                self._turn.release()

        self._turn.acquire()
        if self._alarm is not None:
            self._alarm.cancel()
        try:
            yield end
        finally:
            end()

    def served(self, label: str, model: str, serve: Serve | None, *, threads: int = 0) -> str:
        """The base URL of a model's server, which is started where it does not run yet.

        Args:
            serve: how; None for an embedded model.
            threads: cores for an embedded model; 0 for all of the machine.
        """
        held = self._server
        if held is not None and held.is_own and self._serves == (label, model):
            return held.base_url
        # One at a time: two models would share one machine's memory.
        self._stop_server()
        name = f"{label}/{model}"
        # It may have been another version before.
        self.kept.known.pop(name, None)
        if serve is None:
            embedded = [sys.executable, "-P", "-m", "llmxray.local.serve", "--threads", str(threads), model]
            self._server = ModelServer(lambda port: [*embedded, str(port)], ready_s=120.0)
            self.kept.embedded[name] = LocalServer(model).facts()
        else:
            self._server = ModelServer(partial(serve.words, model), ready_s=serve.ready_s)
        self._serves = (label, model)
        return self._server.base_url

    def lost(self, server: str) -> bool:
        """Whether the model server of that name, "label/model", has ended, or lost its port to another user.

        Who takes the port of a server that ended answers in its place.
        """
        return "/".join(self._serves) == server and self._server is not None and not self._server.is_own

    def close(self) -> None:
        """Stop what runs, also under a part that asks; forget what servers said, for the next run may find others."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._stop_server()
        upstream, self.kept = self.kept.upstream, Kept(upstream=KeptUpstream())
        if upstream is not None:
            upstream.close()

    def _close_idle(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                self.close()
            finally:
                self._turn.release()

    def _stop_server(self) -> None:
        server, self._server, self._serves = self._server, None, ("", "")
        if server is not None:
            server.stop()


# One worker process, one state.
_WORKER = _Worker()


def record_part(task: PartTask) -> PartResult:
    """Record a part; never raises for what servers do, for the driver has to say it."""
    name = task.experiment.experiment
    with scratch_folder("part") as folder:
        try:
            # Before its turn, while another part asks: the server would have nothing to do meanwhile.
            plan = plans.thaw(task.frozen)
            freeze(Path(folder) / name, name, task.frozen, software={})
        except LlmxrayError as failed:
            return PartResult(b"", {}, str(failed), 0.0)
        with _WORKER.turn() as end_turn:
            kept, server, began = _WORKER.kept, _server_of(task), time.monotonic()
            facts, took, error = dict[str, Any](), 0.0, ""
            findings: dict[str, ServerFinding] = {}
            lost: bool | None = None

            def asked() -> None:
                nonlocal took, lost
                took = time.monotonic() - began
                lost = _WORKER.lost(server)
                # Now: the next part may start another server.
                facts.update({name: found for name, found in kept.known.items() if name == server})
                end_turn()

            try:
                prepared = _prepared(task, plan, Path(folder))
                began = time.monotonic()
                recording = record(
                    prepared,
                    environ=os.environ,
                    permits=task.permits,
                    kept=kept,
                    on_asked=asked,
                    on_findings=findings.update,
                    frozen=True,
                )
                asyncio.run(recording)
            except LlmxrayError as failed:
                error = str(failed)
            # After its turn the server is another part's.
            if lost or (lost is None and _WORKER.lost(server)):
                why = "the model server ended while it was asked, and another user may have answered in its place"
                return PartResult(b"", {}, why, took)
        # No facts: its server could not be asked, and nothing is recorded.
        data = zipped(Path(folder) / name) if facts else b""
    return PartResult(data, facts, error, took, findings)


def decide_part(task: PartTask) -> tuple[Decision | None, str]:
    """What the server of the task's condition needs, and why nobody could tell ("" otherwise)."""
    with _WORKER.turn(), scratch_folder("part") as folder:
        try:
            prepared = _prepared(task, plans.thaw(task.frozen), Path(folder))
            # Other models may run on other servers, which are not there now.
            mine = tuple(each for each in prepared.plan.conditions if each.id == task.condition)
            keys = keys_of(prepared, os.environ, task.permits)
            return asyncio.run(
                decide(replace(prepared, plan=replace(prepared.plan, conditions=mine)), keys)
            ), ""
        except LlmxrayError as failed:
            return None, str(failed)


def close_worker() -> None:
    """Stop what this worker keeps running."""
    _WORKER.close()


def _prepared(task: PartTask, plan: Plan, folder: Path) -> Prepared:
    """The part as an experiment of its own, in a folder of its own, with its model server running."""
    # Not read from a file again: the plan of a part lacks questions that the file may speak of.
    experiment = task.experiment
    condition = next(each for each in plan.conditions if each.id == task.condition)
    label, model = condition.endpoint, condition.model
    endpoint = experiment.endpoints[label]
    if label in task.serve or endpoint.is_embedded:
        url = _WORKER.served(label, model, task.serve.get(label), threads=task.threads)
        # An embedded model answers one request at a time; a server of one's own takes what the file says.
        changed = {"base_url": url} | ({"concurrency": 1} if endpoint.is_embedded else {})
        endpoints = {**experiment.endpoints, label: endpoint.model_copy(update=changed)}
        experiment = experiment.model_copy(update={"endpoints": endpoints})
    return Prepared(experiment, task.source, plan, folder / experiment.experiment, frozen=True)


def _server_of(task: PartTask) -> str:
    """Name under which the facts of the part's server are kept."""
    header = task.frozen.plan[0]
    found = next((each for each in header["conditions"] if each["id"] == task.condition), None)
    return f"{found['endpoint']}/{found['model']}" if found else ""


def zipped(directory: Path) -> bytes:
    """A cassette as one zip; `unpacked` opens it."""
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


def part_of(plan: Plan, trials: Sequence[Trial]) -> Plan:
    """The plan with these of its trials alone, and the questions that they need."""
    asked = {(trial.suite, trial.item) for trial in trials}
    suites = {
        name: replace(suite, items=tuple(item for item in suite.items if (name, item.id) in asked))
        for name, suite in plan.suites.items()
    }
    return replace(plan, suites=suites, trials=tuple(trials))
