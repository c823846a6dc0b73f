"""Data files of playback.

::

    data/playback.<hash>.js       what can be played: questions with streams, and the run trial by trial
    data/streams-<n>.<hash>.js   replies to some questions, with the milliseconds between their pieces

Replies are there for the first `MOST_QUESTIONS` questions and the one that the page opens with, and at most
`MOST_BYTES` in all; trials for the first `MOST_TRIALS` questions. The page says so where an experiment is larger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter

from llmxray.cassette import Address
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import CODES, Question, labels
from llmxray.report.analysis.reply_tokens import Strings
from llmxray.report.analysis.rows import address, grouped
from llmxray.report.files import streams
from llmxray.report.files.shards import DataFile, put, shard, write_data
from llmxray.report.widgets.render import Output
from llmxray.types import Condition, Json, Outcome, Row

# A second copy of replies, for their rhythm: without a bound a large site would double.
MOST_QUESTIONS = 200
MOST_TRIALS = 2000
MOST_BYTES = 4_000_000
_FILE_BYTES = 250_000
# A question, the number of its file, and the size of its replies.
type _Playable = tuple[Question, int, int]


def write(
    renderer: Output, data: ExperimentData, questions: Sequence[Question], first: str = ""
) -> tuple[str, int]:
    """Write the data files and remove those of an older build.

    Args:
        first: address of the question to open with; where it cannot be played, it is the one with the longest replies.

    Returns:
        Path of the index, relative to the experiment's folder, and how many questions have their replies.
    """
    looked_at = [*questions[:MOST_QUESTIONS], *(q for q in questions[MOST_QUESTIONS:] if q.address == first)]
    made, playable = _streams(data, looked_at)
    files = [put(renderer, data.name, each) for each in made]
    renderer.remove_old(f"{data.name}/data/streams-*.js", files)
    index = write_data(
        renderer,
        data.name,
        "playback",
        {
            "files": list[Json](files),
            "conditions": _conditions(data),
            "questions": [
                [question.address, question.short, question.right, file] for question, file, _ in playable
            ],
            "first": _place(playable, first),
            "run": run(data, questions[:MOST_TRIALS]),
        },
        packed=data.is_large,
    )
    return index, len(playable)


def run(data: ExperimentData, questions: Sequence[Question]) -> Json:
    """Every trial of these questions: how long it took and what came of it.

    Returns:
        ``groups`` names of the suites, or of the categories of a single one; ``group`` one place per question;
        ``trials`` per condition the question, the outcome's letter and the milliseconds of each trial that has a whole
        reply, as columns.
    """
    places = {question.address: place for place, question in enumerate(questions)}
    suites = {question.suite for question in questions}
    names = [_group(data, question, len(suites) > 1) for question in questions]
    groups = list(dict.fromkeys(names))
    return {
        "groups": list[Json](groups),
        "group": [groups.index(name) for name in names],
        "trials": [
            _trials(data.results.of(condition.id), places) for condition in data.results.plan.conditions
        ],
    }


def _trials(rows: Sequence[Row], places: dict[str, int]) -> Json:
    played = [
        (place, CODES[row.outcome], round(1000 * row.latency_s))
        for row in rows
        if (place := places.get(address(row))) is not None
        and row.outcome is not Outcome.ERROR
        and row.latency_s is not None
    ]
    return {
        "q": [place for place, _, _ in played],
        "o": "".join(code for _, code, _ in played),
        "ms": [ms for _, _, ms in played],
        "alone": all(row.concurrency == 1 for row in rows),
    }


def _group(data: ExperimentData, question: Question, by_suite: bool) -> str:
    """The suite, or of one suite alone the category: two suites may have a category of one name."""
    category = "" if by_suite else question.item.category
    return category or data.results.plan.suites[question.suite].card.title.split(" (")[0]


def _place(playable: Sequence[_Playable], first: str) -> int:
    """Place of the question to open with."""
    addresses = [question.address for question, _, _ in playable]
    if first in addresses:
        return addresses.index(first)
    sizes = [size for _, _, size in playable]
    return sizes.index(max(sizes)) if sizes else 0


def _conditions(data: ExperimentData) -> Json:
    conditions = data.results.plan.conditions
    return [[condition.id, label] for condition, label in zip(conditions, labels(conditions), strict=True)]


def _streams(data: ExperimentData, questions: Sequence[Question]) -> tuple[list[DataFile], list[_Playable]]:
    """Questions in order into files, those with a streamed reply."""
    rows = grouped(data.results.rows, lambda row: (address(row), row.condition))
    shards: list[DataFile] = []
    playable: list[_Playable] = []
    strings, kept, size, total = Strings(), dict[str, Json](), 0, 0
    for question in questions:
        entry = [
            [
                _reply(data, row, condition, strings)
                for row in sorted(rows.get((question.address, condition.id), ()), key=attrgetter("sample"))
            ]
            for condition in data.results.plan.conditions
        ]
        # Likelihood answers are weighed and not written: there would be an empty stage to play.
        if not any(reply and reply["t"] for samples in entry for reply in samples):
            continue
        kept[question.address] = [list[Json](samples) for samples in entry]
        added = len(json.dumps(entry, separators=(",", ":")))
        playable.append((question, len(shards), added))
        size, total = size + added, total + added
        if size > _FILE_BYTES:
            shards.append(_file(len(shards), strings, kept, data.is_large))
            strings, kept, size = Strings(), {}, 0
        if total > MOST_BYTES:
            break
    if kept:
        shards.append(_file(len(shards), strings, kept, data.is_large))
    return shards, playable


def _file(number: int, strings: Strings, kept: dict[str, Json], packed: bool) -> DataFile:
    return shard(f"streams-{number:03}", {"strings": strings.table, "questions": kept}, packed=packed)


def _reply(data: ExperimentData, row: Row, condition: Condition, strings: Strings) -> dict[str, Json] | None:
    """One reply; None where nothing was written: no whole reply, or options that were only weighed."""
    # More than one recording: options that were each forced, one request an option.
    if len(row.recordings) != 1 or row.outcome is Outcome.ERROR:
        return None
    where = Address.parse(row.recordings[0])
    reply = data.cassette.completion(where)
    found = streams.timed(reply, condition, lambda: data.cassette.get(where))
    said = {"o": CODES[row.outcome], "answer": row.answer}
    return {**streams.columns(found, row.latency_s, strings), **said}
