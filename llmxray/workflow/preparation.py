"""From the name of an experiment to its plan: the recorded plan if there is one, else a newly built one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmxray import experiment as experiments
from llmxray import limits, suites
from llmxray import plan as plans
from llmxray.cassette import Cassette
from llmxray.errors import CassetteError, ExperimentError, InputError, SuiteError
from llmxray.experiment import Experiment, Model, Site, request_fingerprint
from llmxray.experiment.spelling import did_you_mean
from llmxray.plan import Plan
from llmxray.plan.model import SuiteDifference
from llmxray.workflow.starter_suites import suite_differences

# Advice for users who have just installed llmxray.
NOTHING_YET = ": `llmxray demo` shows a recorded one, `llmxray new` writes one to start from"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of experiments and cassettes.

    Attributes:
        cassettes: folder that holds one cassette per experiment.
        experiments: folder searched for ``NAME.yaml``.
        outside: whether ``file:`` sources may lie outside the experiment file's folder.
        tell: gets a line for each difference of a recorded plan from its suites.
    """

    cassettes: Path = Path("cassettes")
    experiments: Path = Path("experiments")
    outside: bool = False
    tell: Callable[[str], None] = field(default=lambda _: None, compare=False)

    def __post_init__(self) -> None:
        # Notebooks give them as strings.
        for name in ("cassettes", "experiments"):
            object.__setattr__(self, name, Path(getattr(self, name)))

    def find(self, name: str) -> Path:
        """The file of an experiment given by path or by name.

        Raises:
            ExperimentError: it does not exist.
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
        known = [path.stem for path in self._all()]
        raise ExperimentError(
            f"no experiment {name!r}: give a YAML file, or the name of one in {self.experiments}/"
            f"{did_you_mean(name, known)}"
            if known
            else f"no experiment {name!r}, and none at all in {self.experiments}/{NOTHING_YET}"
        )

    def has(self, name: str) -> bool:
        """Whether the folder holds an experiment of that name."""
        return any((self.experiments / f"{name}{suffix}").is_file() for suffix in (".yaml", ".yml"))

    def site(self) -> Site:
        """Settings of the site from the folder's ``site.yaml``.

        Raises:
            ExperimentError: the file is not a valid one.
        """
        return experiments.load_site(self.experiments / experiments.SITE_FILE)

    def all(self) -> list[Path]:
        """Every experiment file of the folder, by name.

        Raises:
            InputError: there are none.
        """
        files = self._all()
        if not files:
            raise InputError(f"no experiments in {self.experiments}/{NOTHING_YET}")
        return files

    def _all(self) -> list[Path]:
        return sorted(path for path in self.experiments.glob("*.yaml") if path.name != experiments.SITE_FILE)


@dataclass(frozen=True, slots=True)
class Overrides:
    """Changes that the command line makes without touching the file.

    Attributes:
        endpoints: base URL by endpoint label.
        models: name sent to the server by model id.
        limit: largest number of questions of each suite.
    """

    endpoints: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """An experiment ready to run.

    Attributes:
        source: text of the experiment file.
        frozen: whether the plan was read from the cassette.
        whole: the frozen plan where ``plan`` is only the first questions of it; recording them keeps it.
        complete: the experiment without the command line's limit, None without a limit.
        limit: that limit.
        settings: analysis settings given instead of the file's.
        differences: of a frozen plan from its suites.
    """

    experiment: Experiment
    source: str
    plan: Plan
    cassette: Path
    frozen: bool
    whole: Plan | None = None
    complete: Experiment | None = None
    limit: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    differences: tuple[SuiteDifference, ...] = ()

    def __repr__(self) -> str:
        return f"<Prepared: {'the recorded' if self.frozen else 'a new'} plan; {self.plan!r}>"


_HERE = Workspace()


def prepare(
    path: Path | str,
    workspace: Workspace = _HERE,
    overrides: Overrides | None = None,
    *,
    recorded: bool = False,
    fresh: bool = False,
) -> Prepared:
    """Read an experiment file and make its plan.

    A cassette recorded from the same requests brings its own plan. Then neither the suites' rows nor today's prompt
    layouts are needed, and changes of title or analysis still take effect. The same holds for the first questions of
    what was recorded (`Overrides.limit`). Differences between such a plan and its suites are reported here,
    for every command that reads results.

    Args:
        path: the experiment file, or the name of one in the workspace.
        workspace: where cassettes are; ``cassettes/`` of the working directory by default.
        overrides: changes that the command line makes.
        recorded: the plan will be replayed, so a missing cassette is an error.
        fresh: the plan will be recorded afresh, from today's suites and expected answers. The cassette's plan is not
            used, except that of a fresh recording which was interrupted.

    Raises:
        ExperimentError: the file, or a suite it names, cannot be used.
        CassetteError: ``recorded`` is set, and the cassette is missing; or it was begun in another order.
        InputError: a fresh recording of the first questions would replace one of all questions.
    """
    path = workspace.find(path) if isinstance(path, str) else path
    overrides = overrides or Overrides()
    if overrides.limit is not None and overrides.limit < 1:
        raise InputError(f"a limit is a whole number from 1, not {overrides.limit}")
    # Without the limit too, because only a plan of all questions can be the one that was frozen.
    complete = apply_overrides(experiments.load(path), replace(overrides, limit=None))
    if overrides.limit is not None and complete.until is not None:
        raise InputError(
            f"{path}: --limit asks the first questions, and 'until' random ones: leave one of them out"
        )
    experiment = apply_overrides(complete, Overrides(limit=overrides.limit))
    # Editors on Windows write a byte order mark at the beginning.
    source = path.read_text("utf-8-sig")
    cassette = workspace.cassettes / experiment.experiment
    if recorded:
        Cassette.existing(cassette)
    recording = fresh_folder(cassette) if fresh else cassette
    plan, whole = _frozen_plans(experiment, complete, overrides.limit, recording)
    frozen = plan is not None
    if plan is None:
        _check_ids(complete, path)
        plan = _fresh_plan(experiment, path, within=None if workspace.outside else path.parent)
    _check_rounds(experiment, plan, recording)
    _check_branches(experiment, recording)
    if fresh and overrides.limit is not None:
        check_nothing_is_dropped(cassette, plan)
    # Skipped for the first questions alone: they may lack a category that a prediction names.
    if whole is not None or overrides.limit is None:
        _check_places(experiment, whole or plan, path)
    differences = suite_differences(experiment, plan) if frozen else ()
    for difference in differences:
        workspace.tell(f"{experiment.experiment}: {difference}")
    return Prepared(
        experiment, source, plan, cassette, frozen, whole, complete, overrides.limit, differences=differences
    )


def as_recorded(prepared: Prepared) -> Prepared:
    """The experiment with its plan as the cassette holds it now.

    Recording adapts its plan to the servers; the caller's ``prepared`` still has the old plan, or
    only the first questions.
    """
    if prepared.frozen:
        return prepared
    plan, whole = _frozen_plans(prepared.experiment, prepared.complete, prepared.limit, prepared.cassette)
    return prepared if plan is None else replace(prepared, plan=plan, whole=whole, frozen=True)


def fresh_folder(cassette: Path) -> Path:
    """The folder of a fresh recording until it is complete, beside the cassette that it will replace.

    Raises:
        InputError: a link has its name: the cassette may be one, whose place the user chose, and not this.
    """
    fresh = cassette.with_name(f"{cassette.name}.fresh")
    if fresh.is_symlink() or fresh.is_junction():
        raise InputError(f"{fresh} is a link, and nothing is recorded through one: remove it")
    return fresh


def apply_overrides(experiment: Experiment, overrides: Overrides) -> Experiment:
    """The experiment with the command line's changes.

    Raises:
        InputError: an override names something the experiment does not have.
    """
    _require_known("endpoint", overrides.endpoints, list(experiment.endpoints))
    _require_known("model", overrides.models, [model.id for model in experiment.models])
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
        changes["models"] = _renamed(experiment.models, overrides.models)
    if overrides.limit is not None:
        changes["suites"] = tuple(
            # The limit never raises the number of questions above the file's own limit.
            ref.model_copy(update={"limit": min(overrides.limit, ref.limit or overrides.limit)})
            for ref in experiment.suites
        )
    return experiment.model_copy(update=changes)


def _renamed(models: Sequence[Model], names: Mapping[str, str]) -> tuple[Model, ...]:
    """The models under the names to send; the label of a model that is replaced would publish another as that one."""
    sent = [names.get(model.id, model.model) for model in models]
    times = Counter(sent)
    return tuple(
        model
        if name == model.model
        else model.model_copy(
            update={"model": name, "label": name if times[name] == 1 else f"{name} ({model.id})"}
        )
        for model, name in zip(models, sent, strict=True)
    )


def _require_known(kind: str, given: Mapping[str, str], known: list[str]) -> None:
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise InputError(
            f"--{kind} {unknown}=…: this experiment has no {kind} {unknown!r}; it has: {', '.join(known)}"
        )


def _fresh_plan(experiment: Experiment, path: Path, within: Path | None) -> Plan:
    loaded, n_items = [], 0
    for number, ref in enumerate(experiment.suites):
        try:
            loaded.append(suites.load(ref, path.parent, within=within))
        except SuiteError as error:
            raise experiments.error_at(path, ("suites", number, "suite"), str(error)) from error
        n_items += len(loaded[-1].items)
        if n_items > limits.QUESTIONS:
            reason = f"with it there are {n_items:,} questions; at most {limits.QUESTIONS:,} are planned: set 'limit'"
            raise experiments.error_at(path, ("suites", number, "suite"), reason)
    try:
        return plans.build(experiment, loaded)
    except ExperimentError as error:
        # `plans.build` does not know the file, so it is named here.
        raise ExperimentError(error.reason, file=error.file or str(path)) from error


def _check_ids(experiment: Experiment, path: Path) -> None:
    """Refuse a suite under the name of another one of the catalogue, which tables and pages would show."""
    for number, ref in enumerate(experiment.suites):
        if ref.id != ref.suite and ref.id in suites.names():
            reason = f"'{ref.id}' is the name of a suite, and this is {ref.suite}: choose another"
            raise experiments.error_at(path, ("suites", number, "id"), reason)


def _check_rounds(experiment: Experiment, plan: Plan, recording: Path) -> None:
    """Refuse another order, or other looks, than those that were frozen: the looks are part of the test."""
    if not recording.exists() or not len(cassette := Cassette(recording)):
        return
    frozen = dict(next(cassette.lines("plan"), ())).get("until")
    rounds = plans.rounds_of(experiment, plan)
    if frozen != (rounds and plans.freeze_rounds(rounds)):
        raise CassetteError(
            f"{recording} was begun with other questions or keys 'until:' and 'order:', which decide when it ends: put "
            "them back, or record with --fresh"
        )


def _check_branches(experiment: Experiment, recording: Path) -> None:
    """Refuse another rule than the frozen one: it was fixed before the first branch was seen."""
    if not recording.exists():
        return
    rule = dict(next(Cassette(recording).lines("plan"), ())).get("branches")
    if rule is not None and (
        experiment.branches is None or rule != experiment.branches.model_dump(mode="json")
    ):
        raise CassetteError(
            f"{recording} was recorded with another 'branches:': put it back, or record with --fresh"
        )


def _check_places(experiment: Experiment, plan: Plan, path: Path) -> None:
    """Refuse a prediction about a suite, category or prompt that the plan does not have; the error has its line."""
    categories = [item.category for suite in plan.suites.values() for item in suite.items if item.category]
    known = list(dict.fromkeys([*plan.suites, *categories]))
    for number, prediction in enumerate(experiment.predictions):
        if prediction.on not in (experiments.EVERYWHERE, experiments.POSITION, *known):
            advice = did_you_mean(prediction.on, known) or f"; there is {', '.join(known)}"
            reason = f"no suite, category or prompt named '{prediction.on}'{advice}"
            raise experiments.error_at(path, ("predictions", number, "on"), reason)


def check_nothing_is_dropped(cassette: Path, plan: Plan) -> None:
    """Refuse to replace a recording by one of its first questions only: the other replies are paid for."""
    try:
        frozen = Cassette(cassette).frozen() if cassette.exists() else None
        kept = plans.thaw(frozen).items().keys() if frozen else set()
    except CassetteError as error:
        # It may be of a newer version; a fresh recording of all questions repairs a damaged one.
        raise InputError(
            f"{cassette}, of which --fresh with --limit would leave the first questions, cannot be read: "
            f"leave --limit out ({error})"
        ) from error
    left = kept & plan.items().keys()
    if len(left) < len(kept):
        raise InputError(
            f"{cassette} holds {len(kept)} questions, and --fresh with --limit would leave {len(left)} of them: "
            "leave one of the two out, or record the first ones in another folder with -C"
        )


def _frozen_plans(
    experiment: Experiment, complete: Experiment | None, limit: int | None, directory: Path
) -> tuple[Plan | None, Plan | None]:
    """The frozen plan of an experiment, and the whole one where that is the first questions of it."""
    plan, whole = _frozen_plan(experiment, directory), None
    if plan is None and complete is not None and limit is not None:
        whole = _frozen_plan(complete, directory)
        plan = whole and plans.first_questions(whole, limit, request_fingerprint(experiment))
    return plan, whole


def _frozen_plan(experiment: Experiment, directory: Path) -> Plan | None:
    if not directory.exists():
        return None
    frozen = Cassette(directory).frozen()
    if frozen is None:
        return None
    plan = plans.thaw(frozen)
    # A change of any request needs other recordings; a change of title or analysis does not.
    if plan.fingerprint != request_fingerprint(experiment):
        return None
    # Compared too, because anybody can write a fingerprint into a cassette.
    if not plans.is_plan_of(plan, experiment):
        return None
    labels = experiment.condition_labels()
    relabelled = tuple(
        replace(condition, label=labels.get(condition.id, condition.label)) for condition in plan.conditions
    )
    # Also the file's name, which each result row has.
    return replace(
        plan, experiment=experiment.experiment, conditions=relabelled, branches=experiment.branches
    )
