"""The frame around every page: tabs, breadcrumb, legend of conditions, footer."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from llmxray.report import kinds
from llmxray.report.data import ExperimentData
from llmxray.types import Condition, Outcome

SITE_NAME = "llmxray"
# Okabe–Ito has eight colours; a ninth condition shares the first one's and is told apart by its name.
N_COLOURS = 8
# What a person can weigh, and how many answers make a diagram.
MOST_CHOICES, FEWEST_FOR_PEOPLE = 6, 10

_BENCHMARK = (
    ("index.html", "Findings"),
    ("results.html", "Results"),
    ("pair.html", "Pair"),
    ("categories.html", "Categories"),
    ("calibration.html", "Calibration"),
    ("position.html", "Position"),
    ("twins.html", "Twins"),
    ("settings.html", "Settings"),
    ("threshold.html", "Threshold"),
    ("choose.html", "Choose"),
    ("questions.html", "Questions"),
    ("xray.html", "X-ray"),
    ("theatre.html", "Theatre"),
    ("yourself.html", "Yourself"),
    ("methods.html", "Methods"),
)
_COMPARE = (
    ("index.html", "Findings"),
    ("compare.html", "Compare"),
    ("results.html", "Results"),
    ("pair.html", "Pair"),
    ("questions.html", "Questions"),
    ("xray.html", "X-ray"),
    ("theatre.html", "Theatre"),
    ("methods.html", "Methods"),
)
# Pages that say nothing without a confidence.
_SURE = ("calibration.html",)
# Pages that exist only where two conditions can be compared.
_COMPARING = ("pair.html", "choose.html")
TABS = {"benchmark": _BENCHMARK, "compare": _COMPARE}


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of the experiment in the header."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the breadcrumb; the last one has no address."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in the legend.

    Attributes:
        css: its colour class, ``c0`` to ``c7``, the same on every page.
    """

    id: str
    label: str
    css: str


@dataclass(frozen=True, slots=True)
class Nav:
    """The header of a page.

    Attributes:
        experiment: title of the experiment, "" on pages of the whole site.
        conditions: legend that stays in view; empty where conditions do not appear.
    """

    site: str = SITE_NAME
    experiment: str = ""
    tabs: tuple[Tab, ...] = ()
    crumbs: tuple[Crumb, ...] = ()
    conditions: tuple[Chip, ...] = ()


def chips(data: ExperimentData) -> tuple[Chip, ...]:
    """The conditions in plan order, each with its colour."""
    return tuple(
        Chip(condition.id, label_of(condition), colour(index))
        for index, condition in enumerate(data.results.plan.conditions)
    )


def label_of(condition: Condition) -> str:
    """Name of a condition for people."""
    return condition.label or condition.id


def colour(index: int) -> str:
    """Colour class of the condition at that place of the plan."""
    return f"c{index % N_COLOURS}"


def nav(data: ExperimentData, current: str, crumbs: tuple[Crumb, ...] = ()) -> Nav:
    """The header of one of the experiment's pages.

    Args:
        current: file name of the page, or of the tab it belongs to.
        crumbs: steps below that tab, for pages that are not tabs themselves.
    """
    tabs = tuple(
        Tab(label, href, href == current)
        for href, label in TABS[data.experiment.kind]
        if (href != "yourself.html" or people_can_answer(data))
        and (href != "position.html" or _is_rotated(data))
        and (href not in _SURE or _is_sure(data))
        and (href != "twins.html" or kinds.twin_suites(data.results.plan))
        and (href != "settings.html" or kinds.same_weights(data.results.plan))
        and (href not in _COMPARING or _can_compare(data))
    )
    return Nav(experiment=data.title, tabs=tabs, crumbs=crumbs, conditions=chips(data))


def people_can_answer(data: ExperimentData) -> bool:
    """Whether there are enough questions with a handful of options for a person to try."""
    items = (item for suite in data.results.plan.suites.values() for item in suite.items)
    return sum(2 <= len(item.choices) <= MOST_CHOICES for item in items) >= FEWEST_FOR_PEOPLE


def _is_sure(data: ExperimentData) -> bool:
    """Whether any answer has an option confidence."""
    return any(row.option_confidence is not None for row in data.results.rows)


def _is_rotated(data: ExperimentData) -> bool:
    """Whether questions were asked once per rotation of their options: what the position page needs."""
    return any(trial.rotation is not None for trial in data.results.plan.trials)


def _can_compare(data: ExperimentData) -> bool:
    """Whether there are two conditions and anything scored: what pairs and choices need."""
    scored = any(row.outcome is not Outcome.UNSCORED for row in data.results.rows)
    return scored and len(data.results.plan.conditions) > 1


def footer(data: ExperimentData, command: str = "") -> tuple[str, ...]:
    """What was recorded when and on what, and the command that rebuilds the page; one text a line.

    Args:
        command: of pages that `run` and `report` do not write.
    """
    lines = []
    manifest = data.cassette.manifest
    if manifest is not None and manifest.recorded:
        machines = {
            str(facts.get("machine", "")) for facts in manifest.facts.values() if isinstance(facts, dict)
        }
        where = ", ".join(sorted(machines - {""}))
        first = str(manifest.recorded.get("first", ""))[:10]
        lines.append(f"Recorded {first}" + (f" on {where}." if where else "."))
    if data.settings:
        # Two sites of one experiment would else differ with nothing to tell them apart by.
        other = ", ".join(f"{name} {value}" for name, value in data.settings.items())
        lines.append(f"Not as the experiment file says, but with {other}.")
    lines.append(command or rebuilding(data))
    return tuple(lines)


def rebuilding(data: ExperimentData) -> str:
    """The command that makes the pages of an experiment again."""
    if data.files:
        return " ".join(("llmxray app report", *map(shlex.quote, data.files)))
    if not data.settings:
        return f"llmxray run {data.name}"
    return " ".join(
        ("llmxray report", data.name, *(f"--{name} {value}" for name, value in data.settings.items()))
    )
