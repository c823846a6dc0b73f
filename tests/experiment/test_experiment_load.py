"""Good files become experiments; bad ones get one clear line with its place."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, load, parse


def failure(text: str) -> ExperimentError:
    """The error that reading ``text`` ends in."""
    with pytest.raises(ExperimentError) as caught:
        parse(text, file="x.yaml")
    return caught.value


def test_the_benchmark_example_loads(showdown_text):
    """The design's first example, as it stands."""
    experiment = parse(showdown_text)
    assert (experiment.name, experiment.kind, experiment.analysis.bins) == ("model-showdown", "benchmark", 5)
    assert [model.id for model in experiment.models] == ["smollm2", "smollm2-text", "gemma-base"]
    assert [suite.id for suite in experiment.suites] == ["starter/arc", "mmlu_pro", "arc"]
    assert experiment.endpoints["lab"].base_url == "http://127.0.0.1:8000/v1"
    assert experiment.request_fields(experiment.models[0]) == {
        "temperature": 0,
        "seed": 7,
        "top_logprobs": 20,
        "logprobs": True,
    }


def test_an_experiment_survives_its_own_dump(showdown_text, sweep_text):
    """What a cassette freezes can be read back as the same value."""
    for text in (showdown_text, sweep_text):
        experiment = parse(text)
        assert experiment == Experiment.model_validate(experiment.model_dump(mode="json"))


def test_load_reads_a_file(tmp_path, small_text):
    """With or without a byte order mark."""
    for name, encoding in (("plain.yaml", "utf-8"), ("bom.yaml", "utf-8-sig")):
        (tmp_path / name).write_text(small_text, encoding=encoding)
        assert load(tmp_path / name).name == "small"


def test_a_missing_file_a_folder_and_other_encodings(tmp_path):
    """Each names the file as it was given."""
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("experiment: x\ntitle: Gödel\n".encode("latin-1"))
    wide = tmp_path / "wide.yaml"
    wide.write_bytes("experiment: x\n".encode("utf-16"))
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * 2_000_000)
    expected = {
        tmp_path / "none.yaml": ": there is no such file",
        tmp_path: ": this is a folder; name the YAML file in it",
        latin: ":2: not UTF-8; save the file with UTF-8 encoding",
        wide: ":1: not UTF-8; save the file with UTF-8 encoding",
        huge: ": larger than 1 MiB; an experiment file is a few kilobytes",
    }
    for path, reason in expected.items():
        with pytest.raises(ExperimentError) as caught:
            load(path)
        assert f"{path}{reason}" == str(caught.value)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "two, endpoint: tiny",
            "two, endpoint: tinny",
            "7:25: models[1].endpoint: no endpoint named 'tinny'; did you mean 'tiny'?",
        ),
        ("models:", "modles:", "5:1: modles: unknown key; did you mean 'models'?"),
        ("id: two", "id: one", "7:10: models[1].id: 'one' is already the id of models[0]; ids must differ"),
        (
            "id: two",
            "id: Two!",
            "7:10: models[1].id: 'Two!' is not a usable name: lower-case letters, digits and ",
        ),
        (
            "kind: benchmark",
            "kind: benchmrk",
            "2:7: kind: must be benchmark or compare, not 'benchmrk'; did you mean ",
        ),
        ("kind: benchmark\n", "", "1:1: 'kind' is missing; write 'kind: benchmark' or 'kind: compare'"),
        (
            "{preset: local}",
            "{}",
            "4:9: endpoints.tiny: has no URL; give it a 'base_url' or a 'preset' (local, ",
        ),
        (
            "{temperature: 0}",
            "{temperature: hot}",
            "10:25: sampling.temperature: must be a number, not 'hot'",
        ),
        (
            "starter/arc}",
            "mmlu_pro, source: rows.jsonl}",
            "9:31: suites[0].source: must be where the rows are, such as {file: rows.jsonl} or {hub: ",
        ),
        (
            "starter/arc}",
            "starter/arc-hard, id: starter/arc}",
            "9:35: suites[0].id: 'starter/arc' is the name of a starter suite, and this is starter/arc-hard: choose ",
        ),
        ("starter/arc}", "a, limit: }", "9:16: suites[0].limit: has no value; fill it in, or remove it"),
        ("sampling:", "samples: 0\nsampling:", "10:10: samples: must be at least 1, not 0"),
        (
            "suites:\n  - {suite: starter/arc}\n",
            "",
            "1:1: a benchmark needs at least one entry under 'suites:', such as",
        ),
        (
            "sampling:",
            "preset: temperature-sweep\nsampling:",
            "10:1: preset: belongs to 'kind: compare'; this is a bench",
        ),
    ],
)
def test_bad_input_gets_one_clear_line(small_text, old, new, message):
    """File, line, column, path, and a sentence without jargon."""
    assert old in small_text
    error = str(failure(small_text.replace(old, new)))
    assert error.startswith(f"x.yaml:{message}"), error
    assert "\n" not in error
    assert not [
        word for word in ("pydantic", "Input should", "str", "dict", "tuple") if word in error.split()
    ]


def test_the_first_fault_is_named_and_the_others_are_counted(small_text):
    """First in the file, not first in the model."""
    text = small_text.replace("temperature: 0", "temperature: -1, top_p: 2").replace("id: one", "id: 1")
    message = str(failure(text))
    assert (
        message == "x.yaml:6:10: models[0].id: must be text, not the number 1; put it in quotes (and 2 more)"
    )


def test_keys_are_never_repeated_in_errors(small_text):
    """A key pasted into the file must not wander into a terminal or a log."""
    for fields in (
        "{base_url: 'http://h:1/v1', key_env: sk-SECRET}",
        "{base_url: 'http://h:1/v1', key_env: [SECRET]}",
        "{base_url: 'http://me:SECRET@h:1/v1'}",
        "{base_url: 'http://h:1/v1?key=SECRET'}",
        "{base_url: 'http://h:1/v1', api_key: SECRET}",
    ):
        message = str(failure(small_text.replace("{preset: local}", fields)))
        assert "SECRET" not in message
        assert "environment variable" in message
