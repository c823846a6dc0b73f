"""No finding of pydantic reaches a reader in pydantic's words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, json_schema, parse

VALUES = [
    "5",
    "-1",
    "1.5",
    "text",
    "'Ä b'",
    "''",
    "true",
    "[]",
    "[1]",
    "{}",
    "{a: 1}",
    "{id: 1}",
    "[{id: 1}]",
    "9e99",
]
JARGON = ("Input should", "valid", "String should", "literal", "pydantic", "Value error", "instance of")


def spoilt() -> list[str]:
    """Every key of every part, with every kind of value behind it."""
    parts = {"Model": "models: [{%s}]", "SuiteRef": "suites: [{%s}]", "Endpoint": "endpoints: {e: {%s}}"}
    parts |= {"Sampling": "sampling: {%s}", "Prompt": "prompts: [{%s}]", "Variant": "variants: [{%s}]"}
    parts |= {
        "AnalysisSettings": "analysis: {%s}",
        "Price": "prices: {m: {%s}}",
        "Source": "suites: [{source: {%s}}]",
    }
    definitions = json_schema()["$defs"]
    pairs = [("%s", field) for field in Experiment.model_fields]
    for name, frame in parts.items():
        definition = definitions[name]
        pairs += [(frame, field) for field in definition["properties"]]  # type: ignore[union-attr]
    return [frame % f"{field}: {value}" for frame, field in pairs for value in VALUES]


def test_every_wrong_value_is_a_plain_sentence():
    """One line, a place, no jargon, whatever stands wherever."""
    for text in spoilt():
        with pytest.raises(ExperimentError) as caught:
            parse(text, file="x.yaml")
        message = str(caught.value)
        assert message.startswith("x.yaml:1:"), message
        assert not [word for word in (*JARGON, "\n") if word in message], message


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text):
    """No other exception, whatever the bytes."""
    with pytest.raises(ExperimentError) as caught:
        parse(text)
    assert str(caught.value).startswith("<text>:")
