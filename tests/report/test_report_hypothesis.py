"""When a hypothesis was written, by what the cassette keeps."""

import pytest
import reading_data
from reading_data import letter

from llmxray import plan as plans
from llmxray.report.wording.predictions import statement_of_hypothesis

FLAT = {"A": 0.5, "B": 0.5}


def recorded(folder, then, now, **more):
    """An experiment whose cassette was frozen with one statement and whose file has another hypothesis today."""
    data = reading_data.benchmark(folder, lambda trial, sample: letter("A", FLAT), hypothesis=now, **more)
    file = data.experiment.model_copy(update={"hypothesis": then.hypothesis or None})
    source = file.model_dump_json(exclude_defaults=True)
    return reading_data.frozen(folder, data, data.results.plan, source, statement=then)


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("Size\n wins.", "Size wins.", "Written before the first answer (2026-01-02)"),
        ("Size loses.", "Size wins.", "Changed after recording."),
        ("", "Size wins.", "Added after recording: there was none before the first answer (2026-01-02)"),
        (None, "Size wins.", ""),
        ("Size wins.", None, ""),
    ],
)
def test_when_it_was_stated(tmp_path, then, now, said):
    """By comparison with the hypothesis when recording began; nothing is said where that is not known."""
    found = "".join(
        statement_of_hypothesis(recorded(tmp_path, plans.Statement(then, None, "2026-01-02"), now))
    )
    assert found.startswith(said)
    assert bool(found) == bool(said)
    assert ("“Size loses.”" in found) == (then == "Size loses.")


def test_hypotheses_of_replaced_recordings_are_quoted(tmp_path):
    """Those of `--fresh` too, where they differ."""
    earlier = (plans.Statement("Size loses.", (), "2030-01-01"), plans.Statement("Size wins."))
    found = statement_of_hypothesis(
        recorded(tmp_path, plans.Statement("Size wins.", (), "2026-01-02", earlier), "Size wins.")
    )
    assert found == (
        "Written before this recording (2026-01-02), as attested by the author's own recording. The author "
        "had seen an earlier recording.",
        "An earlier recording of 2030-01-01, which this one replaced, was made with: “Size loses.”",
    )


@pytest.mark.parametrize(("day", "seen"), [("2026-01-01", True), ("2026-01-03", False)])
def test_a_recording_that_the_file_names_was_seen(tmp_path, day, seen):
    """Where it was made before the prediction."""
    earlier = [{"date": day, "result": "Size won.", "change": "More questions."}]
    stated = plans.Statement("Size wins.", (), "2026-01-02")
    (found,) = statement_of_hypothesis(recorded(tmp_path, stated, "Size wins.", earlier=earlier))
    assert seen == found.endswith("The author had seen an earlier recording.")
