"""A model's name stands in a stranger's file, and in the command of a server that somebody else wrote."""

from __future__ import annotations

import shlex

import pytest

from llmxray.cluster.batch import Batch
from llmxray.cluster.model_server import Serve
from llmxray.errors import InputError

COMMAND = "vllm serve {model} --port {port}"


def batch(model: str) -> Batch:
    """A batch file with a model server."""
    return Batch(name="e", experiment="e.yaml", cassette="cassettes/e", parts=2, serve=COMMAND, model=model)


@pytest.mark.parametrize("model", ["--tool-parser-plugin=evil.py", "-c", "--help"])
def test_a_model_is_no_option_of_its_server(model: str) -> None:
    """Some options name Python files to run."""
    with pytest.raises(InputError, match="begins with a hyphen"):
        Serve(COMMAND).words(model, 8000)
    with pytest.raises(InputError, match="begins with a hyphen"):
        batch(model).text("e.sbatch")


@pytest.mark.parametrize(
    "model", ["a b", "$(touch x)", "`x`", "'; x; '", "a\nb", "{port}", "{0}", "org/name-1"]
)
def test_any_other_name_is_one_word(model: str) -> None:
    """Neither the shell nor the command's own braces read it."""
    assert Serve(COMMAND).words(model, 8000) == ["vllm", "serve", model, "--port", "8000"]
    if model != "{port}":
        assert f"vllm serve {shlex.quote(model)} --port" in batch(model).text("e.sbatch")
