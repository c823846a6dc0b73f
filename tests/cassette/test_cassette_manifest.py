"""The manifest says what the files are, and fits a hash of itself."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from recordings import interaction, planned, recorded, rewrite_manifest

from llmxray.cassette import Cassette, harmless_leftovers, verify
from llmxray.errors import CassetteCorruptError


@pytest.fixture
def cassette(tmp_path):
    """A small one, with facts of a server."""
    return planned(tmp_path / "c", [interaction(f"q{n}") for n in range(3)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"model": "m"', '"model": "n"'),
        ('"first": "2026', '"first": "2025'),
        ('"top_logprobs": 20', '"top_logprobs": 20.0'),
    ],
)
def test_a_changed_fact_is_refused(cassette, before, after):
    """Facts, software, dates, counts, names, the way a number is written: by whoever opens it, and by verify."""
    path = cassette / "manifest.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json: was changed after it was written"):
        Cassette(cassette)
    assert f"{path}: was changed after it was written" in verify(cassette)[0]


def manifest_fits(directory: Path) -> bool:
    """Whether a manifest has the hash that docs/cassette.md says."""
    data = json.loads((directory / "manifest.json").read_text("utf-8"))
    stated = data.pop("sha256")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return bool(stated == sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def test_the_page_of_the_format_suffices_to_check_it(cassette, tmp_path):
    """Compact, its keys sorted; facts of every kind."""
    assert manifest_fits(cassette)
    facts = {"x/é": {"load": 0.1, "many": 1e22, "none": None, "half": "\ud800", "list": [1, -0.0, True]}}
    recorded(tmp_path / "d", interaction(), facts=facts)
    assert manifest_fits(tmp_path / "d")
    assert [] == verify(tmp_path / "d")
    changed = (cassette / "manifest.json").read_text().replace('"trials"', '"trails"')
    (cassette / "manifest.json").write_text(changed)
    assert not manifest_fits(cassette)


def test_the_shipped_ones_are_whole(root):
    """As they stand in the tree."""
    shipped = [path.parent for path in (root / "cassettes").glob("*/manifest.json")]
    assert len(shipped) == 11
    assert [] == [note for each in shipped for note in harmless_leftovers(each)]


def change(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets a field of the manifest, or of its first file."""

    def set_it(data: dict[str, Any]) -> None:
        (data["files"][0] if place in data["files"][0] else data)[place] = value

    return set_it


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(("experiment", value) for value in (None, 5, [])),
        *(("facts", value) for value in (None, [], "x")),
        *(("name", value) for value in ("../x", None, "a\x00b")),
        # A role that nobody knows would hide its file from those who read it, and from `verify`.
        *(("role", value) for value in (None, [], "reqquests", "")),
        ("recorded", {"first": 1, "last": "x"}),
        *(("lines", value) for value in (-1, "3")),
        ("files", []),
        ("files", {"a": 1}),
        ("unknown", 1),
    ],
)
def test_values_of_the_wrong_kind(cassette, place, value):
    """One clear error, even where every hash fits."""
    rewrite_manifest(cassette, change(place, value))
    if place == "unknown":
        assert [] == verify(cassette)  # a later version may add to it
        return
    with pytest.raises(CassetteCorruptError, match=r"manifest\.json"):
        Cassette(cassette)
