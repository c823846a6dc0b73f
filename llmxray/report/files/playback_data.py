"""Data files of playback.

::

    data/playback.<hash>.js       the run, row by row, and which questions can be played
    data/streams-<n>.<hash>.js   replies to some questions, with the milliseconds between their pieces

Replies are there for `MOST_QUESTIONS` questions, and at most `MOST_BYTES` in all, in the order
of `Analysis.ranked`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from llmxray.cassette import Address
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import CODES, Question
from llmxray.report.analysis.reply_tokens import Strings
from llmxray.report.analysis.rows import address, grouped
from llmxray.report.files import streams
from llmxray.report.files.shards import DataFile, put, shard, write_data
from llmxray.report.widgets.render import Output
from llmxray.types import Condition, Json, Outcome, Row

# A second copy of replies, for their rhythm: without a bound a large site would double.
MOST_QUESTIONS = 200
MOST_BYTES = 4_000_000
_FILE_BYTES = 250_000
# A reply of fewer pieces, such as a letter, is there at once.
_FEWEST_PIECES = 12


def write(
    renderer: Output, analysis: Analysis, questions: Sequence[Question], rows: Json
) -> tuple[str, list[Question]]:
    """Write the data files and remove those of an older build.

    Args:
        questions: in the order in which they are offered. rows: of the run, as the page reads them.

    Returns:
        Path of the index, relative to the experiment's folder, and the questions that can be played.
    """
    data = analysis.data
    written, playable = _streams(analysis, questions)
    files = [put(renderer, data.name, each) for each in written]
    renderer.remove_old(f"{data.name}/data/streams-*.js", files)
    index: Json = {
        "rows": rows,
        "files": list[Json](files),
        "questions": [
            [question.address, question.short, question.right, file] for question, file in playable
        ],
    }
    path = write_data(renderer, data.name, "playback", index, packed=data.is_large)
    return path, [question for question, _ in playable]


def _streams(
    analysis: Analysis, questions: Sequence[Question]
) -> tuple[list[DataFile], list[tuple[Question, int]]]:
    """Questions into files; those with a reply to watch, with the numbers of their files."""
    data, conditions = analysis.data, [view.condition for view in analysis.ranked]
    rows = grouped(data.results.rows, lambda row: (address(row), row.condition))
    shards: list[DataFile] = []
    playable: list[tuple[Question, int]] = []
    strings, kept, size, total = Strings(), dict[str, Json](), 0, 0
    for question in questions:
        asked = [rows.get((question.address, each.id), []) for each in conditions]
        # Replies are read only where one is long enough.
        if not any(
            (row.completion_tokens or len(row.text)) >= _FEWEST_PIECES for each in asked for row in each
        ):
            continue
        entry = [
            [_reply(data, row, condition, strings) for row in sorted(each, key=attrgetter("sample"))]
            for condition, each in zip(conditions, asked, strict=True)
        ]
        if not any(reply and len(reply["t"]) >= _FEWEST_PIECES for samples in entry for reply in samples):
            continue
        kept[question.address] = [list[Json](samples) for samples in entry]
        playable.append((question, len(shards)))
        added = len(json.dumps(entry, separators=(",", ":")))
        size, total = size + added, total + added
        if size > _FILE_BYTES:
            shards.append(_file(len(shards), strings, kept, data.is_large))
            strings, kept, size = Strings(), {}, 0
        if total > MOST_BYTES or len(playable) == MOST_QUESTIONS:
            break
    if kept:
        shards.append(_file(len(shards), strings, kept, data.is_large))
    return shards, playable


def _file(number: int, strings: Strings, kept: dict[str, Json], packed: bool) -> DataFile:
    return shard(f"streams-{number:03}", {"strings": strings.since(0), "questions": kept}, packed=packed)


def _reply(data: ExperimentData, row: Row, condition: Condition, strings: Strings) -> dict[str, Any] | None:
    """One reply; None where nothing was written: no whole reply, or options that were only weighed."""
    # More than one recording: options that were each forced, one request an option.
    if len(row.recordings) != 1 or row.outcome is Outcome.ERROR:
        return None
    where = Address.parse(row.recordings[0])
    reply = data.cassette.completion(where)
    found = streams.timed(reply, condition, lambda: data.cassette.get(where))
    said = {"o": CODES[row.outcome], "n": row.completion_tokens}
    return {**streams.columns(found, row.latency_s, strings), **said}
