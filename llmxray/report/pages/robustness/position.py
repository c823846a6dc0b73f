"""Does it matter where the right option stands? An audit in which each question is asked once per rotation."""

from __future__ import annotations

from itertools import starmap

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.families import Corrected
from llmxray.report.analysis.position import Audit, PositionGroup, groups
from llmxray.report.links import Contents
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Table, of_conditions, share_cell
from llmxray.report.wording.headline import position_sentences
from llmxray.types import LETTERS


def make(analysis: Analysis) -> tuple[Values, ...]:
    """The part on positions, a section for each number of options; none where they were not rotated."""
    found = groups(analysis) if analysis.rotated else ()
    # A table without any reply would be empty.
    found = tuple(each for each in found if any(audit.mean.n for audit in each.audits))
    return tuple(
        Values(
            title=f"Questions with {group.size} options" if len(found) > 1 else "",
            sentences=position_sentences(group),
            audits=group.audits,
            letters=LETTERS[: group.size],
            chance=1 / group.size,
            averaged=_averaged(group),
            places=_places(group, analysis.contents),
        )
        for group in found
    )


def _averaged(group: PositionGroup) -> Values | None:
    """What the averaged probabilities of the options answer; None where no model gave them in every rotation."""
    known = [pair for pair in zip(group.audits, group.gains, strict=True) if pair[0].averaged.n]
    if not known:
        return None
    return Values(
        title=_knew_more(group) or "Averaged over the positions",
        sentences=tuple(starmap(_average, known)),
        audits=tuple(found for found, _ in known),
    )


def _knew_more(group: PositionGroup) -> Finding | None:
    """Who answers better with the letters' probabilities averaged over the rotations; None where no one is shown to."""
    better = [
        found.view.label
        for found, test in zip(group.audits, group.gains, strict=True)
        if test.is_significant and (found.gain.difference.value or 0.0) > 0
    ]
    if not better:
        return None
    if len(better) > 2:
        return Finding("findings.position-knew-of", n=len(better), all=len(group.audits))
    return Finding("findings.position-knew", names=better, it="it" if len(better) == 1 else "they")


def _average(found: Audit, test: Corrected) -> Finding:
    """The accuracy of a model's averaged probabilities beside that of its answers."""
    return Finding(
        "findings.position-averaged",
        view=found.view,
        single=found.single.value,
        averaged=found.averaged.value,
        gain=found.gain.difference,
        doubt=test.doubt,
    )


def _places(group: PositionGroup, contents: Contents) -> Table:
    rows, size = [], group.size
    for found, test in zip(group.audits, group.tests, strict=True):
        link = contents.questions(condition=found.view.id)
        cells = [share_cell(each, chance=1 / size, href=link) for each in found.places]
        rows.append((found.view, [*cells, Cell(text=numbers.p_value(test.p_holm))]))
    columns = (
        *(ColumnHead(text=f"right is {LETTERS[i]}") for i in range(size)),
        ColumnHead(text="test", anchor="cochran-q", css="stat"),
    )
    return of_conditions(Finding("robustness.places"), columns, rows)
