"""Recordings in rounds, which may end early: how far they came, and whether they have ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.errors import CassetteError
from llmxray.plan import Plan, first_looks, item_address
from llmxray.workflow.report import report_data

if TYPE_CHECKING:
    from llmxray.report.analysis.course import Course
    from llmxray.results import Results
    from llmxray.workflow.preparation import Prepared


def asked_part(plan: Plan, cassette: Cassette) -> Plan:
    """The plan of the looks all of whose trials were asked; the whole plan if it has no rounds, or no look is whole."""
    return first_looks(plan, n_looks) if (n_looks := asked_looks(plan, cassette)) else plan


def asked_looks(plan: Plan, cassette: Cassette) -> int:
    """Number of looks all of whose trials were asked."""
    if plan.rounds is None:
        return 0
    left = {
        item_address(trial.suite, trial.item)
        for trial in plan.trials
        if not all(cassette.tries(request.key, trial.sample) for request in trial.requests)
    }
    return sum(left.isdisjoint(plan.rounds.items(look)) for look in range(len(plan.rounds.looks)))


def next_look(plan: Plan, cassette: Cassette) -> Plan:
    """The plan up to the first look that is not all asked, which machines record in parts; without rounds all of it.

    No machine has the answers of the others before they are merged, so none can know whether it would be the last look.
    """
    last = len(plan.rounds.looks) if plan.rounds else 1
    return first_looks(plan, min(asked_looks(plan, cassette) + 1, last))


def look_at(prepared: Prepared, plan: Plan, cassette: Cassette) -> Course:
    """The looks at the answers to the questions of a part of the plan, the last one among them."""
    analysis = prepared.experiment.analysis
    results = results_room.score_recordings(
        plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood
    )
    course = course_of(prepared, results)
    assert course is not None
    return course


def course_of(prepared: Prepared, results: Results) -> Course | None:
    """The looks at results; None where the plan has no rounds."""
    # Imported here, because statistics take a third of the start.
    from llmxray.report.analysis import Analysis, course  # noqa: PLC0415

    return course.course_of(Analysis(report_data(prepared, results)))


def ended(prepared: Prepared, results: Results, *, partial: bool = False) -> Results:
    """The results with what share of the questions was asked.

    Raises:
        CassetteError: the recording has not come to its end yet, and is not wanted in part.
    """
    course = course_of(prepared, results) if results.plan.rounds else None
    if course is None or course.end == "all asked":
        return results
    n_all = len(course.rounds.units)
    if course.end == "go on" and not prepared.settings:
        share = f"{course.asked:,} of {n_all:,} questions recorded, and some predictions are open"
        if not partial:
            name = prepared.experiment.experiment
            raise CassetteError(
                f"{name}: only {share}. Record on (`llmxray run {name} --mode record`), or see what there is with "
                "`llmxray report --partial`"
            )
        return replace(results, partial=f"Partial recording: {share}.")
    return results if course.asked == n_all else replace(results, stopped=str(course.stopped))


def progress_of(prepared: Prepared) -> str:
    """Which share of the questions of a recording in rounds was asked; "" before its first look."""
    cassette = Cassette(prepared.cassette)
    looks = asked_looks(prepared.plan, cassette)
    if not looks:
        return ""
    course = look_at(prepared, first_looks(prepared.plan, looks), cassette)
    return f"{course.line()}{'' if course.end == 'go on' else f', {course.end}'}"
