"""The compare lab: the same prompts under different settings, side by side, with repeats.

Each prompt answers in this order: what the settings wrote, what changes between two of them, and how much of
that is the setting and how much is chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from llmxray.compare.worddiff import Budget
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels, shortened
from llmxray.report.analysis.similarity import MOST_PROMPTS, is_whole, rows_of, similarity_of
from llmxray.report.files import tokens as toks
from llmxray.report.links import question_href
from llmxray.report.pages.compare import facts
from llmxray.report.pages.compare.pairs import MOST_SAMPLES, SampleText, pair_view
from llmxray.report.pages.compare.variants import variant_rows
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.wording import comparison as say
from llmxray.report.wording.sending import unpinned
from llmxray.types import Condition, Item, Row

# Characters of a prompt in the list at the top of the page.
_SHORT = 48
# Each is a diff of every sample; those of twelve variants are more than anybody reads.
MOST_PAIRS = 66
# Of all diffs of the page together: some ten seconds. Three hundred answers of three hundred words take a tenth.
_MOST_STEPS = 100_000_000


def make(analysis: Analysis) -> Values:
    """The compare page of an experiment; prompts beyond the first ones are left out, and have question pages only."""
    plan = analysis.plan
    prompts = plan.suites[PROMPTS].items if PROMPTS in plan.suites else ()
    budget = Budget(_MOST_STEPS)
    views = tuple(prompt_of(analysis, item, budget) for item in prompts[:MOST_PROMPTS])
    scored = facts.facts_view(analysis)
    return framed(
        analysis.data,
        "compare",
        "Compare",
        lede=" ".join(filter(None, (_lede(views), scored.short if scored else ""))),
        unpinned=unpinned(plan),
        prompts=views,
        left_out=max(0, len(prompts) - MOST_PROMPTS),
        facts=scored,
    )


def _lede(views: Sequence[Values]) -> str:
    """How much changes between the first and the last variant; "" where no two free answers are compared."""
    # Of a fact it matters whether it is right, and not in how many words. Pairs go by their first variant.
    ends = [
        (view.short, [pair for pair in view.pairs if pair.names[0] == view.pairs[0].names[0]][-1])
        for view in views
        if view.pairs and not view.expected
    ]
    return say.overview([(name, pair.changed) for name, pair in ends], *ends[0][1].names) if ends else ""


def prompt_of(analysis: Analysis, item: Item, budget: Budget | None = None) -> Values:
    """One prompt with everything about its answers; diffs cost of ``budget``, or of one that is theirs alone."""
    budget = budget or Budget(_MOST_STEPS)
    data = analysis.data
    conditions = data.results.plan.conditions
    rows = rows_of(data, item)
    replies = {condition.id: _replies(data, condition, rows[condition.id]) for condition in conditions}
    n = min(len(each) for each in replies.values())
    alike = similarity_of(analysis, item)
    haiku = "haiku" in item.question.lower()
    chosen = list(itertools.combinations(range(len(conditions)), 2))
    n_pairs = len(chosen)
    if n_pairs > MOST_PAIRS:
        # Those of the first one, which come first.
        chosen = chosen[: min(MOST_PAIRS, len(conditions) - 1)]
    pairs = tuple(pair_view(conditions, replies, alike, a, b, budget) for a, b in chosen)
    table = variant_rows(conditions, rows, alike, haiku=haiku)
    return Values(
        id=item.id,
        text=item.question,
        short=shortened(item.question, _SHORT),
        expected=item.answer,
        href=question_href(f"{PROMPTS}/{item.id}"),
        lede=say.temperature_or_chance(alike) if alike else "",
        seeds_say=say.seeds(alike) if alike and any(pair.shares_seeds for pair in pairs) else "",
        scanning=say.scanning(sum(row.n for row in table), sum(row.n_scans for row in table))
        if haiku
        else "",
        pace_say=say.pace(
            {
                "tokens a second": [(row.name, row.rate.estimate) for row in table],
                "tokens an answer": [(row.name, row.tokens.estimate) for row in table],
            }
        ),
        warning=say.ONE_SAMPLE if n < 2 else "",
        n=min(n, MOST_SAMPLES),
        samples_left_out=max(0, *map(len, rows.values())) > MOST_SAMPLES,
        is_haiku=haiku,
        variants=tuple(
            Values(
                css=colour(place),
                label=name,
                settings=say.settings(c),
                texts=[_text(row, haiku=haiku) for row in rows[c.id][:MOST_SAMPLES]],
            )
            for place, (c, name) in enumerate(zip(conditions, labels(conditions), strict=True))
        ),
        pairs=pairs,
        pairs_left_out=n_pairs - len(pairs),
        rows=table,
    )


def _replies(data: ExperimentData, condition: Condition, rows: Sequence[Row]) -> list[SampleText]:
    found = []
    for row in rows:
        whole = toks.replies(data.cassette, row) if not row.error else []
        tokens = toks.marked(whole[0], condition) if whole else ()
        # Thinking is not compared, as in the original app, which strips <think> before its diff.
        found.append(
            SampleText(
                row.text.strip(),
                tuple(token for token in tokens if token.part == "answer"),
                is_whole(row),
            )
        )
    return found


def _text(row: Row, *, haiku: bool) -> Values:
    """One sample of one variant; with the syllables of each line ("6 · 8 · 5") where a haiku was asked for."""
    lines = say.scansion(row.text) if haiku else ""
    return Values(
        text=row.text.strip() or say.nothing(row),
        outcome="" if row.outcome.value == "unscored" else row.outcome.value,
        scansion=lines,
        scans=lines == say.HAIKU,
        about=say.about(row),
    )
