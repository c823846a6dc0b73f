"""Playback: the whole run, which can be emptied and filled again in recorded time, and one answer as it was written."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from llmxray.cassette import Address
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionView,
    ExperimentData,
    Pair,
    accuracy_of,
    address,
    grouped,
    mean_latency,
)
from llmxray.report.analysis.leaders import order
from llmxray.report.analysis.questions import CODES, Question, labels, opening, questions_of
from llmxray.report.analysis.reply_tokens import Strings, marked, marks, pieces
from llmxray.report.files.shards import DataFile, put, shard, write_data
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.wording.headline import main_finding
from llmxray.report.wording.speed import cut_warning, load_warning, stall_warning, time_sentences
from llmxray.report.wording.verdicts import compared
from llmxray.scoring import opens_thinking
from llmxray.types import (
    UNCOUNTED,
    Completion,
    Condition,
    Interaction,
    Json,
    Outcome,
    Row,
    TokenLogprob,
    TokenPart,
)
from llmxray.wire import closes_thinking, decode_events, event_texts, json_values, mark_thinking

# Above it a row is a bar: a hundred thousand marks would be neither drawn quickly nor read.
MOST_MARKS = 6_000
# A run is over in about so many seconds, at one of these speeds.
_SECONDS = 15
_SPEEDS = (1, 3, 10, 30, 60, 100, 300, 1_000, 3_000, 10_000)
_UNCOUNTED = {CODES[each] for each in UNCOUNTED}


class _Lane(NamedTuple):
    """The answers of one condition to one group of questions: letters of outcomes, and when they were there."""

    view: ConditionView
    rows: list[Row]
    times: list[int]

    @property
    def codes(self) -> str:
        return "".join(CODES[row.outcome] for row in self.rows)


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the page and its data files."""
    groups = _run(analysis)
    rows: list[Json] = [
        [
            [now - before for before, now in pairwise((0, *lane.times))],
            lane.codes,
            analysis.ranked.index(lane.view),
        ]
        for lanes in groups.values()
        for lane in lanes
    ]
    first = opening(analysis)
    asked = sorted(questions_of(analysis), key=lambda each: each.address != first)
    index, playable = write_streams(renderer, analysis, asked, rows)
    page = page_values(analysis, groups, index, playable)
    renderer.page(f"{analysis.data.name}/playback.html", "pages/playback/page.html", page)


def page_values(
    analysis: Analysis, groups: dict[str, list[_Lane]], index: str, playable: Sequence[Question]
) -> TemplateValues:
    """The page, with everything as it was at the end.

    Args:
        index, playable: what `write_streams` returned.
    """
    lanes = [lane for group in groups.values() for lane in group]
    headline, times = _headline(analysis)
    end = max((lane.times[-1] for lane in lanes), default=0)
    fit = next((speed for speed in _SPEEDS if end <= 1000 * _SECONDS * speed), _SPEEDS[-1])
    return framed(
        analysis.data,
        "playback",
        "Playback",
        index=index,
        headline=headline,
        times=times,
        slow=load_warning(analysis) or stall_warning(analysis) or cut_warning(analysis),
        said=Finding(
            "playback.said",
            overlap=Finding("playback.overlap")
            if any(row.concurrency > 1 for view in analysis.views for row in view.rows)
            else None,
        ),
        heads=[_head(view, [lane for lane in lanes if lane.view is view]) for view in analysis.ranked],
        groups=[(name, [_shown(analysis, lane) for lane in group]) for name, group in groups.items()],
        outcomes={code for lane in lanes for code in lane.codes},
        drawn=sum(len(lane.rows) for lane in lanes) <= MOST_MARKS,
        speeds=[each for each in _SPEEDS if each <= 5 * fit],
        fit=fit,
        questions=playable,
        n=len(questions_of(analysis)),
        most=MOST_QUESTIONS,
        fewest=FEWEST_PIECES,
        views=analysis.ranked,
    )


def _run(analysis: Analysis) -> dict[str, list[_Lane]]:
    """By suite, or by category of a single one, the answers of each condition, asked one after the other."""
    several = len({row.suite for row in analysis.data.results.rows}) > 1
    groups: dict[str, dict[str, _Lane]] = {}
    for view in analysis.ranked:
        now = 0
        for row in view.rows:
            if row.outcome is Outcome.ERROR or row.latency_s is None:
                continue
            now += round(1000 * row.latency_s)
            # Two suites may have a category of one name.
            name = ("" if several else row.category) or analysis.label_of_suite(row.suite)
            lane = groups.setdefault(name, {}).setdefault(view.id, _Lane(view, [], []))
            lane.rows.append(row)
            lane.times.append(now)
    return {name: list(lanes.values()) for name, lanes in groups.items()}


def _head(view: ConditionView, lanes: Sequence[_Lane]) -> TemplateValues:
    every = "".join(lane.codes for lane in lanes)
    ms = max((lane.times[-1] for lane in lanes), default=0)
    scored = sum(code not in _UNCOUNTED for code in every)
    return TemplateValues(
        view=view,
        right=every.count("c") if scored else len(every),
        of=f"right of {numbers.count(scored)}" if scored else "answers",
        share=every.count("c") / scored if scored else 1.0,
        time=_clock(ms),
    )


def _shown(analysis: Analysis, lane: _Lane) -> TemplateValues:
    suites = {row.suite for row in lane.rows}
    categories = {row.category for row in lane.rows}
    share = accuracy_of(lane.rows, analysis.design).value
    conditions = analysis.plan.conditions
    return TemplateValues(
        view=lane.view,
        label=labels(conditions)[conditions.index(lane.view.condition)],
        codes=lane.codes,
        share=share,
        text=numbers.count(len(lane.rows)) if share is None else numbers.percent(share),
        href=analysis.contents.questions(
            suite=suites.pop() if len(suites) == 1 else "",
            category=categories.pop() if len(categories) == 1 else "",
            condition=lane.view.id,
        ),
    )


def _clock(ms: float) -> str:
    """As page.js writes it."""
    minutes, seconds = divmod(int(ms / 1000), 60)
    return f"{minutes}:{seconds:02} min" if minutes else f"{ms / 1000:.1f} s"


def _headline(analysis: Analysis) -> tuple[Finding, Finding | None]:
    """Which is right more often of the two that the experiment compares, or of the best and the worst; and the times.

    Where nothing is scored, the times alone.
    """
    views = [view for view in analysis.ranked if mean_latency(view) is not None]
    if len(views) < 2:
        view = views[0] if views else analysis.views[0]
        right = sum(row.outcome is Outcome.CORRECT for row in view.rows)
        time = _clock(1000 * sum(row.latency_s or 0.0 for row in view.rows))
        return Finding("playback.alone", view=view, n=len(view.rows), time=time, right=right or None), None
    in_question = main_finding(analysis).compared
    two = [view for view in views if view.id in in_question]
    a, z = two if len(two) == 2 else (views[0], views[-1])
    pair, times = analysis.pair(a, z), Joined(*time_sentences(analysis, a, z)[:1])
    if pair.difference.value is None and times.parts:
        return times, None
    said = compared(analysis, pair)
    both = _both(analysis, pair, said)
    return (both, None) if both else (said, times)


def _both(analysis: Analysis, pair: Pair, said: Finding) -> Finding | None:
    """How many times as long, and as often right, as far as tests show it; None where they show neither."""
    first, second, _ = order(pair)
    time, hits = analysis.latency_ratio(first, second), [view.means("right") for view in (first, second)]
    more, less = (sum(each[item] for item in hits[0] if item in hits[1]) for each in hits)
    way = "slower" if (time.low or 0.0) > 1 else "faster" if 0 < (time.high or 0.0) < 1 else ""
    if not (less and way and time.value and "first" in said.values):
        return None
    slow, fast = (said.values[each] for each in ("first", "second")[:: 1 if way == "slower" else -1])
    kind, ratio = way if pair.differs else "open", max(time.value, 1 / time.value)
    return Finding(f"playback.{kind}", slow=slow, fast=fast, time=ratio, right=more / less)


# A second copy of replies, for their rhythm: without a bound a large site would double.
MOST_QUESTIONS = 200
MOST_BYTES = 4_000_000
_FILE_BYTES = 250_000
# A reply of fewer pieces, such as a letter, is there at once.
FEWEST_PIECES = 12


def write_streams(
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
        return tuple(replace(text, part="reasoning") for text in texts)
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
