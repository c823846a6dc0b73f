"""Checks between the parts of an experiment."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import parse

COMPARE = """\
experiment: x
kind: compare
endpoints: {e: {preset: local}}
models: [{id: a, endpoint: e, model: m}]
prompts: [{id: p, text: Hi}]
variants: [{id: cool, temperature: 0.2}, {id: hot, temperature: 1.2}]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("prompts: [{id: p, text: Hi}]\n", "", "1:1: a compare experiment needs 'prompts:'"),
        (
            "variants:",
            "preset: temperature-sweep\nvariants:",
            "7:1: variants: stands beside 'preset:'; keep one",
        ),
        (
            "text: Hi}",
            "text: Hi}, {id: p, text: Ho}",
            "5:35: prompts[1].id: 'p' is already the id of prompts[0]",
        ),
        (
            "temperature: 0.2}",
            "sampling: {temperature: 0.2}}",
            "6:23: variants[0].sampling: is no request field; write its fields themselves here",
        ),
        ("id: hot", "id: cool", "6:47: variants[1].id: 'cool' is already the id of variants[0]"),
        ("1.2}", "1.2, model: b}", "6:77: variants[1].model: no model named 'b'; there is a"),
        (
            "prompts: [{id: p, text: Hi}]",
            "suites: [{suite: prompts}]",
            "5:10: suites[0].id: 'prompts' is kept for 'prompts:'; choose another id",
        ),
    ],
)
def test_parts_must_fit_together(old, new, message):
    """Each misfit is named where it stands."""
    assert old in COMPARE
    with pytest.raises(ExperimentError) as caught:
        parse(COMPARE.replace(old, new), file="x.yaml")
    assert message in str(caught.value)


def test_every_model_needs_a_variant():
    """One that no variant is for would never be asked."""
    text = COMPARE.replace("model: m}]", "model: m}, {id: b, endpoint: e, model: m}]").replace(
        ": 0.2", ": 0.2, model: a"
    )
    assert parse(text)
    with pytest.raises(ExperimentError, match=r"models\[1\]\.id: no variant is for 'b'"):
        parse(text.replace(": 1.2", ": 1.2, model: a"))


@pytest.mark.parametrize("baseline", ["a", "cool", "a@cool"])
def test_the_baseline_is_a_model_a_variant_or_both(baseline):
    """With several models also model@variant, as conditions are called."""
    text = COMPARE.replace("model: m}]", "model: m}, {id: b, endpoint: e, model: n}]")
    assert baseline == parse(f"{text}analysis: {{baseline: '{baseline}'}}\n").analysis.baseline


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind:", f"title: {'a' * 501}\nkind:", r"2:8: title: must have at most 500 characters"),
        (
            "model: m}",
            f"model: m, label: {'a' * 201}}}",
            r"models\[0\]\.label: must have at most 200 characters",
        ),
    ],
    ids=["title", "label"],
)
def test_names_for_people_fit_on_a_page(old, new, message):
    """A picture takes milliseconds for each of their letters; what is just as long as it may be is taken."""
    with pytest.raises(ExperimentError, match=message) as caught:
        parse(COMPARE.replace(old, new, 1))
    assert "\n" not in str(caught.value)
    assert parse(COMPARE.replace(old, new.replace("aa", "a", 1), 1))
