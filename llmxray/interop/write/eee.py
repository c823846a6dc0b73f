"""Every Eval Ever 0.3: for every condition and suite an aggregate, and beside it one line a scored trial.

::

    data/SUITE/DEVELOPER/MODEL/UUID.json             accuracy, and ECE-15 where there is a confidence
    data/SUITE/DEVELOPER/MODEL/UUID_samples.jsonl    the trials, of which the accuracy is made

The schema has no log-probabilities, and every line of it is right or wrong. So trials without a whole reply, with a
reply that was not read, or without an expected answer stand in no line; the aggregate says how many there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from llmxray.interop.write.study import (
    UNKNOWN,
    Study,
    file_name,
    item_id,
    json_bytes,
    json_line,
    text_of,
    usage_of,
    uuid_of,
)
from llmxray.plan import PlannedSuite
from llmxray.types import UNCOUNTED, Condition, Estimate, Outcome, Row, SuiteCard, Trial
from llmxray.wire import prompt_of

SCHEMA = "0.3.0"
_LIBRARY = "llmxray"
_METRICS: Mapping[str, Mapping[str, Any]] = {
    "accuracy": {
        "metric_id": "accuracy",
        "metric_name": "Accuracy",
        "metric_kind": "accuracy",
        "evaluation_description": "Correct answers / trials with a whole reply",
        "lower_is_better": False,
    },
    "ece": {
        "metric_id": "llmxray.ece_15",
        "metric_name": "ECE-15",
        "metric_kind": "calibration_error",
        "evaluation_description": "Expected calibration error of option confidence, 15 bins of equal width",
        "lower_is_better": True,
    },
}


def files(study: Study) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
    """Yield path below the datastore's top folder and bytes of every file.

    The lines of instances come one by one, since each repeats its prompt, and must be taken before the next file is
    asked for, which states their hash.
    """
    for condition in study.results.plan.conditions:
        rows = study.results.of(condition.id)
        for suite in study.results.plan.suites:
            scored = [row for row in rows if row.suite == suite and row.outcome not in UNCOUNTED]
            if scored and (condition.id, suite) in study.scores:
                yield from _record(study, condition, suite, scored)


def conditions_without_hub_name(study: Study) -> list[str]:
    """Return the conditions whose model has no name on the Hub, by which the datastore sorts records."""
    return [condition.id for condition in study.results.plan.conditions if not study.hub(condition)]


def _record(
    study: Study, condition: Condition, suite: str, rows: Sequence[Row]
) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
    model = model_id(study, condition)
    recorded = study.at("last")
    name = uuid_of(study.name, condition.id, suite, model, str(recorded))
    developer, _, model_name = model.partition("/")
    folder = f"data/{file_name(suite.replace('/', '_'))}/{file_name(developer)}/{file_name(model_name)}"
    identity = f"{suite}/{model}/{condition.id}/{_epoch(recorded or study.now)}"
    trials = {trial.id: trial for trial in study.results.plan.trials}
    samples, hashed = f"{folder}/{name}_samples.jsonl", sha256()

    def lines() -> Iterator[bytes]:
        for row in rows:
            line = json_line(_instance(study, trials[row.trial], row, identity, model))
            hashed.update(line)
            yield line

    yield samples, lines()
    detailed = {
        "format": "jsonl",
        "file_path": samples,
        "hash_algorithm": "sha256",
        "checksum": hashed.hexdigest(),
        "total_rows": len(rows),
    }
    yield f"{folder}/{name}.json", json_bytes(_aggregate(study, condition, suite, identity, model, detailed))


def _aggregate(
    study: Study, condition: Condition, suite: str, identity: str, model: str, detailed: Mapping[str, Any]
) -> dict[str, Any]:
    first = study.at("first")
    return {
        "schema_version": SCHEMA,
        "evaluation_id": identity,
        **({"evaluation_timestamp": first.isoformat()} if first else {}),
        "retrieved_timestamp": _epoch(study.now),
        "source_metadata": {
            "source_name": study.experiment.title or study.name,
            "source_type": "evaluation_run",
            # llmxray does not know who recorded it.
            "source_organization_name": UNKNOWN,
            "evaluator_relationship": "other",
            "additional_details": {"experiment": study.name},
        },
        "eval_library": _library(study),
        "model_info": _model(study, condition, model),
        "evaluation_results": [
            _result(study, condition, suite, metric, estimate)
            for metric, estimate in study.scores[condition.id, suite].items()
        ],
        "detailed_evaluation_results": dict(detailed),
    }


def _library(study: Study) -> dict[str, Any]:
    """Tools that made the results, and the version that wrote this file."""
    tools = [_name_and_version(tool) for tool in study.tools] or [
        (_LIBRARY, study.software.get(_LIBRARY) or UNKNOWN)
    ]
    return {
        "name": ", ".join(name for name, _ in tools),
        "version": ", ".join(version for _, version in tools),
        "additional_details": {"written_by": f"{_LIBRARY} {study.version}"},
    }


def _name_and_version(tool: str) -> tuple[str, str]:
    """Name and version of a tool; the last word is a version if it has a digit."""
    name, _, last = tool.rpartition(" ")
    return (name, last) if name and any(map(str.isdigit, last)) else (tool, UNKNOWN)


def model_id(study: Study, condition: Condition) -> str:
    """Return the model's name on the Hub if the experiment file states it, else ``unknown/`` and its requested name."""
    return study.hub(condition) or f"{UNKNOWN}/{condition.model.replace('/', '_')}"


def _model(study: Study, condition: Condition, model: str) -> dict[str, Any]:
    model_settings = study.model(condition)
    endpoint = study.experiment.endpoints.get(condition.endpoint)
    engine = study.fact(condition, "server_software", "server")
    version = study.fact(condition, "server_version")
    apart = study.told_apart(condition, lambda each: model_id(study, each))
    embedded = endpoint is not None and endpoint.is_embedded
    details = {
        "deployment_type": (endpoint.deployment if endpoint else None)
        or ("self_deployed" if embedded else UNKNOWN),
        "model_availability": (model_settings.availability if model_settings else None)
        or ("open_weights" if embedded else UNKNOWN),
        "condition": condition.id,
        **({"told_apart": apart} if apart else {}),
        "asked_as": condition.model,
    }
    weights = study.fact(condition, "weights_sha256")
    return {
        "name": condition.label or condition.id,
        "id": model,
        **({} if model.startswith(f"{UNKNOWN}/") else {"developer": model.partition("/")[0]}),
        **({"inference_engine": {"name": engine, "version": version or UNKNOWN}} if engine else {}),
        "additional_details": details | ({"weights_sha256": weights} if weights else {}),
    }


def _result(
    study: Study, condition: Condition, suite: str, metric: str, estimate: Estimate
) -> dict[str, Any]:
    planned = study.results.plan.suites[suite]
    rows = [row for row in study.results.of(condition.id) if row.suite == suite]
    outcomes = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    details = {
        "trials": str(len(rows)),
        **{f"trials_{outcome.value}": str(n) for outcome, n in outcomes.items() if n},
        "questions": str(estimate.n),
    }
    uncertainty: dict[str, Any] = {"num_samples": estimate.n}
    if estimate.low is not None and estimate.high is not None:
        uncertainty["confidence_interval"] = {
            "lower": estimate.low,
            "upper": estimate.high,
            "confidence_level": 0.95,
            "method": estimate.method,
        }
    return {
        "evaluation_result_id": f"{suite}/{metric}",
        "evaluation_name": suite,
        "source_data": _source(planned.card, study, suite),
        "metric_config": {
            **_METRICS[metric],
            "metric_unit": "proportion",
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": {"score": estimate.value, "details": details, "uncertainty": uncertainty},
        "generation_config": _generation(study, condition, planned),
    }


def _source(card: SuiteCard, study: Study, suite: str) -> dict[str, Any]:
    """Source of the questions: a data set of the Hub, a page, or another."""
    names = ("licence", "citation", "departs", "revision")
    details = {name: value for name in names if (value := getattr(card, name))}
    ref = next((entry for entry in study.experiment.suites if entry.id == suite), None)
    source = ref.source if ref else None
    extras = {"additional_details": details} if details else {}
    if source is not None and source.hub is not None:
        return {
            "dataset_name": card.title,
            "source_type": "hf_dataset",
            "hf_repo": source.hub,
            **({"hf_split": source.split} if source.split else {}),
            "samples_number": len(study.results.plan.suites[suite].items),
            **extras,
        }
    if source is None and card.source.startswith("https://"):
        return {"dataset_name": card.title, "source_type": "url", "url": [card.source], **extras}
    return {"dataset_name": card.title, "source_type": "other", **extras}


def _generation(study: Study, condition: Condition, planned: PlannedSuite) -> dict[str, Any]:
    sampling = condition.sampling
    arguments = {
        name: sampling[name]
        for name in ("temperature", "top_p", "top_k")
        if isinstance(sampling.get(name), int | float) and not isinstance(sampling[name], bool)
    }
    other_settings = {name: text_of(value) for name, value in sampling.items() if name not in arguments}
    return {
        "generation_args": {
            **arguments,
            **({"max_tokens": condition.max_tokens} if condition.budget_field else {}),
            # Files of other tools do not state that a model does not think.
            **({} if study.tools and not condition.thinks else {"reasoning": condition.thinks}),
        },
        "additional_details": {
            **other_settings,
            "answer": planned.answer_kind(condition),
            "layout": condition.layout,
            **({"system": condition.system} if condition.system else {}),
        },
    }


def _instance(study: Study, trial: Trial, row: Row, identity: str, model: str) -> dict[str, Any]:
    item = study.item(row)
    is_right = row.outcome is Outcome.CORRECT
    reference = [row.expected, *item.accept]
    question = f"{item.question}{json.dumps(reference, ensure_ascii=False)}"
    return {
        "schema_version": SCHEMA,
        "evaluation_id": identity,
        "model_id": model,
        "evaluation_name": row.suite,
        "evaluation_result_id": f"{row.suite}/accuracy",
        "sample_id": item_id(row),
        "sample_hash": sha256(question.encode("utf-8", "replace")).hexdigest(),
        "interaction_type": "single_turn",
        "input": {
            "raw": item.question,
            # The requests of a likelihood answer differ only in the forced option, so the first has the prompt.
            "formatted": text_of(prompt_of(trial.requests[0].body)) if trial.requests else None,
            "reference": reference,
            "choices": list(item.choices) or None,
        },
        "output": {
            "raw": [row.text],
            "reasoning_trace": [row.reasoning] if row.reasoning else None,
        },
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": row.answer,
                "extraction_method": row.rule or UNKNOWN,
                "is_terminal": True,
            }
        ]
        if row.answer is not None
        else [],
        "evaluation": {"score": 1.0 if is_right else 0.0, "is_correct": is_right},
        "token_usage": usage_of(row),
        "performance": _performance(row),
        "metadata": _metadata(row),
    }


def _performance(row: Row) -> dict[str, Any] | None:
    if row.latency_s is None:
        return None
    return {
        "latency_ms": _ms(row.latency_s),
        "time_to_first_token_ms": _ms(row.ttft_s),
        # 0 is not known, as in files of other tools.
        **({"additional_details": {"requests_in_flight": str(row.concurrency)}} if row.concurrency else {}),
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _metadata(row: Row) -> dict[str, str]:
    values = {
        "trial": row.trial,
        "sample": row.sample,
        "outcome": row.outcome.value,
        "category": row.category or None,
        "rotation": row.rotation,
        "finish_reason": row.finish_reason,
        "option_confidence": row.option_confidence,
        "coverage": row.coverage,
        "sequence_confidence": row.sequence_confidence,
        "option_probabilities": row.option_probs or None,
        "calls": row.calls or None,
    }
    return {name: text_of(value) for name, value in values.items() if value is not None}


def _epoch(time: datetime) -> str:
    return f"{time.timestamp():.3f}"
