"""The report: Results → page values (no HTML) → files of a static site that opens by double-click.

::

    ExperimentData ─► analysis (numbers) ─► wording (sentences) ─► pages (values) ─► widgets.render (jinja2) ─► site/
                   └► files (packed data for the browser, tables to download) ─► site/<experiment>/

One way: site → coursework → pages → files → widgets → wording → analysis. `pages` holds a folder for each page and the
registry that alone decides which pages an experiment has. Pages are readable with scripts off; scripts only enhance.
Nothing on a page is fetched: classic scripts, relative links, one shared copy of everything, a strict
Content-Security-Policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.report.analysis.data import TokenDetail
    from llmxray.report.coursework import Grade, varying
    from llmxray.report.site.build import (
        ExperimentData,
        Verdict,
        build,
        figures_of,
        grade,
        recording_of,
        table_of,
        verdicts_of,
        write_brief,
        write_committee,
        write_slides,
    )
    from llmxray.report.site.builder import SiteBuilder
    from llmxray.report.site.single_file import single
    from llmxray.report.site_settings import SiteSettings

__all__ = [
    "ExperimentData",
    "Grade",
    "SiteBuilder",
    "SiteSettings",
    "TokenDetail",
    "Verdict",
    "build",
    "figures_of",
    "grade",
    "recording_of",
    "single",
    "table_of",
    "varying",
    "verdicts_of",
    "write_brief",
    "write_committee",
    "write_slides",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "analysis.data": ("TokenDetail",),
        "coursework": ("Grade", "varying"),
        "site.build": (
            "ExperimentData",
            "Verdict",
            "build",
            "figures_of",
            "grade",
            "recording_of",
            "table_of",
            "verdicts_of",
            "write_brief",
            "write_committee",
            "write_slides",
        ),
        "site.builder": ("SiteBuilder",),
        "site.single_file": ("single",),
        "site_settings": ("SiteSettings",),
    },
)
