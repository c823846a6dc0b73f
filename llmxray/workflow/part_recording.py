"""Recording one part of a plan in a worker of a cluster, which has its own proxy, journal, keys and model server.

A task holds no API key: the worker looks keys up in its own environment. The result is the part's sealed cassette as
one zip, complete or partial.
"""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmxray import plan as plans
from llmxray.cassette import Frozen
from llmxray.cluster.model_server import ModelServer, ServeCommand
from llmxray.errors import LlmxrayError
from llmxray.experiment import Experiment
from llmxray.keys import KeyPermit
from llmxray.local import LocalServer
from llmxray.plan import Plan
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.proxy.shared_upstream import SharedUpstream
from llmxray.scratch import scratch_folder
from llmxray.types import Trial
from llmxray.workflow.keys import keys_of
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.recording import record, server_urls
from llmxray.workflow.server_facts import RecordingCache, server_name
from llmxray.workflow.server_needs import ServerNeeds, ask_servers

IDLE_S = 300.0


@dataclass(frozen=True, slots=True)
class PartOptions:
    """Settings of every part.

    Attributes:
        serve: by label, how each worker starts the endpoint's model server; the embedded models need none.
        permits: which keys workers may send where; the keys themselves are the worker's own.
        run: id of this driver's run; processes of other runs are stopped.
    """

    serve: Mapping[str, ServeCommand] = field(default_factory=dict)
    permits: tuple[KeyPermit, ...] = ()
    run: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class PartTask:
    """The task of a worker: record one part.

    Attributes:
        experiment: with the changes that the command line asked for.
        source: text of its file.
        condition: of these trials.
        frozen: the plan of this part alone.
        threads: cores for an embedded model; 0 for all of the worker's machine.
    """

    experiment: Experiment
    source: str
    condition: str
    frozen: Frozen
    options: PartOptions = field(default_factory=PartOptions)
    threads: int = 0


@dataclass(frozen=True, slots=True)
class PartResult:
    """The result of a part.

    Attributes:
        cassette: the sealed cassette of the part as a zip; b"" if nothing was recorded.
        facts: of the servers, by "endpoint/model".
        error: why the part ended early, "" otherwise.
        seconds: how long the recording took, without starting a model server.
    """

    cassette: bytes
    facts: Mapping[str, Any]
    error: str
    seconds: float


class _Worker:
    """State that a worker keeps between parts: model server, mitmproxy and server facts.

    When it is idle for long, as after the driver was killed, it stops the model server, which holds a GPU.

    Attributes:
        cache: facts of servers and the running mitmproxy.
    """

    def __init__(self) -> None:
        self.cache = RecordingCache(upstream=SharedUpstream())
        self._server: ModelServer | None = None
        # Endpoint label and model of that server.
        self._serves = ("", "")
        self._run = ""
        self._turn = threading.Lock()
        self._alarm: threading.Timer | None = None

    @contextmanager
    def exclusive_run(self, run: str) -> Iterator[None]:
        """Wait until no other part sends requests.

        Processes of another run are stopped first: a killed driver cannot, and the next may serve another
        version of the model under the same name.
        """
        with self._turn:
            if self._alarm is not None:
                self._alarm.cancel()
            if run != self._run:
                self.close()
                self._run = run
            try:
                yield
            finally:
                self._alarm = threading.Timer(IDLE_S, self._close_idle)
                self._alarm.daemon = True
                self._alarm.start()

    def serve(self, label: str, model: str, serve: ServeCommand | None, *, threads: int = 0) -> str:
        """Start a model's server unless it runs already; returns its base URL.

        Args:
            label: of the endpoint.
            model: name of the model, as the server gets it.
            serve: how the server is started; None for an embedded model.
            threads: cores for an embedded model; 0 for all of the machine.
        """
        server = self._server
        if server is not None and server.is_own and self._serves == (label, model):
            return server.base_url
        # Only one server runs at a time, because two models would share one machine's memory.
        self._stop_server()
        name = f"{label}/{model}"
        # Facts of an earlier server are forgotten: it may have been another version.
        self.cache.urls.pop(name, None)
        if serve is None:
            embedded = [sys.executable, "-P", "-m", "llmxray.local.serve", "--threads", str(threads), model]
            self._server = ModelServer(lambda port: [*embedded, str(port)], ready_s=120.0)
            self.cache.embedded_facts[name] = LocalServer(model).facts()
        else:
            self._server = ModelServer(partial(serve.words, model), ready_s=serve.ready_s)
        self._serves = (label, model)
        return self._server.base_url

    def has_lost(self, server: str) -> bool:
        """Whether the model server of that name, "label/model", has ended, or another user took its port.

        Another user's process on the port of a server that ended would answer in its place.
        """
        return "/".join(self._serves) == server and self._server is not None and not self._server.is_own

    def close(self) -> None:
        """Stop all processes, even during a part, and forget facts: servers may change."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._stop_server()
        upstream, self.cache = self.cache.upstream, RecordingCache(upstream=SharedUpstream())
        if upstream is not None:
            upstream.close()

    def close_of(self, run: str) -> None:
        """Close that run's processes."""
        if run == self._run:
            self.close()

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


# A worker process records one part at a time, so it has one state.
_WORKER = _Worker()


def record_part(task: PartTask) -> PartResult:
    """Record a part. The result holds errors, for the driver to report."""
    plan, error = plans.thaw(task.frozen), ""
    server = next(server_name(condition) for condition in plan.conditions if condition.id == task.condition)
    with _WORKER.exclusive_run(task.options.run), scratch_folder("part") as folder:
        began = time.monotonic()
        try:
            prepared = _prepared(task, plan, Path(folder))
            began = time.monotonic()
            asyncio.run(
                record(prepared, environ=os.environ, permits=task.options.permits, cache=_WORKER.cache)
            )
        except LlmxrayError as failed:
            error = str(failed)
        seconds = time.monotonic() - began
        if _WORKER.has_lost(server):
            error = (
                "the model server ended while it was asked, and another user may have answered in its place"
            )
            return PartResult(b"", {}, error, seconds)
        directory = Path(folder) / task.experiment.experiment
        if not directory.exists():
            return PartResult(b"", {}, error, seconds)
        return PartResult(zip_cassette(directory), {server: _WORKER.cache.facts[server]}, error, seconds)


def ask_part_server(task: PartTask) -> tuple[ServerNeeds | None, str]:
    """Needs of the task's server; None without an answer, and why ("" otherwise)."""
    with _WORKER.exclusive_run(task.options.run), scratch_folder("part") as folder:
        try:
            prepared = _prepared(task, plans.thaw(task.frozen), Path(folder))
            # Only this condition is asked about: other models may run on servers that are not there now.
            conditions = tuple(
                condition for condition in prepared.plan.conditions if condition.id == task.condition
            )
            keys = keys_of(prepared, os.environ, task.options.permits)
            asked = replace(prepared, plan=replace(prepared.plan, conditions=conditions))
            check_proxy_settings(server_urls(asked), os.environ)
            return asyncio.run(ask_servers(asked, keys)), ""
        except LlmxrayError as failed:
            return None, str(failed)


def close_worker(run: str = "") -> None:
    """Stop this worker's processes of a driver's run, not those of a later run."""
    _WORKER.close_of(run)


def _prepared(task: PartTask, plan: Plan, folder: Path) -> Prepared:
    """The part as a separate experiment and folder, with its model server running."""
    # The experiment is not read from a file again: the file may speak of questions that a part's plan lacks.
    experiment = task.experiment
    condition = next(condition for condition in plan.conditions if condition.id == task.condition)
    label, model = condition.endpoint, condition.model
    endpoint = experiment.endpoints[label]
    if label in task.options.serve or endpoint.is_embedded:
        url = _WORKER.serve(label, model, task.options.serve.get(label), threads=task.threads)
        # An embedded model answers one request at a time; for another server the file's concurrency holds.
        changed = {"base_url": url} | ({"concurrency": 1} if endpoint.is_embedded else {})
        endpoints = {**experiment.endpoints, label: endpoint.model_copy(update=changed)}
        experiment = experiment.model_copy(update={"endpoints": endpoints})
    return Prepared(experiment, task.source, plan, folder / experiment.experiment, frozen=True)


def zip_cassette(directory: Path) -> bytes:
    """A cassette as one zip."""
    buffer = io.BytesIO()
    # Stored, because the files are compressed already.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(directory).as_posix())
    return buffer.getvalue()


def part_of(plan: Plan, trials: Sequence[Trial]) -> Plan:
    """The plan with these trials alone, and with the questions that they need."""
    needed = {(trial.suite, trial.item) for trial in trials}
    suites = {
        name: replace(suite, items=tuple(item for item in suite.items if (name, item.id) in needed))
        for name, suite in plan.suites.items()
    }
    # The driver looks at the answers; a part knows no order of all questions.
    return replace(plan, suites=suites, trials=tuple(trials), rounds=None)
