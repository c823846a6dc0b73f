"""The front page: what this is, two models' answers, one question to try, one race, and a card an experiment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from llmxray.charts import card
from llmxray.experiment import Site
from llmxray.report import numbers
from llmxray.report.analysis.showcase import Duel, Moment, Runner
from llmxray.report.links import within
from llmxray.report.pages.front.summary import Summary, ordered
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer

# A race is shown in this many seconds, however long it took.
RACE_SECONDS = 20
_CARD = "card.png"
_ANSWERS = {
    True: "Recorded answers of language models.",
    False: "Answers of language models, read from the files of other tools.",
}
_INTRO = "Nothing is running now, and nothing that you do here leaves this page."


def write(renderer: Renderer, summaries: Sequence[Summary], settings: Site, *, lesson: bool) -> None:
    """Write the front page and the picture of its link; ``lesson`` says whether the site has one."""
    page = make(summaries, settings, lesson=lesson)
    shared = next((each for each in _featured(ordered(summaries, settings), settings) if each.picture), None)
    if shared is not None and shared.picture is not None:
        bars = [
            (line.name or group.label, group.css, line.share, line.text)
            for group in shared.picture.groups
            for line in group.lines
        ]
        renderer.write(
            _CARD, card.draw(shared.title, bars, shared.picture.title, f"{page.title}  ·  llmxray")
        )
    renderer.page("index.html", "pages/front/page.html", page)


def make(summaries: Sequence[Summary], settings: Site | None = None, *, lesson: bool = False) -> Values:
    """The front page of a site that holds these experiments."""
    settings = settings or Site()
    shown = ordered(summaries, settings)
    featured = _featured(shown, settings)
    moments = ([_moment(each.name, found) for found in each.moments] for each in featured if each.moments)
    duels = (_duel(each.name, each.duel) for each in featured if each.duel is not None)
    races = (_race(each.name, each.race, each.raced) for each in featured if each.race)
    # The original app's files hold no recording, and `run` could not build their report.
    replayed = any(summary.recorded for summary in summaries)
    return Values(
        # A site of one experiment asks its question.
        title=settings.title
        or (shown[0].title if len(shown) == 1 else "How do these language models compare?"),
        nav=Nav(
            # Every experiment defines the same terms.
            contents=within(shown[0].name if shown else ""),
            doubts=tuple(f"{each.title}: {doubt}" for each in shown for doubt in each.doubts),
        ),
        intro=settings.intro or f"{_ANSWERS[replayed]} {_INTRO}",
        moments=tuple(next(moments, ())),
        duel=next(duels, None),
        race=next(races, None),
        cards=shown,
        lesson=lesson,
        # What a shared link shows.
        picture=f"{settings.base}{_CARD}" if any(summary.picture for summary in shown) else "",
        footer=(
            f"Built by llmxray{' from recordings' if replayed else ''}; nothing on this site is fetched from anywhere.",
            *(["llmxray run --all"] if replayed else []),
        ),
    )


def _featured(shown: Sequence[Summary], settings: Site) -> Sequence[Summary]:
    """The experiments that the living parts may come from: the featured one, then the others in their order."""
    return sorted(shown, key=lambda summary: summary.name != settings.featured)


def _moment(name: str, found: Moment) -> Values:
    """A question with the answers of two conditions, and what it shows."""
    first, second = found.replies
    return Values(
        said=f"{first.label} knew, {second.label} did not"
        if found.kind == "only one knew"
        else f"{first.label} was {numbers.percent(first.confidence)} sure, and wrong",
        of=found,
        href=within(name).question(found.address),
    )


def _duel(name: str, found: Duel) -> Values:
    """The question to try; ``data`` is JSON for the script."""
    data = {
        "right": next((each.letter for each in found.options if each.right), ""),
        "options": [{"letter": each.letter, "text": each.text} for each in found.options],
        "why": found.why,
        "replies": [asdict(each) for each in found.replies],
    }
    return Values(
        of=found, data=json.dumps(data, ensure_ascii=False), href=within(name).question(found.address)
    )


def _race(name: str, runners: Sequence[Runner], part: str) -> Values:
    """The race: which ``part`` of the questions; name, colour and result of each lane; JSON for the script."""
    totals = [sum(each.seconds) for each in runners]
    lanes = tuple(
        (each.label, each.css, f"{sum(each.right)} right in {numbers.seconds(total)}")
        for each, total in zip(runners, totals, strict=True)
    )
    n = len(runners[0].seconds)
    shown = min(RACE_SECONDS, round(max(totals)) or 1)
    asked = part or f"{numbers.plural(n, 'question')} each"
    sped = ", sped up" if max(totals) > RACE_SECONDS else ""
    rights = [sum(each.right) for each in runners]
    most = numbers.listed(
        [lane[0] for lane, right in zip(lanes, rights, strict=True) if right == max(rights)]
    )
    # Without it a fast lane that knows nothing looks like a fast one that knows something.
    guess = {each.guessing for each in runners}
    known = next(iter(guess)) if len(guess) == 1 else None
    guessing = "" if known is None else f" Guessing: about {known * n:.0f}."
    first = f"{lanes[totals.index(min(totals))][0]}, after {numbers.seconds(min(totals))}"
    return Values(
        said=f"{asked}{sped}.",
        lanes=lanes,
        result=f"Most right: {most}, {max(rights)} of {n}.{guessing} First to finish: {first}.",
        data=json.dumps({"shown": shown, "runners": [asdict(each) for each in runners]}, ensure_ascii=False),
        href=within(name).href("playback"),
    )
