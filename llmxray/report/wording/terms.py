"""Terms explained where they first appear on a page: a button that opens a sentence and a link to methods.

The buttons open popovers, which need no script. Only paragraphs of plain text are looked at, so that no link, table or
model text is taken apart.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_CHANCE = "p is how often chance alone would bring a difference at least this large. "


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the field.

    Attributes:
        pattern: where it stands in the text of a paragraph; the first group is what becomes the button.
        anchor: of its definition on the methods page.
        said: one sentence for a first-year student.
    """

    pattern: str
    anchor: str
    said: str


TERMS = (
    Term(
        r"(?:\(|; )(95%) ",
        "accuracy",
        "95% confidence interval: about 95 of 100 such intervals contain the true value.",
    ),
    Term(
        r"\b(adjusted p)\b",
        "holm",
        f"{_CHANCE}It is adjusted because some of many comparisons look striking by chance.",
    ),
    Term(
        r"[,;(] ?(p)\u00a0(?:=|&lt;|&gt;)",
        "sign-flip",
        f"{_CHANCE}Below 5% the difference is called significant.",
    ),
    Term(
        r"\b(exact McNemar)\b",
        "mcnemar",
        "Only questions that one got right and the other wrong count: the test asks whether they fall more "
        "unevenly than coin tosses.",
    ),
    Term(
        r"\b(ECE-15)\b",
        "ece-15",
        "How far confidence is from accuracy, averaged over 15 bins of confidence: 0% is perfect.",
    ),
    Term(
        r"\b(AUROC)\b",
        "auroc",
        "The chance that a right answer was given with more confidence than a wrong one: 0.5 says nothing, 1 sorts "
        "perfectly.",
    ),
)
_PARAGRAPH = re.compile(r'(<p(?: class="(?:lede|verdict|more|muted)")?>)([^<]+)(</p>)')
_MAIN = re.compile(r'(<main id="main"[^>]*>\n)(.*?)(</main>)', re.DOTALL)
_EXPERIMENT = re.compile(r'href="((?:\.\./)?[^"/:#.]+)/index\.html"')


def explained(page: str, path: str) -> str:
    """The page with its terms explained; unchanged where it has none, or no methods page to lead to.

    Args:
        page: the whole HTML. path: of the page, relative to the site, with forward slashes.
    """
    main = _MAIN.search(page)
    methods = _methods(page, path)
    if main is None or not methods:
        return page
    name = path.rpartition("/")[2].removesuffix(".html")
    body, notes = main[2], []
    places = [(span, place) for place, term in enumerate(TERMS) if (span := _first(body, term))]
    places.sort()
    # From the end, so that places before it stay where they are.
    for at, ((start, end), place) in reversed(list(enumerate(places))):
        # Ids name their page: in a file of many pages none may come twice.
        mark = f"about-{name}-{place}"
        button = f'<button type="button" class="term" popovertarget="{mark}">{body[start:end]}</button>'
        # A line may break on either side of a button: its bracket or its number would stand on another line.
        # Not further than the term before it, whose place would move.
        floor = places[at - 1][0][1] if at else 0
        before = max(floor, *(body.rfind(edge, 0, start) + 1 for edge in " \n>"))
        after = min(found for edge in " \n<" if (found := body.find(edge, end)) >= 0)
        whole = f'<span class="whole">{body[before:start]}{button}{body[end:after]}</span>'
        body = body[:before] + whole + body[after:]
        notes.append(
            f'<div popover class="about" id="{mark}"><p>{html.escape(TERMS[place].said)} '
            f'<a href="{methods}#{TERMS[place].anchor}">More under methods</a></p></div>\n'
        )
    start, end = main.span()
    return f"{page[:start]}{main[1]}{body}{''.join(reversed(notes))}{main[3]}{page[end:]}"


def _methods(page: str, path: str) -> str:
    if "/" in path and not path.startswith("lesson/"):
        return "methods.html"
    # Front page, ledger and lesson have no methods of their own; every experiment defines the same terms.
    found = _EXPERIMENT.search(page)
    return f"{found[1]}/methods.html" if found else ""


def _first(body: str, term: Term) -> tuple[int, int] | None:
    """Where the term first stands in a paragraph of the body; None for nowhere."""
    for paragraph in _PARAGRAPH.finditer(body):
        found = re.search(term.pattern, paragraph[2])
        if found:
            return paragraph.start(2) + found.start(1), paragraph.start(2) + found.end(1)
    return None
