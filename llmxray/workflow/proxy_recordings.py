"""The answers that `llmxray proxy` recorded of any client, as a report: no scores, for nobody said what is right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.experiment import Experiment
from llmxray.interop.read.naming import slug, unique
from llmxray.plan import PROMPTS, Plan, PlannedSuite
from llmxray.plan.model import trial_id
from llmxray.report.analysis.data import ExperimentData
from llmxray.results import read
from llmxray.types import Condition, Item, PlannedRequest, SuiteCard, Trial

# What is asked, in the words of each API, and what else is no setting of the model.
_ASKED = ("messages", "input", "prompt", "system", "instructions")
_NO_SETTINGS = frozenset({*_ASKED, "model", "stream", "stream_options", "tools"})
_CARD = SuiteCard(
    PROMPTS,
    "What the client asked",
    "Whatever the client was for.",
    "Anything else.",
    "not stated",
    "a client",
)
_LONGEST_TITLE = 60


def recorded_data(directory: Path) -> ExperimentData:
    """The report data of a cassette without an experiment: a condition a model and its settings, an item a prompt.

    Raises:
        CassetteError: nothing is recorded there.
        InputError: it is that of an experiment, or holds no replies that are read.
    """
    cassette = Cassette.existing(directory)
    if cassette.frozen() is not None:
        raise InputError(f"{directory} is the recording of an experiment: report that")
    items: dict[str, Item] = {}
    asked: dict[str, list[tuple[Item, PlannedRequest, int]]] = {}
    bodies: dict[str, Mapping[str, Any]] = {}
    for key, body in _requests(cassette):
        prompt = json.dumps([body.get(name) for name in _ASKED], sort_keys=True)
        text = _question(body) or "(no text)"
        item = items.setdefault(prompt, Item(f"prompt-{len(items) + 1}", text, (), "", category="prompt"))
        of = json.dumps({name: value for name, value in body.items() if name not in _ASKED}, sort_keys=True)
        bodies.setdefault(of, body)
        samples = sorted({entry.address.sample for entry in cassette.entries(key)})
        asked.setdefault(of, []).extend((item, PlannedRequest(key, body), sample) for sample in samples)
    if not asked:
        raise InputError(f"{directory} holds no replies of chat, responses or messages, which alone are read")
    conditions = _conditions(bodies)
    trials = tuple(
        Trial(
            trial_id(conditions[of].id, PROMPTS, item.id, n),
            conditions[of].id,
            PROMPTS,
            item.id,
            n,
            (request,),
        )
        for of, trials_of in asked.items()
        for item, request, n in trials_of
    )
    name = slug(directory.name)
    plan = Plan(
        name,
        "",
        tuple(conditions.values()),
        {PROMPTS: PlannedSuite(_CARD, tuple(items.values()), "text")},
        trials,
    )
    experiment = Experiment.model_validate(
        {
            "experiment": name,
            "title": f"What {_title(directory.name)} recorded",
            "kind": "compare",
            "endpoints": {"server": {"base_url": "http://127.0.0.1/v1"}},
            "prompts": [{"id": item.id, "text": item.question} for item in items.values()],
            "models": [
                {"id": each.id, "endpoint": "server", "model": each.model} for each in conditions.values()
            ],
            "variants": [{"id": "as-asked"}],
        }
    )
    return ExperimentData(
        experiment=experiment,
        results=read(plan, cassette),
        cassette=cassette,
        files=(directory.name,),
        tools=("llmxray proxy",),
        input_arguments=(directory.as_posix(),),
    )


def _requests(cassette: Cassette) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for record in cassette.requests():
        entries = cassette.entries(record.key)
        route = cassette.head(entries[0].address).route if entries else None
        if route is not None and (route.is_chat or route.other_api):
            yield record.key, record.body


def _question(body: Mapping[str, Any]) -> str:
    """The last thing that the client said."""
    said = next((body[name] for name in ("messages", "input", "prompt") if body.get(name)), "")
    turns = said if isinstance(said, list) else [said]
    last = next(
        (turn for turn in reversed(turns) if not isinstance(turn, dict) or turn.get("role") == "user"), ""
    )
    content = last.get("content", "") if isinstance(last, dict) else last
    if isinstance(content, list):
        content = "\n".join(
            str(part["text"]) for part in content if isinstance(part, dict) and part.get("text")
        )
    return str(content).strip()


def _conditions(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Condition]:
    """A condition for each model and its settings, named by what they differ in."""
    models = [str(body.get("model") or "model") for body in bodies.values()]
    settings = [
        {name: value for name, value in body.items() if name not in _NO_SETTINGS} for body in bodies.values()
    ]
    alike = [
        {name: value for name, value in own.items() if all(other.get(name) == value for other in settings)}
        for own in settings
    ]
    found = {}
    for of, name, model, own, same in zip(
        bodies, unique(list(map(slug, models))), models, settings, alike, strict=True
    ):
        differs = ", ".join(f"{field} {value}" for field, value in own.items() if field not in same)
        label = f"{model}, {differs}" if differs and models.count(model) > 1 else model
        found[of] = Condition(name, "server", model, "text", "as the client asked", own, 0, label=label)
    return found


def _title(name: str) -> str:
    return name if len(name) <= _LONGEST_TITLE else f"{name[: _LONGEST_TITLE - 1]}…"
