"""Before the first request is recorded: what the servers need of a plan that was built without asking them.

Which models think, where neither the file nor the name says so; under which name a server takes the budget; which
request fields it refuses; how it forces an option. What a server refuses of the experiment's own fields is an error:
nothing that the file sets is changed in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from llmxray import plan as plans
from llmxray.cassette import Address, Cassette
from llmxray.errors import EndpointError
from llmxray.experiment import Model
from llmxray.plan import Plan, ServerFinding
from llmxray.proxy.facts import Facts
from llmxray.proxy.probe import Acceptance, acceptance, probe_server
from llmxray.runner import Progress
from llmxray.types import BUDGET_FIELDS, Condition, Json
from llmxray.wire import encode_body, refused_field
from llmxray.workflow.advice import leave_out
from llmxray.workflow.preparation import Prepared

# Every question has them, in its own way; what forces a text would only cut it short.
_NOT_ASKED = frozenset(
    {"model", "messages", "stream", "stream_options", "logit_bias", *BUDGET_FIELDS, *plans.FORCINGS}
)

# By llmxray, for its own ends: without them a reply is read all the same.
_ADDED = frozenset({"stop", "stream_options"})


@dataclass(slots=True)
class _Servers:
    """What the servers have said, asked once a model.

    Attributes:
        facts: by (endpoint, model).
        taken: by (endpoint, model) and the fields that were asked about.
    """

    prepared: Prepared
    keys: Mapping[str, str]
    facts: dict[tuple[str, str], Facts] = field(default_factory=dict)
    taken: dict[tuple[object, ...], Acceptance] = field(default_factory=dict)

    async def probed(self, condition: Condition) -> Facts:
        name = (condition.endpoint, condition.model)
        if name not in self.facts:
            endpoint = self.prepared.experiment.endpoints[condition.endpoint]
            key = self.keys.get(condition.endpoint, "")
            self.facts[name] = await probe_server(str(endpoint.base_url), model=condition.model, key=key)
        return self.facts[name]


@dataclass(frozen=True, slots=True)
class Decision:
    """What servers need of conditions, by condition id.

    Attributes:
        thinking: why its model is taken to think; conditions that do not are left out.
    """

    thinking: Mapping[str, str]
    findings: Mapping[str, ServerFinding]

    def applied(self, plan: Plan) -> Plan:
        """The plan with it; other conditions keep every byte."""
        return plans.with_findings(plans.with_thinking(plan, self.thinking), self.findings)


async def decided(prepared: Prepared, keys: Mapping[str, str]) -> Prepared:
    """The experiment with what its servers' models need.

    A frozen plan has been decided when it was first recorded; of the embedded models everything is known.

    Args:
        keys: API key by endpoint label.

    Raises:
        EndpointError: a server does not answer, refuses a field that the experiment sets, or cannot force an option.
    """
    # Asking again could find otherwise, and change requests that are recorded already.
    if prepared.frozen:
        return prepared
    return replace(prepared, plan=(await decide(prepared, keys)).applied(prepared.plan))


async def decide(prepared: Prepared, keys: Mapping[str, str]) -> Decision:
    """What the servers of a plan's trials need, as `decided` asks them.

    Raises:
        EndpointError: as there.
    """
    servers = _Servers(prepared, keys)
    reasons = {
        condition.id: (await servers.probed(condition)).thinking_why
        for condition in plans.undecided(prepared.plan)
        if _is_asked(prepared, condition)
    }
    thinking = {name: why for name, why in reasons.items() if why}
    thought = plans.with_thinking(prepared.plan, thinking)
    forcings = await _forcings(servers, thought)
    findings = {
        condition.id: replace(
            await _finding(servers, model, condition, body), forcing=forcings.get(condition.id, "")
        )
        for model, condition, body in _asked(prepared, thought)
    }
    return Decision(thinking, findings)


def _is_asked(prepared: Prepared, condition: Condition) -> bool:
    return prepared.experiment.endpoints[condition.endpoint].base_url is not None


def _asked(prepared: Prepared, plan: Plan) -> Iterator[tuple[Model, Condition, Mapping[str, Json]]]:
    """Conditions on servers that run by themselves, each with its model and its first request."""
    models = _models(prepared)
    first: dict[str, Mapping[str, Json]] = {}
    for trial in plan.trials:
        if trial.requests:
            first.setdefault(trial.condition, trial.requests[0].body)
    for condition in plan.conditions:
        if condition.id in first and _is_asked(prepared, condition):
            yield models[condition.id], condition, first[condition.id]


def _models(prepared: Prepared) -> dict[str, Model]:
    """The model of each condition."""
    experiment = prepared.experiment
    return {
        experiment.condition_id(model, variant): model
        for model in experiment.models
        for variant in experiment.expanded_variants(model) or (None,)
    }


async def _forcings(servers: _Servers, plan: Plan) -> dict[str, str]:
    """The way to force an option, by condition, as the servers showed it."""
    found = {}
    for condition in plans.forced_conditions(plan):
        if not _is_asked(servers.prepared, condition):
            continue
        facts = await servers.probed(condition)
        if facts.forcing not in plans.FORCINGS:
            why = facts.forcing_why or "it takes none of " + ", ".join(plans.FORCINGS)
            raise EndpointError(
                f"condition {condition.id}: likelihood answers need a server that can force an option, and "
                f"{facts.base_url} cannot ({why}); use another 'answer:', or llama.cpp or vLLM themselves"
            )
        found[condition.id] = facts.forcing
    return found


async def _finding(
    servers: _Servers, model: Model, condition: Condition, body: Mapping[str, Json]
) -> ServerFinding:
    taken = await _acceptance(servers, model, condition, body)
    if taken.refusal is not None:
        where = f"endpoint {condition.endpoint}, model {condition.model}"
        raise EndpointError(f"{where}: {leave_out(taken.refusal)}")
    changed = condition.budget_field not in ("", taken.budget_field)
    return ServerFinding(taken.budget_field if changed else "", taken.dropped)


async def _acceptance(
    servers: _Servers, model: Model, condition: Condition, body: Mapping[str, Json]
) -> Acceptance:
    experiment = servers.prepared.experiment
    fields = {name: value for name, value in body.items() if name not in _NOT_ASKED}
    # What the author set is part of the experiment; a preset's pins and what llmxray adds are not.
    pins = experiment.pins(model).keys()
    droppable = (pins | _ADDED) - (condition.sampling.keys() - pins)
    newer = condition.budget_field if condition.budget_field == BUDGET_FIELDS[1] else ""
    fixed = experiment.budget_field(model) or newer
    without = {*(() if "stream_options" in body else ("stream_options",))}
    without |= {*(() if condition.budget_field else BUDGET_FIELDS)}
    asked = (condition.endpoint, condition.model, encode_body(fields), fixed, frozenset(without))
    # Conditions that differ in their prompts only are one question.
    if asked not in servers.taken:
        servers.taken[asked] = await acceptance(
            str(experiment.endpoints[condition.endpoint].base_url),
            fields,
            model=condition.model,
            droppable=droppable,
            key=servers.keys.get(condition.endpoint, ""),
            budget_field=fixed,
            without=without,
        )
    return servers.taken[asked]


def other_budget(prepared: Prepared, step: Progress, cassette: Cassette) -> dict[str, ServerFinding]:
    """What a recorded refusal asks for, by condition: the other name of the budget; empty where it asks for nothing.

    A frozen plan has asked nobody, and a gateway may have changed since. Conditions that have a whole reply stay as
    they are, and so does what the file names itself.
    """
    conditions = {each.id: each for each in prepared.plan.conditions}
    condition, receipt = conditions[step.trial.condition], step.receipts[-1]
    if receipt.status is None or receipt.status == 200 or not _is_asked(prepared, condition):
        return {}
    body = cassette.body(Address(receipt.key, receipt.sample, receipt.attempt))
    refusal = refused_field(receipt.status, body, step.trial.requests[-1].body.keys())
    if refusal is None or not refusal.instead or refusal.field != condition.budget_field:
        return {}
    models, have_replies = _models(prepared), answered(prepared.plan, cassette)
    return {
        each.id: ServerFinding(refusal.instead)
        for each in prepared.plan.conditions
        if (each.endpoint, each.model, each.budget_field)
        == (condition.endpoint, condition.model, condition.budget_field)
        and each.id not in have_replies
        and prepared.experiment.budget_field(models[each.id]) is None
    }


def answered(plan: Plan, cassette: Cassette) -> set[str]:
    """Conditions that have a whole reply."""
    return {
        trial.condition
        for trial in plan.trials
        for request in trial.requests
        if any(entry.complete for entry in cassette.entries(request.key))
    }
