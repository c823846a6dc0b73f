"""What to do about a request that a server refuses or fails at, in one line."""

from __future__ import annotations

from collections.abc import Collection

from llmxray.types import BUDGET_FIELDS
from llmxray.wire import LOGPROB_FIELDS, FieldRefusal, refused_field

_SHOWN_CHARS = 200
_BY_STATUS = {
    401: "check the API key in the variable that 'key_env:' names",
    402: "the account has no credit left",
    403: "check the API key, and what it may use",
    404: "check 'model:' and the base URL",
    408: "raise 'timeout_s:', or look at the server",
    413: "the prompt is longer than the server takes",
    429: "lower 'concurrency:', or wait until the quota allows more",
}


def refusal_message(refusal: FieldRefusal) -> str:
    """A sentence with what the server says about a field and what to do about it."""
    verb = "does not take this value of" if refusal.other_value else "refuses"
    return (
        f"the server {verb} '{refusal.field}' ({shorten_error(refusal.message)}): {suggest_change(refusal)}"
    )


def suggest_change(refusal: FieldRefusal) -> str:
    """An imperative that tells how to leave a refused field out or change it in the YAML file."""
    field = refusal.field
    if field in BUDGET_FIELDS:
        other = next(name for name in BUDGET_FIELDS if name != field)
        changed = f"write 'budget_field: {other}' beside the model or its endpoint"
        return "change 'budget:'" if refusal.other_value else changed
    if field == "tools":
        return "leave out the suites that declare functions to this model"
    another = "write another value, or leave it" if refusal.other_value else "leave it"
    # Null for either of the two fields of log-probabilities leaves out both.
    line = "top_logprobs" if field in LOGPROB_FIELDS else field
    return f"{another} out with 'sampling: {{{line}: null}}'"


def suggest_fix(status: int | None, body: bytes, sent: Collection[str], says: str) -> str:
    """An imperative that tells what to do about an error; "" if nothing can be added to its own words.

    Args:
        status: HTTP status, None if nothing answered.
        body: of the reply.
        sent: names of the fields of the request.
        says: the error on one line.
    """
    refusal = refused_field(status, body, sent) if status is not None else None
    if refusal is not None:
        return suggest_change(refusal)
    if status == 404 and "parameters" in says:
        # OpenRouter answers so if `provider: {require_parameters: true}` is set and no provider takes all fields.
        return "leave out a field that no provider takes, such as 'sampling: {top_logprobs: null}'"
    if status is None:
        return "is the server running?"
    if status >= 500:
        return "look at the server's log, or try again later"
    if status == 200:
        return "the reply breaks off: look at the server, and at what stands before it"
    return _BY_STATUS.get(status, "")


def shorten_error(says: str) -> str:
    """The error, cut to a length that fits into a sentence."""
    return says if len(says) <= _SHOWN_CHARS else says[: _SHOWN_CHARS - 1] + "…"
