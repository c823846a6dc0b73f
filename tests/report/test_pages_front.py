"""The front page: order, living parts from the featured experiment, cards with a badge and a picture."""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import hand_made
import pytest
from designs import ARC, two_suites

from llmxray.errors import InputError
from llmxray.experiment import Site
from llmxray.report import ExperimentData, build
from llmxray.report.analysis import Analysis, showcase
from llmxray.report.analysis.showcase import duel, moments, race, raced
from llmxray.report.pages import front, overview
from llmxray.report.pages.front import summary
from llmxray.report.site.build import write_index
from llmxray.report.widgets.render import Renderer
from llmxray.types import Outcome

SURE = {"a": [0.95, 0.9, 0.85, 0.75] * 6, "b": [0.3] * 24}


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
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of that experiment, which nobody changes."""
    folder = tmp_path_factory.mktemp("site")
    build([made(folder / "c")], folder / "site")
    return folder / "site"


def test_two_questions_show_that_models_differ(tmp_path: Path) -> None:
    """What the best alone knew, and its surest wrong answer, each with the answer of its rival."""
    knew, missed = moments(Analysis(made(tmp_path)))
    assert ("made/up/q000", "made/up/q003") == (knew.address, missed.address)
    assert [("a", True), ("b", False)] == [(each.label, each.right) for each in knew.replies]
    assert [False, False] == [each.right for each in missed.replies]
    assert 0.75 == missed.replies[0].confidence
    assert all(each.text for each in knew.replies)
    assert () == moments(Analysis(hand_made.data(tmp_path / "alone", {"a": "+-"})))


def test_the_front_says_who_knew_and_who_did_not(tmp_path: Path) -> None:
    """Every answer with its confidence; the right one where neither is."""
    found = summary.make(Analysis(made(tmp_path)))
    page = front.make([found])
    assert ["a knew, b did not", "a was 75% sure, and wrong"] == [each.said for each in page.moments]
    assert [0.95, 0.3] == [each.confidence for each in page.moments[0].of.replies]
    assert found.moments[1].right
    front.write(Renderer(tmp_path), [found], Site(), lesson=False)
    first, second = (tmp_path / "index.html").read_text("utf-8").split('<section class="moment"')[1:]
    assert "Right: <q>" not in first
    assert f"Right: <q>{found.moments[1].right}</q>." in unescape(second)


def test_the_duel_is_a_question_that_they_disagree_about(tmp_path: Path) -> None:
    """The one of the surest disagreement; nobody's reply is left out."""
    found = duel(Analysis(made(tmp_path)))
    assert found is not None
    assert "made/up/q000" == found.address
    assert [("a", True), ("b", False)] == [(each.label, each.right) for each in found.replies]


def test_the_duel_asks_nothing_that_is_answered_above_it(tmp_path: Path) -> None:
    """The page shows two questions with their answers; where no other is left, nothing is asked."""
    found = summary.make(Analysis(made(tmp_path / "many")))
    assert found.duel is not None
    assert found.duel.address not in {each.address for each in found.moments}
    one = hand_made.data(tmp_path / "one", {"a": "+", "b": "-"}, confidence={"a": [0.9], "b": [0.3]})
    few = summary.make(Analysis(one))
    assert (1, None) == (len(few.moments), few.duel)


def test_no_question_is_shown_that_a_favourite_letter_gets_right(tmp_path: Path) -> None:
    """b says D to most, whatever is right: it knows neither question of which D is the answer, and is shown at none."""
    data = hand_made.data(tmp_path, {"a": "+++-" * 10, "b": "-" * 40}, confidence={"a": [0.9] * 40})
    rows = [
        replace(
            row,
            expected="D" if place % 40 < 8 else "A",
            answer=("D" if row.condition == "b" else "A" if row.outcome is Outcome.CORRECT else "B"),
        )
        for place, row in enumerate(data.results.rows)
    ]
    suites = data.results.plan.suites
    items = tuple(
        replace(item, answer="D" if place < 8 else "A")
        for place, item in enumerate(suites[hand_made.SUITE].items)
    )
    plan = replace(
        data.results.plan,
        suites={**suites, hand_made.SUITE: replace(suites[hand_made.SUITE], items=items)},
    )
    analysis = Analysis(replace(data, results=replace(data.results, plan=plan, rows=tuple(rows))))
    found = moments(analysis)
    tried = duel(analysis, found)
    assert ["made/up/q008", "made/up/q011"] == [each.address for each in found]
    assert tried is not None
    assert "made/up/q009" == tried.address


def test_the_race_has_the_same_questions_for_all(tmp_path: Path) -> None:
    """Seconds and outcomes in their order."""
    slow, quick = race(Analysis(made(tmp_path)))
    assert (24, 24) == (len(slow.seconds), len(quick.seconds))
    assert (12.0, 6.0) == (sum(slow.seconds), sum(quick.seconds))
    assert 18 == sum(slow.right)
    assert () == race(Analysis(hand_made.data(tmp_path, {"a": "+-"})))


def test_the_author_orders_the_cards_and_names_the_featured_one(tmp_path: Path) -> None:
    """The others follow; a site of one experiment needs no file."""
    found = [summary.make(Analysis(made(tmp_path / name, name))) for name in ("one", "two", "three")]
    page = front.make(found, Site(order=("two",), featured="three", title="Mine"))
    assert ["two", "one", "three"] == [card.name for card in page.cards]
    assert "Mine" == page.title
    assert page.moments[0].href.startswith("three/answer.html?q=")
    alone = front.make(found[:1])
    assert alone.moments
    assert alone.race is not None


def test_words_about_other_experiments_are_not_those_of_this_site(site: Path, tmp_path: Path) -> None:
    """A site file of a clone, beside files of another tool; one that names nothing is of any site."""
    shutil.copytree(site, tmp_path / "site")
    for order, said in ((("elsewhere",), False), (("elsewhere", "made-up"), True), ((), True)):
        settings = Site(order=order, intro="Ten experiments.", title="Theirs")
        html = write_index(tmp_path / "site", settings).read_text("utf-8")
        assert said == ("Ten experiments." in html) == ("<h1>Theirs</h1>" in html)


def test_what_the_script_reads_is_in_the_page(site: Path) -> None:
    """JSON in an attribute, escaped; without scripts the race shows its end and the duel is hidden."""
    html = (site / "index.html").read_text("utf-8")
    data = html.split('data-race="', 1)[1].split('"', 1)[0]
    # What took twelve seconds is not drawn out to twenty.
    assert 12 == json.loads(unescape(data))["shown"]
    assert "18 right in 12.0" in html
    assert '<section class="duel" id="duel"' in html
    assert "hidden" in html.split('id="duel"', 1)[1].split(">", 1)[0]


def test_the_race_says_who_won_once_it_is_over(tmp_path: Path) -> None:
    """Who has most right, all of them where they are equal, and who is first; a long one runs faster."""
    found = summary.make(Analysis(made(tmp_path)))
    view = front.make([found]).race
    assert view is not None
    assert "24 questions each." == view.said
    assert "Most right: a, 18 of 24. Guessing: about 6. First to finish: b, after 6.0\u00a0s." == view.result
    slow, quick = found.race
    equal = (replace(slow, seconds=(2.0,) * 24), replace(quick, right=slow.right))
    view = front.make([replace(found, race=equal)]).race
    assert view is not None
    assert view.said.endswith("24 questions each, sped up.")
    assert "Most right: a and b, 18 of 24." in view.result
    # What is not chosen among options is not guessed.
    open_answers = tuple(replace(each, guessing=None) for each in found.race)
    view = front.make([replace(found, race=open_answers)]).race
    assert view is not None
    assert "Guessing" not in view.result


def test_the_race_says_which_part_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sixty that all answered; their set of questions where there are others."""
    assert "" == raced(Analysis(made(tmp_path / "short")))
    took = {"a": 0.5, "b": 0.25}
    marks = {"a": "+" * 70, "b": "-" * 70}
    long = Analysis(hand_made.data(tmp_path / "long", marks, latency_s=took))
    assert "60 of 70 questions" == raced(long)
    view = front.make([summary.make(long)]).race
    assert view is not None
    assert view.said.startswith("60 of 70 questions")
    monkeypatch.setattr(showcase, "MOST_IN_RACE", 20)
    assert f"{ARC} only, 20 questions" == raced(
        two_suites(tmp_path / "two", [(5, 3), (4, 2)], latency_s=took)
    )


def test_a_card_says_one_finding_in_plain_words(tmp_path: Path) -> None:
    """Two numbers at most, no brackets; the model is named where a title only speaks of one."""
    found = summary.make(Analysis(made(tmp_path)))
    assert "a gets 75% right, b 0%." == found.finding
    assert not found.guess
    assert "X 1, 2, Y 2" == replace(found, models=("X 1", "X 2", "Y 2")).named
    assert "" == replace(found, models=("a", "b")).named, "its bars are named after them"


def test_small_pictures_have_no_numbers_but_for_screen_readers(site: Path) -> None:
    """The sentence has them."""
    html = (site / "index.html").read_text("utf-8").split('<figure class="bars">', 1)[1]
    assert '<td class="num"><span class="sr">75%</span></td>' in html
    assert "95%" not in html.split("</figure>", 1)[0]


def test_a_shared_link_has_a_picture(site: Path, tmp_path: Path) -> None:
    """A PNG of the size that services ask for, the same in every build, under the address of the site."""
    pictures = []
    shutil.copytree(site, tmp_path / "one")
    build([made(tmp_path / "c")], tmp_path / "two")
    for name in ("one", "two"):
        (tmp_path / name / "card.png").unlink()
        write_index(tmp_path / name, Site(address="https://example.org/"))
        pictures.append((tmp_path / name / "card.png").read_bytes())
    assert pictures[0] == pictures[1]
    assert b"\x89PNG" == pictures[0][:4]
    assert (1200, 630) == struct.unpack(">II", pictures[0][16:24])
    html = (tmp_path / "one/index.html").read_text("utf-8")
    assert '<meta property="og:image" content="https://example.org/card.png">' in html


def test_a_site_of_one_experiment_asks_its_question(tmp_path: Path) -> None:
    """And does not ask it twice."""
    found = summary.make(Analysis(made(tmp_path)))
    assert found.title == front.make([found]).title
    assert "Mine" == front.make([found], Site(title="Mine")).title


def test_card_and_page_open_with_one_verdict(tmp_path: Path) -> None:
    """The first prediction, whatever became of it; the card has the tally of all, and the same picture."""
    predictions = [
        {"claim": "A wins by far.", "metric": "accuracy", "of": "a", "above": "b", "margin": 74},
        {"claim": "A is slow.", "metric": "latency", "of": "a", "above": "b"},
    ]
    analysis = Analysis(made(tmp_path, predictions=predictions))
    card, page = summary.make(analysis), overview.make(analysis)
    assert page.lead is not None
    assert ("A wins by far.", "open") == (page.lead.claim, page.lead.word)
    assert ["A is slow."] == [each.claim for each in page.added]
    assert card.tally == page.tally
    assert card.picture is not None
    assert page.picture is not None
    assert "Correct answers" == card.picture.title == page.picture.title


def test_a_summary_survives_its_file(tmp_path: Path) -> None:
    """With pictures, moments and races."""
    found = summary.make(Analysis(made(tmp_path)))
    assert found == summary.load(summary.dump(found))


def test_a_site_without_experiments_says_what_to_do(tmp_path: Path) -> None:
    """And has no living part."""
    build([], tmp_path)
    html = (tmp_path / "index.html").read_text("utf-8")
    assert "llmxray run EXPERIMENT" in html
    assert "data-race" not in html


def test_a_summary_with_a_long_title_is_refused(tmp_path: Path) -> None:
    """A site may come from elsewhere: nothing that llmxray reads makes such a one."""
    found = summary.make(Analysis(made(tmp_path)))
    for spoiled in (replace(found, title="a" * 501), replace(found, models=("a" * 501,))):
        with pytest.raises(InputError, match=r"x/summary.json is torn"):
            summary.load(summary.dump(spoiled), file="x/summary.json")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("race", 0, "seconds", 0), float("nan")),
        (("race", 0, "seconds", 0), 1e300),
        (("race", 0, "seconds"), []),
        (("race", 0, "seconds", 0), -1),
        (("race", 0, "css"), "blue"),
        (("picture", "groups", 0, "css"), "blue"),
        (("picture", "groups", 0, "lines", 0, "css"), "c8"),
        (("picture", "groups", 0, "lines", 0, "width"), "w-1 k"),
        (("picture", "groups", 0, "lines", 0, "share"), float("nan")),
        (("picture", "groups", 0, "lines", 0, "share"), 1e30),
        (("picture", "chance"), "x"),
        (("moments", 0, "replies", 0, "confidence"), float("nan")),
        (("moments", 0, "replies", 0, "confidence"), 2),
        (("options",), ["--name"]),
        (("options",), ["--out", "elsewhere"]),
        (("options",), ["--name", "mine\n      - name: Free step"]),
        (("options",), ["--bins", "7", "--name", "${{ x }}"]),
    ],
)
def test_a_summary_that_we_never_write_is_refused(
    tmp_path: Path, place: tuple[Any, ...], value: object
) -> None:
    """In one line: a number that is none, a class that no style sheet has, a word that is none of our options."""
    content = json.loads(summary.dump(summary.make(Analysis(made(tmp_path)))))
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
