"""How small is a cassette? Beside vcrpy's YAML of the same traffic, beside zstd -19 of all raw streams joined.

Two kinds of real traffic of the embedded SmolLM2 model:

- short answers with five alternatives a token: recordings of the shipped cassette, their received bytes served
  again by our proxy and recorded by vcrpy from there, request by request;
- answers of 300 tokens with twenty alternatives: recorded live through our proxy (needs the extras ``record`` and
  ``local``; left out where they are missing).

    python bench/bench_size.py [SHORT ANSWERS] [LONG ANSWERS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
import urllib.request
from importlib import metadata
from pathlib import Path

import vcr
import zstandard

from llmxray.cassette import Cassette, Journal, lock_cassette, seal
from llmxray.errors import LlmxrayError
from llmxray.local import LocalServer
from llmxray.proxy import ProxyConfig, ProxyServer
from llmxray.types import Interaction
from llmxray.wire import encode_body, read_interaction

SHORT, LONG, LONG_TOKENS = 1200, 12, 300
SHIPPED = Path(__file__).parent.parent / "cassettes" / "model-showdown"
TOPICS = (
    "a river from its spring to the sea", "how bread is made", "a lighthouse keeper", "why the sky is blue",
    "the life of a honey bee", "a train journey in winter", "how a bicycle stays up", "the first day at school",
    "what a volcano does", "an old clock and its maker", "how rain forms", "a market in a small town",
    "the moon and the tides", "a lost dog that finds home", "how to grow tomatoes", "a bridge and its builders",
    "why leaves turn red", "a fisherman and a storm", "how a piano makes sound", "the history of paper",
)  # fmt: skip


def size_of(directory: Path) -> int:
    """Bytes of everything in a cassette."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def write(directory: Path, interactions: list[Interaction]) -> float:
    """A sealed cassette of these; seconds that sealing took."""
    with lock_cassette(directory), Journal(directory) as journal:
        for each in interactions:
            journal.append(each)
        journal.close()
        began = time.perf_counter()
        seal(directory)
        return time.perf_counter() - began


class Serving:
    """A proxy on a thread of its own, in replay mode."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        self.url = ""

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with ProxyServer(ProxyConfig(self._directory)) as proxy:
            self.url = proxy.base_url
            self._ready.set()
            await self._stop.wait()

    def __enter__(self) -> str:
        self._thread.start()
        self._ready.wait()
        return self.url

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


def vcrpy_bytes(directory: Path, interactions: list[Interaction], yaml: Path) -> int:
    """Size of vcrpy's cassette of the same requests and replies."""
    with (
        Serving(directory) as url,
        vcr.VCR(record_mode="all", match_on=("method", "uri", "body")).use_cassette(str(yaml)),
    ):
        for each in interactions:
            headers = {"Content-Type": "application/json", "X-Llmxray-Sample": str(each.sample)}
            request = urllib.request.Request(f"{url}/chat/completions", encode_body(each.request), headers)
            with urllib.request.urlopen(request) as reply:
                if reply.read() != each.body:
                    # Else the two would not hold the same.
                    raise SystemExit("the proxy served other bytes than were recorded")
    return yaml.stat().st_size


async def record_long(directory: Path, count: int) -> None:
    """Answers of 300 tokens with twenty alternatives, through our proxy, one after the other."""
    async with LocalServer("smollm2-135m-instruct") as server:
        targets = {"default": server.base_url}
        async with ProxyServer(ProxyConfig(directory, mode="record", targets=targets)) as proxy:
            for number in range(count):
                messages = [
                    {"role": "user", "content": f"Write a long story about {TOPICS[number % len(TOPICS)]}."}
                ]
                body = {
                    "model": "smollm2-135m-instruct", "messages": messages, "stream": True, "logprobs": True,
                    "top_logprobs": 20, "max_tokens": LONG_TOKENS, "temperature": 0.8, "seed": number,
                }  # fmt: skip
                await asyncio.to_thread(ask, f"{proxy.base_url}/chat/completions", encode_body(body))  # type: ignore[arg-type]
    seal(directory)


def ask(url: str, body: bytes) -> None:
    """One request, its reply read to the end."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        reply.read()


def short_answers(folder: Path, count: int) -> None:
    """Measure the first kind of traffic, and print."""
    shipped = Cassette(SHIPPED)
    chosen = [e for e in shipped.all_entries() if "smollm2" in e.file and e.complete][:count]
    interactions = [shipped.get(entry.address) for entry in chosen]
    seconds = write(folder / "ours", interactions)
    ours, raw = size_of(folder / "ours"), b"".join(each.body for each in interactions)
    n, packed = len(interactions), len(zstandard.ZstdCompressor(level=19).compress(raw))
    yaml = vcrpy_bytes(folder / "ours", interactions, folder / "vcr.yaml")
    tokens = sum(len(read_interaction(each).tokens) for each in interactions)
    print(
        f"short answers, 20 alternatives: {n} recordings, {tokens} tokens, {len(raw) / n:.0f} raw bytes each"
    )
    print(f"  cassette {ours / n:.0f} bytes each, requests and index included (sealed in {seconds:.0f} s)")
    print(f"  vcrpy {metadata.version('vcrpy')} YAML {yaml / n:.0f} bytes each: ratio 1/{yaml / ours:.1f}")
    print(f"  zstd -19 of the raw streams joined {packed / n:.0f} bytes each: ratio {ours / packed:.2f}")
    # Said apart, for the streams joined are not asked to hold them.
    requests = sum(path.stat().st_size for path in (folder / "ours").glob("requests.*"))
    print(f"  without the requests, which raw streams do not hold: ratio {(ours - requests) / packed:.2f}")


def long_answers(folder: Path, count: int) -> None:
    """Measure the second kind of traffic, and print."""
    asyncio.run(record_long(folder / "long", count))
    cassette = Cassette(folder / "long")
    interactions = [cassette.get(entry.address) for entry in cassette.all_entries()]
    tokens = sum(len(read_interaction(each).tokens) for each in interactions)
    raw = b"".join(each.body for each in interactions)
    ours, packed = size_of(folder / "long"), len(zstandard.ZstdCompressor(level=19).compress(raw))
    print(f"long answers, 20 alternatives: {len(interactions)} recordings, {tokens} tokens")
    print(
        f"  bytes a token: raw SSE {len(raw) / tokens:.0f}, zstd -19 of it {packed / tokens:.0f}, "
        f"cassette {ours / tokens:.1f}: ratio 1/{len(raw) / ours:.1f}"
    )


def main() -> None:
    """Measure and print."""
    short = int(sys.argv[1]) if len(sys.argv) > 1 else SHORT
    long = int(sys.argv[2]) if len(sys.argv) > 2 else LONG
    with tempfile.TemporaryDirectory() as folder:
        short_answers(Path(folder), short)
        try:
            if long:
                long_answers(Path(folder), long)
        except LlmxrayError as error:
            print(f"long answers were left out: {error}")


if __name__ == "__main__":
    main()
