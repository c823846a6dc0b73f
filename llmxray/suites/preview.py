"""Propose what the columns of an unknown data set hold, from their names and from what the rows have in them.

A proposal is tried on the rows: a column is only proposed as the answer when its values name options, in all rows but
one in twenty, which may be faulty. Where the rows leave two readings open, a note says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from llmxray.errors import SuiteError
from llmxray.experiment import AnswerIs
from llmxray.suites.answers import position
from llmxray.suites.options import Options, is_missing, lines_of, options_in
from llmxray.suites.rows import Row, decoded, names_there

# Names in the order of preference, without case and separators.
_QUESTION = (
    *("question", "questionstem", "stem", "query", "sentence", "goal", "ctx", "input", "prompt", "problem"),
    *("premise", "statement", "text", "instruction"),
)
_CONTEXT = ("passage", "context", "article", "support", "narrative", "story", "document", "premise", "fact1")
_CHOICES = ("choices", "options", "endings", "answers", "candidates", "alternatives", "targets")
_ANSWER = (
    *("answerkey", "correctanswer", "answer", "label", "gold", "target", "correct", "correctoption"),
    *("answeridx", "answerindex", "cop", "correctchoice", "solution", "key"),
)
_CATEGORY = (
    "category",
    "subject",
    "subjectname",
    "domain",
    "highleveldomain",
    "topic",
    "topicname",
    "task",
    "type",
)
_SUBCATEGORY = ("subcategory", "subdomain", "subtopic")
_ID = ("id", "questionid", "qid", "uid", "recordid", "index", "idx", "ind")
_WHY = ("explanation", "rationale", "exp", "why", "cotcontent", "reasoning")
_WRONG = ("incorrectanswer", "distractor", "wronganswer", "incorrect", "wrong")
# From the first digit of several: from each of them the search began anew.
_NUMBERED = re.compile(r"(.*?)(?:[ _-]|(?<!\d))(\d+)")
_LETTERED = re.compile(r"(.*?)[ _-]?([a-jA-J])")
_FAMILIES = (
    *(
        "option",
        "opt",
        "op",
        "sol",
        "solution",
        "ending",
        "choice",
        "answer",
        "ans",
        "candidate",
        "alternative",
    ),
    *("hypothesis", ""),
)
_FEW_ANSWERS = 5
_DEPTH = 3
# More rows would show nothing new.
_LOOKED_AT = 500
# Each path into a cell reads its JSON anew: so many paths are tried, in rows with so many characters of it.
_MOST_INNER, _LOOKED_AT_JSON = 100, 1_000_000
# One row in so many may be faulty; of the options half, since some data sets fill them up with one text.
_ONE_FAULT_IN = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the columns of a data set seem to hold.

    Attributes:
        columns: as under `columns:` in the experiment file.
        answer_is: as in the experiment file; None for questions without options.
        choices: fixed options, empty where the rows have their own.
        notes: what the rows leave open.
    """

    columns: dict[str, str | list[str]]
    answer_is: AnswerIs | None = None
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Look:
    """The rows that were read, and the paths in them."""

    rows: Sequence[Row]
    paths: list[str] = field(init=False)

    def __post_init__(self) -> None:
        columns, inner = self.rows[0].data, count()
        self.paths = [path for path in _paths(columns) if path in columns or next(inner) < _MOST_INNER]

    def named(self, names: Sequence[str], fits: Callable[[str], bool]) -> str | None:
        """The path with the most preferred name whose values fit."""
        by_name = sorted((names.index(name), path) for path in self.paths if (name := _name(path)) in names)
        return next((path for _, path in by_name if fits(path)), None)

    def values(self, path: str) -> list[Any]:
        """The values of a path, None where a row has none."""
        found = []
        for row in self.rows:
            try:
                found.append(row.value(path))
            except SuiteError:
                found.append(None)
        return found

    def is_text(self, path: str) -> bool:
        """Whether the rows have texts there."""
        texts = [isinstance(value, str) and bool(value.strip()) for value in self.values(path)]
        return _nearly_all(texts)

    def is_plain(self, path: str) -> bool:
        """Whether rows have texts or numbers there, and some row has one."""
        values = [value for value in self.values(path) if not is_missing(value)]
        return bool(values) and all(isinstance(value, str | int) for value in values)


def propose(rows: Sequence[Row]) -> Proposal:
    """What the columns hold, as far as the first rows show it.

    Args:
        rows: at least one; the more, the surer the proposal.

    Raises:
        SuiteError: no column looks like the question, or none like the answer.
    """
    look = _Look(_looked_at(rows))
    question = look.named(_QUESTION, look.is_text) or _longest(look)
    if question is None:
        raise SuiteError(
            f"{rows[0].source}: no column holds a question in its rows; it has: {names_there(look.paths)}"
        )
    paths = _choice_paths(look, question)
    options = _options(look, paths) if paths else None
    answer, kind, notes = _answer(look, question, paths, options)
    fixed: tuple[str, ...] = ()
    if options is None:
        fixed, kind = _fixed(look.values(answer))
    columns: dict[str, str | list[str]] = {"question": question}
    if paths:
        columns["choices"] = paths[0] if len(paths) == 1 else list(paths)
    columns["answer"] = answer
    taken = {question, answer, *paths}
    for key, names, fits in _others(look):
        path = look.named(names, _free(fits, taken))
        if path is not None:
            columns[key] = path
            taken.add(path)
    return Proposal(columns, kind, fixed, tuple(notes))


def _looked_at(rows: Sequence[Row]) -> list[Row]:
    found, left = list[Row](), _LOOKED_AT_JSON
    for row in rows[:_LOOKED_AT]:
        left -= sum(map(_json_characters, row.data.values()))
        if found and left < 0:
            break
        found.append(row)
    return found


def _json_characters(cell: object) -> int:
    """Characters in a cell that may be read as JSON, also in lists and mappings of texts."""
    found, left = 0, [cell]
    while left:
        each = left.pop()
        if isinstance(each, Mapping):
            left += each.values()
        elif isinstance(each, list | tuple):
            left += each
        elif isinstance(each, str) and each.lstrip()[:1] in ("{", "["):
            found += len(each)
    return found


def _others(look: _Look) -> Iterator[tuple[str, Sequence[str], Callable[[str], bool]]]:
    """(key, names, what its values must be) of the columns that a question may have beside."""
    yield "context", _CONTEXT, look.is_text
    yield "category", _CATEGORY, look.is_plain
    yield "subcategory", _SUBCATEGORY, look.is_plain
    yield "id", _ID, lambda path: look.is_plain(path) and _all_differ(look.values(path))
    yield "why", _WHY, lambda path: all(isinstance(value, str) for value in look.values(path))


def _free(fits: Callable[[str], bool], taken: Collection[str]) -> Callable[[str], bool]:
    return lambda path: path not in taken and fits(path)


def _all_differ(values: Sequence[Any]) -> bool:
    return not any(map(is_missing, values)) and len({str(value) for value in values}) == len(values)


def _nearly_all(fits: Sequence[bool]) -> bool:
    return any(fits) and fits.count(False) <= len(fits) // _ONE_FAULT_IN


def _longest(look: _Look) -> str | None:
    texts = [path for path in look.paths if look.is_text(path)]
    return max(texts, key=lambda path: sum(map(len, look.values(path))), default=None)


def _paths(data: Mapping[Any, Any], before: str = "", depth: int = _DEPTH) -> Iterator[str]:
    """The columns, and what mappings and lists of mappings in them hold, as paths."""
    for key, cell in data.items():
        path = f"{before}{key}"
        yield path
        value = decoded(cell, dict, list)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and depth > 1:
            yield from _paths(inner, f"{path}.", depth - 1)


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "", path.rsplit(".", 1)[-1].casefold())


def _choice_paths(look: _Look, question: str) -> tuple[str, ...]:
    """Where the options are; () where no column holds them."""
    for path in _lists(look):
        if _options(look, (path,)) is not None:
            return (path,)
    for family in _families(look):
        if _options(look, family) is not None:
            return family
    ends_in_options = [
        isinstance(value, str) and lines_of(value) is not None for value in look.values(question)
    ]
    return (question,) if _nearly_all(ends_in_options) else ()


def _lists(look: _Look) -> list[str]:
    """Paths of lists, the best named first; labels are no options."""
    found = []
    for path in look.paths:
        name, parent = _name(path), _name(path.rpartition(".")[0])
        preferred = name in _CHOICES or (name == "text" and parent in _CHOICES)
        if name in ("label", "labels") or path.count(".") > 2:
            continue
        first = decoded(look.values(path)[0], list, dict)
        if isinstance(first, list) or (name in _CHOICES and isinstance(first, str | dict)):
            # `choices.text` says more than `choices`.
            found.append((not preferred, -path.count("."), path))
    return [path for _, _, path in sorted(found)]


def _families(look: _Look) -> Iterator[tuple[str, ...]]:
    """Columns with one option each: option1 and option2, opa to opd, a right answer beside wrong ones."""
    families: dict[str, list[str]] = {}
    for path in (path for path in look.paths if "." not in path):
        for pattern in (_NUMBERED, _LETTERED):
            if match := pattern.fullmatch(path):
                families.setdefault(_name(match[1]), []).append(path)
                break
    wrong = [paths for stem, paths in families.items() if stem in _WRONG]
    right = look.named(("correctanswer", "answer", "bestanswer"), look.is_plain) if wrong else None
    if right is not None:
        yield from ((right, *paths) for paths in wrong)
    for stem in _FAMILIES:
        if len(families.get(stem, ())) > 1:
            yield tuple(families[stem])


def _options(look: _Look, paths: Sequence[str]) -> list[Options | None] | None:
    """The options of each row, None of a faulty one; None where most rows have none there."""
    found: list[Options | None] = []
    for row in look.rows:
        try:
            found.append(options_in(row, paths))
        except SuiteError:
            found.append(None)
    return found if 2 * found.count(None) < len(found) else None


def _answer(
    look: _Look, question: str, paths: Sequence[str], options: Sequence[Options | None] | None
) -> tuple[str, AnswerIs | None, list[str]]:
    """(column, what it holds, notes)."""
    if (
        options is not None
        and len(paths) > 1
        and _name(paths[0]) in ("correctanswer", "bestanswer", "answer")
    ):
        return paths[0], "text", []
    taken = {question, *paths}
    for path in _by_preference(look, taken):
        if options is None:
            if look.is_plain(path):
                return path, None, []
            continue
        readings = _readings(look.rows, path, options)
        if readings:
            return path, next(iter(readings)), _doubts(path, readings)
    which = "looks like the answer" if options is None else "names one of the options in its rows"
    raise SuiteError(f"{look.rows[0].source}: no column {which}; it has: {names_there(look.paths)}")


_KINDS: tuple[AnswerIs, ...] = ("text", "letter", "index", "index1")


def _by_preference(look: _Look, taken: Collection[str]) -> list[str]:
    """Paths that may be the answer: well named ones, then those whose name has such a word in it."""
    free = [path for path in look.paths if path not in taken]
    named = sorted((_ANSWER.index(_name(path)), path) for path in free if _name(path) in _ANSWER)
    words = ("answer", "label", "gold", "correct", "target")
    loose = [
        path for path in free if _name(path) not in _ANSWER and any(word in _name(path) for word in words)
    ]
    return [*(path for _, path in named), *loose]


type _Places = list[int | None]


def _readings(rows: Sequence[Row], path: str, options: Sequence[Options | None]) -> dict[AnswerIs, _Places]:
    """The right options by what the column may hold, None of faulty rows; only the kinds that fit the rows."""
    asked = [(row, each) for row, each in zip(rows, options, strict=True) if each is not None]
    found = {kind: [_place(row, path, kind, each) for row, each in asked] for kind in _KINDS}
    return {
        kind: places for kind, places in found.items() if _nearly_all([each is not None for each in places])
    }


def _place(row: Row, path: str, kind: AnswerIs, options: Options) -> int | None:
    try:
        return position(row, path, kind, options)
    except SuiteError:
        return None


def _doubts(path: str, readings: Mapping[AnswerIs, _Places]) -> list[str]:
    chosen, *others = readings
    differing = [kind for kind in others if readings[kind] != readings[chosen]]
    if not differing:
        return []
    return [f"{path} fits 'answer_is: {' or '.join(differing)}' as well: look at a few questions"]


def _fixed(values: Sequence[Any]) -> tuple[tuple[str, ...], AnswerIs | None]:
    """(options, what the answer holds) where the answers are true and false, or the same few texts again and again."""
    known = [value for value in values if not is_missing(value)]
    if all(isinstance(value, bool) for value in known):
        return ("yes", "no"), "bool"
    counts = Counter(value.strip() for value in known if isinstance(value, str))
    if len(known) == sum(counts.values()) and 2 <= len(counts) <= _FEW_ANSWERS and min(counts.values()) > 1:
        return tuple(sorted(counts)), "text"
    return (), None
