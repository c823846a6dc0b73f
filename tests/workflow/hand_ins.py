"""What students hand in, and a comparison to make slides of."""

import json
from pathlib import Path
from typing import Any

COMPARE = """\
experiment: tiny
kind: compare
endpoints:
  here: {base_url: "http://127.0.0.1:9/v1"}
prompts: [{id: p, text: Say a letter}]
models: [{id: one, endpoint: here, model: m}]
variants:
  - {id: cool, temperature: 0.2}
  - {id: hot, temperature: 1.2, system: You are a poet.}
"""


def hand_in(folder: Path, name: str, **changes: Any) -> None:
    """A file as a brief saves it."""
    content = {
        "format": "llmxray-brief",
        "version": 1,
        "experiment": "tiny",
        "recording": "",
        "student": name,
        "answers": {},
    }
    (folder / f"{name.lower()}.json").write_text(json.dumps({**content, **changes}))
