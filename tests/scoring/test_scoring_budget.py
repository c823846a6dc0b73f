"""Token budgets and their reasons."""

from __future__ import annotations

import pytest

from llmxray.scoring import budget


@pytest.mark.parametrize(
    "model",
    [
        "deepseek-r1:7b",
        "DeepSeek-R1-Distill-Qwen",
        "org/model-r1",
        "qwq:32b",
        "o1-mini",
        "o3",
        "qwen3-4b-thinking",
    ],
)
def test_thinking_models_by_name(model: str) -> None:
    """The patterns of CONVENTIONS, "Thinking"."""
    assert (2048, "thinking model by its name") == budget(
        "auto", model=model, layout="zero-shot", answer="letter"
    )


@pytest.mark.parametrize("model", ["smollm2-135m-instruct", "gpt-4o1", "llama3.1", "gemma-3-270m", "solo1"])
def test_other_models_get_a_short_budget(model: str) -> None:
    """A pattern inside another word does not count."""
    assert (64, "standard model") == budget("auto", model=model, layout="zero-shot", answer="letter")


def test_order_of_reasons() -> None:
    """The file first, then likelihood, what the server says, the layout, the name."""
    common = {"model": "deepseek-r1", "layout": "few-shot-think-raw", "answer": "number"}
    server = budget("auto", **common, capabilities=("completion", "thinking"))

    assert (16, "set in the experiment file") == budget(16, **common)
    assert (2048, "the server says this model thinks") == server
    assert (2048, "the prompt layout asks for thinking") == budget("auto", **common)
    assert 256 == budget("auto", **{**common, "answer": "likelihood"})[0]
