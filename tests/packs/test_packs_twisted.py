"""Cassettes of strangers, who made every hash fit: a value somewhere is another, and a report comes of it, or one line.

``LLMXRAY_FUZZ`` says how many changes to try, times ten; docs/maintainers/failures.md has the counts of a long run.
"""

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from recordings import lines_of, replace_lines, rewrite_manifest

from llmxray import workflow
from llmxray.cassette import verify
from llmxray.errors import LlmxrayError
from llmxray.workflow import Workspace
from tests.twisting import twisted

CHANGES = int(os.environ.get("LLMXRAY_FUZZ", "200")) // 10
ROLES = ("manifest", "manifest", "plan", "plan", "items", "items", "requests", "recordings", "index")


def twist(rng: random.Random, directory: Path) -> str:
    """Change a cassette somewhere, and make every hash fit; what was changed."""
    role = rng.choice(ROLES)
    if role == "manifest":
        part = rng.choice(["facts", "software", "counts", "recorded", "experiment"])

        def change(data: dict[str, Any]) -> None:
            data[part] = twisted(rng, {part: data[part]}).get(part, {})

        rewrite_manifest(directory, change)
        return f"manifest {part}"
    files = json.loads((directory / "manifest.json").read_bytes())["files"]
    record = rng.choice([record for record in files if record["role"] == role])
    lines = [json.loads(line) for line in lines_of(directory / record["name"])]
    # The first line of a plan says most.
    at = 0 if rng.random() < 0.5 else rng.randrange(len(lines))
    lines[at] = twisted(rng, lines[at])
    replace_lines(directory, role, [json.dumps(line).encode() for line in lines], checksums=True)
    return role


@pytest.fixture(scope="module")
def facts(recorded):
    """The experiment with facts as a probe finds them; not to be changed."""

    def change(data: dict[str, Any]) -> None:
        known = {"model": "m", "model_facts": "n_ctx 4096", "models": ["m"], "machine": "x86_64, 2 cores"}
        data["facts"] = {f"here/{name}": {**known, "load_before": 0.5} for name in ("m-one", "m-two")}

    rewrite_manifest(recorded.cassettes / "tiny", change)
    return recorded


@pytest.mark.fuzz
def test_values_of_another_kind(facts, tmp_path):
    """Prepared, verified, scored, and published as a site."""
    rng, outcomes = random.Random(13), Counter[str]()
    where = Workspace(tmp_path / "cassettes", facts.experiments)
    for number in range(CHANGES):
        shutil.rmtree(where.cassettes, ignore_errors=True)
        shutil.copytree(facts.cassettes, where.cassettes)
        what = twist(rng, where.cassettes / "tiny")
        try:
            verify(where.cassettes / "tiny")
            prepared = workflow.prepare(where.find("tiny"), where, recorded=True)
            workflow.publish([(prepared, workflow.read_results(prepared))], tmp_path / "site")
            result = "a report"
        except LlmxrayError as error:
            result = "one line"
            assert "\n" not in str(error)  # noqa: PT017  either a report or one line
        except Exception as error:
            error.add_note(f"change {number}: {what}")
            raise
        outcomes[result] += 1
    print(dict(outcomes))
    assert outcomes["one line"] > CHANGES * 0.2
