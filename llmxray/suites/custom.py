"""Suites of one's own without `columns:`: our suite file (YAML or JSON), and that of the original LLMxRay app.

Ours::

    title: Kitchen chemistry            # all of these are optional
    licence: CC BY 4.0
    answer: letter                      # or text, number, likelihood
    items:
      - {id: salt, question: What is table salt?, choices: [NaCl, KCl], answer: A}
      - {id: soda, question: What is soda?, choices: [NaHCO3, HCl], answer: NaHCO3, shot: true}

``answer`` is a letter or the text of a choice, first a letter: with the choices ``O, A, B, AB`` the answer ``A`` is O,
and a fault says so. Without ``choices`` it is the expected text or number. Items
with ``shot: true`` are worked examples. The app's file is told by its ``questions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from llmxray import limits
from llmxray.errors import ExperimentError, SuiteError
from llmxray.experiment import SuiteRef
from llmxray.experiment.yaml_loader import read_yaml
from llmxray.suites import data_files
from llmxray.suites.answers import option_with_text
from llmxray.suites.base import DataFault, Suite, chance, check
from llmxray.suites.data_rows import DataRow, is_number, quote_value
from llmxray.suites.named_columns import difficulty
from llmxray.suites.options import Options, refuse_unusable, strip_letters
from llmxray.suites.sources import PREVIEW, locate
from llmxray.types import LETTERS, AnswerKind, Item, SuiteCard

CARD = SuiteCard(
    "custom",
    "A suite of your own",
    "What its author says.",
    "Anything else; nobody has tried these questions on other models.",
    "as the file says",
    "a file or folder beside the experiment, or a data set on the hub",
)
# The limit is that of an experiment's title, since pages write both in one line.
_LONGEST_TITLE = 500
_SUITE_KEYS = (
    *("name", "title", "description", "licence", "source", "citation"),
    *("answer", "completion", "items"),
)
_ITEM_KEYS = (
    *("id", "question", "choices", "answer", "category", "subcategory"),
    *("skill", "difficulty", "source", "accept", "why", "shot"),
)
# Cells of a CSV file are texts, and "false" and "0" must not count as true.
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True, slots=True)
class _File:
    """A suite file as read.

    Attributes:
        lines: line of each item, empty where the format keeps no places.
        app: it is a file of the original app.
    """

    name: str
    data: Mapping[str, Any]
    entries: list[Any]
    lines: tuple[int, ...] = ()
    app: bool = False

    def rows(self) -> Iterable[DataRow]:
        """Yield the items as rows with their places."""
        for number, entry in enumerate(self.entries, 1):
            place = f"{self.name}:{self.lines[number - 1]}" if self.lines else self.name
            if not isinstance(entry, Mapping):
                raise SuiteError(f"{place}, item {number}: must be a mapping such as {{id: …, question: …}}")
            yield DataRow(place, number, {key: _text_of(value) for key, value in entry.items()})


def load(ref: SuiteRef, base: Path, within: Path | None = None) -> Suite:
    """Return the suite in the file that the experiment names.

    Raises:
        SuiteError: names file, line where there is one, item and field.
    """
    if ref.source is None:
        raise SuiteError(
            f"{ref.suite} needs 'source: {{file: …}}' with a suite's YAML or JSON file, or any source with 'columns:'"
        )
    if ref.source.file is None:
        raise SuiteError(
            f"{ref.suite} needs 'columns:' to say what each column holds, such as 'columns: {{question: question, "
            f"choices: choices.text, answer: answerKey}}'; of files and folders {PREVIEW}"
        )
    file = _read(locate(ref.source.file, base, within))
    _check_keys(file)
    pairs = [(row, _item(row, file.app)) for row in file.rows()]
    items = tuple(item for row, item in pairs if not _is_shot(row))
    shots = tuple(item for row, item in pairs if _is_shot(row))
    # This check comes before `check`, whose errors name neither file nor line.
    _refuse_doubles(pairs)
    card = _card(file, items)
    completion = file.data.get("completion") is True
    faults = tuple(fault for row, item in pairs for fault in _ambiguities(row, item)) if not file.app else ()
    return check(Suite(card, items, shots, completion, _answer(file, pairs), faults))


def _read(path: Path) -> _File:
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return _from_yaml(path)
    if suffix != ".json":
        return _File(path.name, {}, [dict(row.data) for row in data_files.from_file(path)])
    data = data_files.parse_json(path.name, data_files.read_text(path))
    if isinstance(data, list):
        return _File(path.name, {}, data)
    if not isinstance(data, dict):
        raise SuiteError(f"{path.name}: must be a mapping with 'items', or a list of items")
    app = "questions" in data and "items" not in data
    return _File(path.name, data, _entries(path.name, data, "questions" if app else "items"), app=app)


def _from_yaml(path: Path) -> _File:
    text = data_files.read_text(path)
    # The error is raised here, because the loader's message is about experiment files.
    if not text.strip() or text.lstrip().startswith("- "):
        raise SuiteError(f"{path.name}: must begin with a key, such as 'items:' and the questions below it")
    if len(text.encode()) > limits.YAML_BYTES:
        raise SuiteError(f"{path.name}: larger than 1 MiB; write long suites as JSON or JSONL")
    try:
        document = read_yaml(text, file=path.name)
    except ExperimentError as error:
        raise SuiteError(str(error)) from None
    entries = _entries(path.name, document.data, "items")
    lines = tuple(document.position(("items", index))[0] for index in range(len(entries)))
    return _File(path.name, document.data, entries, lines)


def _entries(name: str, data: Mapping[str, Any], key: str) -> list[Any]:
    if key not in data:
        raise SuiteError(f"{name}: there is no {key!r}; a suite file has a list of items under 'items:'")
    entries = data[key]
    if not isinstance(entries, list) or not entries:
        raise SuiteError(f"{name}: {key!r} must be a list of questions")
    return entries


def _check_keys(file: _File) -> None:
    # The app writes keys of its own, which are not typing errors.
    if file.app:
        return
    for place, data, known_keys in (
        (file.name, file.data, _SUITE_KEYS),
        *((row.place, row.data, _ITEM_KEYS) for row in file.rows()),
    ):
        if unknown := [key for key in data if key not in known_keys]:
            hint = "; say with 'columns:' what other columns hold" if known_keys is _ITEM_KEYS else ""
            raise SuiteError(
                f"{place}: unknown key {unknown[0]!r}; known here: {', '.join(known_keys)}{hint}"
            )


def _item(row: DataRow, app: bool) -> Item:
    """Item of a row; the app's have options "A) …", and the answer in another column."""
    marked = row.texts("choices") if app or row.data.get("choices") not in (None, "", []) else ()
    choices, column = strip_letters(marked), "correctAnswer" if app else "answer"
    answer = row.filled(column)
    if choices or app:
        refuse_unusable(row, "choices", choices)
        answer = _letter(row, column, answer.strip(), Options("choices", choices, marked=marked))
    return Item(
        id=row.filled("id"),
        question=row.filled("question"),
        choices=choices,
        answer=answer,
        category=row.optional("category"),
        subcategory=row.optional("subcategory"),
        skill=row.optional("skill"),
        difficulty=difficulty(row, "difficulty") if row.has("difficulty") else None,
        source=row.optional("source") or f"{row.source.split(':')[0]}, item {row.number}",
        accept=row.texts("accept") if row.data.get("accept") else (),
        why=row.optional("why"),
    )


def _letter(row: DataRow, column: str, answer: str, options: Options) -> str:
    letters = LETTERS[: len(options.texts)]
    letter = answer.removesuffix(")")
    if len(letter) == 1 and letter in letters:
        return letter
    index = option_with_text(row, column, options)
    if index is None:
        raise row.error(
            column, f"{quote_value(answer)} is neither a letter from A to {letters[-1]} nor a choice"
        )
    return letters[index]


def _ambiguities(row: DataRow, item: Item) -> Iterator[DataFault]:
    """Yield the fault of an answer that is the letter of one choice and the text of another."""
    answer = row.data.get("answer")
    if item.choices and answer in item.choices and LETTERS[item.choices.index(answer)] != item.answer:
        text_letter = LETTERS[item.choices.index(answer)]
        reason = (
            f"{quote_value(answer)} is read as a letter; "
            f"write {text_letter} where the choice with that text is right"
        )
        yield DataFault(row.number, item.id, "answer", reason)


def _is_shot(row: DataRow) -> bool:
    value = row.data.get("shot")
    word = "" if value is None else str(value).strip().casefold()
    if word not in (*_YES, *_NO):
        raise row.error("shot", f"{quote_value(value)} must be true or false")
    return word in _YES


def _text_of(value: Any) -> Any:
    """Whole numbers as texts, also inside lists: options are often numbers, written without quotes."""
    if isinstance(value, list):
        return [_text_of(entry) for entry in value]
    # isinstance would also convert true and false, which are ints in Python.
    return str(value) if type(value) is int else value


def _refuse_doubles(pairs: list[tuple[DataRow, Item]]) -> None:
    first_numbers: dict[str, int] = {}
    for row, item in pairs:
        if item.id in first_numbers:
            raise row.error(
                "id", f"{quote_value(item.id)} is already the id of item {first_numbers[item.id]}"
            )
        if bool(item.choices) is not bool(pairs[0][1].choices):
            raise row.error("choices", "some items have choices and others do not; make two suites of them")
        first_numbers[item.id] = row.number


def _answer(file: _File, pairs: list[tuple[DataRow, Item]]) -> AnswerKind | None:
    declared = file.data.get("answer")
    if declared is not None and declared not in get_args(AnswerKind):
        raise SuiteError(f"{file.name}: answer {declared!r} must be one of {', '.join(get_args(AnswerKind))}")
    is_open = not pairs[0][1].choices
    if is_open and declared in ("letter", "likelihood"):
        raise SuiteError(f"{file.name}: answer {declared!r} needs items with choices")
    if declared is None and is_open:
        return "number" if all(is_number(item.answer) for _, item in pairs) else "text"
    kind: AnswerKind | None = declared
    return kind


def _card(file: _File, items: tuple[Item, ...]) -> SuiteCard:
    def text_of(key: str, otherwise: str, longest: int | None = None) -> str:
        value = file.data.get(key)
        if value is not None and not isinstance(value, str):
            raise SuiteError(f"{file.name}: {key!r} must be text")
        if longest is not None and len(value or "") > longest:
            raise SuiteError(f"{file.name}: {key!r} must have at most {longest} characters")
        return value or otherwise

    return SuiteCard(
        CARD.name,
        text_of("title", text_of("name", CARD.title, _LONGEST_TITLE), _LONGEST_TITLE),
        text_of("description", CARD.tests),
        CARD.does_not_test,
        text_of("licence", "not stated"),
        text_of("source", file.name),
        text_of("citation", ""),
        chance(items),
        "A suite of its author's own.",
    )
