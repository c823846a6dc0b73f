"""The compare lab: the same prompts under different settings, side by side, with repeats.

Each prompt answers in this order: what the settings wrote, what changes between two of them, and how much of
that is the setting and how much is chance.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from llmxray.compare.worddiff import Budget
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.excerpts import excerpt, excerpt_length, is_cut_off
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels, shortened
from llmxray.report.analysis.setting_pairs import Setting, settings
from llmxray.report.analysis.similarity import (
    MOST_PROMPTS,
    is_whole,
    prompts_compared,
    rows_of,
    seed_effect,
    setting_effect,
    similarity_of,
)
from llmxray.report.pages.compare import staying_right
from llmxray.report.pages.compare.pairs import Parting, SampleText, answer_tokens, pair_view
from llmxray.report.pages.compare.variants import variant_rows
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.wording import comparison as say
from llmxray.report.wording.headline import of_settings
from llmxray.report.wording.sending import unpinned
from llmxray.types import Condition, Item, Row
from llmxray.wire import is_cut

# Characters of a prompt in the list at the top of the page.
_SHORT = 48
# How suites are asked; prompts are sent as they stand.
_NOT_OF_PROMPTS = ("answer", "layout")
# Each is a diff of every sample; those of twelve variants are more than anybody reads.
MOST_PAIRS = 66
# Of all diffs of the page together: some ten seconds. Three hundred answers of three hundred words take a tenth.
_MOST_STEPS = 100_000_000
# Of a variant on the page: nobody reads more, and a thousand of thirty variants would take gigabytes.
MOST_SAMPLES = 100
# Of all texts on the page; where they would be more, fewer samples are shown, but always `_FEWEST_SAMPLES`.
_MOST_CHARACTERS = 20_000_000
_FEWEST_SAMPLES = 2


def make(analysis: Analysis) -> Values:
    """The compare page of an experiment; prompts beyond the first ones are left out, and have question pages only."""
    plan = analysis.plan
    prompts = plan.suites[PROMPTS].items if PROMPTS in plan.suites else ()
    budget = Budget(_MOST_STEPS)
    shown = prompts[:MOST_PROMPTS]
    n_shown = _n_shown(analysis, shown)
    first = say.most_changed(setting_effect(analysis), prompts_compared(analysis))
    views = [prompt_of(analysis, item, budget, n_shown) for item in shown]
    scored = staying_right.facts_view(analysis)
    return framed(
        analysis.data,
        "compare",
        "Compare",
        lede=" ".join(filter(None, (of_settings(analysis), scored.short if scored else ""))),
        unpinned=unpinned(plan),
        constant=say.constant(constant(analysis)),
        # The page opens with the one that the setting changes most.
        prompts=sorted(views, key=lambda view: view.id != f"prompt-{first}"),
        # Those with a right answer stand in the table of scored questions.
        left_out=sum(not item.answer for item in prompts[MOST_PROMPTS:]),
        facts=scored,
    )


def constant(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """The request fields that all variants have in common, with what is sent: of a seed that of every repeat."""
    _, fields = settings(analysis.plan.conditions)
    repeats = max(row.sample for view in analysis.views for row in view.rows) + 1
    return tuple((each.name, _sent(each, repeats)) for each in fields if each.name not in _NOT_OF_PROMPTS)


def _sent(setting: Setting, repeats: int) -> str:
    (value,) = setting.values
    if setting.name != "seed" or repeats == 1 or not value.lstrip("-").isdecimal():
        return value
    return f"{value} {'to' if repeats > 2 else 'and'} {int(value) + repeats - 1}, one for each repeat"


def prompt_of(
    analysis: Analysis,
    item: Item,
    budget: Budget | None = None,
    n_shown: int | None = None,
    *,
    first_pair_only: bool = False,
) -> Values:
    """One prompt with everything about its answers; diffs cost of ``budget``, or of one that is theirs alone.

    Args:
        n_shown: samples of each variant that are shown; by default those that a page of this prompt alone has.
        first_pair_only: leave out the other pairs, each of which is a diff of every sample.
    """
    budget, n_shown = budget or Budget(_MOST_STEPS), n_shown or _n_shown(analysis, (item,))
    data, length = analysis.data, excerpt_length(analysis)
    conditions = data.results.plan.conditions
    varies, _ = settings(conditions)
    rows = rows_of(data, item)
    replies = {each.id: [_reply(data, each, row, length) for row in rows[each.id]] for each in conditions}
    n = min(len(each) for each in replies.values())
    alike = similarity_of(analysis, item)
    haiku = "haiku" in item.question.lower()
    chosen, n_pairs = _chosen(len(conditions))
    compared = chosen[:1] if first_pair_only else chosen
    parted: set[Parting] = set()
    pairs = tuple(pair_view(conditions, replies, alike, a, b, budget, n_shown, parted) for a, b in compared)
    table = variant_rows(conditions, rows, alike, length=length, haiku=haiku)
    return Values(
        id=f"prompt-{item.id}",
        text=item.question,
        short=shortened(item.question, _SHORT),
        expected=item.answer,
        href=analysis.contents.question(f"{PROMPTS}/{item.id}"),
        lede=say.setting_or_chance(alike, setting_effect(analysis), item.id, say.varied(conditions))
        if alike
        else "",
        seeds_say=say.seeds(alike, seed_effect(analysis), item.id)
        if alike and any(pair.shares_seeds for pair in pairs)
        else "",
        scanning=say.scanning(sum(row.n for row in table), sum(row.n_scans for row in table))
        if haiku
        else "",
        pace_say=say.pace(
            {
                "tokens a second": [(row.name, row.rate) for row in table],
                "tokens an answer": [(row.name, row.tokens) for row in table],
            }
        ),
        warning=say.ONE_SAMPLE if n < 2 else "",
        n=min(n, n_shown),
        n_shown=n_shown,
        samples_left_out=max(0, *map(len, rows.values())) > n_shown,
        cut_off=say.cut_off(length)
        if any(is_cut_off(row, length) for each in rows.values() for row in each)
        else "",
        is_haiku=haiku,
        variants=tuple(
            Values(
                css=colour(place),
                label=name,
                settings=say.settings(name, [(each.name, each.values[place]) for each in varies]),
                texts=[_text(row, length, haiku=haiku) for row in rows[c.id][:n_shown]],
            )
            for place, (c, name) in enumerate(zip(conditions, labels(conditions), strict=True))
        ),
        pairs=pairs,
        pairs_left_out=n_pairs - len(pairs),
        rows=table,
    )


def _chosen(n_conditions: int) -> tuple[list[tuple[int, int]], int]:
    """The pairs of conditions that are compared, by their places, and how many pairs there are."""
    chosen = list(itertools.combinations(range(n_conditions), 2))
    if len(chosen) <= MOST_PAIRS:
        return chosen, len(chosen)
    # Those of the first one, which come first.
    return chosen[: min(MOST_PAIRS, n_conditions - 1)], len(chosen)


def _n_shown(analysis: Analysis, items: Sequence[Item]) -> int:
    """How many samples of each variant are shown of these prompts: as many as a page holds."""
    conditions, length = analysis.plan.conditions, excerpt_length(analysis)
    chosen, _ = _chosen(len(conditions))
    # Each variant's text stands alone, and in the diff of each of its pairs.
    n_times = Counter(itertools.chain(range(len(conditions)), *chosen))
    written = [0] * MOST_SAMPLES
    for rows in (rows_of(analysis.data, item) for item in items):
        for place, condition in enumerate(conditions):
            for sample, row in enumerate(rows[condition.id][:MOST_SAMPLES]):
                written[sample] += n_times[place] * min(len(row.text), length)
    fit = sum(total <= _MOST_CHARACTERS for total in itertools.accumulate(written))
    return max(_FEWEST_SAMPLES, fit)


def _reply(data: ExperimentData, condition: Condition, row: Row, length: int) -> SampleText:
    # A long reply without tokens is read from the recording for nothing.
    tokens = answer_tokens(data, condition, row) if row.logprob_tokens != 0 and not row.error else ()
    return SampleText(text=excerpt(row, length), tokens=tokens, is_whole=is_whole(row))


def _text(row: Row, length: int, *, haiku: bool) -> Values:
    """One sample of one variant; with the syllables of each line ("6 · 8 · 5") where a haiku was asked for."""
    text = excerpt(row, length)
    lines = say.scansion(text) if haiku else ""
    return Values(
        text=text or say.nothing(row),
        outcome="" if row.outcome.value == "unscored" else row.outcome.value,
        scansion=lines,
        scans=lines == say.HAIKU,
        is_cut=is_cut(row.finish_reason),
    )
