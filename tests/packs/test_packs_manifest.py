"""What a pack is known by."""

import hashlib
import re
import zipfile

import pytest

from llmxray.errors import PackError
from llmxray.packs import fingerprint, read_manifest
from tests.packs.zips import members_of, rezipped


def test_the_fingerprint_is_the_start_of_the_hash_of_the_manifest(pack):
    """Four groups of four digits; `sha256sum` of pack.json begins with them."""
    words = fingerprint(read_manifest(pack))
    assert re.fullmatch(r"[0-9a-f]{4}( [0-9a-f]{4}){3}", words)
    assert hashlib.sha256(members_of(pack)["pack.json"]).hexdigest().startswith(words.replace(" ", ""))


def _title_twice(raw: bytes) -> bytes:
    return raw.replace(b'"title":', b'"title": "Proof of cold fusion", "title":', 1)


@pytest.mark.parametrize(
    ("twist", "why"),
    [
        (_title_twice, "the key 'title' stands twice"),
        (lambda raw: raw + b"\n" * 50_000, "written in another way"),
        (lambda raw: raw.replace(b'"tiny"', b'"t\\u0069ny"', 1), "written in another way"),
    ],
)
def test_a_manifest_written_in_another_way_is_refused(pack, tmp_path, twist, why):
    """It would say the same fields, and so have the same fingerprint, with other bytes."""
    members = members_of(pack)
    twisted = rezipped(tmp_path / "evil.zip", {**members, "pack.json": twist(members["pack.json"])})
    assert members_of(twisted)["pack.json"] != members["pack.json"]
    with pytest.raises(PackError, match=f"not a pack's manifest .*{why}"):
        read_manifest(twisted)


def test_a_pack_that_was_zipped_again_keeps_its_fingerprint(pack, tmp_path):
    """It is of what is in it, not of how it is compressed."""
    again = rezipped(tmp_path / "again.zip", members_of(pack), method=zipfile.ZIP_DEFLATED)
    assert again.read_bytes() != pack.read_bytes()
    assert fingerprint(read_manifest(pack)) == fingerprint(read_manifest(again))
