"""A tool call as one text: ``name(arguments)``, the arguments as RFC 8785 canonical JSON.

Two calls have the same text where name and arguments are equal as JSON: the order of keys, white space, and 1 or 1.0
do not count, everything else does.
"""

from __future__ import annotations

import json

import rfc8785

from llmxray.types import ToolCall


def call_text(call: ToolCall) -> str | None:
    """The call as text; None where it has no name, or its arguments are no JSON object."""
    try:
        # Functions without arguments are called with nothing at all by some servers.
        arguments = json.loads(call.arguments or "{}")
        canonical = rfc8785.dumps(arguments) if isinstance(arguments, dict) else b""
    except (ValueError, RecursionError):
        return None
    return f"{call.name}({canonical.decode()})" if call.name and canonical else None
