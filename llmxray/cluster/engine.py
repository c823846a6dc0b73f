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
from llmxray.scratch import scratch_folder

_CONNECT_S = 10.0
_WORKERS_S = 120.0
# A worker that dies takes a task with it; after so many deaths the task is to blame.
_MOST_DEATHS = 3
_GONE = "the scheduler has gone, with what was under way; record again for the rest"


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """Where workers come from.

    Attributes:
        workers: processes of this machine, or of the cluster class; 0 where a scheduler has its own.
        scheduler: address of a running one, "" otherwise.
        cluster_class: dotted name of a Dask cluster class, "" otherwise.
        options: keyword arguments of that class.
    """

    workers: int = 0
    scheduler: str = ""
    cluster_class: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def parse_spec(text: str, load: Callable[[Path], Mapping[str, Any]]) -> ClusterSpec:
    """What ``--cluster`` says: a number, a scheduler's address, or a YAML file.

    Args:
        load: reads a YAML file as a mapping.

    Raises:
        InputError: it is none of the three, or the file has other keys.
    """
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return ClusterSpec(workers=int(text))
    if text.startswith(("tcp://", "tls://")):
        return ClusterSpec(scheduler=text)
    if not text.endswith((".yaml", ".yml")):
        raise InputError(
            f"--cluster takes a number of workers, tcp://HOST:PORT, or a YAML file, not {text!r}"
        )
    found = load(Path(text))
    unknown = sorted(found.keys() - {"cluster", "options", "workers"})
    options, workers = found.get("options") or {}, found.get("workers", 1)
    if unknown or not isinstance(found.get("cluster"), str) or not isinstance(options, Mapping):
        why = (
            f"unknown key {unknown[0]!r}"
            if unknown
            else "it needs 'cluster:', and may have 'options:' and 'workers:'"
        )
        raise InputError(f"{text}: {why}; such as: cluster: dask_jobqueue.SLURMCluster")
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise InputError(f"{text}: 'workers' must be a whole number from 1")
    return ClusterSpec(workers=workers, cluster_class=found["cluster"], options=options)


@dataclass(frozen=True, slots=True)
class Finished:
    """A task that has ended.

    Attributes:
        tag: what it was submitted with.
        worker: address of who ran it, "" where nobody did to its end.
        result: what it returned; None where it failed.
        error: why it failed, "" where it did not.
    """

    tag: Any
    worker: str
    result: Any
    error: str


class Engine:
    """Workers, connected; a context manager.

    Attributes:
        cores_each: the share of a worker where all of them run on this machine; 0 where each has its own.

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
        here = 0 if spec.cluster_class else spec.workers
        # Two model servers that both use all cores wait for each other at every layer.
        self.cores_each = max(1, CPU_COUNT // here) if here else 0
        self._cluster: Any = None
        self._pending: dict[Any, Any] = {}
        with ExitStack() as until:
            try:
                self._client = self._connected(spec, until)
            except (OSError, TimeoutError) as error:
                raise InputError(f"the scheduler at {spec.scheduler} cannot be reached: {error}") from None
            self._until = until.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A scheduler that died cannot be said goodbye to.
        for each in (self._client, self._cluster, self._until):
            if each is not None:
                with suppress(Exception):
                    each.close()

    @property
    def dashboard(self) -> str:
        """Address of Dask's own dashboard, "" where it has none."""
        with suppress(Exception):
            return str(self._client.dashboard_link or "")
        return ""

    def workers(self) -> list[str]:
        """Addresses of the workers that are there now."""
        with self._scheduler():
            return sorted(self._client.scheduler_info(n_workers=-1)["workers"])

    def wait_for_workers(self, count: int = 1) -> list[str]:
        """Addresses of the workers once there are so many.

        Raises:
            RunFailedError: they do not come.
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
        """Have a function called on a worker, this one if it can be."""
        with self._scheduler():
            future = self._client.submit(
                function,
                argument,
                # Never taken from an earlier result: a recording is made anew each time.
                pure=False,
                workers=[worker] if worker else None,
                allow_other_workers=bool(worker),
            )
        self._pending[future] = tag

    def everywhere(self, function: Callable[[], Any]) -> None:
        """Call a function once on every worker; what fails on one is left there."""
        with suppress(Exception):
            self._client.run(function, on_error="ignore")

    def finished(self) -> Iterator[Finished]:
        """Tasks in the order in which they end; more may be submitted meanwhile.

        Raises:
            RunFailedError: the scheduler is gone.
        """
        while self._pending:
            with self._scheduler():
                done, _ = self._distributed.wait(list(self._pending), return_when="FIRST_COMPLETED")
            for future in done:
                tag = self._pending.pop(future)
                with self._scheduler():
                    ended = self._ended(future, tag)
                yield ended

    def _ended(self, future: Any, tag: Any) -> Finished:
        if future.status == "finished":
            who = self._client.who_has([future]).get(future.key, ())
            return Finished(tag, next(iter(who), ""), future.result(), "")
        if future.status in ("cancelled", "lost"):
            raise RunFailedError(_GONE)
        return Finished(tag, "", None, str(future.exception()))

    @contextmanager
    def _scheduler(self) -> Iterator[None]:
        """The scheduler is asked something.

        Raises:
            RunFailedError: it is gone.
        """
        try:
            yield
        # Dask waits until it gives a lost scheduler up, then says it in one of these ways, depending on what was asked.
        except (OSError, TimeoutError, CancelledError, self._distributed.client.ClosedClientError) as error:
            raise RunFailedError(_GONE) from error

    def _connected(self, spec: ClusterSpec, until: ExitStack) -> Any:
        """A client of the scheduler, which it starts where none runs; ``until`` ends with the engine."""
        self._distributed.config  # noqa: B018  loads Dask's configuration
        import dask  # noqa: PLC0415  an extra

        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": _MOST_DEATHS,
                # It looks a hundred times a second, for 1% of a core, at threads that wait for replies.
                "distributed.worker.profile.enabled": False,
            }
        )
        # What it says of a lost scheduler, we say.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        if spec.scheduler:
            return self._distributed.Client(spec.scheduler, timeout=_CONNECT_S)
        local = self._distributed.LocalCluster
        make = _cluster_class(spec.cluster_class, self._distributed) if spec.cluster_class else local
        if issubclass(make, local):
            # Scheduler, nannies and workers look for Python modules in their folder first. Dask's own lies in /tmp
            # under a known name, where another user of the machine may have made it.
            private = until.enter_context(scratch_folder("dask"))
            until.enter_context(dask.config.set({"temporary-directory": private}))
        if spec.cluster_class:
            try:
                self._cluster = make(**spec.options)
                self._cluster.scale(spec.workers)
            # The class is anybody's, and so are its errors.
            except Exception as error:
                first = str(error).strip().partition("\n")[0]
                raise InputError(
                    f"{spec.cluster_class} did not start: {type(error).__name__}: {first}"
                ) from None
        else:
            self._cluster = local(
                n_workers=spec.workers,
                # One part asks while another one is sealed.
                threads_per_worker=2,
                processes=True,
                dashboard_address="127.0.0.1:0",
                # Of workers that end we tell in a line.
                silence_logs=logging.CRITICAL,
                # Whoever reaches a scheduler runs code: on a shared machine without certificates that is everybody.
                security=self._certificates(),
            )
        return self._distributed.Client(self._cluster, timeout=_CONNECT_S)

    def _certificates(self) -> Any:
        """TLS for this cluster alone: a key that only its own processes have."""
        from llmxray.cluster.certificates import RunCertificates  # noqa: PLC0415  an extra

        try:
            return RunCertificates.temporary()  # type: ignore[no-untyped-call]
        except ImportError as error:
            raise MissingExtraError("workers on this machine", "record") from error


def _cluster_class(name: str, distributed: Any) -> type:
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module or "distributed"), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"no cluster class {name}: {error}; install the package that has it") from None
    if not isinstance(found, type) or not issubclass(found, distributed.deploy.Cluster):
        raise InputError(f"{name} is no cluster class of Dask")
    return found
