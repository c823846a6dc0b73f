"""Cost of a question, and of a right answer.

Cost of a request = prompt tokens · input price / 10⁶ + completion tokens · output price / 10⁶, tokens from the
server's usage, prices from the experiment file; or latency in seconds / 3600 · price of the machine's hour. Cost per
question is their mean with a t interval over questions (`accuracy.clustered`); cost per right answer is
Σ cost / Σ right (`latency.per_unit`), None when nothing is right.
"""

from __future__ import annotations

_MILLION = 1e6
_SECONDS_PER_HOUR = 3600


def cost(
    prompt_tokens: int | None,
    completion_tokens: int | None,
    *,
    input_per_million: float,
    output_per_million: float,
) -> float | None:
    """Return the price of one request.

    Args:
        prompt_tokens, completion_tokens: from the server's usage; None when it reported none.
        input_per_million, output_per_million: price of a million tokens.

    Returns:
        In the currency of the prices; None when a count is None.
    """
    if prompt_tokens is None or completion_tokens is None:
        return None
    return (prompt_tokens * input_per_million + completion_tokens * output_per_million) / _MILLION


def machine_cost(latency_s: float | None, *, per_hour: float) -> float | None:
    """Return the price of the machine for one request, latency_s/3600 · ``per_hour``.

    Args:
        latency_s: seconds; None when the request was not timed.
        per_hour: price of an hour of the machine.

    Returns:
        In the currency of the price; None when ``latency_s`` is None.
    """
    return None if latency_s is None else latency_s / _SECONDS_PER_HOUR * per_hour
