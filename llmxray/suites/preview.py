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
from llmxray.suites.answers import right_index
from llmxray.suites.data_rows import DataRow, decode_cell, list_names
from llmxray.suites.options import Options, is_missing, parse_option_lines, read_options

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
# The lookbehind starts at the first digit of several, since starting at each would take quadratic time.
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
# More rows would hardly change a proposal.
_MOST_SAMPLED = 500
# Each path into a cell parses its JSON again, so paths and characters of JSON are limited.
_MOST_INNER, _LOOKED_AT_JSON = 100, 1_000_000
# One row in this many may be faulty; for options half of them, since some data sets repeat a text as filler.
_ONE_FAULT_IN = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposed columns of a data set.

    Attributes:
        columns: as under `columns:` in the experiment file.
        answer_is: as in the experiment file; None for questions without options.
        choices: fixed options, empty where the rows have their own.
        notes: ambiguities that the rows leave open.
    """

    columns: dict[str, str | list[str]]
    answer_is: AnswerIs | None = None
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sample:
    """Rows that a proposal is based on, and the paths in them."""

    rows: Sequence[DataRow]
    paths: list[str] = field(init=False)

    def __post_init__(self) -> None:
        columns, inner = self.rows[0].data, count()
        self.paths = [path for path in _paths(columns) if path in columns or next(inner) < _MOST_INNER]

    def named(self, names: Sequence[str], fits: Callable[[str], bool]) -> str | None:
        """Return the path with the most preferred name whose values fit."""
        by_name = sorted((names.index(name), path) for path in self.paths if (name := _name(path)) in names)
        return next((path for _, path in by_name if fits(path)), None)

    def values(self, path: str) -> list[Any]:
        """Return the values of a path, None where a row has none."""
        values = []
        for row in self.rows:
            try:
                values.append(row.value(path))
            except SuiteError:
                values.append(None)
        return values

    def is_text(self, path: str) -> bool:
        """Return whether nearly all rows have a text there."""
        texts = [isinstance(value, str) and bool(value.strip()) for value in self.values(path)]
        return _nearly_all(texts)

    def is_plain(self, path: str) -> bool:
        """Return whether the rows have only texts or whole numbers there, and at least one."""
        values = [value for value in self.values(path) if not is_missing(value)]
        return bool(values) and all(isinstance(value, str | int) for value in values)


def propose(rows: Sequence[DataRow]) -> Proposal:
    """Return a proposal from the names of the columns and the values in the first rows.

    Args:
        rows: at least one; more rows give a more reliable proposal.

    Raises:
        SuiteError: no column looks like the question, or none like the answer.
    """
    sample = _Sample(_take_rows(rows))
    question = sample.named(_QUESTION, sample.is_text) or _longest(sample)
    if question is None:
        raise SuiteError(
            f"{rows[0].source}: no column holds a question in its rows; it has: {list_names(sample.paths)}"
        )
    paths = _choice_paths(sample, question)
    options = _options(sample, paths) if paths else None
    answer, kind, notes = _answer(sample, question, paths, options)
    fixed_options: tuple[str, ...] = ()
    if options is None:
        fixed_options, kind = _fixed_options(sample.values(answer))
    columns: dict[str, str | list[str]] = {"question": question}
    if paths:
        columns["choices"] = paths[0] if len(paths) == 1 else list(paths)
    columns["answer"] = answer
    used_paths = {question, answer, *paths}
    for key, names, fits in _optional_columns(sample):
        path = sample.named(names, _unless_used(fits, used_paths))
        if path is not None:
            columns[key] = path
            used_paths.add(path)
    return Proposal(columns, kind, fixed_options, tuple(notes))


def _take_rows(rows: Sequence[DataRow]) -> list[DataRow]:
    kept_rows, characters_left = list[DataRow](), _LOOKED_AT_JSON
    for row in rows[:_MOST_SAMPLED]:
        characters_left -= sum(map(_json_characters, row.data.values()))
        if kept_rows and characters_left < 0:
            break
        kept_rows.append(row)
    return kept_rows


def _json_characters(cell: object) -> int:
    """Number of characters in a cell that may be parsed as JSON, also in lists and mappings of texts."""
    total, values = 0, [cell]
    while values:
        value = values.pop()
        if isinstance(value, Mapping):
            values += value.values()
        elif isinstance(value, list | tuple):
            values += value
        elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            total += len(value)
    return total


def _optional_columns(sample: _Sample) -> Iterator[tuple[str, Sequence[str], Callable[[str], bool]]]:
    """Yield (key, names, condition on the values) of a question's optional columns."""
    yield "context", _CONTEXT, sample.is_text
    yield "category", _CATEGORY, sample.is_plain
    yield "subcategory", _SUBCATEGORY, sample.is_plain
    yield "id", _ID, lambda path: sample.is_plain(path) and _all_differ(sample.values(path))
    yield "why", _WHY, lambda path: all(isinstance(value, str) for value in sample.values(path))


def _unless_used(fits: Callable[[str], bool], used_paths: Collection[str]) -> Callable[[str], bool]:
    return lambda path: path not in used_paths and fits(path)


def _all_differ(values: Sequence[Any]) -> bool:
    return not any(map(is_missing, values)) and len({str(value) for value in values}) == len(values)


def _nearly_all(fits: Sequence[bool]) -> bool:
    return any(fits) and fits.count(False) <= len(fits) // _ONE_FAULT_IN


def _longest(sample: _Sample) -> str | None:
    texts = [path for path in sample.paths if sample.is_text(path)]
    return max(texts, key=lambda path: sum(map(len, sample.values(path))), default=None)


def _paths(data: Mapping[Any, Any], prefix: str = "", depth: int = _DEPTH) -> Iterator[str]:
    """Yield the paths of columns, and of the values in mappings and lists of mappings in them."""
    for key, cell in data.items():
        path = f"{prefix}{key}"
        yield path
        value = decode_cell(cell, dict, list)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and depth > 1:
            yield from _paths(inner, f"{path}.", depth - 1)


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "", path.rsplit(".", 1)[-1].casefold())


def _choice_paths(sample: _Sample, question: str) -> tuple[str, ...]:
    """Paths of the options; () where no column holds them."""
    for path in _lists(sample):
        if _options(sample, (path,)) is not None:
            return (path,)
    for family in _families(sample):
        if _options(sample, family) is not None:
            return family
    ends_in_options = [
        isinstance(value, str) and parse_option_lines(value) is not None for value in sample.values(question)
    ]
    return (question,) if _nearly_all(ends_in_options) else ()


def _lists(sample: _Sample) -> list[str]:
    """Paths of lists, best names first, without those of labels."""
    candidates = []
    for path in sample.paths:
        name, parent = _name(path), _name(path.rpartition(".")[0])
        preferred = name in _CHOICES or (name == "text" and parent in _CHOICES)
        if name in ("label", "labels") or path.count(".") > 2:
            continue
        first_value = decode_cell(sample.values(path)[0], list, dict)
        if isinstance(first_value, list) or (name in _CHOICES and isinstance(first_value, str | dict)):
            # `choices.text` is preferred to `choices`, as it is more specific.
            candidates.append((not preferred, -path.count("."), path))
    return [path for _, _, path in sorted(candidates)]


def _families(sample: _Sample) -> Iterator[tuple[str, ...]]:
    """Yield groups of columns with one option each: option1 and option2, opa to opd, an answer with distractors."""
    families: dict[str, list[str]] = {}
    for path in (path for path in sample.paths if "." not in path):
        for pattern in (_NUMBERED, _LETTERED):
            if match := pattern.fullmatch(path):
                families.setdefault(_name(match[1]), []).append(path)
                break
    distractor_columns = [paths for stem, paths in families.items() if stem in _WRONG]
    right_path = (
        sample.named(("correctanswer", "answer", "bestanswer"), sample.is_plain)
        if distractor_columns
        else None
    )
    if right_path is not None:
        yield from ((right_path, *paths) for paths in distractor_columns)
    for stem in _FAMILIES:
        if len(families.get(stem, ())) > 1:
            yield tuple(families[stem])


def _options(sample: _Sample, paths: Sequence[str]) -> list[Options | None] | None:
    """Options of each row, None for a faulty one; None where most rows have none there."""
    options: list[Options | None] = []
    for row in sample.rows:
        try:
            options.append(read_options(row, paths))
        except SuiteError:
            options.append(None)
    return options if 2 * options.count(None) < len(options) else None


def _answer(
    sample: _Sample, question: str, paths: Sequence[str], options: Sequence[Options | None] | None
) -> tuple[str, AnswerIs | None, list[str]]:
    """(column, what it holds, notes)."""
    if (
        options is not None
        and len(paths) > 1
        and _name(paths[0]) in ("correctanswer", "bestanswer", "answer")
    ):
        return paths[0], "text", []
    used_paths = {question, *paths}
    for path in _by_preference(sample, used_paths):
        if options is None:
            if sample.is_plain(path):
                return path, None, []
            continue
        readings = _readings(sample.rows, path, options)
        if readings:
            return path, next(iter(readings)), _ambiguity_notes(path, readings)
    which = "looks like the answer" if options is None else "names one of the options in its rows"
    raise SuiteError(f"{sample.rows[0].source}: no column {which}; it has: {list_names(sample.paths)}")


_KINDS: tuple[AnswerIs, ...] = ("text", "letter", "index", "index1")


def _by_preference(sample: _Sample, used_paths: Collection[str]) -> list[str]:
    """Paths that may be the answer: those with a known name, then those with such a word in their name."""
    free = [path for path in sample.paths if path not in used_paths]
    known_names = sorted((_ANSWER.index(_name(path)), path) for path in free if _name(path) in _ANSWER)
    words = ("answer", "label", "gold", "correct", "target")
    similar_names = [
        path for path in free if _name(path) not in _ANSWER and any(word in _name(path) for word in words)
    ]
    return [*(path for _, path in known_names), *similar_names]


type _Indices = list[int | None]


def _readings(
    rows: Sequence[DataRow], path: str, options: Sequence[Options | None]
) -> dict[AnswerIs, _Indices]:
    """Index of each row's right option, None for faulty rows, by each `answer_is` that fits the rows."""
    pairs = [
        (row, row_options) for row, row_options in zip(rows, options, strict=True) if row_options is not None
    ]
    readings = {
        kind: [_right_index(row, path, kind, row_options) for row, row_options in pairs] for kind in _KINDS
    }
    return {
        kind: places
        for kind, places in readings.items()
        if _nearly_all([index is not None for index in places])
    }


def _right_index(row: DataRow, path: str, kind: AnswerIs, options: Options) -> int | None:
    try:
        return right_index(row, path, kind, options)
    except SuiteError:
        return None


def _ambiguity_notes(path: str, readings: Mapping[AnswerIs, _Indices]) -> list[str]:
    chosen, *alternatives = readings
    differing = [kind for kind in alternatives if readings[kind] != readings[chosen]]
    if not differing:
        return []
    return [f"{path} fits 'answer_is: {' or '.join(differing)}' as well: look at a few questions"]


def _fixed_options(values: Sequence[Any]) -> tuple[tuple[str, ...], AnswerIs | None]:
    """(options, `answer_is`) where the answers are true and false, or a few texts that repeat."""
    present = [value for value in values if not is_missing(value)]
    if all(isinstance(value, bool) for value in present):
        return ("yes", "no"), "bool"
    counts = Counter(value.strip() for value in present if isinstance(value, str))
    if len(present) == sum(counts.values()) and 2 <= len(counts) <= _FEW_ANSWERS and min(counts.values()) > 1:
        return tuple(sorted(counts)), "text"
    return (), None
