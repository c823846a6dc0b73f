"""The command that compares a candidate with a baseline, for continuous integration."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.given import Given, results_given
from llmxray.cli.terminal import note, say_lines, working
from llmxray.errors import RunFailedError
from llmxray.types import GateMetric


def gate(
    experiment: Given,
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
) -> None:
    """Compare a candidate with a baseline: better, equivalent, worse or inconclusive. For continuous integration.

    Where questions or answers are not those of the suites that the file names, it judges no scores and exits with 1.
    """
    workspace = arguments.workspace()
    with working("comparing"):
        data = results_given(experiment, workspace)
        finding = workflow.gate(data, metric, baseline, candidate, margin / 100)
    if metric != "latency" and any(difference.scores for difference in data.differences):
        raise RunFailedError(
            "nothing is judged: scores are not those of the suites or prompts of the file; record with --fresh, or use "
            "the llmxray and the file that recorded"
        )
    for sentence in data.results.notes:
        note(sentence)
    say_lines(json.dumps(finding.json, indent=2) if as_json else finding.markdown.rstrip())
    failing = ("worse",) if fail_if == "worse" else ("worse", "inconclusive")
    if finding.verdict in failing:
        raise RunFailedError(f"{candidate} does not pass: {finding.verdict}")
