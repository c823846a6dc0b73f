"""What servers need of a plan that was built without asking them; found out before the first request is recorded.

A server says whether a model thinks (where neither the file nor the name does), under which name it takes the budget,
which request fields it refuses, and how it forces an option. When it refuses a field that the file sets, that is an
error: nothing that the file sets is changed in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llmxray import plan as plans
from llmxray.errors import EndpointError
from llmxray.experiment import Model
from llmxray.plan import Plan, ServerFinding
from llmxray.proxy.facts import Facts
from llmxray.proxy.probe import Acceptance, check_fields, probe_server
from llmxray.types import BUDGET_FIELDS, Condition, Json
from llmxray.wire import APIS, encode_body
from llmxray.workflow.failures import refusal_message
from llmxray.workflow.preparation import Prepared

_BUDGETS = {name for api in APIS.values() for name in api.budget_names}
# A server is not asked about these fields: every question has them in its own way. A field that forces a text would
# only cut the answer short.
_NOT_ASKED = frozenset(
    {"model", "messages", "input", "stream", "stream_options", "logit_bias", *_BUDGETS, *plans.FORCINGS}
)


@dataclass(slots=True)
class _Servers:
    """The servers of an experiment, each asked once a model.

    Attributes:
        facts: by (endpoint, model).
        acceptances: by (endpoint, model) and the fields that were asked about.
    """

    prepared: Prepared
    keys: Mapping[str, str]
    facts: dict[tuple[str, str], Facts] = field(default_factory=dict)
    acceptances: dict[tuple[object, ...], Acceptance] = field(default_factory=dict)

    async def probe(self, condition: Condition) -> Facts:
        name = (condition.endpoint, condition.model)
        if name not in self.facts:
            endpoint = self.prepared.experiment.endpoints[condition.endpoint]
            key = self.keys.get(condition.endpoint, "")
            self.facts[name] = await probe_server(
                str(endpoint.base_url), model=condition.model, key=key, api=condition.api
            )
        return self.facts[name]


@dataclass(frozen=True, slots=True)
class ServerNeeds:
    """What servers need of conditions, by condition id.

    Attributes:
        thinking: why the model is taken to think; conditions whose model does not think are left out.
        findings: fields that the server names otherwise or refuses.
    """

    thinking: Mapping[str, str]
    findings: Mapping[str, ServerFinding]

    def applied_to(self, plan: Plan) -> Plan:
        """The plan with these needs met; requests of other conditions keep every byte."""
        return plans.with_findings(plans.with_thinking(plan, self.thinking), self.findings)


async def with_server_needs(prepared: Prepared, keys: Mapping[str, str]) -> Prepared:
    """The experiment with what its servers need.

    A frozen plan is returned as it is: its servers were asked when it was first recorded, and another answer would
    change requests that are recorded already. Embedded models are not asked: their needs are known.

    Args:
        keys: API key by endpoint label.

    Raises:
        EndpointError: a server does not answer, refuses a field that the experiment sets, or cannot force an option.
    """
    if prepared.frozen:
        return prepared
    return replace(prepared, plan=(await ask_servers(prepared, keys)).applied_to(prepared.plan))


async def ask_servers(prepared: Prepared, keys: Mapping[str, str]) -> ServerNeeds:
    """Ask the servers of a plan for their needs.

    Args:
        keys: API key by endpoint label.

    Raises:
        EndpointError: as `with_server_needs`.
    """
    servers = _Servers(prepared, keys)
    reasons = {
        condition.id: (await servers.probe(condition)).thinking_why
        for condition in plans.undecided_conditions(prepared.plan)
        if _has_url(prepared, condition)
    }
    thinking = {name: why for name, why in reasons.items() if why}
    plan = plans.with_thinking(prepared.plan, thinking)
    forcings = await _forcings(servers, plan)
    findings = {
        condition.id: replace(
            await _finding(servers, model, condition, body), forcing=forcings.get(condition.id, "")
        )
        for model, condition, body in _first_requests(prepared, plan)
    }
    return ServerNeeds(thinking, findings)


def _has_url(prepared: Prepared, condition: Condition) -> bool:
    """Whether the condition's server runs by itself; an embedded model has no URL yet."""
    return prepared.experiment.endpoints[condition.endpoint].base_url is not None


def _first_requests(prepared: Prepared, plan: Plan) -> Iterator[tuple[Model, Condition, Mapping[str, Json]]]:
    """Conditions on servers that run by themselves, each with its model and its first request."""
    models = _models(prepared)
    first: dict[str, Mapping[str, Json]] = {}
    for trial in plan.trials:
        if trial.requests:
            first.setdefault(trial.condition, trial.requests[0].body)
    for condition in plan.conditions:
        if condition.id in first and _has_url(prepared, condition):
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
    """The request field with which a condition's server forces an option, by condition id."""
    forcings = {}
    for condition in plans.forced_conditions(plan):
        if not _has_url(servers.prepared, condition):
            continue
        facts = await servers.probe(condition)
        if facts.forcing not in plans.FORCINGS:
            why = facts.forcing_why or "it takes none of " + ", ".join(plans.FORCINGS)
            raise EndpointError(
                f"condition {condition.id}: likelihood answers need a server that can force an option, and "
                f"{facts.base_url} cannot ({why}); use another 'answer:', or llama.cpp or vLLM themselves"
            )
        forcings[condition.id] = facts.forcing
    return forcings


async def _finding(
    servers: _Servers, model: Model, condition: Condition, body: Mapping[str, Json]
) -> ServerFinding:
    acceptance = await _acceptance(servers, model, condition, body)
    if acceptance.refusal is not None:
        where = f"endpoint {condition.endpoint}, model {condition.model}"
        raise EndpointError(f"{where}: {refusal_message(acceptance.refusal)}")
    changed = condition.budget_field not in ("", acceptance.budget_field)
    return ServerFinding(acceptance.budget_field if changed else "", acceptance.dropped)


async def _acceptance(
    servers: _Servers, model: Model, condition: Condition, body: Mapping[str, Json]
) -> Acceptance:
    experiment = servers.prepared.experiment
    fields = {name: value for name, value in body.items() if name not in _NOT_ASKED}
    # Fields that the author set are part of the experiment. A preset's pins and what llmxray adds may be dropped.
    droppable = plans.droppable_fields(experiment.pins(model), condition)
    newer = condition.budget_field if condition.budget_field != BUDGET_FIELDS[0] else ""
    fixed = experiment.budget_field(model) or newer
    without = {*(() if "stream_options" in body else ("stream_options",))}
    without |= set() if condition.budget_field else _BUDGETS
    question = (condition.endpoint, condition.model, encode_body(fields), fixed, frozenset(without))
    # Conditions that differ only in their prompts ask the same question of the server.
    if question not in servers.acceptances:
        servers.acceptances[question] = await check_fields(
            str(experiment.endpoints[condition.endpoint].base_url),
            fields,
            model=condition.model,
            droppable=droppable,
            key=servers.keys.get(condition.endpoint, ""),
            budget_field=fixed,
            without=without,
            api=condition.api,
        )
    return servers.acceptances[question]


def check_forcing(
    plan: Plan, conditions: Iterable[Condition], facts: Mapping[str, Mapping[str, Any]]
) -> None:
    """Refuse branches of a server without llama.cpp's grammar, which forces a beginning.

    Args:
        conditions: those to record.
        facts: of their servers, by "endpoint/model".
    """
    for condition in conditions if plan.branches else ():
        name = f"{condition.endpoint}/{condition.model}"
        is_branched = plan.branches and condition.id in (plan.branches.of or (condition.id,))
        if is_branched and facts[name].get("forcing") != "grammar":
            raise EndpointError(
                f"condition {condition.id}: 'branches' needs a server that takes llama.cpp's 'grammar', and {name} "
                "does not; use llama.cpp itself, or list other conditions in 'branches: {of: […]}'"
            )
