"""Weights in parts: joined in order, resumed after a kill, refused when they are not what was published."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from llmxray.errors import InputError
from llmxray.local import MODELS, FetchProgress, LocalModel, fetch
from llmxray.local.download import download_part
from llmxray.local.parted_files import QWEN_0_5B, QWEN_1_5B, PartedFile

PARTS = (b"first--p", b"second-p", b"end")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "llmxray"


def model(parts: tuple[bytes, ...] = PARTS) -> LocalModel:
    """A small model in three parts, the last one shorter."""
    whole = b"".join(parts)
    file = PartedFile(
        name="tiny.gguf",
        size_bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        package="tiny-part{n}",
        version="1.0",
        member="tiny_part{n}/data/part{n:02d}.bin",
        part_bytes=8,
        wheels_sha256=("0" * 64,) * len(parts),
        origin="nobody/tiny",
    )
    return LocalModel("tiny", "Tiny", lambda: Path("tiny.gguf"), False, "Apache-2.0", len(whole), parted=file)


class Wheels:
    """Stands for the registry: makes the wheel of a part, and counts what was asked for."""

    def __init__(self, parts: tuple[bytes, ...] = PARTS, *, fails_at: int | None = None) -> None:
        self.parts, self.fails_at, self.asked = parts, fails_at, list[int]()

    def __call__(self, file: PartedFile, part: int, folder: Path) -> Path:
        self.asked.append(part)
        if part == self.fails_at:
            raise InputError("gone")
        wheel = folder / f"part{part}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny/__init__.py", "raise SystemExit('a part was imported')")
            archive.writestr(file.member.format(n=part + 1), self.parts[part])
        return wheel


def test_joined_in_order(cache: Path) -> None:
    """The parts make the file, its licence lies beside it, and nothing else is left but the lock."""
    steps: list[FetchProgress] = []
    path = fetch(model(), steps.append, Wheels())
    assert b"".join(PARTS) == path.read_bytes()
    assert [(1, 8), (2, 16), (3, 19)] == [(step.parts, step.size_bytes) for step in steps]
    assert {"tiny.gguf", "tiny.gguf.LICENSE.txt", "tiny.gguf.lock"} == {path.name for path in cache.iterdir()}
    assert "Apache License" in (cache / "tiny.gguf.LICENSE.txt").read_text("utf-8")


def test_there_already(cache: Path) -> None:
    """A second fetch asks for nothing."""
    fetch(model(), lambda _: None, Wheels())
    again = Wheels()
    fetch(model(), lambda _: None, again)
    assert [] == again.asked


@pytest.mark.parametrize("size", range(len(b"".join(PARTS)) + 1))
def test_goes_on_after_a_kill(cache: Path, size: int) -> None:
    """Killed at any byte, it goes on after the last whole part and asks for nothing twice."""
    whole = b"".join(PARTS)
    cache.mkdir(parents=True)
    (cache / "tiny.gguf.partial").write_bytes(whole[:size])
    (cache / "tiny.gguf.part").mkdir()
    (cache / "tiny.gguf.part" / "half.whl").write_bytes(b"half")
    wheels = Wheels()
    assert whole == fetch(model(), lambda _: None, wheels).read_bytes()
    begin = 3 if size == len(whole) else size // 8
    assert list(range(begin, 3)) == wheels.asked
    assert not (cache / "tiny.gguf.part").exists()


def test_part_that_is_gone(cache: Path) -> None:
    """The error passes, and the next try goes on where this one ended."""
    with pytest.raises(InputError, match="gone"):
        fetch(model(), lambda _: None, Wheels(fails_at=2))
    wheels = Wheels()
    fetch(model(), lambda _: None, wheels)
    assert [2] == wheels.asked


def test_wrong_whole(cache: Path) -> None:
    """Parts of another file are removed, and the line says where else to go."""
    with pytest.raises(InputError, match=r"not make up the official file: removed.*--endpoint NAME=URL"):
        fetch(model(), lambda _: None, Wheels((PARTS[1], PARTS[0], PARTS[2])))
    assert {"tiny.gguf.lock"} == {path.name for path in cache.iterdir()}


def test_wheel_without_its_part(cache: Path) -> None:
    """A wheel that lacks its part is named."""
    tiny = model()
    assert tiny.parted is not None
    other = replace(tiny, parted=replace(tiny.parted, member="elsewhere/{n}"))

    def download(file: PartedFile, part: int, folder: Path) -> Path:
        assert tiny.parted is not None
        return Wheels()(tiny.parted, part, folder)

    with pytest.raises(InputError, match=r"part 1 of tiny\.gguf cannot be read"):
        fetch(other, lambda _: None, download)


def test_pip_refuses_another_hash(tmp_path: Path) -> None:
    """A wheel whose hash is not the pinned one, or that is not there, is an error that names the way out."""
    file = replace(QWEN_0_5B, package="no-such-package-of-llmxray-{n}")
    with pytest.raises(InputError, match=r"part 1 of .* cannot be had.*--endpoint NAME=URL"):
        download_part(file, 0, tmp_path)


def test_models_that_come_with_a_package() -> None:
    """Their weights are not fetched."""
    with pytest.raises(InputError, match="come with a package"):
        fetch(MODELS["gemma-3-270m"], lambda _: None)


@pytest.mark.parametrize("file", [QWEN_0_5B, QWEN_1_5B])
def test_pins(file: PartedFile) -> None:
    """Every part is pinned once, and their number fits the size."""
    assert len(file.wheels_sha256) == -(-file.size_bytes // file.part_bytes)
    assert len(set(file.wheels_sha256)) == len(file.wheels_sha256)
    assert {64} == {len(digest) for digest in file.wheels_sha256}
