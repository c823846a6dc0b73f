"""The public surface: every exported name exists and documents itself; tests mirror the sources."""

from pathlib import Path

import pytest


@pytest.mark.search
def test_no_path_of_the_recording_machine_is_shipped(root):
    """Cassettes and experiments name no folder of the machine they were made on."""
    from llmxray.cassette.key_scan import decoded_lines

    for path in [*root.glob("cassettes/*/**/*"), *root.glob("experiments/*")]:
        if path.is_file():
            text = b"\n".join(line for _, line in decoded_lines(path))
            for needle in (b"/site-packages/", f"{Path.home()}/".encode(), b"/home/", b".gguf"):
                assert needle not in text, f"{path}: {needle!r}"
