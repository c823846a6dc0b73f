"""Request fields of the levels of a file: those that are sent, and those that null leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from llmxray.types import Json


@dataclass(frozen=True, slots=True)
class RequestFields:
    """The request fields of one level of an experiment file, or of several merged levels.

    Attributes:
        sent: values by field.
        omitted: fields that the file says not to send.
    """

    sent: Mapping[str, Json] = field(default_factory=dict)
    omitted: frozenset[str] = frozenset()

    def under(self, nearer: RequestFields) -> RequestFields:
        """These fields, overridden by those of a nearer level, null included."""
        sent = {
            **{name: value for name, value in self.sent.items() if name not in nearer.omitted},
            **nearer.sent,
        }
        return RequestFields(sent, (self.omitted - nearer.sent.keys()) | nearer.omitted)

    def agreed(self) -> RequestFields:
        """The same fields with ``logprobs`` and ``top_logprobs`` in agreement: alternatives need ``logprobs``."""
        sent, omitted = dict(self.sent), self.omitted
        if "logprobs" in omitted or sent.get("logprobs") is False:
            sent.pop("top_logprobs", None)
        elif "top_logprobs" in sent:
            sent = {"logprobs": True, **sent}
        # A server that refuses one of them refuses both.
        if "logprobs" in omitted or ("top_logprobs" in omitted and "logprobs" not in sent):
            omitted |= {"logprobs", "top_logprobs"}
        return RequestFields(sent, omitted)
