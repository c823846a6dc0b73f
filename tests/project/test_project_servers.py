"""docs/servers.md: its list of ignored fields, its vendors and its lines of YAML are those of the program."""

import re

from llmxray.experiment import parse
from llmxray.wire import IGNORED

TEXT = """experiment: e
kind: benchmark
endpoints: {openai: {preset: openai}}
suites: [{suite: starter/arc}]
"""


def test_fields_that_are_left_out_of_the_identity(root):
    """All of them, and no other."""
    text = (root / "docs/servers.md").read_text("utf-8")
    found = re.search(r"<!-- ignored -->\n(.*?)\n<!-- /ignored -->", text, re.S)
    assert found
    assert sorted(IGNORED) == re.findall(r"`(\w+)`", found[1])


def test_lines_that_leave_fields_out(root):
    """The blocks are parts of a file that is read, and do what the page says."""
    text = (root / "docs/servers.md").read_text("utf-8")
    block, endpoints = re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)
    experiment = parse(TEXT + block)
    (model,) = experiment.models
    assert {"temperature", "logprobs", "top_logprobs"} == experiment.omitted_fields(model)
    other = TEXT.replace("endpoints: {openai: {preset: openai}}\n", endpoints)
    assert parse(other + block).endpoints["openai"].api == "responses"
    ignoring = re.search(r"`(identity: \{ignore: .*?\})`", text)
    assert ignoring
    assert ("trace_id",) == parse(TEXT + block + ignoring[1]).identity.ignore
