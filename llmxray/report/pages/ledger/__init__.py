"""The ledger: which model does best on which set of questions, and all runs of any number of experiments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from llmxray import spreadsheets
from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.report.analysis.items import Panel, panels
from llmxray.report.analysis.legend import N_HUES
from llmxray.report.analysis.runs import (
    NAME,
    LedgerEntry,
    LedgerRun,
    Questions,
    by_question_set,
    load,
    rounded,
    suite_of,
)
from llmxray.report.links import within
from llmxray.report.pages.ledger import best, items
from llmxray.report.pages.ledger.sciences import science
from llmxray.report.sentences import Finding
from llmxray.report.widgets.bars import bar_line
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.asking import asked_in_words, changed_places

# Who has more runs looks for one of them.
_FOLDED_UP_TO = 100
CSV = "ledger.csv"
_COLUMNS = ("experiment", "condition", "model", "asked", "suite", "questions", "accuracy", "low", "high")


def write(
    renderer: Renderer, hues: Mapping[str, int], order: Sequence[str] = (), tabs: Sequence[Values] = ()
) -> Sequence[LedgerEntry]:
    """Write the ledger over every experiment that the site holds.

    Args:
        hues: of the models, by identity.
        order: names of experiments, first to last, as the author of the site gives them; the others follow by name.
        tabs: the menu of the site.

    Returns:
        The entries, by question set.

    Raises:
        InputError: see `read_entries`.
    """
    places = {name: place for place, name in enumerate(order)}
    # Sorted, or the page would depend on the order of the file system.
    folders = sorted(
        (path.parent for path in renderer.out.glob(f"*/{NAME}")),
        key=lambda folder: (places.get(folder.name, len(places)), folder),
    )
    entries, where = read_entries(folders)
    write_over(renderer, entries, where, hues, tabs=tabs)
    return entries


def write_over(
    renderer: Renderer,
    entries: Sequence[LedgerEntry],
    where: Mapping[str, Path],
    hues: Mapping[str, int] | None = None,
    *,
    has_items: bool = False,
    command: str = "llmxray run --all",
    tabs: Sequence[Values] = (),
) -> None:
    """Write the ledger over these experiments.

    Args:
        entries, where: see `read_entries`.
        hues: of the models, by identity; by default in the order of the runs.
        has_items: whether the page has the part Items.
        command: makes the page again. tabs: the menu of the site.
    """
    bases = {name: _base(folder, renderer.out) for name, folder in where.items()}
    found = tuple(panels(entries)) if has_items else ()
    page = make(entries, hues, bases, found, command, tabs)
    if found:
        renderer.write(items.CSV, items.as_csv(found))
    if entries:
        renderer.write(CSV, as_csv(entries))
    renderer.page("ledger.html", "pages/ledger/page.html", page)


def read_entries(folders: Iterable[Path]) -> tuple[tuple[LedgerEntry, ...], dict[str, Path]]:
    """The entries that experiments' folders hold, by question set, and the folder of each experiment.

    Raises:
        InputError: a file is damaged or a link, or two are of one experiment.
    """
    entries: list[LedgerEntry] = []
    where: dict[str, Path] = {}
    shared: dict[Questions, Questions] = {}
    for folder in folders:
        for path in (folder, folder / NAME):
            # A site that came from elsewhere may have links in it that lead to any file.
            if path.is_symlink() or path.is_junction():
                raise InputError(
                    f"{path} is a link, and a site is not read through one: remove it, or give the folder that it "
                    "leads to"
                )
        entry = load(plain_bytes(folder / NAME), file=str(folder / NAME), shared=shared)
        if entry.name in where:
            raise InputError(
                f"the experiment {entry.name} is in {where[entry.name]} and in {folder}: leave one of them out, or "
                "build it again with another name (files of other tools: llmxray report --name NAME)"
            )
        if entry.runs:
            where[entry.name] = folder
            entries.append(entry)
    return by_question_set(entries), where


def _base(folder: Path, out: Path) -> str:
    """Address of an experiment's pages, seen from the ledger; "" where there are none."""
    if not (folder / "index.html").is_file():
        return ""
    try:
        path = Path(os.path.relpath(folder.resolve(), out.resolve())).as_posix()
    except ValueError:
        # On another drive.
        return folder.resolve().as_uri()
    return quote(path, safe="/", errors="replace")


def make(
    entries: Sequence[LedgerEntry],
    hues: Mapping[str, int] | None = None,
    bases: Mapping[str, str] | None = None,
    panels: Sequence[Panel] = (),
    command: str = "llmxray run --all",
    tabs: Sequence[Values] = (),
) -> Values:
    """The ledger's page; see `write_over`.

    Args:
        bases: folder of each experiment's pages, seen from the ledger, "" where there are none; its name by default.
        panels: the models and items of each suite, for the part Items.
    """
    runs = [run for entry in entries for run in entry.runs]
    bases = {run.experiment: run.experiment for run in runs} if bases is None else bases
    suites = {suite: title for entry in entries for suite, title in entry.suites.items()}
    models = dict.fromkeys(run.identity for run in runs)
    hues = hues or {model: place for place, model in enumerate(models)}
    css = {model: f"c{hues[model] % N_HUES}" for model in models if model in hues}

    def link(run: LedgerRun, suite: str) -> str:
        """Address of the questions of a run on a suite, "" where there are no pages."""
        return within(bases[run.experiment]).questions(condition=run.id, suite=suite_of(suite))

    def row(run: LedgerRun, suite: str) -> Values:
        """A run on a suite: its accuracy as a bar in the colour of its model, with the way to its questions."""
        estimate, base = run.estimate(suite), bases[run.experiment]
        return Values(
            key=run.key,
            label=run.label or run.id,
            title=run.title,
            href=f"{base}/index.html" if base else "",
            model=run.model,
            value=estimate.value,
            bar=bar_line(css.get(run.identity, ""), ("", estimate, link(run, suite))),
            n=estimate.n,
            asked=asked_in_words(run.kind(suite)),
        )

    sets = [
        Values(
            name=suite,
            title=title,
            rows=sorted(
                (row(run, suite) for run in runs if suite in run.scores and run.estimate(suite).n),
                key=lambda of: -of.value,
            ),
        )
        for suite, title in suites.items()
    ]
    first = best.make(runs, suites, entries, css, link)
    return Values(
        title="Which model does best?",
        nav=Nav(
            # Every experiment defines the same terms.
            contents=within(next(filter(None, bases.values()), "")),
            tabs=tuple(tabs),
            two_depths=True,
            doubts=tuple(doubt for entry in entries for doubt in entry.told_doubts),
        ),
        best=first,
        changed_places=changed_places(entries),
        kicker=Finding(
            "ledger.kicker",
            runs=len(runs),
            models=len(models),
            experiments=len({run.experiment for run in runs}),
        ),
        # The set of questions that most of them have comes first, and is the one that scripts show.
        sets=sorted((of for of in sets if of.rows), key=lambda of: -len(of.rows)),
        total=len(runs),
        unfolded=first is None or len(runs) > _FOLDED_UP_TO,
        csv=CSV,
        science=science(entries, suites),
        items=items.make(panels, suites, bases) if panels else None,
        footer=(command,),
    )


def as_csv(entries: Sequence[LedgerEntry]) -> bytes:
    """Every run on every suite as a table."""
    rows: list[Sequence[object]] = [_COLUMNS]
    for run in (run for entry in entries for run in entry.runs):
        for suite in run.scores:
            estimate = run.estimate(suite)
            asked = (run.experiment, run.id, run.model, run.kind(suite), suite_of(suite))
            rows.append((*asked, estimate.n, *map(rounded, (estimate.value, estimate.low, estimate.high))))
    return spreadsheets.write(rows)
