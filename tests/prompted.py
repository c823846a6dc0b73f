"""Experiments of numbered prompts against one server, written down and prepared."""

from pathlib import Path

from llmxray.workflow import Prepared, Workspace, prepare


def in_folder(folder: Path) -> Prepared:
    """The experiment ``e`` of a folder, with what is there now."""
    return prepare(folder / "e.yaml", Workspace(folder / "cassettes", folder))


def write(
    folder: Path,
    url: str,
    prompts: int = 12,
    *,
    text: str = "question {} of many",
    endpoint: str = "concurrency: 3",
    models: str = "m",
    sampling: str = "temperature: 0, seed: 1",
    more: str = "",
) -> Prepared:
    """So many prompts, each of which expects its number, for models that are called by one letter."""
    lines = "\n".join(f"  - {{id: p{n}, text: {text.format(n)}, expect: '{n}'}}" for n in range(prompts))
    names = ", ".join(f"{{id: {name}, endpoint: lab, model: {name}}}" for name in models)
    folder.mkdir(exist_ok=True)
    (folder / "e.yaml").write_text(f"""experiment: e
kind: compare
endpoints: {{lab: {{base_url: "{url}", {endpoint}}}}}
prompts:
{lines}
models: [{names}]
sampling: {{{sampling}}}
{more}""")
    return in_folder(folder)
