"""Recording from servers that refuse what their vendors refuse: all of it through the real proxy, over real HTTP."""

import re
from pathlib import Path
from typing import Any

import pytest
import vendors
from prompted import in_folder
from vendors import Vendor

from llmxray.cassette import verify
from llmxray.errors import EndpointError
from llmxray.types import Outcome
from llmxray.workflow import Prepared, read_results, record, replay

COMPARE = """experiment: e
kind: compare
endpoints: {{lab: {{base_url: "{url}"{endpoint}}}}}
models: [{{id: m, label: The Model, endpoint: lab, model: m{model}}}]
prompts: [{{id: p, text: Say something}}, {{id: q, text: Say something else}}]
{lines}
"""
ADVICE = re.compile(r"'sampling: \{(\w+): null\}'")


def write(folder: Path, url: str, lines: str, *, endpoint: str = "", model: str = "") -> Prepared:
    """A comparison of two prompts, prepared."""
    text = COMPARE.format(url=url, lines=lines, endpoint=endpoint, model=model)
    folder.mkdir(exist_ok=True)
    (folder / "e.yaml").write_text(text)
    return in_folder(folder)


def again(prepared: Prepared) -> Prepared:
    """The same, read anew: with the plan that was frozen."""
    prepared = in_folder(prepared.cassette.parent.parent)
    assert prepared.frozen
    return prepared


async def check_recorded(vendor: Vendor, prepared: Prepared, trials: int) -> Prepared:
    """Everything has a whole reply, is replayed, and is asked for once."""
    recorded = again(prepared)
    before = len(vendor.recorded)
    assert trials == before == len(recorded.plan.trials)
    await record(recorded, environ={})
    assert before == len(vendor.recorded)
    assert [] == verify(recorded.cassette)
    results = await replay(recorded)
    assert Outcome.ERROR not in {row.outcome for row in results.rows}
    return recorded


PINS = {"top_p": 1, "top_k": 0, "min_p": 0, "repeat_penalty": 1}
# (vendor, samplers that cannot be pinned there, whether it refuses to be asked for usage)
SWEEPS = [
    # All of the names at once, each in its field, one at a time, a line each; none.
    ("gpt_4o", {"top_k", "min_p", "repeat_penalty"}, False),
    ("mistral", {"top_k", "min_p", "repeat_penalty"}, True),
    ("groq", {"top_k", "min_p", "repeat_penalty"}, False),
    ("tgi", set(), False),
]


@pytest.mark.parametrize(("name", "unpinned", "usage"), SWEEPS, ids=[sweep[0] for sweep in SWEEPS])
async def test_a_preset_pins_what_the_server_takes(tmp_path, name, unpinned, usage):
    """Three temperatures are recorded from every vendor; what could not be pinned is frozen."""
    vendor = Vendor(getattr(vendors, name))
    async with vendor.serving() as url:
        prepared = write(tmp_path, url, "preset: temperature-sweep\nsampling: {max_tokens: 300}")
        await record(prepared, environ={})
        recorded = await check_recorded(vendor, prepared, 6)
    left = {field: value for field, value in PINS.items() if field not in unpinned}
    for body in vendor.recorded:
        assert left.items() <= body.items()
        assert not unpinned & body.keys()
        assert usage != ("stream_options" in body)
    assert {0.2, 0.7, 1.2} == {body["temperature"] for body in vendor.recorded}
    refused = unpinned | ({"stream_options"} if usage else set())
    assert [refused] * 3 == [set(condition.refused) for condition in recorded.plan.conditions]


LAB = (
    "sampling: {temperature: 0, seed: 1, top_logprobs: 20, top_k: 1, presence_penalty: 0.5, max_tokens: 300}"
)
# What is left of those fields when every line of advice was heeded.
HEEDED = {
    "gpt_4o": {"temperature", "seed", "logprobs", "top_logprobs", "presence_penalty", "max_tokens"},
    "gpt_5": {"seed", "presence_penalty", "max_completion_tokens"},
    "mistral": {"temperature", "presence_penalty", "max_tokens"},
    "groq": {"temperature", "seed", "max_tokens"},
    "tgi": {"temperature", "seed", "top_k", "presence_penalty", "max_tokens"},
}


async def complaint(prepared: Prepared) -> str:
    """Why an experiment was not recorded; "" where it was."""
    try:
        await record(prepared, environ={})
    except EndpointError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", HEEDED)
async def test_heeding_each_line_leads_to_a_recording(tmp_path, name):
    """Whoever adds the line that the error gives, one after the other, ends with a recording; nothing is lost."""
    vendor, given = Vendor(getattr(vendors, name)), LAB
    async with vendor.serving() as url:
        while message := await complaint(prepared := write(tmp_path, url, given)):
            advice = ADVICE.search(message)
            assert advice, message
            before, given = given, re.sub(rf"{advice[1]}: [\d.]+", f"{advice[1]}: null", given)
            assert before != given, message
        done = await check_recorded(vendor, prepared, 2)
    for body in vendor.recorded:
        assert HEEDED[name] == body.keys() - {"model", "messages", "stream", "stream_options"}
    (condition,) = done.plan.conditions
    assert condition.budget_field in HEEDED[name]
    # Without logprobs a model is recorded all the same; nothing is made up in their place.
    assert ("logprobs" in HEEDED[name]) == all(row.logprob_tokens for row in read_results(done).rows)


async def test_a_budget_field_that_the_file_names(tmp_path):
    """Nothing is found out; where the server refuses it, the line says which to write."""
    lines = "sampling: {max_tokens: 512}"
    vendor = Vendor(vendors.gpt_5)
    async with vendor.serving() as url:
        prepared = write(tmp_path, url, lines, endpoint=", budget_field: max_tokens")
        with pytest.raises(
            EndpointError, match="write 'budget_field: max_completion_tokens' beside the model"
        ):
            await record(prepared, environ={})
        assert [] == vendor.recorded
        prepared = write(tmp_path, url, lines, model=", budget_field: max_completion_tokens")
        await record(prepared, environ={})
        await check_recorded(vendor, prepared, 2)


LIKELIHOOD = """experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}"}}}}
models: [{{id: m, endpoint: lab, model: m, answer: likelihood, layout: few-shot-raw}}]
suites: [{{suite: starter/arc, limit: 3}}]
sampling: {{temperature: 0, top_logprobs: 1}}
"""


def forcing(field: str, nats: float) -> Vendor:
    """A server that forces a text by one field, and says that log-probability of it."""

    def says(body: Any) -> tuple[str, float]:
        if field not in body:
            return "Paris", -0.1
        choice = body[field]["choice"] if field == "structured_outputs" else body[field]
        return choice[0], nats

    return Vendor(lambda _: None, says=says)


async def test_likelihood_uses_the_forcing_that_was_found(tmp_path):
    """Not the one that was planned: frozen, replayed, and recorded once."""
    field = "structured_outputs"
    vendor = forcing(field, -7.5)
    async with vendor.serving() as url:
        (tmp_path / "e.yaml").write_text(LIKELIHOOD.format(url=url))
        prepared = in_folder(tmp_path)
        await record(prepared, environ={})
        asked = len(vendor.recorded)
        await record(again(prepared), environ={})
        assert asked == len(vendor.recorded) > 8
    for body in vendor.recorded:
        assert field in body
        assert not ({"grammar", "logit_bias", "guided_choice", "structured_outputs"} - {field}) & body.keys()
    recorded = again(prepared)
    assert [] == verify(recorded.cassette)
    rows = (await replay(recorded)).rows
    assert {False} == {row.outcome is Outcome.ERROR for row in rows}
    assert all(row.option_confidence is not None for row in rows)


async def test_log_probabilities_from_after_the_mask_are_refused(tmp_path):
    """An absurd answer that is certain says nothing of the model: one line, and nothing recorded."""
    vendor = forcing("guided_choice", -0.02)
    async with vendor.serving() as url:
        (tmp_path / "e.yaml").write_text(LIKELIHOOD.format(url=url))
        prepared = in_folder(tmp_path)
        with pytest.raises(EndpointError, match=r"absurd answer 'Zanzibar'.*from after the mask") as caught:
            await record(prepared, environ={})
    assert (2, [], False) == (caught.value.exit_code, vendor.recorded, (tmp_path / "cassettes").exists())
