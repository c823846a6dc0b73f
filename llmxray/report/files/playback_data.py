"""Data files of playback: the run, and replies with their recorded rhythm.

::

    data/playback.<hash>.js       the run, row by row, and which questions can be played
    data/streams-<n>.<hash>.js   replies to some questions, with the milliseconds between their pieces

Replies are there for `MOST_QUESTIONS` questions, and at most `MOST_BYTES` in all, in the order
of `Analysis.ranked`.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from operator import attrgetter
from typing import Any

from llmxray.cassette import Address
from llmxray.report.analysis import Analysis, ExperimentData, address, grouped
from llmxray.report.analysis.questions import CODES, Question
from llmxray.report.analysis.reply_tokens import Strings, marked, marks, pieces
from llmxray.report.files.shards import DataFile, put, shard, write_data
from llmxray.report.widgets.render import Output
from llmxray.scoring import opens_thinking
from llmxray.types import Completion, Condition, Interaction, Json, Outcome, Row, TokenLogprob, TokenPart
from llmxray.wire import closes_thinking, decode_events, event_texts, json_values, mark_thinking

# A second copy of replies, for their rhythm: without a bound a large site would double.
MOST_QUESTIONS = 200
MOST_BYTES = 4_000_000
_FILE_BYTES = 250_000
# A reply of fewer pieces, such as a letter, is there at once.
FEWEST_PIECES = 12


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
            (row.completion_tokens or len(row.text)) >= FEWEST_PIECES for each in asked for row in each
        ):
            continue
        entry = [
            [_reply(data, row, condition, strings) for row in sorted(each, key=attrgetter("sample"))]
            for condition, each in zip(conditions, asked, strict=True)
        ]
        if not any(reply and len(reply["t"]) >= FEWEST_PIECES for samples in entry for reply in samples):
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
    found = timed(reply, condition, lambda: data.cassette.get(where))
    said = {"o": CODES[row.outcome], "n": row.completion_tokens}
    return {**stream_columns(found, row.latency_s, strings), **said}


_PARTS: tuple[TokenPart, ...] = ("reasoning", "answer")


def timed(
    reply: Completion, condition: Condition, recording: Callable[[], Interaction]
) -> tuple[TokenLogprob, ...]:
    """The pieces of a streamed reply, each with its arrival and its part; empty for a body that came at once.

    They are the tokens of the reply, or the texts of its events where the server sent no logprobs; only then is
    the recording asked for.
    """
    if reply.ttft_s is None:
        return ()
    if reply.tokens:
        return marked(reply, condition)
    texts = _texts(recording())
    if reply.reasoning:
        # A field of its own tells the thinking; tags in the text are then the answer's.
        return texts
    # The prompt opened the thinking and the reply never closed it, so no tag says what it is.
    if opens_thinking(condition.layout) and not closes_thinking(reply.text):
        return tuple(replace(each, part="reasoning") for each in texts)
    return mark_thinking(texts)


def stream_columns(
    tokens: Sequence[TokenLogprob], latency_s: float | None, strings: Strings
) -> Mapping[str, Json]:
    """The pieces as columns.

    Returns:
        ``t`` texts, ``d`` milliseconds since the piece before (since the request for the first one), ``r``
        marks of the thinking ("1"), left out when all is answer, ``end`` milliseconds from the request to the
        last byte.
    """
    times = [_ms(token.t_s) for token in tokens]
    found: dict[str, Json] = {
        "t": [strings(text) for text in pieces(tokens)],
        # Clocks may stand still between two chunks, and never run backwards.
        "d": [max(0, now - before) for before, now in zip([0, *times], times, strict=False)],
        "end": max([_ms(latency_s or 0.0), *times[-1:]]),
    }
    return found | marks("r", (token.part == "reasoning" for token in tokens))


def _texts(interaction: Interaction) -> tuple[TokenLogprob, ...]:
    ends = list(accumulate(len(chunk.raw) for chunk in interaction.chunks))
    found: list[TokenLogprob] = []
    for event in decode_events(interaction.body):
        payload = json_values.parse(event.data)
        # "[DONE]", or what a server writes that is no JSON.
        if not isinstance(payload, dict):
            continue
        # An event has arrived with the chunk that holds its last byte.
        t_s = interaction.chunks[bisect_left(ends, event.end)].t_s
        for part, text in zip(_PARTS, event_texts(payload, after_deltas=bool(found)), strict=True):
            if text:
                found.append(TokenLogprob(text, None, 0.0, (), t_s, part))
    return tuple(found)


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
