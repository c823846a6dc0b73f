"""`llmxray new`: what it writes can be used as it stands."""

from __future__ import annotations

from pathlib import Path

from commands import llmxray

from llmxray.experiment import SCHEMA_FILE, load, schema_text


def test_a_new_experiment_says_what_to_do_next(tmp_path: Path) -> None:
    """The path on standard output, for scripts; the next two commands beside it."""
    done = llmxray("new", "calibration", "--name", "mine", at=tmp_path)
    assert done.stdout == f"{Path('experiments') / 'mine.yaml'}\n"
    assert "llmxray check mine" in done.stderr
    assert "llmxray run mine --mode record" in done.stderr
    assert load(tmp_path / "experiments" / "mine.yaml").experiment == "mine"


def test_a_new_experiment_does_not_take_the_place_of_the_sites_settings(tmp_path: Path) -> None:
    """Every report of the folder reads them."""
    done = llmxray("new", "model-showdown", "--name", "site", at=tmp_path)
    assert 2 == done.returncode
    assert "experiments/site.yaml holds the settings of the site: choose another --name" in done.stderr
    assert not (tmp_path / "experiments").exists()


def test_an_editor_finds_the_schema_of_a_new_experiment(tmp_path: Path) -> None:
    """Its first line leads to a file beside it: no network, no clone. An old one is renewed, another's stays."""
    schema = tmp_path / "experiments" / SCHEMA_FILE
    for name, before, after in (
        ("one", None, schema_text()),
        ("two", '{"$id": "urn:llmxray:experiment"}', schema_text()),
        ("three", "{}", "{}"),
    ):
        if before is not None:
            schema.write_text(before, "utf-8")
        assert llmxray("new", "calibration", "--name", name, at=tmp_path).returncode == 0
        line = (tmp_path / "experiments" / f"{name}.yaml").read_text("utf-8").splitlines()[0]
        assert line == f"# yaml-language-server: $schema={schema.name}"
        assert schema.read_text("utf-8") == after
