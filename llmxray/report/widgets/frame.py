"""The frame around every page: tabs, breadcrumb, footer."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.links import EVERYWHERE, Contents


class TemplateValues(SimpleNamespace):
    """What a template shows, by the names that it asks for: one that is missing fails the build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """The header of a page.

    Attributes:
        experiment: title of the experiment, "" on pages of the whole site.
        tabs: its pages in the header; menus: those that stand behind one word of it.
        crumb: what the breadcrumb says behind the overview; "" for none.
        contents: the pages that a template may link to.
        doubts: why the figures are not those of the suites that are named, which no page leaves out.
        is_partial: whether the first of them says that the recording is unfinished.
        bibtex: how to cite the recording; "" for none.
        two_depths: whether a page without tabs can be read with its statistics and without, as those with tabs can.
    """

    experiment: str = ""
    tabs: tuple[TemplateValues, ...] = ()
    menus: tuple[TemplateValues, ...] = ()
    crumb: str = ""
    contents: Contents = EVERYWHERE
    doubts: tuple[str, ...] = ()
    is_partial: bool = False
    bibtex: str = ""
    two_depths: bool = False


def framed(data: ExperimentData, current: str, title: str, **values: Any) -> TemplateValues:
    """One of the experiment's pages: its frame, and what its own template shows.

    Args:
        current: name of the page, or of the page whose tab it belongs to.
    """
    contents, groups = data.contents, dict[str, list[TemplateValues]]()
    for entry in (entry for entry in contents.entries or () if entry.label):
        href = contents.href(entry.name)
        is_current = entry.name == current and not contents.in_one_file
        groups.setdefault(entry.group, []).append(
            TemplateValues(label=entry.label, href=href, current=is_current)
        )
    header = Nav(
        experiment=data.title,
        tabs=tuple(groups.pop("", ())),
        menus=tuple(
            TemplateValues(label=label, tabs=tabs, current=any(tab.current for tab in tabs))
            for label, tabs in groups.items()
        ),
        contents=contents,
        doubts=data.doubts,
        is_partial=bool(data.results.partial),
        bibtex=_bibtex(data),
    )
    return TemplateValues(title=title, nav=header, footer=footer(data), **values)


def paper(data: ExperimentData, name: str, title: str, command: str, **values: Any) -> TemplateValues:
    """A paper of the course, which no tab leads to.

    Args:
        name: in the breadcrumb. command: that writes the paper.
    """
    header = Nav(experiment=data.title, crumb=name, contents=data.contents, doubts=data.doubts)
    return TemplateValues(title=title, nav=header, footer=footer(data, command), **values)


def footer(data: ExperimentData, command: str = "") -> tuple[str, ...]:
    """What was recorded when and on what, and the command that rebuilds the page; one text a line.

    Args:
        command: of pages that `run` and `report` do not write.
    """
    lines = []
    manifest = data.cassette.manifest
    if first := data.recorded_on:
        facts = manifest.facts.values() if manifest else ()
        machines = {str(of.get("machine", "")) for of in facts if isinstance(of, dict)}
        where = ", ".join(sorted(machines - {""}))
        lines.append(f"Recorded {first}" + (f" on {where}." if where else "."))
    if data.settings and not data.files:
        # Two sites of one experiment would else differ with nothing to tell them apart by.
        other = ", ".join(f"{name} {value}" for name, value in data.settings.items())
        lines.append(f"Not as the experiment file says, but with {other}.")
    lines.append(command or rebuilding(data))
    return tuple(lines)


def _bibtex(data: ExperimentData) -> str:
    """How to cite the recording; "" where there is none."""
    manifest, day = data.cassette.manifest, data.recorded_on
    if manifest is None or not day:
        return ""
    version = manifest.software.get("llmxray", "")
    # Braces would end the field.
    title = data.title.replace("{", "(").replace("}", ")")
    note = f"Recorded {day} with llmxray {version}, recording {data.recording}"
    return f"@misc{{{data.name},\n  title = {{{title}}},\n  year = {{{day[:4]}}},\n  note = {{{note}}}\n}}"


def rebuilding(data: ExperimentData) -> str:
    """The command that makes the pages of an experiment again."""
    named = data.input_arguments or data.files
    if not named and not data.settings:
        return f"llmxray run {data.name}"
    words = (*named, *data.given_options) if named else (data.name, *data.given_options)
    return " ".join(("llmxray report", *map(shlex.quote, words)))
