"""Data files: harmless to the page, bounded in size, and whole."""

from typing import Any

from data_files import values
from reading_data import benchmark, letter

from llmxray.report.analysis import Analysis
from llmxray.report.files import shards
from llmxray.report.widgets.render import Renderer
from llmxray.types import Item

HOSTILE = "</script><img src=x onerror=alert(1)> ' \" \\ \u2028\u2029 \ud800 é\x00\x7f"


def answered(trial: Any, _: int) -> Any:
    """Large is right, small is wrong."""
    right = trial.condition == "large"
    return letter("A" if right == (trial.item == "one") else "B", {"A": 0.6, "B": 0.3})


def test_hostile_text_cannot_leave_the_script():
    """No tag, no quote and no line separator survives in the file, and the text comes back as it was."""
    _, data = shards.shard("x", [HOSTILE])
    text = data.decode()
    assert "<" not in text
    assert not {"\u2028", "\u2029", "\x00"} & set(text)
    assert [HOSTILE] == values(data)


def test_columns_and_answers_hold_every_question(tmp_path):
    """The first file says where a question is; that file has an answer for each condition."""
    data = benchmark(tmp_path / "cassette", answered)
    renderer = Renderer(tmp_path / "site")
    index = shards.write_shards(Analysis(data), renderer)
    places, codes, texts = (values((tmp_path / "site/tiny" / path).read_bytes()) for path in index.values())
    assert (["one", "two"], [2], [2]) == (places["id"], places["sizes"], places["counts"])
    assert (index["codes"], index["texts"]) == tuple(
        f"data/{places['more'][name]}" for name in ("codes", "texts")
    )
    assert ["ww", "cc"] == codes["codes"]
    # The confidence is that of the answer given: B has .3 of .9 where it is said.
    assert [[333, 666], [666, 333]] == codes["confidence"]
    assert [["B", "A"], ["A", "B"]] == texts["said"]
    answers = values((tmp_path / "site/tiny/data" / places["files"][0]).read_bytes())
    question = answers["questions"][1]
    assert "tiny/things/two" == question["id"]
    ((small,), (large,)) = question["answers"]
    assert ("w", "A") == (small["o"], small["answer"])
    assert ("c", "B") == (large["o"], large["answer"])
    assert [666, 333] == [*small["probs"]]
    strings = [text for each in answers["questions"] for text in each["strings"]]
    assert ["B"] == [strings[place] for place in large["tokens"][0]["t"]]
    assert [100, 200, 1, 7] == large["time"]


def test_files_stay_below_the_limit_and_old_ones_go(tmp_path):
    """Many long questions are spread over files; a rebuild leaves no file of the build before."""
    long = [Item(f"q{n}", f"{n} " + "word " * 4000, ("yes", "no"), "A") for n in range(40)]
    data = benchmark(tmp_path / "cassette", lambda trial, _: letter("A", {"A": 0.9}), long)
    renderer = Renderer(tmp_path / "site")
    shards.write_shards(Analysis(data), renderer)
    files = sorted((tmp_path / "site/tiny/data").glob("answers-*.js"))
    assert 1 < len(files)
    assert all(file.stat().st_size <= shards.LIMIT_BYTES + 1000 for file in files)
    few = benchmark(tmp_path / "cassette2", answered)
    shards.write_shards(Analysis(few), renderer)
    left = {path.name.split(".")[0] for path in (tmp_path / "site/tiny/data").iterdir()}
    assert {"answers-000", "places", "codes", "texts"} == left
