"""The manifest says what the files are, and fits a hash of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reader_from_docs import manifest_fits
from recordings import interaction, planned, rewrite_manifest

from llmxray.cassette import Cassette, Journal, not_covered, seal, verify
from llmxray.cassette import manifest as manifests
from llmxray.errors import CassetteCorruptError


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    """A small one, with facts of a server."""
    return planned(tmp_path / "c", [interaction(f"q{n}") for n in range(3)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"model": "m"', '"model": "n"'),
        ('"llmxray": "0"', '"llmxray": "9"'),
        ('"first": "2026', '"first": "2025'),
        ('"complete": 3', '"complete": 2'),
        ('"experiment": "e"', '"experiment": "f"'),
        ('"top_logprobs": 20', '"top_logprobs": 20.0'),
        ('"lines": 3', '"lines": 4'),
    ],
)
def test_a_changed_fact_is_refused(cassette: Path, before: str, after: str) -> None:
    """Facts, software, dates, counts, names, the way a number is written: by whoever opens it, and by verify."""
    path = cassette / "manifest.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json: was changed after it was written"):
        Cassette(cassette)
    assert f"{path}: was changed after it was written" in verify(cassette)[0]


def test_other_spaces_and_another_order_are_the_same(cassette: Path) -> None:
    """What is hashed is what it says; a formatter may pass over the file."""
    path = cassette / "manifest.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(data.items())), indent=3))
    assert [] == verify(cassette)


def test_the_page_of_the_format_suffices_to_check_it(cassette: Path, tmp_path: Path) -> None:
    """By a function written from docs/cassette.md; facts of every kind."""
    assert manifest_fits(cassette)
    facts = {"x/é": {"load": 0.1, "many": 1e22, "none": None, "half": "\ud800", "list": [1, -0.0, True]}}
    with Journal(tmp_path / "d") as journal:
        journal.append(interaction())
    seal(tmp_path / "d", facts=facts)
    assert manifest_fits(tmp_path / "d")
    assert [] == verify(tmp_path / "d")
    changed = (cassette / "manifest.json").read_text().replace('"trials"', '"trails"')
    (cassette / "manifest.json").write_text(changed)
    assert not manifest_fits(cassette)


def test_one_without_a_hash_is_read_and_told(cassette: Path) -> None:
    """As llmxray 0.1 wrote them; sealing writes one."""
    assert [] == not_covered(cassette)
    rewrite_manifest(cassette, lambda data: data.pop("sha256"))
    assert [] == verify(cassette)
    (note,) = not_covered(cassette)
    assert f"{cassette / 'manifest.json'}: not covered" in note
    manifest = Cassette(cassette).manifest
    assert manifest is not None
    assert not manifest.covered
    assert seal(cassette).covered
    assert [] == not_covered(cassette)


def test_a_hash_under_another_name_is_none(cassette: Path) -> None:
    """Two changed bytes must not turn a covered manifest into one that is not."""
    text = (cassette / "manifest.json").read_text()
    (cassette / "manifest.json").write_text(text.replace('"sha256": "', '"sha257": "', 1))
    with pytest.raises(CassetteCorruptError, match="'sha257' is no key of one without 'sha256'"):
        Cassette(cassette)


def test_the_shipped_ones_are_covered(root: Path) -> None:
    """No byte of them can change a page unseen."""
    shipped = [path.parent for path in (root / "cassettes").glob("*/manifest.json")]
    assert len(shipped) == 11
    assert [] == [note for each in shipped for note in not_covered(each)]


def change(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets a field of the manifest, or of its first file."""

    def set_it(data: dict[str, Any]) -> None:
        (data["files"][0] if place in data["files"][0] or place == "frames" else data)[place] = value

    return set_it


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(("experiment", value) for value in (None, 5, [])),
        *(("facts", value) for value in (None, [], "x")),
        ("counts", {"recordings": 1.0}),
        *(("name", value) for value in ("../x", None, "a\x00b")),
        # A role that nobody knows would hide its file from those who read it, and from `verify`.
        *(("role", value) for value in (None, [], "reqquests", "")),
        *(("software", value) for value in ({"llmxray": 1}, {"llmxray": None})),
        *(("recorded", value) for value in ({"first": 1, "last": "x"}, {"first": "x"})),
        *(("sha256", value) for value in ("", "A" * 64, 5)),
        *(("bytes", value) for value in (-1, 1.0, None, True)),
        *(("lines", value) for value in (-1, "3")),
        *(
            ("frames", value)
            for value in ([[0]], [[1, 0]], [[0, 0], [0, 0]], [[0, 0], [9, -1]], [["0", 0]], 7)
        ),
        ("files", []),
        ("files", {"a": 1}),
        ("unknown", 1),
    ],
)
def test_values_of_the_wrong_kind(cassette: Path, place: str, value: object) -> None:
    """One clear error, even where every hash fits."""
    rewrite_manifest(cassette, change(place, value))
    if place == "unknown":
        assert [] == verify(cassette)  # a later version may add to it
        return
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json"):
        Cassette(cassette)


def test_files_that_stand_twice(cassette: Path) -> None:
    """By name or by role: which of two counts would depend on the reader."""
    for what in ("name", "role"):
        data = json.loads((cassette / "manifest.json").read_text())
        files = {each["role"]: each for each in data["files"]}
        files["items"] = {**files["items"], what: files["requests"][what]}
        rewrite_manifest(cassette, change("files", list(files.values())))
        with pytest.raises(CassetteCorruptError, match="stands twice"):
            Cassette(cassette)


def test_a_manifest_that_is_no_file(cassette: Path) -> None:
    """A folder of that name."""
    (cassette / "manifest.json").unlink()
    (cassette / "manifest.json").mkdir()
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json: cannot be read"):
        Cassette(cassette)


def test_names_of_files_being_written_are_of_one_process(tmp_path: Path) -> None:
    """Two that got into one cassette would otherwise write into the same file."""
    names = {manifests.staging_name(tmp_path) for _ in range(100)}
    assert 100 == len(names)


def test_a_version_without_end_is_refused(cassette: Path) -> None:
    """It would be shown on a page, and merged with others."""
    versions = ", ".join(map(str, range(90_000)))
    rewrite_manifest(cassette, lambda data: data["software"].update(llmxray=versions))
    with pytest.raises(CassetteCorruptError, match=r"not a manifest \(a version of more than 10,000"):
        Cassette(cassette)
