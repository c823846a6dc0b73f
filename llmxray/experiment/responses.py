"""What an experiment file asks of an endpoint that the Responses API does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmxray.experiment.faults import Fault, Path
from llmxray.experiment.sampling import OTHER_REQUEST_FIELDS, Sampling, Variant

if TYPE_CHECKING:
    from llmxray.experiment.model import Experiment, Model

# The other fields of chat have a place there.
_TRANSLATED = {"reasoning_effort", "response_format", "max_completion_tokens"}
MISSING = (
    frozenset({"seed", "stop", "presence_penalty", "frequency_penalty", *OTHER_REQUEST_FIELDS}) - _TRANSLATED
)
"""Request fields of chat that the Responses API does not have."""


def responses_faults(experiment: Experiment) -> Iterator[Fault]:
    """The first fault at each place of the file."""
    faults: dict[Path, str] = {}
    for index, model in enumerate(experiment.models):
        endpoint = experiment.endpoints.get(model.endpoint)
        if endpoint is not None and endpoint.api == "responses":
            for path, complaint in _complaints(experiment, index, model):
                faults.setdefault(
                    path, f"endpoint '{model.endpoint}' has 'api: responses', which {complaint}"
                )
    return (Fault(path, message, at_key=True) for path, message in faults.items())


def _complaints(experiment: Experiment, index: int, model: Model) -> Iterator[tuple[Path, str]]:
    """What one model is asked for that the API does not have, with its places."""
    for where, holder in (
        (("models", index), model),
        (("endpoints", model.endpoint), experiment.endpoints[model.endpoint]),
    ):
        if holder.budget_field is not None:
            yield (*where, "budget_field"), "has one name for the budget; remove this key"
    answers = (
        [(("models", index, "answer"), model.answer)] if model.answer else [(("answer",), experiment.answer)]
    )
    suites = (
        (("suites", number, "answer"), suite.answer)
        for number, suite in enumerate(experiment.suites)
        if model.suites is None or suite.id in model.suites
    )
    for path, answer in (*answers, *suites):
        if answer == "likelihood":
            yield path, "cannot force an option; ask for another answer, or write 'api: chat' there"
    for variant in experiment.expanded_variants(model) or (None,):
        for name in sorted(MISSING & experiment.request_fields(model, variant).keys()):
            path, level = _place_of(name, experiment, index, variant)
            # What stands in `extra` is sent unchecked, as a server's own.
            if name not in (level.extra or {}):
                advice = "" if path == ("preset",) else "remove it, "
                if path[0] in ("preset", "sampling"):
                    advice += f"write 'sampling: {{{name}: null}}' beside model '{model.id}', "
                yield path, f"has no '{name}'; {advice}or write 'api: chat' there"


def _place_of(
    name: str, experiment: Experiment, index: int, variant: Variant | None
) -> tuple[Path, Sampling]:
    """Where a field that a condition sends stands, with its level of the file."""
    own = experiment.models[index].sampling
    if variant is not None and name in variant.level().sent:
        number = next((n for n, other in enumerate(experiment.variants) if other == variant), None)
        return ("preset",) if number is None else ("variants", number, name), variant
    if own is not None and name in own.level().sent:
        return ("models", index, "sampling", name), own
    return ("sampling", name), experiment.sampling
