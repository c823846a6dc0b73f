"""Playback: replies and runs played back with their recorded rhythm."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question
from llmxray.report.files import playback_data
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Renderer

MOST_ACTS = 4
"""Side by side, as MOST of playback.js."""


def write_playback(renderer: Renderer, data: ExperimentData, found: Sequence[Question], first: str) -> None:
    """Write the page, opening with ``first`` where it can be played, and its data files."""
    index, n_playable = playback_data.write(renderer, data, found, first)
    page = playback_page(data, found, index, n_playable)
    renderer.page(f"{data.name}/playback.html", "pages/answers/playback.html", page)


def playback_page(data: ExperimentData, found: Sequence[Question], index: str, n_playable: int) -> Values:
    """The model of the page; ``index`` and ``n_playable`` are what `playback_data.write` returned."""
    what = (
        "Watch answers arrive at the pace at which they were recorded, one question at a time or the whole run."
        if n_playable
        else "Watch the run at the pace at which it was recorded."
    )
    lede, n_questions = f"{what} Nothing moves until you press Play.", len(found)
    # How to read the page, and what part of the experiment it holds.
    notes = [
        "Times are those of the recording, from the request to each piece as it arrived; at 1× a second is a "
        "second. A replay sends the same pieces with the same gaps.",
        "In the whole run each condition asks its questions one after the other, without the pauses between "
        "them: the clock adds up the time spent waiting for whole replies. A mark falls when a reply is there.",
    ]
    if len(data.results.plan.conditions) > MOST_ACTS:
        notes.append(f"{MOST_ACTS} conditions play side by side: hide others in the legend to see the rest.")
    if 0 < n_playable < n_questions:
        notes.append(
            f"Of {numbers.count(n_questions)} questions {numbers.count(n_playable)} can be played one by one: "
            f"the first {numbers.count(min(n_questions, playback_data.MOST_QUESTIONS))} and the one that the page "
            "opens with are looked at, and among them those to which at least one condition wrote a reply piece by "
            "piece."
        )
    if not n_playable:
        notes.append("No reply was written piece by piece, so single questions cannot be played.")
    if n_questions > playback_data.MOST_TRIALS:
        notes.append(f"The whole run is its first {numbers.count(playback_data.MOST_TRIALS)} questions here.")
    if any(condition.answer == "likelihood" for condition in data.results.plan.conditions):
        notes.append(
            "Conditions that weigh the options (likelihood) write nothing; they are in the run only."
        )
    return framed(data, "answers", "Playback", index=index, lede=lede, notes=notes)
