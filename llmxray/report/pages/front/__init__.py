"""The front page: what was found, one answer token by token, one question to try, and a card for each experiment.

Everything on it is chosen from the data by rules, and left out where a site has nothing of the kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from llmxray.charts import card
from llmxray.experiment import Site
from llmxray.report import numbers
from llmxray.report.analysis import standings
from llmxray.report.analysis.condition_colours import N_HUES
from llmxray.report.analysis.front_examples import Fork, Moment
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun
from llmxray.report.analysis.standings import ranking
from llmxray.report.links import within
from llmxray.report.pages.front.summary import Summary, ordered
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import Renderer
from llmxray.report.widgets.shown_tokens import forked
from llmxray.report.widgets.timed import Axis, points
from llmxray.report.wording.asking import changed_places, layout_of, medium_of

_CARD = "card.png"
# So many experiments have a card of their own; the others have a line.
_CARDS, _FOLDED_FROM = 3, 5


def write_page(
    renderer: Renderer,
    summaries: Sequence[Summary],
    settings: Site,
    entries: Sequence[LedgerEntry] = (),
    hues: Mapping[str, int] | None = None,
    *,
    lesson: bool,
    live: str = "",
) -> None:
    """Write the front page and the picture of its link.

    Args:
        entries: of the ledger, by question set. hues: of the models, by identity.
        lesson: whether the site has one. live: address of the page with a model in it, "" without one.
    """
    page = page_values(summaries, settings, entries, hues, lesson=lesson, live=live)
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


def page_values(
    summaries: Sequence[Summary],
    settings: Site | None = None,
    entries: Sequence[LedgerEntry] = (),
    hues: Mapping[str, int] | None = None,
    *,
    lesson: bool = False,
    live: str = "",
) -> TemplateValues:
    """The front page of a site that holds these experiments."""
    settings = settings or Site()
    shown = ordered(summaries, settings)
    featured = sorted(shown, key=lambda summary: summary.name != settings.featured)
    found = opening(featured, entries, hues or {})
    names = standings.names_of([run for entry in entries for run in entry.runs])
    told = [row.name for row in found.rows]
    moment = next((_moment(each.name, each.moments[-1]) for each in featured if each.moments), None)
    forks = [(each.name, each.fork) for each in featured if each.fork is not None]
    # A sum is followed more easily than a letter.
    forks.sort(key=lambda each: not each[1].in_sum)
    two_ways = next((each.two_ways for each in featured if each.two_ways), None)
    duels = [(each.duel, within(each.name).question(each.duel.address)) for each in featured if each.duel]
    # Another one than that whose answer stands further down.
    duels.sort(key=lambda duel: two_ways is not None and duel[0].question == two_ways.question)
    rest = shown if len(shown) == 1 else [each for each in shown if each.name != found.name]
    first = shown[0].name if shown else ""
    # The original app's files hold no recording, and `run` could not build their report.
    replayed = any(summary.recorded for summary in summaries)
    title = str(found.headline) if found.headline else settings.title or "llmxray"
    return TemplateValues(
        title=title,
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
        beat=next(iter(duels), None),
        changed_places=changed_places(entries),
        turns=[_turn(each, names, hues or {}, told) for each in standings.turnarounds(entries)[:_MOST_TURNS]],
        two_ways=two_ways,
        cards=rest[:_CARDS] if len(rest) > _FOLDED_FROM else rest,
        lines=rest[_CARDS:] if len(rest) > _FOLDED_FROM else (),
        n=len(shown),
        predictions=_predictions(shown),
        guesses=any(each.guess for each in rest),
        lesson=lesson,
        live=live,
        asks="?guess=1" if settings.audience == "class" else "",
        shared=next((each for each in featured if each.picture), None),
        authors=settings.authors,
        license=settings.license,
        described=_described(settings, title, shown),
        # What a shared link shows.
        picture=f"{settings.base}{_CARD}" if any(summary.picture for summary in shown) else "",
        footer=(
            f"Built by llmxray{' from recordings' if replayed else ''}; nothing on this site is fetched from anywhere.",
            *(["llmxray run --all"] if replayed else []),
        ),
    )


def _described(settings: Site, title: str, shown: Sequence[Summary]) -> str:
    """The site as a data set, for search engines: JSON-LD in the words of schema.org, safe within a script element."""
    about = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": settings.title or title,
        "description": settings.intro or title,
        "creator": [{"@type": "Person", "name": name} for name in settings.authors],
        "license": settings.license,
        "url": settings.address,
        "keywords": [each.title for each in shown],
        "isAccessibleForFree": True,
    }
    text = json.dumps({name: value for name, value in about.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c")


def tabs(
    summaries: Sequence[Summary], settings: Site, current: str, *, lesson: bool, root: str = ""
) -> tuple[TemplateValues, ...]:
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
        TemplateValues(label=label, href=f"{root}{href}", current=name == current)
        for name, label, href in links
        if href
    )


def _predictions(shown: Sequence[Summary]) -> tuple[Finding, Finding | None] | None:
    held, undecided, failed = (sum(of.counts[at] for of in shown if of.counts) for at in range(3))
    n = held + undecided + failed
    if not n:
        return None
    are = "is" if undecided == 1 else "are"
    seen = sum(sum(each.counts) for each in shown if each.seen_before) or None
    later = sum(each.later for each in shown)
    return (
        Finding(
            "front.several-predictions", n=n, held=held, open=undecided, are=are, failed=failed, seen=seen
        ),
        Finding("front.later-predictions", n=later) if later else None,
    )


def _moment(name: str, found: Moment) -> TemplateValues:
    """A question with the answers of two conditions, and what it shows."""
    first, second = found.replies
    if found.kind == "only one knew":
        said = Finding("front.only-one", first=first.label, second=second.label)
    elif first.confidence is None:
        said = None
    elif second.right:
        said = Finding("front.sure-wrong", first=first.label, sure=first.confidence)
    else:
        said = Finding("front.both-wrong", first=first, second=second)
    return TemplateValues(said=said, of=found, href=within(name).question(found.address))


def _fork(name: str, found: Fork) -> TemplateValues:
    """One answer token by token."""
    said = Finding(
        "front.near",
        near=found.near if found.near > 1 else None,
        of=found,
        luck=numbers.decimal(found.luck, 0),
    )
    return TemplateValues(
        of=found,
        fork=forked(
            found.tokens, found.place, found.right, said, found.followed, ends_right=found.ends_right
        ),
        href=within(name).href("xray"),
    )


_MOST_TURNS = 2


def opening(
    featured: Sequence[Summary], entries: Sequence[LedgerEntry], hues: Mapping[str, int]
) -> TemplateValues:
    """The first screen: a headline and the picture that proves it.

    Args:
        featured: the experiments, the one that the page is to open with first.
    """
    by_name = {entry.runs[0].experiment: entry for entry in entries if entry.runs}
    for summary in featured:
        entry = by_name.get(summary.name)
        if entry is not None and (first := ranking(entry)):
            return _ranked(summary, entry, first, entries, hues)
    first_of = featured[0] if featured else None
    return TemplateValues(
        name=first_of.name if first_of else "",
        question=first_of.title if first_of else "",
        headline=first_of.finding if first_of else "",
        lead=None,
        rows=(),
        href=f"{first_of.name}/index.html" if first_of else "",
        picture=first_of.picture if first_of else None,
    )


def _ranked(
    summary: Summary,
    entry: LedgerEntry,
    first: standings.Ranking,
    entries: Sequence[LedgerEntry],
    hues: Mapping[str, int],
) -> TemplateValues:
    names = standings.names_of([run for each in entries for run in each.runs])
    second = standings.in_another_way(entries, first)
    sizes = {run.identity: size for run in first.runs if (size := standings.size_of(names[run.identity]))}
    by_size = sorted(sizes, key=lambda model: -sizes[model]) if len(sizes) == len(first.runs) else []
    tags = {by_size[0]: "largest", by_size[-1]: "smallest"} if len({*sizes.values()}) > 1 and by_size else {}
    estimates, best, worst = first.estimates, first.runs[0].identity, first.runs[-1].identity
    lead = first.lead
    is_by_size = (tags.get(best), tags.get(worst)) == ("largest", "smallest")
    how = ("sizes" if is_by_size else "ahead") if lead.is_significant else "close"
    who = ("the largest", "the smallest") if is_by_size else (names[best], names[worst])
    beside = dict(zip([run.identity for run in second.runs], second.estimates, strict=True)) if second else {}
    media = [medium_of(*each.runs) if each else None for each in (first, second)]
    if None in media or len({*media}) == 1:
        media = [None, None]
    is_priced = len({(run.currency, run.assumption) for run in first.runs}) == 1 and all(
        run.thousand is not None for run in first.runs
    )
    return TemplateValues(
        name=summary.name,
        question=summary.title,
        headline=Finding(
            f"front.{how}",
            best=names[best],
            worst=names[worst],
            beats=lead.claim("beats") if lead.is_significant else "",
            first=estimates[0].value,
            last=estimates[-1].value,
            when=Finding(f"ways.when-{first.way}"),
        ),
        lead=_instead(entries, first, second, media[1], who) if second else None,
        heads=tuple(
            TemplateValues(
                way=Finding(f"ways.says-{each.way}"),
                asked=_asked(entries, each, medium, sets_alone=len(first.suites) > 1),
                chance=each.chance,
            )
            for each, medium in zip((first, second), media, strict=True)
            if each
        ),
        rows=tuple(
            TemplateValues(
                name=names[run.identity],
                css=css_of(run, hues),
                tag=tags.get(run.identity, ""),
                href=within(summary.name).questions(condition=run.id),
                shares=(estimate, *([beside.get(run.identity)] if second else [])),
                seconds=numbers.seconds(run.seconds, *(each.seconds for each in first.runs)),
                money=numbers.priced(run.thousand, run.currency) if is_priced else "",
            )
            for run, estimate in zip(first.runs, estimates, strict=True)
        ),
        priced=is_priced,
        timed=all(run.seconds is not None for run in first.runs),
        note=Finding(
            "front.note-chance"
            if any(each and each.chance is not None for each in (first, second))
            else "front.note",
            price=first.runs[0].assumption if is_priced else None,
            of=str(Finding(f"ways.says-{first.way}")) if second and is_priced else None,
        ),
        href=f"{summary.name}/index.html",
        picture=None,
    )


def _instead(
    entries: Sequence[LedgerEntry],
    first: standings.Ranking,
    second: standings.Ranking,
    medium: str | None,
    who: tuple[str, str],
) -> Finding:
    """What the best and the worst of ``first``, called ``who``, score when asked in the way of ``second``."""
    ends = first.runs[0].identity, first.runs[-1].identity
    like = standings.on_same_questions(entries, first, second)
    best, worst = _at(second, *ends)
    before, behind = _at(like, *ends) if like else (None, None)
    doubts = [_doubt(like, second, model) for model in ends] if like else (None, None)
    return Finding(
        "front.instead" if like else "front.instead-alone",
        suite=_title(entries, second.suites[0]),
        medium=medium,
        best=who[0],
        worst=who[1],
        before=before,
        behind=behind,
        best_doubt=doubts[0],
        worst_doubt=doubts[1],
        first=best,
        last=worst,
        when=Finding(f"ways.when-{second.way}"),
        how=Finding(f"ways.instead-{second.way}"),
    )


def _doubt(first: standings.Ranking, second: standings.Ranking, model: str) -> Finding | None:
    """That a model's change from one way of asking to the other may be chance; None where it is clear."""
    before, after = (next(run for run in each.runs if run.identity == model) for each in (first, second))
    turn = standings.turn_between(before, after, second.suites[0], len(second.runs))
    return None if turn.is_clear else Finding("front.doubt")


def _at(ranking: standings.Ranking, *models: str) -> list[float | None]:
    """Accuracy of some models of a ranking."""
    values = {
        run.identity: estimate.value for run, estimate in zip(ranking.runs, ranking.estimates, strict=True)
    }
    return [values[model] for model in models]


def _turn(
    found: standings.Turnaround, names: Mapping[str, str], hues: Mapping[str, int], above: Sequence[str]
) -> TemplateValues:
    most, suite = found.turns[0], found.suite
    title, before, after = found.entry.suites[suite], found.before, found.after
    alike = layout_of(*(run for turn in found.turns for run in (turn.before, turn.after)))
    drawn = [names[each.after.identity] for each in found.turns]
    asked = {names[run.identity] for run in found.entry.runs if suite in run.scores}
    axis = Axis(run.scores[suite].seconds or 0.0 for turn in found.turns for run in (turn.before, turn.after))
    dots = [
        (run.scores[suite].seconds or 0.0, estimate, name, run.label)
        for turn in found.turns
        for run, estimate, name in (
            (turn.before, turn.first, ""),
            (turn.after, turn.second, names[turn.after.identity]),
        )
    ]
    placed = points(axis, dots, avoid=[(at, at + 1) for at in range(0, len(dots), 2)])
    return TemplateValues(
        title=Finding(
            "front.turn",
            how=Finding(f"ways.by-{after}"),
            model=drawn[0],
            before=most.first.value,
            after=most.second.value,
            suite=title,
        ),
        others=Finding(
            "front.rest",
            # The others are in the picture; what may be chance is said.
            others=[
                f"{name} {each.said}"
                for name, each in zip(drawn[1:], found.turns[1:], strict=True)
                if not each.is_clear
            ],
            n=most.first.n,
            asked=alike,
            missing=[name for name in above if name not in asked],
            new=[name for name in drawn if above and name not in above],
            bare=[
                f"{names[run.identity]} {numbers.percent(run.scores[suite].estimate.value)}"
                for run in found.bare
            ],
        ),
        caption=Finding(
            "front.ways",
            before=Finding(f"ways.from-{before}"),
            after=Finding(f"ways.from-{after}"),
            before_asked=None if alike else layout_of(*(turn.before for turn in found.turns)),
            after_asked=None if alike else layout_of(*(turn.after for turn in found.turns)),
            slowed=[names[of.after.identity] for of in found.turns if of.before.slowed or of.after.slowed],
        ),
        figure=TemplateValues(
            said=f"Accuracy against time: {title}",
            scale=axis,
            axis="median seconds, log scale →",
            chance=found.chance,
            ways=[
                TemplateValues(
                    css=css_of(turn.after, hues),
                    before=placed[2 * at],
                    after=placed[2 * at + 1],
                )
                for at, turn in enumerate(found.turns)
            ],
        ),
        href=within(most.after.experiment).href("index"),
        experiment=most.after.title,
    )


def css_of(run: LedgerRun, hues: Mapping[str, int]) -> str:
    """Colour class of a run's model."""
    return f"c{hues.get(run.identity, 0) % N_HUES}"


def _title(entries: Sequence[LedgerEntry], suite: str) -> str:
    return next(entry.suites[suite] for entry in entries if suite in entry.suites)


def _asked(
    entries: Sequence[LedgerEntry], found: standings.Ranking, medium: str | None, *, sets_alone: bool
) -> Finding:
    if sets_alone or len(found.suites) > 1:
        return Finding("front.sets", n=found.n, sets=len(found.suites), medium=medium)
    return Finding("front.set", n=found.n, suite=_title(entries, found.suites[0]), medium=medium)
