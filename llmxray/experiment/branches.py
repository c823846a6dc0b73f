"""The keys of an experiment whose answers are asked again from a forced beginning, to see where they were decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import Count, Flag, Number, Strict, Texts
from llmxray.experiment.spelling import did_you_mean

if TYPE_CHECKING:
    from llmxray.experiment.model import Experiment, Model
    from llmxray.experiment.sampling import Variant

# Only llama.cpp's grammar was found to repeat an answer to the last bit.
_CANNOT_FORCE = frozenset({"ollama", "openai", "lmstudio", "openrouter", "vllm"})


class Branches(Strict):
    """Which tokens are replaced by the model's second choice."""

    second: Annotated[Number, Field(gt=0, le=50)] = Field(
        default=25, description="Where the second choice had at least this probability, in percent."
    )
    at_most: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=3, description="At most so many of these an answer, the most probable ones."
    )
    digits: Flag = Field(
        default=True, description="Also digits after '=', where the likeliest other digit had at least 1%."
    )
    max_tokens: Count = Field(
        default=120, description="Tokens after the replaced one, within the budget of the answer."
    )
    of: Annotated[Texts, Field(min_length=1)] | None = Field(
        default=None, description="Ids of the conditions; all by default."
    )


def branch_faults(experiment: Experiment) -> Iterator[Fault]:
    """Faults of the key beside the others of the file: all that keeps an answer from coming out again."""
    if experiment.branches is None:
        return
    conditions = {
        experiment.condition_id(model, variant): (model, variant)
        for model in experiment.models
        if model.endpoint in experiment.endpoints
        for variant in experiment.expanded_variants(model) or (None,)
    }
    for number, name in enumerate(experiment.branches.of or ()):
        if name not in conditions:
            advice = did_you_mean(name, [*conditions]) or "; there is " + ", ".join(conditions)
            yield Fault(("branches", "of", number), f"no condition named '{name}'{advice}")
            return
    for name in experiment.branches.of or conditions:
        model, variant = conditions[name]
        if complaint := _complaint(experiment, model, variant):
            others = "" if experiment.branches.of else "; or list other conditions in 'of: […]'"
            yield Fault(("branches",), f"condition '{name}' {complaint}{others}", at_key=True)
            return


def _complaint(experiment: Experiment, model: Model, variant: Variant | None) -> str:
    endpoint, fields = experiment.endpoints[model.endpoint], experiment.request_fields(model, variant)
    if endpoint.preset in _CANNOT_FORCE or endpoint.api != "chat":
        return "is on a server that cannot force a beginning; llama.cpp can ('local', 'llamacpp')"
    if (model.answer or experiment.answer) == "likelihood":
        return "answers by likelihood, which writes nothing to branch from"
    if fields.get("temperature") != 0:
        return "needs 'sampling: {temperature: 0}', or chance decides too"
    if not fields.get("top_logprobs"):
        return "needs 'sampling: {top_logprobs: 10}', which tells the second choice"
    if fields.get("cache_prompt") is not False:
        return (
            "needs 'sampling: {cache_prompt: false}': with a warm cache the same request gives another answer"
        )
    return ""
