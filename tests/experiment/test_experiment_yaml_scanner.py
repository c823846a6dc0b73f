"""Plain texts in brackets may hold question marks."""

import pytest
import yaml

from llmxray.experiment.yaml_loader import read_yaml


@pytest.mark.parametrize(
    ("flow", "value"),
    [
        ("{t: What is the capital of Australia?, e: Canberra}", "What is the capital of Australia?"),
        ("{t: Really ? yes?}", "Really ? yes?"),
        ("{t: http://127.0.0.1:80/v1?x=1, e: y}", "http://127.0.0.1:80/v1?x=1"),
        ("{t: x # comment?\n  }", "x"),
    ],
)
def test_question_marks_stand_in_flow_texts(flow, value):
    """As YAML 1.2 has it, and PyYAML alone has not."""
    entry = read_yaml(f"a: {flow}\n").data["a"]
    assert isinstance(entry, dict)
    assert value == entry["t"]


@pytest.mark.parametrize(
    "text",
    [
        "a: b c\n  d\n\n  e\nf: g#h # i\n",
        "a: b:c\nd: [e, f:g, {h: i j}]\n",
        "a: {b: c\n   d,\n  e: f}\n",
        "a: -b\nc: ?d\ne: :f\n",
    ],
)
def test_everything_else_is_tokenised_as_by_pyyaml(text):
    """The override changes the one rule and no other."""
    from llmxray.experiment.yaml_loader import PlainScalarLoader

    expected = list(yaml.parse(text, Loader=yaml.SafeLoader))
    actual = list(yaml.parse(text, Loader=PlainScalarLoader))
    assert [repr(event) for event in expected] == [repr(event) for event in actual]
    assert [str(event.start_mark) for event in expected] == [str(event.start_mark) for event in actual]
