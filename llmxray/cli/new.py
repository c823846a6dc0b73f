"""Commands that write experiment files: new, compare."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import experiment as experiments
from llmxray import proxy as proxy_room
from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.arguments import key_for
from llmxray.cli.run import open_site, run
from llmxray.cli.terminal import can_ask, choose, command, note, say, working
from llmxray.errors import InputError
from llmxray.proxy.proxy_settings import check_proxy_settings

if TYPE_CHECKING:
    from llmxray.proxy.facts import Facts

_FOLDER = Path("experiments")
# As many as a table compares; of more, the user names some.
_MOST_UNASKED = 2

Server = Annotated[str | None, typer.Option(help="Base URL of the server: http://127.0.0.1:8000/v1")]
KeyEnv = Annotated[str | None, typer.Option(help="Environment variable that holds the API key.")]


def new(
    preset: Annotated[str, typer.Argument(help="Preset to start from; see --list.")] = "",
    server: Server = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Model of the server; repeat it for several.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="File with your questions: CSV, JSON, JSON lines; starter suites by default."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the new experiment; by default the preset's, or that of the data."),
    ] = None,
    key_env: KeyEnv = None,
    allow_key: arguments.AllowKey = None,
    show: Annotated[bool, typer.Option("--list", help="List the presets.")] = False,
) -> None:
    """Write an experiment file to start from: a preset, or one for the models of your server."""
    presets = {
        file.name.removesuffix(".yaml"): file
        for file in resources.files("llmxray.cli").joinpath("presets").iterdir()
        if file.name.endswith(".yaml")
    }
    if show:
        for preset_name in sorted(presets):
            say(f"{preset_name}: {experiments.parse(presets[preset_name].read_text('utf-8')).title}")
        return
    if preset:
        if server or model or data:
            raise InputError("name a preset, or --server with --model and --data")
        if preset not in presets:
            raise InputError(f"no preset {preset!r}; there are: {', '.join(sorted(presets))}")
        chosen = name or preset
        text = (
            presets[preset]
            .read_text("utf-8")
            .replace(f"experiment: {preset}\n", f"experiment: {chosen}\n")
            .replace(f"$schema=../docs/{experiments.SCHEMA_FILE}", f"$schema={experiments.SCHEMA_FILE}")
        )
    else:
        url = experiments.checked_base_url(server or _running_server(sorted(presets)))
        facts = _ask(url, model or (), key_env, allow_key)
        chosen = name or workflow.free_name(_FOLDER, workflow.name_of_data(data) if data else "mine")
        beside = None if data is None else _beside(data)
        text = workflow.benchmark_draft(chosen, url, facts, key_env or "", beside)
    say(workflow.write_draft(_FOLDER, chosen, text))
    check_it, record_it = command("llmxray", "check", chosen), command("llmxray", "run", chosen)
    note(f"next: {check_it}, then {record_it} --mode record")


def compare(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL MODEL PROMPT...", help="Two models of the server, and prompts."),
    ],
    server: Server = None,
    samples: Annotated[int, typer.Option(min=1, help="Answers to each prompt.")] = 3,
    name: Annotated[str | None, typer.Option(help="Name of the experiment that is written.")] = None,
    key_env: KeyEnv = None,
    allow_key: arguments.AllowKey = None,
    out: arguments.Out = Path("site"),
) -> None:
    """Ask two models some prompts, record their answers, and show them side by side."""
    first, second, *prompts = (*models, "", "")
    prompts = [prompt for prompt in prompts if prompt]
    if not prompts:
        raise InputError(
            'name two models and at least one prompt: llmxray compare A B --server URL "Why is the sky blue?"'
        )
    url = experiments.checked_base_url(server or _running_server([]))
    facts = _ask(url, (first, second), key_env, allow_key)
    chosen = name or workflow.free_name(_FOLDER, "compare")
    text = workflow.comparison_draft(chosen, url, facts, prompts, samples, key_env or "")
    path = workflow.write_draft(_FOLDER, chosen, text)
    note(f"{path}: kept; change it and run it again")
    run([str(path)], mode="record", allow_key=allow_key, out=out)
    if sys.stdout.isatty():
        open_site(out)


def _running_server(presets: Sequence[str]) -> str:
    """The model server that runs on this machine, where a user at a terminal names none."""
    known = f"; there are: {', '.join(presets)}" if presets else ""
    if not can_ask():
        raise InputError(f"name {'a preset or ' if presets else ''}--server URL{known}")
    note("looking for Ollama, LM Studio, llama.cpp and vLLM on this machine")
    found = asyncio.run(workflow.local_servers())
    if not found:
        raise InputError(f"no model server runs here: start one, or name --server URL{known}")
    labels = [f"{preset} at {url}" for preset, url in found.items()]
    return list(found.values())[0 if len(found) == 1 else choose("Which server?", labels)[0]]


def _ask(
    url: str, models: Sequence[str], key_env: str | None, allow_key: list[str] | None
) -> dict[str, Facts]:
    """What the server says of each model."""
    key = key_for(key_env, url, allow_key)
    check_proxy_settings([url], os.environ)
    chosen = list(dict.fromkeys(models)) or _chosen_models(url, asyncio.run(workflow.served_models(url, key)))
    facts = {}
    for number, model in enumerate(chosen, 1):
        with working(f"asking {model} what it accepts, {number} of {len(chosen)}"):
            facts[model] = asyncio.run(proxy_room.probe_server(url, model=model, key=key))
    return facts


def _chosen_models(url: str, listed: list[str]) -> list[str]:
    if not listed:
        raise InputError(f"{url} lists no models: name one with --model")
    if len(listed) <= _MOST_UNASKED:
        return listed
    if not can_ask():
        raise InputError(f"{url} has {len(listed)} models: choose with --model: {', '.join(listed[:20])}")
    return [listed[at] for at in choose("Which models? (numbers, with spaces between them)", listed)]


def _beside(data: Path) -> Path:
    """The file where an experiment may read it: in the folder of experiments, into which it is copied."""
    target = _FOLDER / data.name
    if not data.is_file():
        raise InputError(f"{data}: there is no such file")
    if data.resolve().parent != _FOLDER.resolve():
        if target.exists():
            raise InputError(f"{target} is another file: rename {data}, or move it there")
        _FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data, target)
        note(f"{data} copied to {target}")
    return target
