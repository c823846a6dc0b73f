"""Which items an experiment asks."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest, chi2

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite
from llmxray.suites.selection import quick_items


def _load(**entry: Any) -> Suite:
    return suites.load(SuiteRef.model_validate({"suite": "starter/arc", **entry}), Path())


ALL = _load()


def test_categories():
    """Only those; an unknown one is an error that lists them."""
    chosen = _load(categories=["physics", "biology"])

    assert {"physics", "biology"} == {item.category for item in chosen.items}
    with pytest.raises(SuiteError, match=r"no category 'chemestry'; it has: .*chemistry"):
        _load(categories=["chemestry"])


def test_per_category():
    """So many of each, the first ones without a seed, others with one, always in the suite's order."""
    first, drawn = _load(per_category=5), _load(per_category=5, seed=3)

    for chosen in (first, drawn):
        assert {5} == {*Counter(item.category for item in chosen.items).values()}
        assert list(chosen.items) == [item for item in ALL.items if item in chosen.items]
    assert ALL.items[0] in first.items
    assert first.items != drawn.items
    assert drawn.items == _load(per_category=5, seed=3).items


def test_quick_is_as_small_as_ten_points_allow():
    """The Wilson interval around one half reaches ten points to each side, and not with one item fewer."""

    def half_width(n: int) -> float:
        interval = binomtest(n // 2, n).proportion_ci(method="wilson")
        return float(interval.high - interval.low) / 2

    assert half_width(quick_items()) <= 0.1005
    assert half_width(quick_items() - 2) > 0.1


def test_quick_keeps_the_proportions():
    """Each category has its share, give or take one item; the choice is the same every time."""
    chosen = _load(quick=True)
    whole = Counter(item.category for item in ALL.items)

    assert quick_items() == len(chosen.items)
    assert chosen.items == _load(quick=True).items
    assert chosen.items != _load(quick=True, seed=9).items
    for category, count in Counter(item.category for item in chosen.items).items():
        assert count == pytest.approx(quick_items() * whole[category] / len(ALL.items), abs=1)


def test_chance_is_that_of_the_chosen_items():
    """TruthfulQA's options vary in number; answers asked openly cannot be guessed."""
    few = _load(suite="starter/truthfulqa", limit=10)

    assert pytest.approx(sum(1 / len(item.choices) for item in few.items) / 10) == few.card.chance
    assert _load(answer="text").card.chance is None
    assert "text" == _load(answer="text").answer


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"suite": "zzz"}, "no suite named 'zzz'; there are: starter/arc"),
        ({"suite": "custom"}, "custom needs 'source"),
        (
            {"suite": "arc", "source": {"hub": "allenai/ai2_arc", "revision": "main"}},
            "arc needs a config: one of ARC-Challenge, ARC-Easy",
        ),
    ],
)
def test_entries_that_name_nothing(entry, message):
    """One line that says what to write."""
    with pytest.raises(SuiteError) as caught:
        _load(**entry)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def ids(**entry: Any) -> list[str]:
    """The ids of the chosen items."""
    return [item.id for item in _load(**entry).items]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "draw",
    [
        lambda n, seed: {"sample": {"n": n, "seed": seed}},
        lambda n, seed: {"per_category": n, "seed": seed},
        lambda n, seed: {"quick": round(0.25 - n / 250, 3), "seed": seed},
    ],
    ids=["sample", "per category", "quick"],
)
def test_a_larger_draw_contains_the_smaller(draw, seed):
    """With one seed; W16. What was recorded of the smaller is not paid for again."""
    chosen = [ids(**draw(n, seed)) for n in (1, 2, 5, 8, 13, 20, 35)]
    for smaller, larger in itertools.pairwise(chosen):
        assert {*smaller} <= {*larger}
        assert [each for each in larger if each in smaller] == smaller
    assert len(chosen[0]) < len(chosen[-1])


def test_a_draw_rests_on_the_ids_alone():
    """A suite and its paraphrases are drawn alike, whatever else is in one of them."""
    drawn = {"n": 40, "seed": 3}
    whole = ids(sample={"n": 176, "seed": 3})
    science = ids(categories=["physics", "chemistry", "biology"], sample=drawn)

    assert science == ids(suite="starter/arc-paraphrased", sample=drawn)
    assert ids() == whole


def test_draws_are_fair():
    """Over many seeds each item is drawn about equally often (chi-squared at one in a thousand)."""
    seeds, n = 200, 44
    counts = Counter(each for seed in range(seeds) for each in ids(sample={"n": n, "seed": seed}))
    expected = seeds * n / len(ALL.items)
    statistic = sum((counts[item.id] - expected) ** 2 / expected for item in ALL.items)

    # Drawn without replacement, the counts scatter by the share that is left out less.
    assert statistic / (1 - n / len(ALL.items)) < chi2.ppf(0.999, len(ALL.items) - 1)
