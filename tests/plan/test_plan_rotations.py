"""A position-bias audit asks each question once per rotation; what cannot be asked is refused in one line."""

import pytest
from planned import built

from llmxray import plan as plans
from llmxray.errors import ExperimentError
from llmxray.suites import Suite
from llmxray.types import Item, SuiteCard

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: m, endpoint: tiny, model: m}]
suites: [{suite: starter/arc, limit: 3}]
rotations: all
"""


def suite(*items: Item, shots: tuple[Item, ...] = ()) -> Suite:
    """A suite made by hand."""
    card = SuiteCard("made/up", "Made up", "nothing", "everything", "CC0", "a test")
    return Suite(card, items, shots, shots_hint="put a file beside it, ")


def test_each_rotation_is_a_trial_of_its_own():
    """Every option stands once at every place; the sample stays 0, and ids, prompts and keys differ."""
    plan = built(TEXT)
    assert 12 == len(plan.trials) == len({trial.id for trial in plan.trials})
    assert {0} == {trial.sample for trial in plan.trials}
    assert 12 == len({trial.requests[0].key for trial in plan.trials})
    for place in range(3):
        mine = plan.trials[4 * place : 4 * place + 4]
        assert [0, 1, 2, 3] == [trial.rotation for trial in mine]
        assert [f"m/starter/arc/{mine[0].item}/0/r{n}" for n in range(4)] == [trial.id for trial in mine]
        for position in range(4):
            assert {0, 1, 2, 3} == {trial.order[position] for trial in mine}
        item = plan.items()["starter/arc", mine[0].item]
        assert {"A", "B", "C", "D"} == {plans.reorder_options(item, trial.order).answer for trial in mine}


def test_rotations_begin_with_the_shuffled_order():
    """Shuffling and rotating go together: the first rotation shows what the shuffle alone would."""
    shuffled = TEXT + "shuffle_options: {seed: 5}\n"
    plain = built(shuffled.replace("rotations: all\n", ""))
    turned = built(shuffled)
    assert [trial.order for trial in plain.trials] == [trial.order for trial in turned.trials[::4]]


def test_only_letters_show_options_to_rotate():
    """Other prompts do not show the options, so that rotations would ask the same question again."""
    with pytest.raises(ExperimentError, match="which only 'answer: letter' shows"):
        built(TEXT + "answer: likelihood\n")


@pytest.mark.parametrize(
    ("layout", "answer", "shots", "says"),
    [
        (
            "few-shot",
            "letter",
            (),
            "needs worked examples and this suite has none; put a file beside it, use 'lay",
        ),
        ("few-shot-raw", "likelihood", (), "use 'layout: zero-shot-raw'"),
        ("few-shot-cot", "letter", (Item("s", "S?", ("a", "b"), "A"),), "with their reasoning"),
        ("zero-shot-cot", "likelihood", (), "weighed at once"),
    ],
)
def test_layouts_that_need_what_is_not_there(layout, answer, shots, says):
    """One line instead of a prompt that silently lacks its examples, with condition and suite."""
    text = TEXT.replace("rotations: all", f"answer: {answer}").replace(
        "model: m}", f"model: m, layout: {layout}}}"
    )
    with pytest.raises(ExperimentError, match=says) as caught:
        built(text, suite(Item("q", "Q?", ("a", "b"), "A"), shots=shots))
    assert "condition m, suite made/up" in str(caught.value)
    assert "\n" not in str(caught.value)
