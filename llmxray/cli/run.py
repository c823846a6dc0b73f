"""Commands about whole experiments: run, report, open."""

from __future__ import annotations

import asyncio
import os
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from llmxray import workflow
from llmxray.cli import options
from llmxray.errors import InputError
from llmxray.report import TokenDetail
from llmxray.results import Results, Scorer
from llmxray.runner import Progress as Step
from llmxray.runner import cut_off, watching
from llmxray.types import Outcome, Trial
from llmxray.workflow import Overrides, Prepared, Shard, Workspace

_console = Console(stderr=True, highlight=False)
_BAR_EVERY_S = 0.05


def run(
    experiments: Annotated[
        list[str] | None, typer.Argument(help="Experiment files, names, or packs.")
    ] = None,
    mode: Annotated[
        Literal["replay", "record"],
        typer.Option(help="Replay the cassette, or record what is missing first."),
    ] = "replay",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Record all of it again into a new cassette.")
    ] = False,
    endpoint: Annotated[list[str] | None, typer.Option(help="NAME=URL: use another base URL.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="ID=NAME: ask for another model.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many questions of each suite.")] = None,
    shard: Annotated[str | None, typer.Option(help="I/N: record only the I-th of N parts.")] = None,
    speed: Annotated[float, typer.Option(min=0, help="Rhythm of replay: 0 at once, 1 as recorded.")] = 0.0,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Lines of text instead of the live view, as when not on a terminal."),
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every experiment of the folder.")] = False,
    tokens: options.Tokens = None,
    jobs: options.Jobs = None,
    out: options.Out = Path("site"),
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Replay experiments offline (or record them), and refresh their report."""
    where = options.workspace(cassettes, folder)
    overrides = Overrides(
        options.pairs(endpoint or (), "--endpoint"), options.pairs(model or (), "--model"), limit
    )
    if (fresh or shard) and mode != "record":
        raise InputError("--fresh and --shard go with --mode record")
    with ExitStack() as stack:
        chosen = list(_chosen(experiments or [], everything, where, mode, stack))
        site = stack.enter_context(_publisher(out, tokens, jobs, len(chosen)))
        for path, place in chosen:
            prepared = workflow.prepare(path, place, overrides, recorded=mode == "replay")
            if mode == "record":
                _record(prepared, fresh, _shard(shard), plain)
                if shard:
                    typer.echo(
                        f"{prepared.cassette}: part {shard} recorded; `llmxray cassette merge` unites the parts"
                    )
                    continue
                # Read again: recording has frozen the plan, perhaps with other budgets.
                prepared = workflow.prepare(path, place, overrides)
            _say_faults(prepared)
            site.add(prepared, _replay(prepared, speed, plain))
        if not shard:
            _finish(site)


def _chosen(
    names: list[str], everything: bool, where: Workspace, mode: str, packs: ExitStack
) -> Iterator[tuple[Path, Workspace]]:
    """The experiment files that are meant, each with its place; packs are opened until ``packs`` closes."""
    zipped = [name for name in names if name.endswith(".zip")]
    # What is recorded would go with the temporary folder.
    if zipped and mode == "record":
        raise InputError(f"{zipped[0]} is a pack, which is only replayed: unpack it to record more")
    if len(zipped) < len(names) or not names:
        others = [name for name in names if name not in zipped]
        yield from ((path, where) for path in options.chosen(others, everything, where))
    for name in zipped:
        inside = packs.enter_context(workflow.opened(Path(name)))
        yield inside.experiment, inside.workspace


def report(
    experiments: Annotated[
        list[str] | None, typer.Argument(help="Experiment files, or names; all by default.")
    ] = None,
    chain: options.Chain = None,
    likelihood: options.Likelihood = None,
    bins: options.Bins = None,
    single_file: Annotated[
        bool,
        typer.Option("--single-file", help="Write one HTML file per experiment, to hand in, not a site."),
    ] = False,
    tokens: options.Tokens = None,
    jobs: options.Jobs = None,
    out: options.Out = Path("site"),
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Build the site from cassettes, without replaying them; scored otherwise, it says what changed."""
    where = options.workspace(cassettes, folder)
    settings = {"chain": chain, "likelihood": likelihood, "bins": bins}
    paths = options.chosen(experiments or [], not experiments, where)
    if single_file:
        with _console.status("building the report"):
            typer.echo(
                workflow.publish(_scored(paths, where, settings), out, tokens=tokens, single_file=True)
            )
        return
    with _publisher(out, tokens, jobs, len(paths)) as site:
        for prepared, results in _scored(paths, where, settings):
            site.add(prepared, results)
        _finish(site)


def open_site(out: options.Out = Path("site")) -> None:
    """Open the site in the browser."""
    index = out / "index.html"
    if not index.exists():
        raise InputError(f"there is no {index}: build it with `llmxray report`")
    # An address, not a path: browsers take "?" and "#" in a path for parts of one.
    webbrowser.open(index.resolve().as_uri())


def _record(prepared: Prepared, fresh: bool, shard: Shard | None, plain: bool) -> None:
    trials = workflow.open_trials(prepared, fresh=fresh, shard=shard)
    name = prepared.experiment.experiment

    def estimate(coming: Sequence[Trial]) -> None:
        sentence = workflow.forecast(prepared, coming).sentence
        _console.print(f"{name}: {sentence}", markup=False, soft_wrap=True)

    # With trials the estimate waits for the server, which may turn out not to be there.
    if not trials:
        estimate(trials)
    conditions, warned = {each.id: each for each in prepared.plan.conditions}, set[str]()
    with watching(_console, trials, _scorer(prepared), f"recording {name}", plain=plain) as view:

        def progress(step: Step) -> None:
            view.progress(step)
            condition = step.trial.condition
            warning = cut_off(conditions[condition], view.tally.conditions[condition].first)
            if warning and condition not in warned:
                # While there is still something to save.
                _console.print(warning, markup=False, soft_wrap=True)
                warned.add(condition)

        asyncio.run(
            workflow.record(
                prepared,
                environ=os.environ,
                fresh=fresh,
                shard=shard,
                on_progress=progress,
                watch=view,
                on_ready=estimate,
            )
        )


def _scored(
    paths: Sequence[Path], where: Workspace, settings: Mapping[str, Any]
) -> Iterator[tuple[Prepared, Results]]:
    """Experiments scored from their cassettes as ``settings`` say, with a line for everything that changes."""
    for path in paths:
        before = workflow.prepare(path, where, recorded=True)
        after = workflow.with_analysis(before, settings)
        results = workflow.read_results(after)
        for change in workflow.changes(before, after, results):
            _console.print(f"{before.experiment.experiment}: {change}", soft_wrap=True)
        yield after, results


def _publisher(
    out: Path, tokens: TokenDetail | None, jobs: int | None, experiments: int
) -> workflow.Publisher:
    """Experiments in processes of their own; what is left of the cores goes to each of them."""
    most = jobs or os.cpu_count() or 1
    workers = max(1, min(most, experiments))
    return workflow.Publisher(out, tokens=tokens, workers=workers, each=most // workers)


def _finish(site: workflow.Publisher) -> None:
    with _console.status("building the report") as status:

        def say(done: int, total: int) -> None:
            status.update(f"building the report: {done} of {total} experiments")

        typer.echo(site.finish(say))


def _replay(prepared: Prepared, speed: float, plain: bool) -> Results:
    began, title = time.monotonic(), f"replaying {prepared.experiment.experiment}"
    if speed:
        # The view shows times as they pass, which are the model's only in the recorded rhythm.
        title += "" if speed == 1 else f" at {speed:g} times the recorded speed"
        with watching(_console, prepared.plan.trials, _scorer(prepared), title, plain=plain) as view:
            run = workflow.replay(prepared, speed=speed, on_progress=view.progress, watch=view)
            results = asyncio.run(run)
    else:
        # At once means at once: reading every reply a second time would halve the speed.
        with _bar(title) as step:
            results = asyncio.run(workflow.replay(prepared, on_progress=step))
    failed = sum(row.outcome is Outcome.ERROR for row in results.rows)
    trials, took = len(results.rows), time.monotonic() - began
    _console.print(
        f"{prepared.experiment.experiment}: {trials} trials replayed in {took:.1f} s"
        + (f", {failed} without a whole reply" if failed else "")
    )
    return results


def _say_faults(prepared: Prepared) -> None:
    for name, suite in prepared.plan.suites.items():
        if suite.faults:
            _console.print(f"{name}: {len(suite.faults)} faults in the data (`llmxray check` lists them)")


def _scorer(prepared: Prepared) -> Scorer:
    analysis = prepared.experiment.analysis
    return Scorer(prepared.plan, chain=analysis.chain, per_byte=analysis.likelihood == "per_byte")


def _shard(text: str | None) -> Shard | None:
    if text is None:
        return None
    index, slash, count = text.partition("/")
    # Not isdigit() alone, which holds for ² too.
    if not slash or not index.isdecimal() or not count.isdecimal() or not 1 <= int(index) <= int(count):
        raise InputError(f"--shard takes I/N with I from 1 to N, such as 3/16, not {text!r}")
    return Shard(int(index), int(count))


@contextmanager
def _bar(title: str) -> Iterator[Callable[[Step], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        shown = 0.0

        def update(step: Step) -> None:
            nonlocal shown
            # A replay takes a thousand steps a second, each of which would take the bar's lock.
            if step.done == step.total or step.seconds - shown > _BAR_EVERY_S:
                shown = step.seconds
                progress.update(task, completed=step.done, total=step.total)

        yield update
