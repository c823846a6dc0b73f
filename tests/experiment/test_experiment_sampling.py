"""Request fields: known ones are checked, slips refused, the rest goes through."""

from typing import Any

import pytest
from pydantic import ValidationError

from llmxray.experiment.sampling import Sampling, Variant


def test_any_request_field_goes_through():
    """``top_k`` is no slip of ``top_p``."""
    fields: dict[str, Any] = {"top_p": 0.9, "top_k": 40, "chat_template_kwargs": {"enable_thinking": False}}
    assert fields == Sampling.model_validate(fields).level().sent


def test_extra_is_merged_as_it_stands():
    """Unchecked, slips included, null included."""
    sampling = Sampling.model_validate({"seed": 1, "extra": {"temprature": 1, "lora": None}})
    assert sampling.level().sent == {"seed": 1, "temprature": 1, "lora": None}


def test_alternatives_switch_logprobs_on():
    """OpenAI refuses ``top_logprobs`` without ``logprobs``."""
    assert Sampling(top_logprobs=5).level().sent == {"top_logprobs": 5, "logprobs": True}
    assert Sampling(logprobs=False).level().sent == {"logprobs": False}
    assert Sampling().level().sent == {}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temprature": 1}, "did you mean 'temperature'"),
        ({"topP": 1}, "did you mean 'top_p'"),
        ({"n": 3}, "write 'samples:'"),
        ({"extra": {"stream": False}}, "extra.stream: is set by llmxray"),
        ({"seed": 1, "extra": {"seed": 2}}, "extra.seed: stands both in 'extra' and beside it"),
        ({"logprobs": False, "top_logprobs": 5}, "contradicts 'logprobs: false'"),
        ({"stop": [1]}, "must be a text or a list of texts"),
        ({"top_logprobs": 21}, "20"),
    ],
)
def test_slips_and_contradictions_are_refused(fields, message):
    """With what was probably meant."""
    with pytest.raises(ValidationError) as caught:
        Sampling.model_validate(fields)
    assert message in str(caught.value)


def test_a_variants_own_keys_are_no_request_fields():
    """``id``, ``system`` and ``model`` stay out of the body."""
    variant = Variant.model_validate(
        {"id": "hot", "system": "x", "model": "a", "temperature": 1.2, "top_k": 0}
    )
    assert variant.level().sent == {"temperature": 1.2, "top_k": 0}
