"""Experiment files for a server that was just asked what it has: `llmxray new --server` and `llmxray compare`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from llmxray import experiment as experiments
from llmxray.errors import InputError, LlmxrayError
from llmxray.experiment.endpoint import ENDPOINT_PRESETS
from llmxray.interop.read.record import slug, unique
from llmxray.proxy.facts import Facts
from llmxray.proxy.probe_client import ProbeClient
from llmxray.report.numbers import listed
from llmxray.workflow.previews import propose_suite_entry

_LOCAL = ("ollama", "lmstudio", "llamacpp", "vllm")
# Every server answers these: a letter needs no log-probabilities, though confidence does.
_STARTERS = ("starter/arc", "starter/truthfulqa")
_MOST_ALTERNATIVES = 20
_FIND_S = 2.0


async def local_servers() -> dict[str, str]:
    """Model servers that run on this machine at their usual ports: base URL by preset."""

    async def answers(url: str) -> bool:
        with suppress(LlmxrayError, OSError, TimeoutError):
            return bool(await asyncio.wait_for(served_models(url), _FIND_S))
        return False

    urls = {preset: ENDPOINT_PRESETS[preset]["base_url"] for preset in _LOCAL}
    found = await asyncio.gather(*map(answers, urls.values()))
    return {preset: url for (preset, url), is_there in zip(urls.items(), found, strict=True) if is_there}


async def served_models(url: str, key: str = "") -> list[str]:
    """Ids of the models that a server lists.

    Raises:
        EndpointError: nothing listens there, or what does is no model server.
    """
    async with ProbeClient(url, "", key) as client:
        return [str(each["id"]) for each in await client.models()]


def benchmark_draft(
    name: str, url: str, facts: Mapping[str, Facts], key_env: str = "", data: Path | None = None
) -> str:
    """The text of a benchmark of these models.

    Args:
        facts: of the server, by model.
        data: file with questions, in the folder of the experiment file; starter suites by default.
    """
    if data is None:
        suites = "suites:\n" + "".join(f"  - {{suite: {suite}}}\n" for suite in _STARTERS)
    else:
        suites = "\n".join(propose_suite_entry(data, base=data.parent)) + "\n"
    ids = unique([slug(model) for model in facts])
    first, second = (*ids, "")[:2]
    claim = f"{first} is right more often than {second}." if second else f"{first} does better than guessing."
    against = second or "chance"
    return "\n".join(
        [
            *_head(name, f"How often {'are' if second else 'is'} {listed(list(facts))} right?"),
            "# What do you expect? Say so before you record; the report gives the verdict.",
            f"# hypothesis: {claim}",
            "# predictions:",
            f"#   - {{claim: {claim}, metric: accuracy, of: {first}, above: {against}}}",
            "kind: benchmark",
            *_server(url, key_env, dict(zip(ids, facts, strict=True))),
            suites.rstrip("\n"),
            *_sampling(list(facts.values()), {"temperature": 0, "seed": 7}),
            "",
        ]
    )


def comparison_draft(
    name: str, url: str, facts: Mapping[str, Facts], prompts: Sequence[str], samples: int, key_env: str = ""
) -> str:
    """The text of a comparison of these models' answers to some prompts."""
    ids = unique([slug(model) for model in facts])
    return "\n".join(
        [
            *_head(name, f"What do {listed(list(facts))} say?"),
            "kind: compare",
            *_server(url, key_env, dict(zip(ids, facts, strict=True))),
            "# With 'expect: …' beside its text, a prompt is scored as well: right where the answer contains it.",
            "prompts:",
            *(
                f"  - {{id: prompt-{n}, text: {json.dumps(text, ensure_ascii=False)}}}"
                for n, text in enumerate(prompts, 1)
            ),
            "# Two answers of one model differ by chance as well: repeats show by how much.",
            f"samples: {samples}",
            *_sampling(list(facts.values()), {"temperature": 0.7, "seed": 7, "max_tokens": 512}),
            "",
        ]
    )


def free_name(folder: Path, wanted: str) -> str:
    """The name, or the first of ``NAME-2``, ``NAME-3`` … that no experiment of the folder has."""
    number, name = 1, wanted
    while (folder / f"{name}.yaml").exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def write_draft(folder: Path, name: str, text: str) -> Path:
    """Write an experiment file, with the schema that editors complete it by.

    Raises:
        InputError: the name is none, or is taken; nothing is written.
    """
    experiments.parse(text)
    target, schema = folder / f"{name}.yaml", folder / experiments.SCHEMA_FILE
    if target.name == experiments.SITE_FILE:
        raise InputError(f"{target} holds the settings of the site: choose another --name")
    if target.exists():
        raise InputError(f"{target} exists: choose another --name")
    folder.mkdir(parents=True, exist_ok=True)
    # "x" does not write through a link, even if its target does not exist yet.
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
    # Another file of its name stays.
    if not schema.exists() or experiments.SCHEMA_ID in schema.read_text("utf-8", "replace"):
        schema.write_text(experiments.schema_text(), "utf-8")
    return target


def _head(name: str, title: str) -> list[str]:
    return [
        f"# yaml-language-server: $schema={experiments.SCHEMA_FILE}",
        f"experiment: {name}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
    ]


def _server(url: str, key_env: str, models: Mapping[str, str]) -> list[str]:
    """The endpoint and its models, by their ids."""
    preset = next((name for name, known in ENDPOINT_PRESETS.items() if known.get("base_url") == url), "")
    where = [f"preset: {preset}" if preset else f"base_url: {json.dumps(url)}"]
    if key_env and ENDPOINT_PRESETS.get(preset, {}).get("key_env") != key_env:
        where.append(f"key_env: {key_env}")
    lines = [
        f"  - {{id: {name}, endpoint: server, model: {json.dumps(model)}}}" for name, model in models.items()
    ]
    return ["endpoints:", f"  server: {{{', '.join(where)}}}", "models:", *lines]


def _sampling(facts: Sequence[Facts], wanted: Mapping[str, object]) -> list[str]:
    """What every request carries: fields that the server refuses are left out, and it is said."""
    refused = {field for fact in facts for field in fact.refused}
    fields = {name: "null" if name in refused else str(value) for name, value in wanted.items()}
    most = min(each.top_logprobs for each in facts)
    said = ["# Alternatives of each token: confidence is read from them."]
    if most:
        fields["top_logprobs"] = str(min(most, _MOST_ALTERNATIVES))
    else:
        said = [
            "# This server sends no log-probabilities: there will be answers and times, and no confidence."
        ]
    if left_out := [name for name in wanted if name in refused]:
        said.append(f"# The server refuses {listed(left_out)}: null leaves a field out.")
    return [*said, f"sampling: {{{', '.join(f'{name}: {value}' for name, value in fields.items())}}}"]
