"""The position page: a model that always says A, and one that reads the options."""

import reading_data
from designs import ITEMS, rotated
from reading_data import letter

from llmxray.plan import reorder_options
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.asked_twice import audit, groups
from llmxray.report.pages.robustness import positions_part
from llmxray.types import Trial


def test_a_model_that_always_says_a(tmp_path):
    """Right only where A is right: a quarter of the trials, and never in every rotation."""
    analysis = Analysis(rotated(tmp_path))
    found = audit(analysis.views[0], 4)
    assert [1.0, 0.0, 0.0, 0.0] == [each.value for each in found.places]
    assert [1.0, 0.0, 0.0, 0.0] == [each.value for each in found.letters]
    assert (0.0, 0.0, 12, 12) == (found.always.value, found.never.value, found.test.n, found.test.n_telling)
    assert found.test.p_value < 1e-6
    assert 0.25 == analysis.accuracies["small"].value


def test_a_model_that_reads_the_options(tmp_path):
    """Eleven of twelve questions right throughout; the place decides in one only, and one question tests nothing."""
    found = audit(Analysis(rotated(tmp_path)).views[1], 4)
    assert (11 / 12, 1, 0.0) == (found.always.value, found.test.n_telling, found.never.value)
    assert found.test.p_value is None


def test_the_page_says_it(tmp_path):
    """One sentence per condition; the number of questions stands with the table."""
    page = positions_part(Analysis(rotated(tmp_path)))
    (section,) = page
    assert (
        "small is right in 100% where A is right and in 0% where B is (12 questions, "
        "p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}0.001). It picks A in 100% of its answers."
    ) == str(section.sentences[0])
    assert str(section.sentences[1]).startswith(
        "large: the position decides in 1 of 12 questions, too few for a test. "
    )


def test_a_model_that_shouts_a_and_knows_more(tmp_path):
    """It says A, and the right option comes second: averaged over the rotations, that option is ahead."""

    def tell(trial: Trial, sample: int) -> list[reading_data.Token]:
        right = reorder_options(next(each for each in ITEMS if each.id == trial.item), trial.order).answer
        knows = trial.condition == "small" and right != "A"
        return letter("A", dict.fromkeys("BCD", 0.1) | {"A": 0.5, **({right: 0.3} if knows else {})})

    data = reading_data.benchmark(tmp_path, tell, ITEMS, rotations="all")
    shouting, guessing = groups(Analysis(data))[0].audits
    assert (0.25, 1.0, 0.75) == (
        shouting.single.value,
        shouting.averaged.value,
        shouting.gain.difference.value,
    )
    # Every option of the other has A's share once: a tie is not right.
    assert (0.25, 0.0) == (guessing.single.value, guessing.averaged.value)
    (section,) = positions_part(Analysis(data))
    assert "small knew more than it said" == str(section.averaged.title)
