"""The sentences of the compare lab, each made from the numbers below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmxray.compare.text import syllables_per_line
from llmxray.report import numbers
from llmxray.report.pages.likeness import Likeness
from llmxray.types import Condition, Estimate, Outcome, Row
from llmxray.wire import is_cut

if TYPE_CHECKING:
    from llmxray.report.pages.compare_pairs import PairView
    from llmxray.report.pages.compare_tables import VariantRow

ONE_SAMPLE = (
    "One answer per setting: a single pair is no evidence that the setting made the difference. "
    "Only repeats (samples: 8 in the experiment file) tell a setting from chance."
)
HAIKU = "5 · 7 · 5"
# Means of the same likenesses, summed in another order, differ by this much.
_ROUNDING = 1e-9
# More prompts than this are counted, not named.
_MOST_NAMED = 5
_SHOWN = ("temperature", "top_p", "top_k", "min_p", "seed")


def overview(prompts: Sequence[tuple[str, Sequence[PairView]]]) -> str:
    """How much changes between the first and the last variant, prompt by prompt."""
    ends = [(name, pairs[_last_of_first(pairs)]) for name, pairs in prompts if pairs]
    known = [(name, pair) for name, pair in ends if pair.changed.value is not None]
    if not known:
        return ""
    first, last = known[0][1].names
    parts = [f"{numbers.percent(pair.changed.value)} for “{name}”" for name, pair in known]
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"Share of words that change from {first} to {last}: {listed}."


def _last_of_first(pairs: Sequence[PairView]) -> int:
    """Place of the pair of the first variant and the last one; pairs go by their first variant."""
    return sum(pair.names[0] == pairs[0].names[0] for pair in pairs) - 1


def temperature_or_chance(alike: Likeness) -> str:
    """How much two answers share at one setting and at two, and what the difference allows to say."""
    inside, outside = alike.all_within, alike.all_between
    if inside.value is None or outside.value is None:
        return "There are too few words to say how alike the answers are."
    opening = (
        f"Two answers at the same setting share {numbers.percent(inside.value)} of their words"
        f"{_range(inside)}; two at different settings share {numbers.percent(outside.value)}"
        f"{_range(outside)}."
    )
    effect = alike.setting_effect
    if effect.low is None or effect.high is None:
        return f"{opening} With {inside.n} samples there is no telling whether that differs."
    gap = f"{numbers.in_points(effect.value, signed=True)} (95% {_points(effect)})"
    if effect.low <= 0 <= effect.high:
        return (
            f"{opening} The gap of {gap} may be zero: these {numbers.plural(inside.n, 'sample')} cannot tell what the "
            "setting changes from what chance alone changes."
        )
    if effect.high < 0:
        return f"{opening} Answers at different settings are the more alike ones: a gap of {gap}."
    return f"{opening} The gap of {gap} is what the setting adds to chance."


def settings_of(found: Sequence[tuple[str, Likeness]]) -> str:
    """For which prompts a setting changes the words by more than chance does."""
    return _over_prompts(
        [(name, alike.setting_effect) for name, alike in found],
        "two answers at different settings share fewer words than two at the same setting",
        "the setting is not shown to add anything to chance",
    )


def seeds_of(found: Sequence[tuple[str, Likeness]]) -> str:
    """For which prompts answers that share a seed are the more alike ones."""
    return _over_prompts(
        [(name, alike.seed_effect) for name, alike in found],
        "two answers with the same seed share more words than two with different seeds",
        "a shared seed is not shown to make answers alike",
    )


def _over_prompts(effects: Sequence[tuple[str, Estimate]], shown: str, not_shown: str) -> str:
    told = [each for each in effects if each[1].low is not None and each[1].low > _ROUNDING]
    if len(effects) > _MOST_NAMED:
        others = len(effects) - len(told)
        if not told or not others:
            return f"For all {len(effects)} prompts {shown if told else not_shown}."
        other = "the other one" if others == 1 else f"the other {numbers.count(others)}"
        return f"For {len(told)} of {len(effects)} prompts {shown}; for {other} {not_shown}."
    rest = [_effect(name, effect) for name, effect in effects if (name, effect) not in told]
    # The words say in which direction a difference goes that was told; its sign would say it again.
    sizes = [_effect(name, effect).replace("+", "") for name, effect in told]
    parts = ((sizes, shown), (rest, not_shown))
    return " ".join(f"For {numbers.listed(names)} {said}." for names, said in parts if names)


def _effect(name: str, effect: Estimate) -> str:
    if effect.low is None:
        return f"“{name}”"
    return f"“{name}” ({numbers.in_points(effect.value, signed=True)}, 95% {_points(effect)})"


def seeds(alike: Likeness) -> str:
    """Whether sharing a seed makes two settings' answers alike."""
    effect = alike.seed_effect
    if effect.value is None or effect.low is None or effect.high is None:
        return ""
    doubt = f"{numbers.in_points(effect.value, signed=True)}, 95% {_points(effect)}"
    if effect.low > _ROUNDING:
        return f"Answers that share a seed are more alike than answers that do not ({doubt})."
    if effect.high < 0:
        return f"Answers that share a seed are less alike than answers that do not ({doubt})."
    return (
        f"Answers that share a seed are not shown to be more alike than answers that do not ({doubt}): "
        "do not rely on a fixed seed to hold everything else still."
    )


def pairs(views: Sequence[PairView], alike: Likeness | None) -> str:
    """The pair that changes most, and what seeds do."""
    known = [view for view in views if view.changed.value is not None]
    if not known:
        return ""
    most = max(known, key=lambda view: view.changed.value or 0.0)
    n = len(most.samples)
    over = f"over {n} samples" if n > 1 else "in its one sample"
    sentence = (
        f"From {most.names[0]} to {most.names[1]}, {numbers.percent(most.changed.value)} of the words change "
        f"{over}{_range(most.changed)}."
    )
    told = seeds(alike) if alike and any(view.shares_seeds for view in views) else ""
    return f"{sentence} {told}".strip()


def first_pair(views: Sequence[PairView]) -> str:
    """With one sample: what changes between the first two variants, in words."""
    if not views or not views[0].samples:
        return "There is one variant only, so nothing is compared."
    (first, second), sample = views[0].names, views[0].samples[0]
    kept = sample.total - sample.gone
    silent = [name for name, n in ((first, sample.total), (second, kept + sample.come)) if not n]
    if silent:
        return f"{numbers.listed(silent)} wrote no words, so nothing is compared."
    if not sample.gone and not sample.come:
        return f"{first} and {second} wrote the same words."
    if not sample.gone:
        return f"{second} keeps all words of {first} and adds {numbers.count(sample.come)}."
    verb = "changes" if sample.gone == 1 else "change"
    total = numbers.plural(sample.total, "word")
    return f"{numbers.count(sample.gone)} of {total} {verb} between {first} and {second}."


def variants(rows: Sequence[VariantRow], *, haiku: bool) -> str:
    """Variety by variant, and how many haiku scan."""
    known = [row for row in rows if row.distinct is not None]
    if not known:
        return ""
    low, high = (pick(known, key=lambda row: row.distinct or 0.0) for pick in (min, max))
    each = " at each setting" if len(known) > 1 else ""
    sentence = (
        f"{high.name} is the most varied: {numbers.percent(high.distinct)} of its "
        f"{numbers.count(high.n_words)} words are distinct, against {numbers.percent(low.distinct)} "
        f"for {low.name}."
        if high.distinct != low.distinct
        else f"{numbers.percent(high.distinct)} of the words are distinct{each}."
    )
    if not haiku:
        return sentence
    n, scanning = sum(row.n for row in rows), sum(row.n_scans for row in rows)
    count = "None" if scanning == 0 else numbers.count(scanning)
    verb = "scans" if scanning == 1 or n == 1 else "scan"
    return f"{count} of {numbers.plural(n, 'poem')} {verb} as 5-7-5. {sentence}"


def pace(rows: Sequence[VariantRow]) -> str:
    """Whether the settings differ in speed and in length, by intervals of medians that lie apart."""
    measures = (
        ("tokens a second", [(row.name, row.rate.estimate) for row in rows]),
        ("tokens an answer", [(row.name, row.tokens.estimate) for row in rows]),
    )
    apart, together = [], []
    for unit, medians in measures:
        known = [(name, each) for name, each in medians if each.low is not None and each.high is not None]
        if len(known) < 2:
            continue
        (least, low), (most, high) = (
            pick(known, key=lambda each: each[1].value or 0.0) for pick in (min, max)
        )
        ends = (numbers.decimal(low.value, 0), numbers.decimal(high.value, 0))
        if (low.high or 0.0) < (high.low or 0.0):
            apart.append(
                f"{most} has the most {unit} ({ends[1]} in the median), {least} the fewest ({ends[0]}), and their "
                "intervals lie apart."
            )
        else:
            together.append(f"{unit} (medians of {ends[0]} to {ends[1]})")
    if together:
        apart.append(f"By {' or by '.join(together)} these samples cannot tell the settings apart.")
    return " ".join(apart)


def settings(condition: Condition) -> str:
    """The sampling of a variant on one line."""
    parts = [f"{name} {condition.sampling[name]}" for name in _SHOWN if name in condition.sampling]
    return ", ".join([*parts, *([f"system “{condition.system}”"] if condition.system else [])])


def scansion(text: str) -> str:
    """Syllables of each line, by the heuristic count."""
    return " · ".join(map(str, syllables_per_line(text)))


def about(row: Row) -> str:
    """Time and length of a sample."""
    tokens = "" if row.completion_tokens is None else numbers.plural(row.completion_tokens, "token")
    parts = [tokens, f"first after {numbers.seconds(row.ttft_s)}"]
    parts.append(f"whole {numbers.seconds(row.latency_s)}")
    if is_cut(row.finish_reason):
        parts.append("cut off by the token budget")
    return ", ".join(part for part in parts if part and numbers.MISSING not in part)


def nothing(row: Row) -> str:
    """Why a sample has no text."""
    if row.outcome is Outcome.ERROR:
        return f"(no whole reply: {row.error or 'not recorded'})"
    if row.unread:
        return f"(a reply that llmxray does not read: {row.unread})"
    if row.calls:
        return f"(no text, but a call: {row.calls})"
    return "(nothing after the thinking)" if row.reasoning else "(an empty reply)"


def _range(estimate: Estimate) -> str:
    shown = numbers.interval(estimate)
    return "" if shown == numbers.MISSING else f" (95% {shown})"


def _points(estimate: Estimate) -> str:
    return f"{numbers.points(estimate.low)} to {numbers.points(estimate.high)}"
