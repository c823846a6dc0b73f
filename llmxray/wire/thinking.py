"""Which part of a reply is thinking and which is the answer, told from the text alone.

Some servers put the thinking in a field of its own; others leave ``<think>…</think>`` in the answer, or another
spelling of it (`_PAIRS`). Where the chat template supplies the opening tag, only the closing one is seen. Tokens are
matched to text by their bytes, never by the chunk they came in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from llmxray.types import TokenLogprob

# Most models say think, Gemini thought; the next two are asked for in prompts. Seed-OSS, Magistral, Cohere's and
# gpt-oss have marks of their own, which a server that does not know the model leaves in the text.
_PAIRS = {
    **{f"<{name}>": f"</{name}>" for name in ("think", "thought", "thinking", "reasoning", "seed:think")},
    "[THINK]": "[/THINK]",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
_OPENING, _CLOSING = "|".join(map(re.escape, _PAIRS)), "|".join(map(re.escape, _PAIRS.values()))
_OPEN, _CLOSE = re.compile(_OPENING), re.compile(_CLOSING)
_TAG = re.compile(f"(?P<close>{_CLOSING})|{_OPENING}")
# The empty alternative takes tokens of white space alone, which the answer is compared without.
_END_MARK = re.compile(rb"<[^<>]*>|")


def split_thinking(text: str) -> tuple[str, str]:
    """Thinking and answer of a text with inline tags, without the tags.

    Text before a closing tag that nothing opened is thinking, and so is all text after an opening
    tag that nothing closes. Without tags everything is answer, unchanged.
    """
    spans = _thinking_spans(text)
    if not spans:
        return "", text
    thinking = (_without_tags(text[start:end]).strip() for start, end in spans)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    answer = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return "\n".join(part for part in thinking if part), answer.lstrip()


def _without_tags(text: str) -> str:
    opened = _OPEN.match(text)
    closing = next((each for each in _PAIRS.values() if text.endswith(each)), "")
    inner = text[opened.end() if opened else 0 :].removesuffix(closing)
    # Between thinking and answer gpt-oss ends one message and begins the next.
    return inner.removesuffix("<|start|>assistant").removesuffix("<|end|>")


def opening_tag(text: str) -> str:
    """The tag that a text opens its thinking with, "" when it does not begin with one."""
    found = _OPEN.match(text.lstrip())
    return found[0] if found else ""


def closes_thinking(text: str) -> bool:
    """Whether a text holds a tag that ends thinking."""
    return _CLOSE.search(text) is not None


def mark_thinking(tokens: Sequence[TokenLogprob]) -> tuple[TokenLogprob, ...]:
    """The tokens of a reply with inline tags, those of the thinking (tags included) as "reasoning".

    A token that reaches from a tag into the answer counts as answer. Tokens already tagged as
    reasoning by their own field stay so.
    """
    answer = [token for token in tokens if token.part == "answer"]
    # Latin-1 maps each byte to one character, so places in the text are places in the bytes.
    spelled = [_spelling(token).decode("latin-1") for token in answer]
    text = "".join(spelled)
    spans = _thinking_spans(text)
    if not spans:
        return tuple(tokens)
    ends = list(accumulate(map(len, spelled)))
    inside = iter([_is_inside(text, end - len(s), end, spans) for s, end in zip(spelled, ends, strict=True)])
    return tuple(
        replace(token, part="reasoning") if token.part == "answer" and next(inside) else token
        for token in tokens
    )


def mark_answer(tokens: Sequence[TokenLogprob], answer: str) -> tuple[TokenLogprob, ...]:
    """The tokens of a reply with a reasoning field, tagged by where the answer's text begins.

    The tokens must end with the text of ``answer`` (end-of-text marks such as ``<|im_end|>`` and
    surrounding white space apart); where they do not, they are returned unchanged.
    """
    spelled = [_spelling(token) for token in tokens]
    # Some servers list the end-of-text token, which no text field ever shows.
    while spelled and _END_MARK.fullmatch(spelled[-1].strip()):
        spelled.pop()
    joined = b"".join(spelled).rstrip()
    target = answer.strip().encode("utf-8", "replace")
    if not target or not joined.endswith(target):
        return tuple(tokens)
    start = len(joined) - len(target)
    ends = accumulate(len(_spelling(token)) for token in tokens)
    return tuple(
        replace(token, part="answer" if end > start else "reasoning")
        for token, end in zip(tokens, ends, strict=True)
    )


def _thinking_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each stretch of thinking, tags included."""
    # Nearly every piece of text there is.
    if "<" not in text and "[" not in text:
        return []
    # Far faster than the expression that looks for any of them.
    if not any(tag in text for pair in _PAIRS.items() for tag in pair):
        return []
    spans: list[tuple[int, int]] = []
    first = _TAG.search(text)
    if first and first["close"]:
        spans.append((0, first.end()))
    at = spans[0][1] if spans else 0
    while opened := _OPEN.search(text, at):
        close = _PAIRS[opened[0]]
        place = text.find(close, opened.end())
        at = len(text) if place < 0 else place + len(close)
        spans.append((opened.start(), at))
    return spans


def _is_inside(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    # By bisection: a reply of nothing but tags has as many spans as tokens.
    place = bisect_right(spans, start, key=lambda span: span[0]) - 1
    return place >= 0 and start < spans[place][1] and not text[spans[place][1] : end].strip()


def _spelling(token: TokenLogprob) -> bytes:
    return token.bytes if token.bytes is not None else token.token.encode("utf-8", "replace")
