"""What the front page opens with: who is ahead in the featured experiment, and what another way of asking changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.report import numbers
from llmxray.report.analysis.legend import N_HUES
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun
from llmxray.report.analysis.standings import (
    Ranking,
    Turn,
    Turnaround,
    in_another_way,
    names_of,
    ranking,
    size_of,
    turnarounds,
)
from llmxray.report.links import within
from llmxray.report.pages.front.summary import Summary
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.timed import Axis, points
from llmxray.report.wording.asking import layout_of
from llmxray.report.wording.claim_words import claimed

_MOST_TURNS = 2


def opening(featured: Sequence[Summary], entries: Sequence[LedgerEntry], hues: Mapping[str, int]) -> Values:
    """The first screen: a headline and the picture that proves it.

    Args:
        featured: the experiments, the one that the page is to open with first.
    """
    by_name = {entry.runs[0].experiment: entry for entry in entries if entry.runs}
    for summary in featured:
        entry = by_name.get(summary.name)
        if entry is not None and (first := ranking(entry)):
            return _ranked(summary, entry, first, entries, hues)
    first_of = featured[0] if featured else None
    return Values(
        name=first_of.name if first_of else "",
        question=first_of.title if first_of else "",
        headline=first_of.finding if first_of else "",
        lead=None,
        heads=(),
        rows=(),
        note=None,
        priced=False,
        href=f"{first_of.name}/index.html" if first_of else "",
        picture=first_of.picture if first_of else None,
    )


def _ranked(
    summary: Summary,
    entry: LedgerEntry,
    first: Ranking,
    entries: Sequence[LedgerEntry],
    hues: Mapping[str, int],
) -> Values:
    names = names_of([run for each in entries for run in each.runs])
    second = in_another_way(entries, first)
    sizes = {run.identity: size for run in first.runs if (size := size_of(names[run.identity]))}
    by_size = sorted(sizes, key=lambda model: -sizes[model]) if len(sizes) == len(first.runs) else []
    tags = {by_size[0]: "largest", by_size[-1]: "smallest"} if len({*sizes.values()}) > 1 and by_size else {}
    estimates, best, worst = first.estimates, first.runs[0].identity, first.runs[-1].identity
    lead = first.lead
    is_by_size = (tags.get(best), tags.get(worst)) == ("largest", "smallest")
    how = ("sizes" if is_by_size else "ahead") if lead.is_significant else "close"
    beside = dict(zip([run.identity for run in second.runs], second.estimates, strict=True)) if second else {}
    is_priced = len({(run.currency, run.assumption) for run in first.runs}) == 1 and all(
        run.thousand is not None for run in first.runs
    )
    return Values(
        name=summary.name,
        question=summary.title,
        headline=Finding(
            f"front.{how}",
            best=names[best],
            worst=names[worst],
            beats=claimed("beats", lead) if lead.is_significant else "",
            first=estimates[0].value,
            last=estimates[-1].value,
            when=Finding(f"ways.when-{first.way}"),
        ),
        lead=Finding(
            "front.instead",
            how=Finding(f"ways.instead-{second.way}"),
            suite=_title(entries, second.suites[0]),
            first=beside[best].value,
            last=beside[worst].value,
        )
        if second
        else None,
        heads=tuple(
            Values(way=Finding(f"ways.says-{each.way}"), asked=_asked(entries, each), chance=each.chance)
            for each in (first, second)
            if each
        ),
        rows=tuple(
            Values(
                name=names[run.identity],
                css=css_of(run, hues),
                tag=tags.get(run.identity, ""),
                href=within(summary.name).questions(condition=run.id),
                shares=(estimate, *([beside.get(run.identity)] if second else [])),
                seconds=numbers.seconds(run.seconds, *(each.seconds for each in first.runs)),
                money=numbers.priced(run.thousand, run.currency) if is_priced else "",
            )
            for run, estimate in zip(first.runs, estimates, strict=True)
        ),
        priced=is_priced,
        timed=all(run.seconds is not None for run in first.runs),
        note=Finding(
            "front.note-chance"
            if any(each and each.chance is not None for each in (first, second))
            else "front.note",
            price=first.runs[0].assumption if is_priced else None,
            of=str(Finding(f"ways.says-{first.way}")) if second and is_priced else None,
        ),
        href=f"{summary.name}/index.html",
        picture=None,
    )


def turns(entries: Sequence[LedgerEntry], hues: Mapping[str, int]) -> tuple[Values, ...]:
    """What another way of asking changes: accuracy against time, a figure for each."""
    names = names_of([run for each in entries for run in each.runs])
    return tuple(_turn(each, names, hues) for each in turnarounds(entries)[:_MOST_TURNS])


def _turn(found: Turnaround, names: Mapping[str, str], hues: Mapping[str, int]) -> Values:
    most, suite = found.turns[0], found.suite
    title, before, after = found.entry.suites[suite], found.before, found.after
    axis = Axis(run.scores[suite].seconds or 0.0 for turn in found.turns for run in (turn.before, turn.after))
    dots = [
        (run.scores[suite].seconds or 0.0, estimate, name, run.label)
        for turn in found.turns
        for run, estimate, name in (
            (turn.before, turn.first, ""),
            (turn.after, turn.second, names[turn.after.identity]),
        )
    ]
    placed = points(axis, dots, avoid=[(at, at + 1) for at in range(0, len(dots), 2)])
    return Values(
        title=Finding(
            "front.turn",
            how=Finding(f"ways.by-{after}"),
            model=names[most.after.identity],
            before=most.first.value,
            after=most.second.value,
            suite=title,
        ),
        others=Finding(
            "front.rest",
            others=numbers.listed([_other(turn, names) for turn in found.turns[1:]]) or title,
            n=most.first.n,
        )
        if len(found.turns) > 1
        else None,
        caption=Finding(
            "front.ways",
            before=Finding(f"ways.from-{before}"),
            after=Finding(f"ways.from-{after}"),
            asked=layout_of(*(run for turn in found.turns for run in (turn.before, turn.after))),
        ),
        figure=Values(
            said=f"Accuracy against time: {title}",
            ticks=axis.ticks,
            axis="median seconds, log scale →",
            chance=found.chance,
            ways=[
                Values(
                    css=css_of(turn.after, hues),
                    before=placed[2 * at],
                    after=placed[2 * at + 1],
                )
                for at, turn in enumerate(found.turns)
            ],
        ),
        models=tuple((names[turn.after.identity], css_of(turn.after, hues)) for turn in found.turns),
        href=within(most.after.experiment).href("index"),
        experiment=most.after.title,
    )


def _other(turn: Turn, names: Mapping[str, str]) -> str:
    first, second = map(numbers.percent, (turn.first.value, turn.second.value))
    return f"{names[turn.after.identity]} {first} to {second}"


def css_of(run: LedgerRun, hues: Mapping[str, int]) -> str:
    """Colour class of a run's model."""
    return f"c{hues.get(run.identity, 0) % N_HUES}"


def _title(entries: Sequence[LedgerEntry], suite: str) -> str:
    return next(entry.suites[suite] for entry in entries if suite in entry.suites)


def _asked(entries: Sequence[LedgerEntry], found: Ranking) -> Finding:
    if len(found.suites) > 1:
        return Finding("front.sets", n=found.n, sets=len(found.suites))
    return Finding("front.set", n=found.n, suite=_title(entries, found.suites[0]))
