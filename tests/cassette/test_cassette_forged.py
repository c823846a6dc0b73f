"""Columns changed at random, every hash made to fit: what `verify` calls whole says one thing, whoever reads it.

A forger can compute each checksum again. What is left to hold on to is that the bytes that `verify` and `scan` look at
and the replies that results are made of are the same. ``LLMXRAY_FUZZ`` says how many changes to try.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from recordings import interaction, planned, rewrite_manifest, stream

from llmxray.cassette import Cassette, codec, indexes, readable, verify
from llmxray.cassette.blocks import RecordingBlocks
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.errors import LlmxrayError
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import is_whole, read_interaction

CHANGES = int(os.environ.get("LLMXRAY_FUZZ", "80"))

# Texts that mean something to one of the readers.
SPELLINGS = [
    "",
    " ",
    "\n",
    "\r",
    "\n\n",
    "\x01",
    "\x03",
    "\x04",
    "\x05",
    "\x06",
    "0",
    "-1",
    "1e999",
    "NaN",
    "null",
    '"',
    "\\",
    "\\u0061",
    ",",
    "{",
    "}",
    "[",
    "]",
    "data: ",
    "data: [DONE]",
    ": a remark",
    "event: error",
]
# Members of an object, for those who keep the first of two of one name, the last, or both.
MEMBERS = [
    *(f'"logprob":{value}' for value in ("-9", "null", "1e18", '"-1"')),
    *(f'"token":{value}' for value in ('"z"', "null", "7")),
    *(f'"top_logprobs":{value}' for value in ("0", "null", "[]", "{}", '[{"token":"z","logprob":-3}]')),
    *(f'"bytes":{value}' for value in ("[122]", "null")),
    *(f'"content":{value}' for value in ('"z"', "null", "[]")),
    *(f'"logprobs":{value}' for value in ("null", "{}", '{"content":[]}')),
    *(f'"choices":{value}' for value in ("[]", "null", '[{"delta":{"content":"z"}}]')),
    *(f'"delta":{value}' for value in ('{"content":"z"}', "null")),
    *(f'"finish_reason":{value}' for value in ('"stop"', '"length"', "null")),
    *(f'"in_flight":{value}' for value in ("7", "-1", "null")),
    '"index":1',
    '"error":{"message":"z"}',
    '"usage":{"completion_tokens":9}',
    '"in_fl\\u0069ght":7',
    '"tok\\u0065n":"z"',
]


def spaced(text: str) -> bytes:
    """A stream that writes its entries with other spaces than `stream`, and more in each event."""
    tops = [{"token": each, "logprob": -0.125 * n} for n, each in enumerate("abc")]
    events = [
        {
            "id": f"chatcmpl-{number}",
            "choices": [
                {
                    "index": 0,
                    "delta": {"role": "assistant", "content": word},
                    "logprobs": {"content": [{"token": word, "logprob": -1.5, "top_logprobs": tops}]},
                    "finish_reason": None,
                }
            ],
            "usage": {"completion_tokens": number},
        }
        for number, word in enumerate(text.split(" "))
    ]
    lines = [f"data: {json.dumps(each, separators=(',', ':'))}\n\n" for each in events]
    return "".join([*lines, 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n']).encode()


def cassette(directory: Path, *, is_cut: bool) -> Path:
    """Recordings of every kind as columns: streams, errors, raw bytes, repeats, tries.

    Args:
        is_cut: whether chunks end anywhere. Where they end with events, a text may become longer and its chunk with it.
    """
    each: list[Interaction] = []
    for n in range(60):
        body = [stream(f"answer {n % 7}"), spaced(f"the answer is {n % 5}"), b"\xff\xfe raw"][n % 3]
        end = n % 7 if n % 4 else 0
        cuts = [0, *sorted({len(body) // 3 + end, 2 * len(body) // 3}), len(body)]
        by_event = [part + b"\n\n" for part in body.split(b"\n\n")[:-1]]
        parts = [body[a:b] for a, b in pairwise(cuts)] if is_cut else by_event or [body]
        chunks = tuple(Chunk(0.25 * (k + 1), part) for k, part in enumerate(parts))
        for sample in range(1 + n % 2):
            for attempt in range(1 + (n % 10 == 0)):
                failed = attempt == 0 and n % 10 == 0
                each.append(
                    interaction(
                        f"question {n} " * 40,
                        sample,
                        attempt,
                        chunks=() if failed else chunks,
                        status=None if failed else 200,
                        end=EndCause.CLEAN if not failed else next(e for e in EndCause if e != "clean"),
                        error="no response" if failed else "",
                        concurrency=1 + n % 3,
                        started_at=f"2026-01-01T00:00:{n:02d}.000Z",
                    )
                )
    return planned(directory, each, 1000)


def pieces(data: bytes, frames: list[list[int]]) -> list[bytes]:
    """The blocks of a file."""
    starts = [start for start, _ in frames] + [len(data)]
    return [data[a:b] for a, b in pairwise(starts)]


def changed_text(rng: random.Random, text: str) -> str:
    """Another text: something put in, cut out, or in the place of something, often of the same length."""
    at = rng.randrange(len(text) + 1)
    size = rng.choice([0, 0, 1, 1, 2, 8])
    objects = [number for number, character in enumerate(text) if character in "{}"]
    if objects and rng.random() < 0.6:
        at, member = rng.choice(objects), rng.choice(MEMBERS)
        return (
            f"{text[: at + 1]}{member},{text[at + 1 :]}"
            if text[at] == "{"
            else f"{text[:at]},{member}{text[at:]}"
        )
    if rng.random() < 0.3:
        inserted = rng.choice(SPELLINGS)
        return text[:at] + inserted + text[at + len(inserted) :]
    inserted = rng.choice([*SPELLINGS, text[at : at + size] * 2, text[:at][-12:]])
    return text[:at] + inserted + text[at + size :]


def changed_meta(rng: random.Random, meta: Any) -> Any:
    """The description of a block with one value in it another one."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in value if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(meta)
    texts = [(holder, key) for holder, key in places if isinstance(holder[key], str) and "{" in holder[key]]
    holder, key = rng.choice(texts if texts and rng.random() < 0.6 else places)
    value = holder[key]
    if isinstance(value, str):
        holder[key] = changed_text(rng, value)
    elif isinstance(value, bool | int | float):
        holder[key] = rng.choice([value + 1, value - 1, 0, 1, -1, 2, not value, 1 << 40])
    elif isinstance(value, list):
        kind = rng.randrange(4)
        if kind == 0 or not value:
            value.append(rng.choice([*value, 0, "", len(value)]))
        elif kind == 1:
            value.pop(rng.randrange(len(value)))
        else:
            a, b = rng.randrange(len(value)), rng.randrange(len(value))
            value[a], value[b] = value[b], value[a]
    else:
        other = rng.choice(places)[0]
        holder[key] = other[key] if isinstance(other, dict) and key in other else {}
    return meta


def rewritten(rng: random.Random, block: bytes) -> bytes:
    """The same block with something else in one or two of its sections, and a checksum that fits."""
    reader, out = SectionReader(block), SectionWriter()
    kinds = reader.kinds()
    names = [name for name in kinds if name != "padding"]
    described = [""] * 8 if reader.meta else []
    chosen = {rng.choice([*described, *names]) for _ in range(rng.choice([1, 1, 1, 2]))}
    for name, kind in kinds.items():
        if kind == "b":
            data = reader.data(name)
            if name in chosen:
                text = data.decode("latin-1")
                data = (
                    changed_text(rng, text)
                    if rng.random() < 0.7
                    else "".join(rng.sample(text[:40], len(text[:40]))) + text[40:]
                ).encode("latin-1")
            out.data(name, data)
            continue
        numbers = reader.ints(name).tolist()
        if name in chosen:
            for _ in range(rng.choice([1, 1, 2])):
                at, kind_of_change = rng.randrange(len(numbers) + 1), rng.randrange(7)
                if kind_of_change == 0:
                    numbers.insert(at, rng.choice([0, 1, *numbers[at : at + 1]]))
                elif at == len(numbers):
                    continue
                elif kind_of_change == 1:
                    numbers.pop(at)
                elif kind_of_change == 2:
                    other = rng.randrange(len(numbers))
                    numbers[at], numbers[other] = numbers[other], numbers[at]
                elif kind_of_change == 3:
                    # One gives what the other takes: sums stay as they were.
                    other = rng.randrange(len(numbers))
                    numbers[at] += 1
                    numbers[other] -= 1
                else:
                    numbers[at] = rng.choice([0, 1, 2, numbers[at] + 1, numbers[at] - 1, -1, 200, 1 << 31])
        out.ints(name, numbers)
    meta = changed_meta(rng, reader.meta) if "" in chosen else reader.meta
    return out.finish(meta)


def forge(directory: Path, rng: random.Random) -> None:
    """Change one block of a cassette, and compute anew whatever says what it holds.

    Raises:
        ValueError, OverflowError: the change cannot be written, or what it makes cannot be read.
    """
    manifest = json.loads((directory / "manifest.json").read_bytes())
    files = [each for each in manifest["files"] if each["role"] in ("recordings", "symbols")]
    record = rng.choices(files, [2 if each["role"] == "recordings" else 1 for each in files])[0]
    path = directory / record["name"]
    frames = record.get("frames") or [[0, 0]]
    blocks = pieces(path.read_bytes(), frames)
    number = rng.randrange(len(blocks))
    blocks[number] = rewritten(rng, blocks[number])
    data = b"".join(blocks)
    starts = [sum(map(len, blocks[:n])) for n in range(len(blocks))]

    def change(manifest: dict[str, Any]) -> None:
        mine = next(each for each in manifest["files"] if each["name"] == record["name"])
        mine |= {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
        if record.get("frames"):
            mine["frames"] = [[start, line] for start, (_, line) in zip(starts, frames, strict=True)]
        path.write_bytes(data)

    rewrite_manifest(directory, change)
    refit(directory)


def refit(directory: Path) -> None:
    """Write index, counts and times of a cassette as its recordings have them now."""
    opened = Cassette(directory, check=False)
    assert opened.manifest is not None
    keys = [key for key, _ in opened.frozen_requests()]
    files, sums, times = [], {}, []
    for record in opened.manifest.role("recordings"):
        file = opened.file(record.name)
        assert isinstance(file, RecordingBlocks)
        rows, mine = [], []
        for number in range(len(file.firsts)):
            block = file.open(number)
            for place in range(block.size):
                request = block.requests[place]
                each = block.interaction(place, keys[request], {})
                rows.append((request, each.sample, each.attempt, int(is_whole(each)), each.status))
                mine.append(codec.checksum(each))
                times.append(each.started_at)
        files.append(indexes.file_index(record.name, rows))
        sums[record.name] = mine
    groups = [group for _, group in opened.frozen_requests()]
    index = opened.manifest.role("index")[0]
    assert not index.is_columns
    lines = indexes.to_lines(indexes.Index(keys, groups, files, sums))
    data = "".join(line + "\n" for line in lines).encode()

    def change(manifest: dict[str, Any]) -> None:
        mine = next(each for each in manifest["files"] if each["role"] == "index")
        mine |= {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
        (directory / index.name).write_bytes(data)
        manifest["counts"]["complete"] = sum(int(file.complete.sum()) for file in files)
        known = [time for time in times if time]
        manifest["recorded"] = {"first": min(known), "last": max(known)}

    rewrite_manifest(directory, change)


def readers(directory: Path) -> Iterator[str]:
    """Where two of those who read a cassette say different things of a recording."""
    whole, columns = Cassette(directory), Cassette(directory)
    heads, bodies = Cassette(directory), Cassette(directory)
    assert whole.manifest is not None
    scanned = {
        (record.name, line - 1): text
        for record in whole.manifest.role("recordings")
        for line, text in readable(directory, directory / record.name)
    }
    for entry in whole.all_entries():
        address, each = entry.address, whole.get(entry.address)
        said = codec.dumps(codec.head(each)).encode() + b"\n" + each.body
        compared: dict[str, tuple[object, object]] = {
            "completion": (columns.completion(address), read_interaction(each)),
            "body": (bodies.body(address), each.body),
            "concurrency": (heads.concurrency(address), each.concurrency),
            "end": (heads.is_ended(address), each.end is EndCause.CLEAN and each.status == 200),
            "complete": (entry.complete, is_whole(each)),
            "status": (entry.status, each.status),
            "scan": (scanned.get((entry.file, entry.line)), said),
            "request": (heads.key_again(address, each.request), each.key),
        }
        yield from (
            f"{name} of {address}: {a!r:.200} {b!r:.200}"
            for name, (a, b) in compared.items()
            if repr(a) != repr(b)
        )


@pytest.mark.fuzz
@pytest.mark.parametrize("is_cut", [False, True])
def test_whole_is_one_thing(tmp_path: Path, is_cut: bool) -> None:
    """What verify finds no fault in is read alike by all who read it."""
    made, rng, outcomes = cassette(tmp_path / "made", is_cut=is_cut), random.Random("forged"), Counter[str]()
    assert verify(made) == []
    assert list(readers(made)) == []
    for number in range(CHANGES):
        directory = tmp_path / "c"
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(made, directory)
        try:
            forge(directory, rng)
        except (LlmxrayError, ValueError, OverflowError, TypeError, KeyError, IndexError, StopIteration):
            outcomes["cannot be made"] += 1
            continue
        faults = verify(directory)
        if faults:
            outcomes["refused"] += 1
            assert all("\n" not in fault for fault in faults)
            continue
        outcomes["whole"] += 1
        assert [*readers(directory)] == [], number
    print(dict(outcomes))
    assert outcomes["whole"] > CHANGES * (0.05 if is_cut else 0.2)
