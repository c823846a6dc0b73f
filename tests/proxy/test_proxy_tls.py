"""Servers whose TLS cannot be trusted, for real: one clear line, and what to do."""

import asyncio
import json
import ssl

import pytest
import pytest_asyncio
from servers import chunked, events, with_length

from llmxray.cassette import Cassette
from llmxray.errors import EndpointError
from llmxray.proxy import ProxyConfig, ProxyServer, probe_server
from llmxray.types import EndCause


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only its owner has signed, and its key, in one file."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest_asyncio.fixture
async def url(certificate):
    """Base URL of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readuntil(b"\r\n\r\n")
        said = with_length(b'{"data": [{"id": "m"}]}') if b"/models " in first else chunked(events("yes"))
        writer.writelines(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    server.close()
    await asyncio.sleep(0.05)


async def test_probe(url):
    """Recording is refused before it begins, with the reason and the remedy."""
    with pytest.raises(
        EndpointError, match=r"certificate of https.* is not trusted \(self.signed.*SSL_CERT_FILE"
    ):
        await probe_server(url)
    with pytest.raises(EndpointError, match=r"cannot be reached|does not speak TLS"):
        await probe_server(url.replace("https", "http"))


async def test_recording(tmp_path, client, url):
    """A server that turns untrustworthy meanwhile: 502, recorded as no response, the reason kept."""
    async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
        got = await client.ask(proxy.base_url)
    assert 502 == got.status
    assert "ertificate" in json.loads(got.body)["error"]["message"]
    (entry,) = Cassette(tmp_path / "c").all_entries()
    assert EndCause.CONNECT is Cassette(tmp_path / "c").get(entry.address).end


async def test_trusted(tmp_path, client, url, certificate, monkeypatch):
    """With the authority named, the same server is recorded."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with ProxyServer(ProxyConfig(tmp_path / "c", mode="record", targets={"x": url})) as proxy:
        got = await client.ask(proxy.base_url)
    assert (200, b"".join(events("yes"))) == (got.status, got.body)
