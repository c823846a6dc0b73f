"""``.eval_results/*.yaml``: scores as the Hugging Face Hub reads them in the repository of a model.

::

    ORG/MODEL/.eval_results/DATA-SET.CONDITION.yaml

One file for each condition and each suite whose questions were read from the Hub: an entry names the data set, and
questions from elsewhere are none of it. Values are in percent. The notes say how it was asked, of how many
questions, and the interval: a part of a data set, or letters instead of likelihoods, give another score than a
leaderboard's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from llmxray.experiment import SuiteRef
from llmxray.interop.write.study import Study, file_name
from llmxray.types import Condition, Estimate

_FOLDER = ".eval_results"
# Task names in the ``eval.yaml`` of these data sets; for others we know only the configuration.
_TASKS = {"TIGER-Lab/MMLU-Pro": "mmlu_pro", "openai/gsm8k": "gsm8k"}
_DEFAULT_TASK = "default"
_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")


def files(study: Study) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file; none where no suite was read from the Hub."""
    refs = {ref.id: ref for ref in study.experiment.suites if ref.source is not None and ref.source.hub}
    for condition in study.results.plan.conditions:
        for suite, ref in refs.items():
            estimate = study.scores.get((condition.id, suite), {}).get("accuracy")
            if estimate is None or estimate.value is None:
                continue
            name = f"{file_name(suite)}.{file_name(condition.id)}.yaml"
            entry = _entry(study, condition, ref, estimate, estimate.value)
            text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=110)
            repository = study.hub(condition) or file_name(condition.model)
            yield f"{repository}/{_FOLDER}/{name}", text.encode()


def tasks_to_check(study: Study) -> list[str]:
    """Return the data sets whose task name is a guess."""
    hubs = [ref.source.hub for ref in study.experiment.suites if ref.source is not None and ref.source.hub]
    return sorted({hub for hub in hubs if hub not in _TASKS})


def _entry(
    study: Study, condition: Condition, ref: SuiteRef, estimate: Estimate, value: float
) -> dict[str, Any]:
    source = ref.source
    assert source is not None
    assert source.hub is not None
    dataset = {"id": source.hub, "task_id": _TASKS.get(source.hub) or ref.config or _DEFAULT_TASK}
    card = study.results.plan.suites[ref.id].card
    # A branch moves; the card has the commit at the time of recording where the hub stated it.
    commit = _COMMIT.search(card.revision) or _COMMIT.search(source.revision or "")
    if commit:
        dataset["revision"] = commit[0]
    last = study.at("last")
    return {
        "dataset": dataset,
        "value": round(100 * value, 4),
        **({"date": last.date().isoformat()} if last else {}),
        "notes": _notes(study, condition, ref, estimate),
    }


def _notes(study: Study, condition: Condition, ref: SuiteRef, estimate: Estimate) -> str:
    planned = study.results.plan.suites[ref.id]
    parts = [
        f"{planned.answer_kind(condition)} answers",
        f"layout {condition.layout}",
        f"{estimate.n} questions",
    ]
    if estimate.low is not None and estimate.high is not None:
        parts.append(f"95% CI {100 * estimate.low:.1f} to {100 * estimate.high:.1f}")
    if (temperature := condition.sampling.get("temperature")) is not None:
        parts.append(f"temperature {temperature}")
    return ", ".join([*parts, f"llmxray {study.version}"])
