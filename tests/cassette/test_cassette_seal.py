"""Sealing, freezing, dropping and superseding leave the old cassette or the new one, whatever interrupts them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import recorded

from llmxray.cassette import (
    Cassette,
    Frozen,
    RequestRecord,
    remove_recordings,
    replace_cassette,
    seal,
    verify,
    write_plan,
)
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteError, SecretLeakError
from llmxray.types import Interaction

Make = Callable[..., Interaction]
Sealed = Callable[..., Path]


def test_same_recordings_same_bytes(make, tmp_path):
    """The order of recording does not show in a sealed cassette."""
    each = [make(f"q{n}", sample) for n in range(40) for sample in range(2)]
    for name, order in (("a", each), ("b", each[::-1])):
        recorded(tmp_path / name, *order, experiment="e")
    files = [
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.json*")}
        for name in ("a", "b")
    ]
    assert files[0] == files[1]


def test_compressed_files(big, big_sealed):
    """Files are frames of lines; every recording is found in its frame."""
    cassette = Cassette(big_sealed)
    (record,) = cassette.manifest.role("recordings") if cassette.manifest else ()
    assert len(cassette.index.files[record.name].frames) > 1
    found = {entry.address.key: cassette.get(entry.address) for entry in cassette.all_entries()}
    assert {each.key: each for each in big} == found
    assert [] == verify(big_sealed)


def test_freeze_keeps_what_was_paid_for(sealed, make):
    """Frozen again with fewer requests, the recordings of the others stay, after those of the plan."""
    directory = sealed(make("a"), make("b"))
    record = RequestRecord(make("a").key, "m", make("a").request)
    write_plan(directory, "e", Frozen(({"h": 1},), (), (record,)), software={})
    cassette = Cassette(directory)
    assert {make("a").key, make("b").key} == {entry.address.key for entry in cassette.all_entries()}
    assert record == (cassette.frozen() or Frozen()).requests[0]
    assert [] == verify(directory)


def test_a_fresh_recording_replaces_the_old_one(sealed, make, tmp_path):
    """Also what was not sealed yet."""
    old = recorded(tmp_path / "c", make("old"), sealed=False)
    replace_cassette(old, sealed(make("new"), name="new"))
    assert [make("new").key] == [entry.address.key for entry in Cassette(old).all_entries()]


def test_drop_of_something_unknown(sealed, make):
    """Nothing is removed when one of the addresses is not there."""
    directory = sealed()
    address = next(iter(Cassette(directory).all_entries())).address
    with pytest.raises(CassetteError, match="no recording"):
        remove_recordings(directory, [address, type(address)(address.key, 9, 0)])
    assert 12 == len(Cassette(directory))


@pytest.mark.parametrize("where", ["facts", "request", "big"])
def test_secrets_stop_the_seal(tmp_path, make, big, where):
    """In facts, in a request, in a file that will be compressed: nothing is written."""
    secret = "correct-horse-battery"
    last = make("q" if where == "facts" else secret)
    recorded(tmp_path / "c", *[*(big if where == "big" else []), last], sealed=False)
    facts = {"x": {"key": secret}} if where == "facts" else {}
    with pytest.raises(SecretLeakError):
        seal(tmp_path / "c", facts=facts, guard=SecretGuard([secret]))
    assert ["journal.jsonl", "journal.lock"] == sorted(os.listdir(tmp_path / "c"))


@pytest.mark.parametrize("model", ["m" * 5_000, "a/../../" * 100, ".."])
def test_any_name_of_a_model_can_be_sealed(tmp_path, make, model):
    """It becomes a part of a file's name, which may not be as long, nor lead anywhere."""
    directory = tmp_path / "c"
    recorded(directory, make(model=model), make(model=f"{model}-2"))
    assert [] == verify(directory)
    assert 2 == len(Cassette(directory))
    files = [path for path in directory.rglob("*.jsonl.zst") if path.parent.name == "recordings"]
    assert all(path.parent == directory / "recordings" and len(path.name) < 200 for path in files)


def test_a_manifest_that_nobody_could_read_is_not_written(sealed):
    """The cassette stays as it was."""
    directory = sealed()
    before = (directory / "manifest.json").read_bytes()
    with pytest.raises(CassetteError, match="the manifest of c would have"):
        seal(directory, facts={"x/m": {"said": "a" * 3_000_000}})
    assert before == (directory / "manifest.json").read_bytes()
    assert [] == verify(directory)
