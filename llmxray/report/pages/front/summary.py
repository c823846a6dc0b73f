"""What the front page says of one experiment, kept as ``summary.json`` in its folder.

The front page is made from all summaries that the site holds, so rebuilding one experiment gives the same
front page as building all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter, ValidationError

from llmxray.errors import InputError
from llmxray.experiment import Site
from llmxray.experiment.fields import Line, Name
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.showcase import Duel, Moment, Runner, duel, moments, race
from llmxray.report.widgets.bars import BarGroup, Bars
from llmxray.report.widgets.opening import Badge, badge, leading, picture
from llmxray.report.wording.headline import headline
from llmxray.report.wording.in_short import InShort, in_short, model_name
from llmxray.report.wording.predictions import verdicts

NAME = "summary.json"
# A card shows what its experiment found at a glance; the page behind it has the rest.
_MOST_GROUPS, _MOST_LINES = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One experiment in short.

    Attributes:
        guess: whether its first page asks for a guess before it shows the verdicts.
        badge: the verdict that its own page opens with; None where ``finding`` is about no prediction.
        finding: what it found, in a plain sentence or two.
        models: names of its models, for people where they have one.
        recorded: day of the first recording, ISO 8601, "" when unknown.
        moments, duel, race: what it lends to the front page when it is featured.
        read: files and folders of other tools that it was made from, as `llmxray report` was told; () for a recording.
        options: options that `llmxray report` was told with them.
    """

    name: Name
    title: Line
    kind: str
    guess: bool
    badge: Badge | None
    finding: str
    models: tuple[Line, ...]
    picture: Bars | None
    recorded: str
    moments: tuple[Moment, ...]
    duel: Duel | None
    race: tuple[Runner, ...]
    read: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """The models in a list; what two in a row begin with is said once: "Qwen 0.5B, 1.5B"."""
        short = [
            name.removeprefix(f"{before.rpartition(' ')[0]} ") if " " in before else name
            for before, name in zip(("", *self.models), self.models, strict=False)
        ]
        return ", ".join(short)


_SUMMARY = TypeAdapter(Summary)


def make(analysis: Analysis) -> Summary:
    """The summary of an experiment."""
    data, found, lead = analysis.data, in_short(analysis), leading(analysis)
    manifest = data.cassette.manifest
    recorded = str(manifest.recorded.get("first", ""))[:10] if manifest is not None else ""
    return Summary(
        name=data.name,
        title=data.title,
        kind=data.experiment.kind,
        guess=any(each.shown for each in verdicts(analysis)),
        # Beside a sentence about something else it would seem to judge that.
        badge=None if lead is None or lead is not found.verdict else badge(analysis, lead),
        finding=found.sentence,
        # What is sent is no name for people where it is the id of the condition only.
        models=tuple(
            dict.fromkeys(
                name or view.condition.model
                for view in analysis.views
                if (name := model_name(view)) or view.condition.model != view.id
            )
        ),
        picture=_small(analysis, picture(analysis, headline(analysis)), found),
        recorded=recorded,
        moments=(told := moments(analysis)),
        duel=duel(analysis, told),
        # It leads to the page where it is played.
        race=race(analysis) if data.contents.has("playback") else (),
        read=(data.given or data.files) if data.files else (),
        options=data.given_options if data.files else (),
    )


def _small(analysis: Analysis, bars: Bars | None, found: InShort) -> Bars | None:
    """The picture with the few bars that the sentence is about, without numbers in words and without links."""
    if bars is None:
        return None
    groups = bars.groups
    if found.compared and len(groups) > _MOST_GROUPS:
        labels = {view.label for view in analysis.views if view.id in found.compared}
        groups = tuple(group for group in groups if group.label in labels)
    small = tuple(
        replace(group, lines=tuple(replace(line, small="", href="") for line in group.lines[:_MOST_LINES]))
        for group in groups[:_MOST_GROUPS]
    )
    return replace(
        bars,
        groups=small,
        caption="",
        chance_text="guessing" if bars.chance else "",
        shape=_shape(analysis, groups),
    )


def _shape(analysis: Analysis, groups: Sequence[BarGroup]) -> str:
    """What is drawn of the picture while the result is covered; see `Bars`."""
    lead = leading(analysis)
    if headline(analysis).by_variant:
        return "variants"
    if lead is not None and lead.metric == "similarity":
        return "alike"
    return "ways" if len({group.label.partition(", ")[0] for group in groups}) == 1 else ""


def dump(summary: Summary) -> bytes:
    """The bytes of summary.json."""
    # A lone surrogate in a title has no UTF-8.
    return (json.dumps(asdict(summary), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def load(data: bytes, *, file: str = NAME) -> Summary:
    """The summary that `dump` wrote.

    Raises:
        InputError: another version of llmxray wrote it, or not all of it was written.
    """
    try:
        return _SUMMARY.validate_json(data)
    except ValidationError as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error


def ordered(summaries: Sequence[Summary], settings: Site) -> tuple[Summary, ...]:
    """In the order of the site's author; those that are not named follow, benchmarks first, then by name."""
    places = {name: place for place, name in enumerate(settings.order)}

    def key(summary: Summary) -> tuple[int, bool, str]:
        return (places.get(summary.name, len(places)), summary.kind != "benchmark", summary.name)

    return tuple(sorted(summaries, key=key))
