"""Verify names the file and the line of every kind of tampering; scan finds planted keys."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard
from recordings import interaction, planned, replace_file, rewrite_manifest, stream

from llmxray.cassette import Cassette, Frozen, Journal, bounds, codec, freeze, scan, seal, staging, verify
from llmxray.cassette.columnar import BlockWriter, block_reader, block_writer
from llmxray.cassette.columnar.tokens import Tokens, TokenWriter
from llmxray.cassette.files import SealedFile
from llmxray.cassette.manifest import FileRecord
from llmxray.cassette.sealed import LinesFile
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.errors import CassetteCorruptError, CassetteVersionError
from llmxray.types import Chunk, Completion, EndCause, Interaction
from llmxray.wire import TextEntry, read_interaction
from llmxray.wire.entries import ENTRY, NUMBER
from llmxray.wire.split_streams import is_plain_symbol

Make = Callable[..., Interaction]
Sealed = Callable[..., Path]


def recordings(directory: Path) -> list[Path]:
    """The recordings files."""
    return sorted((directory / "recordings").iterdir())


def only_fault(directory: Path) -> str:
    """The one thing that verify says."""
    (fault,) = verify(directory)
    return fault


def test_whole(sealed: Sealed) -> None:
    """Nothing to say about a cassette as it was written."""
    assert [] == verify(sealed())


def test_edited_logprob(sealed: Sealed) -> None:
    """One digit of one logprob in the third line of a file."""
    path = recordings(sealed())[0]
    lines = path.read_bytes().split(b"\n")
    changed = lines[2].replace(b"-0.25", b"-0.35", 1)
    assert changed != lines[2]
    path.write_bytes(b"\n".join([*lines[:2], changed, *lines[3:]]))
    assert f"{path}:3: this line is not as written" in only_fault(path.parents[1])


def test_edited_logprob_with_the_hash_of_a_small_file_mended(sealed: Sealed) -> None:
    """Also in a file of lines: its hash computed again, the index still names the recording."""
    path = recordings(sealed())[0]
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b"-0.25", b"-0.75", 1)
    path.write_bytes(b"\n".join(lines))
    replace_file(path.parents[1], f"recordings/{path.name}", path.read_bytes())
    assert f"{path}:3: this recording does not have the checksum" in only_fault(path.parents[1])


@pytest.fixture
def columns(big_sealed: Path, tmp_path: Path) -> Path:
    """The recordings file of a cassette of columns."""
    return recordings(shutil.copytree(big_sealed, tmp_path / "c"))[0]


@pytest.fixture(scope="module")
def with_edited_logprob(
    big: tuple[Interaction, ...], big_sealed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Another one, in which one logprob of the 42nd recording was changed before it was sealed."""
    order = [entry.address.key for entry in Cassette(big_sealed).all_entries()]
    chosen = next(each for each in big if each.key == order[41])
    chunks = tuple(Chunk(each.t_s, each.raw.replace(b"-0.25", b"-0.35", 1)) for each in chosen.chunks)
    changed = replace(chosen, chunks=chunks)
    assert changed != chosen
    other = tmp_path_factory.mktemp("edited") / "c"
    with Journal(other) as journal:
        for each in big:
            journal.append(changed if each is chosen else each)
    seal(other)
    return other


def take_over(other: Path, path: Path, mended: bool) -> None:
    """Put the recordings of another cassette of columns in the place of these."""
    path.write_bytes(recordings(other)[0].read_bytes())
    forged = json.loads((other / "manifest.json").read_text())

    def adopt(manifest: dict[str, list[dict[str, object]]]) -> None:
        for record, wanted in zip(manifest["files"], forged["files"], strict=True):
            if record["role"] == "recordings":
                record["frames"] = wanted["frames"]
                record["bytes"] = wanted["bytes"]
                record["sha256"] = wanted["sha256"] if mended else record["sha256"]

    rewrite_manifest(path.parents[1], adopt)


def test_edited_logprob_in_columns(columns: Path, with_edited_logprob: Path) -> None:
    """Columns written again with one logprob changed: the recording is named."""
    take_over(with_edited_logprob, columns, mended=False)
    assert f"{columns}:42: this line is not as written" in only_fault(columns.parents[1])


def test_edited_logprob_with_hashes_mended(columns: Path, with_edited_logprob: Path) -> None:
    """Even with the hash of the file computed again, the checksum in the index names the recording."""
    take_over(with_edited_logprob, columns, mended=True)
    assert f"{columns}:42: this recording does not have the checksum" in only_fault(columns.parents[1])


@pytest.mark.parametrize("at", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_flipped_byte_in_columns(columns: Path, big: tuple[Interaction, ...], at: float) -> None:
    """A damaged block is named by its first line; reading from it is an error, never other bytes."""
    path = columns
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 255
    path.write_bytes(data)
    assert f"{path}:" in only_fault(path.parents[1])
    cassette = Cassette(path.parents[1])
    whole = {each.key: each for each in big}
    with pytest.raises(CassetteCorruptError, match=path.name):
        for entry in cassette.all_entries():
            assert cassette.get(entry.address) == whole[entry.address.key]


def test_swapped_files(sealed: Sealed) -> None:
    """Two files that changed their names."""
    first, second = recordings(sealed())
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    faults = verify(first.parents[1])
    assert [f"{first}:1", f"{second}:1"] == sorted(fault.partition(": ")[0] for fault in faults)


def test_deleted_suffix(sealed: Sealed) -> None:
    """The last two lines are gone; reading one of them is an error that names the file."""
    path = recordings(sealed())[0]
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:-3]) + b"\n")
    assert f"{path}:5: 6 lines were written, 4 are here" in only_fault(path.parents[1])
    cassette = Cassette(path.parents[1])
    entry = next(each for each in cassette.all_entries() if each.file.endswith(path.name) and each.line == 5)
    with pytest.raises(CassetteCorruptError, match=rf"{path.name}: is not what was written"):
        cassette.get(entry.address)


@pytest.mark.parametrize("role", ["recordings", "requests"])
def test_renamed_key(sealed: Sealed, role: str) -> None:
    """A request key that was changed."""
    directory = sealed()
    path = recordings(directory)[0] if role == "recordings" else next(directory.glob("requests.*"))
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"key":"v1:', b'"key":"v1:0', 1)
    path.write_bytes(b"\n".join(lines))
    assert f"{path}:2: " in only_fault(directory)


def test_renamed_key_with_hashes_mended(sealed: Sealed) -> None:
    """Even with every hash computed again, a body that does not have its key is found."""
    directory = sealed()
    path = next(directory.glob("requests.*"))
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"content":"q', b'"content":"Q', 1)
    path.write_bytes(b"\n".join(lines))
    replace_file(directory, "requests", path.read_bytes())
    assert f"{path}:2: this request does not have the key" in only_fault(directory)


def test_duplicate_json_key(sealed: Sealed) -> None:
    """A key given twice, in a line and in the manifest."""
    directory = sealed()
    path = recordings(directory)[0]
    lines = path.read_bytes().split(b"\n")
    lines[0] = lines[0].replace(b'{"key"', b'{"status":200,"key"', 1)
    path.write_bytes(b"\n".join(lines))
    assert f"{path}:1: this line is not as written (the key 'status' stands twice)" in only_fault(directory)
    manifest = directory / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 2, "format": 2'))
    assert "manifest.json" in only_fault(directory)
    assert "'format' stands twice" in only_fault(directory)


def test_newer_format(sealed: Sealed) -> None:
    """A newer format is refused by name, by verify and by opening."""
    directory = sealed()
    path = directory / "manifest.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 3'))
    assert f"{path}: cassette format 3 is newer" in only_fault(directory)
    with pytest.raises(CassetteVersionError, match="format 3"):
        Cassette(directory)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": 1}', '{"format": "1"}', '{"format": 1, "files": [3]}']
)
def test_manifests_that_are_none(sealed: Sealed, text: str) -> None:
    """Corrupt is an error that names the file, never emptiness."""
    directory = sealed()
    (directory / "manifest.json").write_text(text)
    assert "manifest.json" in only_fault(directory)
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json"):
        Cassette(directory)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "recordings/../../x", "C:\\x", "", ".hidden"])
def test_files_outside_of_the_cassette(sealed: Sealed, name: str) -> None:
    """A manifest that names one is refused, and the file is not read."""
    directory = sealed()
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][0]["name"] = name
    path.write_text(json.dumps(manifest))
    assert f"{path}: not a manifest ({name!r} is no name of a file" in only_fault(directory)


def test_missing_and_stray_files(sealed: Sealed) -> None:
    """A file that is gone, and one that nobody wrote."""
    directory = sealed()
    (directory / "notes.txt").write_text("hello")
    assert f"{directory / 'notes.txt'}: no manifest names this file" == only_fault(directory)
    path = recordings(directory)[0]
    path.unlink()
    assert f"{path}: named by the manifest" in only_fault(directory)


def test_broken_index(sealed: Sealed) -> None:
    """An index that cannot be decompressed or read is named."""
    directory = sealed()
    path = next(directory.glob("index.*"))
    path.write_bytes(path.read_bytes()[:-9])
    assert str(path) in only_fault(directory)
    with pytest.raises(CassetteCorruptError, match=path.name):
        Cassette(directory)


def test_unsealed_journal(tmp_path: Path, sealed: Sealed, make: Make) -> None:
    """A journal alone, and one beside a sealed cassette, are no fault."""
    with Journal(tmp_path / "j") as journal:
        journal.append(make())
    assert [] == verify(tmp_path / "j")
    directory = sealed()
    with Journal(directory) as journal:
        journal.append(make("later"))
    assert [] == verify(directory)
    assert f"{tmp_path / 'manifest.json'}: there is none" == only_fault(tmp_path)


def test_recordings_without_a_manifest_are_no_empty_cassette(sealed: Sealed) -> None:
    """Recording into it would sweep them away."""
    directory = sealed()
    (directory / "manifest.json").unlink()
    for opened in (Cassette, Cassette.existing):
        with pytest.raises(CassetteCorruptError, match="is missing, though there are recordings"):
            opened(directory)
    assert "there is none" in only_fault(directory)


PLANTED = "sk-" + "abcDEF123456" * 3


@pytest.mark.parametrize("before", ["", "Bearer ", "\\n", '"', "key="])
def test_scan_finds_planted_keys(sealed: Sealed, before: str) -> None:
    """In plain files, at a known line, also after an escaped newline."""
    directory = sealed()
    assert [] == scan(directory)
    path = recordings(directory)[0]
    lines = path.read_bytes().split(b"\n")
    lines[2] += (before + PLANTED).encode()
    path.write_bytes(b"\n".join(lines))
    assert [f"{path}:3: something shaped like an API key"] == scan(directory)


@pytest.mark.parametrize(
    ("start", "length"),
    [
        ("sk-ant-api03-", 80),
        ("gsk_", 52),
        ("hf_", 34),
        ("AIza", 35),
        ("xai-", 80),
        ("nvapi-", 64),
        ("pplx-", 48),
        ("csk-", 48),
        ("r8_", 37),
        ("fw_", 24),
        ("tgp_v1_", 43),
        ("AKIA", 16),
        ("ghp_", 36),
        ("gho_", 36),
        ("github_pat_", 82),
    ],
)
def test_scan_knows_the_keys_of_services(tmp_path: Path, start: str, length: int) -> None:
    """Each in the shape that its service hands out; a shorter word that begins so is none."""
    letters = ("abc123" if start == "csk-" else "ABC123") * 20
    path = tmp_path / "note.txt"
    for count, found in ((length, 1), (8, 0)):
        path.write_text(f"see\n{start}{letters[:count]} here\n")
        assert [f"{path}:2: something shaped like an API key"] * found == scan(tmp_path)


def test_scan_reads_compressed_and_encoded_bodies(
    tmp_path: Path, make: Make, big: tuple[Interaction, ...]
) -> None:
    """In zstd files, in bodies kept as base64, in names of files."""
    with Journal(tmp_path / "c") as journal:
        for each in [*big, make("echo", body=b"\xff" + PLANTED.encode())]:
            journal.append(each)
    seal(tmp_path / "c")
    (found,) = scan(tmp_path / "c")
    assert ".columns:" in found
    os.rename(tmp_path / "c" / "manifest.json", tmp_path / "c" / f"{PLANTED}.json")
    assert 2 == len(scan(tmp_path / "c"))
    (tmp_path / "c" / "x.zst").write_bytes(zstandard.ZstdCompressor().compress(b"x" * 999)[:-5] + b"12345")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_are_none(tmp_path: Path, number: str) -> None:
    """In a plan whose hash fits: whole, it was said, and `merge` and `drop` ended in a traceback."""
    planned(tmp_path, [interaction()])
    (plan,) = tmp_path.glob("plan*.jsonl")
    first, *rest = plan.read_text().splitlines()
    replace_file(tmp_path, plan.name, "\n".join([first[:-1] + ',"note":' + number + "}", *rest, ""]).encode())
    assert f"{plan.name}:1: cannot be read: {number} is no number of JSON" in only_fault(tmp_path)
    with pytest.raises(CassetteCorruptError, match=f"{number} is no number"):
        Cassette(tmp_path).frozen()


@pytest.mark.parametrize("times_s", [(-1.0, 0.5), (0.5, 0.25), (0.25, 1e9), (4e12, 0.0)])
@pytest.mark.parametrize("form", ["lines", "columns"])
def test_times_that_no_clock_has(
    sealed: Sealed,
    big: tuple[Interaction, ...],
    monkeypatch: pytest.MonkeyPatch,
    times_s: tuple[float, float],
    form: str,
) -> None:
    """Before the request, backwards, or after years: whoever reads such a chunk refuses it, and `verify` names it."""

    def strange(each: Interaction) -> Interaction:
        pieces = zip(times_s, each.chunks, strict=True)
        return replace(each, chunks=tuple(Chunk(t_s, chunk.raw) for t_s, chunk in pieces))

    with monkeypatch.context() as lax:
        lax.setattr(codec, "_check_times", lambda *_: None)
        lax.setattr(block_reader, "_check_times", lambda *_: None)
        directory = sealed(
            *([strange(big[0]), *big[1:20]] if form == "columns" else [strange(interaction())])
        )
    assert (".columns" if form == "columns" else ".jsonl") in recordings(directory)[0].name
    assert re.search(
        r"recordings/\S+(:1)?: .*a chunk that came (before the one before|after more)", only_fault(directory)
    )
    cassette = Cassette.existing(directory)
    (entry,) = cassette.entries((big[0] if form == "columns" else interaction()).key)
    for read in (cassette.get, cassette.completion):
        with pytest.raises(CassetteCorruptError, match="a chunk that came"):
            read(entry.address)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("complete", 0, "the index says that it is no whole answer, and it is one"),
        ("status", 404, "the index says that its status is 404, it is 200"),
        ("status", None, "the index says that its status is None, it is 200"),
    ],
)
def test_an_index_that_says_something_else_than_the_recordings(
    sealed: Sealed, column: str, value: int | None, says: str
) -> None:
    """With every hash made to fit: results would lose the answer."""
    directory = sealed()
    path = next(directory.glob("index.*.jsonl"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    changed = next(line for line in lines if column in line)
    changed[column][0] = value
    replace_file(directory, "index", "".join(json.dumps(line) + "\n" for line in lines).encode())
    assert only_fault(directory).endswith(f":1: {says}")


@pytest.mark.parametrize(
    "changes", [{"end": EndCause.RESET}, {"status": 500}, {"body": stream("hello")[:-60]}]
)
@pytest.mark.parametrize("large", [False, True])
def test_an_index_that_makes_an_answer_of_what_is_none(
    sealed: Sealed, big: tuple[Interaction, ...], changes: dict[str, object], large: bool
) -> None:
    """Whatever the index says, in lines or in columns: the recording says that it was cut, or failed."""
    broken = interaction("broken", **{"body": stream("hello"), **changes})
    directory = sealed(*(big if large else []), broken)
    cassette = Cassette(directory)
    entry = next(each for each in cassette.all_entries() if each.address.key == broken.key)
    assert not entry.complete
    assert not (cassette.is_ended(entry.address) and cassette.completion(entry.address).whole)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda found: found["counts"].update(complete=1), "counts 1 complete, 8 are here"),
        (lambda found: found["counts"].update(trials=77), "counts 77 trials, "),
        (lambda found: found["counts"].update(requests=5), "counts 5 requests, "),
        (
            lambda found: found["recorded"].update(first="2020-01-01T00:00:00.000Z"),
            "the first recording is said to be of 2020-01-01T00:00:00.000Z, it is of 2026-01-01T00:00:00.000Z",
        ),
        (
            lambda found: [each.update(condition="zz") for each in found["files"] if "condition" in each],
            "says that it holds 'zz', the index '",
        ),
        (lambda found: found.update(experiment="zz"), "names the experiment 'zz', its plan 'e'"),
    ],
)
def test_a_manifest_that_says_something_else_than_its_files(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    """With a hash that was made to fit."""
    frozen = Frozen(plan=({"experiment": "e"}, {"trial": 0}), items=(), requests=())
    freeze(tmp_path, "e", frozen, software={})
    with Journal(tmp_path) as journal:
        for number in range(8):
            journal.append(interaction(f"q{number}"))
    seal(tmp_path)
    assert [] == verify(tmp_path)

    def rewrite(found: dict[str, Any]) -> None:
        change(found)

    rewrite_manifest(tmp_path, rewrite)
    assert fault in only_fault(tmp_path)


@pytest.mark.parametrize("by", [-1, 1])
def test_frames_one_line_off_are_refused(
    sealed: Sealed, big: tuple[Interaction, ...], monkeypatch: pytest.MonkeyPatch, by: int
) -> None:
    """With a hash that was made to fit: each answer would be read as that of another question."""
    monkeypatch.setattr(staging, "BLOCK_LINES", 25)
    directory, shifted = sealed(*big), list[str]()
    assert [] == verify(directory)

    def shift(found: dict[str, Any]) -> None:
        for record in found["files"]:
            if record["role"] == "recordings" and len(record.get("frames", [])) > 2:
                record["frames"][1][1] += by
                shifted.append(record["name"])

    rewrite_manifest(directory, shift)
    assert shifted
    cassette = Cassette(directory)
    with pytest.raises(
        CassetteCorruptError, match=r"and the manifest says|there is no such line|no such block"
    ):
        for entry in cassette.all_entries():
            cassette.completion(entry.address)
    assert verify(directory)


def test_frames_of_lines_one_line_off_are_refused(tmp_path: Path) -> None:
    """Also where a place would count from the end."""
    text = b"".join(b'{"n":%d}\n' % n for n in range(6))
    halves = [zstandard.compress(text[:24]), zstandard.compress(text[24:])]
    (tmp_path / "f.jsonl.zst").write_bytes(b"".join(halves))

    def lines(*firsts: int) -> LinesFile:
        frames = tuple(zip((0, len(halves[0])), firsts, strict=True))
        data = b"".join(halves)
        record = FileRecord("plan", "f.jsonl.zst", sha256(data).hexdigest(), len(data), 6, "", frames)
        return LinesFile(SealedFile(tmp_path, record))

    assert [*range(6)] == [lines(0, 3).line(n)["n"] for n in range(6)]
    for firsts, number in (((0, 2), 1), ((0, 2), 2), ((0, 4), 4), ((1, 3), 0), ((1, 4), 0)):
        with pytest.raises(CassetteCorruptError, match=r"the manifest says|there is no such line"):
            lines(*firsts).line(number)


def test_a_frame_within_what_another_skips_is_not_read(tmp_path: Path) -> None:
    """Read from the start of the file nobody sees it; read from where a manifest says, it would be other lines."""
    texts = [b'{"n":0}\n', b'{"n":7}\n{"n":8}\n', b'{"n":1}\n{"n":2}\n']
    first, hidden, last = map(zstandard.compress, texts)
    data = first + b"\x50\x2a\x4d\x18" + len(hidden).to_bytes(4, "little") + hidden + last
    (tmp_path / "f.jsonl.zst").write_bytes(data)
    frames = ((0, 0), (len(first) + 8, 1))
    record = FileRecord("plan", "f.jsonl.zst", sha256(data).hexdigest(), len(data), 3, "", frames)
    assert texts[0] + texts[2] == bounds.unzstd_all(data)
    with pytest.raises(CassetteCorruptError, match="holds 4 lines, and the manifest says 2"):
        LinesFile(SealedFile(tmp_path, record)).line(1)


def test_requests_in_flight_are_those_of_the_head(
    sealed: Sealed, big: tuple[Interaction, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a name that stands twice, spelled otherwise, JSON has the last."""
    text = codec.dumps
    monkeypatch.setattr(
        codec,
        "dumps",
        lambda value: (
            text(value).replace('"in_flight":', '"in_flight":41,"in_\\u0066light":')
            if isinstance(value, dict)
            else text(value)
        ),
    )
    cassette = Cassette(sealed(*big))
    monkeypatch.undo()
    for entry in cassette.all_entries():
        assert cassette.concurrency(entry.address) == cassette.get(entry.address).concurrency


def test_a_chunk_has_no_fewer_events_than_none(
    sealed: Sealed, big: tuple[Interaction, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One below zero would give an event to two chunks, so that a replay sends more than is read."""
    add = block_writer._add_chunks

    def one_twice(columns: Any, *rest: Any) -> None:
        add(columns, *rest)
        columns.spans[-2:] = [sum(columns.spans[-2:]) + 1, -1]

    monkeypatch.setattr(block_writer, "_add_chunks", one_twice)
    monkeypatch.setattr(BlockWriter, "_not_exact", lambda *_: set())
    monkeypatch.setattr(BlockWriter, "_not_told", lambda *_: (set(), 0))
    cassette = Cassette(sealed(*big))
    with pytest.raises(CassetteCorruptError, match="its chunks do not fit together"):
        cassette.get(next(iter(cassette.all_entries())).address)


@pytest.mark.parametrize(("listed", "plain"), [("[]", True), ("null", True), ("0", False), ("[1]", False)])
def test_alternatives_in_a_symbol_are_none(listed: str, plain: bool) -> None:
    """Those of its entry stand behind it: a reader of the bytes says that the name stands twice."""
    assert plain is is_plain_symbol(f'{{"token":"x","top_logprobs":{listed},"logprob":', "")


OPEN = 'data: {"choices":[{"index":0,"delta":{"content":"Paris"},"logprobs":{"content":['
CLOSE = ']},"finish_reason":"stop"}]}'
LONDON = 'data: {"choices":[{"index":0,"delta":{"content":"London"}}]}'
TOKEN = '{"token":"x","logprob":' + NUMBER
FORGED: dict[str, tuple[list[str], str]] = {
    "in the place of a delta": (
        [
            'data: {"choices":[{"index":0,"message":{"content":"Paris"},"delta":'
            + ENTRY
            + ',"logprobs":{"content":[1]},"finish_reason":"stop"}]}'
        ],
        '{"token":"x","content":"London","logprob":' + NUMBER,
    ),
    "with a digit before it": ([OPEN + "3" + ENTRY + CLOSE], TOKEN),
    "with a fraction behind it": ([OPEN + ENTRY + ".0" + CLOSE], TOKEN),
    "over two lines": ([OPEN + ENTRY + CLOSE], '{"token":"x",\n"logprob":' + NUMBER),
    "with an event in it": ([OPEN + ENTRY + CLOSE], '{"token":"x",\n\n' + LONDON + '\n\n"logprob":' + NUMBER),
    "with a digit behind its number": ([OPEN + ENTRY + CLOSE], TOKEN + "0"),
    "with an exponent behind its number": ([OPEN + ENTRY + CLOSE], TOKEN + "e0"),
    "with alternatives of its own": (
        [OPEN + ENTRY + CLOSE],
        '{"token":"x","top_logprobs":[{"token":"z","logprob":-1}],"logprob":' + NUMBER,
    ),
    "nested too deeply": (
        [OPEN + ENTRY + CLOSE[:-1] + ',"x":' + "[" * 250 + "]" * 250 + "}"],
        TOKEN,
    ),
    "in a list of one": (["data: [" + OPEN[6:] + ENTRY + CLOSE + "]"], TOKEN),
    "behind the last blank line": ([OPEN + ENTRY + CLOSE, "x\n\n" + LONDON + "\n\n"], TOKEN),
    "as a body": ([OPEN[6:] + ENTRY + CLOSE], TOKEN),
    # Of a key that stands twice a reader keeps the place of the first and the value of the last.
    "in a list whose name stands twice": (
        [OPEN.replace('"content":[', f'"content":null,"refusal":[{ENTRY}],"content":[') + ENTRY + CLOSE],
        TOKEN,
    ),
    "in an object whose name stands twice": (
        [
            OPEN.replace(
                '"logprobs"', f'"logprobs":null,"reasoning_logprobs":{{"content":[{ENTRY}]}},"logprobs"'
            )
            + ENTRY
            + CLOSE
        ],
        TOKEN,
    ),
}


@pytest.mark.parametrize("form", FORGED)
def test_columns_never_tell_another_reply_than_the_bytes(
    sealed: Sealed, big: tuple[Interaction, ...], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Replayed it would be one answer, in results another: where that may be, the bytes are read."""
    skeletons, symbol = FORGED[form]
    # Short of an end: some of them are whole bodies, others have one of their own.
    is_cut = len(skeletons) > 1 or not skeletons[0].startswith("data")
    pieces = skeletons if is_cut else [*skeletons, "data: [DONE]", ""]
    texts = list(pieces)
    for number in ("-0.5", "-1.5"):
        texts = [each.replace(ENTRY, symbol.replace(NUMBER, number) + "}", 1) for each in texts]
    forged = interaction("forged", body="\n\n".join(texts).encode())
    split = block_writer._split

    def splits(text: str) -> Iterator[object]:
        if text.encode() != forged.body:
            yield from split(text)
            return
        for each in pieces:
            entries = [TextEntry(symbol, number, None) for number in ("-0.5", "-1.5")][: each.count(ENTRY)]
            yield block_writer._Event(each, (), 0, entries)

    monkeypatch.setattr(block_writer, "_split", splits)
    monkeypatch.setattr(BlockWriter, "_not_told", lambda *_: (set(), 0))
    cassette = Cassette(sealed(*big, forged))
    entry = next(each for each in cassette.all_entries() if each.address.key == forged.key)
    assert cassette.body(entry.address) == forged.body
    assert cassette.completion(entry.address) == read_interaction(cassette.get(entry.address))
    assert [] == verify(cassette.directory)


def test_columns_that_tell_another_reply_are_named(big_sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a reader of columns ever be deceived, whoever verifies is told."""
    tells = block_reader.Block.completion

    def deceived(block: block_reader.Block, place: int) -> Completion | None:
        told = tells(block, place)
        return replace(told, text="another") if told and place == 7 else told

    monkeypatch.setattr(block_reader.Block, "completion", deceived)
    (fault,) = verify(big_sealed)
    assert fault.endswith(".columns:8: its columns tell another reply than its bytes")
    monkeypatch.setattr(block_reader.Block, "completion", tells)
    monkeypatch.setattr(block_reader.Block, "concurrency", lambda block, place: 1 + (place == 7))
    (fault,) = verify(big_sealed)
    assert fault.endswith(".columns:8: its columns tell another number of requests in flight than its head")


@pytest.mark.parametrize("number", ["1_0", "nan", "inf", " -1", "+1", "01", "1.", ".5", "9" * 1_001])
def test_numbers_that_are_none_in_json(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """Python would read them, and the event that holds them is no JSON."""
    out = SectionWriter()
    written = TokenWriter({})
    written.add(TextEntry(TOKEN, "-0.12345678901234567", None))
    written.write(out)
    plain = out.finish({})
    assert Tokens(SectionReader(plain)).are_plain
    texts = SectionWriter.texts
    monkeypatch.setattr(
        SectionWriter, "texts", lambda out, name, each: texts(out, name, [number for _ in each])
    )
    out = SectionWriter()
    written.write(out)
    assert not Tokens(SectionReader(out.finish({}))).are_plain
