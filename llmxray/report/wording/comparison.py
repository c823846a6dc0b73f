"""The sentences of the compare lab, each made from the numbers below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.compare.text import syllables_per_line
from llmxray.report import numbers
from llmxray.report.analysis.rows import has_no_reply
from llmxray.report.analysis.similarity import Effect, Similarity
from llmxray.report.wording.claim_words import claimed
from llmxray.types import Condition, Estimate, Row

ONE_SAMPLE = (
    "One answer per setting: a single pair is no evidence that the setting made the difference. "
    "Only repeats (samples: 8 in the experiment file) tell a setting from chance."
)
HAIKU = "5 · 7 · 5"
_AT = {"setting": "at", "model": "of", "condition": "in"}
_SEED = "the answers with the same seed are not significantly more similar"


def varied(conditions: Sequence[Condition]) -> str:
    """What the conditions of a comparison differ in: "setting", "model", or "condition" for both."""
    models = {(each.endpoint, each.model) for each in conditions}
    settings = {(repr(sorted(each.sampling.items())), each.system) for each in conditions}
    return "setting" if len(models) == 1 else "model" if len(settings) == 1 else "condition"


def overview(
    effect: Effect, found: Mapping[str, Similarity], names: Mapping[str, str], what: str, which: str = ""
) -> str:
    """Of how many prompts a setting clearly changes the answers, and of which most; "" without repeats.

    Args:
        found: by prompt. names: of the prompts.
        what: as `varied` says it.
        which: of all prompts these are, behind their number.
    """
    if not found:
        return ""
    n = numbers.plural(len(found), "prompt") + which
    if effect.p_value is None:
        return f"There are too few samples to tell the {what} from chance."
    if not effect.together.is_significant:
        return f"The {what} does not significantly change the answers to {'any of ' if len(found) > 1 else ''}{n}."
    changes = f"The {what} {claimed('clearly', effect.together)} changes the answers to"
    if not effect.clear and len(found) > 1:
        return f"{changes} {n} taken together; for a single prompt there are too few samples to say."
    of = "" if len(effect.clear) == len(found) else f"{numbers.count(len(effect.clear))} of "
    most = f", most for “{names[most_changed(effect, found)]}”" if len(found) > 1 else ""
    rest = " For the others, the change may be chance." if of else ""
    return f"{changes} {of}{n}{most}.{rest}"


def most_changed(effect: Effect, found: Mapping[str, Similarity]) -> str:
    """The prompt whose answers a setting clearly changes, and changes most; "" for none."""
    return max(effect.clear, key=lambda name: (found[name].setting_effect.value or 0.0, name), default="")


def setting_or_chance(alike: Similarity, effect: Effect, prompt: str, what: str = "setting") -> str:
    """How much two answers share at one setting and at two, and what the difference allows to say.

    Args:
        effect: of the setting, over all prompts.
        prompt: its id.
        what: as `varied` says it.
    """
    at = _AT[what]
    inside, outside = alike.all_within, alike.all_between
    if inside.value is None or outside.value is None:
        return "There are too few words to say how alike the answers are."
    opening = (
        f"Two answers {at} the same {what} share {numbers.percent(inside.value)} of their words"
        f"{ranged(inside)}; two {at} different {what}s share {numbers.percent(outside.value)}"
        f"{ranged(outside)}."
    )
    if alike.setting_effect.low is None:
        return f"{opening} With {inside.n} samples there is no telling whether that differs."
    gap = f"{numbers.difference(alike.setting_effect.value).lstrip('+')} points{_tested(effect, prompt)}"
    if prompt in effect.clear:
        return f"{opening} The gap of {gap} is what the {what} adds to chance."
    if prompt not in effect.p_holm:
        return f"{opening} The gap of {gap} was not tested: only prompts without a right answer are."
    return f"{opening} The gap of {gap} may be chance."


def _tested(effect: Effect, prompt: str) -> str:
    """The p-value of a prompt in brackets; "" where it was not tested."""
    test = effect.alone(prompt)
    return "" if test.p_holm is None else f" (permutation test, {test.doubt})"


def seed_in_short(effect: Effect, n: int) -> str:
    """Whether answers that share a seed are more alike, over ``n`` prompts."""
    if not effect.together.is_significant:
        return f"{_SEED.capitalize()}."
    n_clear, of = len(effect.clear), f"{numbers.plural(n, 'prompt')}"
    where = (
        ""
        if n_clear == n
        else f" for {numbers.count(n_clear)} of {of}"
        if n_clear
        else f" over {of} together"
    )
    return (
        f"Using the same seed made the answers {claimed('measurably', effect.together)} more similar{where}."
    )


def seeds(alike: Similarity, effect: Effect, prompt: str) -> str:
    """Whether sharing a seed makes two settings' answers to one prompt alike; "" where it was not tested."""
    gap = alike.seed_effect.value
    if gap is None or effect.p_holm.get(prompt) is None:
        return ""
    said = f"a gap of {numbers.difference(gap)} points{_tested(effect, prompt)}"
    if prompt in effect.clear:
        return f"Answers that share a seed are more alike than answers that do not: {said}."
    return f"{_SEED.capitalize()}: {said}. Do not rely on a fixed seed to hold everything else still."


def scanning(n: int, found: int) -> str:
    """How many of ``n`` haiku scan."""
    count = "None" if found == 0 else numbers.count(found)
    verb = "scans" if found == 1 or n == 1 else "scan"
    return f"{count} of {numbers.plural(n, 'poem')} {verb} as 5-7-5."


def pace(measures: Mapping[str, Sequence[tuple[str, Estimate]]]) -> str:
    """Whether the settings differ in speed and in length, by intervals of medians that lie apart.

    Args:
        measures: by unit, the name and the median of every setting.
    """
    apart, together = [], []
    for unit, medians in measures.items():
        known = [(name, each) for name, each in medians if each.low is not None and each.high is not None]
        if len(known) < 2:
            continue
        (least, low), (most, high) = (
            pick(known, key=lambda each: each[1].value or 0.0) for pick in (min, max)
        )
        ends = (numbers.decimal(low.value, 0), numbers.decimal(high.value, 0))
        if (low.high or 0.0) < (high.low or 0.0):
            apart.append(
                f"The intervals of {unit} lie apart: {most} has the most ({ends[1]} in the median), {least} the "
                f"fewest ({ends[0]})."
            )
        else:
            together.append(f"{unit} (medians: {' to '.join(dict.fromkeys(ends))})")
    if together:
        apart.append(f"There is no clear difference in {' or '.join(together)}.")
    return " ".join(apart)


def settings(label: str, varied: Sequence[tuple[str, str]]) -> str:
    """What a variant is sent, of the fields that vary, on one line; its label may say it already."""
    return ", ".join(said for name, value in varied if (said := f"{name} {value}") not in label)


def constant(fields: Sequence[tuple[str, str]]) -> str:
    """What is sent with every prompt of every variant."""
    return f"All variants: {'; '.join(f'{name} {value}' for name, value in fields)}." if fields else ""


def cut_off(length: int) -> str:
    """That replies are longer than what of them is on the page, so many characters."""
    return f"Of longer replies, the first {numbers.count(length)} characters are shown, compared and counted."


def scansion(text: str) -> str:
    """Syllables of each line, by the heuristic count."""
    return " · ".join(map(str, syllables_per_line(text)))


def nothing(row: Row) -> str:
    """Why a sample has no text."""
    if has_no_reply(row):
        return f"(no whole reply: {row.error or 'not recorded'})"
    if row.unread:
        return f"(a reply that llmxray does not read: {row.unread})"
    if row.calls:
        return f"(no text, but a call: {row.calls})"
    return "(nothing after the thinking)" if row.reasoning else "(an empty reply)"


def ranged(estimate: Estimate) -> str:
    """An interval in brackets, " (95% 20% to 30%)"; "" where there is none."""
    shown = numbers.interval(estimate)
    return "" if shown == numbers.MISSING else f" (95% {shown})"
