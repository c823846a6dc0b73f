"""Branches, recorded from a small model that reads grammars: which are asked, which count; no score sees them."""

import json
import math
import re
from pathlib import Path

import pytest
from servers import RawServer, Say, Script, Seen, chunked, with_length

from llmxray import workflow
from llmxray.branches import Trunk, read_trunks
from llmxray.cassette import Cassette
from llmxray.cassette.merge import merge
from llmxray.errors import CassetteError, EndpointError
from llmxray.plan import check_frozen
from llmxray.report import as_csv
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.roads import roads_of
from llmxray.runner import Progress

SUMS = {"1 + 1": 2, "1 + 2": 3, "2 + 2": 4, "2 + 3": 5, "3 + 3": 6, "3 + 4": 7, "1 + 3": 4, "4 + 4": 8}
# The model is wrong by one here, and its second choice is right; elsewhere the other way round.
WRONG = {"1 + 2", "2 + 3", "3 + 4", "1 + 3"}
DRIFTING, DEAF = "3 + 4", "4 + 4"
RULE = "branches: {second: 25, at_most: 1}\n"
TEXT = """experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}"}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites: [{{suite: custom, source: {{file: rows.jsonl}}}}]
answer: number
budget: 64
sampling: {{temperature: 0, top_logprobs: 3, cache_prompt: false}}
"""


def tokens(sum_: str, forced: str, *, free: bool) -> list[tuple[str, float, dict[str, float]]]:
    """What the model writes, a character a token: each with its probability, and those of others."""
    digits = [SUMS[sum_] - (sum_ in WRONG), SUMS[sum_] + (sum_ not in WRONG)] if sum_ else [0, 0]
    way, written = f"{sum_} = {digits[0]}.", []
    for place in range(len(way) if free else len(forced)):
        own = forced[place] if place < len(forced) else way[place]
        is_digit = place == len(way) - 2
        likely = {str(digits[0]): 0.6, str(digits[1]): 0.3} if is_digit else {way[place : place + 1]: 0.9}
        written.append((own, likely.get(own, 0.01), likely))
    return written


def model(*, reads_grammar: bool = True) -> Script:
    """Its replies; one question comes out otherwise with a grammar, and at one the grammar forces nothing new."""

    def script(_: int, seen: Seen) -> Say:
        if seen.path.endswith("/models"):
            return Say(with_length(json.dumps({"data": [{"id": "m"}]}).encode()))
        if not seen.path.endswith("/chat/completions"):
            return Say(with_length(b"{}"))
        prompt = str(seen.json["messages"][-1]["content"])
        sum_ = next((each for each in SUMS if f"{each}?" in prompt), "")
        forced, free = "", True
        if reads_grammar and (grammar := seen.json.get("grammar")):
            found = re.match(r'root ::= ("(?:[^"\\]|\\.)*")(.*)', grammar)
            assert found
            forced, free = json.loads(found[1]), bool(found[2])
        written = tokens(sum_, "" if sum_ == DEAF and free else forced, free=free)
        if sum_ == DRIFTING and forced:
            written[-1] = ("!", 0.9, {"!": 0.9})
        chunks = [
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {"content": text},
                        "finish_reason": "stop" if last else None,
                        "logprobs": {
                            "content": [
                                {
                                    "token": text,
                                    "bytes": list(text.encode()),
                                    "logprob": math.log(p),
                                    "top_logprobs": [
                                        {
                                            "token": other,
                                            "logprob": math.log(q),
                                            "bytes": list(other.encode()),
                                        }
                                        for other, q in others.items()
                                    ],
                                }
                            ]
                        },
                    }
                ]
            }
            for (text, p, others), last in zip(written, [*[False] * (len(written) - 1), True], strict=True)
        ]
        lines = [b"data: " + json.dumps(each).encode() + b"\n\n" for each in chunks]
        return Say(chunked([*lines, b"data: [DONE]\n\n"]), ending="keep")

    return script


def prepared(folder: Path, url: str, rule: str = RULE) -> workflow.Prepared:
    """The experiment with this rule."""
    folder.mkdir(exist_ok=True)
    rows = [
        {"id": each, "question": f"What is {each}?", "answer": str(right)} for each, right in SUMS.items()
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "e.yaml").write_text(TEXT.format(url=url) + rule)
    return workflow.prepare(folder / "e.yaml", workflow.Workspace(folder / "cassettes", folder))


def trunks_in(at: workflow.Prepared) -> dict[str, Trunk]:
    """Answers with branches, by the sum of their question."""
    found = read_trunks(at.plan, Cassette(at.cassette), workflow.scorer(at))
    return {each.trial.item: each for each in found}


async def test_branches_follow_from_the_answers_and_are_in_no_score(tmp_path):
    """Added later, they are asked alone; replay, merge and packs have them, and results do not."""
    told, trials = list[Progress](), list[Progress]()
    async with RawServer(model()) as server:
        await workflow.record(prepared(tmp_path, server.url, ""), environ={})
        without = as_csv(workflow.read_results(prepared(tmp_path, server.url, "")).rows)
        facts = Cassette(tmp_path / "cassettes/e").manifest.facts
        n_before = len(server.seen)
        listener = workflow.RecordingListener(on_branch=told.append, on_progress=trials.append)
        await workflow.record(prepared(tmp_path, server.url), environ={}, listener=listener)
        # A control and a branch an answer: each has one place in doubt.
        assert (len(told), trials) == (2 * len(SUMS), [])
        asked = [seen.json for seen in server.seen[n_before:] if "root ::= " in seen.body.decode()]
        assert {each["cache_prompt"] for each in asked if "cache_prompt" in each} == {False}
        n_sent = len(server.seen)
        assert not workflow.missing_branches(prepared(tmp_path, server.url))
        await workflow.record(prepared(tmp_path, server.url), environ={})
        assert len(server.seen) == n_sent
        at = prepared(tmp_path, server.url)
    results = await workflow.replay(at)
    assert as_csv(results.rows) == without
    assert len(results.rows) == len(SUMS)
    assert not workflow.verify_recording(at.cassette)
    assert Cassette(at.cassette).manifest.facts == facts

    trunks = trunks_in(at)
    assert trunks.keys() == SUMS.keys()
    assert [each for each in trunks if not trunks[each].repeats] == [DRIFTING]
    assert not trunks[DRIFTING].branches
    assert (trunks[DEAF].branches, trunks[DEAF].astray) == ((), 1)
    (branch,) = trunks["1 + 2"].branches
    assert (branch.fork.written, branch.fork.token, branch.scored.outcome) == ("2", "3", "correct")
    (road,) = roads_of(Analysis(workflow.report_data(at, results)))
    # Of four wrong answers one has no control that repeats, and a branch puts the others right.
    assert (road.wrong, len(road.cures), road.share.value) == (3, 3, 1.0)
    assert (road.doubtful.spoiled, road.doubtful.of, road.sure.of) == (3, 3, 0)
    # By the key of another question: 3 + 2 is answered 5 or 4, and so is what 4 is right for, twice …
    keys = [*SUMS.values()]
    hits = [sum(key == SUMS[each] for key in keys) - 1 for each in WRONG - {DRIFTING}]
    assert road.luck == pytest.approx(sum(hits) / (len(SUMS) - 1))

    workflow.make_pack(at, results, tmp_path / "e.zip")
    with workflow.open_pack(tmp_path / "e.zip") as pack:
        inside = workflow.prepare(pack.experiment, pack.workspace)
        assert {name: len(each.branches) for name, each in trunks_in(inside).items()} == {
            name: len(each.branches) for name, each in trunks.items()
        }


async def test_parts_have_the_branches_of_their_answers(tmp_path):
    """Merged, they are those of one machine."""
    async with RawServer(model()) as server:
        for part in (1, 2):
            at = prepared(tmp_path / str(part), server.url)
            await workflow.record(at, environ={}, shard=workflow.Shard(part, 2))
        at = prepared(tmp_path, server.url)
    parts = [tmp_path / part / "cassettes/e" for part in "12"]
    merge(parts, at.cassette, check_plan=check_frozen)
    assert sorted(trunks_in(prepared(tmp_path, at.experiment.endpoints["lab"].base_url or ""))) == sorted(
        SUMS
    )


async def test_the_rule_is_frozen(tmp_path):
    """Another one, or none, would choose after the branches were seen."""
    async with RawServer(model()) as server:
        await workflow.record(prepared(tmp_path, server.url), environ={})
        for other in ("branches: {second: 10}\n", ""):
            with pytest.raises(CassetteError, match="another 'branches:'"):
                prepared(tmp_path, server.url, other)


async def test_a_server_without_grammar_is_refused_before_anything_is_recorded(tmp_path):
    """Its branches would be the trunk again."""
    async with RawServer(model(reads_grammar=False)) as server:
        with pytest.raises(EndpointError, match="llama.cpp's 'grammar'"):
            await workflow.record(prepared(tmp_path, server.url), environ={})
    assert not (tmp_path / "cassettes/e").exists()
