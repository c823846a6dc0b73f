"""Commands about whole experiments: run, report, open, demo."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import sys
import time
import webbrowser
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from llmxray import cassette as cassettes
from llmxray import report as report_room
from llmxray import runner, workflow
from llmxray.cli import arguments
from llmxray.cli.arguments import collect_permits
from llmxray.cli.cluster import record_on_cluster, shard_of, write_batch
from llmxray.cli.pack import Keep, is_pack, pack_file
from llmxray.cli.terminal import command, console, note, note_table, say, working
from llmxray.errors import InputError, RunFailedError
from llmxray.names import EXPERIMENT, SCORER, reserved
from llmxray.report.numbers import interval, percent, plural, seconds
from llmxray.types import Outcome

if TYPE_CHECKING:
    from llmxray.report.analysis.course import Course
    from llmxray.report.analysis.data import ExperimentData
    from llmxray.results import Results
    from llmxray.runner import LiveView
    from llmxray.runner import Progress as Step
    from llmxray.types import Trial
    from llmxray.workflow import Prepared, Shard, Workspace


_JUDGED = (Outcome.CORRECT, Outcome.WRONG)


def run(
    experiments: Annotated[
        list[str] | None, typer.Argument(help="Experiment files, names, packs, or https addresses of packs.")
    ] = None,
    mode: Annotated[
        Literal["replay", "record"],
        typer.Option(help="Replay the cassette, or record what is missing first."),
    ] = "replay",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Record everything again into a new cassette.")
    ] = False,
    endpoint: Annotated[
        list[str] | None, typer.Option(help="NAME=URL: use this base URL for the endpoint.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="ID=NAME: send this model name to the server, and label its results with it."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask at most this many questions of each suite.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(help="I/N: record only part I of N; auto: the part that this job array's task is."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Record on Dask workers: a number of them on this machine, tcp://HOST:PORT of a scheduler, or a YAML "
            "file with a cluster class."
        ),
    ] = None,
    serve: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=COMMAND: each worker, or part of --write-sbatch, starts this model server for the endpoint; "
            "{model} and {port} are filled in."
        ),
    ] = None,
    write_sbatch: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=10_000,
            help="Only write NAME.sbatch for SLURM: an array of so many parts, and a job that merges them.",
        ),
    ] = None,
    allow_key: arguments.AllowKey = None,
    allow_outside: arguments.AllowOutside = False,
    speed: Annotated[float, typer.Option(min=0, help="Speed of replay: 0 at once, 1 as recorded.")] = 0.0,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Print plain lines instead of the live view."),
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Run every experiment of the folder.")] = False,
    keep: Keep = None,
    tokens: arguments.Tokens = None,
    jobs: arguments.Jobs = None,
    live: arguments.Live = False,
    out: arguments.Out = Path("site"),
) -> None:
    """Replay experiments offline, or record them, and rebuild their report."""
    workspace = arguments.workspace(outside=allow_outside)
    overrides = workflow.Overrides(
        arguments.pairs(endpoint or (), "--endpoint"), arguments.pairs(model or (), "--model"), limit
    )
    if (fresh or shard or allow_key or cluster or write_sbatch) and mode != "record":
        raise InputError("--fresh, --shard, --cluster, --write-sbatch and --allow-key go with --mode record")
    if serve and not (cluster or write_sbatch):
        raise InputError("--serve goes with --cluster or --write-sbatch")
    if sum(map(bool, (shard, cluster, write_sbatch))) > 1:
        raise InputError(
            "--cluster and --write-sbatch make parts of their own: name one of --shard and these"
        )
    served = arguments.pairs(serve or (), "--serve")
    part, permits = shard_of(shard, os.environ), allow_key or ()
    with ExitStack() as stack:
        files = list(_experiment_files(experiments or [], everything, workspace, mode, out, keep, stack))
        site = stack.enter_context(_site_builder(out, jobs, len(files), workspace, live=live))
        silent: list[str] = []
        for path, home in files:
            prepared = workflow.prepare(path, home, overrides, recorded=mode == "replay", fresh=fresh)
            if mode == "record":
                if overrides.models and prepared.experiment.predictions:
                    note(f"{path}: its predictions were written for other models than --model asks")
                if prepared.plan.rounds and write_sbatch:
                    raise InputError(f"{path}: 'until: decided' needs a look between parts: use --cluster")
                if write_sbatch:
                    write_batch(prepared, path, write_sbatch, served, permits)
                    continue
                if cluster:
                    record_on_cluster(prepared, cluster, served, permits, fresh=fresh)
                else:
                    record(prepared, fresh=fresh, shard=part, allow_key=permits, plain=plain)
                # Prepared again, because recording has frozen the plan, with what its servers need.
                prepared = workflow.prepare(path, home, overrides)
                silent += say_failures(prepared, part)
                if part:
                    again = ", then record the next look" if prepared.plan.rounds else ""
                    say(
                        f"{prepared.cassette}: part {part.index}/{part.count} recorded; "
                        f"`llmxray cassette merge` joins the parts{again}"
                    )
                    continue
            _say_faults(prepared)
            results = _replay(prepared, speed, plain)
            site.add(workflow.report_data(prepared, results, tokens))
            _say_results(prepared, results)
            _say_verdicts(prepared, results)
        if not (shard or write_sbatch):
            _finish(site, out)
    if silent:
        raise RunFailedError(f"no whole reply from {', '.join(silent)}: the lines above say why")


def _experiment_files(
    names: list[str],
    everything: bool,
    workspace: Workspace,
    mode: str,
    out: Path,
    keep: Path | None,
    packs: ExitStack,
) -> Iterator[tuple[Path, Workspace]]:
    """The experiment files to run, each with its workspace; packs stay open until ``packs`` closes."""
    zipped = [name for name in names if is_pack(name)]
    # A recording into a pack would be lost with its temporary folder.
    if zipped and mode == "record":
        raise InputError(f"{zipped[0]} is a pack, which is only replayed: unpack it to record more")
    if len(zipped) < len(names) or not names:
        others = [name for name in names if name not in zipped]
        yield from ((path, workspace) for path in arguments.experiment_files(others, everything, workspace))
    files = [(name, pack_file(name, keep, packs)) for name in zipped]
    if zipped:
        # A pack may be a stranger's. Replay needs nothing else, so data sets are not fetched.
        packs.enter_context(workflow.loopback_only())
    for name, file in files:
        inside = packs.enter_context(workflow.open_pack(file, name))
        workflow.refuse_other_pages(inside.manifest.experiment, inside.workspace.cassettes, workspace, out)
        yield inside.experiment, replace(inside.workspace, tell=workspace.tell)


def report(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiment files or names; result files of other tools, or folders of them; cassettes of the proxy. "
            "All experiments by default."
        ),
    ] = None,
    chain: arguments.Chain = None,
    likelihood: arguments.Likelihood = None,
    bins: arguments.Bins = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the experiment that files of other tools become; by default of their task."
        ),
    ] = None,
    scorer: Annotated[
        str | None,
        typer.Option(help="Scorer in files of other tools whose marks say which answers are correct."),
    ] = None,
    single_file: Annotated[
        bool,
        typer.Option("--single-file", help="Write one HTML file per experiment instead of a site."),
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Show an unfinished recording, with its share on every page.")
    ] = False,
    allow_outside: arguments.AllowOutside = False,
    tokens: arguments.Tokens = None,
    jobs: arguments.Jobs = None,
    live: arguments.Live = False,
    out: arguments.Out = Path("site"),
) -> None:
    """Build the site without replaying: from cassettes, or from result files of other tools.

    With other scoring options, the changes are listed. Files of Inspect, lm-evaluation-harness, Every Eval Ever, HELM,
    promptfoo, OpenAI Evals and the LLMxRay app are recognised by their content.
    """
    workspace = arguments.workspace(outside=allow_outside)
    settings = {"chain": chain, "likelihood": likelihood, "bins": bins}
    foreign, names = arguments.foreign_files(experiments or [], workspace)
    if scorer is not None:
        if not foreign:
            raise InputError("--scorer is for files of other tools: an experiment is scored from its replies")
        if wrong := SCORER.complaint(scorer):
            raise InputError(f"--scorer: {wrong}; write a dot for whatever is no letter, digit, _, @ or -")
    if name is not None:
        if not foreign:
            raise InputError("--name is for files of other tools: an experiment has its name in its file")
        if wrong := EXPERIMENT.complaint(name) or reserved(name):
            raise InputError(f"--name: {wrong}; use lower-case letters, digits and hyphens")
    paths = arguments.experiment_files(names, not experiments, workspace) if names or not foreign else []
    read = _read(foreign, workflow.ReadSettings(chain, likelihood, bins, name, scorer))
    if single_file:
        if live:
            raise InputError("--live adds a page to a site: leave out --single-file")
        with working("building the report"):
            runs = _scored(paths, workspace, settings, partial=partial)
            say(workflow.publish(runs, out, tokens=tokens, single_file=True, read=read))
        return
    with _site_builder(out, jobs, len(paths) + len(read), workspace, live=live) as site:
        for data in read:
            site.add(replace(data, wanted_tokens=tokens))
        for prepared, results in _scored(paths, workspace, settings, partial=partial):
            site.add(workflow.report_data(prepared, results, tokens))
            _say_verdicts(prepared, results)
        _finish(site, out)


def _read(paths: Sequence[Path], settings: workflow.ReadSettings) -> list[ExperimentData]:
    """Experiments in files of other tools, and what the proxy recorded; prints the notes of each."""
    recorded = [path for path in paths if cassettes.is_cassette(path)]
    data = [workflow.recorded_data(path) for path in recorded]
    paths = [path for path in paths if path not in recorded]
    if not paths:
        return data
    with working("reading the files"):
        imported = workflow.read_files(paths, settings)
    for experiment in imported:
        for sentence in experiment.results.notes:
            note(sentence)
    return data + [workflow.imported_data(experiment, paths, settings) for experiment in imported]


def open_site(out: arguments.Out = Path("site")) -> None:
    """Open the site in the browser."""
    index = out / "index.html"
    if not index.exists():
        raise InputError(f"there is no {index}: build it with `llmxray report`")
    _show(index)


def _show(page: Path) -> None:
    # A URL, not a path: in a path, browsers would take "?" and "#" for parts of a URL.
    webbrowser.open(page.resolve().as_uri())


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the site.")] = Path("llmxray-demo"),
    show: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the site in the browser; by default at a terminal only."),
    ] = None,
    files: Annotated[
        bool,
        typer.Option("--files", help="Leave the experiment and its cassette here too, to change and run."),
    ] = False,
) -> None:
    """Build the site of a recorded experiment that comes with llmxray: no model, no key, no network."""
    shipped, here = workflow.demo, arguments.workspace()
    experiment = here.experiments / f"{shipped.EXPERIMENT}.yaml"
    cassette = here.cassettes / shipped.EXPERIMENT
    for path in (experiment, cassette) if files else ():
        if path.exists():
            raise InputError(f"{path} is there already: name another folder with -C before `demo`")
    if out.exists() and not (out / shipped.EXPERIMENT).is_dir() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there already: name a new folder with --out")
    with shipped.demo_workspace() as workspace, working("building the report"):
        workflow.refuse_other_pages(shipped.EXPERIMENT, workspace.cassettes, workflow.Workspace(), out)
        prepared = workflow.prepare(workspace.find(shipped.EXPERIMENT), workspace, recorded=True)
        index = workflow.publish([(prepared, workflow.read_results(prepared))], out)
        if files:
            experiment.parent.mkdir(parents=True, exist_ok=True)
            experiment.write_text(prepared.source, "utf-8")
            shutil.copytree(prepared.cassette, cassette)
    say(index)
    if files:
        again = command("llmxray", "run", shipped.EXPERIMENT)
        note(f"to begin, change a prediction in {experiment}, then: {again}")
    else:
        note(
            "real models, recorded once; to change something, add --files; to write an experiment: "
            f"{command('llmxray', 'new', shipped.EXPERIMENT)}"
        )
    if sys.stdout.isatty() if show is None else show:
        _show(index)


def _scored(
    paths: Sequence[Path], workspace: Workspace, settings: Mapping[str, Any], *, partial: bool
) -> Iterator[tuple[Prepared, Results]]:
    """Experiments scored with these analysis settings; prints the changes."""
    for path in paths:
        before = workflow.prepare(path, workspace, recorded=True)
        after = workflow.with_analysis(before, settings)
        results = workflow.read_results(after, partial=partial)
        for change in workflow.score_changes(before, after, results):
            note(f"{before.experiment.experiment}: {change}")
        if results.partial:
            note(f"{before.experiment.experiment}: {results.partial}")
        yield after, results


def _site_builder(
    out: Path, jobs: int | None, experiments: int, workspace: Workspace, *, live: bool
) -> report_room.SiteBuilder:
    """A builder of the site that writes experiments in parallel."""
    workers = max(1, min(jobs or os.cpu_count() or 1, experiments))
    page = workflow.live_page() if live else None
    return report_room.SiteBuilder(out, workers, workspace.site(), page)


def _finish(site: report_room.SiteBuilder, out: Path) -> None:
    with working("building the report") as status:

        def show(done: int, total: int) -> None:
            status.update(f"building the report: {done} of {total} experiments")

        index = site.finish(show)
    # Afterwards: a line that is printed beside the status would continue it.
    where = ["--out", out] if out != Path("site") else []
    note(f"open it: {command('llmxray', 'open', *where)}")
    say(index)


def _replay(prepared: Prepared, speed: float, plain: bool) -> Results:
    began, title = time.monotonic(), f"replaying {prepared.experiment.experiment}"
    if speed:
        # The view shows times as they pass, which equal the model's only at the recorded speed.
        title += "" if speed == 1 else f" at {speed:g} times the recorded speed"
        with runner.watching(
            console, prepared.plan.trials, workflow.scorer(prepared), title, plain=plain
        ) as view:
            run = workflow.replay(prepared, speed=speed, on_progress=view.progress, watch=view)
            results = asyncio.run(run)
    else:
        # No live view here: it would read every reply a second time, which would halve the speed.
        with runner.bar(console, title) as step:
            results = asyncio.run(workflow.replay(prepared, on_progress=step))
    failed = sum(row.outcome is Outcome.ERROR for row in results.rows)
    trials, took = len(results.rows), time.monotonic() - began
    note(
        f"{prepared.experiment.experiment}: {trials} trials replayed in {took:.1f} s"
        + (f", {failed} without a whole reply" if failed else "")
    )
    return results


def _say_results(prepared: Prepared, results: Results) -> None:
    """Print a table: accuracy, replies that are neither right nor wrong, and the median time, of each suite asked."""
    # Imported here, because statistics take a third of the start.
    from llmxray.report.analysis import accuracy_of  # noqa: PLC0415

    table = []
    for condition, suite in itertools.product(results.plan.conditions, results.plan.suites):
        rows = [row for row in results.of(condition.id) if row.suite == suite]
        if not rows:
            continue
        accuracy = accuracy_of(rows)
        others = Counter(row.outcome for row in rows if row.outcome not in _JUDGED)
        times = [row.latency_s for row in rows if row.latency_s is not None]
        cells = (
            condition.id,
            suite,
            percent(accuracy.value),
            interval(accuracy),
            ", ".join(f"{n} {outcome.value}" for outcome, n in others.items()),
            seconds(median(times) if times else None),
        )
        table.append(cells)
    headings = ("condition", "suite", "correct", "95% CI", "neither right nor wrong", "median time")
    note_table(prepared.experiment.experiment, headings, table)


def _say_verdicts(prepared: Prepared, results: Results) -> None:
    """Print each prediction with its verdict."""
    if results.stopped:
        note(f"{prepared.experiment.experiment}: {results.stopped}")
    verdicts = workflow.verdicts(prepared, results)
    if verdicts:
        stated_on = verdicts[0].stated_on
        added = sum(verdict.added_after for verdict in verdicts)
        some = f" {len(verdicts) - added} of them" if added else ""
        began = (
            f",{some} frozen before the first answer ({stated_on}), by the author's own recording"
            if stated_on
            else ""
        )
        note(f"{prepared.experiment.experiment}: {plural(len(verdicts), 'prediction')}{began}")
    for verdict in verdicts:
        mark = " (added after recording)" if verdict.added_after else ""
        mark = " (no longer in the file)" if verdict.dropped else mark
        note(f"  {verdict.claim}{mark}")
        note(f"    {verdict.sentence}")


def _say_faults(prepared: Prepared) -> None:
    for name, suite in prepared.plan.suites.items():
        if suite.n_faults:
            note(f"{name}: {suite.n_faults} faults in the data (`llmxray check` lists them)")


def record(
    prepared: Prepared, *, fresh: bool, shard: Shard | None, allow_key: Sequence[str], plain: bool
) -> None:
    """Record an experiment in this process, and show its progress.

    Args:
        fresh: record everything again into a new cassette.
        shard: record only this part of the trials.
        allow_key: the values of ``--allow-key``.
        plain: print plain lines instead of the live view.
    """
    # Asked before the live view starts, which would draw over the question.
    permits = collect_permits(workflow.key_uses(prepared).values(), allow_key)
    trials = workflow.remaining_trials(prepared, fresh=fresh, shard=shard)
    # If there are trials, the estimate waits until the server has answered, which may turn out not to be there.
    if not trials and not workflow.missing_branches(prepared, fresh=fresh, shard=shard):
        _note_estimate(prepared, trials)
    title = f"recording {prepared.experiment.experiment}"
    with runner.watching(console, trials, workflow.scorer(prepared), title, plain=plain) as view:
        listener = workflow.RecordingListener(
            on_ready=lambda next_trials: _note_estimate(prepared, next_trials) if next_trials else None,
            on_progress=_progress(prepared, view),
            on_look=_look(prepared, view),
            on_branch=_branch(prepared, view),
            watch=view,
        )
        work = workflow.record(
            prepared, environ=os.environ, permits=permits, fresh=fresh, shard=shard, listener=listener
        )
        try:
            _run_interruptible(work)
        except KeyboardInterrupt:
            note(workflow.interruption_note(prepared, fresh=fresh))
            raise


def say_failures(prepared: Prepared, shard: Shard | None) -> list[str]:
    """Print what failed most; returns the conditions, as EXPERIMENT/CONDITION, without any whole reply."""
    name, failures = prepared.experiment.experiment, workflow.recording_failures(prepared, shard)
    if failures.sentence:
        note(f"{name}: {failures.sentence}")
    return [f"{name}/{condition}" for condition in failures.silent]


def _note_estimate(prepared: Prepared, trials: Sequence[Trial]) -> None:
    note(f"{prepared.experiment.experiment}: {workflow.forecast(prepared, trials)}")


def _progress(prepared: Prepared, view: LiveView) -> Callable[[Step], None]:
    """A function that shows each trial, and warns once for each condition whose answers are cut off."""
    conditions = {condition.id: condition for condition in prepared.plan.conditions}
    warned: set[str] = set()

    def progress(step: Step) -> None:
        view.progress(step)
        condition = step.trial.condition
        warning = runner.cut_off(conditions[condition], view.tally.conditions[condition].first)
        if warning and condition not in warned:
            # Printed at once, while the user can still stop and save the cost of the rest.
            note(warning)
            warned.add(condition)

    return progress


def _look(prepared: Prepared, view: LiveView) -> Callable[[Course], None]:
    """A function that shows each look at the answers of a recording that may end early."""

    def look(course: Course) -> None:
        view.look = course.line()
        note(f"{prepared.experiment.experiment}: {view.look}")

    return look


def _branch(prepared: Prepared, view: LiveView) -> Callable[[Step], None]:
    """A function that shows how many branches are recorded; they are in no tally."""

    def branch(step: Step) -> None:
        view.look = f"{step.done} of {step.total} branches and controls, {step.seconds:.0f} s"
        if step.done % max(1, step.total // 10) == 0 or step.done == step.total:
            note(f"{prepared.experiment.experiment}: {view.look}")

    return branch


def _run_interruptible[T](work: Coroutine[None, None, T]) -> T:
    """Run a coroutine as ``asyncio.run`` does, and let SIGTERM cancel it as Ctrl-C does.

    Raises:
        KeyboardInterrupt: a signal came. A second SIGTERM raises it at once, wherever the work is.
    """
    interrupted = False

    async def working() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            nonlocal interrupted
            if interrupted:
                raise KeyboardInterrupt
            interrupted = True
            # The task is cancelled, because an exception raised here would occur in any step of the loop, even in
            # another task. The loop's own handler for Ctrl-C does not suffice: a job in the background has none.
            loop.call_soon_threadsafe(task.cancel)

        before = signal.signal(signal.SIGTERM, interrupt)
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    try:
        return asyncio.run(working())
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
