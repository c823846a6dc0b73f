"""Published benchmarks: a card, a place on the hub, and a function that reads rows.

A row that breaks the schema is an error that names row and column. A known defect of the published data is fixed,
and kept as a `DataFault` that pages list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import Source, SuiteRef
from llmxray.suites import hub, sources
from llmxray.suites.base import DataFault, Suite, chance, check
from llmxray.suites.data_rows import DataRow
from llmxray.suites.own import Schema, refuse_foreign
from llmxray.types import LETTERS, AnswerKind, Item, SuiteCard


@dataclass(slots=True)
class RowReader:
    """Settings for reading a benchmark's rows, and the faults found so far.

    Attributes:
        config: configuration named in the experiment, "" for none.
        seed: seed of whatever is drawn per item.
    """

    config: str = ""
    seed: int = 0
    faults: list[DataFault] = field(default_factory=list)

    def fault(self, row: DataRow, item: str, column: str, reason: str) -> None:
        """Add a fault that was fixed."""
        self.faults.append(DataFault(row.number, item, column, reason))

    def options(
        self, row: DataRow, item: str, column: str, choices: Sequence[str], right: int
    ) -> tuple[tuple[str, ...], str]:
        """Return (distinct options, letter of the right one); equal options become one.

        Raises:
            SuiteError: an empty option, fewer than two, more than there are letters, or ``right`` is none.
        """
        if not 0 <= right < len(choices):
            raise row.error(column, f"the answer is number {right + 1} of {len(choices)} options")
        if not all(choice.strip() for choice in choices):
            raise row.error(column, "an option is empty")
        # MMLU-Pro's question 8584 has an option twice, and either of its letters would be right.
        distinct = tuple(dict.fromkeys(choices))
        if not 2 <= len(distinct) <= len(LETTERS):
            raise row.error(column, f"{len(distinct)} options; there must be 2 to {len(LETTERS)}")
        if len(distinct) < len(choices):
            self.fault(row, item, column, "two options are equal; shown once")
        return distinct, LETTERS[distinct.index(choices[right])]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published benchmark.

    Attributes:
        hub: its data set.
        split: the split that is usually reported.
        configs: configurations of the data set; the first is used unless the experiment must choose.
        choose_config: whether the experiment must choose.
        read: one row → one item.
        shot_split: split that holds worked examples, "" for none.
        shots: how many of its first rows are used, None for all.
        primer: worked examples for a data set that has none to spare.
        answer: the only way in which it can be asked, None where the experiment may choose.
        schemas: columns of its own rows, in each form in which it is published; none to take any rows.
    """

    card: SuiteCard
    hub: str
    split: str
    read: Callable[[DataRow, RowReader], Item]
    configs: tuple[str, ...] = ()
    choose_config: bool = False
    shot_split: str = ""
    shots: int | None = 5
    primer: Callable[[], tuple[Item, ...]] | None = None
    completion: bool = False
    answer: AnswerKind | None = None
    schemas: tuple[Schema, ...] = ()


def load(benchmark: Benchmark, ref: SuiteRef, base: Path, within: Path | None = None) -> Suite:
    """Return a published benchmark with all its items.

    Args:
        base: folder that files and folders are relative to.
        within: folder that they must lie in; None for anywhere.

    Raises:
        SuiteError: no source, an unreachable one, or a row that cannot be used.
    """
    source = ref.source
    if source is None:
        raise SuiteError(
            f"{ref.suite} needs a source: 'source: {{hub: {benchmark.hub}, revision: main}}', "
            "or 'source: {file: …}' with the rows"
        )
    if benchmark.answer is not None and ref.answer not in (None, benchmark.answer):
        raise SuiteError(f"{ref.suite} is scored by {benchmark.answer}; remove 'answer: {ref.answer}'")
    reader = RowReader(ref.config or "", ref.seed or 0)
    config = _config(benchmark, ref, source)
    rows = sources.read_rows(source, base, config, benchmark.split, within=within)
    refuse_foreign(ref.suite, benchmark.schemas, rows)
    items = tuple(benchmark.read(row, reader) for row in rows)
    # A suite's faults are those of its questions, so they are taken before the examples are read.
    faults = tuple(reader.faults)
    questions = {item.question for item in items}
    examples = (benchmark.read(row, reader) for row in _shot_rows(benchmark, source, config, base, within))
    # An example that is also asked would reveal its answer.
    shots = tuple(shot for shot in examples if shot.question not in questions)[: benchmark.shots]
    revision = "" if source.hub is None else hub.revision_of(source)
    title = f"{benchmark.card.title}, {ref.config}" if benchmark.choose_config and ref.config else ""
    card = replace(
        benchmark.card, chance=chance(items), revision=revision, title=title or benchmark.card.title
    )
    return check(
        Suite(
            card,
            items,
            shots or (benchmark.primer() if benchmark.primer else ()),
            benchmark.completion,
            benchmark.answer,
            faults=faults,
            shots_hint=_shots_hint(benchmark, source),
        )
    )


def _shots_hint(benchmark: Benchmark, source: Source) -> str:
    if not benchmark.shot_split or source.file is None:
        return ""
    return (
        f"put a file {benchmark.shot_split}.jsonl with rows of that split beside {Path(source.file).name}, "
    )


def content_id(prefix: str, *texts: str) -> str:
    """Return an id made from a row's texts, for data sets whose rows have none."""
    digest = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{prefix}-{digest[:10]}"


def _config(benchmark: Benchmark, ref: SuiteRef, source: Source) -> str | None:
    if ref.config and benchmark.configs and ref.config not in benchmark.configs:
        raise SuiteError(f"{ref.suite} has no config {ref.config!r}; it has: {', '.join(benchmark.configs)}")
    if ref.config or source.hub != benchmark.hub:
        return ref.config
    if benchmark.choose_config:
        raise SuiteError(f"{ref.suite} needs a config: one of {', '.join(benchmark.configs)}")
    return next(iter(benchmark.configs), None)


def _shot_rows(
    benchmark: Benchmark, source: Source, config: str | None, base: Path, within: Path | None
) -> list[DataRow]:
    # A copy of the data under another name may lack that split.
    if not benchmark.shot_split or (source.hub is not None and source.hub != benchmark.hub):
        return []
    return sources.shots(source, base, config, benchmark.shot_split, within=within)[: benchmark.shots]
