"""The plan's frozen form: lines of a cassette, read back with the bodies of the requests as they were then.

Format 2 is a header line (experiment, fingerprint, source, statement, conditions, suites) and a line per trial:
condition, suite, item, sample, order, requests, options they force, rotation. Conditions, suites and requests are
numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from types import MappingProxyType
from typing import Any, cast, get_args

from llmxray import names
from llmxray.cassette.store import Cassette, Frozen, RequestRecord
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, parse
from llmxray.experiment.branches import Branches
from llmxray.plan.builder import conditions_of
from llmxray.plan.checking import check_count, check_fit, check_requests, check_types
from llmxray.plan.model import Plan, PlannedSuite, trial_id
from llmxray.plan.rounds import freeze_rounds, thaw_rounds
from llmxray.plan.statement import PlanLines, Statement
from llmxray.types import (
    ALWAYS_IDENTIFYING,
    AnswerKind,
    Condition,
    Item,
    PlannedRequest,
    SuiteCard,
    Trial,
)

_FROZEN_FORMAT = 2
_UNKNOWN = Statement()
_LABELS = "recorded_labels"
_LATER_OF_ITEMS = ("tools", "group")
_ITEM_FIELDS = tuple(field.name for field in fields(Item))


def freeze(
    plan: Plan,
    source: str,
    *,
    statement: Statement = _UNKNOWN,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Frozen:
    """Return the plan as lines for a cassette.

    Args:
        source: text of the experiment file.
        statement: what the file stated before the first request; a plan that is frozen again passes the
            first one on.
        labels: those of `labels_to_keep`.
    """
    records = [
        RequestRecord(request.key, condition.id, request.body) for condition, request in plan.requests()
    ]
    number = {record.key: index for index, record in enumerate(records)}
    condition_number = {condition.id: index for index, condition in enumerate(plan.conditions)}
    suite_number = {name: index for index, name in enumerate(plan.suites)}
    header = {
        "format": _FROZEN_FORMAT,
        "experiment": plan.experiment,
        "fingerprint": plan.fingerprint,
        "source": source,
        **statement.as_header(source),
        **({_LABELS: dict(labels)} if labels else {}),
        **({"ignored": list(plan.ignored)} if plan.ignored else {}),
        **({"until": freeze_rounds(plan.rounds)} if plan.rounds else {}),
        # Their requests will stand behind those of the plan.
        **(
            {"branches": plan.branches.model_dump(mode="json"), "planned": len(records)}
            if plan.branches
            else {}
        ),
        "conditions": [_condition(condition) for condition in plan.conditions],
        "suites": [
            {
                "card": asdict(suite.card),
                "answer": suite.answer,
                "faults": list(suite.faults),
                **({"more_faults": suite.more_faults} if suite.more_faults else {}),
            }
            for suite in plan.suites.values()
        ],
    }
    trials = [
        [
            condition_number[trial.condition],
            suite_number[trial.suite],
            trial.item,
            trial.sample,
            list(trial.order),
            [number[request.key] for request in trial.requests],
            [request.option for request in trial.requests],
            trial.rotation,
        ]
        for trial in plan.trials
    ]
    items = [[suite_number[name], _item(item)] for name, suite in plan.suites.items() for item in suite.items]
    return Frozen((header, *trials), tuple(items), tuple(records))


def thaw(frozen: Frozen) -> Plan:
    """Return the plan that `freeze` wrote, with the request bodies as frozen.

    Raises:
        CassetteError: the lines are not a plan of a format this version reads.
    """
    try:
        header, *lines = frozen.plan
        if header["format"] != _FROZEN_FORMAT:
            raise CassetteError(f"plan format {header['format']}: this llmxray reads {_FROZEN_FORMAT}")
        conditions = tuple(_thaw_condition(entry) for entry in header["conditions"])
        cards = [SuiteCard(**entry["card"]) for entry in header["suites"]]
        for condition in conditions:
            check_types(condition)
        for card in cards:
            check_types(card)
        _check_names(header["experiment"], conditions, cards)
        settings = [
            (
                _kind(entry["answer"]),
                tuple(map(str, entry["faults"])),
                check_count(entry.get("more_faults", 0)),
            )
            for entry in header["suites"]
        ]
        pools: list[list[Item]] = [[] for _ in cards]
        if any(index < 0 for index, _ in frozen.items):
            raise ValueError("a question counts from the end")
        for index, data in frozen.items:
            pools[index].append(_thaw_item(data))
        suites = {
            card.name: PlannedSuite(card, tuple(pool), *settings_of_suite)
            for card, pool, settings_of_suite in zip(cards, pools, settings, strict=True)
        }
        if len(suites) < len(cards):
            raise ValueError("a suite stands twice")
        ids = {item.id: item.id for pool in pools for item in pool}
        trials = tuple(_thaw_trial(line, conditions, cards, frozen.requests, ids) for line in lines)
        check_fit(conditions, {name: suite.items for name, suite in suites.items()}, trials)
        ignored = tuple(map(str, header.get("ignored", ())))
        if not ALWAYS_IDENTIFYING.isdisjoint(ignored):
            raise ValueError("a field is left out of the identity of requests that none can do without")
        plan = Plan(header["experiment"], str(header["fingerprint"]), conditions, suites, trials, ignored)
        if "until" in header:
            plan = replace(plan, rounds=thaw_rounds(plan, header["until"]))
        if "branches" in header:
            plan = replace(plan, branches=Branches.model_validate(header["branches"]))
        check_requests(plan)
        return _with_own_seeds(plan) if "seed" in ignored else plan
    # Cassettes come from strangers, so a plan may lack any field.
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise CassetteError(f"the frozen plan cannot be read ({type(error).__name__}: {error})") from error


def _condition(condition: Condition) -> dict[str, Any]:
    # A later field, left out where it says nothing, so that earlier versions read the line.
    line = asdict(condition)
    return line if condition.api != "chat" else {name: line[name] for name in line if name != "api"}


def _thaw_condition(line: Mapping[str, Any]) -> Condition:
    lists = {name: tuple(map(str, line[name])) for name in ("omitted", "refused") if name in line}
    return Condition(**{**line, **lists})


def _thaw_item(data: Mapping[str, Any]) -> Item:
    lists = {name: tuple(data.get(name, ())) for name in ("choices", "accept", "tools")}
    # In Python a string is also a sequence of strings, so `tuple` would accept it.
    if any(isinstance(data.get(name), str) for name in lists):
        raise ValueError("a text in the place of a list")
    item = Item(**{**data, **lists})
    check_types(item)
    return item


def _kind(answer: Any) -> AnswerKind | None:
    if answer is not None and answer not in get_args(AnswerKind):
        raise ValueError(f"{answer!r} is no kind of answer")
    return cast(AnswerKind | None, answer)


def _check_names(experiment: object, conditions: Sequence[Condition], cards: Sequence[SuiteCard]) -> None:
    # Names become folders, files and addresses, and are printed.
    complaints = [
        names.EXPERIMENT.complaint(experiment),
        *(names.CONDITION.complaint(condition.id) for condition in conditions),
        *(names.LABEL.complaint(condition.endpoint) for condition in conditions),
        *(names.SUITE.complaint(card.name) for card in cards),
    ]
    complaint = next(filter(None, complaints), "")
    if complaint:
        raise ValueError(complaint)


def _item(item: Item) -> dict[str, Any]:
    # `asdict` would copy nested values. Later fields are written only where they say something, so that questions
    # without keep the lines that earlier versions read.
    values = ((name, getattr(item, name)) for name in _ITEM_FIELDS)
    return {name: value for name, value in values if name not in _LATER_OF_ITEMS or value}


def _with_own_seeds(plan: Plan) -> Plan:
    """The plan with the seeds that repeats are sent with: a shared request is frozen with the first one's."""
    seeds = {condition.id: condition.sampling.get("seed") for condition in plan.conditions}

    def own(trial: Trial, each: PlannedRequest) -> PlannedRequest:
        seed = seeds[trial.condition]
        if type(seed) is not int or "seed" not in each.body:
            return each
        return replace(each, body={**each.body, "seed": seed + trial.sample})

    return replace(
        plan,
        trials=tuple(
            replace(trial, requests=tuple(own(trial, request) for request in trial.requests))
            for trial in plan.trials
        ),
    )


def plan_fingerprint(experiment: Experiment, plan: Plan) -> str:
    """Return the SHA-256 of what is decided before recording: hypothesis, predictions, when to end, analysis, requests,
    questions.

    It is the same before and after recording, because it depends on nothing that a server says.
    """
    suites = {name: [_item(item) for item in suite.items] for name, suite in plan.suites.items()}
    return _fingerprint(experiment, plan.fingerprint, suites)


def recorded_fingerprint(recording: PlanLines) -> str:
    """Return the `plan_fingerprint` of a recording; "" without a plan whose experiment file this version can read."""
    header = next(recording.lines("plan"), None)
    try:
        if header is None:
            return ""
        experiment = parse(str(header.get("stated_in") or header["source"]))
        names = [str(entry["card"]["name"]) for entry in header["suites"]]
        suites: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for index, data in recording.lines("items"):
            suites[names[index]].append(_item(_thaw_item(data)))
        return _fingerprint(experiment, str(header["fingerprint"]), suites)
    except (ExperimentError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return ""


def _fingerprint(
    experiment: Experiment, requests: str, suites: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    content: dict[str, object] = {
        "hypothesis": experiment.hypothesis or "",
        "predictions": [prediction.as_dict() for prediction in experiment.predictions],
        "analysis": experiment.analysis.model_dump(mode="json", exclude_defaults=True),
        "requests": requests,
        "suites": suites,
    }
    if experiment.until is not None and experiment.order is not None:
        content["until"] = {**experiment.until.model_dump(), "seed": experiment.order.seed}
    # By Python's encoder, because RFC 8785 has no form for some numbers that a question may hold.
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()}"


def source_of(frozen: Frozen) -> str:
    """Return the text of the experiment file as it was when recording."""
    return str(frozen.plan[0]["source"])


def recorded_labels(header: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels that a plan's conditions had when recorded, by id, from the first line of a frozen plan.

    Those that were kept when the plan was frozen again, else those of the experiment file that was frozen with it,
    where it can be read and names the model that was asked (``--model`` asks another one). Where nothing names a
    condition, its label is "".

    Raises:
        CassetteError: the line is not one that `freeze` wrote.
    """
    try:
        conditions = [
            (str(entry["id"]), entry.get("model"), entry.get("label")) for entry in header["conditions"]
        ]
        kept = {str(name): str(label) for name, label in header.get(_LABELS, {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen conditions cannot be read ({error})") from error
    try:
        stated = {
            (each.id, each.model): each.label for _, each in conditions_of(parse(str(header["source"])))
        }
    except (KeyError, ExperimentError):
        stated = {}
    return {name: stated.get((name, model), str(label or "")) for name, model, label in conditions} | kept


def labels_to_keep(cassette: Cassette, plan: Plan) -> dict[str, str]:
    """Return the labels under which answers of a plan were recorded, where it has others and is to be frozen again.

    Raises:
        CassetteError: the frozen plan is not one that `freeze` wrote.
    """
    header = next(cassette.lines("plan"), None)
    if header is None or not len(cassette):
        return {}
    then = recorded_labels(header)
    changed = {
        each.id for each in plan.conditions if (each.label or each.id) != (then.get(each.id) or each.id)
    }
    answered = {
        trial.condition
        for trial in plan.trials
        if trial.condition in changed and any(cassette.entries(request.key) for request in trial.requests)
    }
    return {name: label for name, label in then.items() if name in answered}


def _thaw_trial(
    line: Sequence[Any],
    conditions: Sequence[Condition],
    cards: Sequence[SuiteCard],
    records: Sequence[RequestRecord],
    ids: Mapping[str, str],
) -> Trial:
    condition, suite, item, sample, order, numbers, options, rotation = line
    if min(condition, suite, *numbers) < 0:
        raise ValueError("a trial counts from the end")
    requests = tuple(
        PlannedRequest(records[number].key, records[number].body, option)
        for number, option in zip(numbers, options, strict=True)
    )
    name, card = conditions[condition].id, cards[suite].name
    return Trial(
        trial_id(name, card, item, sample, rotation),
        name,
        card,
        # The question's own text, or each trial would keep one of its own.
        ids.get(item, item),
        sample,
        requests,
        tuple(order),
        rotation,
    )
