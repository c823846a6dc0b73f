"""Embedded models on the workers of one machine: what one process records, though two model servers share its cores."""

import json
import re

import pytest

from llmxray.cluster.engine import ClusterSpec, Engine
from tests.cluster.driver import contents, record

pytest.importorskip("distributed")
pytest.importorskip("xllamacpp")

# Without llama.cpp's prompt cache: with it, the last digits of an answer depend on the question before.
TEXT = """experiment: e
kind: compare
endpoints: {tiny: {preset: local}}
prompts:
  - {id: a, text: Name a colour.}
  - {id: b, text: Name a metal.}
models:
  - {id: m, endpoint: tiny, model: smollm2-135m-instruct}
  - {id: n, endpoint: tiny, model: smollm2-135m-raw}
sampling: {temperature: 0, max_tokens: 4, top_logprobs: 5, cache_prompt: false}
samples: 2
"""


def of_the_model(body: bytes) -> bytes:
    """A body without what is new at every request: its number, its moment and its speed."""
    body = re.sub(rb'"timings":\{[^}]*\}', b"", body)
    return re.sub(rb'"(id|created)":("[^"]*"|\d+)', b"", body)


@pytest.mark.model
def test_the_same_answers_as_alone(tmp_path):
    """Every token, every probability, and all that the servers show of themselves."""
    cassettes, facts = [], []
    for name, extra in (("alone", ()), ("workers", ("--cluster", "2"))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "e.yaml").write_text(TEXT)
        done = record(folder, *extra)
        assert done.returncode == 0, done.stderr
        held = contents(folder / "cassettes/e")
        cassettes.append({address: of_the_model(body) for address, body in held.items()})
        facts.append(json.loads((folder / "cassettes/e/manifest.json").read_text())["facts"])
        for fact in facts[-1].values():
            # The one thing that may differ: what else was at work on this machine.
            assert fact.pop("load_before") >= 0
    alone, workers = cassettes
    assert len(alone) == 8
    assert all(b'"top_logprobs"' in body for body in alone.values())
    assert workers == alone
    assert facts[0] == facts[1]


def test_cores_are_shared(monkeypatch):
    """More workers than cores have one each; workers elsewhere have all of theirs."""
    monkeypatch.setattr("dask.system.CPU_COUNT", 8)
    monkeypatch.setattr(Engine, "_connect", lambda *_: None)
    shares = [Engine(ClusterSpec(workers=workers)).cores_each for workers in (1, 3, 16)]
    assert shares == [8, 2, 1]
    assert Engine(ClusterSpec(workers=4, cluster_class="dask_jobqueue.SLURMCluster")).cores_each == 0
    assert Engine(ClusterSpec(scheduler="tcp://node:8786")).cores_each == 0
