"""Results to write: shipped experiments, read once, and some made by hand."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from llmxray import workflow
from llmxray.report.analysis.data import ExperimentData
from llmxray.workflow import Workspace

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "report"))

from hand_made import data as made  # noqa: E402

__all__ = ["made", "named_on_the_hub", "shipped"]


@cache
def shipped(name: str) -> ExperimentData:
    """A shipped experiment by its name."""
    where = Workspace(ROOT / "cassettes", ROOT / "experiments")
    prepared = workflow.prepare(where.find(name), where)
    return workflow.report_data(prepared, workflow.read_results(prepared))


def named_on_the_hub(data: ExperimentData) -> ExperimentData:
    """The experiment with a name on the Hub for each of its models."""
    models = tuple(
        each.model_copy(update={"hub": f"Org/{each.model}", "availability": "open_weights"})
        for each in data.experiment.models
    )
    return replace(data, experiment=data.experiment.model_copy(update={"models": models}))
