"""A suite's entry in the experiment file: the source of its rows, their columns, and the questions that are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, override

from pydantic import ConfigDict, Field, model_validator

from llmxray import names
from llmxray.experiment.faults import Fault, shown
from llmxray.experiment.fields import (
    HUB_PATTERN,
    Answer,
    Count,
    Flag,
    Seed,
    Strict,
    SuiteName,
    Text,
    Texts,
    checked_first,
    is_text_or_texts,
)
from llmxray.types import LETTERS

STARTER = "starter/"
"""What the name of each suite that ships with llmxray begins with."""
AnswerIs = Literal["letter", "index", "index1", "text", "bool"]


Quick = Annotated[
    bool | float,
    checked_first(
        lambda value: isinstance(value, bool) or (isinstance(value, int | float) and 0.01 <= value <= 0.25),
        "true or false, or half the width of the interval wanted (0.01 to 0.25), not {value}",
    ),
]
Paths = Annotated[
    str | tuple[str, ...],
    checked_first(
        lambda value: is_text_or_texts(value) and (isinstance(value, str) or len(value) >= 2),
        "a column, such as choices.text, or a list of two columns or more, such as [option1, option2], not {value}",
    ),
]


class Source(Strict):
    """Where a suite's rows come from: a file, a folder, or a data set on the hub at one revision."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["file"]}, {"required": ["folder"]}, {"required": ["hub", "revision"]}]
        },
    )

    file: Text | None = Field(default=None, description="File with rows, relative to the experiment file.")
    hub: Annotated[str, Field(pattern=HUB_PATTERN)] | None = Field(
        default=None, description="Data set on the hub, such as allenai/ai2_arc."
    )
    # A branch is allowed although it moves, because the rows are frozen into the cassette.
    revision: Text | None = Field(default=None, description="Commit, tag or branch of the hub data set.")
    split: Text | None = Field(
        default=None,
        description="Split; the suite's usual one by default.",
    )
    folder: Text | None = Field(
        default=None,
        description="Folder with data files, or saved by `datasets`.",
    )
    shots: Text | None = Field(
        default=None,
        description="Split, or file, with worked examples for few-shot layouts; with 'columns'.",
    )

    @override
    def faults(self) -> Iterator[Fault]:
        if sum(source is not None for source in (self.file, self.hub, self.folder)) != 1:
            yield Fault((), "needs either 'file' or 'hub' or 'folder' (one of them)")
        elif self.hub is not None and self.revision is None:
            yield Fault((), "needs a 'revision' beside 'hub', so that others get the same rows")
        elif self.file is not None and (self.revision is not None or self.split is not None):
            yield Fault((), "'revision' and 'split' go with 'hub', not with 'file'")
        elif self.folder is not None and self.revision is not None:
            yield Fault((), "'revision' goes with 'hub', not with 'folder'")


class Columns(Strict):
    """What the columns of a data set hold. A path such as choices.text leads into a column."""

    hints: ClassVar[Mapping[str, str]] = {
        "options": "unknown key; did you mean 'choices'?",
        "label": "unknown key; 'answer' is the column of the right option, 'labels' that of the options' labels",
        "passage": "unknown key; did you mean 'context'?",
        "subject": "unknown key; did you mean 'category'?",
        "answer_is": "stands beside 'columns:', not below it",
    }

    question: Text = Field(description="The question.")
    answer: Text = Field(description="The right option, as 'answer_is' says, or the expected answer.")
    choices: Paths | None = Field(
        default=None,
        description="A column with a list or lines such as '(A) one', or a list of columns.",
    )
    labels: Text | None = Field(
        default=None,
        description="The options' labels; by default the column 'label' beside 'text'.",
    )
    context: Text | None = Field(default=None, description="Text before the question.")
    category: Text | None = Field(default=None, description="The category.")
    subcategory: Text | None = Field(default=None, description="The finer category.")
    id: Text | None = Field(default=None, description="The question's id; by default made from its text.")
    difficulty: Text | None = Field(default=None, description="1, 2 or 3, or easy, medium or hard.")
    why: Text | None = Field(default=None, description="The explanation of the answer.")
    group: Text | None = Field(
        default=None,
        description="What dependent questions share, such as a passage; tests and intervals count groups.",
    )

    @property
    def choice_paths(self) -> tuple[str, ...]:
        """The columns of the options: one that holds them all, or one for each; empty for open questions."""
        if self.choices is None:
            return ()
        return (self.choices,) if isinstance(self.choices, str) else self.choices


class Sample(Strict):
    """A random subset of a suite. A larger one with the same seed contains the smaller."""

    n: Count = Field(description="How many questions.")
    seed: Seed = Field(description="Seed of the draw.")


class SuiteRef(Strict):
    """A suite, and which of its questions are asked."""

    suite: SuiteName = Field(
        description="Name, such as starter/arc (`llmxray suites` lists them); with 'columns', any name."
    )
    # Always filled in, so that code that reads the value need not fall back on the suite.
    id: SuiteName = Field(default="", description="Name in tables, if one suite is used twice.")
    config: Text | None = Field(
        default=None, description="Configuration of the data set, such as ARC-Challenge."
    )
    source: Source | None = Field(
        default=None, description="Where the rows come from; starter suites need none."
    )
    columns: Columns | None = Field(default=None, description="What the columns hold, for any data set.")
    answer_is: AnswerIs | None = Field(
        default=None,
        description="What the answer's column holds: the right option's letter (default) or label, index from 0, "
        "index from 1, text, or true and false.",
    )
    choices: Texts | None = Field(
        default=None, description="The options of every question, such as [yes, no]."
    )
    completion: Flag | None = Field(
        default=None, description="Whether questions are texts to continue; with 'columns'."
    )
    bad_rows: Literal["refuse", "skip"] | None = Field(
        default=None,
        description="A row that cannot be asked: an error (refuse, the default), or left out and listed (skip).",
    )
    categories: Annotated[Texts, Field(min_length=1)] | None = Field(
        default=None, description="Only these categories."
    )
    limit: Count | None = Field(default=None, description="Only the first questions, this many.")
    per_category: Count | None = Field(
        default=None,
        description="Questions per category: the first ones, or drawn with 'seed'.",
    )
    sample: Sample | None = Field(default=None, description="A seeded random subset.")
    quick: Quick | None = Field(
        default=None,
        description="Only as many questions as an interval of ±10 points needs; 0.05 means ±5 points.",
    )
    seed: Seed | None = Field(default=None, description="Seed of this suite's draws.")
    answer: Answer | None = Field(
        default=None, description="How this suite is answered; overrides the experiment's."
    )

    @model_validator(mode="before")
    @classmethod
    def _named_after_suite(cls, data: Any) -> Any:
        suite = data.get("suite") if isinstance(data, dict) and data.get("id") is None else None
        # An invalid name of a suite is not copied, so that it is reported once.
        return {**data, "id": suite} if not names.SUITE.complaint(suite) else data

    @override
    def faults(self) -> Iterator[Fault]:
        # Tables and pages show the id: it must not name a starter suite that this is not.
        if self.id.startswith(STARTER) and self.id != self.suite:
            said = (
                f"{shown(self.id)} is the name of a starter suite, and this is {self.suite}: choose another"
            )
            yield Fault(("id",), said)
        yield from _column_faults(self)


def _column_faults(ref: SuiteRef) -> Iterator[Fault]:
    """Faults of 'columns' and of the keys that go with it."""
    if ref.columns is None:
        for key in ("answer_is", "choices", "completion", "bad_rows"):
            if getattr(ref, key) is not None:
                yield Fault((key,), "goes with 'columns:', which say what each column holds", at_key=True)
        return
    if ref.source is None:
        yield Fault(("columns",), "need a 'source:' with the rows", at_key=True)
    if ref.choices is not None:
        if not 2 <= len(ref.choices) <= len(LETTERS):
            yield Fault(("choices",), f"needs 2 to {len(LETTERS)} options, not {len(ref.choices)}")
        elif len({choice.strip() for choice in ref.choices}) < len(ref.choices):
            yield Fault(("choices",), "two options are equal")
        if ref.columns.choices is not None:
            yield Fault(("choices",), "stands beside 'columns.choices'; keep one of the two", at_key=True)
    if ref.columns.labels is not None and len(ref.columns.choice_paths) != 1:
        yield Fault(("columns", "labels"), "goes with one column of 'choices' that holds a list", at_key=True)
    if ref.answer_is == "bool" and len(ref.choices or ()) != 2:
        yield Fault(("answer_is",), "bool needs two fixed options, such as 'choices: [yes, no]'")
    elif ref.answer_is not in (None, "text") and not ref.choices and not ref.columns.choice_paths:
        yield Fault(
            ("answer_is",),
            f"{ref.answer_is} needs options: name their column under 'columns', such as 'choices: choices.text', "
            "or write fixed ones, such as 'choices: [yes, no]'",
        )
