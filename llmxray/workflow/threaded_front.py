"""A front in a thread of its own, for clients that know nothing of an event loop: tests, notebooks."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from llmxray.cassette import Cassette, journal, seal, supersede
from llmxray.errors import InputError
from llmxray.experiment import checked_base_url
from llmxray.proxy import Front, FrontConfig, Mode
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.scratch import scratch_folder
from llmxray.workflow.preparation import fresh_folder
from llmxray.workflow.recording_lock import held

RecordMode = Literal["none", "once", "new_episodes", "all"]
"""When to ask the server: never, where nothing is recorded yet, for what is not recorded yet, or always."""


class _NothingRecordedError(Exception):
    """Makes `held` take back what it made."""


@contextmanager
def serving(
    cassette: Path, record: RecordMode, upstream: str = "", environ: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """A front that replays a cassette or records into it; what was recorded is sealed when the block ends.

    A block in which nothing was recorded leaves no files behind.

    Args:
        cassette: directory of the cassette.
        upstream: base URL of the server to record from.
        environ: where a proxy may be named, which a recording would go around.

    Raises:
        InputError: it is to record, and no server is named, or it is behind a proxy.
        MissingExtraError: it is to record, and the extra ``record`` is not installed.
        CassetteError: the cassette cannot be read or written, or what came could not be recorded.
    """
    there = cassette.is_dir() and len(Cassette(cassette)) > 0
    if record == "none" or (record == "once" and there):
        with _replaying(cassette, there) as front:
            yield front
        return
    if not upstream:
        raise InputError(f"no server to record {cassette.name} from: name its base URL")
    check_proxy_settings([upstream], environ or {})
    if record == "all" and there:
        fresh = fresh_folder(cassette)
        shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
        with _recording(fresh, "record", upstream) as front:
            yield front
        if fresh.exists():
            supersede(cassette, fresh)
            shutil.rmtree(fresh)
    else:
        with _recording(cassette, "auto" if record == "new_episodes" else "record", upstream) as front:
            yield front


@contextmanager
def _replaying(cassette: Path, there: bool) -> Iterator[Front]:
    if there:
        with _in_thread(FrontConfig(cassette)) as front:
            yield front
        return
    # Whoever asks nothing needs no recording; whoever asks is told that it is missing.
    with scratch_folder("empty") as folder:
        empty = Path(folder) / cassette.name
        empty.mkdir()
        (empty / journal.NAME).touch()
        with _in_thread(FrontConfig(empty)) as front:
            yield front


@contextmanager
def _recording(cassette: Path, mode: Mode, upstream: str) -> Iterator[Front]:
    config = FrontConfig(cassette, mode=mode, targets={"default": checked_base_url(upstream)})
    try:
        with held(cassette):
            with _in_thread(config) as front:
                before = len(front.cassette)
                yield front
            if len(front.cassette) == before == 0:
                raise _NothingRecordedError
            seal(cassette)
    except _NothingRecordedError:
        return
    if front.failure is not None:
        raise front.failure


@contextmanager
def _in_thread(config: FrontConfig) -> Iterator[Front]:
    front, started, stop = Front(config), threading.Event(), asyncio.Event()
    failures: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with front:
            loops.append(asyncio.get_running_loop())
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # raised again where somebody waits for it
            failures.append(error)
        finally:
            started.set()

    # A daemon: a test run that is broken off must not wait for a server.
    thread = threading.Thread(target=work, name="llmxray-front", daemon=True)
    thread.start()
    started.wait()
    try:
        if not failures:
            yield front
    finally:
        if loops:
            loops[0].call_soon_threadsafe(stop.set)
        thread.join()
    if failures:
        raise failures[0]
