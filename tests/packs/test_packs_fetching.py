"""Packs from an address, fetched from a real server on this machine, also from ones that mean harm."""

import hashlib
import io
from pathlib import Path

import aiohttp
import pytest

from llmxray.errors import InputError, PackError
from llmxray.packs import fetch, fingerprint, read_manifest
from tests import commands
from tests.servers import RawServer, Say, Script, head, in_thread, to_the_end, with_length

QUICK = aiohttp.ClientTimeout(total=1, connect=1, sock_read=0.3)
# More pieces than any limit here lets through.
WITHOUT_END = [b"x" * 1000] * 1000


def always(say: Say) -> Script:
    """The same reply to every request."""
    return lambda number, seen: say


async def got(script: Script, path: str = "/a.zip", most_bytes: int = 100_000) -> tuple[bytes, RawServer]:
    """What is fetched from a server."""
    out = io.BytesIO()
    async with RawServer(script) as server:
        url = f"http://127.0.0.1:{server.port}{path}"
        fetched = await fetch(url, out, most_bytes=most_bytes, times=QUICK)
    assert (fetched.size_bytes, fetched.sha256) == (
        len(out.getvalue()),
        hashlib.sha256(out.getvalue()).hexdigest(),
    )
    return out.getvalue(), server


async def test_the_bytes_are_those_of_the_server():
    """Nothing but the address is sent: no key, no cookie, no name."""
    body, server = await got(always(Say(with_length(b"a pack"))))
    assert body == b"a pack"
    assert set(server.seen[0].headers) <= {"host", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize("target", ["https://elsewhere.example/a.zip", "/b.zip", "file:///\x9b2J"])
async def test_a_redirect_is_refused(target):
    """Nothing is asked of where it leads; the address is shown, and drives no terminal."""
    moved = always(Say(with_length(b"", opening=head(301, "", f"Location: {target}"))))
    with pytest.raises(
        InputError, match=r"leads to '(https|/b|file).*': if you trust that address, give it"
    ) as raised:
        await got(moved)
    assert str(raised.value).isprintable()


HOSTILE: dict[str, tuple[Say, str]] = {
    "endless": (Say(to_the_end(WITHOUT_END)), "more than 100,000 bytes"),
    "too short": (Say(with_length(b"x" * 100, stated=500)), "cannot be fetched"),
    "stops": (Say(with_length(b"x", stated=5), ending="keep", pause_s=0.2), "takes too long"),
    "drips": (Say([*with_length(b"x", stated=99), *[b"x"] * 49], pause_s=0.1), "takes too long"),
    "not there": (Say(with_length(b"", opening=head(404))), "answers 404"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_server_that_misbehaves_costs_one_line(name):
    """In time, and within the limit."""
    say, why = HOSTILE[name]
    with pytest.raises(PackError, match=why) as raised:
        await got(always(say))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://example.org/a.zip", "over https only"),
        ("ftp://example.org/a.zip", "no address of a file"),
        ("https://me:secret@example.org/a.zip", "leave name and password out"),
        ("https://a..b/a.zip", "no address of a file"),
    ],
)
async def test_an_address_of_another_kind_is_refused(address, why):
    """Before anything is sent; a password is not repeated."""
    with pytest.raises(InputError, match=why) as raised:
        await fetch(address, io.BytesIO())
    assert "secret" not in str(raised.value)


def llmxray(script: Script, folder: Path, *arguments: str) -> tuple[str, int, str, str]:
    """Run the command line in a folder, URL standing for that of the server: the URL, code and what it printed."""
    with in_thread(RawServer(script)) as server:
        url = f"http://127.0.0.1:{server.port}/packs/one.zip?download=1"
        done = commands.llmxray(*[url if each == "URL" else each for each in arguments], at=folder)
    return url, done.returncode, done.stdout, done.stderr


def test_a_pack_is_reproduced_from_its_address(pack, tmp_path):
    """Its hash and fingerprint are said; with --keep the file stays, and no other file is replaced by it."""
    data, kept = pack.read_bytes(), tmp_path / "kept/tiny.xray.zip"
    script = always(Say(with_length(data)))
    _, code, output, noted = llmxray(script, tmp_path, "reproduce", "URL", "--keep", "kept")
    assert code == 0, noted
    assert hashlib.sha256(data).hexdigest() in noted
    assert f"fingerprint of the pack: {fingerprint(read_manifest(pack))}\n" in output
    assert kept.read_bytes() == data
    kept.write_bytes(b"mine")
    _, code, _, noted = llmxray(script, tmp_path, "run", "URL", "--keep", "kept")
    assert (code, kept.read_bytes()) == (2, b"mine"), noted
    _, code, _, noted = llmxray(script, tmp_path, "run", "URL")
    assert code == 0, noted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "site"]


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("http://me:hunter2@127.0.0.1:1", "Cannot connect to host 127.0.0.1:1"),
        ("me:hunter2@127.0.0.1:99999", "HTTPS_PROXY names no address of a proxy"),
    ],
)
def test_no_password_of_a_proxy_is_shown(proxy, why, tmp_path):
    """A host and a port alone are a proxy too; what is none is one line, without its value."""
    done = commands.llmxray("reproduce", "https://192.0.2.1/x.zip", at=tmp_path, HTTPS_PROXY=proxy)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert why in done.stderr
    assert "hunter2" not in done.stderr
