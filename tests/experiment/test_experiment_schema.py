"""The JSON Schema accepts what we accept, describes every field, and refuses common mistakes."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from llmxray.experiment import json_schema
from llmxray.experiment.yaml_loader import read_yaml


@pytest.fixture(scope="module")
def validator():
    """A validator, after the schema itself was validated."""
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_both_examples_are_valid(validator, showdown_text, sweep_text):
    """Editors must not underline the design's own examples."""
    for text in (showdown_text, sweep_text):
        assert [error.message for error in validator.iter_errors(read_yaml(text).data)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("models:", "modles:"),
        ("temperature: 0", "temperature: 3"),
        ("suites:\n  - {suite: starter/arc}\n", ""),
        ("starter/arc}", "arc, source: {hub: a/b}}"),
        ("sampling:", "preset: temperature-sweep\nsampling:"),
    ],
)
def test_mistakes_are_underlined(validator, small_text, old, new):
    """What ``parse`` refuses, as far as a schema can say it."""
    assert validator.is_valid(read_yaml(small_text).data)
    assert not validator.is_valid(read_yaml(small_text.replace(old, new)).data)


def test_every_field_is_described():
    """Editors show the description on hover."""
    schema: dict[str, Any] = json_schema()
    undescribed = [
        f"{name}.{field}"
        for name, part in {"Experiment": schema, **schema["$defs"]}.items()
        for field, described in part.get("properties", {}).items()
        if not described.get("description")
    ]
    assert undescribed == []
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
