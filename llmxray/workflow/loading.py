"""`llmxray.load`: a recorded experiment in a notebook, with the numbers that its pages show."""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from llmxray import packs
from llmxray import report as report_room
from llmxray.cassette import Address, is_cassette
from llmxray.errors import InputError
from llmxray.experiment.spelling import no_such
from llmxray.metrics.binning import reliability_bins
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, accuracy_of, confidence, median_of
from llmxray.report.analysis.confidence import ESTIMATORS
from llmxray.report.analysis.rows import address, right
from llmxray.results import data_frame
from llmxray.scratch import scratch_folder
from llmxray.types import Completion, Estimate, Row
from llmxray.workflow.demo import EXPERIMENT, demo_workspace
from llmxray.workflow.imported_results import imported_data, read_files, recorded_data
from llmxray.workflow.offline import loopback_only
from llmxray.workflow.packing import open_pack
from llmxray.workflow.preparation import Workspace, prepare
from llmxray.workflow.reading import read_results
from llmxray.workflow.report import report_data

if TYPE_CHECKING:
    from llmxray.report.analysis.data import ExperimentData
    from llmxray.report.wording.predictions import Verdict

type Library = Literal["polars", "pandas"] | None

_HEADS = ("condition", "questions", "correct", "95% CI", "ECE-15", "median time")


@dataclass(frozen=True, eq=False, repr=False)
class LoadedExperiment:
    """A recorded experiment; ``loaded["model"]`` is one of its conditions, and a name that it lacks is an InputError.

    Attributes:
        data: experiment file, plan, rows and recordings.
    """

    data: ExperimentData

    @cached_property
    def analysis(self) -> Analysis:
        """The numbers behind its pages."""
        return Analysis(self.data)

    @property
    def plot(self) -> Plots:
        """Charts of it, for altair's display in notebooks."""
        return Plots(self)

    @property
    def predictions(self) -> tuple[Verdict, ...]:
        """The verdict on each prediction; its ``sentence`` says it in words."""
        return report_room.verdicts_of(self.data)

    def __iter__(self) -> Iterator[str]:
        return (view.id for view in self.analysis.views)

    def __getitem__(self, condition: str) -> LoadedCondition:
        views = {view.id: view for view in self.analysis.views}
        if condition not in views:
            raise InputError(no_such("condition", condition, list(views)))
        return LoadedCondition(self, views[condition])

    def compare(self, first: str, second: str, on: str = "") -> Comparison:
        """Two conditions on the questions that both answered, of a suite or category if one is named."""
        a, b = self[first], self[second]
        # Where a name is neither, it says so.
        items = frozenset(address(row) for each in (a, b) for row in each.rows(on))
        views = {view.id: view for view in self.analysis.on(items).views}
        one, other = views[first], views[second]
        test = self.analysis.tested(one, other, one.means("right"), other.means("right"))
        return Comparison(first, second, a.accuracy(on), b.accuracy(on), test.difference, test.p_value)

    def frame(self, library: Library = None) -> Any:
        """One row a trial, as `Results.frame` has them."""
        return self.data.results.frame(library)

    def tokens(self, library: Library = None) -> Any:
        """A data frame with one row for each token that came with a log-probability.

        Columns: condition, suite, item_id, sample, place (of the token in its reply, from 0), token, probability (0–1),
        seconds (since the request), part (reasoning or answer), and alternatives, a list of (token, probability).
        """
        found: list[dict[str, Any]] = []
        for row in self.data.results.rows:
            for recording in row.recordings:
                found += _tokens(row, self.data.cassette.completion(Address.parse(recording)))
        names = (
            "condition",
            "suite",
            "item_id",
            "sample",
            "place",
            "token",
            "probability",
            "seconds",
            "part",
        )
        return data_frame(
            {name: [each[name] for each in found] for name in (*names, "alternatives")}, library
        )

    def _table(self) -> list[Sequence[str]]:
        def line(each: LoadedCondition) -> Sequence[str]:
            found = each.accuracy()
            return (
                each.name,
                numbers.count(found.n),
                numbers.percent(found.value),
                numbers.interval(found),
                numbers.percent(each.calibration()["ECE-15"].value),
                numbers.seconds(each.seconds().value),
            )

        return [_HEADS, *(line(self[view.id]) for view in self.analysis.ranked)]

    def __repr__(self) -> str:
        table = self._table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table
        ]
        return "\n".join([self.data.title, *map(str.rstrip, lines)])

    def _repr_html_(self) -> str:
        head, *lines = self._table()
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
        )
        heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        return f"<table><caption>{escape(self.data.title)}</caption><tr>{heads}</tr>{rows}</table>"


@dataclass(frozen=True, eq=False, repr=False)
class LoadedCondition:
    """One condition of a loaded experiment. ``on`` is a suite or a category; "" is all of them."""

    of: LoadedExperiment
    view: ConditionView

    @property
    def name(self) -> str:
        """Its id."""
        return self.view.id

    def rows(self, on: str = "") -> tuple[Row, ...]:
        """Its trials; an unknown name raises InputError."""
        found = tuple(row for row in self.view.rows if on in ("", row.suite, row.category))
        if not found:
            known = dict.fromkeys(
                name for row in self.view.rows for name in (row.suite, row.category) if name
            )
            raise InputError(no_such("suite or category", on, list(known)))
        return found

    def accuracy(self, on: str = "") -> Estimate:
        """Share of right answers (0–1) with its 95% interval, as on the pages."""
        return accuracy_of(self.rows(on), self.view.design)

    def calibration(self, on: str = "") -> dict[str, Estimate]:
        """Every measure of calibration by its name on the pages: ECE-15, Brier, Gap …; and AUROC."""
        view = self._on(on)
        found = {
            each.name: confidence.estimate_of((confidence.columns(view),), each, self.of.data.name)
            for each in ESTIMATORS
        }
        return {**found, "AUROC": confidence.auroc(view)}

    def seconds(self, on: str = "") -> Estimate:
        """Median seconds a question."""
        return median_of(self._on(on), "latency_s")

    def _on(self, on: str) -> ConditionView:
        if not on:
            return self.view
        items = frozenset(map(address, self.rows(on)))
        return next(view for view in self.of.analysis.on(items).views if view.id == self.name)

    def __repr__(self) -> str:
        return f"<{self.name}: {numbers.percent(self.accuracy().value)} of {len(self.view.items)} questions right>"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two conditions on the same questions.

    Attributes:
        first, second: names. first_accuracy, second_accuracy: of each alone.
        difference: of accuracy (first − second, −1 to 1), on the questions that both answered.
        p_value: of this comparison alone; who picks one of several corrects it (`llmxray.metrics.paired.holm`).
    """

    first: str
    second: str
    first_accuracy: Estimate
    second_accuracy: Estimate
    difference: Estimate
    p_value: float | None

    def __repr__(self) -> str:
        shares = (numbers.percent(each.value) for each in (self.first_accuracy, self.second_accuracy))
        ends = (
            f"{numbers.difference(self.difference.value)}, 95% CI {numbers.points_interval(self.difference)}"
        )
        return (
            f"<{self.first} {next(shares)}, {self.second} {next(shares)}: {ends}, "
            f"{numbers.p_value(self.p_value)}, {numbers.plural(self.difference.n, 'question')}>"
        )


@dataclass(frozen=True)
class Plots:
    """Altair charts of a loaded experiment, of all conditions or of those that are named."""

    of: LoadedExperiment

    def accuracy(self, *conditions: str) -> Any:
        """Accuracy with its interval, for each suite."""
        from llmxray.charts import notebook  # noqa: PLC0415  altair takes a second to load

        suites = self.of.analysis.suites
        return notebook.accuracy(
            [
                {"condition": each.name, "suite": suite, **_ends(each.accuracy(suite))}
                for each in self._chosen(conditions)
                for suite in suites
                if each.view.of(suite=suite)
            ]
        )

    def reliability(self, *conditions: str, n_bins: int = 10) -> Any:
        """Accuracy against confidence, in bins."""
        from llmxray.charts import notebook  # noqa: PLC0415

        rows = []
        for each in self._chosen(conditions):
            of = confidence.columns(each.view).comparable
            for found in reliability_bins(of.confidence, of.correct, n_bins=n_bins, clusters=of.clusters):
                bin_ = {"confidence": found.mean_confidence, "value": found.accuracy.value, "n": found.n}
                rows.append({"condition": each.name, **bin_})
        return notebook.reliability(rows)

    def categories(self, *conditions: str) -> Any:
        """Accuracy of each category as a heatmap."""
        from llmxray.charts import notebook  # noqa: PLC0415

        chosen = {each.name for each in self._chosen(conditions)}
        return notebook.categories(
            [
                {
                    "condition": name,
                    "suite": suite,
                    "category": category or suite,
                    "value": of.value,
                    "n": of.n,
                }
                for (name, suite, category), of in self.of.analysis.by_category.items()
                if name in chosen
            ]
        )

    def accuracy_against_time(self, *conditions: str) -> Any:
        """Accuracy against the median time of a question."""
        from llmxray.charts import notebook  # noqa: PLC0415

        rows = [
            {"condition": each.name, "seconds": each.seconds().value, **_ends(each.accuracy())}
            for each in self._chosen(conditions)
        ]
        return notebook.accuracy_against_time([row for row in rows if row["seconds"]])

    def confidence(self, *conditions: str) -> Any:
        """How sure the right answers were, and the wrong ones."""
        from llmxray.charts import notebook  # noqa: PLC0415

        return notebook.confidence(
            [
                {
                    "condition": row.condition,
                    "confidence": row.option_confidence,
                    "outcome": row.outcome.value,
                }
                for each in self._chosen(conditions)
                for row in each.view.rows
                if row.option_confidence is not None and right(row) is not None
            ]
        )

    def _chosen(self, names: Sequence[str]) -> list[LoadedCondition]:
        return [self.of[name] for name in names or self.of]


def load(source: Path | str) -> LoadedExperiment:
    """Read what was recorded: no model is asked.

    Args:
        source: an experiment's name or file, a pack or the https address of one, a
            cassette of the proxy, or result files of another tool. A
            file's cassette is looked for in ``cassettes/`` beside it, beside its folder, and here. The experiment that
            comes with llmxray is found by its name everywhere.

    Raises:
        InputError: there is no such experiment, or it cannot be read.
        CassetteError: it was not recorded.
    """
    path, name = Path(source), str(source)
    if packs.is_address(name) or name.endswith(".zip"):
        return _of_pack(name)
    is_experiment = path.suffix in (".yaml", ".yml")
    if is_cassette(path):
        return LoadedExperiment(recorded_data(path))
    if not is_experiment and path.exists():
        read = read_files([path])
        if len(read) > 1:
            found = ", ".join(each.experiment.experiment for each in read)
            raise InputError(f"{name} holds several experiments ({found}): load one file at a time")
        return LoadedExperiment(imported_data(read[0], [path]))
    if is_experiment:
        homes = (path.parent, path.parent.parent, Path())
        home = next((each for each in homes if (each / "cassettes").is_dir()), Path())
        return _of_file(path, Workspace(home / "cassettes", path.parent))
    here = Workspace()
    if here.has(name) or name != EXPERIMENT:
        return _of_file(here.find(name), here)
    with ExitStack() as opening:
        shipped = opening.enter_context(demo_workspace())
        return _kept(_of_file(shipped.find(name), shipped), opening.pop_all())


def _of_file(path: Path, workspace: Workspace) -> LoadedExperiment:
    prepared = prepare(path, workspace, recorded=True)
    return LoadedExperiment(report_data(prepared, read_results(prepared)))


def _of_pack(name: str) -> LoadedExperiment:
    with ExitStack() as opening:
        pack = Path(name)
        if packs.is_address(name):
            pack = Path(opening.enter_context(scratch_folder("fetch"))) / "pack.zip"
            # In a thread: a notebook has an event loop of its own.
            with pack.open("xb") as out, ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, packs.fetch(name, out)).result()
        inside = opening.enter_context(open_pack(pack, name))
        # A pack brings all that it needs.
        with loopback_only():
            loaded = _of_file(inside.experiment, inside.workspace)
        return _kept(loaded, opening.pop_all())


def _kept(loaded: LoadedExperiment, stack: ExitStack) -> LoadedExperiment:
    """The experiment; its temporary files go when it does."""
    weakref.finalize(loaded, stack.close)
    return loaded


def _ends(found: Estimate) -> dict[str, float | None]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _probability(nats: float | None) -> float | None:
    return None if nats is None else math.exp(nats)


def _tokens(row: Row, reply: Completion) -> Iterator[dict[str, Any]]:
    for place, token in enumerate(reply.tokens):
        yield {
            "condition": row.condition,
            "suite": row.suite,
            "item_id": row.item_id,
            "sample": row.sample,
            "place": place,
            "token": token.token,
            "probability": _probability(token.logprob_nats),
            "seconds": token.t_s,
            "part": token.part,
            "alternatives": [(each.token, _probability(each.logprob_nats)) for each in token.top],
        }
