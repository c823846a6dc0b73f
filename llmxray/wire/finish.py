"""What a finish reason says, whatever a server calls it; capitals do not count.

- Cut at a limit: ``length``; ``model_length`` (Mistral); ``time_limit``, ``token_limit`` (watsonx); ``max_tokens``,
  ``model_context_window_exceeded`` (gateways); ``max_output_tokens`` (Responses).
- Withheld by a filter: ``content_filter``, also with its reason behind a colon (Gemini); ``sensitive`` (Zhipu);
  ``content_filtered``, ``guardrail_intervened`` (Bedrock's models behind gateways); ``safety``, ``refusal`` (gateways).
- That the server failed: see ``openai_errors``.
"""

from __future__ import annotations

_CUT = frozenset(
    (
        *("length", "model_length", "max_tokens", "max_output_tokens", "model_context_window_exceeded"),
        *("time_limit", "token_limit"),
    )
)
_FILTERED = frozenset(
    ("content_filter", "content_filtered", "guardrail_intervened", "sensitive", "safety", "refusal")
)


def is_cut(finish_reason: str | None) -> bool:
    """Whether a reply ended at the token budget or at the end of the context."""
    return finish_reason is not None and finish_reason.lower() in _CUT


def is_filtered(finish_reason: str | None) -> bool:
    """Whether a filter ended a reply, or withheld it."""
    return finish_reason is not None and finish_reason.partition(":")[0].strip().lower() in _FILTERED
