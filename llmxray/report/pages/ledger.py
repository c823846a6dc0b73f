"""The ledger: the runs of all experiments of the site, suite by suite, ranked among each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.metrics.ranking import Rank, ranks
from llmxray.report import numbers
from llmxray.report.ledger import NAME, Entry, Run, common, load
from llmxray.report.pages.frame import Nav
from llmxray.report.pages.heatmap import FEW, step
from llmxray.report.pages.ledger_profile import Places, Profile, Scores, own_colours, profile
from llmxray.report.pages.ledger_science import of_runs
from llmxray.report.pages.science import Science
from llmxray.report.pages.table import questions_href
from llmxray.types import Estimate

if TYPE_CHECKING:
    from llmxray.report.render import Renderer


@dataclass(frozen=True, slots=True)
class LedgerCell:
    """Accuracy of a run on a suite.

    Attributes:
        rank: "2= of 5, percentile 40", "" where the run has no score; css: colour band, or ``few``.
    """

    text: str
    small: str
    rank: str
    css: str
    href: str
    sort: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A run with its cells.

    Attributes:
        mean: its mean percentile rank over the suites it has. cost: of a thousand questions, with its currency.
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


@dataclass(frozen=True, slots=True)
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
    profile: Profile | None
    science: Science | None
    methods: str
    footer: tuple[str, ...]


def write_ledger(renderer: Renderer) -> None:
    """Write the ledger over every experiment that the site holds, and its data under a hashed name."""
    # Sorted, or the page would depend on the order of the file system.
    files = sorted(renderer.out.glob(f"*/{NAME}"))
    entries = [load(path.read_bytes(), file=str(path)) for path in files]
    data = script(entries)
    name = f"data/ledger.{hashlib.sha256(data).hexdigest()[:8]}.js"
    renderer.write(name, data)
    for old in (renderer.out / "data").glob("ledger.*.js"):
        if old.name != name.rpartition("/")[2]:
            old.unlink()
    renderer.page("ledger.html", "ledger.html", make(entries), data=name)


def make(entries: Sequence[Entry]) -> LedgerPage:
    """The ledger over these experiments, in the order given."""
    runs = [run for entry in entries for run in entry.runs]
    suites: dict[str, str] = {}
    for entry in entries:
        suites.update(entry.suites)
    experiments = len({run.experiment for run in runs})
    lede = (
        f"{numbers.plural(len(runs), 'run')} of {numbers.plural(experiments, 'experiment')} on "
        f"{numbers.plural(len(suites), 'suite')}. A percentile rank says which share of the runs in this table a "
        "run beats, ties counting half: it ranks nobody else."
    )
    found, placed = _measured(runs, suites, only_common=False)
    return LedgerPage(
        "Ledger",
        Nav(),
        lede,
        _board(runs, suites, only_common=False),
        _board(runs, suites, only_common=True),
        profile(runs, suites, found, placed),
        of_runs(entries),
        f"{runs[0].experiment}/methods.html" if runs else "",
        ("Runs are the conditions of this site's benchmarks; nothing else is compared.", "llmxray run --all"),
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
        "suites": [{"name": name, "title": title} for name, title in suites.items()],
        "runs": [
            {
                "key": run.key,
                "id": run.id,
                "samples": run.samples,
                "css": own[run.key],
                "scores": {
                    suite: [[places[suite][key] for key in scores], list(scores.values())]
                    for suite, scores in run.scores.items()
                },
            }
            for run in runs
        ],
    }
    return ("llmxrayLedger(" + json.dumps(content, separators=(",", ":")) + ");\n").encode()


def estimates(runs: Sequence[Run], suite: str, *, only_common: bool) -> dict[str, Estimate]:
    """Accuracy on a suite of every run that has it, by run key."""
    keys = common(runs, suite) if only_common else None
    return {run.key: run.estimate(suite, keys) for run in runs if suite in run.scores}


def _measured(runs: Sequence[Run], suites: Mapping[str, str], *, only_common: bool) -> tuple[Scores, Places]:
    """Accuracy and rank of every run by suite."""
    found = {suite: estimates(runs, suite, only_common=only_common) for suite in suites}
    return found, {suite: ranks({key: each.value for key, each in found[suite].items()}) for suite in suites}


def _board(runs: Sequence[Run], suites: Mapping[str, str], *, only_common: bool) -> Board:
    found, placed = _measured(runs, suites, only_common=only_common)
    heads = tuple((suite, title, len(common(runs, suite))) for suite, title in suites.items())
    rows = tuple(_row(run, suites, found, placed) for run in runs)
    return Board(heads, rows, any(run.cost is not None for run in runs))


def _row(
    run: Run,
    suites: Mapping[str, str],
    found: Mapping[str, Mapping[str, Estimate]],
    placed: Mapping[str, Mapping[str, Rank | None]],
) -> LedgerRow:
    cells = tuple(
        _cell(run, suite, found[suite].get(run.key), placed[suite].get(run.key)) for suite in suites
    )
    known = [rank.percentile for suite in suites if (rank := placed[suite].get(run.key)) is not None]
    mean = sum(known) / len(known) if known else None
    return LedgerRow(
        run.key,
        run.id,
        run.label if run.label != run.id else "",
        run.title,
        f"{run.experiment}/index.html",
        run.asked,
        cells,
        numbers.MISSING if mean is None else f"{int(mean + 0.5)}",
        "" if mean is None else f"{mean:.6g}",
        numbers.MISSING if run.cost is None else f"{numbers.money(run.cost)} {run.currency}",
        "" if run.cost is None else f"{run.cost:.6g}",
    )


def _cell(run: Run, suite: str, estimate: Estimate | None, rank: Rank | None) -> LedgerCell:
    if estimate is None or estimate.value is None:
        return LedgerCell(numbers.MISSING, "", "", "few", "", "")
    css = "few" if estimate.n < FEW else f"h{step(estimate.value)}"
    told = f"{rank.text} of {rank.population}, P{int(rank.percentile + 0.5)}" if rank else ""
    href = f"{run.experiment}/" + questions_href(condition=run.id, suite=suite)
    return LedgerCell(
        numbers.percent(estimate.value),
        f"n {numbers.count(estimate.n)}, {numbers.interval(estimate)}",
        told,
        css,
        href,
        f"{estimate.value:.6g}",
    )
