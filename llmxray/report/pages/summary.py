"""What the front page says of one experiment, kept as ``summary.json`` in its folder.

The front page is made from all summaries that the site holds, so rebuilding one experiment gives the same
front page as building all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from llmxray.errors import InputError
from llmxray.report.analysis import Analysis
from llmxray.report.pages.headline import Headline, Shares, headline
from llmxray.report.pages.table import Link
from llmxray.report.stated import stated
from llmxray.types import Estimate

NAME = "summary.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """One experiment in short.

    Attributes:
        stated: when the hypothesis was written, in words; "" where that is not known.
        recorded: day of the first recording, ISO 8601, "" when unknown.
    """

    name: str
    title: str
    hypothesis: str
    stated: str
    kind: str
    headline: Headline
    recorded: str
    n_conditions: int
    n_items: int
    n_trials: int


def make(analysis: Analysis) -> Summary:
    """The summary of an experiment."""
    data = analysis.data
    manifest = data.cassette.manifest
    recorded = str(manifest.recorded.get("first", ""))[:10] if manifest is not None else ""
    return Summary(
        data.name,
        data.title,
        data.experiment.hypothesis or "",
        stated(data).when,
        data.experiment.kind,
        headline(analysis),
        recorded,
        len(analysis.views),
        sum(len(suite.items) for suite in analysis.plan.suites.values()),
        len(data.results.rows),
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
        fields = json.loads(data)
        found = fields.pop("headline")
        rows = tuple(
            Shares(
                each["name"], each["css"], each["href"], tuple(Estimate(**share) for share in each["shares"])
            )
            for each in found.pop("rows")
        )
        sentences, more, measures = (tuple(found.pop(name)) for name in ("sentences", "more", "measures"))
        link = found.pop("link")
        return Summary(
            **fields,
            headline=Headline(
                **found,
                sentences=sentences,
                more=more,
                measures=measures,
                rows=rows,
                link=None if link is None else Link(**link),
            ),
        )
    # ValueError: a build that was killed may leave half a file.
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error


def ordered(summaries: Sequence[Summary]) -> tuple[Summary, ...]:
    """Benchmarks first, then by name: an order that does not depend on what was built last."""
    return tuple(sorted(summaries, key=lambda each: (each.kind != "benchmark", each.name)))
