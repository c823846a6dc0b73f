"""Files of a cassette that are a few kilobytes and say that they are gigabytes; every hash of them fits."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from recordings import interaction, planned, replace_file, stream

from llmxray.cassette import Cassette, codec

type Section = tuple[str, int, list[bytes | None]]

MANY = 20_000
LONG = "x" * 500_000
HEAD = codec.dumps(codec.head(interaction()))


def packed(data: bytes) -> bytes:
    """A zstd frame that states its size."""
    return zstandard.ZstdCompressor(level=19).compress(data)


def poured(piece: bytes, times: int) -> bytes:
    """A zstd frame that does not state its size, of a piece many times over."""
    out = io.BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(out, closefd=False) as writer:
        for _ in range(times):
            writer.write(piece)
    return out.getvalue()


def block(meta: Any, sections: dict[str, Section]) -> bytes:
    """A block, with whatever is said of its sections."""
    data, described = b"", {}
    for name, (kind, count, planes) in sections.items():
        stored = [b"" if plane is None else packed(plane) for plane in planes]
        described[name] = [kind, count, [len(each) for each in stored]]
        data += b"".join(stored)
    header = packed(json.dumps({"meta": meta, "sections": described}).encode())
    size = struct.pack("<I", len(header))
    return struct.pack("<I", zlib.crc32(header + data, zlib.crc32(size))) + size + header + data


def numbers(*values: int) -> Section:
    """A section of these numbers."""
    planes = [plane.tobytes() for plane in np.array(values, dtype="<u8").view(np.uint8).reshape(-1, 8).T]
    while planes and not any(planes[-1]):
        planes.pop()
    return "u", len(values), [*planes]


def zeros(count: int) -> Section:
    """A section of so many zeros, which takes no bytes."""
    return "u", count, []


def characters(data: bytes | int = b"") -> Section:
    """A section of bytes, or of so many zero bytes, which take none."""
    return ("b", data, [None]) if isinstance(data, int) else ("b", len(data), [data if data else None])


def recording(skeleton: str, columns: list[Any], events: int, **others: Section) -> bytes:
    """A block of one recording whose events all have one skeleton."""
    names = ("head", "tail", "odd"), ("far", "first", "change", "styles")
    sections = {
        **{f"{pairs}.{name}": characters() for pairs in ("row", "loose") for name in names[0]},
        **{f"{pairs}.{name}": numbers() for pairs in ("row", "loose") for name in names[1]},
        **{name: numbers() for name in ("refs", "ranks", "counts", "later_us")},
        **{name: numbers(0) for name in ("request", "sample", "attempt", "cut", "heads")},
        **{"chunks": numbers(1), "first_us": numbers(1000), "raw": characters()},
        **{"events": numbers(events), "spans": numbers(events), "bodies": zeros(events)},
        **others,
    }
    meta = {
        "recordings": 1,
        "parse": [],
        "heads": {"skeletons": [HEAD], "columns": [[]]},
        "bodies": {"skeletons": [skeleton], "columns": [columns]},
    }
    return block(meta, sections)


def in_columns(directory: Path, data: bytes) -> None:
    """A cassette of one recording in columns, which are replaced by that block."""
    planned(directory, [interaction(body=stream("answer " * 60, top=8))])
    end = block({}, {"symbols": zeros(1)})
    replace_file(directory, "recordings", data + end, frames=[[0, 0], [len(data), 1]])


def in_lines(directory: Path) -> Path:
    """A cassette of lines."""
    return planned(directory, [interaction()])


def line_of(runs: list[list[int]]) -> bytes:
    """A recording as a line, whose one event stands there so many times."""
    line = codec.to_line(interaction(), with_request=True)
    line["body"] = {
        "columns": {"frames": ["=x"], "events": runs, "texts": [], "n": [], "tokens": {"rows": []}}
    }
    return codec.dumps(line).encode()


def poured_plan(directory: Path) -> None:
    """A hundred megabytes of short lines."""
    data = poured(b"[[],[],[]]\n" * 100_000, 100)
    replace_file(
        in_lines(directory), "plan", data, name="plan.x.jsonl.zst", frames=[[0, 0]], lines=10_000_000
    )


def stated_plan(directory: Path) -> None:
    """A frame that states eight gigabytes, which a reader may set aside before it reads."""
    run = struct.pack("<I", 131_072 << 3 | 0b011)[:3] + b"x"
    data = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 8 << 30) + run
    replace_file(in_lines(directory), "plan", data, name="plan.x.jsonl.zst", frames=[[0, 0]])


def listed_items(directory: Path) -> None:
    """Two megabytes of empty lists, each of which takes thirty times its text."""
    data = packed(b"[" + b"[]," * 690_000 + b"0]\n")
    replace_file(in_lines(directory), "items", data, name="items.x.jsonl.zst", frames=[[0, 0]], lines=1)


def worded_items(directory: Path) -> None:
    """Two megabytes of short texts, each of which takes a dozen times its own."""
    data = packed(b"[" + b'"ab",' * 400_000 + b"0]\n")
    replace_file(in_lines(directory), "items", data, name="items.x.jsonl.zst", frames=[[0, 0]], lines=1)


def numbered_items(directory: Path) -> None:
    """Two megabytes of short numbers, each of which takes ten times its text."""
    data = packed(b"[" + b"1e9," * 500_000 + b"0]\n")
    replace_file(in_lines(directory), "items", data, name="items.x.jsonl.zst", frames=[[0, 0]], lines=1)


def membered_items(directory: Path) -> None:
    """Two megabytes of an object in which no key stands twice."""
    members = ",".join(f'"{number:05x}":1e9' for number in range(150_000))
    data = packed(f"{{{members}}}\n".encode())
    assert len(data) < 200_000
    replace_file(in_lines(directory), "items", data, name="items.x.jsonl.zst", frames=[[0, 0]], lines=1)


def deep_items(directory: Path) -> None:
    """Lists in lists in lists."""
    data = packed(b"[" * 100_000 + b"\n")
    replace_file(in_lines(directory), "items", data, name="items.x.jsonl.zst", frames=[[0, 0]], lines=1)


def counted_index(directory: Path) -> None:
    """A section of a million million zeros."""
    data = block({"hashes": True, "groups": [], "files": [], "crc32": []}, {"keys": characters(1 << 40)})
    replace_file(in_lines(directory), "index", data, name="index.x.columns")


def described_index(directory: Path) -> None:
    """A header of twenty megabytes."""
    header = packed(b" " * (20 << 20) + b"{}")
    size = struct.pack("<I", len(header))
    data = struct.pack("<I", zlib.crc32(header, zlib.crc32(size))) + size + header
    replace_file(in_lines(directory), "index", data, name="index.x.columns")


def repeated_requests(directory: Path) -> None:
    """Many requests that are all the same long one, and as many keys that take no bytes."""
    manifest = Cassette(in_lines(directory)).manifest
    assert manifest is not None
    (record,) = manifest.role("recordings")
    columns = {f"0.{name}": zeros(1) for name in ("request", "sample", "attempt", "complete", "status")}
    index = block(
        {"hashes": True, "groups": ["m"], "files": [record.name], "crc32": []},
        {"keys": characters(32 * MANY), "groups": zeros(MANY), **columns},
    )
    replace_file(directory, "index", index, name="index.x.columns")
    meta = {"requests": {"skeletons": [f'{{"a":"{LONG}"}}'], "columns": [[]]}}
    data = block(meta, {"requests": zeros(MANY)})
    replace_file(directory, "requests", data, name="requests.x.columns", frames=[[0, 0]], lines=MANY)


def repeated_symbols(directory: Path) -> None:
    """Many symbols that are all the same long one."""
    in_columns(directory, recording("data: \x01", [], 1, **alternatives(1, 1)))
    meta = {"symbols": {"skeletons": [f'{{"token":"{LONG}","logprob":\x07'], "columns": [[]]}}
    replace_file(directory, "symbols", block(meta, {"symbols": zeros(MANY)}))


def repeated_events(directory: Path) -> None:
    """Many events that are all the same long one."""
    in_columns(directory, recording(f"data: {LONG}", [], MANY))


def carried_values(directory: Path) -> None:
    """One event in which a long value stands in ten thousand places."""
    skeleton = 'data: {"a":"\x04"' + ',"\x03"' * 10_000 + "}"
    in_columns(directory, recording(skeleton, [{"k": "c", "v": LONG}], 1))


def many_chunks(directory: Path) -> None:
    """One recording of a million million chunks."""
    in_columns(directory, recording("data: x", [], 1, chunks=numbers(1 << 50)))


def long_row(directory: Path) -> None:
    """A token of a million million alternatives."""
    others = {"refs": numbers(0), "ranks": numbers(0), "counts": numbers(1 << 50)}
    in_columns(directory, recording("data: \x01", [], 1, **others))


def alternatives(entries: int, each: int) -> dict[str, Section]:
    """So many entries, all of one row of so many alternatives, which are the same symbol."""
    return {
        "refs": ("u", entries, [b"\0" + b"\1" * (entries - 1)]),
        "ranks": ("u", entries, [b"\1" * entries]),
        "counts": numbers(each + 1),
        "row.head": characters(each),
        "row.first": numbers(0),
        "row.change": zeros(each - 1),
        "row.styles": zeros(each),
    }


def shared_rows(directory: Path) -> None:
    """An event of many tokens, each with many alternatives, which are stored once."""
    in_columns(directory, recording("data: " + "\x01" * MANY, [], 1, **alternatives(MANY, MANY)))


def derived_columns(directory: Path) -> None:
    """Columns of which each follows from the one before it, twice: a step more is twice the time."""
    columns: list[Any] = [{"k": "c", "v": "1"}, *({"k": "x", "op": "+", "a": n, "b": n} for n in range(60))]
    in_columns(directory, recording("data: " + "\x04," * 61, columns, 1))


def repeated_lines(directory: Path) -> None:
    """A line whose event stands there a million million times."""
    data = line_of([[0, 1 << 40]]) + b"\n"
    replace_file(in_lines(directory), "recordings", data)


def repeated_journal(directory: Path) -> None:
    """The same in a journal."""
    line = line_of([[0, 1 << 40]])
    in_lines(directory)
    (directory / "journal.jsonl").write_bytes(b"%08x %b\n" % (zlib.crc32(line), line))


def listed_manifest(directory: Path) -> None:
    """Three megabytes of empty lists."""
    path = in_lines(directory) / "manifest.json"
    path.write_bytes(
        path.read_bytes().replace(b'"facts": {', b'"facts": {"a":[%b[]],' % (b"[]," * 1_000_000), 1)
    )


BOMBS: tuple[Callable[[Path], None], ...] = (
    poured_plan,
    stated_plan,
    listed_items,
    worded_items,
    numbered_items,
    membered_items,
    deep_items,
    counted_index,
    described_index,
    repeated_requests,
    repeated_symbols,
    repeated_events,
    carried_values,
    many_chunks,
    long_row,
    shared_rows,
    derived_columns,
    repeated_lines,
    repeated_journal,
    listed_manifest,
)
