"""The engine that runs parts on workers: Dask, on this machine or on a scheduler that runs already."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from llmxray.errors import InputError, MissingExtraError, RunFailedError
from llmxray.numerals import shown, whole_number
from llmxray.scratch import scratch_folder

_CONNECT_S = 10.0
_WORKERS_S = 120.0
# A task during which so many workers died is taken for their cause and fails.
_MOST_DEATHS = 3
_GONE = "the scheduler has gone, with what was under way; record again for the rest"


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """The source of workers.

    Attributes:
        workers: number of processes on this machine, or of the cluster class; 0 if a scheduler has its own.
        scheduler: address of a running one, "" otherwise.
        cluster_class: dotted name of a Dask cluster class, "" otherwise.
        options: keyword arguments of that class.
    """

    workers: int = 0
    scheduler: str = ""
    cluster_class: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def parse_spec(text: str, load: Callable[[Path], Mapping[str, Any]]) -> ClusterSpec:
    """Read the value of ``--cluster``: a number, a scheduler's address, or the name of a YAML file.

    Args:
        text: the value.
        load: reads a YAML file as a mapping.

    Raises:
        InputError: the value is none of the three, or the file has unknown or invalid keys.
    """
    if workers := whole_number(text):
        return ClusterSpec(workers=workers)
    if text.startswith(("tcp://", "tls://")):
        return ClusterSpec(scheduler=text)
    if not text.endswith((".yaml", ".yml")):
        raise InputError(
            f"--cluster takes a number of workers, tcp://HOST:PORT, or a YAML file, not {shown(text)!r}"
        )
    content = load(Path(text))
    # YAML has keys that are no texts.
    unknown = sorted(content.keys() - {"cluster", "options", "workers"}, key=str)
    options, workers = content.get("options") or {}, content.get("workers", 1)
    if unknown or not isinstance(content.get("cluster"), str) or not isinstance(options, Mapping):
        why = (
            f"unknown key {unknown[0]!r}"
            if unknown
            else "it needs 'cluster:', and may have 'options:' and 'workers:'"
        )
        raise InputError(f"{text}: {why}; such as: cluster: dask_jobqueue.SLURMCluster")
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise InputError(f"{text}: 'workers' must be a whole number from 1")
    return ClusterSpec(workers=workers, cluster_class=content["cluster"], options=options)


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """A task that has ended.

    Attributes:
        tag: as given to `Engine.submit`.
        worker: address of the worker that ran it, "" if none ran it to its end.
        result: what it returned; None if it failed.
        error: why it failed, "" if it did not.
    """

    tag: Any
    worker: str
    result: Any
    error: str


class Engine:
    """Workers, connected; a context manager.

    Attributes:
        cores_each: cores for each worker if all run on this machine; 0 if each has a machine of its own.

    Raises:
        MissingExtraError: distributed is not installed.
        InputError: there is no such scheduler or cluster class.
    """

    def __init__(self, spec: ClusterSpec) -> None:
        try:
            import distributed  # noqa: PLC0415  an extra
            from dask.system import CPU_COUNT  # noqa: PLC0415  an extra
        except ModuleNotFoundError as error:
            raise MissingExtraError("recording on a cluster", "cluster") from error
        self._distributed: Any = distributed
        local_workers = 0 if spec.cluster_class else spec.workers
        # Cores are shared out, because two model servers that both use all cores wait for each other at every layer.
        self.cores_each = max(1, CPU_COUNT // local_workers) if local_workers else 0
        self._cluster: Any = None
        self._pending: dict[Any, Any] = {}
        with ExitStack() as until:
            try:
                self._client = self._connect(spec, until)
            except (OSError, TimeoutError) as error:
                raise InputError(f"the scheduler at {spec.scheduler} cannot be reached: {error}") from None
            self._until = until.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing fails if the scheduler has died, which is ignored here.
        for resource in (self._client, self._cluster, self._until):
            if resource is not None:
                with suppress(Exception):
                    resource.close()

    @property
    def dashboard(self) -> str:
        """Address of Dask's dashboard, "" if there is none."""
        with suppress(Exception):
            return str(self._client.dashboard_link or "")
        return ""

    def workers(self) -> list[str]:
        """Addresses of the workers that are connected now."""
        with self._scheduler():
            return sorted(self._client.scheduler_info(n_workers=-1)["workers"])

    def wait_for_workers(self, count: int = 1) -> list[str]:
        """Wait until so many workers are connected; returns their addresses.

        Raises:
            RunFailedError: fewer workers connect in time.
        """
        with self._scheduler():
            try:
                self._client.wait_for_workers(count, timeout=_WORKERS_S)
            except TimeoutError:
                raise RunFailedError(
                    f"{len(self.workers())} of {count} workers came within {_WORKERS_S:.0f} s"
                ) from None
        return self.workers()

    def submit(self, tag: Any, function: Callable[[Any], Any], argument: Any, *, worker: str = "") -> None:
        """Submit a call of a function.

        Args:
            tag: returned with the result, to identify the task.
            function: is called on a worker.
            argument: its only argument.
            worker: address of the preferred worker; another one may take the task.
        """
        with self._scheduler():
            future = self._client.submit(
                function,
                argument,
                # Dask must not reuse an earlier result, because each call records anew.
                pure=False,
                workers=[worker] if worker else None,
                allow_other_workers=bool(worker),
            )
        self._pending[future] = tag

    def everywhere(self, function: Callable[[], Any]) -> None:
        """Call a function once on every worker; errors are ignored."""
        with suppress(Exception):
            self._client.run(function, on_error="ignore")

    def finished(self) -> Iterator[FinishedTask]:
        """Yield tasks in the order in which they end; more may be submitted meanwhile.

        Raises:
            RunFailedError: the scheduler is gone.
        """
        while self._pending:
            with self._scheduler():
                done, _ = self._distributed.wait(list(self._pending), return_when="FIRST_COMPLETED")
            for future in done:
                tag = self._pending.pop(future)
                with self._scheduler():
                    task = self._finished_task(future, tag)
                yield task

    def _finished_task(self, future: Any, tag: Any) -> FinishedTask:
        if future.status == "finished":
            workers = self._client.who_has([future]).get(future.key, ())
            return FinishedTask(tag, next(iter(workers), ""), future.result(), "")
        if future.status in ("cancelled", "lost"):
            raise RunFailedError(_GONE)
        return FinishedTask(tag, "", None, str(future.exception()))

    @contextmanager
    def _scheduler(self) -> Iterator[None]:
        """Turn errors of a lost scheduler into one error.

        Raises:
            RunFailedError: the scheduler is gone.
        """
        try:
            yield
        # Dask waits before it gives up a lost scheduler, and then raises one of these errors, depending on the call.
        except (OSError, TimeoutError, CancelledError, self._distributed.client.ClosedClientError) as error:
            raise RunFailedError(_GONE) from error

    def _connect(self, spec: ClusterSpec, until: ExitStack) -> Any:
        """A client of the scheduler, which is started if none runs; ``until`` is closed with the engine."""
        config = _configured(self._distributed)
        if spec.scheduler:
            return self._distributed.Client(spec.scheduler, timeout=_CONNECT_S)
        local = self._distributed.LocalCluster
        make = _cluster_class(spec.cluster_class, self._distributed) if spec.cluster_class else local
        if issubclass(make, local):
            # Scheduler, nannies and workers look for Python modules in their folder first. Dask's default folder lies
            # in /tmp under a known name, where another user of the machine may have created it.
            private = until.enter_context(scratch_folder("dask"))
            until.enter_context(config.set({"temporary-directory": private}))
        if spec.cluster_class:
            self._start(spec, make)
        else:
            self._start_local(spec.workers)
        return self._distributed.Client(self._cluster, timeout=_CONNECT_S)

    def _start(self, spec: ClusterSpec, make: Callable[..., Any]) -> None:
        """Start a cluster of the class that the user named."""
        try:
            self._cluster = make(**spec.options)
            self._cluster.scale(spec.workers)
        # Any package may define the class, so it may raise any error.
        except Exception as error:
            first = str(error).strip().partition("\n")[0]
            raise InputError(f"{spec.cluster_class} did not start: {type(error).__name__}: {first}") from None

    def _start_local(self, workers: int) -> None:
        """Start workers on this machine."""
        self._cluster = self._distributed.LocalCluster(
            n_workers=workers,
            # One part waits, ready to start, while another sends requests.
            threads_per_worker=2,
            processes=True,
            dashboard_address="127.0.0.1:0",
            # llmxray prints a line for each worker that ends, so Dask's logs are silenced.
            silence_logs=logging.CRITICAL,
            # A client of a scheduler can run code. Without certificates, every user of the machine could connect.
            security=self._certificates(),
        )

    def _certificates(self) -> Any:
        """TLS for this cluster alone, with a key that only its own processes have."""
        from llmxray.cluster.certificates import RunCertificates  # noqa: PLC0415  an extra

        try:
            return RunCertificates.temporary()  # type: ignore[no-untyped-call]
        except ImportError as error:
            raise MissingExtraError("workers on this machine", "record") from error


def _configured(distributed: Any) -> Any:
    """Dask's configuration, with llmxray's settings."""
    distributed.config  # noqa: B018  loads Dask's configuration
    import dask  # noqa: PLC0415  an extra

    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": _MOST_DEATHS,
            # Dask's profiler would take 1% of a core to look at threads that wait for replies.
            "distributed.worker.profile.enabled": False,
        }
    )
    # llmxray reports a lost scheduler itself, so Dask's client must not log it too.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return dask.config


def _cluster_class(name: str, distributed: Any) -> type:
    module, _, attribute = name.rpartition(".")
    try:
        cluster_class = getattr(importlib.import_module(module or "distributed"), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"no cluster class {name}: {error}; install the package that has it") from None
    if not isinstance(cluster_class, type) or not issubclass(cluster_class, distributed.deploy.Cluster):
        raise InputError(f"{name} is no cluster class of Dask")
    return cluster_class
