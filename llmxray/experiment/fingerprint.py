"""The fingerprint that tells whether two versions of a file send the same requests."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

import rfc8785

from llmxray.experiment.model import Experiment, Model
from llmxray.experiment.sampling import Variant
from llmxray.experiment.suite import SuiteRef
from llmxray.types import Json

# Keys that were added to suites later. They are left out if null, so that older files keep their fingerprint.
_LATER = ("columns", "answer_is", "choices", "completion", "bad_rows")
_LATER_OF_SOURCE = ("folder", "shots")
# The plan sets these fields, whatever the file says; only null leaves them out.
_ADDED_BY_LLMXRAY = frozenset({"max_tokens", "stop", "stream_options"})


def request_fingerprint(experiment: Experiment) -> str:
    """SHA-256 (hex) of everything that changes a request or the id of a trial.

    The name, the texts for readers, predictions, the analysis, prices, expected answers, the order of entries and the
    addresses of endpoints are left out, because they may change after recording.
    """
    canonical = rfc8785.dumps(
        {
            "kind": experiment.kind,
            "answer": experiment.answer,
            "budget": experiment.budget,
            "samples": experiment.samples,
            "shuffle_options": _seed(experiment),
            # By id and not in order, because another order of entries sends the same requests.
            "models": {model.id: _model(experiment, model) for model in experiment.models},
            "suites": {suite.id: _suite(suite) for suite in experiment.suites},
            "prompts": {
                prompt.id: {"text": prompt.text, "system": prompt.system} for prompt in experiment.prompts
            },
            # Left out if null, so that files older than the key keep their fingerprint.
            **({"rotations": experiment.rotations} if experiment.rotations else {}),
            **({"ignored": sorted(set(experiment.identity.ignore))} if experiment.identity.ignore else {}),
        }
    )
    return hashlib.sha256(canonical).hexdigest()


def _model(experiment: Experiment, model: Model) -> dict[str, Json]:
    answers = {model.answer or experiment.answer, *(suite.answer for suite in experiment.suites)}
    return {
        "endpoint": model.endpoint,
        # How an option is forced depends on the kind of server.
        "server": experiment.endpoints[model.endpoint].preset if "likelihood" in answers else None,
        "model": model.model,
        "answer": model.answer,
        "layout": model.layout,
        "budget": model.budget,
        "system": model.system,
        **({} if model.thinking is None else {"thinking": model.thinking}),
        **({} if (api := experiment.endpoints[model.endpoint].api) == "chat" else {"api": api}),
        **({} if (field := experiment.budget_field(model)) is None else {"budget_field": field}),
        **({} if model.suites is None else {"suites": list[Json](sorted(model.suites))}),
        "shuffle_options": _seed(model),
        # The fields are merged, so that it does not matter on which level a field stands.
        "fields": _fields(experiment, model),
        "variants": {
            variant.id: {"system": variant.system, "fields": _fields(experiment, model, variant)}
            for variant in experiment.expanded_variants(model)
        },
    }


def _fields(experiment: Experiment, model: Model, variant: Variant | None = None) -> dict[str, Json]:
    """The request fields, with null for those that llmxray would add and the file leaves out."""
    omitted = experiment.omitted_fields(model, variant) & _ADDED_BY_LLMXRAY
    return {**experiment.request_fields(model, variant), **dict.fromkeys(sorted(omitted))}


def _seed(holder: Experiment | Model) -> int | None:
    return None if holder.shuffle_options is None else holder.shuffle_options.seed


def _suite(ref: SuiteRef) -> dict[str, Json]:
    dumped: dict[str, Json] = ref.model_dump(mode="json")
    fields = _without_absent(dumped, _LATER)
    if ref.source is not None:
        fields["source"] = _without_absent(ref.source.model_dump(mode="json"), _LATER_OF_SOURCE)
    if ref.columns is not None:
        fields["columns"] = ref.columns.model_dump(mode="json", exclude_none=True)
    return fields


def _without_absent(dumped: Mapping[str, Json], names: Collection[str]) -> dict[str, Json]:
    return {name: value for name, value in dumped.items() if value is not None or name not in names}
