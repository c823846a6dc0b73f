"""The front page: what was found, one answer token by token, one question to try, and a card for each experiment.

Everything on it is chosen from the data by rules, and left out where a site has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.charts import card
from llmxray.experiment import Site
from llmxray.report.analysis.runs import LedgerEntry
from llmxray.report.analysis.showcase import Duel, Fork, Moment, TwoWays
from llmxray.report.links import Link, within
from llmxray.report.pages.front import hero
from llmxray.report.pages.front.summary import Summary, ordered
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer
from llmxray.report.widgets.shown_tokens import forked
from llmxray.report.wording.asking import changed_places

_CARD = "card.png"
# So many experiments have a card of their own; the others have a line.
_CARDS, _FOLDED_FROM = 3, 5


def write(
    renderer: Renderer,
    summaries: Sequence[Summary],
    settings: Site,
    entries: Sequence[LedgerEntry] = (),
    hues: Mapping[str, int] | None = None,
    *,
    lesson: bool,
) -> None:
    """Write the front page and the picture of its link.

    Args:
        entries: of the ledger, by question set. hues: of the models, by identity.
        lesson: whether the site has one.
    """
    page = make(summaries, settings, entries, hues, lesson=lesson)
    if page.shared is not None:
        bars = [
            (line.name or group.label, group.css, line.share, line.text)
            for group in page.shared.picture.groups
            for line in group.lines
        ]
        renderer.write(
            _CARD, card.draw(page.title, bars, page.shared.picture.title, f"{page.name}  ·  llmxray")
        )
    renderer.page("index.html", "pages/front/page.html", page)


def make(
    summaries: Sequence[Summary],
    settings: Site | None = None,
    entries: Sequence[LedgerEntry] = (),
    hues: Mapping[str, int] | None = None,
    *,
    lesson: bool = False,
) -> Values:
    """The front page of a site that holds these experiments."""
    settings = settings or Site()
    shown = ordered(summaries, settings)
    featured = sorted(shown, key=lambda summary: summary.name != settings.featured)
    found = hero.opening(featured, entries, hues or {})
    moment = next((_moment(each.name, each.moments[-1]) for each in featured if each.moments), None)
    forks = [(each.name, each.fork) for each in featured if each.fork is not None]
    # A sum is followed more easily than a letter.
    forks.sort(key=lambda each: not each[1].in_sum)
    two_ways = next((_two_ways(each.name, each.two_ways) for each in featured if each.two_ways), None)
    duels = [_duel(each.name, each.duel) for each in featured if each.duel is not None]
    # Another one than that whose answer stands further down.
    duels.sort(key=lambda duel: two_ways is not None and duel.of.question == two_ways.of.question)
    beat = next(iter(duels), None)
    rest = shown if len(shown) == 1 else [each for each in shown if each.name != found.name]
    first = shown[0].name if shown else ""
    # The original app's files hold no recording, and `run` could not build their report.
    replayed = any(summary.recorded for summary in summaries)
    return Values(
        title=str(found.headline) if found.headline else settings.title or "llmxray",
        name=settings.title or (shown[0].title if len(shown) == 1 else "Language models compared"),
        intro=settings.intro,
        nav=Nav(
            # Every experiment defines the same terms.
            contents=within(first),
            tabs=tabs(summaries, settings, "index", lesson=lesson),
            doubts=tuple(f"{each.title}: {doubt}" for each in shown for doubt in each.doubts),
        ),
        opening=found,
        fork=_fork(*forks[0]) if forks else None,
        moment=moment,
        beat=beat,
        changed_places=changed_places(entries),
        turns=hero.turns(entries, hues or {}),
        two_ways=two_ways,
        cards=rest[:_CARDS] if len(rest) > _FOLDED_FROM else rest,
        lines=rest[_CARDS:] if len(rest) > _FOLDED_FROM else (),
        n=len(shown),
        predictions=_predictions(shown),
        guesses=any(each.guess for each in rest),
        lesson=lesson,
        asks="?guess=1" if settings.audience == "class" else "",
        shared=next((each for each in featured if each.picture), None),
        # What a shared link shows.
        picture=f"{settings.base}{_CARD}" if any(summary.picture for summary in shown) else "",
        footer=(
            f"Built by llmxray{' from recordings' if replayed else ''}; nothing on this site is fetched from anywhere.",
            *(["llmxray run --all"] if replayed else []),
        ),
    )


def tabs(
    summaries: Sequence[Summary], settings: Site, current: str, *, lesson: bool, root: str = ""
) -> tuple[Values, ...]:
    """The menu of the pages over a site that holds these experiments.

    Args:
        current: name of the page. lesson: whether there is one. root: way to the site's folder.
    """
    featured = sorted(ordered(summaries, settings), key=lambda summary: summary.name != settings.featured)
    with_xray = [each for each in featured if "xray" in each.has]
    # A sum is followed more easily than a letter.
    with_xray.sort(key=lambda each: (each.fork is None, each.fork is None or not each.fork.in_sum))
    xray = next((each.name for each in with_xray), "")
    choose = next((each.name for each in featured if "choose" in each.has), "")
    links = (
        ("index", "Results", "index.html"),
        ("xray", "X-ray", xray and f"{xray}/xray.html"),
        ("choose", "Choose", choose and f"{choose}/choose.html"),
        ("lesson", "Lesson", "lesson/index.html" if lesson else ""),
        ("experiments", "Experiments", "index.html#experiments" if len(summaries) > 1 else ""),
        ("yours", "Your own models", "index.html#yours"),
    )
    return tuple(
        Values(label=label, href=f"{root}{href}", current=name == current)
        for name, label, href in links
        if href
    )


def _predictions(shown: Sequence[Summary]) -> Finding | None:
    counts = [each.counts for each in shown if each.counts]
    held, undecided, failed = (sum(each[place] for each in counts) for place in range(3))
    n = held + undecided + failed
    if not n:
        return None
    are = "is" if undecided == 1 else "are"
    return Finding("front.several-predictions", n=n, held=held, open=undecided, are=are, failed=failed)


def _moment(name: str, found: Moment) -> Values:
    """A question with the answers of two conditions, and what it shows."""
    first, second = found.replies
    if found.kind == "only one knew":
        said = Finding("front.only-one", first=first.label, second=second.label)
    elif first.confidence is None:
        said = None
    elif second.right:
        said = Finding("front.sure-wrong", first=first.label, sure=first.confidence)
    else:
        said = Finding(
            "front.both-wrong",
            first=first.label,
            sure=first.confidence,
            second=second.label if second.confidence is not None else None,
            also=second.confidence,
        )
    return Values(said=said, of=found, href=within(name).question(found.address))


def _duel(name: str, found: Duel) -> Values:
    """The question to try."""
    right = next((each.letter for each in found.options if each.right), "")
    return Values(of=found, right=right, href=within(name).question(found.address))


def _fork(name: str, found: Fork) -> Values:
    """One answer token by token."""
    near = {"near": found.near, "wrong": found.wrong, "suite": found.suite}
    said = Finding("front.near", **near if found.near > 1 else dict.fromkeys(near))
    return Values(
        of=found,
        fork=forked(found.tokens, found.place, found.right, said),
        href=within(name).href("xray"),
    )


def _two_ways(name: str, found: TwoWays) -> Values:
    """One question asked in two ways, option by option."""
    options = [(f"{each.letter} {each.text}", each.right) for each in found.options]
    return Values(
        of=found,
        letter=[
            Values(text=text, share=share, css="bad" if at == found.named else "", right=right)
            for at, ((text, right), share) in enumerate(zip(options, found.letter, strict=True))
        ],
        scored=[
            Values(text=text, share=share, css="good" if right else "", right=right)
            for (text, right), share in zip(options, found.scored, strict=True)
        ],
        named=found.options[found.named].letter,
        link=Link(text="Every answer to this question", href=within(name).question(found.address)),
    )
