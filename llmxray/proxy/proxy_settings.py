"""Proxies that the environment names: recording does not go through them, and says so instead of going around them.

mitmproxy connects to the server itself. A proxy that is ignored in silence may be there to keep traffic inside a
network, and one that is needed would show as a server that cannot be reached. Pure: the environment is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from llmxray.errors import InputError
from llmxray.keys import is_loopback

# curl, requests and Go read them in both spellings.
_NAMED = {"https": ("HTTPS_PROXY", "ALL_PROXY"), "http": ("HTTP_PROXY", "ALL_PROXY")}


def check_proxy_settings(urls: Iterable[str], environ: Mapping[str, str]) -> None:
    """Refuse to go around a proxy that the environment names for one of these servers.

    Servers on this machine are never asked through one.

    Raises:
        InputError: names the variable and the remedy.
    """
    for url in urls:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host) or proxy_bypass_environment(host, {"no": _value("NO_PROXY", environ)}):
            continue
        for variable in _NAMED.get(parts.scheme, ()):
            if _value(variable, environ):
                raise InputError(
                    f"{variable} is set, but recording and probing do not go through a proxy: unset it to reach {host} "
                    f"directly, or add {host} to NO_PROXY"
                )


def _value(variable: str, environ: Mapping[str, str]) -> str:
    return environ.get(variable) or environ.get(variable.lower()) or ""
