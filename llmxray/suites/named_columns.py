"""Suites from any data set, read by the columns that the experiment file names.

::

    source ─► rows ─► options, answer ─► Item
                          │
                          └── a row that cannot be asked: an error that names row and column, or left out and listed

Columns that are not named are ignored. A question's id is the data's own, or made from its text, so that the same
question has the same id in a larger sample and in another order of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import Columns, Source, SuiteRef
from llmxray.suites import hub, sources
from llmxray.suites.answers import option_with_text, right_index
from llmxray.suites.base import MOST_FAULTS, DataFault, Suite, chance, check, shuffled
from llmxray.suites.benchmark import content_id
from llmxray.suites.data_rows import DataRow, is_number, kind_of, quote_value, shorten
from llmxray.suites.options import Options, cut_options, is_missing, read_options
from llmxray.types import LETTERS, AnswerKind, Item, SuiteCard

_SHOTS_PER_CATEGORY = 5
# Limit on the characters of the reason why a row is left out.
_LONGEST_REASON = 300
DIFFICULTIES = {"easy": 1, "medium": 2, "hard": 3, "1": 1, "2": 2, "3": 3}


def load(ref: SuiteRef, columns: Columns, base: Path, within: Path | None = None) -> Suite:
    """Return the suite of a source and its columns.

    Args:
        base: folder of the experiment file.
        within: folder that files must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: no rows, a column that is not there, or a row that cannot be asked; names row and column.
        MissingExtraError: the source needs an optional package.
    """
    source = ref.source
    # The experiment's validation refuses columns without a source.
    assert source is not None
    if source.file is not None and ref.config is not None:
        raise SuiteError(f"{ref.suite}: a file has no config; remove 'config: {ref.config}'")
    items, faults = read_items(ref, columns, sources.read_rows(source, base, ref.config, within=within))
    questions = {item.question for item in items}
    # An example that is also asked would reveal its answer.
    shots = [shot for shot in _examples(ref, columns, source, base, within) if shot.question not in questions]
    hint = "name a split or file with examples in the source, such as 'shots: train', or "
    return check(
        Suite(
            _card(ref, columns, source, items),
            items,
            tuple(_first_per_category(shots)),
            completion=ref.completion is True,
            answer=_open_answer(ref, items),
            faults=faults,
            shots_hint="" if source.shots else hint,
        )
    )


def read_items(
    ref: SuiteRef, columns: Columns, rows: Iterable[DataRow]
) -> tuple[tuple[Item, ...], tuple[DataFault, ...]]:
    """Return (items, faults) of rows.

    Raises:
        SuiteError: a row that cannot be asked, unless the experiment leaves such rows out and others are left.
    """
    reader = _Reader(ref, columns)
    refused: SuiteError | None = None
    for row in rows:
        try:
            reader.add(row)
        except SuiteError as error:
            if ref.bad_rows != "skip":
                # Where no row can be read the columns are probably wrong, and skipping rows would not help.
                skip = "; leave such rows out with 'bad_rows: skip'" if reader.items else ""
                raise SuiteError(f"{error}{skip}") from None
            refused = refused or error
            reader.leave_out(row, str(error))
    if refused is not None and not reader.items:
        raise SuiteError(f"no row can be asked; {refused}")
    return tuple(reader.items), tuple(reader.faults)


class _Reader:
    """Reader that makes items of rows, one after the other."""

    def __init__(self, ref: SuiteRef, columns: Columns) -> None:
        self._ref, self._columns = ref, columns
        self._rows_of_ids: dict[str, int] = {}
        self._copies: dict[str, int] = {}
        self._left_out = 0
        self.items: list[Item] = []
        self.faults: list[DataFault] = []

    def add(self, row: DataRow) -> None:
        """Add the row's item.

        Raises:
            SuiteError: names row and column.
        """
        item = self._unique(row, self._item(row))
        if self.items and bool(item.choices) is not bool(self.items[0].choices):
            raise row.error("choices", "some rows have options and others do not; make two suites of them")
        self._rows_of_ids[item.id] = row.number
        self.items.append(item)

    def leave_out(self, row: DataRow, reason: str) -> None:
        """Add a fault for a row that cannot be asked; only the first ones keep their reason, as no more are listed."""
        self._left_out += 1
        text = (
            f"{shorten(reason, _LONGEST_REASON)}; left out" if self._left_out <= MOST_FAULTS else "left out"
        )
        self.faults.append(DataFault(row.number, "", "", text))

    def _item(self, row: DataRow) -> Item:
        columns, options = self._columns, self._options(row)
        question = self._question(row, options)
        texts = options.texts if options else ()
        item = Item(
            id=_plain_text(row, columns.id) or content_id("q", question, *texts),
            question=question,
            choices=texts,
            answer=self._answer(row, options),
            category=_plain_text(row, columns.category),
            subcategory=_plain_text(row, columns.subcategory),
            difficulty=None if columns.difficulty is None else difficulty(row, columns.difficulty),
            source=row.place,
            # Blank lines separate the examples of a prompt, so there must be none inside of one.
            why=re.sub(r"\n\s*\n", "\n", _plain_text(row, columns.why)),
            group=_plain_text(row, columns.group),
        )
        return shuffled(item, self._ref.seed or 0) if columns.answer in columns.choice_paths else item

    def _options(self, row: DataRow) -> Options | None:
        if self._ref.choices:
            return Options("choices", tuple(choice.strip() for choice in self._ref.choices))
        paths = self._columns.choice_paths
        return read_options(row, paths, self._columns.labels) if paths else None

    def _question(self, row: DataRow, options: Options | None) -> str:
        columns = self._columns
        question = _plain_text(row, columns.question)
        # Options that are part of the question's text are cut from it, since the prompt shows them again.
        if options is not None and options.before is not None and options.column == columns.question:
            question = options.before
        elif options is not None:
            question = cut_options(question, options.texts)
        if not question:
            raise row.error(columns.question, "is empty")
        context = "" if columns.context is None else _plain_text(row, columns.context)
        return f"{context}\n{question}" if context else question

    def _answer(self, row: DataRow, options: Options | None) -> str:
        column = self._columns.answer
        if options is not None:
            kind = self._ref.answer_is
            return LETTERS[right_index(row, column, kind, options) if kind else self._letter(row, options)]
        answer = _plain_text(row, column)
        if not answer:
            raise row.error(column, "is empty")
        return answer

    def _letter(self, row: DataRow, options: Options) -> int:
        """Index of the right option where the experiment does not set `answer_is`."""
        column = self._columns.answer
        text, index = option_with_text(row, column, options), right_index(row, column, "letter", options)
        if text not in (None, index):
            raise row.error(
                column,
                f"{quote_value(row.value(column))} is the letter of option {LETTERS[index]} and the text of option "
                f"{LETTERS[text]}; say with 'answer_is: letter' or 'answer_is: text' what the column holds",
            )
        return index

    def _unique(self, row: DataRow, item: Item) -> Item:
        first_row = self._rows_of_ids.get(item.id)
        if first_row is None:
            return item
        if self._columns.id is not None:
            raise row.error(
                self._columns.id,
                f"{quote_value(item.id)} is already the id of row {first_row}; "
                "without 'id' it is made from the question",
            )
        number = self._copies[item.id] = self._copies.get(item.id, 1) + 1
        name = f"{item.id}-{number}"
        reason = f"the same question and options as row {first_row}; asked again"
        self.faults.append(DataFault(row.number, name, self._columns.question, reason))
        return replace(item, id=name)


def difficulty(row: DataRow, column: str) -> int | None:
    """Return the difficulty, 1 to 3; None where the column is empty.

    Raises:
        SuiteError: absent, or neither 1, 2 or 3 nor easy, medium or hard.
    """
    value = row.value(column)
    if is_missing(value):
        return None
    level = DIFFICULTIES.get(str(value).strip().casefold())
    if level is None:
        raise row.error(column, f"{quote_value(value)} must be 1, 2 or 3, or easy, medium or hard")
    return level


def _plain_text(row: DataRow, column: str | None) -> str:
    """A text or a number as text, a list of texts line by line; "" where no column is named or it is empty."""
    if column is None:
        return ""
    value = row.value(column)
    if is_missing(value):
        return ""
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return "\n".join(value).strip()
    if not isinstance(value, str | int | float):
        raise row.error(column, f"must be text, not {kind_of(value)}")
    return str(value).strip()


def _examples(
    ref: SuiteRef, columns: Columns, source: Source, base: Path, within: Path | None
) -> tuple[Item, ...]:
    """Items of the split or file that holds worked examples."""
    if source.shots is None:
        return ()
    changes = {"file": source.shots} if source.file is not None else {"split": source.shots}
    rows = sources.read_rows(source.model_copy(update=changes), base, ref.config, within=within)
    # Ids get the split's name, since each split may number its rows from 0.
    return tuple(replace(shot, id=f"{source.shots}-{shot.id}") for shot in read_items(ref, columns, rows)[0])


def _first_per_category(shots: Sequence[Item]) -> Iterable[Item]:
    """First few examples of each category, as in published prompts."""
    counts: dict[str, int] = {}
    for shot in shots:
        counts[shot.category] = counts.get(shot.category, 0) + 1
        if counts[shot.category] <= _SHOTS_PER_CATEGORY:
            yield shot


def _open_answer(ref: SuiteRef, items: Sequence[Item]) -> AnswerKind | None:
    """Kind of answer of questions without options; None for questions with options."""
    if not items or items[0].choices:
        return None
    if ref.answer in ("letter", "likelihood"):
        raise SuiteError(
            f"{ref.suite}: answer {ref.answer!r} needs options: name their column under 'columns', such as "
            "'choices: choices.text'"
        )
    return "number" if all(is_number(item.answer) for item in items) else "text"


def _card(ref: SuiteRef, columns: Columns, source: Source, items: Sequence[Item]) -> SuiteCard:
    on_hub = source.hub is not None
    path = source.file or source.folder or ""
    data = source.hub or Path(path).name or path
    selection = ", ".join(filter(None, (ref.config, source.split)))
    title = f"{data} ({selection})" if selection else data
    return SuiteCard(
        ref.suite,
        title if ref.suite == "custom" else f"{ref.suite}: {title}",
        f"What the questions of {data} ask.",
        "What its authors do not claim; llmxray knows the data set only by the columns that the experiment names.",
        "as the data set's page says" if on_hub else "not stated",
        f"https://huggingface.co/datasets/{source.hub}" if on_hub else data,
        chance=chance(items),
        departs="Asked with llmxray's prompt layouts; scores published for this data set may rest on others.",
        categories=f"The data's own column {columns.category!r}." if columns.category else "",
        revision=hub.revision_of(source) if on_hub else "",
    )
