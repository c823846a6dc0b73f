"""The fingerprint changes with a request, and with nothing else."""

import pytest

from llmxray.cassette import Cassette
from llmxray.experiment import SuiteRef, fingerprint, parse, request_fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Does the larger model win?", "title: Another"),
        ("hypothesis: The larger", "description: More\nhypothesis: The larger"),
        ("experiment: model-showdown", "experiment: renamed"),
        ("bins: 5, baseline: smollm2", "bins: 15"),
        ("8000/v1", "9000/v1"),
        ("analysis:", "prices: {smollm2: {input_per_million: 0, output_per_million: 1}}\nanalysis:"),
        ("temperature: 0,", "temperature: 0.0,"),
    ],
)
def test_edits_that_change_no_request_keep_it(showdown_text, old, new):
    """Texts, analysis, prices and addresses are free to change after recording."""
    assert old in showdown_text
    expected = request_fingerprint(parse(showdown_text))
    assert expected == request_fingerprint(parse(showdown_text.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("temperature: 0,", "temperature: 0.1,"),
        ("top_logprobs: 20", "top_logprobs: 20, extra: {min_p: 0}"),
        ("samples: 1", "samples: 2"),
        ("shuffle_options: {seed: 11}\n", ""),
        ("answer: letter ", "answer: text "),
        ("revision: main", "revision: v2"),
        ("id: smollm2, endpoint: tiny", "id: smollm2, endpoint: lab"),
        ("id: smollm2, endpoint", "id: smollm2, system: Hi, endpoint"),
        ("preset: local", "preset: vllm"),
        ("temperature: 0,", "temperature: 0, stop: null,"),
        ("samples: 1", "samples: 1\nidentity: {ignore: [trace_id]}"),
        ("id: smollm2, endpoint", "id: smollm2, budget_field: max_completion_tokens, endpoint"),
    ],
)
def test_edits_that_change_a_request_change_it(showdown_text, old, new):
    """What is sent, to whom, how often, and under which id."""
    assert old in showdown_text
    before = request_fingerprint(parse(showdown_text))
    assert before != request_fingerprint(parse(showdown_text.replace(old, new)))


def test_a_preset_equals_its_variants_written_out(sweep_text):
    """It is a shorthand, nothing more."""
    pins = "top_p: 1, top_k: 0, min_p: 0, repeat_penalty: 1"
    rows = ", ".join(f"{{id: t{t}, temperature: {t}, {pins}}}" for t in (0.2, 0.7, 1.2))
    written_out = sweep_text.replace("preset: temperature-sweep ", f"variants: [{rows}] ")
    assert request_fingerprint(parse(sweep_text)) == request_fingerprint(parse(written_out))


@pytest.mark.parametrize(
    "changed",
    [
        {"columns": {"question": "q", "answer": "b", "choices": ["x", "y"]}},
        {"answer_is": "index"},
        {"bad_rows": "skip"},
        {"source": {"folder": "f"}},
    ],
)
def test_what_columns_hold_counts(changed):
    """It decides which items there are."""
    entry = {
        "suite": "mine",
        "source": {"file": "f"},
        "columns": {"question": "q", "answer": "a", "choices": ["x", "y"]},
    }
    before, after = (
        fingerprint._suite(SuiteRef.model_validate({**entry, **extra})) for extra in ({}, changed)
    )
    assert before != after


def test_the_shipped_cassettes_were_recorded_from_what_they_hold(root):
    """The file that each cassette was recorded from has today the fingerprint that it had then."""
    frozen = [
        Cassette(folder).frozen() for folder in sorted((root / "cassettes").iterdir()) if folder.is_dir()
    ]
    assert len(frozen) >= 8
    for file in frozen:
        header = file.plan[0]
        assert header["fingerprint"] == request_fingerprint(parse(header["source"]))
