"""Cassettes of format 1 are read as they are; sealing writes today's format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import zstandard

from llmxray.cassette import Cassette, Journal, codec, indexes, seal, verify
from llmxray.cassette.manifest import FileRecord
from llmxray.cassette.migrate import FORMAT
from llmxray.types import Interaction
from llmxray.wire import is_complete, read_interaction


def packed(lines: list[bytes]) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The bytes of a file and its frames: plain while it is small, else a zstd frame for every 16 lines."""
    if sum(map(len, lines)) < 32 * 1024:
        return b"".join(line + b"\n" for line in lines), ()
    out, frames = b"", []
    for first in range(0, len(lines), 16):
        frames.append((len(out), first))
        block = b"".join(line + b"\n" for line in lines[first : first + 16])
        out += zstandard.ZstdCompressor().compress(block)
    return out, tuple(frames)


def format_1(directory: Path, each: list[Interaction]) -> None:
    """Write a cassette as format 1 did: zstd frames of JSON lines, an index of lines."""
    each = sorted(each, key=lambda one: one.key)
    requests = [codec.dumps({"key": one.key, "group": "m", "body": dict(one.request)}) for one in each]
    recordings = [codec.dumps(codec.to_line(one)) for one in each]
    rows = [
        (number, one.sample, one.attempt, int(is_complete(one)), one.status)
        for number, one in enumerate(each)
    ]
    files, sums = [], {}

    def add(role: str, name: str, lines: list[str]) -> None:
        encoded = [line.encode("utf-8", "surrogatepass") for line in lines]
        data, frames = packed(encoded)
        name += ".jsonl.zst" if frames else ".jsonl"
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
        condition = "m" if role == "recordings" else ""
        record = FileRecord(role, name, sha256(data).hexdigest(), len(data), len(lines), condition, frames)
        files.append(asdict(record))
        sums[name] = [crc32(line) for line in encoded]

    add("requests", "requests.1", requests)
    add("recordings", "recordings/m.1", recordings)
    index = indexes.Index(
        [one.key for one in each], ["m"] * len(each), [indexes.file_index(files[-1]["name"], rows)], sums
    )
    add("index", "index.1", indexes.to_lines(index))
    manifest = {"format": 1, "experiment": "old", "facts": {}, "software": {}, "recorded": {}, "files": files}
    counts = {"recordings": len(each)}
    (directory / "manifest.json").write_text(json.dumps({**manifest, "counts": counts}))


def test_format_1(tmp_path: Path, big: tuple[Interaction, ...], make: Callable[..., Interaction]) -> None:
    """Read, verified, added to and sealed: the same recordings, in today's form, nothing of the old left."""
    directory = tmp_path / "c"
    format_1(directory, big)
    assert [] == verify(directory)
    old = Cassette(directory)
    wanted = {one.key: one for one in big}
    assert wanted == {entry.address.key: old.get(entry.address) for entry in old.all_entries()}
    with Journal(directory) as journal:
        journal.append(make("new"))
    seal(directory)
    assert FORMAT == json.loads((directory / "manifest.json").read_text())["format"]
    assert [] == verify(directory)
    new = Cassette(directory)
    wanted[make("new").key] = make("new")
    assert wanted == {entry.address.key: new.get(entry.address) for entry in new.all_entries()}
    for entry in new.all_entries():
        assert read_interaction(wanted[entry.address.key]) == new.completion(entry.address)
    (record,) = new.manifest.role("recordings") if new.manifest else ()
    assert record.is_columns
    assert [record.name] == [f"recordings/{path.name}" for path in (directory / "recordings").iterdir()]
