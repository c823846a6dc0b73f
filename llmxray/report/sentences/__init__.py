"""Sentences as values: an analysis returns a `Finding`, and the words stand in the TOML files of this folder.

A phrase is a line that anyone can edit. It has four marks; a fifth would be the beginning of a template language.

    {best.label}  {low:percent}  {n:plural question}    a value, or a field of one, and how `numbers` writes it
    [ (95% {difference:points_interval})]               a statistic: shown to those who ask for statistics
    *adjusted p*                                        a term of terms.toml: explained where it first stands
    <In {suite}, >                                      left out where a value in it, or its interval, is missing

Values are never parsed: nothing that a user or a model wrote can mark or hide anything. Templates show a finding as
HTML; ``str`` is its text, ``plain`` its text without statistics. Nothing reads what comes out.
"""

from __future__ import annotations

import re
import reprlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from llmxray.report import numbers
from llmxray.report.links import Link
from llmxray.report.sentences.terms import WORDS, current_page
from llmxray.types import Estimate


class Used(NamedTuple):
    """A term where it is used: its place among `terms.TERMS`, and the words that stand there."""

    place: int
    text: str


class Statistic(NamedTuple):
    """What those see who ask for statistics."""

    parts: tuple[Part, ...]


type Part = str | Link | Used | Statistic


class Finding:
    """What was found.

    Args:
        kind: the phrase that says it, as ``file.phrase``.
        values: what it says; findings may stand in one another.
    """

    __slots__ = ("kind", "values")

    def __init__(self, kind: str, /, **values: Any) -> None:
        self.kind, self.values = kind, values

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={reprlib.repr(value)}" for name, value in self.values.items())
        return f"{self.kind}({said})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and (self.kind, self.values) == (other.kind, other.values)

    __hash__ = None  # type: ignore[assignment]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Texts, links, terms and statistics, in order."""
        return tuple(_filled(_phrases()[self.kind], self.values))

    @property
    def plain(self) -> str:
        """The text without its statistics."""
        return _text(part for part in self.parts if not isinstance(part, Statistic))

    def __str__(self) -> str:
        return _text(self.parts)

    def __html__(self) -> Markup:
        return _html(self.parts, seen=True)


class Joined(Finding):
    """Findings one after the other; None among them is left out."""

    __slots__ = ()

    def __init__(self, *findings: Finding | None, between: str = " ") -> None:
        super().__init__("joined", findings=tuple(filter(None, findings)), between=between)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those of each finding, with what stands between them."""
        made: list[Part] = []
        for finding in self.values["findings"]:
            made += [self.values["between"], *finding.parts] if made else finding.parts
        return tuple(made)


def _text(parts: Iterable[Part]) -> str:
    return "".join(
        _text(part.parts) if isinstance(part, Statistic) else part if isinstance(part, str) else part.text
        for part in parts
    )


_LONGEST_WHOLE = 16
_BUTTON = Markup('<button type="button" class="term" popovertarget="{}">{}</button>')


def _html(parts: Iterable[Part], *, seen: bool) -> Markup:
    """HTML in which a term that the page has not explained yet is a button.

    Args:
        seen: by those who hide the statistics: what they do not see explains nothing to them.
    """
    # Words, and whether no line may break in them: beside a button a bracket would stand alone, and "Qwen2.5-Coder" is
    # one name.
    words: list[tuple[Markup, bool]] = [(Markup(), False)]
    for part in parts:
        before, is_whole = words[-1]
        if isinstance(part, Statistic):
            hidden = Markup('<span class="stat">{}</span>').format(_html(part.parts, seen=False))
            words += [(hidden, False), (Markup(), False)]
        elif isinstance(part, Link):
            words[-1] = (before + Markup('<a href="{}">{}</a>').format(part.href, part.text), is_whole)
        elif isinstance(part, Used) and (popover := current_page().explain(part.place, seen=seen)):
            words[-1] = (before + _BUTTON.format(popover, part.text), True)
        else:
            first, *others = (part if isinstance(part, str) else part.text).split(" ")
            words[-1] = (before + first, is_whole or _is_whole(first))
            for other in others:
                words += [(Markup(" "), False), (escape(other), _is_whole(other))]
    whole = Markup('<span class="whole">{}</span>')
    return Markup().join(whole.format(word) if is_whole else word for word, is_whole in words)


def _is_whole(word: str) -> bool:
    """Whether it has a hyphen and is short enough for a phone."""
    return "-" in word and len(word) <= _LONGEST_WHOLE


type _Node = tuple[str, Any]
"""A mark and what is in it; "" and a text."""

_MARKS = re.compile(r"(\{[^{}]*\}|[][<>*])")
_ENDS = {"[": "]", "<": ">", "*": "*"}
_FIELDS = Formatter()


@cache
def _phrases() -> Mapping[str, Sequence[_Node]]:
    found: dict[str, Sequence[_Node]] = {}
    for file in resources.files(__package__).iterdir():
        room, _, suffix = file.name.rpartition(".")
        if suffix == "toml" and room != "terms":
            for name, phrase in tomllib.loads(file.read_text("utf-8")).items():
                found[f"{room}.{name}"] = _tree(iter(_MARKS.split(phrase.replace("\n", " "))))
    return found


def _tree(tokens: Iterator[str], end: str = "") -> list[_Node]:
    nodes: list[_Node] = []
    for token in tokens:
        if token == end and end:
            return nodes
        if token in _ENDS:
            nodes.append((token, _tree(tokens, _ENDS[token])))
        elif token:
            nodes.append(("{", token[1:-1].partition(":")[::2]) if token[0] == "{" else ("", token))
    if end:
        raise ValueError(f"a phrase has no {end!r}")
    return nodes


def _filled(nodes: Iterable[_Node], values: Mapping[str, Any]) -> Iterator[Part]:
    for mark, inner in nodes:
        if mark == "{":
            yield from _written(_value(inner[0], values), inner[1])
        elif mark == "[":
            yield Statistic(tuple(_filled(inner, values)))
        elif mark == "*":
            text = _text(_filled(inner, values))
            yield Used(WORDS[text], text)
        elif mark == "<":
            if not any(_is_missing(each, values) for each in inner):
                yield from _filled(inner, values)
        else:
            yield inner


def _is_missing(node: _Node, values: Mapping[str, Any]) -> bool:
    mark, inner = node
    value = _value(inner[0], values) if mark == "{" else inner
    return value in (None, "", (), []) or (isinstance(value, Estimate) and value.low is None)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    return _FIELDS.get_field(name, (), values)[0]


def _written(value: Any, how: str) -> Iterator[Part]:
    if how:
        scale, *words = how.split(" ")
        yield numbers.FORMATS[scale](value, *(int(word) if word.isdigit() else word for word in words))
    elif isinstance(value, Finding):
        yield from value.parts
    else:
        yield value if isinstance(value, str | Link) else str(value)
