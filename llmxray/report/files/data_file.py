"""The data file behind a page's form: written under a hashed name, for the page's script to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.report.files.shards import shard
from llmxray.types import Json

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


def write_data(renderer: Renderer, experiment: str, name: str, value: Json) -> str:
    """Write ``data/<name>.<hash>.js`` of an experiment; returns its path from the experiment's pages."""
    made = shard(name, value)
    folder = f"{experiment}/data"
    renderer.write(f"{folder}/{made.filename}", made.data)
    renderer.remove_old(f"{folder}/{name}.*.js", {made.filename})
    return f"data/{made.filename}"
