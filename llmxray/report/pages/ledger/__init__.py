"""The ledger: which model does best on which set of questions, and all runs of any number of experiments."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from llmxray import spreadsheets
from llmxray.errors import InputError
from llmxray.metrics.correlation import Correlation, correlation
from llmxray.metrics.items import LEAST
from llmxray.metrics.subjects import SHARED_SCIENCES, family
from llmxray.plan import item_address
from llmxray.regular_files import read_regular_file
from llmxray.report import numbers
from llmxray.report.analysis import seeded
from llmxray.report.analysis.condition_colours import N_HUES
from llmxray.report.analysis.item_analysis import MOST_MODELS_FOR_ONE, ItemFinding, Panel, panels
from llmxray.report.analysis.ledger_entry import (
    NAME,
    LedgerEntry,
    LedgerRun,
    Questions,
    QuestionScores,
    by_question_set,
    load,
    rounded,
    suite_of,
)
from llmxray.report.links import within
from llmxray.report.pages.ledger import best
from llmxray.report.sentences import Finding
from llmxray.report.widgets.bars import bar_line
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import Renderer
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, measured_cell, share_cell
from llmxray.report.wording.asking import asked_in_words, changed_places
from llmxray.report.wording.verdicts import doubt
from llmxray.types import Estimate

# Who has more runs looks for one of them.
_FOLDED_UP_TO = 100
CSV = "ledger.csv"
_COLUMNS = ("experiment", "condition", "model", "asked", "suite", "questions", "accuracy", "low", "high")


def write_page(
    renderer: Renderer,
    hues: Mapping[str, int],
    order: Sequence[str] = (),
    tabs: Sequence[TemplateValues] = (),
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
    **more: Any,
) -> None:
    """Write the ledger over these experiments.

    Args:
        entries, where: see `read_entries`.
        hues: of the models, by identity; by default in the order of the runs.
        has_items: whether the page has the part Items.
        more: see `page_values`.
    """
    bases = {name: _base(folder, renderer.out) for name, folder in where.items()}
    found = tuple(panels(entries)) if has_items else ()
    page = page_values(entries, hues, bases, found, **more)
    if found:
        rows = (_values(panel, item) for panel in found for item in panel.findings)
        renderer.write(ITEMS_CSV, spreadsheets.csv_bytes([_ITEM_COLUMNS, *rows]))
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
        entry = load(read_regular_file(folder / NAME), file=str(folder / NAME), shared=shared)
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


def page_values(
    entries: Sequence[LedgerEntry],
    hues: Mapping[str, int] | None = None,
    bases: Mapping[str, str] | None = None,
    panels: Sequence[Panel] = (),
    command: str = "llmxray run --all",
    tabs: Sequence[TemplateValues] = (),
) -> TemplateValues:
    """The ledger's page.

    Args:
        command: makes the page again. tabs: the menu of the site.
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

    def row(run: LedgerRun, suite: str) -> TemplateValues:
        """A run on a suite: its accuracy as a bar in the colour of its model, with the way to its questions."""
        estimate = run.estimate(suite)
        return TemplateValues(
            run=run,
            home=within(bases[run.experiment]).href("index"),
            found=estimate,
            bar=bar_line(css.get(run.identity, ""), ("", estimate, link(run, suite))),
            asked=asked_in_words(run.kind(suite)),
        )

    sets = []
    for suite, title in suites.items():
        rows = [row(run, suite) for run in runs if suite in run.scores and run.estimate(suite).n]
        sets.append(
            TemplateValues(name=suite, title=title, rows=sorted(rows, key=lambda of: -of.found.value))
        )
    first = best.best_values(runs, suites, entries, css, link)
    return TemplateValues(
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
        kicker=Finding("ledger.kicker", runs=len(runs), models=len(models), experiments=len(entries)),
        # The set of questions that most of them have comes first, and is the one that scripts show.
        sets=sorted((of for of in sets if of.rows), key=lambda of: -len(of.rows)),
        total=len(runs),
        unfolded=first is None or len(runs) > _FOLDED_UP_TO,
        csv=CSV,
        science=science(entries, suites),
        items=items_part(panels, suites, bases) if panels else None,
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
    return spreadsheets.csv_bytes(rows)


MOST = 20
ITEMS_CSV = "items.csv"
# An answer may be a text.
_LONGEST = 40
_ITEM_COLUMNS = (
    "suite", "item_id", "category", "asked", "models", "difficulty", "difficulty_low", "difficulty_high",
    "discrimination", "discrimination_low", "discrimination_high", "key", "rival", "rival_share", "rival_low",
    "rival_high", "rival_p_holm", "suspicious",
)  # fmt: skip
_HEADS = (
    ColumnHead(text="item", numeric=False),
    ColumnHead(text="right", small="share of models"),
    ColumnHead(text="discrimination", small="item–rest r"),
    ColumnHead(text="key", numeric=False),
    ColumnHead(text="most give", numeric=False),
    ColumnHead(text="models that give it"),
    ColumnHead(text="adjusted p", stat="Holm"),
)


def items_part(
    panels: Sequence[Panel], titles: Mapping[str, str], bases: Mapping[str, str]
) -> TemplateValues:
    """The part.

    Args:
        titles: by suite. bases: folder of an experiment's pages, "" where there are none.
    """
    found = [finding for panel in panels for finding in panel.findings]
    agreed = [item for item in found if (item.agreeing.value or 0) > 0.5]
    agreed.sort(key=lambda item: (item.p_holm or 0.0, -(item.agreeing.value or 0)))
    said = []
    for of in panels:
        about = {
            "models": of.models,
            "asked": asked_in_words(of.asked),
            "n": len(of.findings),
            "least": LEAST,
        }
        said.append(Finding(f"ledger.items{'' if of.findings else '-few'}", suite=titles[of.suite], **about))
    return TemplateValues(
        panels=said,
        csv=ITEMS_CSV,
        # Models that must have been asked an item, at least, and one in how many.
        least=LEAST,
        one_in=MOST_MODELS_FOR_ONE,
        agreed=len(agreed),
        flagged=sum(item.suspicious for item in agreed),
        table=Table(
            caption="",
            columns=_HEADS,
            lines=tuple(
                Line(
                    head=_short(item.id),
                    cells=(
                        share_cell(item.difficulty),
                        measured_cell(item.discrimination, numbers.decimal, 0.0),
                        Cell(text=_short(item.key), numeric=False),
                        Cell(text=_short(item.rival), numeric=False),
                        share_cell(item.agreeing),
                        Cell(
                            text=numbers.bare_p(item.p_holm),
                            small="significant" if item.suspicious else "not significant",
                        ),
                    ),
                    small=" · ".join(filter(None, (titles[item.suite], item.category))),
                    href=within(bases[item.experiment]).question(item_address(suite_of(item.suite), item.id)),
                )
                for item in agreed[:MOST]
            ),
        ),
    )


def _values(panel: Panel, found: ItemFinding) -> list[str | int | float | None]:
    hard, telling, agreeing = found.difficulty, found.discrimination, found.agreeing
    return [
        *(suite_of(found.suite), found.id, found.category, panel.asked, hard.n),
        *(hard.value, hard.low, hard.high, telling.value, telling.low, telling.high),
        *(found.key, found.rival, agreeing.value, agreeing.low, agreeing.high, found.p_holm),
        "" if found.p_holm is None else "yes" if found.suspicious else "no",
    ]


def _short(text: str) -> str:
    # One letter is an option; longer answers are texts or numbers.
    text = text.upper() if len(text) == 1 else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


MOST_POINTS = 10
"""Models in the table."""


def science(entries: Sequence[LedgerEntry], suites: Mapping[str, str]) -> TemplateValues | None:
    """Whether ARC's sciences and MMLU-Pro's go together, as the module asks; None without two models asked both alike.

    A model gives one number a suite, so the points of a correlation are models: each one's run with the most questions,
    of the two sets of questions and the ways of asking that most models share.

    Args:
        entries: by question set.
        suites: title by name.
    """
    alike: dict[tuple[str, ...], dict[str, LedgerRun]] = {}
    for run in (run for entry in entries for run in entry.runs):
        asked = _both_suites(run)
        if len(asked) == 2:
            of = alike.setdefault((*asked, *map(run.kind, asked)), {})
            of[run.identity] = max(
                of.get(run.identity, run), run, key=lambda one: sum(one.estimate(suite).n for suite in asked)
            )
    both = max((list(of.values()) for of in alike.values()), key=len, default=[])
    if len(both) < 2:
        return None
    columns = [[run.scores[suite] for suite in _both_suites(run)] for run in both]
    shared = [
        name
        for name in SHARED_SCIENCES
        if all(_on(scores, {name}).n for column in columns for scores in column)
    ]
    if not shared:
        return None
    points = [(run, [_on(scores, shared) for scores in of]) for run, of in zip(both, columns, strict=True)]
    points.sort(key=lambda point: -(point[1][0].value or 0.0))
    first, second = ([accuracies[at].value for _, accuracies in points] for at in (0, 1))
    found = correlation(first, second, seeded("ledger", "science", "all of them"))
    return TemplateValues(
        sentences=tuple(_sentences(found)),
        table=Table(
            caption=f"Correct answers on {numbers.listed(shared)} in both sets of questions.",
            columns=(
                ColumnHead(text="model", numeric=False),
                *(ColumnHead(text=suites[suite]) for suite in _both_suites(both[0])),
            ),
            lines=tuple(
                Line(head=run.label, small=run.title, cells=tuple(map(share_cell, accuracies)))
                for run, accuracies in points[:MOST_POINTS]
            ),
        ),
        # Of which the table has the most accurate.
        n=len(points),
    )


def _both_suites(run: LedgerRun) -> list[str]:
    """The first suite of a run in ARC's manner and the first in MMLU-Pro's."""
    of_arc, of_pro = (
        [suite for suite in run.scores if family(suite).startswith(kind)] for kind in ("arc", "mmlu_pro")
    )
    return of_arc[:1] + of_pro[:1]


def _on(scores: QuestionScores, categories: Collection[str]) -> Estimate:
    """Accuracy on the questions of these categories."""
    keep = [category.lower() in categories for category in scores.questions.categories]
    return replace(scores, shares=np.where(keep, scores.shares, np.nan)).estimate


def _sentences(found: Correlation) -> Iterator[Finding]:
    r, n = found.r.value, found.r.n
    if r is None:
        yield Finding("ledger.science-none", n=n)
    else:
        kind = "shown" if found.shown else "open"
        ends = doubt(found.r, numbers.decimal, None)
        way = "well" if r > 0 else "badly"
        yield Finding(f"ledger.science-{kind}", n=n, way=way, r=r, doubt=ends, p=found.p_value)
    if found.critical is not None:
        # Three points lie on a line by chance too often for any correlation to count.
        kind = "few" if found.critical < 0.995 else "too-few"
        yield Finding(f"ledger.science-{kind}", n=n, least=found.critical)
        if r is not None and not found.shown and abs(r) >= found.critical:
            yield Finding("ledger.science-test", p=found.p_value)


def write_ledger(folders: Sequence[Path], out: Path, command: str) -> tuple[Path, tuple[str, ...]]:
    """Write the ledger with its part Items over the experiments of these folders.

    Args:
        folders: sites, or experiments' folders of sites, with ``ledger.json``.
        out: folder that the ledger is written into; a site keeps its other pages.
        command: makes the page again.

    Returns:
        Path of the page; why figures of experiments are not those of the suites that they name, a line each.

    Raises:
        InputError: a folder holds no experiment, two hold the same one, or a file is damaged or a link.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        given = folder.resolve()
        inside = sorted(path.parent for path in given.glob(f"*/{NAME}"))
        own = [given] if (given / NAME).exists() else inside
        if not own:
            missing = "" if folder.is_dir() else "there is no such folder; "
            raise InputError(
                f"{folder}: {missing}give a site or an experiment's folder of one, which hold {NAME}: "
                "`llmxray report` writes it"
            )
        found |= dict.fromkeys(own)
    entries, where = read_entries(found)
    if not entries:
        raise InputError("no benchmark is in these folders: a ledger compares the conditions of benchmarks")
    renderer, page = Renderer(out), out / "ledger.html"
    write_over(renderer, entries, where, has_items=True, command=command)
    if not any(out.glob(f"*/{NAME}")):
        # The header leads to the first page, and there is no other.
        renderer.write("index.html", read_regular_file(page))
    renderer.list_files()
    return page, tuple(doubt for entry in entries for doubt in entry.told_doubts)
