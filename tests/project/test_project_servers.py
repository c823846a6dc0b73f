"""docs/servers.md: its list of ignored fields, its vendors and its lines of YAML are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

from llmxray.experiment import parse
from llmxray.wire import IGNORED

TEXT = """experiment: e
kind: benchmark
endpoints: {openai: {preset: openai}}
suites: [{suite: starter/arc}]
"""


def test_fields_that_are_left_out_of_the_identity(root: Path) -> None:
    """All of them, and no other."""
    text = (root / "docs/servers.md").read_text("utf-8")
    found = re.search(r"<!-- ignored -->\n(.*?)\n<!-- /ignored -->", text, re.S)
    assert found
    assert sorted(IGNORED) == re.findall(r"`(\w+)`", found[1])


def test_lines_that_leave_fields_out(root: Path) -> None:
    """The block is a part of a file that is read, and does what the page says."""
    text = (root / "docs/servers.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)
    experiment = parse(TEXT + block)
    (model,) = experiment.models
    assert {"temperature", "logprobs", "top_logprobs"} == experiment.omitted_fields(model)
    ignoring = re.search(r"`(identity: \{ignore: .*?\})`", text)
    assert ignoring
    assert ("trace_id",) == parse(TEXT + block + ignoring[1]).identity.ignore


def test_every_vendor_with_an_error_is_played(root: Path) -> None:
    """Each row that is known by an error text has a strict server, or a text that is read."""
    text = (root / "docs/servers.md").read_text("utf-8").partition("## Vendor by vendor")[2]
    rows = re.findall(r"^\| ([A-Za-z.]+)[^|]*\|.*\| ([^|]*) \|$", text.partition("\n**Azure.**")[0], re.M)
    played = (root / "tests/vendors.py").read_text("utf-8") + (
        root / "tests/wire/test_wire_refusals.py"
    ).read_text("utf-8")
    vendors = [vendor for vendor, known in rows if "error" in known]
    assert len(vendors) >= 11
    assert [] == [vendor for vendor in vendors if vendor.lower() not in played.lower()]


# Those that an instructor would point at.
POINTED_AT = (
    "OpenAI,", "Azure", "OpenRouter", "Anthropic, OpenAI-compatible", "Google, OpenAI-compatible", "Mistral",
    "DeepSeek", "xAI", "Groq", "Together", "Fireworks", "Cerebras", "Cohere", "vLLM", "SGLang",
    "Hugging Face TGI", "llama.cpp", "Ollama", "LM Studio", "LiteLLM",
)  # fmt: skip
KNOWN_BY = re.compile(r"\b(?:stream|error|docs|client|source|live)\b|[\w.-]+/[\w.-]+#\d+")


def test_every_line_says_how_it_is_known(root: Path) -> None:
    """By a recording, a document, a program, or a public thread with its number."""
    text = (root / "docs/servers.md").read_text("utf-8").partition("## Vendor by vendor")[2]
    lines = re.findall(r"^\| (?!server )(.*) \|$", text.partition("\n**Azure.**")[0], re.M)
    rows = [re.split(r" *\| *", line) for line in lines]
    assert {5} == {len(row) for row in rows}
    assert [] == [row[0] for row in rows if not KNOWN_BY.search(row[-1])]
    assert [] == [name for name in POINTED_AT if not any(row[0].startswith(name) for row in rows)]
