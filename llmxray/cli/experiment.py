"""Commands about experiment files: check, suites."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassette_room
from llmxray import experiment as experiments
from llmxray import plan as plans
from llmxray import suites as suites_room
from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.terminal import command, say
from llmxray.errors import InputError
from llmxray.names import SUITE
from llmxray.report.numbers import plural

if TYPE_CHECKING:
    from llmxray.plan import Plan
    from llmxray.types import SuiteCard, Trial
    from llmxray.workflow import PredictionPreview, Prepared

_SHOWN_FAULTS = 10


def check(
    names: Annotated[list[str], typer.Argument(metavar="EXPERIMENT...", help="Experiment files, or names.")],
    allow_outside: arguments.AllowOutside = False,
) -> None:
    """Check experiment files and show what running them would send."""
    workspace = arguments.workspace(outside=allow_outside)
    for name in names:
        prepared = workflow.prepare(workspace.find(name), workspace)
        workflow.refuse_keys_in_experiment(prepared)
        _check(prepared)


def _check(prepared: Prepared) -> None:
    plan = prepared.plan
    counts = Counter(condition.id for condition, _ in plan.requests())
    samples = {(trial.sample, request.key) for trial in plan.trials for request in trial.requests}
    say(
        f"{prepared.experiment.experiment}: {plural(len(plan.conditions), 'condition')}, "
        f"{plural(len(plan.trials), 'trial')}"
    )
    _say_suites(plan)
    for condition in plan.conditions:
        asked = f"{plural(counts[condition.id], 'request')} to {condition.endpoint}/{condition.model}"
        tokens = f"at most {condition.max_tokens} tokens each ({condition.budget_reason})"
        say(f"  {condition.id}: {asked}, {tokens}")
    for use in dict.fromkeys(workflow.key_uses(prepared).values()):
        say(f"  recording sends {use}")
    # Skipped without predictions, because importing statistics takes a third of the start.
    for preview in workflow.preview_predictions(prepared) if prepared.experiment.predictions else ():
        say(f"  prediction, {preview.prediction.claim!r}: {_preview(preview)}")
    if prepared.experiment.hypothesis and not prepared.experiment.predictions:
        say("  warning: no prediction tests the hypothesis: add 'predictions:'")
    say(_fingerprint(prepared))
    if plan.rounds:
        each = len(samples) / len(plan.rounds.units)
        say(
            f"until decided: looks after {', '.join(map(str, plan.rounds.looks))} questions, {each:.3g} requests each"
        )
    say(
        f"{'at most ' if plan.rounds else ''}{plural(len(samples), 'request')} in all; {_recording_state(prepared)}"
    )


def _fingerprint(prepared: Prepared) -> str:
    """A line with the fingerprint of the plan: the recorded one, else that of the file."""
    if prepared.frozen and (
        recorded := plans.recorded_fingerprint(cassette_room.Cassette(prepared.cassette))
    ):
        return f"fingerprint: {recorded}  (of the plan as it was recorded)"
    fingerprint = plans.plan_fingerprint(prepared.experiment, prepared.plan)
    return f"fingerprint: {fingerprint}  (put it into a commit or a registry before recording; say where with anchor:)"


def _preview(preview: PredictionPreview) -> str:
    """A sentence on the power of a prediction, before recording."""
    if preview.obstacle:
        return f"could never be decided: {preview.obstacle}"
    questions = plural(preview.n_questions, "question")
    if preview.is_last_look:
        return f"{questions}, all of which must be asked: {preview.prediction.metric} is judged at the last look only"
    if preview.detectable is None:
        return questions
    margin = preview.prediction.margin
    beyond = f" beyond the margin of {margin:g}" if margin else ""
    effect = f"{questions}, minimum detectable effect {preview.detectable:.0f} points{beyond}"
    if not preview.expected:
        return effect
    differences = [
        f"{n} at {points}" for n, points in zip(preview.expected, workflow.DIFFERENCES, strict=True)
    ]
    return f"{effect}; until decided, expect {', '.join(differences)} points{beyond}"


def _say_suites(plan: Plan) -> None:
    """Print each suite's size, the faults in its data, and its first question as it is asked."""
    trials: dict[str, list[Trial]] = {name: [] for name in plan.suites}
    for trial in plan.trials:
        trials[trial.suite].append(trial)
    for name, suite in plan.suites.items():
        say(f"  {name}: {plural(len(suite.items), 'question')}")
        listed = suite.faults[:_SHOWN_FAULTS]
        for fault in listed:
            say(f"    data fault: {fault}")
        if suite.n_faults > len(listed):
            say(f"    … and {suite.n_faults - len(listed)} more")
        # Prompts are not shown: they are sent as they stand in the experiment file.
        for line in workflow.first_question(plan, name, trials[name]) if name != plans.PROMPTS else ():
            say(f"    {line}")
        warning = workflow.fixed_position_warning(plan, name, trials[name])
        if warning:
            say(f"    {warning}")


def _recording_state(prepared: Prepared) -> str:
    if not prepared.frozen:
        return "none recorded yet"
    missing, trials = len(workflow.remaining_trials(prepared)), len(prepared.plan.trials)
    if missing and prepared.plan.rounds and (progress := workflow.progress_of(prepared)):
        return progress
    if not missing:
        return "all recorded"
    name = prepared.experiment.experiment
    return f"{missing} of {plural(trials, 'trial')} left to record: {command('llmxray', 'run', name)} --mode record"


def suites(
    name: Annotated[str, typer.Argument(help="Show the card of this suite.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="File with rows of that suite: count them and list their faults.")
    ] = None,
    config: Annotated[str | None, typer.Option(help="Configuration of the data set.")] = None,
    unknown: Annotated[
        Path | None,
        typer.Option("--preview", help="File or folder with rows of any data set: propose a column mapping."),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Split of the folder to preview.")] = None,
) -> None:
    """List the suites that an experiment can name, show one with its card, or preview the rows of any data set."""
    if unknown is not None:
        if name or file is not None:
            raise InputError("--preview takes a file or folder alone: leave out the suite's name and --file")
        # All lines are made before printing: an error is printed alone.
        folder = Path("experiments")
        base = folder if unknown.resolve().is_relative_to(folder.resolve()) else Path()
        for line in [*workflow.propose_suite_entry(unknown, split, config, base=base)]:
            say(line)
        return
    if split is not None:
        raise InputError("--split goes with --preview")
    if name:
        _one_suite(name, file, config)
        return
    for card in suites_room.cards():
        if not card.name.startswith("starter/"):
            say(f"{card.name}: give it a source, a file, a folder or a hub data set. {card.tests}")
            continue
        suite = suites_room.load(experiments.SuiteRef(suite=card.name), Path())
        say(f"{card.name}: {len(suite.items)} questions. {card.tests}")


def _one_suite(name: str, file: Path | None, config: str | None) -> None:
    if file is None and name in suites_room.names() and not name.startswith("starter/"):
        _card(next(card for card in suites_room.cards() if card.name == name))
        return
    # Absolute: a relative source would be relative to an experiment file.
    source = {} if file is None else {"source": {"file": str(file.absolute())}, "config": config}
    try:
        ref = experiments.SuiteRef.model_validate({"suite": name, **source})
    # Of pydantic.
    except ValueError:
        why = SUITE.complaint(name) or "--config or --file cannot be that of a suite"
        raise InputError(f"{why}: `llmxray suites` lists the names that there are") from None
    suite = suites_room.load(ref, Path())
    _card(suite.card)
    counts = Counter(item.category or "(none)" for item in suite.items)
    say(f"questions: {len(suite.items)}, worked examples: {len(suite.shots)}")
    say("by category: " + ", ".join(f"{category} {n}" for category, n in counts.most_common()))
    for fault in suite.faults:
        say(f"data fault: {fault}")


def _card(card: SuiteCard) -> None:
    say(f"{card.name}: {card.title}")
    for label, text in (
        ("tests", card.tests),
        ("does not test", card.does_not_test),
        ("example", card.example),
        ("categories", card.categories),
        ("chance", "" if card.chance is None else f"{card.chance:.1%}"),
        ("departs", card.departs),
        ("licence", card.licence),
        ("source", card.source),
        ("cite", card.citation),
    ):
        if text:
            say(f"  {label}: {text}")
