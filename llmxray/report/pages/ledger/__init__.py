"""The ledger: the runs of all experiments of the site, suite by suite, ranked among each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.charts import radar
from llmxray.metrics.ranking import LEAST, Rank, alike
from llmxray.plain import plain_bytes
from llmxray.report import numbers
from llmxray.report.analysis.runs import NAME, Entry, Run, common, load
from llmxray.report.links import questions_href
from llmxray.report.pages.ledger.profiles import Places, Scores, own_colours, percentile
from llmxray.report.pages.ledger.science import of_runs
from llmxray.report.widgets.frame import Nav
from llmxray.report.widgets.heatmap import FEW, step
from llmxray.report.widgets.science import Science
from llmxray.types import Estimate

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCell:
    """Accuracy of a run on a suite.

    Attributes:
        rank: "2= of 5, P40", or which run stands for its model; "" where the run has no score.
        css: colour band, or ``few``.
    """

    text: str
    small: str
    rank: str
    css: str
    href: str
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """A run with its cells.

    Attributes:
        mean: its mean percentile rank over the suites it has, of two or more.
        cost: of a thousand questions, with its currency.
    """

    key: str
    id: str
    label: str
    experiment: str
    href: str
    asked: str
    cells: tuple[LedgerCell, ...]
    mean: str
    sort: str
    cost: str = ""
    cost_sort: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The whole table, on all questions or on common ones only.

    Attributes:
        suites: (name, title, how many questions are common to all runs that have the suite).
        priced: whether any run has a cost.
    """

    suites: tuple[tuple[str, str, int], ...]
    rows: tuple[LedgerRow, ...]
    priced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """The page.

    Attributes:
        methods: the methods page of an experiment, where terms are defined; "" without any.
    """

    title: str
    nav: Nav
    lede: str
    everything: Board
    shared: Board
    science: Science | None
    methods: str
    footer: tuple[str, ...]


def write(renderer: Renderer) -> None:
    """Write the ledger over every experiment that the site holds, and its data under a hashed name."""
    # Sorted, or the page would depend on the order of the file system.
    files = sorted(renderer.out.glob(f"*/{NAME}"))
    entries = [load(plain_bytes(path), file=str(path)) for path in files]
    data = script(entries)
    name = f"data/ledger.{hashlib.sha256(data).hexdigest()[:8]}.js"
    renderer.write(name, data)
    for old in (renderer.out / "data").glob("ledger.*.js"):
        if old.name != name.rpartition("/")[2]:
            old.unlink()
    renderer.page("ledger.html", "pages/ledger/page.html", make(entries), data=name)


def make(entries: Sequence[Entry]) -> LedgerPage:
    """The ledger over these experiments, in the order given."""
    runs = [run for entry in entries for run in entry.runs]
    suites: dict[str, str] = {}
    for entry in entries:
        suites.update(entry.suites)
    experiments = len({run.experiment for run in runs})
    lede = (
        f"{numbers.plural(len(runs), 'run')} of {numbers.plural(experiments, 'experiment')} on "
        f"{numbers.plural(len(suites), 'suite')}: a run is one model, asked in one way."
    )
    return LedgerPage(
        title="Ledger",
        nav=Nav(),
        lede=lede,
        everything=_board(runs, suites, only_common=False),
        shared=_board(runs, suites, only_common=True),
        science=of_runs(entries),
        methods=f"{runs[0].experiment}/methods.html" if runs else "",
        footer=(
            "Runs are the conditions of this site's benchmarks; nothing else is compared.",
            "llmxray run --all",
        ),
    )


def script(entries: Sequence[Entry]) -> bytes:
    """The same runs as a script for the browser, which lets the reader choose among them."""
    runs = [run for entry in entries for run in entry.runs]
    suites: dict[str, str] = {}
    for entry in entries:
        suites.update(entry.suites)
    # Questions as numbers: an id is written once a suite, not once a run.
    places = {
        suite: {
            key: n
            for n, key in enumerate(dict.fromkeys(k for run in runs for k in run.scores.get(suite, ())))
        }
        for suite in suites
    }
    own = own_colours(runs)
    content = {
        "radar": dict(radar.MEASURES),
        "least": LEAST,
        "suites": [
            {"name": name, "title": title, "lines": radar.lines(title)} for name, title in suites.items()
        ],
        "runs": [
            {
                "key": run.key,
                "label": run.label,
                "samples": run.samples,
                "model": run.weights or run.model,
                "kinds": {suite: run.kind(suite) for suite in run.scores},
                "css": own[run.key],
                "scores": {
                    suite: [[places[suite][key] for key in scores], list(scores.values())]
                    for suite, scores in run.scores.items()
                },
            }
            for run in runs
        ],
    }
    return ("llmxray.showLedger(" + json.dumps(content, separators=(",", ":")) + ");\n").encode()


def estimates(runs: Sequence[Run], suite: str, *, only_common: bool) -> dict[str, Estimate]:
    """Accuracy on a suite of every run that has it, by run key."""
    keys = common(runs, suite) if only_common else None
    return {run.key: run.estimate(suite, keys) for run in runs if suite in run.scores}


def _measured(runs: Sequence[Run], suites: Mapping[str, str], *, only_common: bool) -> tuple[Scores, Places]:
    """Accuracy and rank of every run by suite."""
    found = {suite: estimates(runs, suite, only_common=only_common) for suite in suites}
    return found, {suite: placed(runs, suite, found[suite]) for suite in suites}


def placed(runs: Sequence[Run], suite: str, found: Mapping[str, Estimate]) -> dict[str, Rank | str | None]:
    """Rank of every run on a suite among those answered in the same way, or the run that stands for its model."""
    having = [run for run in runs if run.key in found]
    return alike(
        {run.key: found[run.key].value for run in having},
        {run.key: run.kind(suite) for run in having},
        {run.key: run.weights or run.model for run in having},
        {run.key: found[run.key].n for run in having},
    )


def _board(runs: Sequence[Run], suites: Mapping[str, str], *, only_common: bool) -> Board:
    found, placed = _measured(runs, suites, only_common=only_common)
    heads = tuple((suite, title, len(common(runs, suite))) for suite, title in suites.items())
    labels = {run.key: run.label or run.id for run in runs}
    rows = tuple(_row(run, suites, found, placed, labels) for run in runs)
    return Board(heads, rows, any(run.cost is not None for run in runs))


def _row(
    run: Run,
    suites: Mapping[str, str],
    found: Mapping[str, Mapping[str, Estimate]],
    placed: Places,
    labels: Mapping[str, str],
) -> LedgerRow:
    cells = tuple(
        _cell(run, suite, found[suite].get(run.key), placed[suite].get(run.key), labels) for suite in suites
    )
    known = [p for suite in suites if (p := percentile(placed[suite].get(run.key))) is not None]
    # One suite has no mean.
    mean = sum(known) / len(known) if len(known) > 1 else None
    return LedgerRow(
        key=run.key,
        id=run.id,
        label=run.label or run.id,
        experiment=run.title,
        href=f"{run.experiment}/index.html",
        asked=run.asked,
        cells=cells,
        mean=numbers.MISSING if mean is None else f"{int(mean + 0.5)}",
        sort="" if mean is None else f"{mean:.6g}",
        cost=numbers.MISSING if run.cost is None else f"{numbers.money(run.cost)} {run.currency}",
        cost_sort="" if run.cost is None else f"{run.cost:.6g}",
    )


def _cell(
    run: Run, suite: str, estimate: Estimate | None, rank: Rank | str | None, labels: Mapping[str, str]
) -> LedgerCell:
    if estimate is None or estimate.value is None:
        return LedgerCell(text=numbers.MISSING, small="", rank="", css="few", href="", sort="")
    css = "few" if estimate.n < FEW else f"h{step(estimate.value)}"
    told = f"counted once, as {labels[rank]}" if isinstance(rank, str) else _told(rank) if rank else ""
    href = f"{run.experiment}/" + questions_href(condition=run.id, suite=suite)
    return LedgerCell(
        text=numbers.percent(estimate.value),
        small=f"n {numbers.count(estimate.n)}, {numbers.interval(estimate)}",
        rank=told,
        css=css,
        href=href,
        sort=f"{estimate.value:.6g}",
    )


def _told(rank: Rank) -> str:
    share = "" if rank.percentile is None else f", P{int(rank.percentile + 0.5)}"
    return f"{rank.text} of {rank.population}{share}"
