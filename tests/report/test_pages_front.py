"""The front page: what it opens with, its living parts, and a card for each experiment."""

import json
import shutil
import struct
from html import unescape
from pathlib import Path
from typing import Any

import hand_made
import pytest

from llmxray.errors import InputError
from llmxray.experiment import Site
from llmxray.report import build
from llmxray.report.analysis import Analysis, ledger_entry, standings
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.front_examples import moments
from llmxray.report.analysis.ledger_entry import LedgerEntry, by_question_set
from llmxray.report.pages import front, overview
from llmxray.report.pages.front import summary
from llmxray.report.site.build import write_index
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.asking import changed_places

SURE = {"a": [0.95, 0.9, 0.85, 0.82] * 6, "b": [0.3] * 24}


def made(folder: Path, name: str = "made-up", **more: object) -> ExperimentData:
    """24 questions: a is right on three of four, b on none; a takes twice as long."""
    return hand_made.data(
        folder,
        {"a": "+++-" * 6, "b": "-" * 24},
        confidence=SURE,
        latency_s={"a": 0.5, "b": 0.25},
        name=name,
        **more,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of that experiment, which nobody changes."""
    folder = tmp_path_factory.mktemp("site")
    build([made(folder / "c")], folder / "site")
    return folder / "site"


def entries(*data: ExperimentData) -> tuple[LedgerEntry, ...]:
    """What these experiments enter into the ledger."""
    return by_question_set([ledger_entry.build_entry(Analysis(each)) for each in data])


def opened(*data: ExperimentData) -> Any:
    """What the front page of these experiments opens with."""
    return front.page_values(
        [summary.summarize(Analysis(each)) for each in data], Site(), entries(*data)
    ).opening


def test_the_page_opens_with_who_is_ahead_and_how_they_were_asked(tmp_path):
    """Named after their sizes where the names have them; too close to call where the test does not tell."""
    large = hand_made.data(tmp_path / "a", {"a": "+++-" * 6, "b": "-" * 24})
    found = opened(large)
    assert "front.ahead" == found.headline.kind
    assert "a beats b, 75% to 0%, when each must say a letter." == str(found.headline)
    assert [("a", 0.75), ("b", 0.0)] == [(row.name, row.shares[0].value) for row in found.rows]
    close = opened(hand_made.data(tmp_path / "b", {"a": "++++-" * 4, "b": "+++--" * 4}))
    assert "a and b are too close to call, 80% and 60%, when each must say a letter." == str(close.headline)


def test_the_headline_speaks_of_sizes_where_the_names_have_them(tmp_path):
    """And the rows say who is the largest."""
    data = hand_made.data(tmp_path, {"tall-3b": "+++-" * 6, "wee-135m": "-" * 24})
    found = opened(data)
    assert "The largest beats the smallest, 75% to 0%, when each must say a letter." == str(found.headline)
    assert ["largest", "smallest"] == [row.tag for row in found.rows]


def test_one_model_opens_with_its_finding(tmp_path):
    """There is nobody to be ahead of."""
    found = opened(hand_made.data(tmp_path, {"a": "+++-" * 6}))
    assert ("a gets 75% right.", ()) == (str(found.headline), found.rows)
    assert found.picture is not None


def test_a_comparison_alone_opens_with_its_finding(tmp_path):
    """It has no entry in the ledger."""
    data = hand_made.data(tmp_path, {"cool": "+" * 4, "hot": "+" * 4}, kind="compare")
    found = summary.summarize(Analysis(data))
    page = front.page_values([found], Site(), entries(data))
    assert found.finding == page.opening.headline
    assert () == page.opening.rows


def test_who_is_ahead_may_depend_on_how_they_are_asked(tmp_path):
    """a by letter on 20 of 24, b on 8; every option scored, b on 22 and a on 10: 14 against 10 is no clear lead."""

    def asked(name: str, a: int, b: int) -> ExperimentData:
        right = {"a": 20, "b": 8, "a-scored": a, "b-scored": b}
        return hand_made.data(
            tmp_path / name,
            {condition: "+" * n + "-" * (24 - n) for condition, n in right.items()},
            models={"a-scored": "a", "b-scored": "b"},
            answers={"a-scored": "likelihood", "b-scored": "likelihood"},
            latency_s={"a": 0.1, "b": 0.1, "a-scored": 0.2, "b-scored": 0.2},
        )

    data = asked("clear", 10, 22)
    found = changed_places(entries(data))
    assert "Score every option instead, and on the same questions b beats it, 92% to 42%." in found.plain
    assert (
        found == front.page_values([summary.summarize(Analysis(data))], Site(), entries(data)).changed_places
    )
    assert changed_places(entries(asked("close", 10, 14))) is None
    assert 1 == len(standings.turnarounds(entries(data)))
    assert not standings.turnarounds(entries(asked("chance", 20, 11))), "3 more of 24 may be chance"


def test_two_questions_show_that_models_differ(tmp_path):
    """What the best alone knew, and its surest wrong answer, each with the answer of its rival."""
    knew, missed = moments(Analysis(made(tmp_path)))
    assert ("made/up/q000", "made/up/q003") == (knew.address, missed.address)
    assert [("a", True), ("b", False)] == [(each.label, each.right) for each in knew.replies]
    assert [False, False] == [each.right for each in missed.replies]
    assert 0.82 == missed.replies[0].confidence
    assert all(each.text for each in knew.replies)
    assert () == moments(Analysis(hand_made.data(tmp_path / "alone", {"a": "+-"})))


def test_the_front_says_who_was_sure_and_wrong(tmp_path):
    """Both answers with their confidence, and the right one where neither has it."""
    found = summary.summarize(Analysis(made(tmp_path)))
    page = front.page_values([found])
    assert "a is 82% sure, b 30%: both are wrong" == str(page.moment.said)
    assert [0.82, 0.3] == [each.confidence for each in page.moment.of.replies]
    front.write_page(Renderer(tmp_path), [found], Site(), lesson=False)
    html = unescape((tmp_path / "index.html").read_text("utf-8"))
    assert f'Right:</b> <span class="quote">{found.moments[1].right}</span>' in html


def test_the_duel_asks_nothing_that_is_answered_above_it(tmp_path):
    """The page shows two questions with their answers; where no other is left, nothing is asked."""
    found = summary.summarize(Analysis(made(tmp_path / "many")))
    assert found.duel.address not in {each.address for each in found.moments}
    one = hand_made.data(tmp_path / "one", {"a": "+", "b": "-"}, confidence={"a": [0.9], "b": [0.3]})
    few = summary.summarize(Analysis(one))
    assert (1, None) == (len(few.moments), few.duel)


def test_the_author_orders_the_cards_and_names_the_featured_one(tmp_path):
    """The others follow; a site of one experiment needs no file."""
    found = [summary.summarize(Analysis(made(tmp_path / name, name))) for name in ("one", "two", "three")]
    page = front.page_values(found, Site(order=("two",), featured="three", title="Mine"))
    assert ["two", "one"] == [card.name for card in page.cards], "the page opens with the third"
    assert "Mine" == page.name
    assert page.moment.href.startswith("three/answer.html?q=")
    assert front.page_values(found[:1]).moment
    # In class its links open pages that wait for a guess.
    assert ["", "?guess=1"] == [
        front.page_values(found, Site(audience=each)).asks for each in ("readers", "class")
    ]


def test_a_shared_link_has_a_picture(site, tmp_path):
    """A PNG of the size that services ask for, under the address of the site."""
    shutil.copytree(site, tmp_path / "one")
    write_index(tmp_path / "one", Site(address="https://example.org/"))
    picture = (tmp_path / "one/card.png").read_bytes()
    assert b"\x89PNG" == picture[:4]
    assert (1200, 630) == struct.unpack(">II", picture[16:24])
    html = (tmp_path / "one/index.html").read_text("utf-8")
    assert '<meta property="og:image" content="https://example.org/card.png">' in html


def test_card_and_page_open_with_one_verdict(tmp_path):
    """The first prediction, whatever became of it; the card has the tally of all, and the same numbers."""
    predictions = [
        {"claim": "A wins by far.", "metric": "accuracy", "of": "a", "above": "b", "margin": 74},
        {"claim": "A is slow.", "metric": "latency", "of": "a", "above": "b"},
    ]
    analysis = Analysis(made(tmp_path, predictions=predictions))
    card, page = summary.summarize(analysis), overview.page_values(analysis)
    assert ("A wins by far.", "open") == (page.lead.verdict.claim, page.lead.verdict.word)
    assert ["A wins by far.", "A is slow."] == [each.verdict.claim for each in page.badges]
    assert card.tally == page.tally
    shares = {row.view.label: row.found.value for row in page.chart.groups[0].rows}
    assert "Correct answers" == card.picture.title
    assert shares == {group.label: group.lines[0].share for group in card.picture.groups}


def test_a_card_about_one_model_labels_what_varies(tmp_path):
    """Its finding names the model, and so does the title of the picture."""
    data = hand_made.data(
        tmp_path, {"at-once": "+-" * 12, "steps": "+" * 24}, models={"at-once": "tall", "steps": "tall"}
    )
    card = summary.summarize(
        Analysis(hand_made.labelled(data, "Tall 3B, at once", "Tall 3B, with steps (few)"))
    )
    assert "Tall 3B" in card.finding
    assert "Correct answers, Tall 3B" == card.picture.title
    assert {"at once", "with steps (few)"} == {group.label for group in card.picture.groups}


def test_a_site_without_experiments_says_what_to_do(tmp_path):
    """And has no living part."""
    build([], tmp_path)
    html = (tmp_path / "index.html").read_text("utf-8")
    assert "llmxray run EXPERIMENT" in html
    assert "data-strip" not in html


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("picture", "groups", 0, "lines", 0, "share"), float("nan")),
        (("options",), ["--out", "elsewhere"]),
        (("options",), ["--name", "mine\n      - name: Free step"]),
    ],
)
def test_a_summary_that_we_never_write_is_refused(tmp_path, place, value):
    """In one line: a number that is none, a word that is none of our options."""
    content = json.loads(summary.dump(summary.summarize(Analysis(made(tmp_path)))))
    content["options"] = ["--bins", "7", "--chain", "mmlu-pro-two-steps"]
    assert summary.load(json.dumps(content).encode()).options
    *path, last = place
    within = content
    for each in path:
        within = within[each]
    within[last] = value
    with pytest.raises(InputError, match=r"x/summary.json is torn, or of another version") as caught:
        summary.load(json.dumps(content).encode(), file="x/summary.json")
    assert "\n" not in str(caught.value)
