"""Before the first request is recorded: which models think, where neither the file nor the name says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from llmxray import plan as plans
from llmxray.proxy.probe import probe
from llmxray.workflow.prepare import Prepared


async def decided(prepared: Prepared, keys: Mapping[str, str]) -> Prepared:
    """The experiment with the budgets that its servers' models need.

    A frozen plan has been decided when it was first recorded; the embedded models are known not to think.

    Args:
        keys: API key by endpoint label.

    Raises:
        EndpointError: a server does not answer.
    """
    # Asking again could find otherwise, and change requests that are recorded already.
    if prepared.frozen:
        return prepared
    found: dict[tuple[str, str], str] = {}
    reasons: dict[str, str] = {}
    for condition in plans.undecided(prepared.plan):
        endpoint = prepared.experiment.endpoints[condition.endpoint]
        if endpoint.base_url is None:
            continue
        # One question a model: variants of it do not differ in whether it thinks.
        name = (condition.endpoint, condition.model)
        if name not in found:
            facts = await probe(
                endpoint.base_url, model=condition.model, key=keys.get(condition.endpoint, "")
            )
            found[name] = facts.thinking_why
        if found[name]:
            reasons[condition.id] = found[name]
    return replace(prepared, plan=plans.with_thinking(prepared.plan, reasons))
