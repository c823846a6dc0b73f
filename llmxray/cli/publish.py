"""The command that puts a site on GitHub Pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray.cli import options
from llmxray.cli.terminal import say
from llmxray.errors import InputError, RunFailedError
from llmxray.workflow import github_pages, site_zip

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
    zipped: Annotated[
        Path | None, typer.Option("--zip", help="Write the site as one zip file.", dir_okay=False)
    ] = None,
    out: options.Out = Path("site"),
) -> None:
    """Write the workflow that publishes the site on GitHub Pages and check that the site will work there."""
    if check and release:
        raise InputError("--check writes no workflow, --release writes one: choose")
    # Before anything is written: a workflow that publishes a broken site helps nobody.
    faults = github_pages.site_faults(out)
    for fault in faults[:_MOST_SHOWN]:
        say(fault)
    if faults:
        raise RunFailedError(f"{len(faults)} faults: {out} is not fit to publish")
    say(f"{out}: fit to publish")
    if zipped is not None:
        size = site_zip.zip_site(out, zipped)
        say(f"{zipped}: {size:,} bytes; unpack it and open index.html")
    # Also with --check, which the workflow itself runs before it uploads the site.
    (out / github_pages.NO_JEKYLL).touch()
    if check:
        return
    names = [github_pages.PAGES, *([github_pages.RELEASE] if release else [])]
    written = [github_pages.write_workflow(repository, name, install) for name in names]
    for path, changed in written:
        say(f"{path}: {'written' if changed else 'as it was'}")
    if any(changed for _, changed in written):
        say(
            "now commit it with experiments/ and cassettes/, push, and choose Pages → Source → GitHub Actions"
        )
