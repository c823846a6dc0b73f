"""The compare lab: the same prompts under different settings, side by side, with repeats.

Each prompt answers in this order: what the settings wrote, what changes between two of them, and how much of
that is the setting and how much is chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from llmxray.compare.text import is_haiku, syllables_per_line
from llmxray.compare.worddiff import changed_words, word_diff
from llmxray.metrics import accuracy
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ExperimentData, reply_tokens, similarity
from llmxray.report.analysis.condition_colours import model_in
from llmxray.report.analysis.questions import labels, shortened
from llmxray.report.analysis.rows import has_no_reply
from llmxray.report.pages.compare import divergence
from llmxray.report.pages.compare.divergence import Answer
from llmxray.report.pages.compare.measures import facts_view, lines, variant_measures
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.wording.asking import unpinned
from llmxray.report.wording.headline import most_changed, of_settings, varied
from llmxray.types import Condition, Item, Row
from llmxray.wire import is_cut

# Characters of a prompt in the list at the top of the page.
_SHORT = 48
# How suites are asked; prompts are sent as they stand.
_NOT_OF_PROMPTS = ("answer", "layout")
# Of a variant on the page: nobody reads more.
MOST_SAMPLES = 12


def page_values(analysis: Analysis) -> TemplateValues:
    """The compare page of an experiment; prompts beyond the first ones are left out, and have question pages only."""
    plan = analysis.plan
    asked = {(row.condition, row.item_id) for row in analysis.data.results.rows if row.suite == PROMPTS}
    # A client behind the proxy asks each what it likes.
    prompts = [
        item
        for item in (plan.suites[PROMPTS].items if PROMPTS in plan.suites else ())
        if all((condition.id, item.id) in asked for condition in plan.conditions)
    ]
    shown = prompts[: similarity.MOST_PROMPTS]
    views = [prompt_of(analysis, item) for item in shown]
    first = _opening(analysis, views)
    models = {model_in(view.label, view.condition.model) for view in analysis.views}
    return framed(
        analysis.data,
        "compare",
        "Compare",
        kicker=Finding(
            "compare.kicker",
            title=analysis.data.title,
            model=models.pop() if len(models) == 1 else "",
            n=len(shown) or None,
            variants=len(analysis.views),
        ),
        experiment=analysis.data.name,
        overall=of_settings(analysis),
        unpinned=unpinned(plan),
        constant=constant(analysis),
        first=first,
        prompts=sorted(views, key=lambda view: view is not first),
        # Those with a right answer stand in the table of scored questions.
        left_out=sum(not item.answer for item in prompts[similarity.MOST_PROMPTS :]),
        facts=facts_view(analysis),
    )


def _opening(analysis: Analysis, views: Sequence[TemplateValues]) -> TemplateValues | None:
    """The prompt to open with: of those that the setting clearly changes, the one whose answers part most tellingly."""
    effect = similarity.setting_effect(analysis)
    most = f"prompt-{most_changed(effect, similarity.prompts_compared(analysis))}"
    among = [view for view in views if view.id.removeprefix("prompt-") in effect.clear] or views
    return max(among, key=lambda view: (divergence.score(view.streams[0]), view.id == most), default=None)


def constant(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """The request fields that all variants have in common, with what is sent: of a seed that of every repeat."""
    fields = similarity.settings(analysis.plan.conditions)[1]
    repeats = max(row.sample for view in analysis.views for row in view.rows) + 1
    return tuple((field.name, _sent(field, repeats)) for field in fields if field.name not in _NOT_OF_PROMPTS)


def _sent(setting: similarity.Setting, repeats: int) -> str:
    (value,) = setting.values
    if setting.name != "seed" or repeats == 1 or not value.lstrip("-").isdecimal():
        return value
    return f"{value} {'to' if repeats > 2 else 'and'} {int(value) + repeats - 1}, one for each repeat"


def prompt_of(analysis: Analysis, item: Item) -> TemplateValues:
    """One prompt with everything about its answers."""
    data = analysis.data
    conditions = data.results.plan.conditions
    # Colour class and name.
    names = {view.id: (view.css, name) for view, name in zip(analysis.views, labels(conditions), strict=True)}
    varies, _ = similarity.settings(conditions)
    rows = similarity.rows_of(data, item)
    answers = {each.id: [_answer(data, each, row) for row in rows[each.id]] for each in conditions}
    n = min(len(answer) for answer in answers.values())
    alike = similarity.similarity_of(analysis, item)
    haiku = "haiku" in item.question.lower()
    pairs = [pair_view(pair, names, answers) for pair in itertools.combinations(conditions, 2)]
    streams = [
        divergence.stream(conditions, names, [answers[condition.id][sample] for condition in conditions])
        for sample in range(min(n, MOST_SAMPLES))
    ]
    # The page opens with the sample whose answers part most tellingly.
    first = max(range(len(streams)), key=lambda sample: divergence.score(streams[sample]), default=0)
    order = sorted(range(len(streams)), key=lambda sample: sample != first)
    return TemplateValues(
        id=f"prompt-{item.id}",
        text=item.question,
        short=shortened(item.question, _SHORT),
        expected=item.answer,
        href=analysis.contents.question(f"{PROMPTS}/{item.id}"),
        lede=alike
        and setting_or_chance(alike, similarity.setting_effect(analysis), item.id, varied(conditions)),
        warning=Finding("compare.one-sample") if n < 2 else None,
        n=min(n, MOST_SAMPLES),
        samples_left_out=max(0, *map(len, rows.values())) > MOST_SAMPLES,
        is_haiku=haiku,
        order=order,
        streams=[streams[sample] for sample in order],
        variants=tuple(
            TemplateValues(
                css=names[c.id][0],
                label=names[c.id][1],
                # Its label may say it already.
                settings=", ".join(
                    said for of in varies if (said := f"{of.name} {of.values[place]}") not in names[c.id][1]
                ),
                texts=[_text(row, haiku=haiku) for row in rows[c.id][:MOST_SAMPLES]],
            )
            for place, c in enumerate(conditions)
        ),
        pairs=pairs,
        # Share of both texts' words that differ.
        changed={"changed": lines([("", pair.name) for pair in pairs], [pair.changed for pair in pairs])},
        measures=variant_measures(names, rows, alike, haiku=haiku),
    )


_AT = {"setting": "at", "model": "of", "condition": "in"}


def setting_or_chance(
    alike: similarity.Similarity, effect: similarity.Effect, prompt: str, what: str
) -> Finding:
    """How much two answers share at one setting and at two, and what the difference allows to say.

    Args:
        what: as `varied` says it.
    """
    inside, outside, gap = alike.all_within, alike.all_between, alike.setting_effect
    if inside.value is None or outside.value is None:
        return Finding("compare.alike-few-words")
    # As the two are printed.
    apart = round(inside.value, 3) - round(outside.value, 3)
    verdict = Finding("compare.untested", gap=apart)
    if test := effect.alone.get(prompt):
        kind = "clear" if prompt in effect.clear else "open"
        verdict = Finding(f"compare.{kind}", gap=apart, p=test.doubt, what=what)
    return Finding(
        "compare.alike",
        at=_AT[what],
        what=what,
        inside=inside,
        outside=outside,
        verdict=verdict if gap.low is not None else Finding("compare.few", n=inside.n),
    )


def _answer(data: ExperimentData, condition: Condition, row: Row) -> Answer:
    # A long reply without tokens is read from the recording for nothing.
    has_tokens = row.logprob_tokens != 0 and not row.error
    tokens = reply_tokens.answer_tokens(data.cassette, row, condition) if has_tokens else ()
    return Answer(row=row, tokens=tokens)


def _text(row: Row, *, haiku: bool) -> TemplateValues:
    """One sample of one variant; with the syllables of each line ("6 · 8 · 5") where a haiku was asked for."""
    text = row.text.strip()
    return TemplateValues(
        text=text or nothing(row),
        outcome="" if row.outcome.value == "unscored" else row.outcome.value,
        scansion=" · ".join(map(str, syllables_per_line(text))) if haiku else "",
        scans=haiku and is_haiku(text),
        is_cut=is_cut(row.finish_reason),
    )


def nothing(row: Row) -> Finding:
    """Why a sample has no text."""
    if has_no_reply(row):
        return Finding("compare.nothing-error", why=row.error or "not recorded")
    if row.unread:
        return Finding("compare.nothing-unread", why=row.unread)
    if row.calls:
        return Finding("compare.nothing-call", why=row.calls)
    return Finding("compare.nothing-thinking" if row.reasoning else "compare.nothing")


def pair_view(
    pair: tuple[Condition, Condition],
    names: Mapping[str, tuple[str, str]],
    answers: Mapping[str, Sequence[Answer]],
) -> TemplateValues:
    """A pair of conditions, sample by sample.

    Args:
        names: colour class and name of each condition.
    """
    left, right = pair
    samples: list[TemplateValues] = []
    changed: list[float | None] = []
    for one, other in zip(answers[left.id], answers[right.id], strict=False):
        ops = word_diff(one.text, other.text)
        counts = changed_words(ops)
        kept = counts.similarity
        # Words that never came have not changed.
        changed.append(None if kept is None or not (one.is_whole and other.is_whole) else 1 - kept)
        # Rewritten: the diff reads worse than the two texts.
        samples.append(TemplateValues(ops=ops, counts=counts, rewritten=counts.is_rewritten()))
    return TemplateValues(
        who=(names[left.id], names[right.id]),
        name=f"{names[left.id][1]} → {names[right.id][1]}",
        samples=samples,
        changed=accuracy.within_unit(accuracy.mean(changed)),
    )
