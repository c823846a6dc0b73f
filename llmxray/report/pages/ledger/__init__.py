"""The ledger: which model does best on which set of questions, and all runs of any number of experiments.

The page holds the first `MOST_ROWS` runs as HTML. The browser makes the rows in view from the data file, so that a
thousand runs open as quickly as ten.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from llmxray import spreadsheets
from llmxray.errors import InputError
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
from llmxray.report.links import within
from llmxray.report.pages.ledger import best, items
from llmxray.report.pages.ledger.best import Scores
from llmxray.report.pages.ledger.sciences import science
from llmxray.report.sentences import Finding
from llmxray.report.widgets.bars import BarLine, bar_line
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.asking import asked_in_words, changed_places

MOST_ROWS = 100
"""Runs that the page shows without scripts."""
CSV = "ledger.csv"
_COLUMNS = ("experiment", "condition", "model", "asked", "suite", "questions", "accuracy", "low", "high")


def write(
    renderer: Renderer, hues: Mapping[str, int], order: Sequence[str] = (), tabs: Sequence[Values] = ()
) -> Sequence[LedgerEntry]:
    """Write the ledger over every experiment that the site holds, and its data under a hashed name.

    Args:
        hues: of the models, by identity.
        order: names of experiments, first to last, as the author of the site gives them; the others follow by name.
        tabs: the menu of the site.

    Returns:
        The entries, by question set.

    Raises:
        InputError: a file is damaged, or is that of another folder's experiment; or suites are too many.
    """
    # Sorted, or the page would depend on the order of the file system.
    places = {name: place for place, name in enumerate(order)}
    files = sorted(
        renderer.out.glob(f"*/{NAME}"), key=lambda path: (places.get(path.parent.name, len(places)), path)
    )
    shared = Shared()
    entries = [load(plain_bytes(path), file=str(path), shared=shared) for path in files]
    for path, entry in zip(files, entries, strict=True):
        for run in entry.runs:
            if run.experiment != path.parent.name:
                raise InputError(
                    f"{path} is of the experiment {run.experiment}: move that folder out of the site"
                )
    sets = by_question_set(entries)
    refuse_too_many(sets, f"move folders of experiments out of {renderer.out}")
    write_over(renderer, sets, hues, tabs=tabs)
    return sets


def write_over(
    renderer: Renderer,
    entries: Sequence[LedgerEntry],
    hues: Mapping[str, int] | None = None,
    *,
    bases: Mapping[str, str] | None = None,
    panels: Sequence[Panel] = (),
    command: str = "llmxray run --all",
    tabs: Sequence[Values] = (),
) -> None:
    """Write the ledger over these experiments.

    Args:
        hues: of the models, by identity; by default in the order of the runs.
        bases: folder of each experiment's pages, seen from the ledger, "" where there are none; its name by default.
        panels: the models and items of each suite, for the part Items.
        command: makes the page again. tabs: the menu of the site.
    """
    seen = Over(entries, hues, bases)
    data = script(seen)
    name = f"data/ledger.{hashlib.sha256(data).hexdigest()[:8]}.js"
    renderer.write(name, data)
    renderer.remove_old("data/ledger.*.js", {name.rpartition("/")[2]})
    page = renderer.out / "ledger.html"
    before = plain_bytes(page) if page.exists() else b""
    for table, content in (
        (items.CSV, items.as_csv(panels) if panels else b""),
        (CSV, as_csv(seen) if seen.runs else b""),
    ):
        if content:
            renderer.write(table, content)
        elif b'href="%b"' % table.encode() in before:
            # A file of that name that the page has no link to is somebody else's.
            (renderer.out / table).unlink(missing_ok=True)
    shown = make(seen, panels=panels, command=command, tabs=tabs)
    renderer.page("ledger.html", "pages/ledger/page.html", shown, data=name)


class Over:
    """What page, script and table are made of.

    Args:
        entries: in the order given. hues, bases: see `write_over`.
    """

    def __init__(
        self,
        entries: Sequence[LedgerEntry],
        hues: Mapping[str, int] | None = None,
        bases: Mapping[str, str] | None = None,
    ) -> None:
        self.entries = by_question_set(entries)
        self.runs = [run for entry in self.entries for run in entry.runs]
        self.bases = {run.experiment: run.experiment for run in self.runs} if bases is None else bases
        self.suites = {suite: title for entry in self.entries for suite, title in entry.suites.items()}
        # Sets of one suite and title share a choice, which is named after the first of them.
        first_of: dict[tuple[str, str], str] = {}
        for suite, title in self.suites.items():
            first_of.setdefault((suite_of(suite), title), suite)
        self._choice = {suite: first_of[suite_of(suite), title] for suite, title in self.suites.items()}
        self.choices = {name: self.suites[name] for name in first_of.values()}
        self.found: Scores = {
            suite: {run.key: run.estimate(suite) for run in self.runs if suite in run.scores}
            for suite in self.suites
        }
        having = Counter(self._choice[suite] for suite in self.suites for _ in self.found[suite])
        # The choice that most runs have, "" without any.
        self.usual = next((name for name, _ in having.most_common(1)), "")
        chances = {suite: chance for entry in self.entries for suite, chance in entry.chances.items()}
        models = dict.fromkeys(run.identity for run in self.runs)
        hues = hues or {model: place for place, model in enumerate(models)}
        self.best = best.make(self.runs, self.suites, self.found, chances, hues, self.link)
        self._colours: Mapping[str, str] = self.best.colours if self.best else {}
        self.rows = [self._row(run) for run in self.runs]

    def link(self, run: LedgerRun, suite: str) -> str:
        """Address of the questions of a run on a suite, "" where there are no pages."""
        return within(self.bases[run.experiment]).questions(condition=run.id, suite=suite_of(suite))

    def _row(self, run: LedgerRun) -> Values:
        """A run with its cells, as the page and its script show it."""
        base = self.bases[run.experiment]
        return Values(
            key=run.key,
            label=run.label or run.id,
            title=run.title,
            href=f"{base}/index.html" if base else "",
            model=run.identity,
            cells={
                self._choice[suite]: self._cell(run, suite)
                for suite in run.scores
                if self.found[suite][run.key].value is not None
            },
        )

    def _cell(self, run: LedgerRun, suite: str) -> Values:
        """Accuracy of a run on a suite, as a bar in the colour of its model, with the way to its questions."""
        estimate = self.found[suite][run.key]
        return Values(
            bar=bar_line(self._colours.get(run.key, ""), ("", estimate, self.link(run, suite))),
            value=estimate.value,
            n=numbers.plural(estimate.n, "question"),
            asked=asked_in_words(run.kind(suite)),
        )


def make(
    seen: Over,
    *,
    panels: Sequence[Panel] = (),
    command: str = "llmxray run --all",
    tabs: Sequence[Values] = (),
) -> Values:
    """The ledger's page; see `write_over`."""
    base = next((base for run in seen.runs if (base := seen.bases[run.experiment])), "")
    listed = [row for row in seen.rows if seen.usual in row.cells]
    listed.sort(key=lambda row: -row.cells[seen.usual].value)
    return Values(
        title="Which model does best?",
        nav=Nav(
            # Every experiment defines the same terms.
            contents=within(base),
            tabs=tuple(tabs),
            two_depths=True,
            doubts=tuple(doubt for entry in seen.entries for doubt in entry.told_doubts),
        ),
        best=seen.best,
        changed_places=changed_places(seen.entries),
        kicker=Finding(
            "ledger.kicker",
            runs=len(seen.runs),
            models=len({run.identity for run in seen.runs}),
            experiments=len({run.experiment for run in seen.runs}),
        ),
        choices=tuple(seen.choices.items()),
        # Without scripts: the most accurate on the set of questions that most of them have.
        usual=seen.usual,
        rows=listed[:MOST_ROWS],
        total=len(seen.runs),
        # Who has so many looks for one of them.
        unfolded=seen.best is None or len(seen.runs) > MOST_ROWS,
        csv=CSV,
        science=science(seen.entries, seen.suites),
        items=items.make(panels, seen.suites, seen.bases) if panels else None,
        footer=(command,),
    )


def script(seen: Over) -> bytes:
    """Every row as a script for the browser, which searches and sorts them."""
    content = {"usual": seen.usual, "runs": seen.rows}
    text = json.dumps(
        content,
        separators=(",", ":"),
        default=lambda each: asdict(each) if isinstance(each, BarLine) else vars(each),
    )
    return f"llmxray.showLedger({text});\n".encode()


def as_csv(seen: Over) -> bytes:
    """Every run on every suite as a table."""
    rows: list[Sequence[object]] = [_COLUMNS]
    for run in seen.runs:
        for suite in run.scores:
            estimate = seen.found[suite][run.key]
            asked = (run.experiment, run.id, run.model, run.kind(suite), suite_of(suite))
            rows.append((*asked, estimate.n, *map(rounded, (estimate.value, estimate.low, estimate.high))))
    return spreadsheets.write(rows)
