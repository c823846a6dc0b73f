"""`llmxray local`: the models are listed, and fetched by name."""

import pytest
from typer.testing import CliRunner

from llmxray.cli.commands import app
from llmxray.local import MODELS


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """Nothing is fetched yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_lists_every_model():
    """A line each: name, size, licence, and how to get what is not here."""
    lines = CliRunner().invoke(app, ["local"]).stdout.splitlines()
    assert list(MODELS) == [line.split()[0] for line in lines]
    qwen = next(line for line in lines if line.startswith("qwen2.5-coder-1.5b-instruct"))
    assert "1.1 GB" in qwen
    assert "Apache-2.0" in qwen
    assert qwen.endswith("llmxray local --fetch qwen2.5-coder-1.5b-instruct")
