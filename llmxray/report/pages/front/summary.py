"""What the front page says of one experiment, kept as ``summary.json`` in its folder.

The front page is made from all summaries that the site holds, so rebuilding one experiment gives the same
front page as building all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from llmxray.errors import InputError
from llmxray.experiment import Site
from llmxray.experiment.fields import Line, Name
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.front_examples import Duel, Fork, Moment, TwoWays, duel, fork, moments, two_ways
from llmxray.report.widgets.bars import Bars
from llmxray.report.widgets.opening import picture
from llmxray.report.wording.asking import model_name, plain_ways, way_in
from llmxray.report.wording.headline import MainFinding, headline, main_finding
from llmxray.report.wording.predictions import counts, had_seen_earlier, tally, verdicts

NAME = "summary.json"
# A card shows what its experiment found at a glance; the page behind it has the rest.
_MOST_GROUPS, _MOST_LINES = 3, 5
# Options become words of a command, so only those are taken that `llmxray report` writes here.
_OPTION = re.compile(
    r"--(?:chain|likelihood|bins|name) [a-z0-9][a-z0-9_-]*|--scorer [A-Za-z0-9_.][A-Za-z0-9_.@-]{0,199}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One experiment in short.

    Attributes:
        guess: whether its first page asks for a guess before it shows the verdicts.
        tally: how many predictions held, are open, did not hold, in words; "" without predictions. counts: these.
        later: predictions that were added or reworded after recording, which ``counts`` leaves out.
        seen_before: whether the author had seen an earlier recording when predicting.
        finding: what it found, in a plain sentence or two.
        recorded: day of the first recording, ISO 8601, "" when unknown.
        has: names of its pages.
        moments, duel, fork, two_ways: what it lends to the front page.
        doubts: why its figures are not those of the suites that it names, a line each.
        read: files and folders of other tools that it was made from, as `llmxray report` was told; () for a recording.
        options: options that `llmxray report` was told with them.
    """

    # Of everything within as well: NaN and infinity are refused.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(allow_inf_nan=False)

    name: Name
    title: Line
    kind: str
    guess: bool
    tally: str
    finding: str
    picture: Bars | None
    recorded: str
    moments: tuple[Moment, ...]
    duel: Duel | None
    counts: tuple[int, ...] = ()
    later: int = 0
    seen_before: bool = False
    has: tuple[str, ...] = ()
    fork: Fork | None = None
    two_ways: TwoWays | None = None
    doubts: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


_SUMMARY = TypeAdapter(Summary)


def summarize(analysis: Analysis) -> Summary:
    """The summary of an experiment."""
    data, found = analysis.data, main_finding(analysis)
    return Summary(
        name=data.name,
        title=data.title,
        kind=data.experiment.kind,
        guess=any(verdict.shown for verdict in verdicts(analysis)),
        tally=tally(verdicts(analysis)),
        counts=(known := counts(verdicts(analysis))),
        later=len(verdicts(analysis)) - sum(known),
        seen_before=had_seen_earlier(data),
        has=tuple(entry.name for entry in data.contents.entries or ()),
        finding=found.sentence.plain,
        picture=_small(analysis, picture(analysis, headline(analysis)), found),
        recorded=data.recorded_on,
        moments=(told := moments(analysis)),
        duel=duel(analysis, told),
        fork=fork(analysis),
        two_ways=two_ways(analysis),
        doubts=data.doubts,
        read=(data.input_arguments or data.files) if data.files else (),
        options=data.given_options if data.files else (),
    )


def _small(analysis: Analysis, bars: Bars | None, found: MainFinding) -> Bars | None:
    """The picture with the few bars that the sentence is about, without numbers in words and without links."""
    if bars is None:
        return None
    groups = bars.groups
    if found.compared and len(groups) > _MOST_GROUPS:
        labels = {view.label for view in analysis.views if view.id in found.compared}
        groups = tuple(group for group in groups if group.label in labels)
    # Positions or wordings of one condition are the story, and others tell it again.
    if len(groups) > 1 and len(groups[0].lines) > 1:
        groups = groups[:1]
    small = tuple(
        replace(group, lines=tuple(replace(line, small="", href="") for line in group.lines[:_MOST_LINES]))
        for group in groups[:_MOST_GROUPS]
    )
    name, ways = _ways(analysis, [group.label for group in small])
    if name and name in found.sentence.plain:
        small = tuple(replace(group, label=way) for group, way in zip(small, ways, strict=True))
        bars = replace(bars, title=f"{bars.title}, {name}")
    return replace(bars, groups=small, caption="", chance_text="")


def _ways(analysis: Analysis, labels: Sequence[str]) -> tuple[str, list[str]]:
    """The one model that several labels are of, and what each says beside its name; "" where there is no such model."""
    views = [view for label in labels for view in analysis.views if view.label == label]
    names = {model_name(view) for view in views}
    name = names.pop() if len(names) == 1 and len(views) == len(labels) > 1 else ""
    ways = plain_ways("from", *views) or [way_in(view, name) for view in views]
    return (name, ways) if all(ways) else ("", ways)


def dump(summary: Summary) -> bytes:
    """The bytes of summary.json."""
    # A lone surrogate in a title has no UTF-8.
    return (json.dumps(asdict(summary), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def load(data: bytes, *, file: str = NAME) -> Summary:
    """The summary that `dump` wrote.

    Raises:
        InputError: another version of llmxray wrote it, or not all of it was written, or something else did.
    """
    try:
        found = _SUMMARY.validate_json(data)
        options = [" ".join(each) for each in zip(found.options[::2], found.options[1::2], strict=True)]
        if not all(map(_OPTION.fullmatch, options)):
            raise ValueError("it holds options that llmxray never writes")
    # Of pydantic too.
    except ValueError as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error
    return found


def ordered(summaries: Sequence[Summary], settings: Site) -> tuple[Summary, ...]:
    """In the order of the site's author; those that are not named follow, benchmarks first, then by name."""
    places = {name: place for place, name in enumerate(settings.order)}
    rest = sorted(summaries, key=lambda summary: (summary.kind != "benchmark", summary.name))
    return tuple(sorted(rest, key=lambda summary: places.get(summary.name, len(places))))
