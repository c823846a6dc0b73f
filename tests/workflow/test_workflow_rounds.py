"""Recording until it is decided, against a server that is right as often as it is told: ended, resumed, replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from servers import RawServer, Say, Script, Seen, chunked, events, model_server

from llmxray import suites
from llmxray.cassette.merge import merge
from llmxray.errors import CassetteError, InputError
from llmxray.experiment import SuiteRef
from llmxray.report.analysis.course import Course
from llmxray.types import Outcome
from llmxray.workflow import (
    Overrides,
    Prepared,
    RecordingListener,
    Shard,
    Workspace,
    prepare,
    progress_of,
    read_results,
    record,
    recording_failures,
    replay,
    verdicts,
)
from llmxray.workflow.rounds import course_of

TEXT = """experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}", concurrency: 8}}}}
models: [{{id: good, endpoint: lab, model: good}}, {{id: poor, endpoint: lab, model: poor}}]
suites: [{{suite: starter/arc, limit: 90}}, {{suite: starter/mmlu-pro, limit: 60}}]
predictions:
  - {{claim: The good one is better., metric: accuracy, of: good, above: poor}}
  - {{claim: The poor one guesses., metric: accuracy, of: poor, above: chance}}
until: decided
order: {{seed: 3}}
"""
RATES = {"good": 0.7, "poor": 0.4}


def model(rates: dict[str, float], fail_after: int = 10**6) -> Script:
    """A server whose models are right on that share of the questions, by a hash of each; after so many it is gone."""
    items = [
        item
        for suite in ("arc", "mmlu-pro")
        for item in suites.load(SuiteRef(suite=f"starter/{suite}"), Path()).items
    ]
    asked = 0

    def answer(seen: Seen) -> Say:
        nonlocal asked
        asked += 1
        if asked > fail_after:
            return Say([], ending="rst")
        text, name = seen.json["messages"][-1]["content"], seen.json["model"]
        item = next(each for each in items if each.question in text)
        drawn = int.from_bytes(hashlib.sha256(f"{name}{item.id}".encode()).digest()[:4]) / 2**32
        letter = item.answer if drawn < rates[name] else "A" if item.answer != "A" else "B"
        return Say(chunked(events(letter)), ending="keep")

    return model_server(answer, *rates)


def written(folder: Path, url: str, text: str = TEXT) -> Prepared:
    """The experiment as it is prepared now."""
    (folder / "e.yaml").write_text(text.format(url=url))
    return prepare(folder / "e.yaml", Workspace(folder / "cassettes", folder))


async def recorded(prepared: Prepared) -> Sequence[Course]:
    """Record; returns the looks."""
    looks: list[Course] = []
    await record(prepared, environ={}, listener=RecordingListener(on_look=looks.append))
    return looks


async def test_it_ends_once_all_is_decided(tmp_path: Path) -> None:
    """Only whole looks are asked, of all conditions; recording again asks nothing; replay looks again and agrees."""
    async with RawServer(model(RATES)) as server:
        prepared = written(tmp_path, server.url)
        looks = await recorded(prepared)
        n_asked = len(server.seen)
        again = written(tmp_path, server.url)
        assert [each.line() for each in await recorded(again)] == [each.line() for each in looks]
        assert len(server.seen) == n_asked
    course = looks[-1]
    assert course.end == "decided"
    assert course.asked == again.plan.rounds.looks[len(looks) - 1] < 150  # type: ignore[union-attr]
    assert [each.end for each in looks[:-1]] == ["go on"] * (len(looks) - 1)
    assert looks[0].line() == "20 of 150 asked: 1 held; 2 open (p 0.32, bound 0.0067)"
    results = await replay(again)
    assert results.rows == read_results(again).rows
    assert len(results.rows) == 2 * course.asked
    assert Outcome.ERROR not in {row.outcome for row in results.rows}
    assert results.stopped == f"Stopped early: {course.asked} of 150 questions asked, in random order."
    found = course_of(again, results)
    assert found is not None
    assert (found.end, found.reached, found.looks.decided) == (
        course.end,
        course.reached,
        course.looks.decided,
    )
    for verdict, looked in zip(verdicts(again, results), found.predictions.values(), strict=True):
        assert verdict.outcome == "held"
        assert verdict.level == 1 - 2 * found.looks.decided[[*found.predictions.values()].index(looked)].level
        assert f"look {looked.place + 1} of " in verdict.doubt
        assert verdict.look in verdict.sentence


async def test_killed_and_resumed_it_gives_the_same(tmp_path: Path) -> None:
    """It breaks off in the third round; until it has ended nothing is reported."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    async with RawServer(model(RATES)) as server:
        looks = await recorded(written(whole, server.url))
    async with RawServer(model(RATES, fail_after=62)) as server:
        with pytest.raises(Exception, match="stopped answering"):
            await recorded(written(broken, server.url))
    prepared = written(broken, server.url)
    with pytest.raises(
        CassetteError, match="only 30 of 150 questions recorded, and some predictions are open"
    ):
        read_results(prepared)
    assert read_results(prepared, partial=True).partial.startswith("Partial recording: 30 of 150")
    async with RawServer(model(RATES), port=server.port) as server:
        resumed = await recorded(prepared)
    assert [each.line() for each in resumed] == [each.line() for each in looks]
    one, other = (read_results(written(each, server.url)) for each in (whole, broken))
    assert [(row.trial, row.answer) for row in one.rows] == [(row.trial, row.answer) for row in other.rows]


async def test_without_a_difference_it_gives_up_or_asks_all(tmp_path: Path) -> None:
    """Two that are alike decide nothing; the verdict has the level of the last look."""
    text = TEXT.replace(
        "  - {{claim: The poor one guesses., metric: accuracy, of: poor, above: chance}}\n", ""
    )
    async with RawServer(model({"good": 0.5, "poor": 0.5})) as server:
        prepared = written(tmp_path, server.url, text)
        looks = await recorded(prepared)
    assert looks[-1].end in ("futile", "all asked")
    (verdict,) = verdicts(prepared, read_results(prepared))
    assert verdict.outcome == "inconclusive"
    assert verdict.level is not None
    assert verdict.level > 0.95


async def test_another_order_is_refused(tmp_path: Path) -> None:
    """For recording on and for replay: another seed, other looks, none at all; --fresh begins anew."""
    async with RawServer(model(RATES)) as server:
        await recorded(written(tmp_path, server.url))
        for old, new in (
            ("seed: 3", "seed: 4"),
            ("decided\norder: {{seed: 3}}\n", ""),
            ("limit: 60", "limit: 59"),
        ):
            text = TEXT.replace("until: " + old if not new else old, new)
            with pytest.raises(CassetteError, match="was begun with other questions or keys 'until:'"):
                written(tmp_path, server.url, text)
        prepared = prepare(tmp_path / "e.yaml", Workspace(tmp_path / "cassettes", tmp_path), fresh=True)
        await record(prepared, environ={}, fresh=True)
        # The questions that were not asked are no gap.
        assert read_results(prepare(tmp_path / "e.yaml", Workspace(tmp_path / "cassettes", tmp_path))).stopped


async def test_machines_record_one_look_in_parts(tmp_path: Path) -> None:
    """No part knows the answers of the others: each records its share of a look, and merged they are it."""
    async with RawServer(model(RATES)) as server:
        parts = []
        for index in (1, 2):
            (folder := tmp_path / str(index)).mkdir()
            parts.append(prepared := written(folder, server.url))
            await record(prepared, environ={}, shard=Shard(index, 2))
            assert recording_failures(prepared, Shard(index, 2)).silent == ()
            with pytest.raises(CassetteError, match="of 300 answers recorded"):
                read_results(prepared)
        merge([each.cassette for each in parts], tmp_path / "cassettes" / "e")
        whole = written(tmp_path, server.url)
        assert progress_of(whole) == "20 of 150 asked: 1 held; 2 open (p 0.32, bound 0.0067)"
        assert (await recorded(whole))[-1].end == "decided"


def test_the_first_questions_are_no_random_ones(tmp_path: Path) -> None:
    """So that --limit and 'until' do not go together."""
    written(tmp_path, "http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="--limit"):
        prepare(tmp_path / "e.yaml", Workspace(tmp_path / "cassettes", tmp_path), Overrides(limit=5))
