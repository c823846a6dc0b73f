"""Exported tables hold what the recordings hold, and other tools read them."""

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from recordings import interaction, recorded, stream

from llmxray.cassette import Cassette
from llmxray.cassette.export import RECORDINGS, REQUESTS, TOKENS, export
from llmxray.types import EndCause
from llmxray.wire import read_interaction

SENTINEL = stream("né").replace(b"-0.25", b"-9999.0")


@pytest.fixture
def cassette(tmp_path):
    """An answer, one with a sentinel, an error page, and a try without a response."""
    each = (
        interaction("a"),
        interaction("b", body=SENTINEL, model="m\ud800"),
        interaction("c", body=b'{"error": "no"}', status=500, headers=()),
        interaction("c", attempt=1, body=b"", status=None, headers=(), chunks=(), end=EndCause.CONNECT),
    )
    return Cassette(recorded(tmp_path / "c", *each, experiment="e"))


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a table in JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_raw_replies_are_the_received_bytes(cassette, tmp_path):
    """A file per response, named in the table; none where there was no response."""
    written = export(cassette, tmp_path / "out")
    assert (4, 7) == (written.recordings, written.tokens)
    rows = lines(tmp_path / "out" / "recordings.jsonl")
    for row, entry in zip(rows, cassette.all_entries(), strict=True):
        there = cassette.get(entry.address)
        assert (row["file"] is None) == (there.status is None)
        if row["file"]:
            assert there.body == (tmp_path / "out" / row["file"]).read_bytes()
    suffixes = [Path(row["file"]).suffix for row in rows if row["file"]]
    assert [".json", ".sse", ".sse"] == sorted(suffixes)
    # However often each was sent.
    assert 3 == len(lines(tmp_path / "out" / "requests.jsonl"))


def test_tokens_are_those_of_the_replies(cassette, tmp_path):
    """Every token with its alternatives in order; a probability of zero is null."""
    export(cassette, tmp_path / "out")
    rows = lines(tmp_path / "out" / "tokens.jsonl")
    read = [
        token
        for entry in cassette.all_entries()
        for token in read_interaction(cassette.get(entry.address)).tokens
    ]
    assert [each.token for each in read] == [row["token"] for row in rows]
    assert [[top.token for top in each.top] for each in read] == [row["top_tokens"] for row in rows]
    finite = [None if each.logprob_nats < -9000 else each.logprob_nats for each in read]
    assert finite == [row["logprob_nats"] for row in rows]
    assert 1 == finite.count(None)
    assert {"c3a9"} == {row["bytes_hex"] for row in rows if row["token"] == "é"}
    assert set(TOKENS) == set(rows[0])


def test_pandas_and_arrow_read_the_tables(cassette, tmp_path):
    """Directly, with the declared columns and types, and the same in both forms."""
    pandas, parquet = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    assert export(cassette, tmp_path / "out").parquet
    for name, columns in (("requests", REQUESTS), ("recordings", RECORDINGS), ("tokens", TOKENS)):
        rows = lines(tmp_path / "out" / f"{name}.jsonl")
        table = parquet.read_table(tmp_path / "out" / f"{name}.parquet")
        assert list(columns) == table.column_names
        assert rows == table.to_pylist()
        frame = pandas.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert len(rows) == len(frame)
        assert len(rows) == len(pandas.read_json(tmp_path / "out" / f"{name}.jsonl", lines=True))
    exploded = frame.explode(["top_tokens", "top_logprobs_nats"])
    assert 3 * len(frame) == len(exploded)


def test_without_pyarrow_there_are_json_lines(cassette, tmp_path, monkeypatch):
    """The core install exports all the same, and says that Parquet is missing."""

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert not export(cassette, tmp_path / "out").parquet
    assert ["raw", "recordings.jsonl", "requests.jsonl", "tokens.jsonl"] == sorted(
        path.name for path in (tmp_path / "out").iterdir()
    )


def test_a_hostile_key_leads_nowhere(tmp_path):
    """A cassette may call its requests what it likes: every file is written below the target."""
    hostile = recorded(tmp_path / "c", interaction("a", key="v1:../../../leak"), sealed=False)
    export(Cassette(hostile), tmp_path / "deep" / "out")
    (row,) = lines(tmp_path / "deep" / "out" / "recordings.jsonl")
    digest = hashlib.sha256(b"v1:../../../leak").hexdigest()[:32]
    assert f"raw/---------leak-{digest}-0-0.sse" == row["file"]
    assert [] == list(tmp_path.glob("leak*"))
