"""The ledger: runs of any number of experiments, suite by suite, ranked among each other.

The page holds the first `MOST_ROWS` runs as HTML. The browser makes the rows in view from the data file, so that a
thousand runs open as quickly as ten.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmxray import tables
from llmxray.errors import InputError
from llmxray.metrics.ranking import Rank, alike
from llmxray.plain import plain_bytes
from llmxray.report import numbers
from llmxray.report.analysis.items import Panel
from llmxray.report.analysis.runs import (
    NAME,
    LedgerEntry,
    LedgerRun,
    Shared,
    by_question_set,
    load,
    refuse_too_many,
    rounded,
    suite_of,
)
from llmxray.report.links import questions_href
from llmxray.report.pages.ledger import best, items
from llmxray.report.pages.ledger.best import Best, Scores
from llmxray.report.pages.ledger.sciences import science
from llmxray.report.widgets.bars import BarLine, bar_line
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.heatmap import FEW, step
from llmxray.report.wording import terms
from llmxray.report.wording.asking import asked_in_words
from llmxray.types import Estimate

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer

MOST_ROWS = 100
"""Runs that the page shows without scripts."""
CSV = "ledger.csv"
_COLUMNS = [
    "experiment",
    "condition",
    "model",
    "asked",
    "suite",
    "questions",
    "accuracy",
    "low",
    "high",
    "rank",
    "of",
    "seconds",
]

type Places = Mapping[str, Mapping[str, Rank | str | None]]
"""Rank by suite and run; the key of another run where that stands for the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCell:
    """Accuracy of a run on a suite.

    Attributes:
        bar: in the colour of the run's model, with the way to its questions.
        n: how many questions.
        rank: "rank 2= of 5 …", or which run stands for its model.
        css: colour band, or ``few``.
        seconds: of a question; time: the same in words.
    """

    bar: BarLine
    value: float
    n: str
    rank: str
    css: str
    seconds: float | None
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """A run with its cells, as the page and its script show it.

    Attributes:
        asked: how, in words. model: what tells its weights from others.
        cells: by suite, where it has an accuracy.
        mean: its mean percentile rank over the suites it has, of two or more.
        cost: of a thousand questions; cost_text: with its currency.
    """

    key: str
    label: str
    title: str
    href: str
    asked: str
    model: str
    cells: Mapping[str, LedgerCell]
    mean: float | None
    mean_text: str
    cost: float | None
    cost_text: str


def write(renderer: Renderer, order: Sequence[str] = ()) -> None:
    """Write the ledger over every experiment that the site holds, and its data under a hashed name.

    Args:
        order: names of experiments, first to last, as the author of the site gives them; the others follow by name.

    Raises:
        InputError: a file is damaged, or is that of another folder's experiment; or suites are too many.
    """
    # Sorted, or the page would depend on the order of the file system.
    places = {name: place for place, name in enumerate(order)}
    files = sorted(
        renderer.out.glob(f"*/{NAME}"), key=lambda path: (places.get(path.parent.name, len(places)), path)
    )
    shared = Shared()
    entries: Sequence[LedgerEntry] = [
        load(plain_bytes(path), file=str(path), shared=shared) for path in files
    ]
    for path, entry in zip(files, entries, strict=True):
        for run in entry.runs:
            if run.experiment != path.parent.name:
                raise InputError(
                    f"{path} is of the experiment {run.experiment}: move that folder out of the site"
                )
    entries = by_question_set(entries)
    refuse_too_many(entries, f"move folders of experiments out of {renderer.out}")
    write_over(renderer, entries)


def write_over(
    renderer: Renderer,
    entries: Sequence[LedgerEntry],
    *,
    bases: Mapping[str, str] | None = None,
    panels: Sequence[Panel] = (),
    command: str = "llmxray run --all",
) -> None:
    """Write the ledger over these experiments.

    Args:
        bases: folder of each experiment's pages, seen from the ledger, "" where there are none; its name by default.
        panels: the models and items of each suite, for the part Items.
        command: makes the page again.
    """
    seen = over(entries, bases)
    data = script(seen)
    name = f"data/ledger.{hashlib.sha256(data).hexdigest()[:8]}.js"
    renderer.write(name, data)
    renderer.remove_old("data/ledger.*.js", {name.rpartition("/")[2]})
    kept = {items.CSV: items.as_csv(panels)} if panels else {}
    if len(seen.runs) > MOST_ROWS:
        kept[CSV] = as_csv(seen)
    _remove_tables(renderer.out, (items.CSV, CSV), keep=kept)
    for table, content in kept.items():
        renderer.write(table, content)
    page = make(seen, panels=panels, command=command)
    renderer.page("ledger.html", "pages/ledger/page.html", page, data=name)


def _remove_tables(out: Path, names: Sequence[str], *, keep: Container[str]) -> None:
    """Remove the tables of the ledger that was here before, of which the new one says nothing."""
    page = out / "ledger.html"
    before = plain_bytes(page) if page.exists() else b""
    for name in names:
        # A file of that name that the page has no link to is somebody else's.
        if name not in keep and b'href="%b"' % name.encode() in before:
            (out / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What page, script and table are made of.

    Attributes:
        entries: by question set. suites: title by name.
        columns: title by the suite that a column is named after; sets of one suite and title share it.
        usual: the column that most runs have, "" without any.
        bases: folder of each experiment's pages, seen from the ledger, "" where there are none.
        best: the first screen; None where nothing has an accuracy.
    """

    entries: Sequence[LedgerEntry]
    runs: Sequence[LedgerRun]
    suites: Mapping[str, str]
    columns: Mapping[str, str]
    usual: str
    bases: Mapping[str, str]
    found: Scores
    placed: Places
    rows: tuple[LedgerRow, ...]
    best: Best | None


def over(entries: Sequence[LedgerEntry], bases: Mapping[str, str] | None = None) -> Over:
    """What is known of these experiments' runs, in the order given; see `write_over`."""
    entries = by_question_set(entries)
    runs = [run for entry in entries for run in entry.runs]
    suites = {suite: title for entry in entries for suite, title in entry.suites.items()}
    chances = {suite: chance for entry in entries for suite, chance in entry.chances.items()}
    first_of: dict[tuple[str, str], str] = {}
    column = {suite: first_of.setdefault((suite_of(suite), title), suite) for suite, title in suites.items()}
    bases = {run.experiment: run.experiment for run in runs} if bases is None else bases
    found = {suite: {run.key: run.estimate(suite) for run in runs if suite in run.scores} for suite in suites}
    ranks = {suite: placed(runs, suite, found[suite]) for suite in suites}
    first = best.make(runs, suites, found, chances, bases)
    labels = {run.key: run.label or run.id for run in runs}
    # A column of times has one unit.
    slowest = {suite: max(run.seconds.get(suite, 0.0) for run in runs) for suite in suites}

    having = Counter(column[suite] for suite in suites for _ in found[suite])

    def cell(run: LedgerRun, suite: str) -> LedgerCell:
        estimate, base, seconds = found[suite][run.key], bases[run.experiment], run.seconds.get(suite)
        rank = ranks[suite].get(run.key)
        href = f"{base}/{questions_href(condition=run.id, suite=suite_of(suite))}" if base else ""
        value = estimate.value or 0.0
        return LedgerCell(
            bar=bar_line(first.colours.get(run.key, "") if first else "", ("", estimate, href)),
            value=value,
            n=numbers.plural(estimate.n, "question"),
            rank=f"its model is ranked by “{labels[rank]}”" if isinstance(rank, str) else _rank_told(rank),
            css="few" if estimate.n < FEW else f"h{step(value)}",
            seconds=seconds,
            time=numbers.seconds(seconds, slowest[suite]),
        )

    rows = []
    for run in runs:
        cells = {
            column[suite]: cell(run, suite) for suite in run.scores if found[suite][run.key].value is not None
        }
        mean = _mean([ranks[suite].get(run.key) for suite in suites])
        rows.append(_row(run, cells, mean, bases[run.experiment]))
    return Over(
        entries=entries,
        runs=runs,
        suites=suites,
        columns={name: suites[name] for name in first_of.values()},
        usual=next((name for name, _ in having.most_common(1)), ""),
        bases=bases,
        found=found,
        placed=ranks,
        rows=tuple(rows),
        best=first,
    )


def make(seen: Over, *, panels: Sequence[Panel] = (), command: str = "llmxray run --all") -> Values:
    """The ledger's page; see `write_over`."""
    base = next((base for run in seen.runs if (base := seen.bases[run.experiment])), "")
    return Values(
        title="Which model does best?",
        nav=Nav(two_depths=True),
        best=seen.best,
        told=_told(seen),
        suites=tuple(seen.columns.items()),
        rows=_first(seen),
        averaged=any(row.mean is not None for row in seen.rows),
        priced=any(row.cost is not None for row in seen.rows),
        timed=any(run.seconds for run in seen.runs),
        explained=_explained({run.kind(suite) for run in seen.runs for suite in run.scores}),
        science=science(seen.entries, seen.suites, seen.best.colours if seen.best else {}),
        # Of an experiment: there terms are defined.
        methods=f"{base}/methods.html" if base else "",
        # Of which `rows` are the first.
        total=len(seen.runs),
        items=items.make(panels, seen.suites, seen.bases) if panels else None,
        footer=("The ledger compares the runs of benchmarks, and nothing else.", command),
    )


def _told(seen: Over) -> str:
    experiments = len({run.experiment for run in seen.runs})
    models = len({run.identity for run in seen.runs})
    return (
        f"{numbers.plural(len(seen.runs), 'run')} of {numbers.plural(models, 'model')}, from "
        f"{numbers.plural(experiments, 'experiment')}"
    )


def _explained(kinds: Collection[str]) -> tuple[str, ...]:
    asked = {
        "By likelihood": ("Likelihood answer", any(kind.startswith("likelihood") for kind in kinds)),
        "As plain text": ("Plain text", any(kind.endswith("-raw") for kind in kinds)),
    }
    found = [(way, terms.said(term)) for way, (term, occurs) in asked.items() if occurs]
    return tuple(f"{way}: {said[:1].lower()}{said[1:]}" for way, said in found)


def script(seen: Over) -> bytes:
    """Every row as a script for the browser, which searches and sorts them."""
    content = {
        "suites": list(seen.columns),
        "usual": seen.usual,
        "runs": [asdict(row) for row in seen.rows],
    }
    return ("llmxray.showLedger(" + json.dumps(content, separators=(",", ":")) + ");\n").encode()


def as_csv(seen: Over) -> bytes:
    """Every run on every suite as a table."""
    found, placed = seen.found, seen.placed
    rows: list[Sequence[object]] = [_COLUMNS]
    for run in seen.runs:
        for suite in run.scores:
            estimate = found[suite][run.key]
            value, low, high = map(rounded, (estimate.value, estimate.low, estimate.high))
            rank = placed[suite].get(run.key)
            place = (rank.rank, rank.population) if isinstance(rank, Rank) else (None, None)
            rows.append(
                (
                    *(
                        run.experiment,
                        run.id,
                        run.model,
                        run.kind(suite),
                        suite_of(suite),
                        estimate.n,
                        value,
                        low,
                        high,
                    ),
                    *(*place, run.seconds.get(suite)),
                )
            )
    return tables.write(rows)


def placed(
    runs: Sequence[LedgerRun], suite: str, found: Mapping[str, Estimate]
) -> dict[str, Rank | str | None]:
    """Rank of every run on a suite among those asked in the same way, or the run that stands for its model.

    A model with fewer than half as many questions as another one of them has none, as on an experiment's pages.
    """
    most: Counter[tuple[str, ...]] = Counter()
    for run in runs:
        if run.key in found:
            for group in ((run.kind(suite),), (run.kind(suite), run.identity)):
                most[group] = max(most[group], found[run.key].n)
    having = [
        run
        for run in runs
        if run.key in found and 2 * most[run.kind(suite), run.identity] >= most[run.kind(suite),]
    ]
    return alike(
        {run.key: found[run.key].value for run in having},
        {run.key: run.kind(suite) for run in having},
        {run.key: run.identity for run in having},
        {run.key: found[run.key].n for run in having},
    )


def _mean(ranks: Sequence[Rank | str | None]) -> float | None:
    """Mean percentile rank, 0–100; None where fewer than two suites have one."""
    known = [rank.percentile for rank in ranks if isinstance(rank, Rank) and rank.percentile is not None]
    return sum(known) / len(known) if len(known) > 1 else None


def _first(seen: Over) -> tuple[LedgerRow, ...]:
    """The runs to show without scripts: of many the most accurate on the suite that most of them have."""
    if len(seen.rows) <= MOST_ROWS:
        return seen.rows

    def accuracy(row: LedgerRow) -> float:
        return row.cells[seen.usual].value if seen.usual in row.cells else 0.0

    return tuple(sorted(seen.rows, key=accuracy, reverse=True)[:MOST_ROWS])


def _row(run: LedgerRun, cells: Mapping[str, LedgerCell], mean: float | None, base: str) -> LedgerRow:
    answers = [*dict.fromkeys(run.kind(suite).partition(", ")[0] for suite in run.scores)]
    return LedgerRow(
        key=run.key,
        label=run.label or run.id,
        title=run.title,
        href=f"{base}/index.html" if base else "",
        asked=asked_in_words(run.asked, answers),
        model=run.identity,
        cells=cells,
        mean=mean,
        mean_text=numbers.MISSING if mean is None else f"{int(mean + 0.5)}",
        cost=run.cost,
        cost_text=numbers.MISSING if run.cost is None else f"{numbers.money(run.cost)} {run.currency}",
    )


def _rank_told(rank: Rank | None) -> str:
    """The rank with the population that it is in."""
    if rank is None:
        return "no rank: fewer than half as many questions as others"
    if rank.population == 1:
        return "no other model was asked these questions in this way"
    return f"rank {rank.text} of {rank.population} models asked this way"
