"""Papers of the assessments: A, the analysis to fill in; B, slides of a comparison; C, a committee's cards and form.

The slides are made from the compare lab; their conclusions, as all others, are left to write. All three are pages of
the site as well, in the menu of every experiment that they can be about: so a class needs no command. The brief there
has the same questions for everybody; the command draws others for each student.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmxray.metrics.ranking import Rank, ranks
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionView,
    ExperimentData,
    address,
    applies,
    confidence,
    costs,
    median_of,
    right,
)
from llmxray.report.analysis.by_category import widest
from llmxray.report.analysis.costs import QUESTIONS
from llmxray.report.analysis.leaders import above_guessing, cells_above_guessing
from llmxray.report.analysis.setting_pairs import settings
from llmxray.report.coursework.answer_key import compared, draw, key, on_sheet
from llmxray.report.links import Link
from llmxray.report.pages import MORE, Kind, Page, alone, compare
from llmxray.report.pages.choose.scores import Scores, candidates
from llmxray.report.pages.compare.measures import right_answers
from llmxray.report.sentences import Finding
from llmxray.report.widgets import frame
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.widgets.opening import badge
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table
from llmxray.report.wording.predictions import verdicts
from llmxray.types import Condition, Estimate, Row

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
    lines = [
        Line(
            head=address(row),
            cells=(
                Cell(text=f"{100 * on_sheet(row):.0f}%"),
                Cell(text="right" if right(row) else "wrong", numeric=False),
            ),
            href=analysis.contents.question(address(row)),
        )
        for row in rows
    ]
    question, answer = (ColumnHead(text=name, numeric=False) for name in ("question", "answer"))
    drawn = "drawn by your name" if student else "drawn for the whole class"
    caption = f"Your questions: answers of {view.label}, {drawn}. Work with these per cents."
    return Table(
        caption=caption, columns=(question, ColumnHead(text="confidence"), answer), lines=tuple(lines)
    )


type _Claim = tuple[bool, Finding]
"""Whether it speaks for a condition, and what is said with the way to the evidence."""


def committee(analysis: Analysis) -> TemplateValues | None:
    """The papers of the committee; None with fewer than two conditions."""
    if len(analysis.views) < 2:
        return None
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
        note=f"{which}." if of is not analysis else str(analysis.unlike or ""),
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
            claims.append((True, _cited(analysis, view, "Best", spread.suite, *best)))
        claims.append((False, _cited(analysis, view, "Worst", spread.suite, *worst)))
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
    if is_priced:
        assumed = f" ({own.assumption})" if own.assumption else ""
        price = f"{numbers.priced(own.thousand, own.currency)} for {QUESTIONS} questions{assumed}"
    else:
        price = f"{numbers.decimal(own.tokens, 0)} tokens a question (what servers bill)"
    error = errors[view.id]
    more = {
        "kind": kind if len(known) < len(analysis.views) else None,
        "tied": _tied(analysis, view, known),
    }
    claims: tuple[tuple[str, Mapping[str, float | None], str, str, Mapping[str, Any]], ...] = (
        (
            "error",
            {name: each.value for name, each in errors.items()},
            f"Calibration error {numbers.percent(error.value)} of {numbers.plural(error.n, 'answer')}",
            contents.href("calibration", "estimators"),
            more,
        ),
        (
            "time",
            times,
            f"{numbers.seconds(times[view.id])} a question (median)",
            contents.href("results", "speed"),
            {},
        ),
        ("price", amounts, price, contents.href("results", "costs"), {}),
    )
    found = []
    for what, values, text, href, rest in claims:
        # The lowest first.
        rank = ranks({name: None if value is None else -value for name, value in values.items()})[view.id]
        # The first of one has beaten nobody.
        if rank is not None and rank.population > 1:
            claim = Finding(f"coursework.{what}", link=_link(text, href), place=_place(rank), **rest)
            found.append((_is_strong(rank), claim))
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
    analysis: Analysis, view: ConditionView, end: str, suite: str, category: str, found: Estimate
) -> Finding:
    """One end of its categories, with the questions behind it."""
    href = analysis.contents.questions(condition=view.id, suite=suite, category=category)
    of = f" of {numbers.in_sentence(analysis.label_of_suite(suite))}" if len(analysis.suites) > 1 else ""
    return Finding("coursework.category", link=_link(f"{end}{of}: {category}", href), found=found)


def _link(text: str, href: str) -> Link | str:
    return Link(text=text, href=href) if href else text


def slides(analysis: Analysis) -> TemplateValues | None:
    """The slides of a compare experiment; None for what has no prompts or no two variants."""
    data, plan = analysis.data, analysis.plan
    prompts, conditions = plan.suites[PROMPTS].items if PROMPTS in plan.suites else (), plan.conditions
    if not prompts or len(conditions) < 2:
        return None
    # One field varies, or the experiment isolates none.
    varies, _ = settings(conditions)
    return frame.paper(
        data,
        "Slides",
        "Slides",
        f"llmxray run {data.name}",
        hypothesis=data.experiment.hypothesis or "",
        varies=varies,
        constant=compare.constant(analysis),
        prompt=compare.prompt_of(analysis, prompts[0]),
        right=right_answers(analysis),
        badges=tuple(badge(analysis, each) for each in verdicts(analysis)),
    )


def varying(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """Names of the request fields that differ between the conditions."""
    return tuple(each.name for each in settings(conditions)[0])


def _isolates_one(data: ExperimentData) -> bool:
    """Whether prompts are asked under settings that differ in one thing: what slides are about."""
    plan = data.results.plan
    return PROMPTS in plan.suites and len(plan.conditions) > 1 and len(varying(plan.conditions)) == 1


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
