"""What a pack is known by."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path

from llmxray.packs import PackedFile, fingerprint, read_manifest
from tests.packs.test_packs_opening import members_of, rezipped


def test_the_fingerprint_is_the_start_of_the_hash_of_the_manifest(pack: Path) -> None:
    """Four groups of four digits; `sha256sum` of pack.json begins with them."""
    told = fingerprint(read_manifest(pack))
    assert re.fullmatch(r"[0-9a-f]{4}( [0-9a-f]{4}){3}", told)
    assert hashlib.sha256(members_of(pack)["pack.json"]).hexdigest().startswith(told.replace(" ", ""))


def test_any_change_gives_another_fingerprint(pack: Path) -> None:
    """Of any member, whose hash is in the manifest; of the title; a file less."""
    manifest = read_manifest(pack)
    others = [
        replace(manifest, title="Another"),
        replace(manifest, files=manifest.files[1:]),
        *(
            replace(
                manifest,
                files=tuple(
                    PackedFile(f.name, "0" * 64, f.bytes) if f is each else f for f in manifest.files
                ),
            )
            for each in manifest.files
        ),
    ]
    told = {fingerprint(each) for each in (manifest, *others)}
    assert len(others) + 1 == len(told)


def test_a_pack_that_was_zipped_again_keeps_its_fingerprint(pack: Path, tmp_path: Path) -> None:
    """It is of what is in it, not of how it is compressed."""
    again = rezipped(tmp_path / "again.zip", members_of(pack), method=zipfile.ZIP_DEFLATED)
    assert again.read_bytes() != pack.read_bytes()
    assert fingerprint(read_manifest(pack)) == fingerprint(read_manifest(again))
