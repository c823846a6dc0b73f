"""The worksheet, and the bands of confidence."""

import hand_made

from llmxray.report.analysis import Analysis
from llmxray.report.pages.calibration import bands, by_hand


def of_one(tmp_path, marks, sure):
    """An experiment with one condition."""
    return Analysis(hand_made.data(tmp_path, {"a": marks}, confidence={"a": sure}))


def view_of(tmp_path, marks, sure):
    """The only condition of an experiment."""
    return of_one(tmp_path, marks, sure).views[0]


def test_the_sheet_can_be_worked_out_from_what_it_shows(tmp_path):
    """Ten answers at 90% half right, ten at 30% all wrong: gaps of 40 and 30."""
    sheet = by_hand(view_of(tmp_path, "+-" * 5 + "-" * 10, [0.9] * 10 + [0.3] * 10))
    assert [0, 10, 0, 0, 10] == [each.n for each in sheet.bins]
    assert ("90.0", "50.0", "40.0") == (sheet.bins[4].mean, sheet.bins[4].accuracy, sheet.bins[4].gap)
    assert ("35.0", "35.0") == (sheet.ece, sheet.module)
    few = by_hand(view_of(tmp_path, "+-", [0.9, 0.3]))
    assert few is None


def test_each_per_cent_is_in_one_bin(tmp_path):
    """Whole per cents, both ends included: 40% in the second, 41% in the third."""
    sheet = by_hand(view_of(tmp_path, "+" * 10 + "-" * 10, [0.4] * 10 + [0.41] * 10))
    ends = [[int(end) for end in each.range.rstrip("%").split("–")] for each in sheet.bins]
    assert [place for low, high in ends for place in range(low, high + 1)] == list(range(101))
    assert [(each.range, each.n) for each in sheet.bins if each.n] == [("21–40%", 10), ("41–60%", 10)]
    assert sheet.ece == "50.5"


def test_the_bands_of_the_module(tmp_path):
    """Above 80% and below 50%, each with its answers; an answer at an edge is in neither, but between them."""
    sure = [0.9, 0.95, 0.85, 0.99, 0.2, 0.3, 0.1, 0.45, 0.8, 0.5] * 3
    analysis = of_one(tmp_path, "++++----+-" * 3, sure)
    found = bands(analysis, analysis.views)
    assert "calibration.bands" == found.headline.kind
    assert ["calibration.band-yes"] == [each.kind for each in found.answers]
    lines = [group.lines[0] for group in found.groups]
    assert [(1.0, 12), (0.5, 6), (0.0, 12)] == [
        (line.found.accuracy.value, line.found.accuracy.n) for line in lines
    ]
    assert "answers.html#condition=a&conf=0.8005-1" == lines[0].href
