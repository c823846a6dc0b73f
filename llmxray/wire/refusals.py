"""Which field of a request a server refuses, read from its error. Pure.

OpenAI and Azure name the field in ``param``, Mistral, vLLM and what is built on FastAPI in ``loc``; Groq, DeepSeek,
xAI, Gemini and gateways name it in a sentence only. A name counts where such a field was sent, so that a word of
the sentence is not taken for one. The texts that tests hold this to are in tests/wire/test_wire_refusals.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from llmxray.types import BUDGET_FIELDS, Chunk
from llmxray.wire.json_values import parse
from llmxray.wire.openai import read_completion

LOGPROB_FIELDS = ("logprobs", "top_logprobs")
# What TGI calls it, and OpenAI beside `include`; nobody sends it by that name.
_OWN_NAMES = {"top_n_tokens": "top_logprobs", "logprobs": "include"}
# Fields of the Responses API, as an experiment file names them.
_OF_RESPONSES = {
    "include": "logprobs",
    "max_output_tokens": "max_tokens",
    "reasoning": "reasoning_effort",
    "text": "response_format",
}
# A gateway's error may be a whole web page, and a kilobyte of an encoding gigabytes of JSON: no more is looked at.
_LONGEST_BYTES = 20_000
# 403: OpenAI's for logprobs that a model does not give. 404: a router that finds nobody who takes the field.
_STATUSES = frozenset({400, 403, 404, 422})
# Every request has them; their names are words of many sentences.
_IN_EVERY_REQUEST = frozenset({"model", "messages", "input", "stream"})
# As JSON, as JSON inside of a JSON text, and as Python writes a list or a tuple.
_LOCATION = re.compile(r"""loc\\*['"]\s*:\s*[\[(]\s*\\*['"]body\\*['"]\s*,\s*\\*['"](\w+)""")
_UNKNOWN = re.compile(
    r"unsupport|not\s+support|n['’]t\s+support|unrecogni[sz]ed|unknown|extra[ _](?:inputs|forbidden)"
    r"|requires\s+\w+\s+to\s+be\s+set|not\s+permitted|not\s+allowed|not\s+enabled|unexpected|cannot\s+find",
    re.IGNORECASE,
)
_OTHER_VALUE = re.compile(
    r"unsupported value|only the default|only \w+ ?= ?\S+|must be|at most|greater than|too (?:large|high|big)"
    r"|maximum|invalid (?:[\w ]{0,60} )?value",
    re.IGNORECASE,
)
# Words of everyday language: they count where the sentence marks them as a name. Cerebras writes 'body.seed'.
_MARKED = r"(?:['\"`\[]|\b(?:param(?:eter)?s?|arguments?|supplied|property|field|model):?\s+)(?:body\.)?"


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """A field that a server does not take.

    Attributes:
        field: its name, as an experiment file has it.
        instead: the other name of the budget, where that is worth a try; "" otherwise.
        other_value: whether the server takes the field with another value.
        message: the server's words, on one line.
    """

    field: str
    instead: str
    other_value: bool
    message: str


def wants_more_tokens(body: bytes) -> bool:
    """Whether a model that thinks out of sight used up the whole budget: OpenAI answers that with an error."""
    return b"try again with higher max_tokens" in body


def refused_field(status: int, body: bytes, sent: Collection[str]) -> FieldRefusal | None:
    """The field that an error is about; None where it is about none, or about none that was sent.

    Args:
        status: HTTP status.
        body: of the error; its first 20,000 bytes are looked at.
        sent: names of the fields of the request.
    """
    if status not in _STATUSES:
        return None
    head = body[:_LONGEST_BYTES]
    text = head.decode("utf-8", "replace")
    says = read_completion([Chunk(0.0, head)], content_type="application/json", status=status).error
    about = f"{says} {text}"
    candidates = frozenset(sent) - _IN_EVERY_REQUEST
    field = _structured(text, candidates)
    if not field and (_UNKNOWN.search(about) or _OTHER_VALUE.search(about)):
        own = {
            name: meant
            for name, meant in _OWN_NAMES.items()
            if meant in candidates and name not in candidates
        }
        named = _named(says, candidates | own.keys()) or _named(text, candidates | own.keys())
        field = own.get(named, named)
    if not field:
        return None
    if "input" in sent:
        field = _OF_RESPONSES.get(field, field)
    other_value = bool(_OTHER_VALUE.search(says)) or not _UNKNOWN.search(about)
    other_name = next((name for name in BUDGET_FIELDS if name != field), "") if field in BUDGET_FIELDS else ""
    return FieldRefusal(field, "" if other_value else other_name, other_value, says)


def _structured(text: str, candidates: Collection[str]) -> str:
    """The field named in a place of its own."""
    named = [re.split(r"[.\[]", param.removeprefix("body."))[0] for param in _params(parse(text))]
    named += _LOCATION.findall(text)
    return next((name for name in named if name in candidates), "")


def _params(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("param"), str):
            yield value["param"]
        for each in value.values():
            yield from _params(each)
    elif isinstance(value, list):
        for each in value:
            yield from _params(each)


def _named(text: str, candidates: Collection[str]) -> str:
    """The field that the sentence names first: what it suggests instead comes later."""
    places = [(found.start(), name) for name in candidates if (found := _pattern(name).search(text))]
    return min(places)[1] if places else ""


@lru_cache(256)
def _pattern(name: str) -> re.Pattern[str]:
    first, *rest = name.split("_")
    # xAI writes presencePenalty of a field that was sent as presence_penalty.
    camel = first + "".join(part.title() for part in rest)
    spelled = rf"(?:{re.escape(name)}|{re.escape(camel)})(?![A-Za-z0-9_])"
    marked = "" if rest or name in ("temperature", "logprobs") else _MARKED
    return re.compile(rf"{marked}(?<![A-Za-z0-9_]){spelled}", re.IGNORECASE)
