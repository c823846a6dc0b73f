"""What the front page says of one experiment, kept as ``summary.json`` in its folder.

The front page is made from all summaries that the site holds, so rebuilding one experiment gives the same
front page as building all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from llmxray.errors import InputError
from llmxray.experiment.fields import Name
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.showcase import Duel, Moment, Runner, duel, moment, race
from llmxray.report.site_settings import SiteSettings
from llmxray.report.widgets.bars import Bars
from llmxray.report.widgets.opening import Badge, badge, picture
from llmxray.report.wording.headline import headline
from llmxray.report.wording.predictions import verdicts

NAME = "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One experiment in short.

    Attributes:
        badge: what became of its first prediction; None without any.
        finding: its headline in a sentence, for experiments without predictions.
        recorded: day of the first recording, ISO 8601, "" when unknown.
        moment, duel, race: what it lends to the front page when it is featured.
    """

    name: Name
    title: str
    kind: str
    badge: Badge | None
    finding: str
    picture: Bars | None
    recorded: str
    n_conditions: int
    n_items: int
    n_trials: int
    moment: Moment | None
    duel: Duel | None
    race: tuple[Runner, ...]


_SUMMARY = TypeAdapter(Summary)


def make(analysis: Analysis) -> Summary:
    """The summary of an experiment."""
    data, found, judged = analysis.data, headline(analysis), verdicts(analysis)
    manifest = data.cassette.manifest
    recorded = str(manifest.recorded.get("first", ""))[:10] if manifest is not None else ""
    first = next((each for each in judged if each.shown), None)
    return Summary(
        name=data.name,
        title=data.title,
        kind=data.experiment.kind,
        badge=None if first is None else badge(first),
        finding=found.sentences[0] if found.sentences else "",
        picture=picture(analysis, found, judged),
        recorded=recorded,
        n_conditions=len(analysis.views),
        n_items=sum(len(suite.items) for suite in analysis.plan.suites.values()),
        n_trials=len(data.results.rows),
        moment=moment(analysis),
        duel=duel(analysis),
        # It leads to the page where it is played.
        race=race(analysis) if data.contents.has("playback") else (),
    )


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


def ordered(summaries: Sequence[Summary], settings: SiteSettings) -> tuple[Summary, ...]:
    """In the order of the site's author; those that are not named follow, benchmarks first, then by name."""
    places = {name: place for place, name in enumerate(settings.order)}

    def key(summary: Summary) -> tuple[int, bool, str]:
        return (places.get(summary.name, len(places)), summary.kind != "benchmark", summary.name)

    return tuple(sorted(summaries, key=key))
