"""Commands about results: gate, export, ledger."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmxray import report, workflow
from llmxray.cli import arguments
from llmxray.cli.terminal import note, say, say_lines, working
from llmxray.errors import InputError, RunFailedError
from llmxray.types import ExportForm, GateMetric

if TYPE_CHECKING:
    from llmxray.workflow import Workspace


def gate(
    experiment: arguments.Results,
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
        typer.Option(help="Exit with 1 if the candidate is worse, or also if the data cannot decide."),
    ] = "worse",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a Markdown table.")] = False,
    until: Annotated[
        Literal["decided"] | None,
        typer.Option(help="First record what the file's 'until: decided' still needs, and no more."),
    ] = None,
    allow_key: arguments.AllowKey = None,
) -> None:
    """Compare a candidate with a baseline: better, equivalent, worse or inconclusive. For continuous integration.

    If questions or answers are not those of the suites in the file, it exits with 1.
    """
    workspace = arguments.workspace()
    if until:
        _record_until_decided(experiment, workspace, allow_key or ())
    with working("comparing"):
        data = arguments.results_given(experiment, workspace)
        finding = report.gate_of(data, metric, baseline, candidate, margin / 100)
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


def _record_until_decided(names: list[str], workspace: Workspace, allow_key: Sequence[str]) -> None:
    # Imported here: only this needs what a recording needs.
    from llmxray.cli.run import record  # noqa: PLC0415

    prepared = workflow.prepare(workspace.find(names[0]), workspace)
    if prepared.plan.rounds is None:
        raise InputError(
            f"{names[0]}: --until decided needs the keys 'until: decided' and 'order: {{seed: 1}}'"
        )
    record(prepared, fresh=False, shard=None, allow_key=allow_key, plain=True)


def export(
    experiment: arguments.Results,
    to: Annotated[
        ExportForm,
        typer.Option(
            help="eee: Every Eval Ever. inspect: Inspect logs. parquet: results.parquet with a dataset card. "
            "hub-results: .eval_results/*.yaml of the Hugging Face Hub. app: files of the original LLMxRay app."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
) -> None:
    """Write results in the form that another tool reads."""
    workspace = arguments.workspace()
    with working("writing"):
        done = workflow.export(arguments.results_given(experiment, workspace), to, out)
    for path in done.files:
        say(path)
    for sentence in done.notes:
        note(sentence)


def ledger(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Sites, or folders of experiments in a site.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("ledger"),
) -> None:
    """Compare the runs of any number of experiments, and list the questions whose key looks wrong.

    Reads `ledger.json`, which `llmxray report` writes for each experiment.
    """
    # Imported here, because statistics take long to load.
    from llmxray.report.pages import ledger as pages  # noqa: PLC0415

    with working("building the ledger"):
        words = shlex.join(["llmxray", "ledger", *map(str, folders), "--out", str(out)])
        page, doubts = pages.write_ledger(folders, out, words)
    for doubt in doubts:
        say(doubt, err=True)
    say(page)
