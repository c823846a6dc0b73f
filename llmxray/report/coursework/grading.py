"""A page on which an instructor grades the briefs of a class without an installation."""

from __future__ import annotations

import json
from pathlib import Path

from llmxray.report.analysis import Analysis, ExperimentData
from llmxray.report.coursework.answer_key import key
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import Renderer

# Beside the sheets of the lesson.
_FOLDER = "lesson"
_KEY = f"{_FOLDER}/grading-key.js"


def write(site: Path, data: ExperimentData) -> None:
    """Write the page, and the key of the brief that has the same questions for everybody, into a built site."""
    parts = ("id", "asked", "expected", "words", "number", "within")
    blanks = [{part: getattr(blank, part) for part in parts} for blank in key(Analysis(data), "")]
    content = {"experiment": data.name, "recording": data.recording, "blanks": blanks}
    renderer = Renderer(site)
    renderer.write(_KEY, f"llmxray.gradeWith({json.dumps(content, ensure_ascii=False)});\n".encode())
    page = TemplateValues(
        title="Grade the briefs of a class", nav=Nav(), footer=(), experiment=data.title, key=Path(_KEY).name
    )
    renderer.page(f"{_FOLDER}/grading.html", "coursework/grading.html", page)
    renderer.list_files()
