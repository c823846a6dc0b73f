"""One reply as any tool's file holds it, before it is known which question and condition it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from llmxray.types import LETTERS, Json, TokenLogprob

# What a page names at most; tools put whole passages into metadata.
_LONGEST_CATEGORY = 60

NOT_NAMED = "model not named"
type Reading = Literal["letter", "text", "folded", "index", "index from 1"]
"""What a stated correct answer is: an option's letter, its text (with or without capitals), its place from 0 or 1."""


@dataclass(frozen=True, slots=True)
class ToolMark:
    """What a scorer of the tool says of a reply.

    Attributes:
        value: as the file has it.
        right: None where it is neither right nor wrong (partial credit, an F1 of 0.4).
        extracted: the answer as it found it in the reply: "" where it found none, None where the file does not say.
        of_correctness: whether it means that the answer is correct, None where the name of the scorer says so or not.
    """

    scorer: str
    value: str
    right: bool | None
    extracted: str | None = None
    of_correctness: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "scorer", shortened(self.scorer))


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Where the replies of a model are that no file names: those of another place or run may be another model's.

    Attributes:
        folder: what the files of one folder have in common; it is not shown.
        name: of that folder, as it is shown; one may be given under several.
        file: name of the one file in it, where files of one folder may be of several models.
        run: which of the runs in that folder or file gave them.
    """

    folder: str
    name: str = field(compare=False)
    file: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What asked, and how: replies of equal runs belong to one condition.

    Attributes:
        version: of the tool, "" where the file does not state it.
        settings: request fields that the file states, and no others.
        budget: tokens that a reply may have, None where the file does not state it.
        variant: what else tells it from other runs of the model ("5-shot"), "" for nothing.
        origin: name of the one run that several files are of, "" where files do not say.
        asking: name of the one time that this task was asked, which a run that is taken up or scored again keeps; ""
            where a tool scores again only as another run, or files do not say.
        own_settings: whether each task of a run may be asked with settings of its own.
        unnamed: of a model that no file names, where its replies are; else None.
    """

    tool: str
    version: str
    model: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    budget: int | None = None
    variant: str = ""
    origin: str = ""
    asking: str = ""
    own_settings: bool = False
    unnamed: Unnamed | None = None

    def __post_init__(self) -> None:
        # They stand in each row of the results.
        for name in ("tool", "version"):
            object.__setattr__(self, name, shortened(getattr(self, name)))

    @property
    def once(self) -> str:
        """Name of the one time that the task was asked, "" where files do not say."""
        return self.asking or self.origin

    @property
    def detail(self) -> tuple[object, ...]:
        """What is stated of it, apart from the task."""
        stated = tuple(sorted((name, str(value)) for name, value in self.settings.items()))
        return self.tool, self.version, self.model, stated, self.budget, self.variant

    @property
    def writer(self) -> str:
        """The tool with its version."""
        return f"{self.tool} {self.version}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One reply; what the file does not hold is None or empty.

    Attributes:
        task, item: as the tool names them.
        part: name of the task within the group of tasks that is ``task``, which has metrics of its own, and of which
            the category is made; "" outside of groups.
        epoch: number of the repeat, from 0.
        choices: texts of the options as shown; empty for an open question, or one with several right options.
        answer: letter of the right option, or the expected text; None where the file does not state it.
        readings: letter of the right option by each possible reading of the file's correct answer, where the format
            documents none; ``answer`` is None then, until `keys` has settled it.
        accept: other texts that count as right (open questions).
        prompt: role and text of each message.
        option_nats: summed log-probability of each option; empty where options were not weighed.
        forced: texts of which those are the log-probabilities, where they are not the options themselves.
        scorer: name of the one scorer that says what is correct, "" where none is known to; see `marks`.
        scored: whether that scorer decides, also where it has no mark for this reply: the file scores this task.
        extracted: the answer as the tool extracted it.
        error: what went wrong, "" for nothing.
        invalid: whether its author has marked it as one that is to be asked again.
    """

    run: Run
    task: str
    item: str
    part: str = ""
    epoch: int = 0
    question: str = ""
    choices: tuple[str, ...] = ()
    answer: str | None = None
    accept: tuple[str, ...] = ()
    readings: tuple[tuple[Reading, str], ...] = ()
    prompt: tuple[tuple[str, str], ...] = ()
    text: str = ""
    reasoning: str = ""
    tokens: tuple[TokenLogprob, ...] = ()
    tokens_why: str = ""
    option_nats: tuple[float | None, ...] = ()
    forced: tuple[str, ...] = ()
    finish_reason: str | None = None
    marks: tuple[ToolMark, ...] = ()
    scorer: str = ""
    scored: bool = False
    extracted: str | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    category: str = ""
    error: str = ""
    invalid: bool = False

    @property
    def is_void(self) -> bool:
        """Whether another reply to the same question, of a run that was taken up again, takes its place."""
        return bool(self.error) or self.invalid


@dataclass(frozen=True, slots=True)
class StatedFigures:
    """What a tool states for a task or a group of tasks.

    Attributes:
        figures: by metric.
        n: how many questions it has, 0 where that is not stated.
        n_read: how many its file holds.
    """

    figures: Mapping[str, float]
    n: int = 0
    n_read: int = 0


@dataclass(frozen=True, slots=True)
class LogFile:
    """What one file, or one file with those beside it, holds.

    Attributes:
        notes: what a reader must know of it, one sentence each.
        when: seconds since 1970 at which it says it was written or its marks were changed, 0 where it does not.
        stated: by `Run.once` and the name of the task or group.
    """

    name: str
    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()
    when: float = 0.0
    stated: Mapping[tuple[str, str], StatedFigures] = field(default_factory=dict)


class Expected(TypedDict, total=False):
    """What a file says is right; the fields are those of `Record`."""

    choices: tuple[str, ...]
    answer: str | None
    accept: tuple[str, ...]
    readings: tuple[tuple[Reading, str], ...]


def correct_answer(choices: tuple[str, ...], right: Sequence[object], *first: Reading) -> Expected:
    """The correct answer of a question.

    An open question is one with no options, with several right ones, or with an answer that is none of them.

    Args:
        choices: texts of the options.
        right: what the file states, as a letter, a text, or a place from 0.
        first: readings that the format documents, the most important one in front. Where none of them can read it, all
            readings that can are given, even if it is only one.
    """
    if 2 <= len(choices) <= len(LETTERS) and len(right) == 1:
        found = readings_of(right[0], choices)
        letter = next((found[each] for each in first if each in found), None)
        if letter is not None:
            return {"choices": choices, "answer": letter}
        if found:
            return {"choices": choices, "readings": tuple(found.items())}
    texts = [each for each in right if isinstance(each, str)]
    return {"answer": texts[0] if texts else None, "accept": tuple(texts[1:])}


def readings_of(right: object, choices: tuple[str, ...]) -> dict[Reading, str]:
    """The letter of the right option by each reading that is possible; a number can only be a place from 0."""
    letters, found = LETTERS[: len(choices)], dict[Reading, str]()
    if len(letters) < len(choices) or isinstance(right, bool) or not isinstance(right, int | str):
        return {}
    if isinstance(right, int):
        return {"index": letters[right]} if 0 <= right < len(letters) else {}
    bare, texts = right.strip(), [choice.strip() for choice in choices]
    if bare in texts:
        found["text"] = letters[texts.index(bare)]
    else:
        alike = [place for place, text in enumerate(texts) if text.casefold() == bare.casefold()]
        if len(alike) == 1:
            found["folded"] = letters[alike[0]]
    plain = bare.strip("().").upper()
    if len(plain) == 1 and plain in letters:
        found["letter"] = plain
    # No file counts options from 01.
    if len(bare) < 3 and bare.isascii() and bare.isdecimal() and str(int(bare)) == bare:
        found |= {"index": letters[int(bare)]} if int(bare) < len(letters) else {}
        found |= {"index from 1": letters[int(bare) - 1]} if 0 < int(bare) <= len(letters) else {}
    return found


def category_of(*places: Mapping[str, Json]) -> str:
    """The category in a tool's metadata, under the names that data sets give it; "" without one."""
    for place in places:
        for name in ("category", "subject", "subset", "topic", "domain", "type"):
            value = place.get(name)
            if isinstance(value, str) and 0 < len(value) <= _LONGEST_CATEGORY:
                return value
    return ""


# Names of conditions and suites may have a few more; a number comes behind those that are there twice.
_LONGEST_NAME = 48
# What is drawn takes milliseconds a character, and a file may name its model by a megabyte.
_LONGEST_SHOWN = 200
_SHOWN = 5


def slug(text: str) -> str:
    """A text as the name of a condition or an endpoint."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-") or "model"


def suite_name(text: str) -> str:
    """A text as the name of a suite, which unlike ids of models may have an underscore: mmlu_pro."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower())[:_LONGEST_NAME].strip("-_") or "questions"


def unique(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that are there already."""
    free = FreeNames()
    return [free.take(name) for name in names]


def shortened(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """A name from a file as pages and pictures show it: of a long one the beginning, with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(shortened, names[:_SHOWN])) + more


class FreeNames:
    """Gives each name out once, with a number behind those that are there already."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        # From 1 for each name, a file of one name only would take for ever.
        self._last: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name, or the first of ``NAME-2``, ``NAME-3`` … that nobody has."""
        number, free = self._last.get(name, 1), name
        while free in self._taken:
            number += 1
            free = f"{name}-{number}"
        self._last[name] = number
        self._taken.add(free)
        return free
