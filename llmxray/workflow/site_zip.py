"""A site as one zip file to pass on; unpacked, it opens with a double-click and needs no installation."""

from __future__ import annotations

import zipfile
from pathlib import Path

from llmxray.errors import InputError
from llmxray.regular_files import read_regular_file


def zip_site(site: Path, target: Path) -> int:
    """Write a site into a zip, in one folder with the zip's name; returns the zip's size in bytes.

    Hidden files are left out. An older zip is replaced only when the new one is complete. With the same zlib, the same
    site gives the same bytes.

    Raises:
        InputError: the site does not exist, or the zip would lie in it.
    """
    from llmxray.packs.writing import add_member  # noqa: PLC0415 (the help of `publish` loads no cassettes)

    if not (site / "index.html").exists():
        raise InputError(f"there is no {site / 'index.html'}: build the site first (llmxray report)")
    # Inside the site, the zip would become part of the next zip, and the site too large to publish.
    if site.resolve() in target.resolve().parents:
        raise InputError(f"{target} lies in the site itself: name a file outside {site}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    # A leftover part is removed first, because writing would follow a link of that name.
    part.unlink(missing_ok=True)
    with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # Links are left out: their targets may be private.
        for path in sorted(path for path in site.rglob("*") if path.is_file() and not path.is_symlink()):
            name = path.relative_to(site)
            if any(part.startswith(".") for part in name.parts):
                continue
            member = f"{target.stem}/{name.as_posix()}"
            add_member(archive, member, read_regular_file(path), zipfile.ZIP_DEFLATED)
    part.replace(target)
    return target.stat().st_size
