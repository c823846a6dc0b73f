"""A model's name stands in a stranger's file, and in the command of a server that somebody else wrote."""

import shlex
import subprocess
from dataclasses import replace

import pytest

from llmxray.cluster.batch import Batch
from llmxray.cluster.model_server import ServeCommand
from llmxray.errors import InputError

COMMAND = "vllm serve {model} --port {port}"


def batch(model: str) -> Batch:
    """A batch file with a model server."""
    return Batch(name="e", experiment="e.yaml", cassette="cassettes/e", parts=2, serve=COMMAND, model=model)


@pytest.mark.parametrize(
    "model",
    [
        *(
            "--tool-parser-plugin=evil.py",
            "a b",
            "$(touch x)",
            "name\n",
            "{port}",
            "Qwen2.5;touch${IFS}x;echo",
            "",
        )
    ],
)
def test_a_model_is_no_option_of_its_server_and_no_code(model):
    """Some options name Python files to run, and a command may be a line for a shell."""
    for command in (COMMAND, "sh -c 'vllm serve {model} --port {port}'"):
        with pytest.raises(InputError, match="no hyphen first"):
            ServeCommand(command).words(model, 8000)
    with pytest.raises(InputError, match="no hyphen first"):
        batch(model).text("e.sbatch")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("{port}", "8000"),
        ("--listen={port}/{port}", "--listen=8000/8000"),
        ("a b:{port};$x", "a b:8000;$x"),
        ("true {port} && serve --port {port}", "true 8000 && serve --port 8000"),
    ],
)
def test_a_port_stands_wherever_the_command_has_it(word, written):
    """However often in one word; the rest of the word means nothing to the shell of the batch file."""
    command = replace(batch("m"), serve=shlex.quote(word))._command()
    output = subprocess.run(
        ["bash", "-c", f'port=8000; printf "%s|" {command}'], capture_output=True, text=True, check=True
    )
    assert output.stdout == f"{written}|"


@pytest.mark.parametrize("model", ["Qwen/Qwen2.5-Coder-0.5B", "llama3:8b", "/models/a_b+c@main.gguf"])
def test_names_that_models_have(model):
    """And their files."""
    assert ServeCommand(COMMAND).words(model, 8000) == ["vllm", "serve", model, "--port", "8000"]
    assert f"vllm serve {model} --port" in batch(model).text("e.sbatch")
