"""Proxies that the environment names: recording does not go through them, and says so instead of going around them.

mitmproxy connects to the server itself. A proxy that is ignored in silence may be there to keep traffic inside a
network, and one that is needed would show as a server that cannot be reached. Pure: the environment is passed in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from llmxray.errors import InputError
from llmxray.keys import is_loopback

# curl, requests and Go read them in both spellings.
_NAMED = {"https": ("HTTPS_PROXY", "ALL_PROXY"), "http": ("HTTP_PROXY", "ALL_PROXY")}


def check_proxy_settings(urls: Iterable[str], environ: Mapping[str, str]) -> None:
    """Refuse to go around a proxy that the environment names for one of these servers.

    Servers on this machine are never asked through one.

    Raises:
        InputError: names the variable and says what to do.
    """
    for url in urls:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host) or _is_exempt(host, _value("NO_PROXY", environ)):
            continue
        for variable in _NAMED.get(parts.scheme, ()):
            if _value(variable, environ):
                raise InputError(
                    f"{variable} is set, but recording and probing do not go through a proxy: unset it to reach {host} "
                    f"directly, or add {host} to NO_PROXY"
                )


def _value(variable: str, environ: Mapping[str, str]) -> str:
    return environ.get(variable) or environ.get(variable.lower()) or ""


def _is_exempt(host: str, listed: str) -> bool:
    """Whether ``NO_PROXY`` lists a host: by name, by a name above it, by address, by network, or with all others."""
    for entry in listed.replace(",", " ").split():
        name = entry.lower().removeprefix("*.").lstrip(".")
        if entry == "*" or host == name or host.endswith(f".{name}") or _is_within(host, name):
            return True
    return False


def _is_within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
