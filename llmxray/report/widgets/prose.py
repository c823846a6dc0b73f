"""Filters for text of ours: its statistics can be hidden and shown, and its terms open their explanation.

A template says which of its values are such text, and of which kind: `prose` for sentences of ours, `stated` for those
of the experiment file, `phrase` for what is no whole sentence, `note` for the small print in the head of a column. An
explanation stands once, at the end of its page, and opens as a popover, which needs no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup, escape

from llmxray.report.sentences import Finding
from llmxray.report.sentences.terms import TERMS, current_page

# Names of tests and intervals; "95%" by itself may be a result.
_NAMED = re.compile(
    r"95%(?: confidence| Wilson)? intervals?|95% CI|Wilson|Newcombe|Holm|McNemar|[Pp]ermutation test|[Ss]ign[- ]flip|"
    r"Fisher|Welch|Cochran|[Bb]ootstrap|\badjusted\b|a power of|\bsignificant\b"
)
# An interval or a p-value.
_STATISTIC = re.compile(rf"95%(?: CI)? [+−]?[\d.]+%? to|p\u00a0[=<>]\u00a0|no interval|{_NAMED.pattern}")
_BRACKETS = re.compile(r"( \([^()]*\))")
_ENDS = re.compile(r"(?<=[.!?])(?= )")
_PARTS = re.compile(r"(?=[,;] )")
_IN_NOTE = re.compile(rf"\b95%|{_NAMED.pattern}|^, Holm")
_PATTERNS = [re.compile(term.pattern) if term.pattern else None for term in TERMS]
_BUTTON = Markup(
    '<span class="whole">{}<button type="button" class="term" popovertarget="{}">{}</button>{}</span>'
)


def prose(text: str | Finding) -> Markup:
    """Sentences. One that names a test is a statistic as a whole; in others, brackets with an interval or a p-value."""
    if isinstance(text, Finding):
        return text.__html__()
    return _joined(map(_sentence, _sentences(text)))


def stated(text: str) -> Markup:
    """What an author says: brackets with an interval or a p-value are statistics, and a sentence always stays."""
    return _by_brackets(_BRACKETS.split(text))


def phrase(text: str) -> Markup:
    """What is no sentence: brackets with an interval or a p-value are statistics, and terms stay words."""
    return _joined(_marked(each) if _is_statistic(each) else escape(each) for each in _BRACKETS.split(text))


def note(text: str) -> Markup:
    """Small print, parted by commas: those parts are statistics that name an interval or a test."""
    return _joined(_marked(each) if _IN_NOTE.search(each) else escape(each) for each in _PARTS.split(text))


def _sentences(text: str) -> Iterator[list[str]]:
    """Each sentence, taken apart at its brackets."""
    sentence: list[str] = []
    for place, part in enumerate(_BRACKETS.split(text)):
        # A stop within brackets ends nothing.
        first, *others = [part] if place % 2 else _ENDS.split(part)
        sentence.append(first)
        for other in others:
            yield sentence
            sentence = [other]
    yield sentence


def _sentence(parts: Sequence[str]) -> Markup:
    rest = "".join(part for part in parts if not _is_statistic(part))
    for label in filter(_NAMED.search, current_page().labels):
        rest = rest.replace(label, "")
    if _NAMED.search(rest):
        return _marked(_with_terms("".join(parts), seen=False))
    return _by_brackets(parts)


def _by_brackets(parts: Iterable[str]) -> Markup:
    return _joined(
        _marked(_with_terms(part, seen=False)) if _is_statistic(part) else _with_terms(part, seen=True)
        for part in parts
    )


def _is_statistic(part: str) -> bool:
    return part.startswith(" (") and part.endswith(")") and _STATISTIC.search(part) is not None


def _marked(text: str) -> Markup:
    return Markup('<span class="stat">{}</span>').format(text)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _with_terms(text: str, *, seen: bool) -> Markup:
    """The text with buttons where the page needs a term explained.

    Args:
        seen: whether a reader sees it who hides the statistics: what is hidden then explains nothing to them.
    """
    current = current_page()
    found: list[tuple[int, int, int]] = []
    for place, pattern in enumerate(_PATTERNS) if current.explains else ():
        known = current.seen.get(place)
        if pattern and (known is None or (seen and not known)) and (match := pattern.search(text)):
            found.append((*match.span(1), place))
    found.sort()
    made, done = Markup(), 0
    for at, (start, end, place) in enumerate(found):
        if start < done:
            continue
        # A line may break on either side of a button: its bracket or its number would stand on another line.
        before = max(done, start - len(text[:start].rsplit(" ", 1)[-1]))
        after = end + len(text[end:].split(" ", 1)[0])
        if at + 1 < len(found):
            after = max(end, min(after, found[at + 1][0]))
        made += escape(text[done:before]) + _BUTTON.format(
            text[before:start], current.explain(place, seen=seen), text[start:end], text[end:after]
        )
        done = after
    return made + escape(text[done:])
