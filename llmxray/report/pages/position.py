"""Does it matter where the right option stands? An audit in which each question is asked once per rotation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.metrics import paired, position
from llmxray.metrics.position import CochranQ
from llmxray.report import numbers
from llmxray.report.analysis import ALPHA, Analysis, View, accuracy_of, address, right
from llmxray.report.pages.frame import Nav, footer, nav
from llmxray.report.pages.table import Cell, Column, Table, head, questions_href, share_cell
from llmxray.types import LETTERS, Estimate, Row


@dataclass(frozen=True, slots=True)
class Audit:
    """One condition on the questions that have one number of options.

    Attributes:
        mean: accuracy over all rotations.
        places: accuracy with the right option at each place.
        letters: share of the answers that name each letter.
        deviation: standard deviation of ``places``.
        throughout: share of questions right in every rotation.
        by_chance: what ``throughout`` would be if each answer were drawn anew with these accuracies.
    """

    view: View
    mean: Estimate
    places: tuple[Estimate, ...]
    letters: tuple[Estimate, ...]
    deviation: float | None
    test: CochranQ
    throughout: Estimate
    by_chance: float | None


@dataclass(frozen=True, slots=True)
class Section:
    """The questions with one number of options.

    Attributes:
        title: "" where all questions have the same number.
        n: questions, each asked in every rotation.
    """

    title: str
    n: int
    chance: float
    audits: tuple[Audit, ...]
    sentences: tuple[str, ...]
    places: Table
    letters: Table
    whole: Table


@dataclass(frozen=True, slots=True)
class PositionPage:
    """The page."""

    title: str
    nav: Nav
    lede: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def make(analysis: Analysis) -> PositionPage:
    """The position-bias page of an experiment with rotations."""
    return PositionPage(
        "Position",
        nav(analysis.data, "position.html"),
        "Each question was asked once for every rotation of its options, so that its right option stood at "
        "every place once. Only the place differs: a model that reads the options scores alike everywhere.",
        sections(analysis),
        footer(analysis.data),
    )


def sections(analysis: Analysis) -> tuple[Section, ...]:
    """The questions of each number of options, fewest options first."""
    # Cochran's Q needs one number of places, so questions of each size are tested by themselves.
    sizes = sorted({len(row.order) for row in analysis.data.results.rows if row.rotation is not None})
    return tuple(_section(analysis, size, several=len(sizes) > 1) for size in sizes)


def audit(view: View, size: int) -> Audit:
    """The numbers of one condition on its questions with ``size`` options."""
    rows = [row for row in view.rows if row.rotation is not None and len(row.order) == size]
    items = [view.unit(row) for row in rows]
    rounds: dict[tuple[str, str, int], dict[int, bool | None]] = defaultdict(dict)
    for row in rows:
        # `expected` is the letter as it was shown, so it tells where the right option stood.
        rounds[view.unit(row), address(row), row.sample][_place(row.expected)] = right(row)
    # A rotation that has no row at all is as missing as one without a reply.
    table = [[hits.get(place) for place in range(size)] for hits in rounds.values()]
    of = [item for item, _, _ in rounds]
    places = position.by_position(
        [_place(row.expected) for row in rows], [right(row) for row in rows], size, items
    )
    return Audit(
        view,
        accuracy_of(rows, view.design),
        places,
        position.letter_shares([_answered(row, size) for row in rows], size, items),
        position.recall_deviation(places),
        position.cochran_q(_averaged(table, of, size)),
        position.all_rotations(table, of),
        position.expected_if_independent(places),
    )


def _averaged(
    table: Sequence[Sequence[bool | None]], of: Sequence[str], size: int
) -> list[list[float | None]]:
    """A row per question: its share of right answers at each place, over its samples."""
    questions: dict[str, list[Sequence[bool | None]]] = defaultdict(list)
    for item, hits in zip(of, table, strict=True):
        questions[item].append(hits)
    made: list[list[float | None]] = []
    for samples in questions.values():
        known = [[hits[place] for hits in samples if hits[place] is not None] for place in range(size)]
        made.append([sum(map(bool, each)) / len(each) if each else None for each in known])
    return made


def _place(letter: str) -> int:
    return LETTERS.index(letter)


def _answered(row: Row, size: int) -> int | None:
    # Chains of others may read a letter that no option has.
    return _place(row.answer) if row.answer and row.answer in LETTERS[:size] else None


def _section(analysis: Analysis, size: int, *, several: bool) -> Section:
    audits = [audit(view, size) for view in analysis.views]
    adjusted = paired.holm([each.test.p_value for each in audits])
    n = max((each.test.n for each in audits), default=0)
    return Section(
        f"Questions with {size} options" if several else "",
        n,
        1 / size,
        tuple(audits),
        tuple(_sentence(each, p_holm) for each, p_holm in zip(audits, adjusted, strict=True)),
        _places(audits, adjusted, size),
        _letters(audits, size),
        _whole(audits, size, n),
    )


def _sentence(found: Audit, p_holm: float | None) -> str:
    values = [each.value for each in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return f"{found.view.id} has no whole reply."
    best, worst = max(known), min(known)
    high, low = LETTERS[values.index(best)], LETTERS[values.index(worst)]
    favourite = max(range(len(found.letters)), key=lambda place: found.letters[place].value or 0.0)
    share = found.letters[favourite].value
    said = f" It answers {LETTERS[favourite]} in {numbers.percent(share)} of its answers." if share else ""
    if p_holm is None or p_holm >= ALPHA:
        return (
            f"{found.view.id}: these questions cannot tell the places apart "
            f"({numbers.percent(worst)} to {numbers.percent(best)}; {_doubt(found, p_holm)}).{said}"
        )
    return (
        f"{found.view.id} is right in {numbers.percent(best)} where the right option is {high} and in "
        f"{numbers.percent(worst)} where it is {low} ({_doubt(found, p_holm)}).{said}"
    )


def _doubt(found: Audit, p_holm: float | None) -> str:
    n = numbers.plural(found.test.n, "question")
    return n if p_holm is None else f"{n}, adjusted {numbers.p_value(p_holm)}"


def _places(audits: Sequence[Audit], adjusted: Sequence[float | None], size: int) -> Table:
    lines = []
    for found, p_holm in zip(audits, adjusted, strict=True):
        link = questions_href(condition=found.view.id)
        cells = [share_cell(each, chance=1 / size, href=link) for each in found.places]
        spread = "" if found.deviation is None else numbers.decimal(100 * found.deviation, 1)
        cells += [Cell(spread or numbers.MISSING), Cell(numbers.p_value(p_holm))]
        lines.append(head(found.view, cells))
    columns = [Column("condition", numeric=False), *(Column(f"right is {LETTERS[i]}") for i in range(size))]
    columns += [Column("spread", "points", anchor="recall-deviation"), Column("test", anchor="cochran-q")]
    return Table(
        "Accuracy by the place of the right option, Wilson 95%; the dashed tick is blind guessing. Spread is the "
        "standard deviation over the places; the test is Cochran's Q, Holm-adjusted over conditions; — where the place "
        "decides in too few questions for it.",
        tuple(columns),
        tuple(lines),
    )


def _letters(audits: Sequence[Audit], size: int) -> Table:
    lines = []
    for found in audits:
        cells = [share_cell(each, chance=1 / size) for each in found.letters]
        cells.append(Cell(numbers.count(found.letters[0].n_missing)))
        lines.append(head(found.view, cells))
    columns = [Column("condition", numeric=False), *(Column(f"says {LETTERS[i]}") for i in range(size))]
    return Table(
        "Share of the answers that name each letter, its interval over questions. The right option stands at every "
        f"place equally often, so a model without a favourite says each letter in about {numbers.percent(1 / size)}.",
        (*columns, Column("no letter")),
        tuple(lines),
    )


def _whole(audits: Sequence[Audit], size: int, n: int) -> Table:
    lines = [
        head(
            found.view,
            [
                share_cell(found.mean, chance=1 / size),
                share_cell(found.throughout),
                Cell(numbers.percent(found.by_chance)),
                Cell(f"{found.test.n_telling} of {found.test.n}"),
            ],
        )
        for found in audits
    ]
    columns: tuple[Column, ...] = (
        Column("condition", numeric=False),
        Column("mean over rotations", anchor="accuracy"),
        Column("right in every rotation", anchor="all-rotations"),
        Column("if answers were independent"),
        Column("questions where the place decides"),
    )
    caption = (
        f"{numbers.plural(n, 'question')}, each in {size} rotations. The mean over rotations has no place bias left; "
        "its interval is over questions. Right in every rotation is what a reader of the options would do."
    )
    return Table(caption, columns, tuple(lines))
