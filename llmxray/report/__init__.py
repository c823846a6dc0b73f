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
    from llmxray.report.analysis.data import ExperimentData, TokenDetail
    from llmxray.report.coursework.answer_key import Grade
    from llmxray.report.coursework.papers import varying
    from llmxray.report.files.export import COLUMN_TYPES, as_csv, as_parquet
    from llmxray.report.files.shards import PACKED_SCRIPT
    from llmxray.report.site.build import (
        build,
        figures_of,
        grade,
        slides,
        summaries_of,
        verdicts_of,
        write_brief,
        write_committee,
    )
    from llmxray.report.site.builder import SiteBuilder
    from llmxray.report.site.many import write_ledger
    from llmxray.report.site.single_file import single
    from llmxray.report.site.statements import gate_of, scores_of
    from llmxray.report.widgets.render import FILE_LIST, listed_files
    from llmxray.report.wording.gate import GateFinding
    from llmxray.report.wording.hypothesis import statement_of_hypothesis
    from llmxray.report.wording.labels import changed_labels
    from llmxray.report.wording.predictions import Verdict

__all__ = [
    "COLUMN_TYPES",
    "FILE_LIST",
    "PACKED_SCRIPT",
    "ExperimentData",
    "GateFinding",
    "Grade",
    "SiteBuilder",
    "TokenDetail",
    "Verdict",
    "as_csv",
    "as_parquet",
    "build",
    "changed_labels",
    "figures_of",
    "gate_of",
    "grade",
    "listed_files",
    "scores_of",
    "single",
    "slides",
    "statement_of_hypothesis",
    "summaries_of",
    "varying",
    "verdicts_of",
    "write_brief",
    "write_committee",
    "write_ledger",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "analysis.data": ("ExperimentData", "TokenDetail"),
        "coursework.answer_key": ("Grade",),
        "coursework.papers": ("varying",),
        "files.export": ("COLUMN_TYPES", "as_csv", "as_parquet"),
        "files.shards": ("PACKED_SCRIPT",),
        "site.build": (
            "build",
            "figures_of",
            "grade",
            "slides",
            "summaries_of",
            "verdicts_of",
            "write_brief",
            "write_committee",
        ),
        "site.builder": ("SiteBuilder",),
        "site.many": ("write_ledger",),
        "site.single_file": ("single",),
        "site.statements": ("gate_of", "scores_of"),
        "widgets.render": ("FILE_LIST", "listed_files"),
        "wording.gate": ("GateFinding",),
        "wording.hypothesis": ("statement_of_hypothesis",),
        "wording.labels": ("changed_labels",),
        "wording.predictions": ("Verdict",),
    },
)
