"""From the name of an experiment to its plan: frozen where it can be, freshly built where it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmxray import experiment as experiments
from llmxray import plan as plans
from llmxray import suites
from llmxray.cassette import Cassette
from llmxray.errors import ExperimentError, InputError, SuiteError
from llmxray.experiment import Experiment, Site, request_fingerprint
from llmxray.experiment.spelling import did_you_mean
from llmxray.plan import Plan

# Of all suites together: each may name the same large file.
_MOST_QUESTIONS = 500_000
# For whoever has just installed llmxray.
NOTHING_YET = ": `llmxray demo` shows a recorded one, `llmxray new` writes one to start from"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where things are.

    Attributes:
        cassettes: folder that holds one cassette per experiment.
        experiments: folder searched for ``NAME.yaml``.
        outside: whether ``file:`` sources may lie outside of the folder of their experiment file.
    """

    cassettes: Path = Path("cassettes")
    experiments: Path = Path("experiments")
    outside: bool = False

    def find(self, name: str) -> Path:
        """The file of an experiment given by path or by name.

        Raises:
            ExperimentError: there is none.
        """
        path = Path(name)
        if path.suffix in (".yaml", ".yml"):
            if not path.exists():
                raise ExperimentError("there is no such file", file=name)
            return path
        for suffix in (".yaml", ".yml"):
            candidate = self.experiments / f"{name}{suffix}"
            if candidate.exists():
                return candidate
        raise ExperimentError(
            f"no experiment {name!r}: give a YAML file, or the name of one in {self.experiments}/"
            if self._all()
            else f"no experiment {name!r}, and none at all in {self.experiments}/{NOTHING_YET}"
        )

    def has(self, name: str) -> bool:
        """Whether the folder holds an experiment of that name."""
        return any((self.experiments / f"{name}{suffix}").is_file() for suffix in (".yaml", ".yml"))

    def site(self) -> Site:
        """What the folder's ``site.yaml`` says of the site.

        Raises:
            ExperimentError: the file is not a valid one.
        """
        return experiments.load_site(self.experiments / experiments.SITE_FILE)

    def all(self) -> list[Path]:
        """Every experiment file of the folder, by name.

        Raises:
            InputError: there are none.
        """
        found = self._all()
        if not found:
            raise InputError(f"no experiments in {self.experiments}/{NOTHING_YET}")
        return found

    def _all(self) -> list[Path]:
        return sorted(path for path in self.experiments.glob("*.yaml") if path.name != experiments.SITE_FILE)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line may change without touching the file.

    Attributes:
        endpoints: base URL by endpoint label.
        models: name sent to the server by model id.
        limit: at most so many questions of each suite.
    """

    endpoints: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment ready to run.

    Attributes:
        source: text of the experiment file.
        frozen: whether the plan was read from the cassette.
        whole: the frozen plan where ``plan`` is only the first questions of it; recording them keeps it.
        settings: analysis settings given instead of the file's.
    """

    experiment: Experiment
    source: str
    plan: Plan
    cassette: Path
    frozen: bool
    whole: Plan | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


_HERE = Workspace()


def prepare(
    path: Path,
    workspace: Workspace = _HERE,
    overrides: Overrides | None = None,
    *,
    recorded: bool = False,
    fresh: bool = False,
) -> Prepared:
    """Read an experiment file and make its plan.

    A cassette recorded from the same requests brings its own plan: then neither the suites' rows nor today's
    prompt layouts are needed, and changes of title or analysis take effect all the same. So it is for the first
    questions of what was recorded.

    Args:
        workspace: where cassettes are; ``cassettes/`` of the working directory by default.
        recorded: it is to be replayed: say that nothing is recorded before suites are looked for.
        fresh: it is to be recorded afresh, from today's suites and expected answers: the plan of the cassette is left
            aside, but for that of a fresh recording which was interrupted.

    Raises:
        ExperimentError: the file, or a suite it names, cannot be used.
        CassetteError: there is no cassette, and ``recorded`` asks for one.
    """
    overrides = overrides or Overrides()
    # Of all its questions too: only a plan of all of them can be the one that was frozen.
    complete = override(experiments.load(path), replace(overrides, limit=None))
    experiment = override(complete, Overrides(limit=overrides.limit))
    # Editors of Windows put a byte order mark in front.
    source = path.read_text("utf-8-sig")
    cassette = workspace.cassettes / experiment.experiment
    if recorded:
        Cassette.existing(cassette)
    held = fresh_folder(cassette) if fresh else cassette
    plan, whole = _frozen_plan(experiment, held), None
    if plan is None and overrides.limit is not None:
        whole = _frozen_plan(complete, held)
        plan = whole and plans.first_questions(whole, overrides.limit, request_fingerprint(experiment))
    frozen = plan is not None
    if plan is None:
        plan = _fresh_plan(experiment, path, within=None if workspace.outside else path.parent)
    # Fewer questions may lack a category that all of them have.
    if whole is not None or overrides.limit is None:
        _check_places(experiment, whole or plan, path)
    return Prepared(experiment, source, plan, cassette, frozen, whole)


def fresh_folder(cassette: Path) -> Path:
    """Where a fresh recording goes until it is complete: beside the cassette whose place it takes."""
    return cassette.with_name(f"{cassette.name}.fresh")


def override(experiment: Experiment, overrides: Overrides) -> Experiment:
    """The experiment with the command line's changes.

    Raises:
        InputError: an override names something the experiment does not have.
    """
    _known("endpoint", overrides.endpoints, list(experiment.endpoints))
    _known("model", overrides.models, [model.id for model in experiment.models])
    changes: dict[str, object] = {}
    if overrides.endpoints:
        changes["endpoints"] = {
            label: endpoint.model_copy(
                update={"base_url": experiments.checked_base_url(overrides.endpoints[label])}
            )
            if label in overrides.endpoints
            else endpoint
            for label, endpoint in experiment.endpoints.items()
        }
    if overrides.models:
        changes["models"] = tuple(
            model.model_copy(update={"model": overrides.models.get(model.id, model.model)})
            for model in experiment.models
        )
    if overrides.limit is not None:
        changes["suites"] = tuple(
            # A taste never asks more than the file does.
            ref.model_copy(update={"limit": min(overrides.limit, ref.limit or overrides.limit)})
            for ref in experiment.suites
        )
    return experiment.model_copy(update=changes)


def _known(kind: str, given: Mapping[str, str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise InputError(
                f"--{kind} {name}=…: this experiment has no {kind} {name!r}; it has: {', '.join(known)}"
            )


def _fresh_plan(experiment: Experiment, path: Path, within: Path | None) -> Plan:
    found, n = [], 0
    for number, ref in enumerate(experiment.suites):
        try:
            found.append(suites.load(ref, path.parent, within=within))
        except SuiteError as error:
            raise experiments.error_at(path, ("suites", number, "suite"), str(error)) from error
        n += len(found[-1].items)
        if n > _MOST_QUESTIONS:
            reason = (
                f"with it there are {n:,} questions; at most {_MOST_QUESTIONS:,} are planned: set 'limit'"
            )
            raise experiments.error_at(path, ("suites", number, "suite"), reason)
    try:
        return plans.build(experiment, found)
    except ExperimentError as error:
        # The plan is pure and knows no file.
        raise ExperimentError(error.reason, file=error.file or str(path)) from error


def _check_places(experiment: Experiment, plan: Plan, path: Path) -> None:
    """Refuse a prediction about a suite, category or prompt that the plan does not have, by its place in the file."""
    categories = [item.category for suite in plan.suites.values() for item in suite.items if item.category]
    known = list(dict.fromkeys([*plan.suites, *categories]))
    for number, prediction in enumerate(experiment.predictions):
        if prediction.on != experiments.EVERYWHERE and prediction.on not in known:
            advice = did_you_mean(prediction.on, known) or f"; there is {', '.join(known)}"
            reason = f"no suite, category or prompt named '{prediction.on}'{advice}"
            raise experiments.error_at(path, ("predictions", number, "on"), reason)


def _frozen_plan(experiment: Experiment, directory: Path) -> Plan | None:
    if not directory.exists():
        return None
    frozen = Cassette(directory).frozen()
    if frozen is None:
        return None
    plan = plans.thaw(frozen)
    # Anything that changes a request needs other recordings; titles and analysis do not.
    if plan.fingerprint != request_fingerprint(experiment):
        return None
    # A fingerprint is a text that anybody can write.
    if {each.id for each in plan.conditions} != {*experiment.condition_ids()}:
        return None
    labels = experiment.condition_labels()
    named = tuple(replace(each, label=labels.get(each.id, each.label)) for each in plan.conditions)
    return replace(plan, conditions=named)
