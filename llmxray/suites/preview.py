"""Propose what the columns of an unknown data set hold: roles by the names below, decided by the values.

A wrong proposal would run and score nonsense, so names and values must leave a single reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmxray.errors import SuiteError
from llmxray.experiment import AnswerIs
from llmxray.suites.answers import right_index
from llmxray.suites.data_rows import DataRow, decode_cell, list_names
from llmxray.suites.options import is_missing, parse_option_lines, read_options

# Patterns match the last part of a path as words: "mc_answer1" is "mc answer 1", "answerKey" is "answer key".
# The first ones are preferred.
_QUESTION = (
    *(
        "question",
        "question (stem|text)|stem|qtext",
        "query",
        "problem( statement)?",
        "goal",
        "ctx|startphrase",
    ),
    *("hypothesis", "sentence", "inputs?", "prompt", "statement", "premise", "text", "instruction"),
)
_CONTEXT = (
    "(.* )?(passage|context|article|story|narrative|document|background|dialog(ue)?|conversation)s?",
    "(.* )?para(graph)?s?( steps?)?|body|premise|sentence|instruction|text",
)
_OPTIONS = (
    "choices?|options?|endings|candidates|alternatives",
    "((answer|possible|candidate|multiple choice) )?(answers|choices|options|targets)",
)
_OPTION = (
    "(.* )?(option|opt|op|sol|solution|ending|choice|answer|ans|candidate|alternative|hypothesis|hyp)",
)
_WRONG = ("(incorrect|wrong|false)( answers?| options?| choices?)?|distractors?",)
_RIGHT = ("(correct|right|best|true) (answer|option|choice)", "answer")
_PART = "( (num|number|idx|index|id|letter|label|key|text))?"
_ANSWER = (
    f"(answer )?key|(correct|right|gold|best|final|expected)( (answer|option|choice|label))?{_PART}",
    f"answers?( choice)?{_PART}",
    f"(targets?|labels?){_PART}|cop|ra|solution|(final )?decision|ground truth",
)
# Columns that tell the answer or lead to it are never context.
_GIVEAWAY = re.compile(
    r"fact|evidence|support|hint|rationale|expla|reason|proof|gold|solution|correct|answer|\b(exp|why|cot)\b"
)
_LABELS = re.compile("a?id|label|letter|key|number|num|index|idx")
_CATEGORY = ("category", "subject( name)?", "(high level )?domain", "topic( name)?", "task|type")
_SUBCATEGORY = ("sub ?(category|domain|topic)",)
_ID = ("id", r"\w+ id|qid|u?uid|guid|pubid", "index|idx|ind")
_WHY = ("explanation|rationale|exp|why|cot content|reasoning",)
# Few rows need not show all answers of these kinds.
_CLOSED = (
    *(("yes", "no"), ("yes", "no", "maybe"), ("true", "false"), ("true", "false", "unknown")),
    ("entailment", "neutral", "contradiction"),
)
_KINDS: tuple[AnswerIs, ...] = ("text", "letter", "index", "index1")
# More rows or paths would hardly change a proposal.
_MOST_ROWS, _MOST_PATHS, _DEPTH = 200, 200, 3
# One row in this many may be faulty; for options half of them, since some data sets repeat a text as filler.
_ONE_FAULT_IN = 20

type _Columns = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposed columns of a data set.

    Attributes:
        columns: as under `columns:` in the experiment file.
        answer_is: as in the experiment file; None for questions without options.
        choices: fixed options, empty where the rows have their own.
        notes: how a doubt was settled, and which columns are not used.
    """

    columns: _Columns
    answer_is: AnswerIs | None = None
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def propose(rows: Sequence[DataRow]) -> Proposal:
    """Return a proposal from the names of the columns and the values in the first rows.

    Raises:
        SuiteError: names and values do not show which column is the question, and which the right answer.
    """
    table = _Table(rows)
    question = next(table.named(_QUESTION, table.is_text), None)
    if question is None:
        raise table.refusal("no column has the name and the texts of a question")
    proposal = _with_options(table, question) or _without_options(table)
    columns: _Columns = {"question": question, **proposal.columns}
    pairs = zip(table.values[question], table.read(str(columns["answer"])), strict=True)
    ends = [str(text).rstrip(". \n").endswith(str(answer).rstrip(". \n")) for text, answer in pairs]
    if "choices" not in columns and _nearly_all(ends):
        raise table.refusal(f"the texts in {question!r} end in their answers")
    optional: list[tuple[str, Iterable[str]]] = [
        ("context", _contexts(table, question)),
        ("category", table.named(_CATEGORY, table.is_plain)),
        ("subcategory", table.named(_SUBCATEGORY, table.is_plain)),
        ("id", table.named(_ID, lambda path: _all_differ([_value(row, path) for row in rows]))),
        ("why", table.named(_WHY, lambda path: all(isinstance(value, str) for value in table.present(path)))),
    ]
    for key, paths in optional:
        path = next((path for path in paths if path not in _used(columns)), None)
        if path is not None:
            columns[key] = path
    used = {name for path in _used(columns) for name in (path, path.split(".")[0])}
    unused = [column for column in rows[0].data if column not in used]
    notes = (*proposal.notes, *([f"Not used: {list_names(unused)}."] if unused else []))
    return Proposal(columns, proposal.answer_is, proposal.choices, notes)


class _Table:
    """The first rows, path by path.

    Attributes:
        values: of each path, None where a row has none; JSON in cells is parsed.
        families: numbered or lettered columns in order, by the beginning of their names.
    """

    def __init__(self, rows: Sequence[DataRow]) -> None:
        self.rows = rows[:_MOST_ROWS]
        self.values: dict[str, list[Any]] = {}
        paths = [*dict.fromkeys(column for row in self.rows[:_ONE_FAULT_IN] for column in row.data)]
        # The list grows while it is read: paths into columns stand behind all columns.
        for path in paths:
            if path in self.values or len(self.values) == _MOST_PATHS:
                continue
            self.values[path] = values = self.read(path)
            inner = [value[0] if isinstance(value, list) and value else value for value in values]
            keys = dict.fromkeys(key for value in inner if isinstance(value, Mapping) for key in value)
            paths += [f"{path}.{key}" for key in keys if path.count(".") + 1 < _DEPTH][:_MOST_PATHS]
        self.families = _families(self.values)
        in_families = {path for family in self.families.values() for path in family}
        self._words = {path: _words(path) for path in self.values if path not in in_families}

    def refusal(self, reason: str) -> SuiteError:
        return SuiteError(f"{self.rows[0].source}: {reason}; it has: {list_names(self.values)}")

    def named(self, patterns: Iterable[str], fits: Callable[[str], object] = bool) -> Iterator[str]:
        """Yield the paths that a pattern matches and that fit, without those in families."""
        for pattern in patterns:
            matches = [path for path, words in self._words.items() if re.fullmatch(pattern, words)]
            yield from filter(fits, matches)

    def read(self, path: str) -> list[Any]:
        """Return the values of a path, also of one into a list."""
        return [_value(row, path) for row in self.rows]

    def present(self, path: str) -> list[Any]:
        return [value for value in self.values[path] if not is_missing(value)]

    def is_text(self, path: str) -> bool:
        """Return whether nearly all rows have a text there."""
        return _nearly_all([isinstance(value, str) and not is_missing(value) for value in self.values[path]])

    def is_plain(self, path: str) -> bool:
        """Return whether the rows have only texts or whole numbers there, and at least one."""
        return bool(self.present(path)) and all(isinstance(value, str | int) for value in self.present(path))

    def inside(self, path: str) -> list[str]:
        return [inner for inner in self.values if inner.startswith(f"{path}.")]


def _with_options(table: _Table, question: str) -> Proposal | None:
    """The options and the column that names the right one; None where no column holds options."""
    unanswered = ""
    for paths, labels, right in _option_columns(table, question):
        options = [_try(read_options, row, paths, labels) for row in table.rows]
        if 2 * options.count(None) >= len(options):
            continue
        answer: tuple[str, AnswerIs, str] | None
        answer = (right, "text", "") if right else _answer(table, question, paths, options)
        if answer is not None:
            path, answer_is, note = answer
            columns: _Columns = {"choices": paths[0] if len(paths) == 1 else list(paths), "answer": path}
            return Proposal(
                columns | ({"labels": labels} if labels else {}), answer_is, notes=(note,) if note else ()
            )
        unanswered = unanswered or list_names(paths)
    if unanswered:
        raise table.refusal(f"no column surely names the right one of the options in {unanswered}")
    return None


def _option_columns(table: _Table, question: str) -> Iterator[tuple[tuple[str, ...], str | None, str | None]]:
    """Yield (paths of options, path of their labels, path of the right one if it is one of them)."""
    for path in table.named(_OPTIONS):
        inside = table.inside(path)
        texts = next((inner for inner in inside if re.fullmatch("a?text|value|content", _words(inner))), None)
        labels = next((inner for inner in inside if _LABELS.fullmatch(_words(inner))), None)
        if texts:
            # The column "label" beside "text" is found without its name.
            implied = (texts, labels) == (f"{path}.text", f"{path}.label")
            yield (texts,), None if implied else labels, None
        yield (path,), None, None
    right = next(table.named(_RIGHT, table.is_text), None)
    for stem, family in table.families.items():
        if _matches(_WRONG, stem):
            yield (right, *family) if right else family, None, right
    for stem, family in table.families.items():
        if not stem or (_matches(_OPTION, stem) and not _matches(_WRONG, stem)):
            yield family, None, None
    if _nearly_all([parse_option_lines(str(value)) is not None for value in table.values[question]]):
        yield (question,), None, None


def _answer(
    table: _Table, question: str, paths: Sequence[str], options: Sequence[Any]
) -> tuple[str, AnswerIs, str] | None:
    """(path, what it holds, note); None where no column names options in nearly all rows."""
    doubt = ""
    for path in _entries(table, _ANSWER):
        pairs = [
            (row, known)
            for row, known, value in zip(table.rows, options, table.read(path), strict=True)
            if known is not None and not is_missing(value)
        ]
        if path in (question, *paths) or 2 * len(pairs) < len(table.rows):
            continue
        readings: dict[AnswerIs, list[int | None]] = {}
        for kind in _KINDS:
            indices = [_try(right_index, row, path, kind, known) for row, known in pairs]
            if _nearly_all([index is not None for index in indices]):
                readings[kind] = indices
        # Where the answer is always the first, the column may hold all answers that are accepted.
        if not readings or (_words(paths[0]) == "answers" and {*readings.get("text", ())} == {0}):
            continue
        kinds, note = list(readings), ""
        if "letter" in readings and all(known.labels for _, known in pairs):
            kinds = ["letter"]
        elif kinds == ["index", "index1"] and (assumed := _counting(path, paths)):
            kinds = [assumed]
            note = (
                f"{path} may count the options from 0 or from 1; {assumed} is assumed: check a few questions."
            )
        if all(readings[kind] == readings[kinds[0]] for kind in kinds):
            return path, kinds[0], note
        doubt = (
            doubt or f"{path!r} fits 'answer_is: {' or '.join(kinds)}' in all rows; write the entry by hand"
        )
    if doubt:
        raise table.refusal(doubt)
    return None


def _counting(path: str, paths: Sequence[str]) -> AnswerIs | None:
    """Where numbers count from, by the names of the answer and of the first option; None if these do not tell."""
    words, (*stem, number) = _words(path).split(), _words(paths[0]).split()
    starts = {"0"} if {"idx", "index", "cop"} & {*words} else set[str]()
    if number.isdigit() and {*stem} & {*words}:
        starts.add(number)
    return "index" if starts == {"0"} else "index1" if starts == {"1"} else None


def _without_options(table: _Table) -> Proposal:
    """Fixed options, where the answers are true and false or a known few words; open questions are written by hand."""
    path = next(_entries(table, _ANSWER), None)
    values = [value for value in table.read(path) if not is_missing(value)] if path else []
    if path is None or not values:
        raise table.refusal("no column is surely the answer")
    if all(isinstance(value, bool) for value in values):
        return Proposal({"answer": path}, "bool", ("yes", "no"))
    for choices in _CLOSED:
        if {str(value).strip().casefold() for value in values} <= {*choices}:
            return Proposal({"answer": path}, "text", choices)
    raise table.refusal(
        "no column surely holds options, and none has answers such as yes and no (write the columns of open questions "
        "by hand)"
    )


def _entries(table: _Table, patterns: Iterable[str]) -> Iterator[str]:
    """Yield paths to single values: where a list has one entry in every row, the path to that entry."""
    for path in table.named(patterns, table.present):
        if all(isinstance(value, list) and len(value) == 1 for value in table.present(path)):
            yield f"{path}.0"
        elif not any(isinstance(value, list | Mapping) for value in table.present(path)):
            yield path


def _contexts(table: _Table, question: str) -> Iterator[str]:
    """Yield the texts, or lists of texts, that questions may be about.

    Raises:
        SuiteError: a column of such a name cannot be shown.
    """
    for path in table.named(_CONTEXT, table.present):
        if any(_GIVEAWAY.search(_words(part)) or _matches(_OPTIONS, part) for part in path.split(".")):
            continue
        inside = [
            inner for inner in table.inside(path) if _matches((*_CONTEXT, "text|sentences|lines"), inner)
        ]
        readable = [text for text in (path, *inside) if all(map(_is_texts, table.present(text)))]
        # A text that repeats the question is a prompt made of the row, often with its answer.
        asked = [str(_value(row, question)) for row in table.rows]
        for text in readable:
            if not any(one in str(value) for one, value in zip(asked, table.values[text], strict=True)):
                yield text
        if not readable and any(isinstance(value, list | Mapping) for value in table.present(path)):
            raise table.refusal(
                f"{path!r} seems to hold what the questions are about, but neither text nor a list of texts"
            )


def _families(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    members: dict[tuple[str, bool], dict[int, str]] = {}
    for path in paths:
        if match := re.search(r"[ _-]?(?:(?<!\d)(\d{1,2})|([A-Ja-j]))$", path):
            place = int(match[1]) if match[1] else "abcdefghij".index(match[2].lower())
            members.setdefault((path[: match.start()], bool(match[1])), {})[place] = path
    families = {}
    for (stem, is_numbered), by_place in members.items():
        first = min(by_place)
        if first <= is_numbered and len(by_place) > 1 and max(by_place) - first + 1 == len(by_place):
            families[stem] = tuple(by_place[place] for place in sorted(by_place))
    return families


def _used(columns: _Columns) -> set[str]:
    return {path for paths in columns.values() for path in ([paths] if isinstance(paths, str) else paths)}


def _words(path: str) -> str:
    """The last part of a path as lower-case words."""
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", path.rsplit(".", 1)[-1])).lower()


def _matches(patterns: Iterable[str], name: str) -> bool:
    return any(re.fullmatch(pattern, _words(name)) for pattern in patterns)


def _value(row: DataRow, path: str) -> Any:
    return decode_cell(_try(row.value, path), list, dict)


def _try[**P, T](read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What a function returns; None where the row does not have it."""
    try:
        return read(*args, **kwargs)
    except SuiteError:
        return None


def _is_texts(value: Any) -> bool:
    """Return whether a value is a text, or a list of texts."""
    return all(isinstance(entry, str) for entry in (value if isinstance(value, list) else [value]))


def _all_differ(values: Sequence[Any]) -> bool:
    plain = all(isinstance(value, str | int) and not is_missing(value) for value in values)
    return plain and len({str(value) for value in values}) == len(values)


def _nearly_all(fits: Sequence[bool]) -> bool:
    return any(fits) and fits.count(False) <= len(fits) // _ONE_FAULT_IN
