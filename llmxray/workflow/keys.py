"""The API keys that a recording sends: which variable goes to which server, and whether that is allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import InputError
from llmxray.experiment import Experiment
from llmxray.keys import KeyPermit, KeyUse, check_key, check_value
from llmxray.workflow.preparation import Prepared


def key_uses(prepared: Prepared) -> dict[str, KeyUse]:
    """The keys that a recording would send, by endpoint label; an embedded server needs none."""
    uses = {}
    for label in dict.fromkeys(condition.endpoint for condition in prepared.plan.conditions):
        endpoint = prepared.experiment.endpoints[label]
        if endpoint.key_env is not None and endpoint.base_url is not None:
            uses[label] = KeyUse(endpoint.key_env, endpoint.base_url)
    return uses


def keys_of(prepared: Prepared, environ: Mapping[str, str], permits: Collection[KeyPermit]) -> dict[str, str]:
    """The keys themselves, by endpoint label.

    Args:
        prepared: the experiment.
        environ: the environment with the keys.
        permits: which keys may be sent where.

    Raises:
        InputError: a variable is not set, may not be sent to its server, or is malformed.
    """
    keys = {}
    for label, use in key_uses(prepared).items():
        # Keys are looked up only here, because a replay needs none.
        if not environ.get(use.variable):
            raise InputError(
                f"endpoint {label} needs an API key in the environment variable {use.variable}, which is not set"
            )
        check_key(use, permits)
        check_value(use.variable, environ[use.variable])
        keys[label] = environ[use.variable]
    return keys


def key_guard(experiment: Experiment, environ: Mapping[str, str]) -> SecretGuard:
    """Refuses to write a key that an endpoint of the experiment names and the environment has."""
    names = {endpoint.key_env for endpoint in experiment.endpoints.values() if endpoint.key_env}
    return SecretGuard(environ.get(name, "") for name in names)
