"""Commands about servers: probe, proxy, local."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from llmxray import cassette as cassettes
from llmxray import experiment as experiments
from llmxray import local as local_room
from llmxray import proxy as proxy_room
from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.arguments import key_for, open_cassette
from llmxray.cli.terminal import say, say_lines
from llmxray.cluster.model_server import is_strangers
from llmxray.errors import InputError, RunFailedError
from llmxray.keys import is_loopback
from llmxray.proxy.proxy_settings import check_proxy_settings
from llmxray.types import ALWAYS_IDENTIFYING, ApiName

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from llmxray.proxy import ProxyConfig, ProxyServer
    from llmxray.proxy.facts import Facts

_ENDPOINT = "default"
# An environment variable and no option: other users see the command line of a process, but not its environment.
_SECRET = "LLMXRAY_PROXY_SECRET"
_GOOD_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LOOK_EVERY_S = 0.5


def probe(
    url: Annotated[str, typer.Argument(help="Base URL, as clients write it: http://127.0.0.1:8000/v1")],
    model: Annotated[str, typer.Option(help="Model to ask; the first one listed by default.")] = "",
    key_env: Annotated[str | None, typer.Option(help="Environment variable that holds the API key.")] = None,
    allow_key: arguments.AllowKey = None,
    api: Annotated[ApiName, typer.Option(help="API to ask.")] = "chat",
    own: Annotated[
        bool,
        typer.Option("--own", help="Refuse a server on this machine that another user started (Linux only)."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.")] = False,
) -> None:
    """Send a server a few short requests and show what it supports and refuses."""
    url = experiments.checked_base_url(url)
    if own:
        _refuse_strangers(url)
    key = key_for(key_env, url, allow_key)
    check_proxy_settings([url], os.environ)
    facts = asyncio.run(proxy_room.probe_server(url, model=model, key=key, api=api))
    if own:
        # Checked again, because another user's server may have taken the port before the answer.
        _refuse_strangers(url)
    if as_json:
        say_lines(json.dumps(facts.as_json(), indent=1, ensure_ascii=False))
        return
    for line in _described(facts):
        say(line)


def _described(facts: Facts) -> Iterator[str]:
    """The facts that decide what can be recorded, a line each."""
    software = " ".join(filter(None, (facts.server_software, facts.server_version)))
    yield f"{facts.base_url}: {software or 'server software not named'}"
    about = f" ({facts.model_facts})" if facts.model_facts else ""
    yield f"model asked: {facts.model}{about}; models listed: {len(facts.models)}"
    if facts.logprobs:
        yield f"log-probabilities: yes, with up to {facts.top_logprobs} alternatives a token"
    else:
        yield "log-probabilities: none, so answers have no confidence"
    how = (
        f"yes, by {facts.forcing}"
        if facts.forcing
        else f"no{f': {facts.forcing_why}' if facts.forcing_why else ''}"
    )
    yield f"likelihood answers: {how}"
    why = f": {facts.thinking_why}" if facts.thinking_why else ""
    yield f"thinks before it answers: {'yes' if facts.thinking else 'no'}{why}"
    if facts.refused:
        yield f"fields that it refuses: {', '.join(facts.refused)}"
    missing = [
        what for what, there in (("streaming", facts.streaming), ("token counts", facts.usage)) if not there
    ]
    if missing:
        yield f"missing: {', '.join(missing)}"


def _refuse_strangers(url: str) -> None:
    parts = urlsplit(url)
    if not is_loopback(parts.hostname or ""):
        raise InputError(f"--own is about servers on this machine, and {url} is not on it: leave it out")
    if is_strangers(parts.port or (443 if parts.scheme == "https" else 80)):
        raise RunFailedError(f"{url}: another user of this machine listens on that port: choose another port")


def proxy(
    cassette: Annotated[Path, typer.Option(help="Directory of the cassette.")],
    mode: Annotated[
        Literal["replay", "record", "auto", "passthrough"], typer.Option(help="How to answer requests.")
    ] = "replay",
    upstream: Annotated[
        str | None, typer.Option(help="Base URL of the real server; not needed for replay.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 0,
    speed: Annotated[float, typer.Option(min=0, help="Speed of replay: 0 at once, 1 as recorded.")] = 0.0,
    key_env: Annotated[
        str | None,
        typer.Option(
            help="Environment variable with the key for upstream. The printed base URL then holds a secret, "
            f"of your own choice if {_SECRET} is set."
        ),
    ] = None,
    allow_key: arguments.AllowKey = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            help="Ignore this request field when matching recordings; by default as when the cassette was recorded."
        ),
    ] = None,
) -> None:
    """Run a proxy between a client and a server that records or replays requests below /v1."""
    if mode != "replay" and upstream is None:
        raise InputError(f"--mode {mode} needs --upstream URL, such as http://127.0.0.1:8000/v1")
    if mode == "replay":
        open_cassette(cassette)
    elif cassette.exists() and not cassette.is_dir():
        raise InputError(f"{cassette} is a file: --cassette names a directory")
    targets = {_ENDPOINT: experiments.checked_base_url(upstream)} if upstream and mode != "replay" else {}
    key = key_for(key_env, targets[_ENDPOINT], allow_key) if targets else ""
    check_proxy_settings(targets.values(), os.environ)
    config = proxy_room.ProxyConfig(
        cassette,
        mode=mode,
        targets=targets,
        keys={_ENDPOINT: key} if key else {},
        speed=speed,
        port=port,
        ignored=_checked_ignored(ignore),
        secret=_secret(os.environ.get(_SECRET, ""), needed=bool(key)),
    )
    _raise_file_limit()
    asyncio.run(_serve(config))


def local(
    model: Annotated[str | None, typer.Argument(help="Model to serve; lists the models when absent.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 0,
    think: Annotated[bool, typer.Option("--think", help="Return <think> text as reasoning_content.")] = False,
    fetch: Annotated[
        list[str] | None, typer.Option(help="Download the weights of this model instead of serving one.")
    ] = None,
    own: Annotated[
        Path | None, typer.Option("--from", help="Take the weights to fetch from this file.")
    ] = None,
) -> None:
    """Serve an embedded model through an OpenAI-compatible API until Ctrl-C, or list or download the models."""
    if fetch:
        for name in dict.fromkeys(fetch):
            _fetch(name, own)
    elif model is None:
        _list_models()
    else:
        asyncio.run(_local(model, port, think))


def _list_models() -> None:
    width = max(map(len, local_room.MODELS))
    for model in local_room.MODELS.values():
        state = (
            "here"
            if model.is_installed
            else f"llmxray local --fetch {model.name}"
            if model.file
            else "make recorder"
        )
        size = f"{model.size_bytes / 1e9:.1f} GB"
        say(f"{model.name:<{width}}  {size:>6}  {model.licence:<18}  {model.title}: {state}")


def _fetch(name: str, own: Path | None) -> None:
    model = local_room.find(name)
    if model.is_installed:
        say(f"the weights of {name} are here already")
        return
    total_gb, shown = model.size_bytes / 1e9, set[int]()
    if model.file is not None and own is None:
        say(f"{name}: {total_gb:.1f} GB, {model.licence}, {model.file.address}")

    def show_progress(size_bytes: int) -> None:
        percent = 10 * (10 * size_bytes // model.size_bytes)
        if percent not in shown:
            shown.add(percent)
            say(f"{percent}% of {total_gb:.1f} GB")

    path = local_room.fetch(model, show_progress, own)
    say(f"SHA-256 as published; kept in {path.parent}")


def _checked_ignored(fields: list[str] | None) -> list[str] | None:
    for name in fields or ():
        if name in ALWAYS_IDENTIFYING:
            raise InputError(f"--ignore {name}: this field tells requests apart, so it cannot be ignored")
    return fields or None


def _raise_file_limit() -> None:
    """Raise the limit of open files as far as the system allows, because each connection is one."""
    if sys.platform != "win32":
        _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        # macOS states "unlimited" and then refuses it.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


async def _serve(config: ProxyConfig) -> None:
    stop = _stop_event()
    if config.mode in ("replay", "passthrough"):
        async with proxy_room.ProxyServer(config) as proxy:
            await _until_stopped(stop, proxy)
            n_unserved = proxy.unserved() if config.mode == "replay" else 0
        if n_unserved:
            say(f"{n_unserved} recordings were not asked for", err=True)
        return
    with workflow.lock_recording(config.cassette):
        async with proxy_room.ProxyServer(config) as proxy:
            await _until_stopped(stop, proxy)
        say(f"sealing {len(proxy.cassette)} recordings", err=True)
        # Sealed after the proxy has closed the journal, and while the cassette is still locked.
        manifest = cassettes.seal(config.cassette)
    if proxy.failure is not None:
        # The proxy's clients got the error; the user who started it has not seen it yet.
        say(f"llmxray: recording stopped before the end: {proxy.failure}", err=True)
    say(f"sealed {manifest.counts['recordings']} recordings in {config.cassette}", err=True)


async def _local(model: str, port: int, think: bool) -> None:
    stop = _stop_event()
    async with local_room.LocalServer(model, port, think=think) as server:
        # Scripts wait for this line, so nothing may be printed before it.
        say(f"listening on {server.base_url}")
        await stop.wait()


async def _until_stopped(stop: asyncio.Event, proxy: ProxyServer) -> None:
    """Serve until stopped.

    Raises:
        CassetteError: the cassette folder is gone.
    """
    say(f"listening on {proxy.base_url}")
    while not stop.is_set():
        # Checked now and not only with the next request: replies that arrive until then would be lost.
        proxy.check_cassette()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_EVERY_S)


def _stop_event() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            # An interrupt that raised an exception would break off replies in progress.
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


def _secret(given: str, needed: bool) -> str:
    """The secret in the proxy's paths: the given one, else a new one if one is needed, else ""."""
    if not given:
        # Other users of the machine can reach the port, and could use the key through it.
        return secrets.token_urlsafe() if needed else ""
    if not _GOOD_SECRET.fullmatch(given):
        # The value is not repeated, because errors end up in logs.
        raise InputError(
            f"{_SECRET} must have 16 to 128 characters, each a letter of a to z, a digit, - or _"
        )
    return given
