"""Packs from strangers: whatever is wrong with one, a single line says so and nothing is written."""

import hashlib
import io
import os
import random
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
import zstandard

from llmxray.errors import PackError
from llmxray.packs import unpack
from tests.packs.zips import Members, members_of, rezipped


def refused(pack: Path, folder: Path, match: str) -> None:
    """The pack is refused with that message in one line, and nothing is left behind."""
    with pytest.raises(PackError, match=match) as caught:
        unpack(pack, folder)
    assert "\n" not in str(caught.value)
    assert not folder.exists()


def test_a_pack_unpacks_to_the_files_that_its_manifest_lists(pack, tmp_path):
    """Every member is there with its bytes, and nothing else."""
    manifest = unpack(pack, tmp_path / "out")
    files = {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*.*")}
    for record in manifest.files:
        assert hashlib.sha256(files.pop(record.name).read_bytes()).hexdigest() == record.sha256
    assert list(files) == ["pack.json"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/evil",
        "cassettes\\tiny\\..\\evil",
        "experiments/con.yaml",
        "cassettes/tiny/a/b/c.jsonl",
    ],
)
def test_a_name_that_no_pack_has_is_refused(pack, tmp_path, name):
    """Traversal, absolute paths, drive letters, hidden and reserved names."""
    evil = rezipped(tmp_path / "evil.zip", {**members_of(pack), name: b"x"}, relist=True)
    refused(evil, tmp_path / "out", "is no name that a pack has")


def test_a_symbolic_link_is_refused(pack, tmp_path):
    """A link could point anywhere, and the next file be written through it."""
    target = tmp_path / "evil.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for name, raw in members_of(pack).items():
            archive.writestr(name, raw)
        link = zipfile.ZipInfo("cassettes/tiny/link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused(target, tmp_path / "out", "not a plain file")


@pytest.mark.parametrize("twin", ["results.csv", "experiments/TINY.yaml"])
def test_a_name_that_is_there_twice_is_refused(pack, tmp_path, twin):
    """Two members of one name, or of names that are one on some file systems."""
    target = tmp_path / "evil.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")
        for name, raw in members_of(pack).items():
            archive.writestr(name, raw)
        archive.writestr(twin, b"another")
    refused(target, tmp_path / "out", "is there twice")


def test_too_many_files_are_refused(pack, tmp_path):
    """Counted before anything is read."""
    many = {f"cassettes/tiny/recordings/{number}.jsonl": b"" for number in range(2_001)}
    evil = rezipped(tmp_path / "evil.zip", {**members_of(pack), **many}, relist=True)
    refused(evil, tmp_path / "out", r"more than a pack may have \(2000\)")


def test_a_decompression_bomb_is_refused_before_it_grows(pack, tmp_path):
    """A zip member that says it is huge, and one whose header lies about its size."""
    huge = {**members_of(pack), "cassettes/tiny/big.jsonl": b"\0" * 30_000_000}
    evil = rezipped(tmp_path / "evil.zip", huge, relist=True, method=zipfile.ZIP_DEFLATED)
    assert evil.stat().st_size < 1_000_000
    refused(evil, tmp_path / "out", "unpacks to")
    lying = evil.read_bytes().replace((30_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    (tmp_path / "lying.zip").write_bytes(lying)
    refused(tmp_path / "lying.zip", tmp_path / "out", "cannot be read|not what the manifest says")


def test_a_zstd_bomb_inside_a_cassette_is_refused(pack, tmp_path):
    """Ten kilobytes that decompress to a hundred megabytes."""
    raw = io.BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as writer:
        for _ in range(100):
            writer.write(b"\0" * 1_000_000)
    evil = rezipped(
        tmp_path / "evil.zip",
        {**members_of(pack), "cassettes/tiny/recordings/bomb.jsonl.zst": raw.getvalue()},
        relist=True,
    )
    refused(evil, tmp_path / "out", "grows to more than")


def test_a_changed_member_is_named(pack, tmp_path):
    """One byte of one file."""
    members = members_of(pack)
    changed = bytearray(members["results.csv"])
    changed[len(changed) // 2] ^= 1
    refused(
        rezipped(tmp_path / "evil.zip", {**members, "results.csv": bytes(changed)}),
        tmp_path / "out",
        "'results.csv' is not what the manifest says",
    )


def test_a_member_that_is_not_listed_or_not_there_is_named(pack, tmp_path):
    """Both directions."""
    members = members_of(pack)
    more = rezipped(tmp_path / "more.zip", {**members, "cassettes/tiny/more.jsonl": b""})
    refused(more, tmp_path / "out", "does not list it")
    fewer = {name: raw for name, raw in members.items() if name != "results.csv"}
    refused(rezipped(tmp_path / "fewer.zip", fewer), tmp_path / "out", "not in the zip")


def _no_zip(path: Path, _: Members) -> None:
    path.write_bytes(b"not a zip at all")


def _no_manifest(path: Path, members: Members) -> None:
    rezipped(path, {name: raw for name, raw in members.items() if name != "pack.json"})


def _newer(path: Path, members: Members) -> None:
    rezipped(path, {**members, "pack.json": members["pack.json"].replace(b'"format": 1', b'"format": 99')})


def _damaged(path: Path, members: Members) -> None:
    rezipped(path, members)
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2', 1))


def _bloated(path: Path, members: Members) -> None:
    spaces = b" " * (17 << 20)
    rezipped(path, {**members, "pack.json": spaces + members["pack.json"]}, method=zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (_no_zip, "not a zip file"),
        (_no_manifest, "this zip is not a pack"),
        (_newer, "pack format 99"),
        (_damaged, "'pack.json' cannot be read"),
        (_bloated, "larger than one may be"),
    ],
)
def test_what_is_no_pack_is_said_to_be_none(pack, tmp_path, make, match):
    """Another file, half a download, a zip of something else, a pack of the future."""
    make(tmp_path / "no.zip", members_of(pack))
    refused(tmp_path / "no.zip", tmp_path / "out", match)


def test_a_folder_with_files_in_it_is_left_alone(pack, tmp_path):
    """Unpacking never mixes with what is there."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(PackError, match="not empty"):
        unpack(pack, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_a_zip_may_grow_to_depends_on_its_size(pack, tmp_path):
    """Nine megabytes of zeros in a zip of a few kilobytes, far below what any pack may have."""
    members = {**members_of(pack), "results.csv": b"\0" * (9 << 20)}
    evil = rezipped(tmp_path / "evil.zip", members, relist=True, method=zipfile.ZIP_DEFLATED)
    refused(evil, tmp_path / "out", r"unpacks to [\d,]+ bytes, more than a pack of its size may have")


def test_ways_of_compression_that_no_pack_uses_are_refused(pack, tmp_path):
    """Each has errors, and an appetite, of its own."""
    evil = rezipped(tmp_path / "evil.zip", members_of(pack), method=zipfile.ZIP_LZMA)
    refused(evil, tmp_path / "out", "compressed in a way that no pack is")


def test_a_zip_damaged_at_random_is_one_line(pack, tmp_path):
    """Its tables of contents above all: 400 changes, each refused in one line or of no consequence."""
    rng, members = random.Random(8), members_of(pack)
    kept = {
        name: raw
        for name, raw in members.items()
        if name in ("pack.json", "README.txt", "experiments/tiny.yaml")
    }
    whole = rezipped(tmp_path / "whole.zip", kept, relist=True, method=zipfile.ZIP_DEFLATED).read_bytes()
    table = whole.rindex(b"PK\x01\x02")
    for number in range(400):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(table - 200, len(data)) if rng.random() < 0.7 else rng.randrange(len(data))
            data[at] = rng.choice([0, 1, 0xFF, data[at] ^ (1 << rng.randrange(8))])
        evil, out = tmp_path / "evil.zip", tmp_path / f"out{number}"
        evil.write_bytes(data)
        try:
            unpack(evil, out)
        except PackError as error:
            assert "\n" not in str(error)  # noqa: PT017  either opened or one line
            assert not out.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with names")
def test_a_pipe_is_no_pack(tmp_path):
    """It would be waited for without end."""
    os.mkfifo(tmp_path / "tiny.xray.zip")
    refused(tmp_path / "tiny.xray.zip", tmp_path / "out", "cannot be read: is no plain file")
