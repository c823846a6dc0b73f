"""Token budgets and their reasons."""

from __future__ import annotations

import pytest

from llmxray.scoring import budget, thinking


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
    assert "thinking model by its name" == thinking(model)
    assert (2048, "because") == budget("auto", layout="zero-shot", answer="letter", thinks="because")


@pytest.mark.parametrize("model", ["smollm2-135m-instruct", "gpt-4o1", "llama3.1", "gemma-3-270m", "solo1"])
def test_other_models_get_a_short_budget(model: str) -> None:
    """A pattern inside another word does not count."""
    assert "" == thinking(model)
    assert (64, "standard model") == budget("auto", layout="zero-shot", answer="letter")


def test_the_file_decides_then_the_server_then_the_name() -> None:
    """What the file says is never overruled."""
    assert "" == thinking("deepseek-r1", declared=False, capabilities=("thinking",))
    assert "the experiment file says this model thinks" == thinking("plain", declared=True)
    assert "the server says this model thinks" == thinking("r1", capabilities=("completion", "thinking"))


def test_order_of_reasons() -> None:
    """The file first, then likelihood, the model, the layout."""
    common = {"layout": "few-shot-think-raw", "answer": "number"}

    assert (16, "set in the experiment file") == budget(16, **common)
    assert (16, "set in the experiment file; its name") == budget(16, **common, thinks="its name")
    assert (2048, "its name") == budget("auto", **common, thinks="its name")
    assert (2048, "the prompt layout asks for thinking") == budget("auto", **common)
    assert 2048 == budget("auto", layout="few-shot-cot", answer="letter")[0]
    assert 256 == budget("auto", layout="few-shot-raw", answer="likelihood", thinks="its name")[0]
