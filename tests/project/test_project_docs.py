"""The docs cannot drift: generated pages are up to date, every command is described, links resolve."""

import re
import shlex
from pathlib import Path

import typer

from llmxray.cli.commands import app
from llmxray.experiment import SITE_FILE, load, parse


def test_relative_links_of_the_docs_resolve(root):
    """Every relative link in a Markdown page leads to a file that is there."""
    broken = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if (
                "://" not in target
                and not target.startswith("mailto:")
                and not (page.parent / target).exists()
            ):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def _experiments(root: Path) -> list[Path]:
    return [path for path in (root / "experiments").glob("*.yaml") if path.name != SITE_FILE]


def test_shipped_experiments_and_presets_load(root):
    """Each YAML file that ships is a valid experiment named after its file."""
    paths = [*_experiments(root), *(root / "llmxray/cli/presets").glob("*.yaml")]
    assert len(paths) >= 8
    for path in paths:
        assert load(path).experiment == path.stem


def test_a_preset_asks_what_was_recorded_and_names_no_model_of_ours(root):
    """A site from `llmxray new NAME` and other models has neither our labels nor our predictions."""
    shipped = {path.name: load(path) for path in _experiments(root)}
    ours = re.compile(r"qwen|smollm|gemma", re.IGNORECASE)
    for path in (root / "llmxray/cli/presets").glob("*.yaml"):
        preset = load(path)
        assert preset.predictions == ()
        shown = [preset.title, preset.description, preset.hypothesis, *preset.condition_labels()]
        assert not [text for text in (*shown, *preset.condition_labels().values()) if ours.search(text or "")]
        if (recorded := shipped.pop(path.name, None)) is None:
            continue
        for field in ("suites", "prompts", "samples", "preset", "rotations", "answer", "budget"):
            assert getattr(preset, field) == getattr(recorded, field), field
        # llama.cpp's own field, which other servers may refuse.
        sent = {**recorded.sampling.level().sent}
        sent.pop("cache_prompt", None)
        assert preset.sampling.level().sent == sent
        assert [model.model for model in preset.models] == [model.model for model in recorded.models]
        # The prediction that it shows as a comment fits the file.
        text = re.sub(r"(?m)^# (predictions:)\n#(   - )", r"\1\n\2", path.read_text("utf-8"))
        assert len(parse(text).predictions) == 1
    assert shipped == {}


def documented(root: Path) -> list[Path]:
    """The pages that people read."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("**/*.md"))]


def test_files_named_in_the_docs_are_there(root):
    """Every path below a folder of the project; those that a reader is to write are in docs/extend."""
    named = re.compile(r"`((?:llmxray|tests|docs|bench|experiments|cassettes|\.ci|\.github)/[\w./-]+)`")
    gone = [
        f"{page.name}: {path}"
        for page in documented(root)
        if page.parent.name != "extend"
        for path in named.findall(page.read_text("utf-8"))
        if not (root / path).exists() and not path.startswith(("experiments/", "cassettes/"))
    ]
    assert gone == []


def test_commands_in_the_docs_exist(root):
    """Every `llmxray …` on a line of its own or in a sentence: a known command, with options that it has."""
    found, wrong = 0, []
    for page in documented(root):
        text = page.read_text("utf-8")
        fenced = re.findall(r"^```(\w*)\n(.*?)^```", text, re.S | re.M)
        blocks = "\n".join(code for kind, code in fenced if kind in ("", "sh", "console", "powershell"))
        lines = re.findall(r"^(?:\$ |\.venv\S+)?llmxray ([a-z].*)$", blocks, re.M)
        for line in lines + re.findall(r"`llmxray ([a-z][^`]*)`", text):
            found += 1
            if trouble := _unknown(shlex.split(line.split(" #")[0])):
                wrong.append(f"{page.name}: llmxray {line}: {trouble}")
    assert wrong == []
    assert found > 60


def _unknown(words: list[str]) -> str:
    """The first word that the application does not know; "" when it knows all commands and options."""
    command = typer.main.get_command(app)
    while (inner := getattr(command, "commands", None)) is not None:
        if not words or words[0] not in inner:
            return words[0] if words else ""
        command, words = inner[words[0]], words[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return next((word for word in words if word.startswith("-") and word.split("=")[0] not in known), "")
