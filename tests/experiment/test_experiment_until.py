"""The keys ``until`` and ``order``: both ways to write them, and what is refused in one line."""

import pytest
from jsonschema import Draft202012Validator

from llmxray.errors import ExperimentError
from llmxray.experiment import json_schema, parse
from llmxray.experiment.yaml_loader import read_yaml

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: a, endpoint: tiny, model: a}, {id: b, endpoint: tiny, model: b}]
suites: [{suite: starter/arc}]
predictions: [{claim: A is better., metric: accuracy, of: a, above: b}]
until: decided
order: {seed: 1}
"""


def test_both_ways_to_write_it():
    """The word alone has the defaults; an editor accepts both."""
    longer = TEXT.replace("until: decided", "until: {decided: true, first: 30, futility: 0}")
    for text, first, futility in ((TEXT, 20, 5), (longer, 30, 0)):
        until = parse(text).until
        assert until is not None
        assert (until.first, until.futility) == (first, futility)
        assert Draft202012Validator(json_schema()).is_valid(read_yaml(text).data)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("until: decided", "until: sometime", "7:8: until: must be decided, or a mapping"),
        ("until: decided", "until: {decided: false}", "until.decided: must be true"),
        ("until: decided", "until: {decided: true, first: 5}", "until.first: must be at least 10"),
        ("until: decided\n", "", "order: goes with 'until: decided'"),
        ("order: {seed: 1}\n", "", "until: needs 'order: {seed: 1}'"),
        ("metric: accuracy", "metric: ece", "until: could never end early: ece"),
        (
            "predictions: [{claim: A is better., metric: accuracy, of: a, above: b}]\n",
            "",
            "needs 'predictions:'",
        ),
        ("kind: benchmark", "kind: compare", "goes with 'kind: benchmark'"),
    ],
)
def test_refusals(old, new, why):
    """One clear line each."""
    with pytest.raises(ExperimentError) as refused:
        parse(TEXT.replace(old, new))
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
