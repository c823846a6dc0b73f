"""How every number on the site is written: in one place, with honest rounding.

A proportion below 1 is never shown as 100%, one above 0 never as 0%. What is missing is an em dash. Where an end of an
interval would be printed as the value it is compared with (0 for a difference, chance for an accuracy, 0.5 for AUROC, 1
for a ratio), more digits are printed, so that what is printed never contradicts the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from llmxray.types import Estimate

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
MISSING = "—"
# A number and its unit, or a p and its value, stay on one line.
NBSP = "\u00a0"
# What keeps an interval that leaves out 0 from contradicting a verdict of "not clear".
UNADJUSTED = "Intervals are those of one comparison; who differs is said by the adjusted p."


def percent(value: float | None, digits: int = 0) -> str:
    """A proportion as per cent: 0.523 is "52%"; 0.999 is ">99%", 0.001 is "<1%"."""
    if value is None:
        return MISSING
    step = 10.0**-digits
    shown = round(value * 100, digits)
    if value < 1 and shown >= 100:
        # Rounding up to certainty would hide the one wrong answer in a thousand.
        return f">{100 - step:.{digits}f}%"
    if value > 0 and shown <= 0:
        return f"<{step:.{digits}f}%"
    return f"{shown:.{digits}f}%".replace("-", "−")


def points(value: float | None, digits: int = 0) -> str:
    """A difference of proportions in signed percentage points: 0.183 is "+18"."""
    if value is None:
        return MISSING
    shown = round(value * 100, digits)
    return "0" if shown == 0 else f"{shown:+.{digits}f}".replace("-", "−")


def difference(value: float | None) -> str:
    """A difference of two shares, in signed points, in tables and in sentences: 0.386 is "+38.6".

    Shares are whole, and their difference has one digit more: of 62.4% and 40.9%, shown as 62% and 41%, it is "+21.5".
    """
    return points(value, 1)


def in_points(value: float | None, scale: Callable[[float | None], str] = difference) -> str:
    """The size of a difference in words: "18.3 points"; with `points` as the scale "18 points", "1 point"."""
    shown = scale(value).lstrip("+−")
    return f"{shown} {'point' if shown == '1' else 'points'}"


def whole_points(value: float | None) -> str:
    """The size of a difference in whole points: "18 points"."""
    return in_points(value, points)


def decimal(value: float | None, digits: int = 2) -> str:
    """A plain number with fixed digits and a true minus sign."""
    return MISSING if value is None else f"{value:.{digits}f}".replace("-", "−")


def unit(value: float | None, digits: int = 2) -> str:
    """A number from 0 to 1, never rounded to its ends: 0.998 is ">0.99"."""
    step = 10.0**-digits
    if value is not None and 1 - step / 2 <= value < 1:
        return f">{1 - step:.{digits}f}"
    return f"<{step:.{digits}f}" if value is not None and 0 < value < step / 2 else decimal(value, digits)


def seconds(value: float | None, *beside: float | None) -> str:
    """A duration: milliseconds below one second, else seconds with two significant digits.

    Args:
        beside: what it is compared with: where one of these is a second or more, it is in seconds as well.
    """
    if value is None:
        return MISSING
    # As they are shown: 0.9996 is 1.0 s and not 1000 ms.
    if round(value, 3) < 1:
        if any(each is not None and round(each, 3) >= 1 for each in beside):
            return f"{unit(value) if value < 0.995 else '1.0'}{NBSP}s"
        return f"{value * 1000:.0f}{NBSP}ms"
    return f"{value:.1f}{NBSP}s" if round(value, 1) < 100 else f"{value:.0f}{NBSP}s"


def in_one_unit(scale: Callable[..., str], *values: float | None) -> Callable[..., str]:
    """How values that stand beside one another are written: durations all in milliseconds, or all in seconds."""
    return (lambda value: seconds(value, *values)) if scale is seconds else scale


def count(value: int | None) -> str:
    """A whole number with thin spaces between thousands."""
    # Narrow and not breaking: a number is never cut at the end of a line.
    return MISSING if value is None else f"{value:,}".replace(",", "\u202f")


def interval(
    estimate: Estimate | None, scale: Callable[..., str] = percent, threshold: float | None = None
) -> str:
    """The ends of an interval: "29% to 41%"; missing where there is none.

    Args:
        scale: how a value is written; `percent`, `points`, `decimal`, `unit` and `ratio` take digits as well.
        threshold: what the ends are compared with; more digits where one would be printed as it.
    """
    if estimate is None or estimate.low is None or estimate.high is None:
        return MISSING
    ends = (estimate.low, estimate.high)
    scale = in_one_unit(scale, *ends)
    shown = scale if threshold is None else _beside(ends, scale, threshold)
    return f"{shown(ends[0])} to {shown(ends[1])}"


def ratio_within(estimate: Estimate) -> str:
    """A ratio as it stands before its `interval`: in as many digits as the ends, "1.06" before "1.01 to 1.12"."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ratio(estimate.value)
    return _beside((estimate.low, estimate.high), ratio, 1.0)(estimate.value)


def _beside(ends: Sequence[float], scale: Callable[..., str], threshold: float) -> Callable[[float], str]:
    """The scale with as many digits as tell each end from the threshold; three more at most."""
    usual = _DIGITS.get(scale)
    if usual is None:
        return scale
    apart = [end for end in ends if abs(end - threshold) > 1e-12]
    for digits in range(usual, usual + 4):
        if all(scale(end, digits) != scale(threshold, digits) for end in apart):
            break
    # The usual digits of a ratio depend on its size.
    return scale if digits == usual else partial(scale, digits=digits)


def p_value(value: float | None) -> str:
    """A p value as papers write it: "p = 0.03", "p < 0.001"."""
    if value is None:
        return MISSING
    if value < 0.001:
        return f"p{NBSP}<{NBSP}0.001"
    if value > 0.99:
        return f"p{NBSP}>{NBSP}0.99"
    if 0.0495 <= value < 0.05:
        # It is significant, and 0.050 is not.
        return f"p{NBSP}<{NBSP}0.05"
    return f"p{NBSP}={NBSP}{value:.{3 if value < 0.1 else 2}f}"


def bare_p(value: float | None) -> str:
    """A p value in a column of them: "0.03", "< 0.001"."""
    return p_value(value).removeprefix("p").replace("=", "").strip()


def points_interval(estimate: Estimate) -> str:
    """The ends of a difference in points: "24 to 34"; signs only where an end is not positive."""
    if estimate.low is None or estimate.high is None:
        return MISSING
    shown = _beside((estimate.low, estimate.high), points, 0.0)
    ends = (shown(estimate.low), shown(estimate.high))
    # A negative or zero end needs its sign, and then the other end needs one as well.
    bare = estimate.low > 0 and estimate.high > 0
    return " to ".join(end.removeprefix("+") if bare or end == "0" else end for end in ends)


def ratio(value: float | None, digits: int | None = None) -> str:
    """A ratio with two significant digits: "3.3", "15", "1.04" near 1; or with so many decimals."""
    if value is None:
        return MISSING
    if digits is None:
        # "1.0 times as much" says nothing.
        digits = 2 if round(value, 1) == 1 else 1 if round(value, 1) < 10 else 0
    return f"{value:.{digits}f}"


def times(value: float | None) -> str:
    """A ratio in words: "twice", "1.8 times"."""
    return "twice" if ratio(value) == "2.0" else f"{ratio(value)} times"


def money(value: float | None) -> str:
    """An amount with two significant digits and no exponent: "0.0042", "1.3", "240"."""
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}" if digits else count(round(value))


def priced(value: float | None, currency: str) -> str:
    """An amount with the sign of its currency: "$0.068", "12 CHF"."""
    if value is None:
        return MISSING
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{money(value)}" if symbol else f"{money(value)}{NBSP}{currency}"


def short(value: float | None) -> float | None:
    """A number as files hold it, with ten significant digits.

    Servers state logprobs in single precision, which has seven; `reproduce` compares nine.
    """
    return None if value is None else float(f"{value:.10g}")


def plural(n: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 question", "645 questions"."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b and c"; with semicolons where one of three has a comma of its own."""
    if len(names) < 3:
        return " and ".join(names)
    comma, last = ("; ", "; and ") if any("," in name for name in names) else (", ", " and ")
    return comma.join(names[:-1]) + last + names[-1]


def in_sentence(title: str) -> str:
    """A title within a sentence: "School science" without its capital, "MMLU-Pro" with it."""
    first, *others = title.split(" ")
    is_plain = first[:1].isupper() and first[1:].islower() and others and title[len(first) :].islower()
    return title[:1].lower() + title[1:] if is_plain else title


# Digits after the point, unless more are asked for.
_DIGITS: Mapping[Callable[..., str], int] = {percent: 0, points: 0, decimal: 2, unit: 2, ratio: 1}

FORMATS: dict[str, Callable[..., str]] = {
    scale.__name__: scale
    for scale in (
        percent, points, difference, in_points, whole_points, points_interval, decimal, unit, seconds, count, interval,
        p_value, bare_p, ratio, times, money, plural, listed, in_sentence,
    )
}  # fmt: skip
"""How values are written, by the names that phrases and templates give."""
