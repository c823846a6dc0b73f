"""Inspect logs, version 2, in JSON: for every condition and suite one that ``read_eval_log`` and ``samples_df`` read.

A trial is a sample, and the repeats of a question are its epochs, from 1. Each rotation of a question's options is a
sample of its own. Log-probabilities are carried over as they were recorded, alternatives included.

=====================  =============================================================================
outcome                in the log
=====================  =============================================================================
correct, wrong         scores ``C`` and ``I``
unparsed, truncated,   score ``N`` (no answer), which counts 0, as it does here
refused, tool call
error                  an error and no score
unread, unscored       no score
=====================  =============================================================================

A likelihood answer has one choice for each option that was forced, the chosen one first; ``metadata.forced`` says
which is which. An infinitely small probability is written as a log-probability of −9999, as vLLM does, since JSON has
no infinity.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from llmxray.interop.write.study import Study, digest, file_name, item_id, json_line, usage_of
from llmxray.types import (
    LETTERS,
    UNCOUNTED,
    Completion,
    Condition,
    Item,
    Json,
    Outcome,
    Row,
    TokenLogprob,
    ToolCall,
    Trial,
)
from llmxray.wire import is_cut, is_filtered, prompt_of

_SCORER = "llmxray"
_VALUES = {Outcome.CORRECT: "C", Outcome.WRONG: "I"}
_NO_ANSWER = "N"
_ZERO = -9999.0
# Request fields that Inspect has under the same name; others are in the metadata.
_CONFIG = (
    *("temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty"),
    *("logprobs", "top_logprobs"),
)


def files(study: Study) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and bytes of every log, the bytes sample by sample: each repeats the prompt it was asked with."""
    trials = {trial.id: trial for trial in study.results.plan.trials}
    # Inspect expects the time at the start of a log's file name, and splits the name at underscores.
    time = (study.at("first") or study.now).astimezone(UTC).isoformat(timespec="seconds").replace(":", "-")
    for condition in study.results.plan.conditions:
        rows = study.results.of(condition.id)
        for suite in study.results.plan.suites:
            if suite_rows := [row for row in rows if row.suite == suite]:
                name = "_".join(
                    [time, *(file_name(each).replace("_", "-") for each in (suite, condition.id))]
                )
                yield f"{name}.json", _log(study, condition, suite, suite_rows, trials)


def _log(
    study: Study, condition: Condition, suite: str, rows: Sequence[Row], trials: Mapping[str, Trial]
) -> Iterator[bytes]:
    yield json_line(_head(study, condition, suite, rows)).removesuffix(b"}\n") + b', "samples": ['
    for number, row in enumerate(rows):
        sample = json_line(_sample(study, condition, trials[row.trial], row))
        yield (b", " if number else b"") + sample.removesuffix(b"\n")
    yield b"]}\n"


def _head(study: Study, condition: Condition, suite: str, rows: Sequence[Row]) -> dict[str, Any]:
    """A log without its samples."""
    first, last = study.at("first"), study.at("last")
    epochs = 1 + max(row.sample for row in rows)
    accuracy = study.scores.get((condition.id, suite), {}).get("accuracy")
    n_counted = sum(row.outcome not in UNCOUNTED for row in rows)
    identity = (study.name, condition.id, suite, str(first))
    apart = study.told_apart(condition, lambda each: each.model)
    told = {"condition": apart} if apart else {}
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": digest("eval", *identity)[:22],
            # Inspect's own ids of runs and tasks are those of one model under one setting, too.
            "run_id": digest("run", study.name, condition.id, str(first))[:22],
            "created": (first or study.now).isoformat(),
            "task": suite,
            "task_id": digest("task", study.name, condition.id, suite)[:22],
            "task_display_name": study.results.plan.suites[suite].card.title,
            "dataset": {
                "name": suite,
                "location": study.results.plan.suites[suite].card.source,
                "samples": len(study.results.plan.suites[suite].items),
                "sample_ids": list(dict.fromkeys(map(item_id, rows))),
                "shuffled": any(row.order for row in rows),
            },
            # Conditions of one model are runs of one task otherwise, which readers take together.
            "task_args": told,
            "task_args_passed": told,
            "model": condition.model,
            "model_generate_config": _config(condition),
            "config": {"epochs": epochs},
            "packages": {"llmxray": study.version},
            "metadata": {
                "experiment": study.name,
                "condition": condition.id,
                "label": condition.label,
                "layout": condition.layout,
                "answer": study.results.plan.suites[suite].answer_kind(condition),
                "sampling": dict(condition.sampling),
                "recorded_with": list(study.tools) or dict(study.software),
                "server": dict(study.server(condition)),
            },
        },
        "plan": {"name": "llmxray", "steps": [], "config": _config(condition)},
        "results": {
            "total_samples": len(rows),
            "completed_samples": sum(row.outcome is not Outcome.ERROR for row in rows),
            "scores": [
                {
                    "name": _SCORER,
                    "scorer": _SCORER,
                    "scored_samples": n_counted,
                    "unscored_samples": len(rows) - n_counted,
                    "metrics": {"accuracy": {"name": "accuracy", "value": accuracy.value}},
                }
            ]
            if accuracy is not None and accuracy.value is not None
            else [],
        },
        "stats": {
            "started_at": first.isoformat() if first else "",
            "completed_at": last.isoformat() if last else "",
            "model_usage": {condition.model: usage} if (usage := _total_usage(rows)) else {},
        },
    }


def _config(condition: Condition) -> dict[str, Any]:
    config = {name: condition.sampling[name] for name in _CONFIG if name in condition.sampling}
    stops = condition.sampling.get("stop")
    return {
        **config,
        **({"max_tokens": condition.max_tokens} if condition.budget_field else {}),
        **({"stop_seqs": [stops] if isinstance(stops, str) else stops} if stops else {}),
        **({"system_message": condition.system} if condition.system else {}),
    }


def _sample(study: Study, condition: Condition, trial: Trial, row: Row) -> dict[str, Any]:
    item = study.item(row)
    replies = study.replies(row)
    request_order = _chosen_first(trial, row) if len(replies) == len(trial.requests) else range(len(replies))
    choices = [_choice(replies[index], condition.model) for index in request_order]
    messages_sent = prompt_of(trial.requests[0].body) if trial.requests else None
    output = _output(condition, row, choices) if choices else {"model": condition.model, "choices": []}
    usage = output.get("usage")
    return {
        "id": item_id(row),
        "epoch": row.sample + 1,
        "input": item.question,
        **({"choices": list(item.choices)} if item.choices else {}),
        "target": [row.expected, *item.accept] if item.accept else row.expected,
        "messages": [
            *_messages(messages_sent if isinstance(messages_sent, list) else []),
            *([choices[0]["message"]] if choices else []),
        ],
        "output": output,
        **({"scores": {_SCORER: _score(row)}} if row.outcome not in UNCOUNTED else {}),
        "metadata": _metadata(item, row, trial, request_order),
        "store": {},
        "events": [],
        "model_usage": {condition.model: usage} if usage else {},
        "uuid": digest("sample", study.name, row.trial)[:22],
        **_times(study, row),
        **(
            {"error": {"message": row.error or "no whole reply", "traceback": "", "traceback_ansi": ""}}
            if row.outcome is Outcome.ERROR
            else {}
        ),
        "attachments": {},
    }


def _chosen_first(trial: Trial, row: Row) -> Sequence[int]:
    """Indices of the requests, that of the chosen option first."""
    indices = range(len(trial.requests))
    if len(indices) < 2 or row.answer is None:
        return indices
    chosen = LETTERS.index(row.answer or "A")
    return sorted(indices, key=lambda index: (trial.requests[index].option != chosen, index))


def _messages(sent: Sequence[Json]) -> Iterator[dict[str, Any]]:
    """Yield the messages of a request, without content that is no text."""
    for message in sent:
        if isinstance(message, dict) and message.get("role") in ("system", "user", "assistant"):
            content = message.get("content")
            yield {"role": message["role"], "content": content if isinstance(content, str) else ""}


def _choice(reply: Completion, model: str) -> dict[str, Any]:
    text = reply.text or reply.refusal or ""
    content: str | list[dict[str, str]] = text
    if reply.reasoning:
        content = [{"type": "reasoning", "reasoning": reply.reasoning}, {"type": "text", "text": text}]
    calls = [_call(number, call) for number, call in enumerate(reply.tool_calls)]
    logprobs = _logprobs(reply.tokens)
    return {
        "message": {
            "role": "assistant",
            "content": content,
            "source": "generate",
            "model": reply.model or model,
            **({"tool_calls": calls} if calls else {}),
        },
        "stop_reason": _stop_reason(reply),
        **({"logprobs": {"content": logprobs}} if logprobs else {}),
    }


def _call(number: int, call: ToolCall) -> dict[str, Any]:
    tool_call = {"id": f"call_{number}", "function": call.name, "type": "function"}
    try:
        arguments = json.loads(call.arguments)
        # Python reads what no log can hold: NaN, Infinity, 1e999.
        json.dumps(arguments, allow_nan=False)
    except (ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return {**tool_call, "arguments": arguments}
    return {**tool_call, "arguments": {"arguments": call.arguments}, "parse_error": "not a JSON object"}


def _stop_reason(reply: Completion) -> str:
    reason = reply.finish_reason
    if reason is None:
        return "unknown"
    if is_cut(reason):
        return "max_tokens"
    if is_filtered(reason):
        return "content_filter"
    return {"stop": "stop", "tool_calls": "tool_calls", "function_call": "tool_calls"}.get(reason, "unknown")


def _logprobs(tokens: Sequence[TokenLogprob]) -> list[dict[str, Any]]:
    """Tokens of a reply; empty where one of them has no valid log-probability."""
    if any(token.logprob_nats is None for token in tokens):
        return []
    listed = []
    for token in tokens:
        top = [{"token": each.token, "logprob": _finite(each.logprob_nats)} for each in token.top]
        entry = {"token": token.token, "logprob": _finite(token.logprob_nats or 0.0)}
        spelled = {} if token.bytes is None else {"bytes": list(token.bytes)}
        listed.append({**entry, **spelled, **({"top_logprobs": top} if top else {})})
    return listed


def _finite(logprob: float) -> float:
    return logprob if math.isfinite(logprob) else _ZERO


def _output(condition: Condition, row: Row, choices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    usage = usage_of(row)
    return {
        "model": choices[0]["message"]["model"] or condition.model,
        "choices": list(choices),
        **({"usage": usage} if usage else {}),
        **({"time": row.latency_s} if row.latency_s is not None else {}),
    }


def _total_usage(rows: Sequence[Row]) -> dict[str, int]:
    usages = [usage for row in rows if (usage := usage_of(row))]
    names = dict.fromkeys(name for usage in usages for name in usage)
    return {name: sum(usage.get(name, 0) for usage in usages) for name in names}


def _score(row: Row) -> dict[str, Any]:
    return {
        "value": _VALUES.get(row.outcome, _NO_ANSWER),
        **({} if row.answer is None else {"answer": row.answer}),
        **({"explanation": f"rule: {row.rule}"} if row.rule else {}),
        "metadata": {"outcome": row.outcome.value},
    }


def _metadata(item: Item, row: Row, trial: Trial, forced: Sequence[int]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "trial": row.trial,
        "outcome": row.outcome.value,
        "category": row.category,
        "subcategory": item.subcategory,
        "difficulty": item.difficulty,
        "option_confidence": row.option_confidence,
        "coverage": row.coverage,
        "sequence_confidence": row.sequence_confidence,
        "mean_token_probability": row.mean_token_probability,
        "option_probabilities": list(row.option_probs),
        "ttft_s": row.ttft_s,
        "ttfa_s": row.ttfa_s,
        "rotation": row.rotation,
        "order": list(row.order),
        # 0 is not known.
        "concurrency": row.concurrency or None,
        "invalid_logprobs": row.invalid_logprobs or None,
        "forced": [trial.requests[index].option for index in forced]
        if 1 < len(forced) <= len(trial.requests)
        else None,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _times(study: Study, row: Row) -> dict[str, Any]:
    """Times of a trial's first request and last byte; empty where one is unknown."""
    start = study.began(row)
    if start is None or row.latency_s is None:
        return {}
    return {
        "started_at": start.isoformat(),
        "completed_at": (start + timedelta(seconds=row.latency_s)).isoformat(),
        "total_time": row.latency_s,
        "working_time": row.latency_s,
    }
