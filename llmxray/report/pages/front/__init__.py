"""The front page: every experiment of the site as a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report import numbers
from llmxray.report.pages.front.summary import Summary, ordered
from llmxray.report.widgets.frame import Nav
from llmxray.report.widgets.shares import shares_table
from llmxray.report.widgets.table import Table

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True)
class Entry:
    """One experiment.

    Attributes:
        more: what else belongs to the finding.
        counts: what it consists of, in words.
        shares: the numbers of the finding, None where nothing is scored.
    """

    href: str
    title: str
    hypothesis: str
    stated: str
    finding: tuple[str, ...]
    more: tuple[str, ...]
    counts: str
    shares: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """The front page."""

    title: str
    nav: Nav
    lede: str
    entries: tuple[Entry, ...]
    footer: tuple[str, ...]


def write(renderer: Renderer, summaries: Sequence[Summary]) -> None:
    """Write the front page."""
    renderer.page("index.html", "pages/front/page.html", make(summaries))


def make(summaries: Sequence[Summary]) -> IndexPage:
    """The front page of a site that holds these experiments."""
    entries = tuple(_entry(summary) for summary in ordered(summaries))
    trials = numbers.plural(sum(summary.n_trials for summary in summaries), "trial")
    # The original app's files hold no recording, and `run` could not build their report.
    replayed = any(summary.recorded for summary in summaries)
    how = ", each recorded once from a real model and replayed from the recording" if replayed else ""
    lede = (
        f"{numbers.plural(len(entries), 'experiment')}, {trials}{how}. Every number leads to the questions "
        "behind it."
    )
    footer = (
        f"Built by llmxray{' from recordings' if replayed else ''}; nothing on this site is fetched from anywhere.",
        *(["llmxray run --all"] if replayed else []),
    )
    return IndexPage(title="Experiments", nav=Nav(), lede=lede, entries=entries, footer=footer)


def _entry(summary: Summary) -> Entry:
    counts = [
        numbers.plural(summary.n_conditions, "condition"),
        numbers.plural(summary.n_items, "prompt" if summary.kind == "compare" else "question"),
        numbers.plural(summary.n_trials, "trial"),
    ]
    # A date is not broken at its hyphens.
    day = summary.recorded.replace("-", "\N{NON-BREAKING HYPHEN}")
    recorded = f" · recorded{numbers.NBSP}{day}" if day else ""
    return Entry(
        href=f"{summary.name}/index.html",
        title=summary.title,
        hypothesis=summary.hypothesis,
        stated=summary.stated,
        finding=summary.headline.sentences,
        more=summary.headline.more,
        counts=" · ".join(counts) + recorded,
        shares=shares_table(summary.headline, compact=True, folder=f"{summary.name}/")
        if summary.headline.rows
        else None,
    )
