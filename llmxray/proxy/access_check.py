"""Who may ask the proxy: clients of this machine that know its address, and no web page."""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlsplit

from aiohttp import web

from llmxray.proxy import responses

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_JSON = "application/json"


class AccessCheck:
    """What a request must say of where it comes from.

    Args:
        host, port: where the proxy listens.
        secret: first part of every path; "" for none.

    Attributes:
        port: the one that it was given, once it listens.
        prefix: what every path begins with.
    """

    def __init__(self, host: str, port: int, secret: str) -> None:
        self.port = port
        self.prefix = f"/{secret}" if secret else ""
        self._hosts = {*_LOOPBACK_NAMES, host}

    def refusal(self, request: web.Request) -> web.Response | None:
        """The reply to a request from elsewhere, None for one of ours."""
        # A page in a browser must not reach this server, neither through a name that resolves to loopback, nor
        # by a form or a script that posts here.
        origin = request.headers.get("Origin")
        if not self._is_own_host(request) or not (origin is None or self._is_own_origin(origin)):
            return responses.error_response(
                403, "llmxray_host", "this proxy answers on its own host name only"
            )
        if self.prefix and not self._knows_secret(request.raw_path):
            message = "the base URL of this proxy holds a secret: use the whole base URL that was printed"
            return responses.error_response(403, "llmxray_secret", message)
        return None

    def _knows_secret(self, path: str) -> bool:
        wanted = f"{self.prefix}/".encode()
        # In constant time: a comparison that ends at the first difference tells the secret letter by letter.
        return hmac.compare_digest(path.encode("utf-8", "surrogateescape")[: len(wanted)], wanted)

    def _is_own_host(self, request: web.Request) -> bool:
        # Parsed apart as well: URL parsers make something of a bracket that is never closed.
        if not _HOST.fullmatch(request.host):
            return False
        try:
            return request.url.host in self._hosts
        except ValueError:  # a host that is none
            return False

    def _is_own_origin(self, origin: str) -> bool:
        """Whether a page comes from this very server; one from another port of this machine is a stranger's."""
        try:
            parts = urlsplit(origin)
            return parts.scheme == "http" and parts.hostname in self._hosts and parts.port == self.port
        except ValueError:
            return False


def web_page_refusal(request: web.Request) -> web.Response | None:
    """The refusal of what a page elsewhere can have its browser send without asking first (CORS)."""
    if request.method == "GET":
        # It reads nothing of the answer, but the key would be sent.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return responses.error_response(403, "llmxray_host", "this proxy answers to no web page")
    # Nearly all say just that, and nothing has to be parsed.
    elif request.headers.get("Content-Type") != _JSON and request.content_type != _JSON:
        message = "only JSON is recorded: send the request with the header Content-Type: application/json"
        return responses.error_response(415, "llmxray_request", message)
    return None
