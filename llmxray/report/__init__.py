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
    from llmxray.report.analysis.confidence import scores_of
    from llmxray.report.analysis.data import ExperimentData
    from llmxray.report.files.export import as_csv, as_parquet
    from llmxray.report.files.shards import PACKED_SCRIPT
    from llmxray.report.live import LivePage, ModelFile, fetch_engine
    from llmxray.report.site.build import SiteBuilder, build, figures_of, summaries_of, verdicts_of
    from llmxray.report.site.single_file import single
    from llmxray.report.widgets.render import FILE_LIST, listed_files
    from llmxray.report.wording.asking import changed_labels
    from llmxray.report.wording.gate import gate_of
    from llmxray.report.wording.predictions import statement_of_hypothesis


__getattr__, __dir__ = lazy_names(__name__)
