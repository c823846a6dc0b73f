"""A proxy in a thread of its own, for clients without an event loop: tests, notebooks."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from llmxray.cassette import (
    Address,
    Cassette,
    journal,
    lock_cassette,
    merge,
    remove_recordings,
    replace_cassette,
    seal,
)
from llmxray.errors import InputError
from llmxray.experiment import checked_base_url
from llmxray.proxy import Mode, ProxyConfig, ProxyServer
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.scratch import scratch_folder
from llmxray.workflow.preparation import fresh_folder
from llmxray.workflow.recording_lock import lock_recording

RecordMode = Literal["none", "once", "new_episodes", "all"]
"""When to ask the server: never, where nothing is recorded yet, for what is not recorded yet, or always."""


class _NothingRecordedError(Exception):
    """Makes `lock_recording` remove the files that it created."""


@contextmanager
def run_proxy(
    cassette: Path,
    record: RecordMode,
    upstream: str = "",
    environ: Mapping[str, str] | None = None,
) -> Iterator[ProxyServer]:
    """Run a proxy that replays a cassette or records into it; recordings are sealed when the block ends.

    If nothing was recorded in the block, no files are left.

    Args:
        cassette: directory of the cassette.
        record: when to ask the server.
        upstream: base URL of the server to record from.
        environ: the environment, which may name an HTTP proxy that a recording would bypass.

    Raises:
        InputError: the block records, and no server is named, or the server is behind an HTTP proxy.
        MissingExtraError: the block records, and the extra ``record`` is not installed.
        CassetteError: the cassette cannot be read or written, another process records into it, or a reply could not be
            recorded.
    """
    is_recorded = cassette.is_dir() and len(Cassette(cassette)) > 0
    if record == "none" or (record == "once" and is_recorded):
        with _replaying(cassette, is_recorded) as proxy:
            yield proxy
        return
    if not upstream:
        raise InputError(f"no server to record {cassette.name} from: name its base URL")
    check_proxy_settings([upstream], environ or {})
    if record == "all" and is_recorded:
        fresh = fresh_folder(cassette)
        # First: what another process has recorded there so far is not ours to remove.
        with lock_cassette(cassette, alone=True):
            shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
            with _recording(fresh, "record", upstream) as proxy:
                yield proxy
            if fresh.exists():
                _replace(cassette, fresh)
                shutil.rmtree(fresh)
    else:
        with _recording(cassette, "auto" if record == "new_episodes" else "record", upstream) as proxy:
            yield proxy


def _replace(cassette: Path, fresh: Path) -> None:
    """Put what was answered again in the place of what was.

    All else stays: what was asked in vain, and what was not asked, for the block may not have come to its end.
    """
    before, after = Cassette(cassette), Cassette(fresh)
    failed = [
        entry.address
        for entry in after.all_entries()
        if not _is_answered(after, entry.address) and _is_answered(before, entry.address)
    ]
    if failed:
        remove_recordings(fresh, failed)
    with scratch_folder("union") as folder:
        union = Path(folder) / cassette.name
        merge.merge([fresh, cassette], union, prefer=fresh)
        replace_cassette(cassette, union)


def _is_answered(cassette: Cassette, address: Address) -> bool:
    return any(entry.complete for entry in cassette.tries(address.key, address.sample))


@contextmanager
def _replaying(cassette: Path, is_recorded: bool) -> Iterator[ProxyServer]:
    if is_recorded:
        with _in_thread(ProxyConfig(cassette)) as proxy:
            yield proxy
        return
    # An empty cassette is enough for a client that sends nothing; a request gets the error that it is not recorded.
    with scratch_folder("empty") as folder:
        empty = Path(folder) / cassette.name
        empty.mkdir()
        (empty / journal.NAME).touch()
        with _in_thread(ProxyConfig(empty)) as proxy:
            yield proxy


@contextmanager
def _recording(cassette: Path, mode: Mode, upstream: str) -> Iterator[ProxyServer]:
    config = ProxyConfig(cassette, mode=mode, targets={"default": checked_base_url(upstream)})
    try:
        with lock_recording(cassette):
            with _in_thread(config) as proxy:
                before = len(proxy.cassette)
                yield proxy
            if len(proxy.cassette) == before == 0:
                raise _NothingRecordedError
            seal(cassette)
    except _NothingRecordedError:
        pass
    if proxy.failure is not None:
        raise proxy.failure


@contextmanager
def _in_thread(config: ProxyConfig) -> Iterator[ProxyServer]:
    proxy, started, stop = ProxyServer(config), threading.Event(), asyncio.Event()
    failures: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with proxy:
            loops.append(asyncio.get_running_loop())
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # raised again in the caller's thread
            failures.append(error)
        finally:
            started.set()

    # A daemon thread, so that an interrupted test run does not wait for the server.
    thread = threading.Thread(target=work, name="llmxray-proxy", daemon=True)
    thread.start()
    started.wait()
    try:
        if not failures:
            yield proxy
    finally:
        if loops:
            loops[0].call_soon_threadsafe(stop.set)
        thread.join()
    if failures:
        raise failures[0]
