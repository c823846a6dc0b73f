"""Which environment variables may be sent as API keys, and where to. Pure.

An experiment file names an environment variable and a server. It may come from a stranger, and taken at its word
it would send any secret of the environment to anybody. So:

* a key goes over https, or over http to this machine, never in the clear over a network;
* each variable needs a permit for its host, which a person gives;
* people are asked only about names that end in ``API_KEY``. Any other (``GITHUB_TOKEN``, ``DB_PASSWORD``, ``PATH``) is
  named on the command line (``--allow-key VAR@HOST``): people who are asked say yes.

On this machine a permit is for one port as well: where several people share a machine, another port may be
another person's server.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmxray.errors import InputError

_PERMIT = re.compile(
    r"(?P<variable>[A-Z_][A-Z0-9_]*)@"
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9._-]+)?)\](?::(?P<its_port>[0-9]{1,5}))?"
    r"|(?P<bare_address>[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)"
    r"|(?P<name>[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?)"
)


@dataclass(frozen=True, slots=True)
class KeyPermit:
    """That a variable may be sent to a host; written ``VAR@HOST`` or ``VAR@HOST:PORT``.

    Attributes:
        port: of this machine only; None allows every port.
    """

    variable: str
    host: str
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.variable}@{_place(self.host, self.port)}"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A variable that is about to be sent to a server.

    Attributes:
        url: base URL of the server.
    """

    variable: str
    url: str

    @property
    def host(self) -> str:
        """Host as it is looked up: a name in other letters is shown in its ASCII form, which nobody mistakes."""
        name = (urlsplit(self.url).hostname or "").rstrip(".")
        if name.isascii():
            return name
        try:
            return name.encode("idna").decode("ascii")
        except UnicodeError:
            raise InputError(f"the host of a base URL cannot be looked up: {name!a}") from None

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return urlsplit(self.url).scheme

    @property
    def permit(self) -> KeyPermit:
        """The narrowest permit that allows it."""
        if not is_loopback(self.host):
            return KeyPermit(self.variable, self.host)
        port = urlsplit(self.url).port or (443 if self.scheme == "https" else 80)
        return KeyPermit(self.variable, self.host, port)

    def is_allowed(self, permits: Collection[KeyPermit]) -> bool:
        """Whether one of the permits is for this variable and this server."""
        return self.permit in permits or KeyPermit(self.variable, self.host) in permits

    def __str__(self) -> str:
        permit = self.permit
        return f"the key in {self.variable} to {_place(permit.host, permit.port)} over {self.scheme}"

    @property
    def may_be_asked(self) -> bool:
        """Whether a person at a terminal can be asked for the permit."""
        return self.variable.endswith("API_KEY") and not is_in_the_clear(self.url)


def check_key(use: KeyUse, permits: Collection[KeyPermit]) -> None:
    """Refuse to send a key that may not be sent.

    Raises:
        InputError: says what to do.
    """
    if is_in_the_clear(use.url):
        raise InputError(
            f"{use} would travel in the clear: use an https address, or a tunnel from this machine "
            "(ssh -L 8000:127.0.0.1:8000 HOST)"
        )
    if not use.is_allowed(permits):
        doubt = "" if use.may_be_asked else ", whose name does not end in API_KEY"
        raise InputError(
            f"nobody has allowed sending {use}{doubt}: to allow it, add --allow-key {use.permit}"
        )


def check_value(variable: str, key: str) -> None:
    """Refuse a key that no header can carry.

    Raises:
        InputError: names the variable, never the key.
    """
    if not key.isascii():
        raise InputError(f"the key in the environment variable {variable} holds other characters than ASCII")
    if not all("!" <= character <= "~" for character in key):
        raise InputError(
            f"the key in the environment variable {variable} holds white space or a control character, such as the end "
            "of a line that was copied with it"
        )


def parse_permit(text: str) -> KeyPermit:
    """The permit written as ``VAR@HOST``.

    Raises:
        InputError: it is none.
    """
    found = _PERMIT.fullmatch(text)
    if found is None:
        raise InputError(_how_to_permit(text))
    address = found["address"] or found["bare_address"]
    port = found["its_port"] or found["port"]
    # As `urlsplit` has it: the zone of an address keeps its letters.
    name, percent, zone = (address or found["name"]).partition("%")
    host = f"{name.lower().rstrip('.')}{percent}{zone}"
    # A port is of this machine only: elsewhere a host is one owner's.
    if (address and _address(host) is None) or (port and not is_loopback(host)):
        raise InputError(_how_to_permit(text))
    return KeyPermit(found["variable"], host, int(port) if port else None)


def _how_to_permit(text: str) -> str:
    return (
        "--allow-key takes VAR@HOST, such as OPENAI_API_KEY@api.openai.com or LAB_API_KEY@127.0.0.1:8000, "
        f"not {text!r}"
    )


def _place(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def is_in_the_clear(url: str) -> bool:
    """Whether what is sent to this base URL can be read on the way."""
    parts = urlsplit(url)
    return parts.scheme != "https" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other."""
    # What follows a percent sign is a resolver's to read: with it an address is no plain address of this machine.
    if "%" in host:
        return False
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def can_be_looked_up(host: str) -> bool:
    """Whether the system can look up a name: no part of it is empty or longer than 63 letters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
