"""Token budgets and their reasons."""

import pytest

from llmxray.scoring import budget, thinking


@pytest.mark.parametrize(
    "model",
    [
        *("deepseek-r1:7b", "org/model-r1", "qwq:32b", "o3", "o4-mini", "qwen3-4b-thinking"),
        *("gpt-5", "gpt-5-mini-2025-08-07", "openai/gpt-5.1"),
        *("magistral-medium-2506", "mistralai/Magistral-Small-2509", "gpt-oss:20b", "openai/gpt-oss-120b"),
        *("gemini-2.5-pro", "models/gemini-3-flash-preview", "google/gemini-3.5-flash", "deepseek-v4-flash"),
        *("z-ai/glm-4.6", "glm-5", "MiniMax-M2"),
        *("grok-4", "x-ai/grok-4-fast-reasoning", "deepseek-reasoner", "DeepSeek-R1-0528", "QwQ-32B"),
    ],
)
def test_thinking_models_by_name(model):
    """Thinking in the forms that servers send."""
    assert "thinking model by its name" == thinking(model)
    assert (2048, "because") == budget("auto", layout="zero-shot", answer="letter", thinks="because")


@pytest.mark.parametrize(
    "model",
    [
        *("smollm2-135m-instruct", "gpt-4o1", "llama3.1", "gemma-3-270m", "solo1"),
        *("gpt-4o", "gpt-5-chat-latest", "grok-3", "grok-4-fast-non-reasoning", "mistral-small"),
        *("qwen3-30b-nonthinking", "model-no-thinking", "gpt-50", "pro4"),
        *("gemini-2.0-flash", "gemini-1.5-pro", "deepseek-chat", "glm-4-flash", "gemma-3n"),
    ],
)
def test_other_models_get_a_short_budget(model):
    """A pattern inside another word does not count."""
    assert "" == thinking(model)
    assert (64, "standard model") == budget("auto", layout="zero-shot", answer="letter")


def test_the_file_decides_then_the_server_then_the_name():
    """What the file says is never overruled."""
    assert "" == thinking("deepseek-r1", declared=False, capabilities=("thinking",))
    assert "the experiment file says this model thinks" == thinking("plain", declared=True)
    assert "the server says this model thinks" == thinking("r1", capabilities=("completion", "thinking"))


def test_order_of_reasons():
    """The file first, then likelihood, the model, the layout."""
    common = {"layout": "few-shot-think-raw", "answer": "number"}

    assert (16, "set in the experiment file") == budget(16, **common)
    assert (16, "set in the experiment file; its name") == budget(16, **common, thinks="its name")
    assert (2048, "its name") == budget("auto", **common, thinks="its name")
    assert (2048, "the prompt layout asks for thinking") == budget("auto", **common)
    assert 2048 == budget("auto", layout="few-shot-cot", answer="letter")[0]
    assert 256 == budget("auto", layout="few-shot-raw", answer="likelihood", thinks="its name")[0]


def test_what_the_server_counted_comes_before_the_name():
    """Thinking that is hidden shows in the usage only; none counted says nothing against a name."""
    assert "its reply to a test question was billed 64 tokens of thinking" == thinking(
        "plain", reasoning_tokens=64
    )
    assert thinking("gpt-5", reasoning_tokens=64).startswith("its reply")
    assert "the server says this model thinks" == thinking(
        "m", capabilities=("thinking",), reasoning_tokens=64
    )
    assert "" == thinking("plain", declared=False, reasoning_tokens=64)
    assert "" == thinking("plain", reasoning_tokens=0)
    assert "thinking model by its name" == thinking("o4-mini", reasoning_tokens=0)
