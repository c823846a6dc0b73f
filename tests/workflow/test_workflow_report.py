"""A report of what was recorded, gaps included (row 25 of docs/maintainers/failures.md)."""

import csv
import html
import json
from typing import Any

from servers import RawServer, Say, Seen, chunked, with_length

from llmxray import workflow
from llmxray.workflow import Workspace

EXPERIMENT = """\
experiment: gaps
kind: benchmark
endpoints:
  lab: {{base_url: "{url}"}}
models:
  - {{id: bare, endpoint: lab, model: bare}}
  - {{id: narrow, endpoint: lab, model: narrow}}
  - {{id: full, endpoint: lab, model: full}}
suites:
  - {{suite: starter/arc, limit: 4}}
sampling: {{temperature: 0, seed: 1, top_logprobs: 4}}
"""


def answer(_: int, seen: Seen) -> Say:
    """Always A: without logprobs and usage, with no option among the alternatives, or with everything."""
    if seen.path.endswith("/models"):
        return Say(with_length(b'{"data": []}'))
    model = seen.json["model"]
    choice: dict[str, Any] = {"index": 0, "delta": {"content": "A"}, "finish_reason": "stop"}
    body: dict[str, Any] = {"id": "c", "choices": [choice]}
    if model != "bare":
        tops = ["The", "It"] if model == "narrow" else ["A", "B", "C", "D"]
        entry = {
            "token": "A",
            "logprob": -0.2,
            "top_logprobs": [{"token": option, "logprob": -1.0 - n} for n, option in enumerate(tops)],
        }
        choice["logprobs"] = {"content": [entry]}
        body["usage"] = {"prompt_tokens": 9, "completion_tokens": 1}
    return Say(chunked([b"data: " + json.dumps(body).encode() + b"\n\n", b"data: [DONE]\n\n"]))


async def test_what_a_server_does_not_send_is_said(tmp_path):
    """The run goes on; cells are empty or "—"; why and for how many stands on the pages; all is scored."""
    where = Workspace(tmp_path / "cassettes", tmp_path)
    async with RawServer(answer) as server:
        (tmp_path / "gaps.yaml").write_text(EXPERIMENT.format(url=server.url))
        await workflow.record(workflow.prepare(tmp_path / "gaps.yaml", where), environ={})
    prepared = workflow.prepare(tmp_path / "gaps.yaml", where)
    results = await workflow.replay(prepared)
    workflow.publish([(prepared, results)], tmp_path / "site")
    sentences = [
        "bare: no option confidence for 4 of 4 answers: the reply has no log-probabilities",
        "bare: no token usage reported for 4 of 4 answers",
        "narrow: no option confidence for 4 of 4 answers: no option among the alternatives",
    ]
    assert sentences == list(results.notes)
    for page in ("index.html", "methods.html"):
        text = html.unescape((tmp_path / "site/gaps" / page).read_text("utf-8"))
        assert [sentence for sentence in sentences if sentence in text] == sentences, page
    with (tmp_path / "site/gaps/results.csv").open(encoding="utf-8") as file:
        rows = {row["condition"]: row for row in csv.DictReader(file)}
    assert [False, False, True] == [rows[name]["option_confidence"] != "" for name in rows]
    assert ["", "1", "1"] == [rows[name]["completion_tokens"] for name in rows]
    assert {"correct", "wrong"} >= {row.outcome.value for row in results.rows}
    assert "not recorded" in (tmp_path / "site/gaps/results.html").read_text("utf-8")
