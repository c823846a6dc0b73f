"""What an experiment file asks of an endpoint that the Responses API does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmxray.experiment.faults import Fault, Path
from llmxray.experiment.sampling import OTHER_REQUEST_FIELDS, Sampling, Variant

if TYPE_CHECKING:
    from llmxray.experiment.model import Experiment, Model

_OWN_BUDGET = "the Responses API has one name for the budget; remove this key"
# The other fields of chat have a place there.
_TRANSLATED = {"reasoning_effort", "response_format", "max_completion_tokens"}
MISSING = (
    frozenset({"seed", "stop", "presence_penalty", "frequency_penalty", *OTHER_REQUEST_FIELDS}) - _TRANSLATED
)
"""Request fields of chat that the Responses API does not have."""


def responses_faults(experiment: Experiment) -> Iterator[Fault]:
    """The first fault at each place of the file."""
    faults: dict[Path, Fault] = {}
    for index, model in enumerate(experiment.models):
        endpoint = experiment.endpoints.get(model.endpoint)
        if endpoint is None or endpoint.api != "responses":
            continue
        for where, named in ((("models", index), model), (("endpoints", model.endpoint), endpoint)):
            if named.budget_field is not None:
                path: Path = (*where, "budget_field")
                faults.setdefault(path, Fault(path, _OWN_BUDGET, at_key=True))
        how = f"endpoint '{model.endpoint}' has 'api: responses', which"
        for path in _likelihood(experiment, index, model):
            advice = "ask for another answer, or write 'api: chat' there"
            faults.setdefault(path, Fault(path, f"{how} cannot force an option; {advice}"))
        for name, path in _missing(experiment, index, model):
            advice = "" if path == ("preset",) else "remove it, "
            if path[0] in ("preset", "sampling"):
                advice += f"write 'sampling: {{{name}: null}}' beside model '{model.id}', "
            advice += "or write 'api: chat' there"
            faults.setdefault(path, Fault(path, f"{how} has no '{name}'; {advice}", at_key=True))
    yield from faults.values()


def _likelihood(experiment: Experiment, index: int, model: Model) -> Iterator[Path]:
    """Where the model is asked for likelihood answers."""
    if model.answer == "likelihood":
        yield "models", index, "answer"
    elif model.answer is None and experiment.answer == "likelihood":
        yield ("answer",)
    for number, suite in enumerate(experiment.suites):
        if suite.answer == "likelihood" and (model.suites is None or suite.id in model.suites):
            yield "suites", number, "answer"


def _missing(experiment: Experiment, index: int, model: Model) -> Iterator[tuple[str, Path]]:
    """Fields that the model is sent and that the API does not have, with their places."""
    variants: tuple[Variant | None, ...] = experiment.expanded_variants(model) or (None,)
    levels: list[tuple[Path, Sampling | None]] = [
        (("models", index, "sampling"), model.sampling),
        (("sampling",), experiment.sampling),
    ]
    for variant in variants:
        is_own = variant in experiment.variants
        nearest = ("variants", experiment.variants.index(variant)) if variant and is_own else ("preset",)
        for name in sorted(MISSING & experiment.request_fields(model, variant).keys()):
            stated = ((path, level) for path, level in [(nearest, variant), *levels] if level is not None)
            path, level = next((path, level) for path, level in stated if name in level.level().sent)
            # What stands there is sent unchecked, as a server's own.
            if name not in (level.extra or {}):
                yield name, path if path == ("preset",) else (*path, name)
