"""Adds what only the instructor gets to a copy of the site: script, slides, and the key to what to look for."""

from __future__ import annotations

import sys
from pathlib import Path

from llmxray import experiment
from llmxray.report.site.build import write_index

DOCS = Path(__file__).parent

write_index(
    Path(sys.argv[1]),
    experiment.load_site(DOCS.parent / "experiments/site.yaml"),
    sorted((DOCS / "instructor").glob("*.md")),
)
