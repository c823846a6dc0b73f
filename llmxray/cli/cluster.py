"""Options of run for recording on many machines: on workers of a cluster, and in tasks of a job array."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import yaml

from llmxray import workflow
from llmxray.cli.terminal import command, note, say
from llmxray.cluster.arrays import array_part
from llmxray.cluster.batch import Batch
from llmxray.cluster.engine import Engine, parse_spec
from llmxray.cluster.model_server import ServeCommand
from llmxray.errors import InputError
from llmxray.keys import KeyPermit, check_key, parse_permit
from llmxray.numerals import shown, whole_number
from llmxray.regular_files import check_target
from llmxray.report.numbers import plural

if TYPE_CHECKING:
    from llmxray.workflow import PartFinished, Prepared, Shard


def shard_of(text: str | None, environ: Mapping[str, str]) -> Shard | None:
    """The part that ``--shard`` names: I/N, or auto (auto/N) by the variables of a job array; None without it.

    Raises:
        InputError: the text has neither form.
    """
    if text is None:
        return None
    named, slash, sized = text.partition("/")
    index, count = whole_number(named), whole_number(sized)
    if named == "auto" and (count or not slash):
        return workflow.Shard(*array_part(environ, count))
    if not index or not count or index > count:
        raise InputError(f"--shard takes I/N with I from 1 to N, such as 3/16, or auto, not {shown(text)!r}")
    return workflow.Shard(index, count)


def record_on_cluster(
    prepared: Prepared,
    cluster: str,
    serve: Mapping[str, str],
    allow_key: Sequence[str],
    *,
    fresh: bool,
) -> None:
    """Record an experiment on the workers of ``--cluster``, and show progress.

    Raises:
        InputError: cluster or endpoint do not exist, or a key may not be sent.
    """
    _known_endpoints(prepared, serve)
    spec = parse_spec(cluster, _yaml)
    # Workers have their own keys and cannot ask: only --allow-key permits sending them.
    permits = tuple(map(parse_permit, allow_key))
    for label, use in workflow.key_uses(prepared).items():
        if label not in serve:
            check_key(use, permits)
            note(f"each worker sends {use}")
        elif (permit := KeyPermit(use.variable, "127.0.0.1")) in permits:
            note(f"each worker sends the key in {use.variable} to the server that it starts")
        else:
            raise InputError(
                f"nobody has allowed sending the key in {use.variable} to the server that each worker starts for "
                f"{label}: to allow it, add --allow-key {permit}, or leave key_env out"
            )
    part_options = workflow.PartOptions(
        {label: ServeCommand(command) for label, command in serve.items()}, permits
    )
    name = prepared.experiment.experiment
    with Engine(spec) as engine:
        if engine.dashboard:
            note(f"{name}: Dask's dashboard is at {engine.dashboard}")
        try:
            with _terminated_as_interrupted():
                workflow.record_on_cluster(
                    prepared,
                    engine,
                    part_options,
                    environ=os.environ,
                    fresh=fresh,
                    on_part=_progress(name),
                    on_lost=lambda worker: note(
                        f"{name}: worker {worker} has ended; what it was asking is asked again"
                    ),
                    on_look=lambda course: note(f"{name}: {course.line()}"),
                )
        except KeyboardInterrupt:
            note(workflow.interruption_note(prepared, fresh=fresh))
            raise


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt inside the block, so that recordings are sealed and counted."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _progress(name: str) -> Callable[[PartFinished], None]:
    """A function that prints a line about a part, and about the progress of the whole recording."""
    began = time.monotonic()

    def show(finished: PartFinished) -> None:
        part = f"{name}: part {finished.part.number}"
        if finished.again:
            note(f"{part} is done again: {finished.again}")
            return
        rate = finished.done / max(time.monotonic() - began, 1e-9)
        left = (
            f", {(finished.total - finished.done) / rate:.0f} s left"
            if finished.done < finished.total
            else ""
        )
        note(
            f"{part} ({finished.part.condition}, {plural(len(finished.part.trials), 'trial')}) in "
            f"{finished.seconds:.1f} s from {finished.worker}; {finished.done} of {finished.total} trials, "
            f"{rate:.1f} a second{left}"
        )

    return show


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    # ValueError: an impossible date, or not UTF-8.
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: needs 'cluster:' with the name of a Dask cluster class")
    return content


def write_batch(
    prepared: Prepared, path: Path, parts: int, serve: Mapping[str, str], allow_key: Sequence[str]
) -> None:
    """Write the batch file of ``--write-sbatch``: an array of parts, then a job that merges them and builds the report.

    Raises:
        InputError: one model server cannot serve the whole experiment.
    """
    served = {(condition.endpoint, condition.model) for condition in prepared.plan.conditions}
    if serve and (len(served) > 1 or len(serve) > 1):
        models = ", ".join(sorted(model for _, model in served))
        raise InputError(
            f"a part starts one model, and this experiment has {len(served)} ({models}): write an experiment for each"
        )
    _known_endpoints(prepared, serve)
    name = prepared.experiment.experiment
    label, served_by = next(iter(serve.items()), ("", ""))
    batch = Batch(
        name=name,
        experiment=str(path),
        cassette=str(prepared.cassette),
        parts=parts,
        serve=served_by,
        model=next(model for _, model in served) if serve else "",
        endpoint=label,
        allow_key=tuple(allow_key),
    )
    target = Path(f"{name}.sbatch")
    check_target(target)
    target.write_text(batch.text(target.name), "utf-8")
    say(f"{target}: {plural(parts, 'part')}; read it, then run `{command('sbatch', target)}`")


def _known_endpoints(prepared: Prepared, serve: Mapping[str, str]) -> None:
    for label in serve:
        if label not in prepared.experiment.endpoints:
            known = ", ".join(prepared.experiment.endpoints)
            raise InputError(f"--serve {label}=…: this experiment has no endpoint {label!r}; it has: {known}")
