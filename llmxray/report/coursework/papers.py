"""Papers of the assessments: A, the analysis to fill in; B, slides of a comparison; C, a committee's cards and form.

The slides are made from the compare lab; their conclusions, as all others, are left to write. All three are pages of
the site as well, in the menu of every experiment that they can be about: so a class needs no command. The brief there
has the same questions for everybody; the command draws others for each student.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmxray import names
from llmxray.metrics import calibration
from llmxray.metrics.ranking import Rank, ranks
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionView,
    ExperimentData,
    applies,
    confidence,
    costs,
    median_of,
)
from llmxray.report.analysis.by_category import Range, widest
from llmxray.report.analysis.costs import QUESTIONS
from llmxray.report.analysis.leaders import above_guessing, cells_above_guessing, order, rival_of
from llmxray.report.analysis.rows import address, right, seeded
from llmxray.report.analysis.similarity import settings
from llmxray.report.links import Link
from llmxray.report.pages import MORE, Kind, Page, alone, compare
from llmxray.report.pages.choose import Scores, candidates
from llmxray.report.pages.compare.measures import right_answers
from llmxray.report.sentences import Finding
from llmxray.report.widgets import frame
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.opening import badge
from llmxray.report.widgets.render import Renderer
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.speed import cut_warning, load_warning, per_second, stall_warning
from llmxray.types import Estimate, Row

# As many as the worksheet of the calibration page: they are worked out by hand.
DRAW = 20
# A per cent may have been rounded on the way; a ratio is read off with two digits.
POINTS, SHARE = 1.0, 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One thing a brief asks for.

    Attributes:
        unit: "%", "points", "times", "a second" or "" for words.
        number: the right answer where it is a number, in that unit.
        words: right answers where it is a name; several where categories are level.
    """

    id: str
    question: str
    unit: str = ""
    number: float | None = None
    words: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """The question with its unit."""
        return f"{self.question} ({self.unit})" if self.unit else self.question

    @property
    def expected(self) -> str:
        """The right answer as the instructor's key writes it."""
        if self.words:
            return " or ".join(self.words)
        return numbers.MISSING if self.number is None else f"{self.number:.3g} {self.unit}".strip()

    @property
    def within(self) -> float:
        """How far from the number an answer may be."""
        return POINTS if self.unit in ("%", "points") else SHARE * abs(self.number or 0.0)

    def accepts(self, answer: str) -> bool:
        """Whether an answer is right: a number within rounding, or a name as `names.plain` compares it."""
        if self.words:
            # Two suites may share a category's name, so a careful student says in brackets which one is meant.
            named = re.sub(r"\s*\([^()]*\)$", "", answer.strip())
            # A category's own name may end in brackets.
            return not {names.plain(answer), names.plain(named)}.isdisjoint(map(names.plain, self.words))
        given = _number(answer)
        if given is None or self.number is None:
            return False
        return abs(given - self.number) <= self.within + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One hand-in: what was answered to each blank, and whether it was right."""

    student: str
    answers: tuple[tuple[Blank, str, bool], ...]

    @property
    def points(self) -> int:
        """Right answers."""
        return sum(good for _, _, good in self.answers)


def compared(analysis: Analysis) -> tuple[ConditionView, ConditionView] | None:
    """The two conditions of a brief: the most accurate, and its rival."""
    rival = rival_of(analysis)
    return (analysis.ranked[0], rival) if rival is not None else None


def draw(analysis: Analysis, view: ConditionView, student: str) -> tuple[Row, ...]:
    """The student's own questions: the first answer to at most `DRAW` of them that have a confidence."""
    known = (row for row in view.rows if row.option_confidence is not None and right(row) is not None)
    rows = [row for row in known if row.sample == 0 and not row.rotation]
    # A name typed with another case or another space is the same student, as is one with its accents apart.
    rng = seeded(analysis.data.name, "brief", names.plain(student))
    picked = sorted(rng.permutation(len(rows))[:DRAW])
    return tuple(rows[int(place)] for place in picked)


def on_sheet(row: Row) -> float:
    """A drawn question's confidence, 0–1, as the sheet shows it: in whole per cent.

    The key is worked out on these, or an answer at 80.2% would be in another bin for the key than for the student.
    """
    return round(100 * (row.option_confidence or 0.0)) / 100


def key(analysis: Analysis, student: str) -> tuple[Blank, ...]:
    """Everything a blank brief asks this student, with the right answers; what has no number is not asked."""
    pair = compared(analysis)
    if pair is None:
        return ()
    best, rival = pair
    found = analysis.pair(best, rival)
    (ahead, behind, gap), accuracies = order(found), analysis.accuracies
    # Where they answered others besides, the difference is that of no two accuracies on the page.
    own, of, where = (
        (", all its answers", f" of {behind.label}", " on the questions that both answered")
        if analysis.unlike
        else ("", "", "")
    )
    lead = f"{ahead.label} is ahead{of}{where} by"
    asked = [
        *_of_both(pair, "accuracy", f"Accuracy of {{}}{own}", "%", lambda view: accuracies[view.id].value),
        Blank(id="difference", question=lead, unit="points", number=_percent(gap.value)),
        # Without a test there is neither.
        *_clear("significant", "difference", None if found.p_value is None else found.differs),
        *_categories(analysis, best),
        *_calibration(analysis, pair),
        *_own_draw(draw(analysis, best, student)),
        *_speed(analysis, pair),
    ]
    return tuple(blank for blank in asked if blank.words or blank.number is not None)


def graded(analysis: Analysis, student: str, answers: Mapping[str, str]) -> Grade:
    """A hand-in against the key of that student."""
    judged = [(blank, str(answers.get(blank.id, "")).strip()) for blank in key(analysis, student)]
    return Grade(
        student=student, answers=tuple((blank, answer, blank.accepts(answer)) for blank, answer in judged)
    )


def _clear(id_: str, what: str, differs: bool | None) -> list[Blank]:
    words = ("yes" if differs else "no",)
    asked = f"Is it a clear {what}? (yes or no)"
    return [] if differs is None else [Blank(id=id_, question=asked, words=words)]


type _Two = tuple[ConditionView, ConditionView]


def _of_both(
    pair: _Two, id_: str, question: str, unit: str, number: Callable[[ConditionView], float | None]
) -> list[Blank]:
    found = [_percent(number(view)) if unit == "%" else number(view) for view in pair]
    return [
        Blank(id=f"{id_}-{name}", question=question.replace("{}", view.label), unit=unit, number=value)
        for name, view, value in zip(("best", "rival"), pair, found, strict=True)
    ]


def _categories(analysis: Analysis, view: ConditionView) -> list[Blank]:
    found = widest(analysis, view)
    if found is None:
        return []
    where = f" in {analysis.label_of_suite(found.suite)}" if len(analysis.suites) > 1 else ""
    return [
        Blank(
            id=f"category-{name}",
            question=f"The {name} category of {view.label}{where}, by name",
            words=tuple(category for category, each in found.categories if each.value == end.value),
        )
        for name, (_, end) in (("best", found.categories[0]), ("worst", found.categories[-1]))
    ]


def _calibration(analysis: Analysis, pair: _Two) -> list[Blank]:
    apart = confidence.ece_difference(analysis, *pair)
    if apart.low is None or apart.high is None:
        return []

    def error(view: ConditionView) -> float | None:
        return confidence.estimate(analysis, view, confidence.ECE_15).value

    return [
        *_of_both(pair, "ece", "ECE-15 of {}, all its answers", "%", error),
        *_clear("ece-significant", "difference in ECE-15", apart.low > 0 or apart.high < 0),
    ]


def _own_draw(rows: tuple[Row, ...]) -> list[Blank]:
    if not rows:
        return []
    sure, hits = [on_sheet(row) for row in rows], [right(row) for row in rows]
    five, once = calibration.ece(sure, hits, n_bins=5), calibration.module_bin_average(sure, hits)
    asked = (
        ("accuracy", "Accuracy on your questions", "%", sum(map(bool, hits)) / len(rows)),
        ("confidence", "Mean confidence on your questions", "%", sum(sure) / len(rows)),
        ("gap", "Gap: confidence less accuracy", "points", calibration.gap(sure, hits)),
        ("ece", "ECE of your questions: five bins, weighted by count", "%", five),
        ("module", "The module's average: five bins, each counting once", "%", once),
    )
    return [
        Blank(id=f"draw-{name}", question=question, unit=unit, number=_percent(share))
        for name, question, unit, share in asked
    ]


def _speed(analysis: Analysis, pair: _Two) -> list[Blank]:
    if any(median_of(view, "latency_s").value is None for view in pair):
        return []
    ratio, (slow, fast) = analysis.latency_ratio, pair
    if (ratio(slow, fast).value or 1.0) < 1:
        slow, fast = fast, slow

    def rate(view: ConditionView) -> float | None:
        return per_second(analysis, view).value

    slower = f"{slow.label} takes … times as long as {fast.label}, on average"
    return [
        Blank(id="slowdown", question=slower, unit="times", number=ratio(slow, fast).value),
        *_of_both(pair, "per-second", "Right answers a second of {}", "a second", rate),
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _number(text: str) -> float | None:
    plain = text.replace("−", "-").replace(",", ".").replace("\u00a0", " ")
    found = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*(%|points?|times|x|×|a second|/s)?\s*", plain)
    return float(found[1]) if found else None


# More are no committee that sits around a table.
_MOST_ADVOCATES = 12


def brief(analysis: Analysis, student: str) -> TemplateValues | None:
    """The brief of one student, or with "" of a whole class; None where there are no two conditions to compare."""
    pair = compared(analysis)
    if pair is None:
        return None
    best, data = pair[0], analysis.data
    rows = draw(analysis, best, student)
    whose = f" --student {shlex.quote(student)}" if student else ""
    return frame.paper(
        data,
        "Brief",
        "Analysis brief",
        f"llmxray brief {data.name}{whose}",
        student=student,
        experiment=data.name,
        hypothesis=data.experiment.hypothesis or "",
        # A hand-in names the data it is about.
        recording=data.recording,
        worksheet=_worksheet(analysis, best, rows, student) if rows else None,
        blanks=key(analysis, student),
    )


def _worksheet(analysis: Analysis, view: ConditionView, rows: tuple[Row, ...], student: str) -> Table:
    """The student's own questions with confidence and outcome."""
    lines = []
    for row in rows:
        outcome = Cell(text="right" if right(row) else "wrong", numeric=False)
        cells = (Cell(text=f"{100 * on_sheet(row):.0f}%"), outcome)
        lines.append(Line(head=address(row), cells=cells, href=analysis.contents.question(address(row))))
    question, answer = (ColumnHead(text=name, numeric=False) for name in ("question", "answer"))
    drawn = "drawn by your name" if student else "drawn for the whole class"
    caption = f"Your questions: answers of {view.label}, {drawn}. Work with these per cents."
    return Table(
        caption=caption, columns=(question, ColumnHead(text="confidence"), answer), lines=tuple(lines)
    )


type _Claim = tuple[bool, Finding]
"""Whether it speaks for a condition, and what is said with the way to the evidence."""


def committee(analysis: Analysis) -> TemplateValues:
    """The papers of the committee, of two conditions or more."""
    of = candidates(analysis)
    which = f"All numbers are of the {of.answered_questions}"
    if (way := Scores(of).way) != "either":
        # Whoever was asked in another way is another candidate, and would be compared with itself.
        others = [view for view in of.views if view.condition.answer != way]
        of = of.on(frozenset(map(address, of.data.results.rows)), without=others)
        which += f"; {Finding(f'ways.says-{way}').plain.casefold()}"
    return frame.framed(
        analysis.data,
        "committee",
        "Model selection committee",
        notes=[
            f"{which}." if of is not analysis else analysis.unlike,
            load_warning(of),
            stall_warning(of),
            cut_warning(of),
        ],
        cards=tuple(_card(of, view) for view in of.views if of.accuracies[view.id].n),
    )


def _card(analysis: Analysis, view: ConditionView) -> TemplateValues:
    """What the advocate of one condition can say, and what the others will answer."""
    found, guessing = analysis.accuracies[view.id], analysis.guessing(view)
    # Other questions are another task: no place follows from them, and a card says how many there were.
    alike = analysis.is_comparable
    rank = ranks({each.id: analysis.accuracies[each.id].value for each in analysis.views})[view.id]
    tied = tuple(
        pair.b.label if pair.a.id == view.id else pair.a.label
        for pair in analysis.pairs
        if view.id in (pair.a.id, pair.b.id) and pair.p_value is not None and not pair.differs
    )
    # Whatever its place: what guessing does as well is no case for a model.
    lost = above_guessing(analysis).get(view.id) is False
    strong = rank is not None and (_is_strong(rank) or not alike) and not lost
    share = Finding(
        "coursework.right",
        link=_link(f"{numbers.percent(found.value)} right", analysis.contents.questions(condition=view.id)),
        ends=numbers.interval(found, threshold=guessing),
        n=None if alike else found.n,
        place=_place(rank) if rank is not None and alike else None,
        tied=tied,
        chance=guessing if lost else None,
    )
    claims = [(strong, share), *(_places(analysis, view) if alike else ())]
    spread = widest(analysis, view)
    # Equal ones have no best and no worst.
    if spread is not None and spread.width:
        best, worst = spread.categories[0], spread.categories[-1]
        test = cells_above_guessing(analysis)[view.id, spread.suite, best[0]]
        # Where nothing is guessed there is no test.
        if test.p_holm is None or test.is_significant:
            claims.append((True, _cited(analysis, view, "Best", spread, best)))
        claims.append((False, _cited(analysis, view, "Worst", spread, worst)))
    strengths, weaknesses = (
        [claim for speaks, claim in claims if speaks is wanted] for wanted in (True, False)
    )
    return TemplateValues(view=view, strengths=strengths, weaknesses=weaknesses)


def _places(analysis: Analysis, view: ConditionView) -> list[_Claim]:
    """The places of a condition by calibration, by speed, and by money, or where nothing has a price by tokens."""
    # A letter's confidence and a likelihood's are two things, and their errors have no common order.
    kind, contents = view.condition.answer, analysis.contents
    errors = {
        each.id: confidence.estimate(analysis, each, confidence.ECE_15)
        for each in analysis.views
        if each.condition.answer == kind
    }
    known = [each for each in analysis.views if each.id in errors and errors[each.id].value is not None]
    times = {each.id: median_of(each, "latency_s").value for each in analysis.views}
    spent = {each.id: costs.cost_of(analysis, each) for each in analysis.views}
    is_priced, own = any(each.question.value is not None for each in spent.values()), spent[view.id]
    amounts = {name: each.question.value if is_priced else each.tokens for name, each in spent.items()}
    assumed = f" ({own.assumption})" if own.assumption else ""
    price = (
        f"{numbers.priced(own.thousand, own.currency)} for {QUESTIONS} questions{assumed}"
        if is_priced
        else f"{numbers.decimal(own.tokens, 0)} tokens a question (what servers bill)"
    )
    error, found = errors[view.id], []

    def claim(what: str, values: Mapping[str, float | None], text: str, href: str, **more: Any) -> None:
        # The lowest first.
        rank = ranks({name: None if value is None else -value for name, value in values.items()})[view.id]
        # The first of one has beaten nobody.
        if rank is not None and rank.population > 1:
            said = Finding(f"coursework.{what}", link=_link(text, href), place=_place(rank), **more)
            found.append((_is_strong(rank), said))

    claim(
        "error",
        {name: each.value for name, each in errors.items()},
        f"Calibration error {numbers.percent(error.value)} of {numbers.plural(error.n, 'answer')}",
        contents.href("calibration", "estimators"),
        kind=kind if len(known) < len(analysis.views) else None,
        tied=_tied(analysis, view, known),
    )
    median = f"{numbers.seconds(times[view.id])} a question (median)"
    claim("time", times, median, contents.href("results", "speed"))
    claim("price", amounts, price, contents.href("results", "costs"))
    return found


def _tied(analysis: Analysis, view: ConditionView, known: Sequence[ConditionView]) -> tuple[str, ...]:
    """From whose calibration error its own is not significantly different, of all pairs of them."""
    rivals = [each for each in known if each is not view]
    gaps = (confidence.ece_difference(analysis, view, each, math.comb(len(rivals) + 1, 2)) for each in rivals)
    return tuple(
        rival.label
        for rival, gap in zip(rivals, gaps, strict=True)
        if gap.low is None or gap.high is None or gap.low <= 0 <= gap.high
    )


def _place(rank: Rank) -> str:
    return f"place {rank.text} of {rank.population}"


def _is_strong(rank: Rank) -> bool:
    """Whether it is in the upper half; the one in the middle may count its place, and all that are equal may not."""
    return 2 * rank.rank <= rank.population + 1 and rank.tied + 1 < rank.population


def _cited(
    analysis: Analysis, view: ConditionView, end: str, spread: Range, at: tuple[str, Estimate]
) -> Finding:
    """One end of its categories, with the questions behind it and those that tie with it."""
    category, found = at
    href = analysis.contents.questions(condition=view.id, suite=spread.suite, category=category)
    of = (
        f" of {numbers.in_sentence(analysis.label_of_suite(spread.suite))}"
        if len(analysis.suites) > 1
        else ""
    )
    tied = [name for name, each in spread.categories if each.value == found.value and name != category]
    return Finding("coursework.category", link=_link(f"{end}{of}: {category}", href), found=found, tied=tied)


def _link(text: str, href: str) -> Link | str:
    return Link(text=text, href=href) if href else text


def slides(analysis: Analysis) -> TemplateValues:
    """The slides of a compare experiment: prompts under settings that differ in one field."""
    data, plan = analysis.data, analysis.plan
    return frame.paper(
        data,
        "Slides",
        "Slides",
        f"llmxray run {data.name}",
        hypothesis=data.experiment.hypothesis or "",
        varies=settings(plan.conditions)[0],
        constant=compare.constant(analysis),
        prompt=compare.prompt_of(analysis, plan.suites[PROMPTS].items[0]),
        right=right_answers(analysis),
        badges=tuple(badge(analysis, verdict) for verdict in verdicts(analysis)),
    )


def _isolates_one(data: ExperimentData) -> bool:
    """Whether prompts are asked under settings that differ in one thing: what slides are about."""
    plan = data.results.plan
    return PROMPTS in plan.suites and len(plan.conditions) > 1 and len(settings(plan.conditions)[0]) == 1


def _can_sit(data: ExperimentData) -> bool:
    return applies.can_be_compared(data) and len(data.results.plan.conditions) <= _MOST_ADVOCATES


def _can_be_briefed(data: ExperimentData) -> bool:
    """Whether a brief has something of each kind to ask: two conditions, two suites and confidences."""
    rows = data.results.rows
    several = len(data.results.plan.suites) > 1 and applies.can_be_compared(data)
    return several and any(row.option_confidence is not None for row in rows)


def _page(
    name: str,
    make: Callable[[Analysis], TemplateValues | None],
    kind: Kind,
    applies: Callable[[ExperimentData], bool],
) -> Page:
    write = alone(name, make, f"coursework/{name}.html")
    return Page(name=name, label=name.capitalize(), write=write, group=MORE, kinds=(kind,), applies=applies)


PAGES = (
    _page("brief", lambda analysis: brief(analysis, ""), "benchmark", _can_be_briefed),
    _page("committee", committee, "benchmark", _can_sit),
    _page("slides", slides, "compare", _isolates_one),
)


# Beside the sheets of the lesson.
_FOLDER = "lesson"
_KEY = f"{_FOLDER}/grading-key.js"


def write_grading(site: Path, data: ExperimentData) -> None:
    """Write the page, and the key of the brief that has the same questions for everybody, into a built site."""
    parts = ("id", "asked", "expected", "words", "number", "within")
    blanks = [{part: getattr(blank, part) for part in parts} for blank in key(Analysis(data), "")]
    content = {"experiment": data.name, "recording": data.recording, "blanks": blanks}
    renderer = Renderer(site)
    renderer.write(_KEY, f"llmxray.gradeWith({json.dumps(content, ensure_ascii=False)});\n".encode())
    page = TemplateValues(
        title="Grade the briefs of a class", nav=Nav(), footer=(), experiment=data.title, key=Path(_KEY).name
    )
    renderer.page(f"{_FOLDER}/grading.html", "coursework/grading.html", page)
    renderer.list_files()
