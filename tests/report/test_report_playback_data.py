"""Which replies can be played."""

from typing import Any

from data_files import values
from reading_data import benchmark, words

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import questions_of
from llmxray.report.pages import playback
from llmxray.report.widgets.render import Renderer
from llmxray.types import Item


def write(renderer: Renderer, data: Any) -> tuple[Any, list[Any]]:
    """The index, and the questions that can be played."""
    analysis = Analysis(data)
    path, playable = playback.write_streams(renderer, analysis, questions_of(analysis), [])
    return values((renderer.out / "tiny" / path).read_bytes()), playable


def test_streams_of_an_experiment(tmp_path):
    """Tokens come a tenth of a second apart; a missing reply is no stream, and a letter no question to play."""

    def tell(trial: Any, _: int) -> Any:
        if trial.item == "one":
            return words("A")
        return None if trial.condition == "large" else words(*["so "] * 11, "A")

    index, playable = write(Renderer(tmp_path / "site"), benchmark(tmp_path / "cassette", tell))
    assert [question.address for question in playable] == ["tiny/things/two"]
    assert index["questions"] == [["tiny/things/two", "Which is a star?", "B · the Sun", 0]]
    streams = values((tmp_path / "site/tiny/data" / index["files"][0]).read_bytes())
    ((small,), (large,)) = streams["questions"]["tiny/things/two"]
    assert large is None
    assert small["d"] == [100] * 12
    assert (small["end"], small["n"]) == (1300, 12)
    assert "".join(streams["strings"][place] for place in small["t"]) == "so " * 11 + "A"


def test_only_a_part_of_a_large_experiment(tmp_path, monkeypatch):
    """The first questions, in files of bounded size; a rebuild leaves nothing of the build before."""
    monkeypatch.setattr(playback, "MOST_QUESTIONS", 5)
    monkeypatch.setattr(playback, "_FILE_BYTES", 150)
    many = [Item(f"q{n}", f"{n}?", ("yes", "no"), "A") for n in range(9)]
    renderer = Renderer(tmp_path / "site")
    long = words(*["so "] * 12)
    index, playable = write(renderer, benchmark(tmp_path / "cassette", lambda *_: long, many))
    assert len(playable) == 5
    assert len(index["files"]) > 1
    assert max(file for *_, file in index["questions"]) == len(index["files"]) - 1
    write(renderer, benchmark(tmp_path / "cassette2", lambda *_: long, many[:1]))
    assert len(list((tmp_path / "site/tiny/data").iterdir())) == 2
