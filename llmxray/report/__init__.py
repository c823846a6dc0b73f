"""The report: Results → page models (no HTML) → files of a static site that opens by double-click.

::

    ExperimentData ─► pages/*.py (dataclasses: sentences, tables, charts) ─► render.py (jinja2) ─► site/
                   └► shards.py (columnar data for the browser) ─► site/<experiment>/data/*.js

Pages are readable with scripts off; scripts only enhance. Nothing on a page is fetched: classic scripts,
relative links, one shared copy of everything, a strict Content-Security-Policy.
"""

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
