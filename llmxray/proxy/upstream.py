"""mitmproxy between the proxy server and the model servers: the only module that reaches outside.

One reverse-mode listener on loopback per target, in its own thread and event loop, with the few
addons that takes and a temporary configuration folder (mitmproxy writes a CA key there). The addon `Tap`
reports status, every content-decoded chunk with a monotonic time, and the end, to the watcher of the
request's correlation id. The addon `llmxray.proxy.watch` shows the traffic.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mitmproxy import http, options
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.master import Master

from llmxray.errors import EndpointError, LlmxrayError
from llmxray.ports import free_port
from llmxray.proxy.decoding import Decoder
from llmxray.scratch import scratch_folder

CORRELATION = "x-llmxray-correlation"
_START_TIMEOUT_S = 15.0
_PORT_TRIES = 5
# A second at most: a connection that does not close by then is left to the end of the process.
_CLOSING_TURNS, _CLOSING_S = 50, 0.02


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers have arrived."""

    status: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Content-decoded bytes have arrived, ``t_s`` seconds after the request left."""

    t_s: float
    raw: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The exchange is over; ``error`` is "" when the framing ended as announced."""

    error: str


type Event = Head | Piece | End
type Sink = Callable[[Event], None]


class Tap:
    """mitmproxy addon: reports each watched exchange as it happens.

    An unwatched request is cut off at its head: otherwise the listener would be an open relay
    and keep endless bodies.
    """

    def __init__(self) -> None:
        self._sinks: dict[str, Sink] = {}
        self._sent_at: dict[str, float] = {}

    def watch(self, correlation: str, sink: Sink) -> None:
        """Report the exchange that carries this id to ``sink``, called from mitmproxy's thread."""
        self._sinks[correlation] = sink

    def unwatch(self, correlation: str) -> None:
        """Stop reporting the exchange: its watcher may be gone."""
        self._sinks.pop(correlation, None)
        self._sent_at.pop(correlation, None)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Take the correlation id off the request."""
        # The server must not see it.
        correlation = flow.request.headers.pop(CORRELATION, "")
        if correlation in self._sinks:
            # In the flow: when the reply comes, the header is gone.
            flow.metadata[CORRELATION] = correlation
        else:
            flow.kill()

    def request(self, flow: http.HTTPFlow) -> None:
        """Start the clock of the exchange."""
        self._sent_at[flow.metadata[CORRELATION]] = time.monotonic()

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Report the head and see every chunk that follows."""
        correlation = flow.metadata.get(CORRELATION)
        sink, sent_at = self._sinks.get(correlation), self._sent_at.get(correlation)
        if sink is None or sent_at is None or flow.response is None:
            return
        headers = tuple((_text(name), _text(value)) for name, value in flow.response.headers.fields)
        try:
            decoder = Decoder(flow.response.headers.get("content-encoding", ""))
        except ValueError as error:
            self._finish(flow, str(error))
            return
        sink(Head(flow.response.status_code, headers))

        def stream(data: bytes) -> bytes:
            try:
                plain = decoder.feed(data)
                if not data:
                    decoder.finish()
            except ValueError as error:
                self._finish(flow, str(error))
                return data
            if plain:
                # Whole microseconds, as cassettes keep them: replay equals recording.
                sink(Piece(round(time.monotonic() - sent_at, 6), plain))
            return data

        flow.response.stream = stream

    def response(self, flow: http.HTTPFlow) -> None:
        """The framing ended; a close-delimited stream that was cut also ends here."""
        self._finish(flow, "")

    def error(self, flow: http.HTTPFlow) -> None:
        """The exchange broke."""
        self._finish(flow, flow.error.msg if flow.error else "broken")

    def _finish(self, flow: http.HTTPFlow, error: str) -> None:
        # Once: a body that cannot be decoded ends its exchange before mitmproxy does.
        correlation = flow.metadata.pop(CORRELATION, None)
        if correlation is not None:
            self._sent_at.pop(correlation, None)
            sink = self._sinks.pop(correlation, None)
            if sink is not None:
                sink(End(error))


class Upstream:
    """Reverse listeners in front of the targets, running until `stop`.

    Args:
        targets: base URL (``http://host:port/v1``) by endpoint label.

    Raises:
        EndpointError: a base URL cannot be used.
        LlmxrayError: mitmproxy did not start.
    """

    # For the proxy server, which must run without mitmproxy and so cannot import this module.
    correlation_header = CORRELATION
    Head, End = Head, End

    def __init__(self, targets: Mapping[str, str]) -> None:
        self.tap = Tap()
        self._paths: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        modes = {label: self._mode(label, url) for label, url in targets.items()}
        self._confdir = scratch_folder("mitmproxy")
        for _ in range(_PORT_TRIES):
            # mitmproxy refuses port 0 for two listeners; a free port may be taken before binding.
            self._ports = {label: free_port() for label in targets}
            self._start([f"{mode}@127.0.0.1:{self._ports[label]}" for label, mode in modes.items()])
            if self._wait_until_listening():
                return
            self._halt()
        self._confdir.cleanup()
        raise LlmxrayError(f"mitmproxy did not start: {self._failure or 'no port could be had'}")

    def url(self, label: str, path: str) -> str:
        """Where to send a request for that endpoint; ``path`` is relative to its base URL."""
        return f"http://127.0.0.1:{self._ports[label]}{self._paths[label]}{path}"

    @property
    def is_running(self) -> bool:
        """Whether mitmproxy has not ended by itself."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop mitmproxy and remove its folder."""
        self._halt()
        self._confdir.cleanup()

    def _start(self, modes: list[str]) -> None:
        self._master: Master | None = None
        self._failure: BaseException | None = None
        self._servers = proxyserver.Proxyserver()
        self._thread = threading.Thread(target=self._serve, args=(modes,), name="mitmproxy", daemon=True)
        self._thread.start()

    def _halt(self) -> None:
        if self._master is not None and self._thread.is_alive():
            self._master.shutdown()
            self._thread.join(timeout=_START_TIMEOUT_S)

    def _mode(self, label: str, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            parts, port = urlsplit(""), 0
        # A name and password would be dropped on the way, not sent.
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            shown = "its address" if "@" in url else repr(url)
            raise EndpointError(
                f"endpoint {label}: {shown} is not a base URL such as http://127.0.0.1:8000/v1"
            )
        # A reverse mode names a host only: the path of the base URL is put in front of each request.
        self._paths[label] = parts.path.rstrip("/")
        # An address of IPv6 lost its brackets when it was parsed.
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"reverse:{parts.scheme}://{host}:{port}"

    def _serve(self, modes: list[str]) -> None:
        try:
            asyncio.run(self._run(modes))
        except BaseException as error:  # handed to the thread that waits in __init__
            self._failure = error

    async def _run(self, modes: list[str]) -> None:
        settings: dict[str, Any] = {"confdir": self._confdir.name, "mode": modes, "http2": False}
        # Connecting early, mitmproxy drops a client whose server is not there before the tap sees a request.
        settings["connection_strategy"] = "lazy"
        # mitmproxy has its own authorities (certifi) and ignores this variable.
        if os.environ.get("SSL_CERT_FILE"):
            settings["ssl_verify_upstream_trusted_ca"] = os.environ["SSL_CERT_FILE"]
        master = Master(options.Options(confdir=self._confdir.name))
        master.addons.add(core.Core(), self._servers, next_layer.NextLayer(), tlsconfig.TlsConfig(), self.tap)
        master.options.update(**settings)
        self._master = master
        await master.run()
        # Otherwise its ports would accept connections until garbage collection.
        for listener in self._servers.servers:
            if listener.is_running:
                await listener.stop()
        # Closing connections need turns of this loop.
        for _ in range(_CLOSING_TURNS):
            await asyncio.sleep(_CLOSING_S)
            if not self._servers.connections:
                return

    def _wait_until_listening(self) -> bool:
        """Whether every listener is mitmproxy's own; a mere connect would also find a stranger on the port."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline and self._failure is None:
            listeners = list(self._servers.servers)
            if any(listener.last_exception for listener in listeners):
                return False
            if len(listeners) == len(self._ports) and all(each.is_running for each in listeners):
                return True
            time.sleep(0.01)
        return False


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
