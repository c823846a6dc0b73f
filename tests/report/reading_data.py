"""Tiny experiments with hand-made replies, as a recorder would have left them."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmxray import results
from llmxray.cassette import Cassette, Journal, seal, write_plan
from llmxray.experiment import Experiment
from llmxray.plan import Plan, build, freeze
from llmxray.report.analysis.data import ExperimentData
from llmxray.suites.base import Suite
from llmxray.types import Chunk, EndCause, Interaction, Item, SuiteCard, Trial

type Token = tuple[str, float, Sequence[tuple[str, float]]]
type Teller = Callable[[Trial, int], Sequence[Token] | None]

ITEMS = (
    Item("one", "Which is a metal?", ("iron", "wood"), "A", "matter", difficulty=1, why="Iron conducts."),
    Item("two", "Which is a star?", ("Mars", "the Sun"), "B", "sky", difficulty=2),
)
FILE = {
    "experiment": "tiny",
    "kind": "benchmark",
    "endpoints": {"tiny": {"preset": "local"}},
    "models": [{"id": each, "endpoint": "tiny", "model": each} for each in ("small", "large")],
    "suites": [{"suite": "starter/arc"}],
    "sampling": {"temperature": 0, "seed": 1, "top_logprobs": 5},
}
CARD = SuiteCard("tiny/things", "Things", "knowing things", "anything else", "CC0", "written for llmxray")


def benchmark(folder: Path, tell: Teller, items: Sequence[Item] = ITEMS, **more: Any) -> ExperimentData:
    """Two conditions, ``small`` (letter) and ``large`` (letter), over the items; ``more`` keys of the file."""
    return made(folder, {**FILE, **more}, (Suite(CARD, tuple(items)),), tell)


def comparison(
    folder: Path, tell: Teller, *, samples: int = 3, prompts: Sequence[Any] = ()
) -> ExperimentData:
    """One model at 0.2 and 1.2, with repeats."""
    return made(
        folder,
        {
            "experiment": "sweep",
            "kind": "compare",
            "endpoints": {"tiny": {"preset": "local"}},
            "models": [{"id": "small", "label": "Small model", "endpoint": "tiny", "model": "small"}],
            "prompts": prompts or [{"id": "haiku", "text": "Write a haiku"}],
            "variants": [{"id": "cool", "temperature": 0.2}, {"id": "hot", "temperature": 1.2}],
            "samples": samples,
            "sampling": {"seed": 1, "top_logprobs": 5},
        },
        (),
        tell,
    )


def words(*texts: str) -> list[Token]:
    """Tokens that are certain."""
    return [(text, 1.0, [(text, 1.0)]) for text in texts]


def letter(text: str, probs: Mapping[str, float]) -> list[Token]:
    """One token with its alternatives."""
    return [(text, probs[text], sorted(probs.items(), key=lambda pair: -pair[1]))]


def made(folder: Path, file: Mapping[str, Any], suites: Sequence[Suite], tell: Teller) -> ExperimentData:
    """An experiment of those suites whose replies are told."""
    experiment = Experiment.model_validate(file)
    plan = build(experiment, suites)
    with Journal(folder) as journal:
        for trial in plan.trials:
            tokens = tell(trial, trial.sample)
            if tokens is not None:
                journal.append(_interaction(trial, tokens))
    cassette = Cassette(folder)
    return ExperimentData(
        experiment=experiment, results=results.score_recordings(plan, cassette), cassette=cassette
    )


def _interaction(trial: Trial, tokens: Sequence[Token]) -> Interaction:
    (request,) = trial.requests
    chunks = [Chunk(0.1 * (place + 1), _event(_delta(token))) for place, token in enumerate(tokens)]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": _usage(len(tokens))}
    chunks.append(Chunk(0.1 * (len(tokens) + 1), _event(end) + b"data: [DONE]\n\n"))
    return Interaction(
        request.key, trial.sample, 0, "tiny", request.body, 200, (("content-type", "text/event-stream"),),
        tuple(chunks), EndCause.CLEAN,
    )  # fmt: skip


def _usage(n: int) -> Mapping[str, int]:
    return {"prompt_tokens": 7, "completion_tokens": n, "total_tokens": 7 + n}


def _delta(token: Token) -> Mapping[str, Any]:
    text, probability, top = token
    content = {
        "token": text,
        "logprob": math.log(probability),
        "bytes": list(text.encode()),
        "top_logprobs": [
            {"token": other, "logprob": math.log(p), "bytes": list(other.encode())} for other, p in top
        ],
    }
    return {"choices": [{"index": 0, "delta": {"content": text}, "logprobs": {"content": [content]}}]}


def _event(value: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def frozen(folder: Path, data: ExperimentData, plan: Plan, source: str = "", **kept: Any) -> ExperimentData:
    """The experiment, whose cassette has that plan."""
    write_plan(folder, data.name, freeze(plan, source, **kept), software={})
    seal(folder)
    return replace(data, cassette=Cassette(folder))
