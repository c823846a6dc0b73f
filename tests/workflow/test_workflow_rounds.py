"""Recording until it is decided, against a server that is right as often as it is told: ended, resumed, replayed."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from servers import RawServer, Say, Script, Seen, chunked, events, model_server

from llmxray import suites, workflow
from llmxray.cassette.merge import merge
from llmxray.cluster.engine import ClusterSpec, Engine
from llmxray.errors import CassetteError, InputError
from llmxray.experiment import SuiteRef
from llmxray.metrics.evidence import DiscordantEvidence
from llmxray.metrics.looks import Looks, levels
from llmxray.metrics.verdict import Claim
from llmxray.report import gate_of
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.course import Course
from llmxray.report.analysis.ledger_entry import build_entry
from llmxray.report.pages import overview
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
GUESSES = "  - {{claim: The poor one guesses., metric: accuracy, of: poor, above: chance}}\n"
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


def in_folder(folder: Path, *overrides: workflow.Overrides, fresh: bool = False) -> workflow.Prepared:
    """The experiment as it is prepared now."""
    where = workflow.Workspace(folder / "cassettes", folder)
    return workflow.prepare(folder / "e.yaml", where, *overrides, fresh=fresh)


def written(folder: Path, url: str, text: str = TEXT) -> workflow.Prepared:
    """Write the experiment, and prepare it."""
    (folder / "e.yaml").write_text(text.format(url=url))
    return in_folder(folder)


async def recorded(prepared: workflow.Prepared) -> Sequence[Course]:
    """Record; returns the looks."""
    looks: list[Course] = []
    await workflow.record(prepared, environ={}, listener=workflow.RecordingListener(on_look=looks.append))
    return looks


async def test_it_ends_once_all_is_decided(tmp_path):
    """Only whole looks are asked, of all conditions; recording again asks nothing; replay looks again and agrees."""
    async with RawServer(model(RATES)) as server:
        prepared = written(tmp_path, server.url)
        looks = await recorded(prepared)
        server.seen.clear()
        again = written(tmp_path, server.url)
        assert [each.line() for each in await recorded(again)] == [each.line() for each in looks]
        assert [seen for seen in server.seen if seen.body] == []
    course = looks[-1]
    assert [each.end for each in looks] == ["go on", "go on", "decided"]
    assert looks[0].line() == "20 of 150 asked: 1 held; 2 open (p 0.32, bound 0.0067)"
    results = await workflow.replay(again)
    assert results.rows == workflow.read_results(again).rows
    assert len(results.rows) == 90
    assert results.stopped == "Stopped early: 45 of 150 questions asked, in random order."
    found = course_of(again, results)
    assert found is not None
    assert (found.end, found.looks.decided) == ("decided", course.looks.decided)
    for verdict, looked in zip(workflow.verdicts(again, results), found.predictions.values(), strict=True):
        assert verdict.sentence.endswith(f", {verdict.look})")
        assert (verdict.look, verdict.level) == (str(found.where(looked.place)), looked.judgement.level)  # type: ignore[union-attr]
    analysis = Analysis(workflow.report_data(again, results))
    page = overview.page_values(analysis)
    assert "Decided at look 3 of 6, after 45 of 150 questions in random order. Because" in str(page.until)
    assert page.finding == ()
    assert [doubt.startswith(results.stopped) for doubt in page.nav.doubts] == [True]
    entry = build_entry(analysis)
    assert (entry.doubts, [run.scores for run in entry.runs]) == (page.nav.doubts, [{}, {}])
    gate = gate_of(analysis.data, "accuracy", "poor", "good", 0.02)
    level = 1 - 2 * levels(found.rounds.shares, 0.025)[2]
    assert gate.comparison is not None
    assert (gate.verdict, gate.comparison.levels[0]) == ("better", level)
    assert f"| {100 * level:.4g}% CI |" in gate.markdown
    assert results.stopped in gate.markdown
    assert "judged once all" in gate_of(analysis.data, "ece", "poor", "good", 0.02).why


async def test_killed_and_resumed_it_gives_the_same(tmp_path):
    """It breaks off in the third round; until it has ended nothing is reported."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for each in (whole, broken):
        each.mkdir()
    async with RawServer(model(RATES)) as server:
        looks = await recorded(written(whole, server.url))
    async with RawServer(model(RATES, fail_after=62)) as server:
        with pytest.raises(Exception, match="stopped answering"):
            await recorded(written(broken, server.url))
    prepared = written(broken, server.url)
    with pytest.raises(CassetteError, match="only 30 of 150 questions recorded, and some predictions"):
        workflow.read_results(prepared)
    assert workflow.read_results(prepared, partial=True).partial.startswith("Partial recording: 30 of 150")
    async with RawServer(model(RATES), port=server.port) as server:
        resumed = await recorded(prepared)
    assert [each.line() for each in resumed] == [each.line() for each in looks]
    one, other = (workflow.read_results(written(each, server.url)) for each in (whole, broken))
    assert [(row.trial, row.answer) for row in one.rows] == [(row.trial, row.answer) for row in other.rows]


async def test_it_ends_where_simulated_studies_end(tmp_path):
    """A difference of 25 points, and the questions that the central 95% of 400 made studies take."""
    rng, rates, stops = np.random.default_rng(1), {"good": 0.75, "poor": 0.5}, []
    async with RawServer(model(rates)) as server:
        prepared = written(tmp_path, server.url, TEXT.replace(GUESSES, ""))
        asked = (await recorded(prepared))[-1].asked
    rounds = prepared.plan.rounds
    assert rounds is not None
    for _ in range(400):
        good, poor = (rng.random(150) < rate for rate in rates.values())
        looks = Looks(rounds.shares, 1)
        for place, n in enumerate(rounds.looks):
            only = int((good & ~poor)[:n].sum()), int((poor & ~good)[:n].sum())
            if looks.look(place, {0: Claim(DiscordantEvidence(*only, n), 0.0)}) != "go on":
                break
        stops.append(n)
    low, high = np.percentile(stops, [2.5, 97.5])
    assert low <= asked <= high


async def test_without_a_difference_it_gives_up_or_asks_all(tmp_path):
    """Two that are alike decide nothing; the verdict has the level of the last look."""
    async with RawServer(model({"good": 0.5, "poor": 0.5})) as server:
        prepared = written(tmp_path, server.url, TEXT.replace(GUESSES, ""))
        assert (await recorded(prepared))[-1].end in ("futile", "all asked")
    (verdict,) = workflow.verdicts(prepared, workflow.read_results(prepared))
    assert (verdict.outcome, (verdict.level or 0) > 0.95) == ("inconclusive", True)


async def test_another_order_is_refused(tmp_path):
    """For recording on and for replay: another seed, other looks, none at all; --fresh begins anew."""
    async with RawServer(model(RATES)) as server:
        await recorded(written(tmp_path, server.url))
        without = TEXT.partition("until:")[0]
        for text in (without, TEXT.replace("60", "59"), TEXT.replace("seed: 3", "seed: 4")):
            with pytest.raises(CassetteError, match="was begun with other questions or keys 'until:'"):
                written(tmp_path, server.url, text)
        prepared = in_folder(tmp_path, fresh=True)
        await workflow.record(prepared, environ={}, fresh=True)
        # The questions that were not asked are no gap.
        assert workflow.read_results(in_folder(tmp_path)).stopped


async def test_machines_record_one_look_in_parts(tmp_path):
    """No part knows the answers of the others: each records its share of a look, and merged they are it."""
    async with RawServer(model(RATES)) as server:
        parts = []
        for index in (1, 2):
            (folder := tmp_path / str(index)).mkdir()
            parts.append(prepared := written(folder, server.url))
            await workflow.record(prepared, environ={}, shard=workflow.Shard(index, 2))
            assert workflow.recording_failures(prepared, workflow.Shard(index, 2)).silent == ()
            with pytest.raises(CassetteError, match="of 300 answers recorded"):
                workflow.read_results(prepared)
        merge([each.cassette for each in parts], tmp_path / "cassettes" / "e")
        whole = written(tmp_path, server.url)
        assert workflow.progress_of(whole) == "20 of 150 asked: 1 held; 2 open (p 0.32, bound 0.0067)"
        assert (await recorded(whole))[-1].end == "decided"


@pytest.mark.search
async def test_workers_end_where_one_machine_does(tmp_path):
    """The driver looks after each round, and hands out no more once all is decided."""
    pytest.importorskip("distributed")
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    async with RawServer(model(RATES)) as server:
        lines = []
        for folder in (alone, shared):
            folder.mkdir()
            prepared = written(folder, server.url)
            if folder is alone:
                lines.append([each.line() for each in await recorded(prepared)])
                continue
            found: list[Course] = []
            with Engine(ClusterSpec(workers=1)) as engine:
                options = workflow.PartOptions()
                await asyncio.to_thread(
                    workflow.record_on_cluster, prepared, engine, options, environ={}, on_look=found.append
                )
            lines.append([each.line() for each in found])
    assert lines[0] == lines[1]
    one, other = (workflow.read_results(in_folder(each)).rows for each in (alone, shared))
    assert [(row.trial, row.answer) for row in one] == [(row.trial, row.answer) for row in other]


def test_what_is_said_before_recording(tmp_path):
    """Expected numbers of questions; what is judged last; that --limit, the first questions, does not go with it."""
    others = "  - {{claim: Q., metric: tokens, of: good, below: 9}}\n  - {{claim: E., metric: ece, of: good, below: 9}}"
    text = TEXT.replace("until", f"{others}\nuntil")
    previews = workflow.preview_predictions(written(tmp_path, "http://127.0.0.1:9/v1", text))
    assert [each.is_last_look for each in previews] == [False, False, False, True]
    assert 150 > previews[0].expected[1] > previews[0].expected[2] > previews[1].expected[2] > 20
    assert previews[2].expected == ()
    with pytest.raises(InputError, match="--limit"):
        in_folder(tmp_path, workflow.Overrides(limit=5))
