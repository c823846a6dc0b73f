"""Names beside points: each in a free place, near its own point."""

import itertools

from llmxray.charts.label_places import Cross, place

SIDE = 300.0


def cross(x: float, y: float, reach: float = 20.0) -> Cross:
    """A point with bars of the same length on all sides."""
    return Cross(x, y, y - reach, y + reach)


def box(spot, name):
    """Left, top, right and bottom of a label as written."""
    length = 6.2 * len(name)
    left = spot.x - length if spot.leftward else spot.x
    return left, spot.y - 6.5, left + length, spot.y + 6.5


def overlap(a, b):
    """Whether two boxes have a piece in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_point_alone_has_its_name_above_to_the_right():
    """Where a reader looks first."""
    (spot,) = place([cross(100, 100)], ["alone"], width=SIDE, height=SIDE)
    assert (108.0, 90.0, False) == (spot.x, spot.y, spot.leftward)


def test_a_line_through_the_frame_is_left_free():
    """The name goes below the point where chance runs above it."""
    (spot,) = place([cross(100, 100)], ["alone"], width=SIDE, height=SIDE, avoid=[(0, 89, SIDE, 91)])
    assert 110.0 == spot.y


def test_eight_long_names_stay_apart_inside_the_frame():
    """As eight ways to ask four models have them, with a line of guessing through the frame."""
    places = [(218, 42), (167, 54), (119, 141), (288, 148), (263, 163), (124, 195), (42, 228), (208, 231)]
    points = [cross(*each, reach=12) for each in places]
    names = [
        f"{model}, {way}"
        for model in ("Qwen2.5-Coder 1.5B", "SmolLM2 135M", "Gemma 3 270M", "Qwen2.5-Coder 0.5B")
        for way in ("likelihood", "letter")
    ]
    spots = place(points, names, width=400, height=300, avoid=[(0, 227, 400, 229)])
    boxes = [box(*each) for each in zip(spots, names, strict=True)]
    assert not any(overlap(*pair) for pair in itertools.combinations(boxes, 2))
    assert all(
        0 <= left and 0 <= top and right <= 400 and bottom <= 300 for left, top, right, bottom in boxes
    )
