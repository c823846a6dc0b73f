"""Two conditions in numbers: right and wrong two by two, every measure side by side, and the sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, Pair, confidence
from llmxray.report.analysis.leaders import turned
from llmxray.report.analysis.questions import Question, Verdicts, questions_of
from llmxray.report.links import Link, question_href, questions_href
from llmxray.report.widgets import quantised
from llmxray.report.widgets.table import Cell, Column, Line, Table
from llmxray.report.wording.speed import COVERED, median, per_second, speed_sentences
from llmxray.report.wording.verdicts import Finding, doubt
from llmxray.types import Estimate

# Enough to see what they have in common.
_LISTED = 12

type Scale = Callable[..., str]


@dataclass(frozen=True, slots=True)
class SquareCell:
    """One field of the two-by-two table.

    Attributes:
        width: class of its bar, as a share of all questions.
    """

    n: int
    share: str
    width: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """Right and wrong of both: what only one got right is what the test counts."""

    both: SquareCell
    a_only: SquareCell
    b_only: SquareCell
    neither: SquareCell
    n: int
    note: str


def square(pair: Pair, questions: Sequence[Question], verdicts: Verdicts) -> Square:
    """The table over all questions that both answered."""
    known = [each for each in zip(verdicts[pair.a.id], verdicts[pair.b.id], strict=True) if None not in each]
    repeats = any(len(cell.codes) > 1 for question in questions for cell in question.cells)

    def cell(of_a: bool, of_b: bool) -> SquareCell:
        n = known.count((of_a, of_b))
        part = n / len(known) if known else None
        right = ",".join(name for name, hit in ((pair.a.id, of_a), (pair.b.id, of_b)) if hit)
        wrong = ",".join(name for name, hit in ((pair.a.id, of_a), (pair.b.id, of_b)) if not hit)
        link = questions_href(right=right, wrong=wrong) if n else ""
        return SquareCell(n, numbers.percent(part), quantised.width(part), link)

    note = (
        "A question counts as right here where more than half of its answers are; the test does not halve: it takes "
        "each question's share of right answers."
        if repeats
        else ""
    )
    if len(known) > pair.difference.n:
        note += f" {len(known)} wordings of {numbers.plural(pair.difference.n, 'question')}: the test counts questions."
    return Square(
        both=cell(True, True),
        a_only=cell(True, False),
        b_only=cell(False, True),
        neither=cell(False, False),
        n=len(known),
        note=note.strip(),
    )


def facts(analysis: Analysis, pair: Pair) -> tuple[Finding, ...]:
    """The comparison in sentences: ratio, time, calibration, what would show."""
    made = (
        _as_ratio(analysis, pair),
        _time(analysis, pair),
        _calibration(analysis, pair),
        _detectable(analysis, pair),
        _left_out(analysis, pair),
    )
    return tuple(each for each in made if each is not None)


def _as_ratio(analysis: Analysis, pair: Pair) -> Finding | None:
    ratio = analysis.pairing.accuracy_ratio(pair.a, pair.b)
    if ratio.value is None:
        return None
    sentence = (
        f"{pair.a.label} gets {numbers.ratio(ratio.value)} times as many questions right as {pair.b.label} "
        f"({doubt(ratio, numbers.ratio)})."
    )
    return Finding("As a ratio", (sentence,))


def _time(analysis: Analysis, pair: Pair) -> Finding | None:
    sentences = speed_sentences(analysis, pair.a, pair.b)
    links = analysis.contents.links(("Speed of all", "results", "speed"))
    return Finding("Time", sentences, links) if sentences else None


def _calibration(analysis: Analysis, pair: Pair) -> Finding | None:
    sentence = calibration_sentence(analysis, pair)
    return (
        Finding(
            "Calibration", (sentence,), analysis.contents.links(("Calibration of all", "calibration", ""))
        )
        if sentence
        else None
    )


def calibration_sentence(analysis: Analysis, pair: Pair) -> str:
    """Which of two conditions is better calibrated, and whether that can be told; "" without confidences."""
    gap = analysis.pairing.ece_difference(pair.a, pair.b)
    if gap.value is None:
        return ""
    worse, better = (pair.a, pair.b) if gap.value > 0 else (pair.b, pair.a)
    size = numbers.in_points(gap.value)
    kinds = confidence.differ_in_kind([pair.a, pair.b])
    kinds = f" {kinds}" if kinds else ""
    if gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0):
        ends = numbers.points_interval(turned(gap) if gap.value < 0 else gap)
        return (
            f"The confidence of {worse.label} is further from what it gets right: its ECE-15 is {size} above "
            f"that of {better.label} (95% {ends}; {numbers.plural(gap.n, 'question')}).{kinds}"
        )
    return (
        f"Their calibration does not differ clearly: ECE-15 differs by {size} "
        f"({doubt(gap, numbers.points, 0.0)}).{kinds}"
    )


def _detectable(analysis: Analysis, pair: Pair) -> Finding | None:
    if pair.detectable is None:
        return None
    size = numbers.in_points(pair.detectable)
    n_pairs = len(analysis.pairs)
    among = f" With Holm's correction for {n_pairs} pairs it is larger." if n_pairs > 1 else ""
    return Finding(
        "Minimum detectable effect",
        (
            f"{size} with {numbers.these(pair.difference.n, 'question')} (at a power of 80%, and as often as the two "
            f"disagree).{among}",
        ),
    )


def _left_out(analysis: Analysis, pair: Pair) -> Finding | None:
    """Questions that could not be joined, by name where they are few."""
    if not pair.unmatched:
        return None
    n = numbers.plural(len(pair.unmatched), "question")
    verb = "has" if len(pair.unmatched) == 1 else "have"
    sentence = f"{n} {verb} a whole reply from one of the two only, so nothing here is about them."
    if len(pair.unmatched) > _LISTED:
        return Finding("Left out", (f"{sentence} All trials are in results.csv.",))
    texts = {question.address: question.short for question in questions_of(analysis)}
    links = [Link(texts.get(each, each), question_href(each)) for each in pair.unmatched]
    return Finding("Left out", (sentence,), tuple(links))


def measures(analysis: Analysis, pair: Pair) -> Table:
    """Every number of both with what lies between them."""
    lines = [_accuracy(analysis, pair), *_calibrations(analysis, pair), *_times(analysis, pair)]
    columns = (
        Column("measure", numeric=False),
        Column(pair.a.label, css=f"k {pair.a.css}"),
        Column(pair.b.label, css=f"k {pair.b.css}"),
        Column("difference or ratio", "95%"),
        Column("clear difference?", numeric=False),
    )
    caption = (
        "Both on the same questions. Differences are first minus second, ratios first over second (paired 95% "
        "intervals). A difference is clear where the 95% interval excludes 0, or 1 for a ratio. For accuracy the "
        "adjusted test decides. "
        f"Other measures are not adjusted for the number of pairs. {COVERED}"
    )
    return Table(caption, columns, tuple(lines))


def _accuracy(analysis: Analysis, pair: Pair) -> Line:
    of = [analysis.accuracies[view.id] for view in (pair.a, pair.b)]
    cells = [_cell(each, numbers.percent, view) for each, view in zip(of, (pair.a, pair.b), strict=True)]
    test = "" if pair.p_value is None else numbers.p_value(pair.p_value)
    adjusted = (
        "" if pair.p_holm is None or len(analysis.pairs) < 2 else f", {numbers.p_value(pair.p_holm)} adjusted"
    )
    return Line(
        "Accuracy",
        (
            *cells,
            Cell(
                numbers.in_points(pair.difference.value, signed=True, beside=(of[0].value, of[1].value)),
                numbers.points_interval(pair.difference),
            ),
            Cell(_told(pair.differs), test + adjusted, numeric=False, best=pair.differs),
        ),
        analysis.test[0] if test else "",
    )


def _calibrations(analysis: Analysis, pair: Pair) -> list[Line]:
    views = (pair.a, pair.b)
    if not all(confidence.columns(view).n for view in views):
        return []
    errors = [confidence.estimate(analysis, view, confidence.ECE_15) for view in views]
    gap = analysis.pairing.ece_difference(pair.a, pair.b)
    differs = gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)
    return [
        Line(
            "ECE-15",
            (
                *(_cell(each, numbers.percent, view) for each, view in zip(errors, views, strict=True)),
                Cell(
                    numbers.in_points(gap.value, signed=True, beside=(errors[0].value, errors[1].value)),
                    numbers.points_interval(gap),
                ),
                Cell(_told(differs), numeric=False, best=differs),
            ),
            "lower is closer",
        ),
        Line(
            "AUROC",
            (
                *(_cell(confidence.auroc(view), numbers.unit, view, 0.5) for view in views),
                Cell(numbers.MISSING),
                Cell("each against 0.5", numeric=False),
            ),
            "does confidence sort right from wrong?",
        ),
    ]


def _times(analysis: Analysis, pair: Pair) -> list[Line]:
    views = (pair.a, pair.b)
    latency = analysis.pairing.latency_ratio(*views)
    if latency.value is None:
        return []
    rates = analysis.pairing.per_second_ratio(*views)
    medians = [median(analysis, view, "latency") for view in views]
    given = [per_second(analysis, view) for view in views]
    return [
        # The draw of questions that all pairs share gives sums, and a ratio of medians is none of sums.
        _time_line("Latency", "median; ratio of means", medians, numbers.seconds, latency, views),
        _time_line("Correct answers per second", "of waiting", given, numbers.decimal, rates, views),
    ]


def _time_line(
    name: str,
    note: str,
    of: list[Estimate],
    scale: Scale,
    ratio: Estimate,
    views: tuple[ConditionResults, ConditionResults],
) -> Line:
    scale = numbers.in_one_unit(scale, *(end for each in of for end in (each.value, each.high)))
    cells = [_cell(each, scale, view) for each, view in zip(of, views, strict=True)]
    if ratio.low is None or ratio.high is None:
        # Where some resample has nothing right there is no interval, and nothing is told.
        between = Cell(f"× {numbers.decimal(ratio.value)}", "no interval")
        return Line(name, (*cells, between, Cell("no", numeric=False)), note)
    differs = ratio.low > 1 or ratio.high < 1
    between = Cell(f"× {numbers.decimal(ratio.value)}", numbers.interval(ratio, numbers.decimal, 1.0))
    return Line(name, (*cells, between, Cell(_told(differs), numeric=False, best=differs)), note)


def _cell(estimate: Estimate, scale: Scale, view: ConditionResults, threshold: float | None = None) -> Cell:
    small = numbers.interval(estimate, scale, threshold) if estimate.low is not None else ""
    return Cell(scale(estimate.value), small, css=f"k {view.css}")


def _told(differs: bool) -> str:
    return "yes" if differs else "no"
