"""No byte of a sealed file is used before the file fits the manifest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import everything, interaction, planned, rewrite_manifest, stream

from llmxray.cassette import Cassette, verify
from llmxray.errors import CassetteCorruptError

Make = Callable[[Path], Path]
ROLES = ["plan", "items", "requests", "index", "recordings"]


def small(directory: Path) -> Path:
    """Files of lines."""
    return planned(directory, [interaction(f"q{n}") for n in range(4)])


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Copies compressed files and columns, which take long to write."""
    each = [interaction(f"q{n} " * 200, body=stream(f"answer {n} " * 4, top=4)) for n in range(40)]
    kept = planned(tmp_path_factory.mktemp("large") / "c", each, lines=2000)
    return lambda directory: shutil.copytree(kept, directory)


def file_of(directory: Path, role: str) -> Path:
    """The first file with a role."""
    manifest = Cassette(directory).manifest
    assert manifest is not None
    return directory / manifest.role(role)[0].name


@pytest.mark.parametrize("role", ROLES)
def test_a_changed_byte_in_a_small_file(tmp_path: Path, role: str) -> None:
    """A digit that became another: JSON all the same, and refused by whoever reads it."""
    directory = small(tmp_path / "c")
    path = file_of(directory, role)
    assert path.suffix == ".jsonl"
    data = path.read_bytes()
    at = max(data.rfind(digit) for digit in (b"0", b"1", b"2"))
    path.write_bytes(data[:at] + b"7" + data[at + 1 :])
    with pytest.raises(CassetteCorruptError, match=rf"{path.name}: is not what was written"):
        everything(directory)
    assert any(str(path) in fault for fault in verify(directory))


@pytest.mark.parametrize("role", [*ROLES, "symbols"])
@pytest.mark.parametrize("place", [0.02, 0.5, 0.98])
def test_a_changed_byte_in_a_large_file(large: Make, tmp_path: Path, role: str, place: float) -> None:
    """Compressed, or columns."""
    directory = large(tmp_path / "c")
    path = file_of(directory, role)
    assert path.suffix in (".zst", ".columns")
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 1
    path.write_bytes(data)
    with pytest.raises(CassetteCorruptError, match=rf"{path.name}: is not what was written"):
        everything(directory)
    assert any(str(path) in fault for fault in verify(directory))


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("role", ROLES)
def test_bytes_behind_the_end(large: Make, tmp_path: Path, size: str, role: str) -> None:
    """A file that has grown, by lines that would be read."""
    directory = (small if size == "small" else large)(tmp_path / "c")
    path = file_of(directory, role)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(CassetteCorruptError, match=path.name):
        everything(directory)


def test_another_recording_in_its_place(tmp_path: Path) -> None:
    """Files of another cassette, whole in themselves."""
    directory, other = small(tmp_path / "c"), planned(tmp_path / "d", [interaction("x")])
    path = file_of(directory, "items")
    path.write_bytes(file_of(other, "items").read_bytes().replace(b"item-0", b"item-9"))
    with pytest.raises(CassetteCorruptError, match=path.name):
        Cassette(directory).frozen()


def test_line_ends_of_windows_are_told_as_what_they_are(tmp_path: Path) -> None:
    """Git changes them on its own, and the remedy is a line in a file."""
    directory = small(tmp_path / "c")
    path = file_of(directory, "items")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(
        CassetteCorruptError, match=r"line ends .* `cassettes/\*\* -text` into \.gitattributes"
    ):
        Cassette(directory).frozen()


def test_the_shipped_cassettes_keep_their_line_ends(root: Path) -> None:
    """Also where git changes those of texts."""
    assert "cassettes/** -text" in (root / ".gitattributes").read_text().splitlines()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Whatever it would have held."""
    directory = small(tmp_path / "c")
    path = file_of(directory, "recordings")
    path.unlink()
    with pytest.raises(CassetteCorruptError, match=rf"{path.name}: named by the manifest, cannot be read"):
        everything(directory)


def test_an_index_that_is_left_out(tmp_path: Path) -> None:
    """Even in a manifest whose hashes all fit: without it the recordings would silently be none."""
    directory = small(tmp_path / "c")

    def without_index(manifest: dict[str, list[dict[str, str]]]) -> None:
        manifest["files"] = [each for each in manifest["files"] if each["role"] != "index"]

    rewrite_manifest(directory, without_index)
    with pytest.raises(CassetteCorruptError, match="its recordings are not those that its index is about"):
        Cassette(directory)
    assert verify(directory)
