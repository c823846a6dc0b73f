"""Several machines record parts of one experiment; merged, they are one recording of it."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from prompted import in_folder
from servers import RawServer, Say, Seen, chunked, events, head, model_server, with_length

from llmxray.cassette import Cassette, verify
from llmxray.cassette.merge import merge
from llmxray.errors import MissError
from llmxray.report.files.export import as_csv
from llmxray.results import Results
from llmxray.workflow import Prepared, Shard, diff, read_results, record, replay

TIMES = ("ttft_s", "ttfa_s", "latency_s", "concurrency")
PROMPTS = 14


class Model:
    """Refuses every fifth question once, and answers with the question's number."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __call__(self, seen: Seen) -> Say:
        """The reply to one question."""
        text = seen.json["messages"][-1]["content"]
        self.asked[text + str(seen.json.get("seed"))] += 1
        if text.endswith("5") and self.asked[text + str(seen.json.get("seed"))] == 1:
            return Say(with_length(b"{}", opening=head(429, "application/json", "Retry-After: 0")))
        return Say(chunked(events(text.split(" ")[-1])))


def experiment(folder: Path, url: str) -> Prepared:
    """Fourteen prompts, of which the last repeats the first; two samples of each."""
    words = [f"question {n % (PROMPTS - 1)}" for n in range(PROMPTS)]
    prompts = [{"id": f"p{n}", "text": text, "expect": f"{n}"} for n, text in enumerate(words)]
    data = {
        "experiment": "e",
        "kind": "compare",
        "endpoints": {"lab": {"base_url": url, "concurrency": 3}},
        "prompts": prompts,
        "models": [{"id": "m", "endpoint": "lab", "model": "m"}],
        "sampling": {"temperature": 0, "seed": 1},
        "samples": 2,
    }
    folder.mkdir(exist_ok=True)
    (folder / "e.yaml").write_text(json.dumps(data))
    return in_folder(folder)


def table(results: Results) -> list[dict[str, str]]:
    """The rows of results.csv without the columns that no two recordings share."""
    rows = csv.DictReader(io.StringIO(as_csv(results.rows).decode(), newline=""))
    return [{name: value for name, value in row.items() if name not in TIMES} for row in rows]


async def test_parts_recorded_apart_are_one_recording(tmp_path):
    """Three machines, one of whose cassettes is unsealed: the same results.csv as one recording, asked for once."""
    async with RawServer(model_server(Model())) as server:
        whole = experiment(tmp_path / "whole", server.url)
        await record(whole, environ={})
    parts, asked = [], Counter[str]()
    for number in (1, 2, 3):
        model = Model()
        async with RawServer(model_server(model)) as server:
            part = experiment(tmp_path / f"m{number}", server.url)
            await record(part, environ={}, shard=Shard(number, 3))
        parts.append(part.cassette)
        asked += model.asked
        with pytest.raises(MissError):
            await replay(in_folder(tmp_path / f"m{number}"))
    assert {2 if name[:-1].endswith("5") else 1 for name in asked} == set(asked.values())
    joined = experiment(tmp_path / "joined", "http://127.0.0.1:9/v1")
    merged = merge(parts, joined.cassette)
    assert (0, 0) == (merged.shared, merged.preferred)
    assert [] == verify(joined.cassette)
    assert len(Cassette(whole.cassette)) == len(Cassette(joined.cassette)) == merged.recordings
    results = await replay(in_folder(tmp_path / "joined"))
    assert table(read_results(in_folder(tmp_path / "whole"))) == table(results)
    comparison = diff(whole.cassette, joined.cassette)
    assert comparison.same()
    assert (2 * PROMPTS, 2 * (PROMPTS - 1)) == (comparison.n_trials, len(comparison.replies.both))


async def test_changed_trials_are_matched_by_name(tmp_path):
    """Another answer to one prompt: that trial's outcome changed, and nothing else did."""
    async with RawServer(model_server(Model())) as server:
        first = experiment(tmp_path / "a", server.url)
        await record(first, environ={})

    model = Model()

    def other(seen: Seen) -> Say:
        return Say(chunked(events("no"))) if b"question 7" in seen.body else model(seen)

    async with RawServer(model_server(other)) as server:
        second = experiment(tmp_path / "b", server.url)
        await record(second, environ={})
    comparison = diff(first.cassette, second.cassette)
    assert not comparison.same()
    assert {("correct", "wrong")} == {(a.outcome, b.outcome) for a, b in comparison.trials}
    assert ["p7", "p7"] == [before.item_id for before, _ in comparison.trials]
    assert 2 == sum(not reply.same for reply in comparison.replies.both)
