"""Verify names the file and the line of every kind of tampering; no byte of a file is used before it fits its hash."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import (
    everything,
    interaction,
    lines_of,
    planned,
    recorded,
    replace_lines,
    rewrite_manifest,
    stream,
)

from llmxray.cassette import Cassette, find_keys, seal, staging, verify
from llmxray.errors import CassetteCorruptError, CassetteVersionError

Sealed = Callable[..., Path]
ROLES = ["plan", "items", "requests", "index", "recordings"]


def only_fault(directory: Path) -> str:
    """The one thing that verify says."""
    (fault,) = verify(directory)
    return fault


def file_of(directory: Path, role: str) -> Path:
    """The first file with a role."""
    manifest = Cassette(directory, check=False).manifest
    return directory / manifest.role(role)[0].name


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One with a plan, of two frames of recordings; not to be changed."""
    each = [interaction(f"q{n} ", body=stream(f"answer {n} " * 3)) for n in range(40)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "FRAME_BYTES", 12 << 10)
        return planned(tmp_path_factory.mktemp("written") / "c", each)


@pytest.fixture
def cassette(written, tmp_path):
    """A copy of it."""
    return shutil.copytree(written, tmp_path / "c")


@pytest.mark.parametrize("role", ROLES)
def test_a_changed_byte(cassette, role):
    """Refused by whoever reads it; the line or the lines of the frame are named, beside a changed manifest too."""
    path = file_of(cassette, role)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CassetteCorruptError, match=rf"{path.name}: is not what was written"):
        everything(cassette)
    assert str(path) in only_fault(cassette)
    assert role == "index" or f"{path}:" in only_fault(cassette)
    manifest = cassette / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"first": "2026', '"first": "2025'))
    assert str(path) in verify(cassette)[1]


def test_an_edited_line_is_named(cassette):
    """One digit of one logprob, and the hash of the file computed again: by the checksum in the index."""
    path = file_of(cassette, "recordings")
    lines = lines_of(path)
    lines[30] = lines[30].replace(b"-0.25", b"-0.35", 1)
    replace_lines(cassette, path.name, lines)
    assert f"{path}:31: this line " in only_fault(cassette)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda line: line.update(reply="another"), "the reply beside it is another one"),
        (lambda line: line.update(request=1), "the index has another recording here"),
        (lambda line: line.update(sample=3), "the index has another recording here"),
        (lambda line: line.update(status=404), "the index says that its status is 200, it is 404"),
        (lambda line: line.update(end="reset"), "the index says that it is a whole answer, and it is none"),
    ],
)
def test_a_recording_that_says_something_else(cassette, change, fault):
    """With every hash and checksum made to fit: the index still names it."""
    path = file_of(cassette, "recordings")
    lines = lines_of(path)
    line = json.loads(lines[0])
    change(line)
    replace_lines(cassette, path.name, [json.dumps(line).encode(), *lines[1:]], checksums=True)
    assert f":1: {fault}" in verify(cassette)[0]


def said(column: str, value: int) -> Callable[[Any], object]:
    """Sets a column of the first recording."""
    return lambda index: next(iter(index["recordings"].values()))[column].__setitem__(0, value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        # Results would lose the answer.
        (said("complete", 0), "the index says that it is no whole answer, and it is one"),
        (said("status", 404), "the index says that its status is 404, it is 200"),
        (said("status", -1), "the index says that its status is None, it is 200"),
        (lambda index: index["recordings"].clear(), "recordings, its index has 0"),
        (lambda index: index["requests"].pop(), "do not fit together"),
        (lambda index: [each["request"].reverse() for each in index["recordings"].values()], ""),
        (
            lambda index: [each["request"].__setitem__(0, 99) for each in index["recordings"].values()],
            "a request that",
        ),
        (
            lambda index: [
                part.append(part.pop() + 1) for each in index["files"].values() for part in each["frames"][1:]
            ],
            "were written",
        ),
    ],
)
def test_an_index_that_says_something_else_or_does_not_fit(cassette, change, why):
    """Refused when the cassette is opened, or named by verify: never another's reply."""
    path = file_of(cassette, "index")
    index = json.loads(lines_of(path)[0])
    change(index)
    replace_lines(cassette, path.name, [json.dumps(index).encode()])
    assert any(why in fault for fault in verify(cassette))


def test_a_request_that_does_not_have_its_key(cassette):
    """Even with every hash computed again."""
    path = file_of(cassette, "requests")
    lines = lines_of(path)
    lines[1] = lines[1].replace(b"q1", b"q7")
    replace_lines(cassette, path.name, lines, checksums=True)
    assert "request 2 does not have the key" in only_fault(cassette)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda found: found["counts"].update(complete=1), "counts 1 complete, 40 are here"),
        (
            lambda found: found["recorded"].update(first="2020-01-01T00:00:00.000Z"),
            "the first recording is said to be of 2020-01-01T00:00:00.000Z, it is of 2026-01-01T00:00:00.000Z",
        ),
        (
            lambda found: [each.update(condition="zz") for each in found["files"] if each["condition"]],
            "holds 'zz', the index '",
        ),
        (lambda found: found.update(experiment="zz"), "names the experiment 'zz', its plan 'e'"),
    ],
)
def test_a_manifest_that_says_something_else(cassette, change, fault):
    """With a hash that was made to fit."""
    rewrite_manifest(cassette, change)
    assert fault in only_fault(cassette)


@pytest.mark.parametrize(
    ("version", "why"), [(4, "is newer than this llmxray"), (2, "of before the first release")]
)
def test_another_format(sealed, version, why):
    """Refused by name, by verify and by opening."""
    directory = sealed()
    path = directory / "manifest.json"
    path.write_text(path.read_text().replace('"format": 3', f'"format": {version}'))
    assert f"{path}: cassette format {version} {'is' if version > 3 else 'is of'}" in only_fault(directory)
    with pytest.raises(CassetteVersionError, match=why):
        Cassette(directory)


@pytest.mark.parametrize("name", ["../secret", "recordings/../../x", ""])
def test_files_outside_of_the_cassette(sealed, name):
    """A manifest that names one is refused, and the file is not read."""
    directory = sealed()
    rewrite_manifest(directory, lambda found: found["files"][0].update(name=name))
    assert "not a manifest (files.0.name" in only_fault(directory)


def test_missing_and_stray_files(sealed):
    """A file that is gone, one that nobody wrote, an index that is left out."""
    directory = sealed()
    (directory / "notes.txt").write_text("hello")
    assert f"{directory / 'notes.txt'}: no manifest names this file" == only_fault(directory)
    path = file_of(directory, "recordings")
    path.unlink()
    assert f"{path}: named by the manifest" in only_fault(directory)
    without = [
        each
        for each in json.loads((directory / "manifest.json").read_text())["files"]
        if each["role"] != "index"
    ]
    rewrite_manifest(directory, lambda found: found.update(files=without))
    with pytest.raises(CassetteCorruptError, match="names no index"):
        Cassette(directory)


def test_line_ends_of_windows_are_told_as_what_they_are(sealed, root):
    """Git changes them on its own, and the remedy is a line in a file."""
    directory = sealed()
    path = file_of(directory, "recordings")
    data = path.read_bytes()
    assert b"\n" in data
    path.write_bytes(data.replace(b"\n", b"\r\n"))
    with pytest.raises(
        CassetteCorruptError, match=r"line ends .* `cassettes/\*\* -text` into \.gitattributes"
    ):
        everything(directory)
    assert "cassettes/** -text" in (root / ".gitattributes").read_text().splitlines()


def test_recordings_without_a_manifest_are_no_empty_cassette(sealed):
    """Recording into it would sweep them away."""
    directory = sealed()
    (directory / "manifest.json").unlink()
    for opened in (Cassette, Cassette.existing):
        with pytest.raises(CassetteCorruptError, match="is missing, though there are recordings"):
            opened(directory)
    assert "there is none" in only_fault(directory)


PLANTED = "sk-" + "abcDEF123456" * 3


@pytest.mark.parametrize(
    ("start", "length"),
    [
        *(("sk-ant-api03-", 80), ("gsk_", 52), ("hf_", 34), ("AIza", 35), ("xai-", 80), ("nvapi-", 64)),
        *(("pplx-", 48), ("csk-", 48), ("r8_", 37), ("fw_", 24), ("tgp_v1_", 43), ("AKIA", 16), ("ghp_", 36)),
        *(("gho_", 36), ("github_pat_", 82)),
    ],
)
def test_scan_knows_the_keys_of_services(tmp_path, start, length):
    """Each in the shape that its service hands out; a shorter word that begins so is none."""
    letters = ("abc123" if start == "csk-" else "ABC123") * 20
    path = tmp_path / "note.txt"
    for count, found in ((length, 1), (8, 0)):
        path.write_text(f"see\n{start}{letters[:count]} here\n")
        assert [f"{path}:2: something shaped like an API key"] * found == find_keys(tmp_path)


def test_scan_reads_compressed_and_encoded_bodies(tmp_path, make):
    """In text, in tokens that spell it, in bodies kept as base64, in a journal, in names of files."""
    spelled = stream(PLANTED)
    for number, body in enumerate([PLANTED.encode(), spelled, b"\xff" + PLANTED.encode()]):
        directory = tmp_path / str(number)
        recorded(directory, make("echo", body=body), sealed=False)
        # Spelled out in pieces it is found once the reply stands beside them.
        assert bool(find_keys(directory)) == (body is not spelled)
        seal(directory)
        assert any(".jsonl.zst:1: " in place for place in find_keys(directory))
    os.rename(tmp_path / "0" / "manifest.json", tmp_path / "0" / f"{PLANTED}.json")
    assert any("the file's name" in place for place in find_keys(tmp_path / "0"))
