"""The compare lab: the same prompts under different settings, side by side, with repeats.

Each prompt answers in this order: what the settings wrote, what changes between two of them, and how much of
that is the setting and how much is chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels, shortened
from llmxray.report.analysis.similarity import MOST_PROMPTS, is_whole, rows_of, similarity_of
from llmxray.report.analysis.variants import VariantRow, variant_rows
from llmxray.report.files import tokens as toks
from llmxray.report.links import question_href
from llmxray.report.pages.compare import facts, sentences
from llmxray.report.pages.compare.pairs import PairView, Reply, pair_view
from llmxray.report.widgets import frame
from llmxray.report.wording import comparison as say
from llmxray.report.wording.sending import unpinned
from llmxray.types import Condition, Item, Row

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One sample of one variant, as shown.

    Attributes:
        outcome: name of the outcome where the prompt has an expected answer, else "".
        scansion: syllables of each line ("6 · 8 · 5") where a haiku was asked for, else "".
        about: time and length, on one line.
    """

    text: str
    outcome: str
    scansion: str
    scans: bool
    about: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A column of the grid: a condition with its samples."""

    css: str
    label: str
    settings: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """One prompt with everything about its answers.

    Attributes:
        href: its question page, where every token can be looked at.
        lede: opens the section, "" without repeats; ``seeds_say``, ``scanning`` and ``pace_say`` open its tables.
        warning: said where there is one sample only, "" else.
    """

    id: str
    text: str
    short: str
    expected: str
    href: str
    lede: str
    seeds_say: str
    scanning: str
    pace_say: str
    warning: str
    n: int
    is_haiku: bool
    variants: tuple[Variant, ...]
    pairs: tuple[PairView, ...]
    pairs_left_out: int
    rows: tuple[VariantRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage(frame.Framed):
    """The model of ``compare.html``.

    Attributes:
        unpinned: samplers that the preset could not switch off, "" where it could.
        left_out: prompts beyond the first, which only have question pages.
    """

    lede: str
    unpinned: str
    prompts: tuple[PromptView, ...]
    left_out: int
    facts: facts.FactsView | None


# Characters of a prompt in the list at the top of the page.
_SHORT = 48
# Each is a diff of every sample; those of twelve variants are more than anybody reads.
MOST_PAIRS = 66


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the page."""
    renderer.page(f"{analysis.data.name}/compare.html", "pages/compare/page.html", compare_page(analysis))


def compare_page(analysis: Analysis) -> ComparePage:
    """The model of the page."""
    data, plan = analysis.data, analysis.plan
    prompts = plan.suites[PROMPTS].items if PROMPTS in plan.suites else ()
    views = tuple(_prompt(data, item) for item in prompts[:MOST_PROMPTS])
    return ComparePage(
        title="Compare",
        nav=frame.nav(data, "compare"),
        footer=frame.footer(data),
        lede=sentences.overview([(view.short, view.pairs) for view in views]),
        unpinned=unpinned(plan),
        prompts=views,
        left_out=max(0, len(prompts) - MOST_PROMPTS),
        facts=facts.facts_view(analysis),
    )


def _prompt(data: ExperimentData, item: Item) -> PromptView:
    conditions = data.results.plan.conditions
    rows = rows_of(data, item)
    replies = {condition.id: _replies(data, condition, rows[condition.id]) for condition in conditions}
    n = min(len(each) for each in replies.values())
    alike = similarity_of(data, item)
    haiku = "haiku" in item.question.lower()
    chosen = list(itertools.combinations(range(len(conditions)), 2))
    n_pairs = len(chosen)
    if n_pairs > MOST_PAIRS:
        # Those of the first one, which come first.
        chosen = chosen[: min(MOST_PAIRS, len(conditions) - 1)]
    pairs = tuple(pair_view(conditions, replies, alike, a, b) for a, b in chosen)
    table = variant_rows(conditions, rows, alike, haiku=haiku)
    return PromptView(
        id=item.id,
        text=item.question,
        short=shortened(item.question, _SHORT),
        expected=item.answer,
        href=question_href(f"{PROMPTS}/{item.id}"),
        lede=say.temperature_or_chance(alike) if alike else "",
        seeds_say=say.seeds(alike) if alike and any(pair.shares_seeds for pair in pairs) else "",
        scanning=say.scanning(table) if haiku else "",
        pace_say=sentences.pace(table),
        warning=say.ONE_SAMPLE if n < 2 else "",
        n=n,
        is_haiku=haiku,
        variants=tuple(
            Variant(colour(place), name, say.settings(c), tuple(_text(r, haiku=haiku) for r in rows[c.id]))
            for place, (c, name) in enumerate(zip(conditions, labels(conditions), strict=True))
        ),
        pairs=pairs,
        pairs_left_out=n_pairs - len(pairs),
        rows=table,
    )


def _replies(data: ExperimentData, condition: Condition, rows: Sequence[Row]) -> list[Reply]:
    found = []
    for row in rows:
        whole = toks.replies(data.cassette, row) if not row.error else []
        tokens = toks.marked(whole[0], condition) if whole else ()
        # Thinking is not compared, as in the original app, which strips <think> before its diff.
        found.append(
            Reply(
                row.text.strip(),
                tuple(token for token in tokens if token.part == "answer"),
                is_whole(row),
            )
        )
    return found


def _text(row: Row, *, haiku: bool) -> Text:
    lines = say.scansion(row.text) if haiku else ""
    return Text(
        text=row.text.strip() or say.nothing(row),
        outcome="" if row.outcome.value == "unscored" else row.outcome.value,
        scansion=lines,
        scans=lines == say.HAIKU,
        about=say.about(row),
    )
