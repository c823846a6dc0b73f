"""The command that prepares a site for GitHub Pages or the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.terminal import command, note, say, working
from llmxray.errors import InputError, RunFailedError
from llmxray.report.numbers import listed, plural
from llmxray.workflow import github_pages

if TYPE_CHECKING:
    from llmxray.workflow import Workspace
    from llmxray.workflow.hub_publishing import HubTarget

_MOST_SHOWN = 20


def publish(
    repository: Annotated[Path, typer.Option(help="Top folder of the repository.")] = Path(),
    check: Annotated[bool, typer.Option("--check", help="Only check; write no workflow.")] = False,
    release: Annotated[
        bool,
        typer.Option("--release", help="Also write the workflow that attaches site and packs to releases."),
    ] = False,
    install: Annotated[
        str,
        typer.Option(
            help="What pip installs in the workflow, such as git+https://…@COMMIT; by default what was installed here."
        ),
    ] = "",
    logs: Annotated[
        list[Path] | None,
        typer.Option(
            help="Other tools' results behind the site, a folder or file of the repository; by default what `llmxray "
            "report` was given."
        ),
    ] = None,
    zipped: Annotated[
        Path | None, typer.Option("--zip", help="Write the site as one zip file.", dir_okay=False)
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            help="hf/ORG/NAME: write that folder with a static Space and a data set for the Hugging Face Hub instead."
        ),
    ] = "",
    push: Annotated[bool, typer.Option("--push", help="With --to, also upload both, publicly.")] = False,
    out: arguments.Out = Path("site"),
) -> None:
    """Write the workflow that publishes the site on GitHub Pages and check that the site will work there."""
    if check and release:
        raise InputError("--check writes no workflow, --release writes one: choose")
    if push and not to:
        raise InputError("--push goes with --to hf/ORG/NAME; a workflow is pushed with git")
    if to and (check or release or install):
        raise InputError("--to writes no workflow: leave out --check, --release and --install")
    if logs and (to or check):
        raise InputError("--logs is for the workflow, which --to and --check do not write: leave it out")
    target = workflow.hub_publishing.target_of(to, repository) if to else None
    # Checked first: no workflow may publish a broken site.
    faults = list(github_pages.site_faults(out))
    for fault in faults[:_MOST_SHOWN]:
        say(fault)
    if faults:
        raise RunFailedError(f"{plural(len(faults), 'fault')}: {out} is not ready to publish")
    if target is None:
        with working("looking for keys"):
            workflow.refuse_keys_in_site(out)
    say(f"{out} is ready to publish")
    if zipped is not None:
        size = github_pages.zip_site(out, zipped)
        say(f"{zipped}: {size:,} bytes; unpack it and open index.html")
    if target is not None:
        _to_hub(target, out, arguments.workspace(), push=push)
        return
    # Created with --check too, because the workflow runs that before it uploads the site.
    (out / github_pages.NO_JEKYLL).touch()
    if check:
        return
    sources = github_pages.sources_of(out, repository, logs or ())
    if release and not sources.recorded:
        raise InputError("--release packs recordings, and this site has none: leave it out")
    names = [github_pages.PAGES, *([github_pages.RELEASE] if release else [])]
    written = [github_pages.write_workflow(repository, name, install, sources) for name in names]
    for path, changed in written:
        say(f"{path}: {'written' if changed else 'as it was'}")
    if any(changed for _, changed in written):
        # The site's sources must be in the repository.
        needed = listed([".github", *sources.to_commit])
        say(f"now commit {needed}, push, and choose Pages → Source → GitHub Actions")


def _to_hub(target: HubTarget, site: Path, workspace: Workspace, *, push: bool) -> None:
    with working("writing"):
        workflow.hub_publishing.write_hub_folders(target, site, workspace)
    for part in (workflow.hub_publishing.SPACE, workflow.hub_publishing.DATASET):
        sizes = [path.stat().st_size for path in (target.folder / part).rglob("*") if path.is_file()]
        say(f"{target.folder / part}: {plural(len(sizes), 'file')}, {sum(sizes):,} bytes")
    if push:
        for address in workflow.hub_publishing.push(target):
            say(f"published {address}")
        return
    note("nothing was sent; these commands publish both, for all to see:")
    for words in target.commands():
        say(command(*words))
