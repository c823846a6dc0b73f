"""What is said to be in a file, and takes no room on the disk, allows nothing and costs nothing."""

from __future__ import annotations

import hashlib
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import everything, interaction, planned, rewrite_manifest, stream

from llmxray import plain
from llmxray.cassette import Cassette, Frozen, Journal, RequestRecord, bounds, export, freeze, seal, verify
from llmxray.cassette.bounds import Limit
from llmxray.cassette.files import SealedFile
from llmxray.cassette.key_scan import scan
from llmxray.cassette.reading_limits import ReadingLimits
from llmxray.errors import CassetteCorruptError, CassetteError

MIB = 1 << 20
# A test that fails takes a tenth of a gigabyte, not five of them.
HOLE = 100 * MIB
TOGETHER = "all recordings of so small a cassette"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell where holes are")


def stretched(path: Path, size: int = HOLE) -> Path:
    """A hole of so many bytes at the end of a file."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + size)
        if plain.stored_bytes(file) > size:
            pytest.skip("this file system has no holes")
    return path


def peak(read: Callable[[], object]) -> int:
    """The most bytes that reading takes."""
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(read: Callable[[Path], object], directory: Path, error: type[CassetteError]) -> None:
    """In one line that counts the holes, and little memory."""

    def attempt() -> None:
        with pytest.raises(error, match=r"has holes of \d+,\d{3},\d{3} bytes") as found:
            read(directory)
        assert "\n" not in str(found.value)

    assert peak(attempt) < 20 * MIB


def test_a_journal_with_a_large_hole_is_refused(tmp_path: Path) -> None:
    """By those who read it, verify it, scan it, and go on recording."""
    with Journal(tmp_path) as journal:
        journal.append(interaction())
    path = stretched(tmp_path / "journal.jsonl")
    size = path.stat().st_size
    for read in (Cassette, scan):
        refused(read, tmp_path, CassetteCorruptError)
    refused(Journal, tmp_path, CassetteError)
    assert path.stat().st_size == size
    (fault,) = verify(tmp_path)
    assert "journal.jsonl: cannot be read: has holes of" in fault


def test_a_journal_with_a_small_hole_at_its_end_is_cut(tmp_path: Path) -> None:
    """As a power cut may leave one."""
    with Journal(tmp_path) as journal:
        journal.append(interaction())
    path = tmp_path / "journal.jsonl"
    size = path.stat().st_size
    stretched(path, MIB)
    assert len(Cassette(tmp_path)) == 1
    assert [] == verify(tmp_path)
    with Journal(tmp_path) as journal:
        assert path.stat().st_size == size
        journal.append(interaction(sample=1))
    assert len(Cassette(tmp_path)) == 2


@pytest.mark.parametrize("role", ["plan", "items", "requests", "index", "recordings"])
def test_a_sealed_file_with_a_large_hole_is_refused(tmp_path: Path, role: str) -> None:
    """Even where every hash fits it; of sixty mebibytes a block could grow to gigabytes."""
    directory = planned(tmp_path / "c", [interaction()])
    digest = hashlib.sha256()

    def forge(manifest: dict[str, Any]) -> None:
        record = next(each for each in manifest["files"] if each["role"] == role)
        path = directory / record["name"]
        digest.update(path.read_bytes() + bytes(2 * MIB))
        stretched(path, 2 * MIB)
        record |= {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}

    rewrite_manifest(directory, forge)
    for read in (everything, scan):
        refused(read, directory, CassetteCorruptError)
    assert peak(lambda: verify(directory)) < 20 * MIB
    (fault,) = verify(directory)
    assert "has holes of" in fault


def test_padding_that_a_copy_left_out_still_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cp --sparse=always` makes a hole of it."""
    monkeypatch.setattr(bounds, "TOGETHER", Limit(0, 4))
    body = b'data: {"text": "no no no no no no no no no no no no no no no no"}\n\n' * 1_000
    directory = planned(tmp_path / "c", [interaction(f"q{n}", body=body) for n in range(9)])
    (path,) = (directory / "recordings").iterdir()
    data = path.read_bytes()
    start = -(-data.find(bytes(8192)) // 4096) * 4096
    end = start + len(data[start:]) - len(data[start:].lstrip(b"\0"))
    assert start > 0
    assert end - start > 100_000
    with path.open("wb") as file:
        file.write(data[:start])
        file.seek(end // 4096 * 4096)
        file.write(data[file.tell() :])
    with path.open("rb") as file:
        if plain.stored_bytes(file) == len(data):
            pytest.skip("this file system has no holes")
    assert path.read_bytes() == data
    assert [] == verify(directory)
    assert everything(directory)


def unpadded(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of recordings, which grow to a multiple of their size."""
    monkeypatch.setattr(bounds, "TOGETHER", Limit(0, 1 << 40))
    each = [interaction(f"q{n}", body=stream("no " * 100)) for n in range(4)]
    records = tuple(RequestRecord(one.key, "ab"[n % 2], one.request) for n, one in enumerate(each))
    freeze(directory, "e", Frozen(({"format": 2, "experiment": "e"},), (), records), software={})
    with Journal(directory) as journal:
        for one in each:
            journal.append(one)
    seal(directory, facts={})
    assert [".columns"] * 2 == [path.suffix for path in (directory / "recordings").iterdir()]
    return directory


def test_no_limit_goes_by_what_a_manifest_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of damaged files, of which no hash says that it is true."""
    directory = unpadded(tmp_path / "c", monkeypatch)
    monkeypatch.setattr(bounds, "TOGETHER", Limit(0, 1))
    monkeypatch.setattr(bounds, "WRITTEN", Limit(0, 1))
    allowed = sum(path.stat().st_size for path in directory.rglob("*.*") if path.suffix != ".json")

    def lie(manifest: dict[str, Any]) -> None:
        for record in manifest["files"]:
            record |= {"bytes": 10**15}
            if record["role"] == "recordings":
                record |= {"sha256": "0" * 64}

    rewrite_manifest(directory, lie)
    cassette = Cassette(directory, check=False)
    with pytest.raises(CassetteCorruptError, match=TOGETHER):
        for entry in cassette.all_entries():
            cassette.get(entry.address)
    with pytest.raises(CassetteCorruptError, match=TOGETHER):
        scan(directory)
    assert any(TOGETHER in fault for fault in verify(directory))
    assert export.room_to_write(directory).left <= allowed
    assert ReadingLimits(cassette)._characters.left <= bounds.TEXTS.most(allowed)
    assert all(
        SealedFile(directory, record).size_bytes == (directory / record.name).stat().st_size
        for record in cassette.manifest.files  # type: ignore[union-attr]
    )


def test_the_files_of_one_scan_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alone would pass."""
    directory = unpadded(tmp_path / "c", monkeypatch)
    cassette = Cassette(directory)
    grown = sum(bounds.weight(cassette.body(entry.address)) for entry in cassette.all_entries())
    monkeypatch.setattr(bounds, "TOGETHER", Limit(grown, 0))
    assert [] == scan(directory)
    monkeypatch.setattr(bounds, "TOGETHER", Limit(grown * 3 // 4, 0))
    with pytest.raises(CassetteCorruptError, match=TOGETHER):
        scan(directory)


def test_a_stray_file_lifts_no_limit_of_exports(tmp_path: Path) -> None:
    """Neither do its holes; a journal that is not sealed yet counts."""
    directory = planned(tmp_path / "c", [interaction()])
    before = export.room_to_write(directory).left
    (directory / "stray.bin").write_bytes(b"x" * 5_000)
    with (directory / "hole.bin").open("wb") as file:
        file.truncate(1 << 40)
    assert export.room_to_write(directory).left == before
    with Journal(directory) as journal:
        journal.append(interaction("another"))
    size = (directory / "journal.jsonl").stat().st_size
    assert export.room_to_write(directory).left == before + bounds.WRITTEN.ratio * size


def test_a_frame_that_a_manifest_makes_up_is_not_allocated(tmp_path: Path) -> None:
    """Reading so many bytes would take the memory for them first."""
    directory = planned(tmp_path / "c", [interaction()])

    def lie(manifest: dict[str, Any]) -> None:
        record = next(each for each in manifest["files"] if each["role"] == "requests")
        record |= {"frames": [[0, 0], [1 << 50, 1]], "bytes": 1 << 51}

    rewrite_manifest(directory, lie)
    record = Cassette(directory, check=False).manifest.role("requests")[0]  # type: ignore[union-attr]
    file = SealedFile(directory, record, check=False)
    assert file.part(0, 1 << 50) == (directory / record.name).read_bytes()
    assert file.part(1 << 50) == b""
    assert file.part(1 << 70, 1 << 71) == b""
