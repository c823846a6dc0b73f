"""The recorded experiment that comes with llmxray, for users who have none yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from llmxray.errors import InputError
from llmxray.workflow.preparation import Workspace

# The shipped experiment that shows most: three models on five suites, with log-probabilities and predictions.
EXPERIMENT = "model-showdown"


@contextmanager
def demo_workspace() -> Iterator[Workspace]:
    """The workspace of the shipped experiment and its cassette; both are only read.

    Raises:
        InputError: this installation holds no recorded experiment.
    """
    with resources.as_file(resources.files("llmxray")) as package:
        # In a wheel the experiment lies in the package (pyproject.toml); in a clone it is one of the examples.
        for top in (package / "demo", package.parent):
            workspace = Workspace(top / "cassettes", top / "experiments")
            if (workspace.cassettes / EXPERIMENT / "manifest.json").is_file():
                yield workspace
                return
    raise InputError("this installation holds no recorded experiment: install llmxray again")
