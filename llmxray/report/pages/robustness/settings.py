"""One model at two settings: does the setting do anything, and in which categories? (context pressure)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.applies import same_weights
from llmxray.report.analysis.leaders import order
from llmxray.report.analysis.questions import shortened
from llmxray.report.analysis.setting_pairs import SettingsPair, settings_pairs
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.pair_links import href
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Line,
    Table,
    share_cell,
    sort_key,
    verdict_cell,
)
from llmxray.types import Condition

# Characters of a value in the table: a system prompt may be a page.
_SHORT = 40


def make(analysis: Analysis) -> Values | None:
    """The part on settings; None where no two conditions are of one model."""
    found = settings_pairs(analysis)
    return Values(lede=_lede(found), table=_table(analysis, found)) if found else None


def _lede(found: Sequence[SettingsPair]) -> str:
    ignored = [
        f"{pair.a.label} and {pair.b.label}" for pair in found if pair.ignored and not pair.one_recording
    ]
    verb = "is" if len(found) == 1 else "are"
    opening = f"{numbers.plural(len(found), 'pair')} of conditions here {verb} one model at two settings. "
    if ignored:
        return (
            f"{opening}{'; '.join(ignored)}: every reply is the same, so the setting does nothing here, or the server "
            "ignores it."
        )
    parts = [part for pair in found for part in pair.parts]
    if not parts:
        return opening.strip()
    flagged = [part for part in parts if part.flagged]
    n, told = (
        numbers.count(k) if k else "none" for k in (len(flagged), sum(part.differs for part in flagged))
    )
    clearly = f"; {told} of these clearly (significant after Holm correction)" if flagged else ""
    return (
        f"{opening}Of {numbers.plural(len(parts), 'comparison')} of a category, {n} "
        f"{'differ' if len(flagged) > 1 else 'differs'} by more than five points{clearly}."
    )


def _table(analysis: Analysis, found: Sequence[SettingsPair]) -> Table:
    columns = (
        ColumnHead(text="pair", numeric=False),
        ColumnHead(text="what differs", numeric=False),
        ColumnHead(text="same reply", small="word for word, 95%", anchor="same-reply"),
        ColumnHead(text="accuracy", small="points apart, 95%"),
        ColumnHead(text="clear difference?", small="all questions", numeric=False),
        ColumnHead(text="categories", small="over five points apart", anchor="pressure"),
        ColumnHead(text="clear", small="of the categories"),
    )
    lines = tuple(_line(analysis, pair) for pair in found)
    left_out = len(same_weights(analysis.plan)) - len(found)
    which = (
        "The first condition of each model with its others"
        if left_out
        else "Every two conditions of one model"
    )
    more = f" {numbers.count(left_out)} more pairs are not compared here." if left_out else ""
    return Table(caption=f"{which} on one endpoint.{more}", columns=columns, lines=lines)


def _line(analysis: Analysis, pair: SettingsPair) -> Line:
    whole = analysis.pair(pair.a, pair.b)
    first, _, gap = order(whole)
    sign, value = 1 if first.id == pair.a.id else -1, gap.value
    ends = f"({numbers.points_interval(gap)})" if gap.low is not None else ""
    ahead = f"{first.label} ahead" if value else ""
    flagged = sum(part.flagged for part in pair.parts)
    varied = [
        f"{each.name}: {', '.join(shortened(of, _SHORT) for of in each.values)}" for each in pair.varies
    ]
    cells = (
        Cell(text="; ".join(varied) or "nothing", numeric=False),
        _replies(pair),
        Cell(
            text=numbers.difference(value).lstrip("+"),
            small=" ".join(filter(None, (ahead, ends))),
            # Sorted as first minus second, though the cell says who is ahead.
            sort=sort_key(None if value is None else sign * value),
        ),
        verdict_cell(None if whole.p_value is None else whole.differs),
        Cell(text=f"{flagged} of {len(pair.parts)}" if pair.parts else numbers.MISSING),
        Cell(text=str(sum(part.differs for part in pair.parts)) if pair.parts else numbers.MISSING),
    )
    return Line(head=f"{pair.a.label} and {pair.b.label}", cells=cells, href=href(analysis, whole))


def _replies(pair: SettingsPair) -> Cell:
    """How many replies are the same, and what that says of the setting."""
    if pair.identical is None:
        return Cell(text=numbers.MISSING, small="answers of two kinds")
    made = share_cell(pair.identical)
    seeded = all(_repeatable(view.condition) for view in (pair.a, pair.b))
    if pair.one_recording:
        note = "one recording: the requests are the same"
    elif pair.ignored:
        note = "the setting does nothing, or the server ignores it"
    else:
        note = "" if seeded else "drawn at a temperature, so chance alone changes replies"
    return replace(made, small=f"{made.small}; {note}" if note else made.small)


def _repeatable(condition: Condition) -> bool:
    """Whether the same request gives the same reply: it is greedy, or its draw is seeded."""
    return condition.sampling.get("temperature") == 0 or condition.sampling.get("seed") is not None
