"""The site as one zip."""

import zipfile
from pathlib import Path

from llmxray.workflow.github_pages import zip_site


def a_site(folder: Path) -> Path:
    """A site of two pages and a hidden file."""
    (folder / "one").mkdir(parents=True)
    for name in ("index.html", "one/index.html", ".nojekyll"):
        (folder / name).write_text(name)
    return folder


def test_unpacks_into_one_folder(tmp_path):
    """Named like the zip, hidden files left out, the same bytes again."""
    site = a_site(tmp_path / "site")
    size = zip_site(site, tmp_path / "report.zip")
    first = (tmp_path / "report.zip").read_bytes()
    assert len(first) == size
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert archive.namelist() == ["report/index.html", "report/one/index.html"]
        assert archive.read("report/one/index.html") == b"one/index.html"
    zip_site(site, tmp_path / "report.zip")
    assert (tmp_path / "report.zip").read_bytes() == first
