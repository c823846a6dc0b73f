"""The whole site: the pages of each experiment, in processes of their own, and the index over all experiments."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from llmxray import names
from llmxray.errors import InputError, RunFailedError
from llmxray.experiment import Site
from llmxray.regular_files import read_regular_file
from llmxray.report import lesson, pages
from llmxray.report.analysis import Analysis, ExperimentData, ledger_entry
from llmxray.report.coursework import papers
from llmxray.report.files import export, figures
from llmxray.report.links import Contents
from llmxray.report.live import NAME, LivePage
from llmxray.report.pages import front, ledger
from llmxray.report.pages.front import summary
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording import predictions
from llmxray.report.wording.predictions import Verdict

# The models of a site, in the order in which it met them: their places are their hues.
_HUES = "models.json"


def hued(out: Path, data: ExperimentData) -> ExperimentData:
    """The data with the hues of the site's models; new ones get the next, and the site remembers them."""
    hues = hues_of(out)
    if new := [model for model in dict.fromkeys(data.models) if model not in hues]:
        hues |= {model: len(hues) + place for place, model in enumerate(new)}
        _write_hues(Renderer(out), hues)
    return replace(data, hues=hues)


def _write_hues(renderer: Renderer, hues: Mapping[str, int]) -> None:
    renderer.write(_HUES, json.dumps([*hues], indent=0, ensure_ascii=False).encode("utf-8", "replace"))


def hues_of(out: Path) -> dict[str, int]:
    """Place of each model of a site in the order in which the site met them."""
    path = out / _HUES
    models = json.loads(read_regular_file(path)) if path.exists() else []
    return {model: place for place, model in enumerate(models)}


def check_names(experiments: Sequence[str]) -> None:
    """Refuse two experiments of one name: their pages would be mixed.

    Raises:
        InputError: says what to do.
    """
    for name in experiments:
        if experiments.count(name) > 1:
            raise InputError(
                f"two experiments are called {name}, and a site holds one of a name: build the second one into another "
                "folder with --out"
            )


def write_experiment(out: Path, data: ExperimentData) -> None:
    """Write every page and file of one experiment."""
    renderer, analysis = Renderer(out), Analysis(_whole(data))
    data, folder = analysis.data, analysis.data.name
    renderer.write(f"{folder}/results.csv", export.as_csv(data.results.rows))
    renderer.write(f"{folder}/results.parquet", export.as_parquet(data.results.rows))
    for page in (*pages.PAGES, *papers.PAGES):
        if data.contents.has(page.name):
            page.write(renderer, analysis)
            if data.is_large:
                # Replies are most of what is in memory, and can be read again.
                data.cassette.clear_cache()
    data.cassette.clear_cache()
    # Of an earlier build: of other conditions and answers, or of fewer questions.
    for page in (*pages.PAGES, *papers.PAGES):
        for name in (page.name, *page.beside):
            if not data.contents.has(name):
                renderer.remove_old(f"{folder}/{name}.*html", ())
    renderer.remove_old(f"{folder}/results.json*", export.names(data))
    if "results.json" in export.names(data):
        judged = predictions.as_json(predictions.verdicts(analysis))
        renderer.write_chunks(f"{folder}/results.json", lambda: export.as_json(data.results.rows, judged))
    renderer.write(f"{folder}/{figures.NAME}", figures.dump(figures.figures(analysis)))
    renderer.write(f"{folder}/{summary.NAME}", summary.dump(summary.summarize(analysis)))
    renderer.write(f"{folder}/{ledger_entry.NAME}", ledger_entry.dump(ledger_entry.build_entry(analysis)))
    renderer.list_files(data.name)


def write_index(
    out: Path, settings: Site | None = None, sheets: Sequence[Path] = (), live: LivePage | None = None
) -> Path:
    """Write the pages over all experiments that the site holds; returns the path of ``index.html``.

    Args:
        sheets: Markdown to add to the lesson.
        live: the page with a model in it; None removes that of an earlier build.
    """
    renderer, settings, known = Renderer(out), settings or Site(), summaries_of(out)
    named = {*settings.order, *filter(None, [settings.featured])}
    if named and named.isdisjoint(each.name for each in known):
        # What it says is about the experiments that it names, and this site holds none of them.
        settings = Site()
    hues = hues_of(out)
    if hues:
        _write_hues(renderer, hues)
    menu = partial(front.tabs, known, settings, lesson=lesson.applies(out))
    # Before the lesson, which links the pages that there are.
    entries = ledger.write_page(renderer, hues, settings.order, menu("index"))
    if lesson.applies(out):
        lesson.write_lesson(renderer, settings.base, menu("lesson", root="../"), sheets)
    renderer.remove_old(NAME, ())
    if live is not None:
        live.write(renderer, menu("live"))
    front.write_page(
        renderer, known, settings, entries, hues, lesson=lesson.applies(out), live=NAME if live else ""
    )
    renderer.sweep()
    renderer.list_files()
    return out / "index.html"


def summaries_of(site: Path) -> list[summary.Summary]:
    """What a site keeps of each of its experiments, by name.

    Raises:
        InputError: one is torn, or of another version of llmxray.
    """
    paths = sorted(site.glob(f"*/{summary.NAME}"))
    return [summary.load(read_regular_file(path), file=str(path)) for path in paths]


def write_brief(data: ExperimentData, out: Path, student: str) -> Path | None:
    """Write a student's brief beside the experiment's pages; None where there are no two conditions."""
    # The name must not choose the path, nor be longer than a name of a file may be.
    plain = names.plain(student)
    slug = "".join(each if each.isalnum() else "-" for each in plain).strip("-")[:60]
    # Two names that are one without what was left out must not be one file.
    if slug.replace("-", " ") != plain:
        slug = f"{slug}-{hashlib.sha256(plain.encode('utf-8', 'replace')).hexdigest()[:8]}".strip("-")
    # Where the experiment's pages are not beside it, nothing leads to them.
    alone = not (out / data.name / "index.html").is_file()
    data = replace(data, hues=hues_of(out))
    model = papers.brief(
        Analysis(replace(data, contents=Contents(entries=(), is_alone=True)) if alone else _whole(data)),
        student,
    )
    if model is None:
        return None
    path = f"{data.name}/{f'brief-{slug}' if slug else 'brief'}.html"
    renderer = Renderer(out)
    renderer.page(path, "coursework/brief.html", model)
    renderer.list_files(data.name)
    renderer.list_files()
    return out / path


def grade(data: ExperimentData, student: str, answers: Mapping[str, str]) -> papers.Grade:
    """What a student's answers are worth."""
    return papers.graded(Analysis(_whole(data)), student, answers)


def figures_of(data: ExperimentData) -> bytes:
    """The bytes of figures.json: every figure that the pages of an experiment state."""
    return figures.dump(figures.figures(Analysis(_whole(data))))


def verdicts_of(data: ExperimentData) -> tuple[Verdict, ...]:
    """Every prediction of an experiment with what became of it."""
    return predictions.verdicts(Analysis(_whole(data)))


def _whole(data: ExperimentData) -> ExperimentData:
    """The data with what the registry says of it."""
    return replace(data, contents=pages.contents_of(data, papers.PAGES))


class SiteBuilder:
    """Writes or refreshes the pages of experiments, and the index over all that the site holds.

    A context: leaving it after an error drops the pages that were not begun, and the index states what the
    pages that are there state. The same cassettes give the same bytes, whatever the number of processes.

    Args:
        out: folder of the site.
        workers: processes that build pages; with 1, pages are built at once by the process that adds them.
        settings: what the author says of the site.
        live: a page with a model in it, which gets the questions of these experiments.
    """

    def __init__(
        self, out: Path, workers: int = 1, settings: Site | None = None, live: LivePage | None = None
    ) -> None:
        self._out, self._settings, self._live = out, settings, live
        self._pages: list[Future[None]] = []
        self._names: list[str] = []
        # Spawned: a fork would take over the threads and sockets of a replay under way.
        self._pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), _interruptible) if workers > 1 else None
        )

    def add(self, data: ExperimentData) -> None:
        """Build the pages of an experiment, or have them built while the caller goes on.

        Raises:
            InputError: another one of that name was added before.
        """
        check_names([*self._names, data.name])
        self._names.append(data.name)
        data = hued(self._out, data)
        if self._live is not None:
            self._live.add(data)
        if self._pool is None:
            write_experiment(self._out, data)
        else:
            self._pages.append(self._pool.submit(write_experiment, self._out, data))

    def finish(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
        """Wait for the pages, and write the index.

        Args:
            on_progress: told how many of how many experiments are built.

        Returns:
            Path of the site's ``index.html``.

        Raises:
            RunFailedError: a process was killed before its pages were written.
        """
        # With one process pages are built when they are added.
        added = len(self._names)
        on_progress(added - len(self._pages), added)
        for done, page in enumerate(as_completed(self._pages), 1):
            try:
                page.result()
            except BrokenProcessPool as error:
                raise RunFailedError(
                    "a process that builds pages was killed, as happens when memory runs out: "
                    "build with one process, --jobs 1"
                ) from error
            on_progress(done, added)
        self._pages.clear()
        return write_index(self._out, self._settings, live=self._live)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        # The pages of what went before are whole, and can be opened only from the index.
        if self._names and isinstance(error, Exception):
            write_index(self._out, self._settings)


def _interruptible() -> None:
    """End this process on Ctrl-C without a word.

    Ctrl-C reaches every process of the terminal; only the one in command has something to say of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def build(experiments: Sequence[ExperimentData], out: Path, settings: Site | None = None) -> Path:
    """Build the pages of these experiments one after the other, and the index over all that the site holds.

    Pages of other experiments are left alone.

    Args:
        settings: what the author says of the site.

    Returns:
        Path of the site's ``index.html``.
    """
    check_names([data.name for data in experiments])
    builder = SiteBuilder(out, settings=settings)
    for data in experiments:
        builder.add(data)
    return builder.finish()
