"""The command that lets a candidate pass, or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from llmxray import workflow
from llmxray.cli import options
from llmxray.cli.terminal import say, working
from llmxray.errors import InputError, RunFailedError
from llmxray.report import ExperimentData, GateMetric


def gate(
    experiment: Annotated[
        list[str], typer.Argument(help="An experiment file, or a name; or result files of other tools.")
    ],
    baseline: Annotated[str, typer.Option(help="Condition to compare with.")],
    candidate: Annotated[str, typer.Option(help="Condition to judge.")],
    margin: Annotated[
        float,
        typer.Option(
            min=0, help="Largest difference that does not matter: points of accuracy or ECE, % of latency."
        ),
    ],
    metric: Annotated[GateMetric, typer.Option(help="What to compare.")] = "accuracy",
    fail_if: Annotated[
        Literal["worse", "inconclusive"],
        typer.Option(help="Exit with 1 if the candidate is worse; or also if the data cannot decide."),
    ] = "worse",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a Markdown table.")] = False,
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Compare a candidate with a baseline: better, equivalent, worse or inconclusive. For continuous integration."""
    where = options.workspace(cassettes, folder)
    with working("comparing"):
        found = workflow.gate(_data(experiment, where), metric, baseline, candidate, margin / 100)
    say(json.dumps(found.json, indent=2) if as_json else found.markdown.rstrip())
    failing = ("worse",) if fail_if == "worse" else ("worse", "inconclusive")
    if found.verdict in failing:
        raise RunFailedError(f"{candidate} does not pass: {found.verdict}")


def _data(names: list[str], where: workflow.Workspace) -> ExperimentData:
    """What is compared: one recorded experiment, or the one that files of other tools make."""
    files, names = options.foreign_files(names, where)
    if len(names) + bool(files) != 1:
        raise InputError("give one experiment, or result files of other tools")
    if names:
        prepared = workflow.prepare(where.find(names[0]), where, recorded=True)
        return workflow.data_of(prepared, workflow.read_results(prepared))
    first, *others = workflow.read_files(files)
    if others:
        raise InputError("these files make several experiments: give those of one")
    return workflow.foreign_data(first, files)
