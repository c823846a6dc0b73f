"""The experiment file as frozen values.

``Experiment`` is the whole file: endpoints, models, suites or prompts, and request fields. Building one checks
everything that can be checked without looking outside the file; ``llmxray.experiment.load`` adds lines and columns to
the faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Protocol, override

from pydantic import Field

from llmxray import limits, names
from llmxray.experiment.branches import Branches, branch_faults
from llmxray.experiment.endpoint import Endpoint, VariantPreset, expand, sampler_pins
from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import (
    HUB_MODEL_PATTERN,
    Answer,
    BudgetField,
    Count,
    Flag,
    Label,
    LabelText,
    Layout,
    Name,
    Seed,
    Strict,
    Text,
    Texts,
    Title,
    checked_first,
    is_text_or_texts,
)
from llmxray.experiment.predictions import (
    CHANCE,
    EVERYWHERE,
    POSITION,
    Anchor,
    EarlierRecording,
    Prediction,
)
from llmxray.experiment.prices import Prices
from llmxray.experiment.responses import MISSING, responses_faults
from llmxray.experiment.sampling import RequestFields, Sampling, Variant
from llmxray.experiment.spelling import did_you_mean, slip_of
from llmxray.experiment.suite import SuiteRef
from llmxray.experiment.until import Decided, Order, until_faults
from llmxray.types import ALWAYS_IDENTIFYING, ChainName, Json, LikelihoodScore

Budget = Annotated[
    Literal["auto"] | int,
    checked_first(
        lambda value: value == "auto" or (type(value) is int and value >= 1),
        "auto or a whole number of tokens, not {value}",
    ),
    Field(json_schema_extra={"minimum": 1}),
]
# The plan gathers free prompts under this name, beside the suites.
_PROMPTS = "prompts"


class Shuffle(Strict):
    """Seeded shuffling of the options."""

    seed: Seed = Field(description="Seed of the permutations, one per question.")


class Model(Strict):
    """A model on an endpoint, with its settings: a condition."""

    hints: ClassVar[Mapping[str, str]] = {
        "name": "unknown key; 'id' is the name in the report, 'model' the name sent to the server",
        **dict.fromkeys(("temperature", "top_p", "seed", "max_tokens"), "belongs under 'sampling:'"),
    }

    id: Label = Field(description="Name in tables and addresses.")
    endpoint: Text = Field(description="Label of the endpoint that serves it.")
    model: Title = Field(description="Name sent to the server.")
    label: LabelText | None = Field(default=None, description="Longer name for people.")
    answer: Answer | None = Field(default=None, description="How it answers; overrides the experiment's.")
    # Set for each model, because base models and chat models in one experiment need different layouts.
    layout: Layout = Field(default="zero-shot", description="How the prompt is laid out.")
    budget: Budget | None = Field(
        default=None, description="Its completion budget; overrides the experiment's."
    )
    budget_field: BudgetField | None = Field(
        default=None,
        description="Request field for its budget; found out by default.",
    )
    system: str | None = Field(default=None, description="System prompt.")
    thinking: Flag | None = Field(
        default=None,
        description="Whether it thinks before it answers; by default found out.",
    )
    sampling: Sampling | None = Field(
        default=None, description="Its request fields; override the experiment's."
    )
    shuffle_options: Shuffle | None = Field(default=None, description="Its option shuffling.")
    suites: Annotated[Texts, Field(min_length=1)] | None = Field(
        default=None, description="Ids of its suites; all by default."
    )
    hub: Annotated[str, Field(pattern=HUB_MODEL_PATTERN)] | None = Field(
        default=None,
        description="Its Hugging Face repository, such as Qwen/Qwen3-8B; for `llmxray export`.",
    )
    availability: Literal["open_weights", "closed_weights"] | None = Field(
        default=None, description="Whether its weights are published; for `llmxray export --to eee`."
    )


Expected = Annotated[
    Text | Texts | None,
    checked_first(is_text_or_texts, 'a text or a list of texts, such as [seven, "7"]'),
]


class Prompt(Strict):
    """A free prompt of a compare experiment."""

    hints: ClassVar[Mapping[str, str]] = {
        "prompt": "unknown key; did you mean 'text'?",
        "answer": "unknown key; did you mean 'expect'?",
    }

    id: Label = Field(description="Name in tables and addresses.")
    text: Text = Field(description="The prompt, sent as it stands.")
    # Text even for numbers, because it is compared with the text of the model.
    expect: Expected = Field(
        default=None,
        description="Text that a right answer contains, or a list of alternatives.",
    )
    system: str | None = Field(default=None, description="System prompt.")

    @property
    def expected(self) -> tuple[str, ...]:
        """The texts of which a right answer contains one; empty if nothing is expected."""
        return (self.expect,) if isinstance(self.expect, str) else self.expect or ()


class Identity(Strict):
    """What makes two requests the same one."""

    ignore: Texts = Field(
        default=(),
        description="Top-level request fields that change no answer.",
    )

    @override
    def faults(self) -> Iterator[Fault]:
        for number, name in enumerate(self.ignore):
            if name in ALWAYS_IDENTIFYING:
                yield Fault(("ignore", number), f"'{name}' tells requests apart, so it cannot be ignored")


class AnalysisSettings(Strict):
    """How results are worked up; changes no request."""

    hints: ClassVar[Mapping[str, str]] = {
        "official_compat": "unknown key; did you mean 'chain: official-compat'?"
    }

    chain: ChainName = Field(default="llmxray", description="How answers are found in replies.")
    bins: Annotated[int, Field(strict=True, ge=2, le=1000)] = Field(
        default=15, description="Bins in calibration plots."
    )
    baseline: Text | None = Field(default=None, description="Model or condition to compare the others with.")
    likelihood: LikelihoodScore = Field(
        default="acc",
        description="Likelihood score: total log-probability (acc), per character (acc_norm) or per byte (acc_bytes).",
    )


class Experiment(Strict):
    """A whole experiment file."""

    hints: ClassVar[Mapping[str, str]] = {
        "name": "unknown key; did you mean 'experiment'?",
        **dict.fromkeys(
            ("temperature", "top_p", "seed", "top_logprobs", "max_tokens", "stop"),
            "belongs under 'sampling:'",
        ),
        "shuffle": "unknown key; did you mean 'shuffle_options'?",
        "system": "system prompts stand beside a model, a prompt or a variant",
    }
    # Named as in the file, so that a dumped experiment can be validated again without aliases.
    experiment: Name = Field(description="Name, also of its cassette and its folder on the site.")
    title: Title | None = Field(default=None, description="Headline of the report, best a question.")
    hypothesis: Text | None = Field(default=None, description="What you expect.")
    predictions: tuple[Prediction, ...] = Field(
        default=(), description="What would confirm it; frozen when recording begins."
    )
    earlier: tuple[EarlierRecording, ...] = Field(
        default=(),
        description="Earlier recordings and their results; shown in the report.",
    )
    anchor: Anchor | None = Field(
        default=None, description="Where you published the plan's fingerprint; may be added later."
    )
    description: Text | None = Field(default=None, description="Longer text for the report.")
    kind: Literal["benchmark", "compare"] = Field(
        description="'benchmark' scores suites; 'compare' shows outputs side by side."
    )
    # A Mapping and no dict, so that the type checker refuses changes of a frozen experiment.
    endpoints: Annotated[Mapping[Label, Endpoint], Field(min_length=1)] = Field(
        description="Servers by label; recordings belong to the label, not the address."
    )
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = Field(description="Models to ask.")
    suites: tuple[SuiteRef, ...] = Field(default=(), description="Benchmark suites to ask.")
    prompts: tuple[Prompt, ...] = Field(default=(), description="Free prompts (compare).")
    preset: VariantPreset | None = Field(default=None, description="Ready-made variants (compare).")
    variants: tuple[Variant, ...] = Field(
        default=(), description="Settings to compare, instead of a preset (compare)."
    )
    sampling: Sampling = Field(default=Sampling(), description="Fields of every request.")
    answer: Answer = Field(default="letter", description="How questions are answered and scored.")
    budget: Budget = Field(default="auto", description="Completion budget: auto, or tokens.")
    samples: Count = Field(default=1, description="How often each request is repeated, with seed + 0, 1, 2 …")
    shuffle_options: Shuffle | None = Field(
        default=None, description="Shuffle the options of every question."
    )
    rotations: Literal["all"] | None = Field(
        default=None,
        description="'all' asks each question once per rotation of its options.",
    )
    until: Decided = Field(
        default=None,
        description="decided: ask in rounds, until every prediction is decided, or hardly can be.",
    )
    order: Order | None = Field(default=None, description="Random order of the questions; with 'until'.")
    branches: Branches | None = Field(
        default=None,
        description="Ask again from second choices, to see where answers were decided.",
    )
    identity: Identity = Field(
        default=Identity(), description="Request fields to ignore when matching recordings."
    )
    analysis: AnalysisSettings = Field(
        default=AnalysisSettings(), description="Report settings; may change after recording."
    )
    prices: Prices = Field(
        default=Prices(),
        description="Token prices by model id, and the price of a machine hour.",
    )

    @override
    def faults(self) -> Iterator[Fault]:
        return _experiment_faults(self)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment

    def expanded_variants(self, model: Model) -> tuple[Variant, ...]:
        """The variants of ``model``, with a preset expanded; empty if there are none.

        A preset's variants switch the other samplers off, as far as the model's endpoint knows them and unless the file
        sets them itself.
        """
        if self.preset is None:
            return tuple(variant for variant in self.variants if variant.model in (None, model.id))
        stated = self._level(model)
        seed = stated.sent.get("seed")
        rows = expand(self.preset, seed=seed if isinstance(seed, int) else None)
        if "seed" in stated.omitted:
            rows = [{name: value for name, value in row.items() if name != "seed"} for row in rows]
        pins = self.pins(model)
        return tuple(Variant.model_validate({**pins, **row}) for row in rows)

    def pins(self, model: Model) -> dict[str, Json]:
        """Samplers that the preset switches off for ``model``, except those that the author set or left out."""
        if self.preset is None:
            return {}
        endpoint, stated = self.endpoints[model.endpoint], self._level(model)
        known = sampler_pins(endpoint.preset, endpoint.base_url)
        return {
            name: value
            for name, value in known.items()
            if name not in stated.sent and name not in stated.omitted
            if endpoint.api == "chat" or name not in MISSING
        }

    def budget_field(self, model: Model) -> BudgetField | None:
        """The request field of the budget if the file names it: the model's, else its endpoint's; else None."""
        return model.budget_field or self.endpoints[model.endpoint].budget_field

    def condition_id(self, model: Model, variant: Variant | None) -> str:
        """The id of a condition: the model's, or with variants the variant's; with several models ``model@variant``."""
        if variant is None:
            return model.id
        return variant.id if len(self.models) == 1 else f"{model.id}@{variant.id}"

    def condition_ids(self) -> list[str]:
        """Ids of all conditions in the order of the file; models with an unknown endpoint are left out."""
        return list(self.condition_labels())

    def condition_labels(self) -> dict[str, str]:
        """The label of every condition by its id, in the order of the file; "" if it has none."""
        return {
            self.condition_id(model, variant): condition_label(model, variant)
            for model in self.models
            if model.endpoint in self.endpoints
            for variant in self.expanded_variants(model) or (None,)
        }

    def request_fields(self, model: Model, variant: Variant | None = None) -> dict[str, Json]:
        """Request fields of a condition: the model's override the experiment's, the variant's override both."""
        return dict(self._level(model, variant).sent)

    def omitted_fields(self, model: Model, variant: Variant | None = None) -> frozenset[str]:
        """Request fields of a condition that the file says not to send."""
        return self._level(model, variant).omitted

    def _level(self, model: Model, variant: Variant | None = None) -> RequestFields:
        fields = self.sampling.level()
        for nearer in (model.sampling, variant):
            fields = fields if nearer is None else fields.under(nearer.level())
        # Done last, because one level may switch off the logprobs that another level asks for.
        return fields.agreed()


def condition_label(model: Model, variant: Variant | None) -> str:
    """The label of a condition: the model's, then the variant's; empty if there is none."""
    if variant is None:
        return model.label or ""
    # A variant without a label is named by its id, but only beside the label of its model.
    variant_label = variant.label or (variant.id if model.label else "")
    return ", ".join(part for part in (model.label, variant_label) if part)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def _experiment_faults(experiment: Experiment) -> Iterator[Fault]:
    """Faults between the parts of an experiment, each of which is valid by itself."""
    conditions = len(experiment.models) * max(1, len(experiment.variants))
    if conditions > limits.CONDITIONS:
        many = f"makes {conditions:,} conditions; at most {limits.CONDITIONS} are taken"
        yield Fault(("models",), many, at_key=True)
        # The other checks are skipped, because they would take long.
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
    yield from responses_faults(experiment)
    yield from until_faults(experiment.until, experiment.order, experiment.kind, experiment.predictions)
    yield from branch_faults(experiment)


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
    for priced in experiment.prices.models:
        if priced not in model_ids:
            yield Fault(("prices", priced), _unknown("model", priced, model_ids), at_key=True)
    baseline = experiment.analysis.baseline
    reachable = [model for model in experiment.models if model.endpoint in experiment.endpoints]
    variants = {variant.id for model in reachable for variant in experiment.expanded_variants(model)}
    if baseline is not None and baseline not in {*model_ids, *variants, *experiment.condition_ids()}:
        yield Fault(("analysis", "baseline"), _unknown("model", baseline, model_ids))


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


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    listed = list(known)
    return f"no {what} named '{name}'{did_you_mean(name, listed) or '; there is ' + ', '.join(listed)}"
