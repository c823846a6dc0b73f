"""Recorded exchanges of ours, and cassettes made of them, for tests that need some."""

import json
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import zstandard

from llmxray.cassette import Cassette, Frozen, Journal, RequestRecord, seal, write_plan
from llmxray.cassette.manifest import digest
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import request_key

PATH = "/v1/chat/completions"


def stream(text: str, top: int = 3) -> bytes:
    """A llama.cpp-like stream of one event a character, with logprobs."""
    lines = []
    for number, character in enumerate(text):
        tops = [
            {"token": chr(97 + n), "bytes": [97 + n], "logprob": -0.5 - n - number / 7} for n in range(top)
        ]
        entry = {
            "token": character,
            "bytes": list(character.encode()),
            "logprob": -0.25 * number,
            "top_logprobs": tops,
        }
        finish = "stop" if number == len(text) - 1 else None
        choice = {
            "index": 0,
            "delta": {"content": character},
            "logprobs": {"content": [entry]},
            "finish_reason": finish,
        }
        lines.append(b"data: " + json.dumps({"choices": [choice], "id": "c"}).encode() + b"\n\n")
    return b"".join([*lines, b"data: [DONE]\n\n"])


def interaction(question: str = "q", sample: int = 0, attempt: int = 0, **changes: Any) -> Interaction:
    """A recorded exchange about a question; ``changes`` are fields of `Interaction`."""
    request = changes.pop(
        "request", {"model": changes.pop("model", "m"), "messages": [{"content": question}]}
    )
    body = changes.pop("body", stream("hello"))
    half = len(body) // 2
    fields: dict[str, Any] = {
        "key": request_key("POST", PATH, "x", request),
        "sample": sample,
        "attempt": attempt,
        "endpoint": "x",
        "request": request,
        "status": 200,
        "headers": (("content-type", "text/event-stream"),),
        "chunks": (Chunk(0.25, body[:half]), Chunk(0.5, body[half:])),
        "end": EndCause.CLEAN,
        "started_at": "2026-01-01T00:00:00.000Z",
    }
    return Interaction(**{**fields, **changes})


def recorded(directory: Path, *each: Interaction, sealed: bool = True, **more: Any) -> Path:
    """A cassette of these, sealed with ``more`` unless it is told otherwise."""
    with Journal(directory) as journal:
        for one in each:
            journal.append(one)
    if sealed:
        seal(directory, **more)
    return directory


def planned(directory: Path, each: Sequence[Interaction], lines: int = 4) -> Path:
    """A sealed cassette with a plan and items of so many lines, and these recordings."""
    requests = tuple(RequestRecord(one.key, "m", one.request) for one in each)
    plan = [
        {"format": 3, "experiment": "e"},
        *([0, 0, f"item-{n}", n % 7, [2, 0, 1], [n], [None]] for n in range(lines)),
    ]
    items = [[0, {"id": f"item-{n}", "question": f"What is {n} and {n * 7919}?"}] for n in range(lines)]
    write_plan(directory, "e", Frozen(tuple(plan), tuple(items), requests), software={"llmxray": "0"})
    return recorded(directory, *each, facts={"x/m": {"model": "m", "top_logprobs": 20, "load_before": 1.5}})


def everything(directory: Path) -> str:
    """A digest of all that a cassette says to those who replay it and report on it.

    Raises:
        LlmxrayError: some of it cannot be read, or is not what was written.
    """
    cassette = Cassette.existing(directory)
    found = cassette.manifest
    said: list[object] = [
        found and (found.experiment, found.facts, found.software, found.counts, found.recorded)
    ]
    said += [cassette.frozen(), list(cassette.requests()), cassette.endpoints()]
    for entry in cassette.all_entries():
        said += [entry.address, entry.complete, entry.status, cassette.get(entry.address)]
        said += [cassette.read(entry, {}).body, cassette.head(entry.address)]
        said.append(cassette.completion(entry.address))
    # As text: 1 and 1.0 are equal, and are shown otherwise.
    return sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def rewrite_manifest(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a manifest and compute its hash again, as a forger would."""
    path = directory / "manifest.json"
    data = json.loads(path.read_bytes())
    change(data)
    if "sha256" in data:
        data["sha256"] = digest(data)
    path.write_text(json.dumps(data))


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file of zstd frames."""
    with zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True) as reader:
        return reader.read().split(b"\n")[:-1]


def write_lines(path: Path, lines: Sequence[bytes]) -> bytes:
    """Write lines into a file as one zstd frame; its bytes."""
    data = zstandard.ZstdCompressor().compress(b"".join(line + b"\n" for line in lines))
    path.write_bytes(data)
    return data


def replace_lines(directory: Path, which: str, lines: Sequence[bytes], *, checksums: bool = False) -> Path:
    """Put other lines into the file with that name, or the first with that role, and make every hash fit, as a forger
    would.

    Args:
        checksums: make those of lines in the index fit as well.
    """
    names = []

    def change(manifest: dict[str, Any]) -> None:
        record = next(
            each for each in manifest["files"] if which in (each["role"], each["name"].rpartition("/")[2])
        )
        names.append(record["name"])
        data = write_lines(directory / record["name"], lines)
        record |= {"sha256": sha256(data).hexdigest(), "bytes": len(data)}

    rewrite_manifest(directory, change)
    (path,) = directory.glob("index.*")
    if path.name not in names:
        index = json.loads(lines_of(path)[0])
        known = index["files"][names[0]]
        known["frames"] = [[0, 0]]
        if checksums:
            known["crc32"] = [zlib.crc32(line) for line in lines]
        replace_lines(directory, "index", [json.dumps(index).encode()])
    return directory
