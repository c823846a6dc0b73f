"""Adds what only the instructor gets to a copy of the site: script, slides, key, and a page that grades."""

from __future__ import annotations

import sys
from pathlib import Path

from llmxray import experiment, workflow
from llmxray.report.coursework import papers
from llmxray.report.site.build import write_index
from llmxray.workflow import Workspace, coursework

DOCS = Path(__file__).parent
BRIEF = "model-showdown"

site = Path(sys.argv[1])
where = Workspace(DOCS.parent / "cassettes", DOCS.parent / "experiments")
papers.write_grading(site, coursework.recorded_data(workflow.prepare(where.find(BRIEF), where)))
settings = experiment.load_site(where.experiments / experiment.SITE_FILE)
write_index(site, settings, sorted((DOCS / "instructor").glob("*.md")))
