"""Which pages an experiment has, in which order, and who writes them: nothing else decides whether a page exists.

A page is a folder beside this file: `__init__.py` with `page_values(analysis)`, or `write_page(renderer, analysis)`
where it is several files, `page.html`, and where it needs them `page.css` and `page.js`. Pages never import one
another; what two of them need lies in `widgets`, `wording` or `analysis`. A link to another page is asked of
`ExperimentData.contents`, which this registry fills.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from llmxray.report.analysis import Analysis, ExperimentData, applies
from llmxray.report.links import Contents, PageEntry
from llmxray.report.pages import (
    answers,
    calibration,
    categories,
    choose,
    compare,
    methods,
    overview,
    pairs,
    playback,
    results,
    robustness,
    xray,
)
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.widgets.render import Output

type Kind = Literal["benchmark", "compare"]

MORE = "More"
_BENCHMARK: tuple[Kind, ...] = ("benchmark",)
_BOTH: tuple[Kind, ...] = ("benchmark", "compare")


def always(data: ExperimentData) -> bool:
    """What applies to every experiment."""
    return bool(data.name)


def alone(
    name: str, make: Callable[[Analysis], TemplateValues | None], template: str = ""
) -> Callable[[Output, Analysis], None]:
    """What writes a page that is one file, from its folder's ``page.html`` and what `page_values` gives it to show."""
    template = template or f"pages/{name}/page.html"

    def write(renderer: Output, analysis: Analysis) -> None:
        renderer.page(f"{analysis.data.name}/{name}.html", template, make(analysis))

    return write


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of an experiment.

    Attributes:
        name: of its file, without ``.html``.
        label: of its tab.
        write: writes it, with the files it needs.
        group: menu that its tab stands in; "" for the row of tabs itself.
        kinds: kinds of experiment that may have it.
        applies: whether an experiment of such a kind has what the page needs.
        beside: further pages that `write_page` makes, which have no tab, and when an experiment has them.
    """

    name: str
    label: str
    write: Callable[[Output, Analysis], None]
    group: str = ""
    kinds: tuple[Kind, ...] = _BOTH
    applies: Callable[[ExperimentData], bool] = always
    beside: Mapping[str, Callable[[ExperimentData], bool]] = field(default_factory=dict)


# In the order of the tabs.
PAGES = (
    Page(
        name="index", label="Overview", write=alone("index", overview.page_values, "pages/overview/page.html")
    ),
    Page(name="compare", label="Compare", write=alone("compare", compare.page_values), kinds=("compare",)),
    Page(
        name="categories",
        label="Categories",
        write=alone("categories", categories.page_values),
        kinds=_BENCHMARK,
    ),
    Page(
        name="calibration",
        label="Calibration",
        write=calibration.write_page,
        kinds=_BENCHMARK,
        applies=applies.has_confidence,
        beside={"yourself": applies.people_can_answer},
    ),
    Page(
        name="answers",
        label="Answers",
        write=answers.write_page,
        beside={"answer": always, "all-answers": lambda data: data.has_printed},
    ),
    Page(name="xray", label="X-ray", write=xray.write_page, applies=applies.has_tokens),
    Page(
        name="choose",
        label="Choose",
        write=choose.write_page,
        kinds=_BENCHMARK,
        applies=applies.can_be_compared,
    ),
    Page(name="results", label="Results", write=alone("results", results.page_values), group=MORE),
    Page(name="pairs", label="Pairs", write=pairs.write_page, group=MORE, applies=applies.can_be_compared),
    Page(
        name="robustness",
        label="Robustness",
        write=alone("robustness", robustness.page_values),
        group=MORE,
        applies=robustness.has_parts,
    ),
    Page(
        name="playback",
        label="Playback",
        write=playback.write_page,
        group=MORE,
        applies=applies.can_be_played,
    ),
    Page(name="methods", label="Methods", write=alone("methods", methods.page_values), group=MORE),
)


def pages_of(data: ExperimentData, papers: Sequence[Page] = ()) -> tuple[Page, ...]:
    """The pages that an experiment has, in the order of their tabs.

    Args:
        papers: of the course, which are made of several pages and so are named by who builds the site.
    """
    known = (*PAGES, *papers)
    return tuple(page for page in known if data.experiment.kind in page.kinds and page.applies(data))


def contents_of(data: ExperimentData, papers: Sequence[Page] = ()) -> Contents:
    """Where links may lead within an experiment; see `pages_of`."""
    entries: list[PageEntry] = []
    for page in pages_of(data, papers):
        entries.append(PageEntry(name=page.name, label=page.label, group=page.group))
        entries += [PageEntry(name=name) for name, is_there in page.beside.items() if is_there(data)]
    return Contents(entries=tuple(entries))
