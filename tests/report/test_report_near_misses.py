"""Where a wrong answer went wrong, and whether the right token came second."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reading_data import Token, benchmark, letter, words

from llmxray.report.analysis import Analysis, standings
from llmxray.report.analysis.front_examples import fork
from llmxray.report.analysis.near_misses import WrongTurn, near_misses
from llmxray.types import Item

SUMS = [{"id": "small", "endpoint": "tiny", "model": "small", "answer": "number"}]


def said(text: str, turn: int = -1, *others: tuple[str, float]) -> list[Token]:
    """A reply in words of one token, the one at ``turn`` with alternatives after it, at half the probability."""
    tokens = words(*text.split("|"))
    if turn >= 0:
        word = tokens[turn][0]
        tokens[turn] = (word, 0.5, [(word, 0.5), *others])
    return tokens


def turns(folder: Path, replies: Sequence[tuple[str, list[Token]]]) -> tuple[list[WrongTurn], Analysis]:
    """The wrong turns of replies to questions with those right answers."""
    items = tuple(Item(f"q{n}", f"How many, {n}?", (), right) for n, (right, _) in enumerate(replies))
    told = {item.id: tokens for item, (_, tokens) in zip(items, replies, strict=True)}
    data = Analysis(benchmark(folder, lambda trial, sample: told[trial.item], items, models=SUMS))
    return [turn for each in near_misses(data) for turn in each.turns], data


@pytest.mark.parametrize(
    ("right", "reply", "place", "instead", "rank"),
    [
        ("8", said("2 + 5 = |7|. 7 + 1 = |9|.", 3, ("8", 0.3)), 3, "8", 1),
        ("8", said("2 + 5 = |6|. 6 + 1 = |7|.", 1, ("9", 0.3), ("7", 0.1)), 1, "7", 2),
        ("18", said("9 + 9 = |1|0", 2, ("8", 0.26)), 2, "8", 1),
        ("18", said("9 + 9 = |1|0", 2, ("9", 0.2)), 2, "", None),
        ("18", said("9 + 9 = |10", 1, ("18", 0.2)), 1, "18", 1),
        ("18", said("9 + 9 = |18|5", 2, (".", 0.3)), 2, ".", 1),
        ("270", said("It is |180", 1, ("270", 0.4)), 1, "270", 1),
        ("14", said("2 + 3 * 4 = |20", 1, ("14", 0.4)), 1, "14", 1),
    ],
)
def test_a_sum_goes_wrong_at_its_first_false_digit(tmp_path, right, reply, place, instead, rank):
    """And the right digit has a place among the alternatives, or none."""
    (turn, _), data = turns(tmp_path, [(right, reply), ("18", said("9 + 9 = |1|0", 2, ("9", 0.2)))])
    assert (place, instead, rank == 1) == (turn.place, turn.right, turn.is_near)
    assert turn.written == pytest.approx(0.5)
    assert not turn.is_near or 1 == fork(data).near


def test_no_token_is_to_blame_where_all_sums_are_true(tmp_path):
    """The wrong ones were chosen; right answers and what cannot be reckoned have no wrong turn either."""
    replies = [
        ("270", said("4 * 45 = 180. 180 + 45 = |225", 1, ("270", 0.2))),
        ("18", said("9 + 9 = |18", 1, ("19", 0.2))),
        ("3", said("7 / 2 = |4", 1, ("3", 0.2))),
    ]
    assert [] == turns(tmp_path, replies)[0]


def test_a_letter_goes_wrong_where_it_stands(tmp_path):
    """The right one came second, or third."""
    probs = {"A": 0.3, "B": 0.7}
    data = benchmark(tmp_path, lambda trial, sample: letter("B", probs))
    (small, large) = near_misses(Analysis(data))
    assert [(1, 1), (1, 1)] == [(len(each.near), each.share.n) for each in (small, large)]
    assert ("A", True) == (small.turns[0].right, small.turns[0].is_near)


def test_luck_is_how_often_the_second_choice_is_right_elsewhere(tmp_path):
    """Of 8, 9 and 9 in the place of a 7: 9 is right in both others of the first, and in one of two for the rest."""
    asked = [("18", "9 + 9 = "), ("19", "9 + 10 = "), ("19", "8 + 11 = ")]
    replies = [(right, said(f"{sum_}|1|7", 2, ("9", 0.3))) for right, sum_ in asked]
    (found, *_) = near_misses(turns(tmp_path, replies)[1])
    assert (2, 2.0, 0.75) == (len(found.near), found.luck, pytest.approx(found.p_value))


def test_sizes_are_read_from_names():
    """In the units that names have."""
    assert [1.35e8, 1.5e9, None] == [
        standings.size_of(name) for name in ("SmolLM2 135M", "Qwen 1.5B", "GPT-4")
    ]
