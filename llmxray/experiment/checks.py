"""Checks that span several parts of an experiment: references, duplicates, what each kind needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from llmxray import names
from llmxray.experiment.faults import Fault
from llmxray.experiment.predictions import CHANCE, EVERYWHERE, POSITION
from llmxray.experiment.spelling import did_you_mean, slip_of

if TYPE_CHECKING:
    from llmxray.experiment.model import Experiment

# The plan gathers free prompts under this name, beside the suites.
_PROMPTS = "prompts"
# A report compares every condition with every other one.
MOST_CONDITIONS = 100
# Each ignored field is looked up in every request.
MOST_IGNORED = 100
# Samples of one request; every one may be compared with every other one.
_MOST_SAMPLES = 1_000


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def experiment_faults(experiment: Experiment) -> Iterator[Fault]:
    """Faults between the parts of an experiment, each of which is valid by itself."""
    too_many = tuple(_size_faults(experiment))
    if too_many:
        # The other checks are skipped, because they would take hours.
        yield from too_many
        return
    complaint = names.reserved(experiment.experiment)
    if complaint:
        yield Fault(("experiment",), complaint)
    yield from _kind_faults(experiment)
    yield from _duplicates("models", experiment.models)
    yield from _duplicates("suites", experiment.suites)
    yield from _duplicates("prompts", experiment.prompts)
    yield from _duplicates("variants", experiment.variants)
    yield from _reference_faults(experiment)
    yield from _prediction_faults(experiment)


def _size_faults(experiment: Experiment) -> Iterator[Fault]:
    if len(experiment.identity.ignore) > MOST_IGNORED:
        many = f"has {len(experiment.identity.ignore):,} entries; at most {MOST_IGNORED} are taken"
        yield Fault(("identity", "ignore"), many, at_key=True)
    if experiment.samples > _MOST_SAMPLES:
        yield Fault(("samples",), f"is {experiment.samples:,}; at most {_MOST_SAMPLES:,} are taken")
    conditions = len(experiment.models) * max(1, len(experiment.variants))
    if conditions > MOST_CONDITIONS:
        many = f"makes {conditions:,} conditions; at most {MOST_CONDITIONS} are taken"
        yield Fault(("models",), many, at_key=True)


def _kind_faults(experiment: Experiment) -> Iterator[Fault]:
    # A key that has no effect is refused, or the author would believe that it has one.
    if experiment.kind == "benchmark":
        if not experiment.suites:
            yield Fault(
                (), "a benchmark needs at least one entry under 'suites:', such as {suite: starter/arc}"
            )
        for field in ("prompts", "preset", "variants"):
            if getattr(experiment, field):
                yield Fault((field,), "belongs to 'kind: compare'; this is a benchmark", at_key=True)
        return
    if not experiment.prompts and not experiment.suites:
        yield Fault(
            (), "a compare experiment needs 'prompts:', such as {id: capital, text: What is …?}, or 'suites:'"
        )
    for index, suite in enumerate(experiment.suites):
        if suite.id == _PROMPTS:
            yield Fault(("suites", index, "id"), f"'{_PROMPTS}' is kept for 'prompts:'; choose another id")
    if experiment.preset and experiment.variants:
        yield Fault(("variants",), "stands beside 'preset:'; keep one of the two", at_key=True)


def _duplicates(field: str, entries: Sequence[_Identified]) -> Iterator[Fault]:
    # Two entries with one id would share trials, files and addresses.
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        if entry.id in first:
            advice = "; give one of them an 'id:' of its own" if field == "suites" else "; ids must differ"
            message = f"'{entry.id}' is already the id of {field}[{first[entry.id]}]{advice}"
            yield Fault((field, index, "id"), message)
        first.setdefault(entry.id, index)


def _reference_faults(experiment: Experiment) -> Iterator[Fault]:
    model_ids = [model.id for model in experiment.models]
    for index, model in enumerate(experiment.models):
        if model.endpoint not in experiment.endpoints:
            message = _unknown("endpoint", model.endpoint, experiment.endpoints)
            yield Fault(("models", index, "endpoint"), message)
        suite_ids = [suite.id for suite in experiment.suites]
        for number, name in enumerate(model.suites or ()):
            if name not in suite_ids:
                yield Fault(("models", index, "suites", number), _unknown("suite", name, suite_ids))
        if experiment.variants and all(v.model not in (None, model.id) for v in experiment.variants):
            yield Fault(
                ("models", index, "id"), f"no variant is for '{model.id}'; add one, or remove the model"
            )
    for index, variant in enumerate(experiment.variants):
        if variant.model is not None and variant.model not in model_ids:
            yield Fault(("variants", index, "model"), _unknown("model", variant.model, model_ids))
    yield from _price_faults(experiment, model_ids)
    baseline = experiment.analysis.baseline
    if baseline is not None and not _is_condition(baseline, experiment):
        yield Fault(("analysis", "baseline"), _unknown("model", baseline, model_ids))


def _price_faults(experiment: Experiment, model_ids: Sequence[str]) -> Iterator[Fault]:
    for model_id in experiment.prices.models:
        if model_id not in model_ids:
            yield Fault(("prices", model_id), _unknown("model", model_id, model_ids), at_key=True)
    if not experiment.prices.model_fields_set:
        return
    for index, model_id in enumerate(model_ids):
        # Ids of models are keys of 'prices:', beside these fields.
        if model_id in type(experiment.prices).model_fields:
            yield Fault(("models", index, "id"), f"'{model_id}' is a key of 'prices:'; choose another id")


def _prediction_faults(experiment: Experiment) -> Iterator[Fault]:
    """Wrong references of predictions. Categories are not checked here: they are known once suites are loaded."""
    conditions = experiment.condition_ids()
    for index, prediction in enumerate(experiment.predictions):
        path = ("predictions", index)
        for name in prediction.conditions(conditions):
            if name not in conditions:
                yield Fault((*path, "of"), _unknown("condition", name, conditions))
        against = prediction.against
        if isinstance(against, str) and against != CHANCE and against not in conditions:
            yield Fault((*path, prediction.direction), _unknown("condition", against, conditions))
        complaint = "" if prediction.on == POSITION else _place_complaint(experiment, prediction.on)
        if complaint:
            yield Fault((*path, "on"), complaint)


def _place_complaint(experiment: Experiment, on: str) -> str:
    suites = [suite.id for suite in experiment.suites]
    known_names = [
        *suites,
        *([_PROMPTS] if experiment.prompts else []),
        *(prompt.id for prompt in experiment.prompts),
    ]
    if on == EVERYWHERE or on in known_names:
        return ""
    if not suites:
        return _unknown("prompt", on, [prompt.id for prompt in experiment.prompts])
    # Any other name may be a category, which is free text, unless it is a misspelt name of a suite.
    slip = slip_of(on, [name for name in suites if "/" in name])
    return _unknown("suite", on, [slip]) if slip else ""


def _is_condition(baseline: str, experiment: Experiment) -> bool:
    """Whether the baseline names a model, a variant, or both joined by any text."""
    models = {model.id for model in experiment.models}
    # A model without its endpoint is reported by another check.
    reachable = [model for model in experiment.models if model.endpoint in experiment.endpoints]
    variants = {variant.id for model in reachable for variant in experiment.expanded_variants(model)}
    # The plan joins the two names, and this room does not know how.
    joined = (baseline.startswith(model) and baseline.endswith(v) for model in models for v in variants)
    return baseline in models or baseline in variants or any(joined)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    return f"no {what} named '{name}'{did_you_mean(name, names) or '; there is ' + ', '.join(names)}"
