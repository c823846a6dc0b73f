"""Terms explained where they first appear on a page: a button that opens a sentence and a link to methods.

The buttons open popovers, which need no script. Only paragraphs of plain text are looked at, so that no link, table or
model text is taken apart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.report.wording import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the field, as `terms.toml` describes it."""

    name: str
    said: str
    anchor: str = ""
    pattern: str = ""


TERMS = tuple(Term(name=name, **fields) for name, fields in tables("terms").items())
_PARAGRAPH = re.compile(
    r'(<(?:p(?: class="(?:lede|verdict|more|muted|found|badge-line|note|caption|hypothesis|claim)")?(?: data-guessed)?|'
    r'li class="badge-line")>)'
    r"((?:[^<]|</?(?:span|strong|small)\b[^>]*>)+)(</(?:p|li)>)"
)
# Names of tests and intervals; "95%" by itself may be a result.
_NAMED = (
    r"95%(?: confidence| Wilson)? intervals?|95% CI|Wilson|Newcombe|Holm|McNemar|[Pp]ermutation test|[Ss]ign[- ]flip|"
    r"Fisher|Welch|Cochran|[Bb]ootstrap|\badjusted\b|a power of|\bsignificant\b"
)
# Text between elements, and brackets in it; one after the other, for a reply of millions of characters is read once.
_TEXT = re.compile(r"(?<![^>])[^<>]+(?=<)")
_BRACKETS = re.compile(r" \([^()]*\)")
# An interval or a p-value of ours: no model writes a p with our space that does not break.
_STATISTIC = re.compile(rf"95%(?: CI)? [+−]?[\d.]+%? to|p\u00a0(?:=|&lt;|&gt;)\u00a0|no interval|{_NAMED}")
# Blocks with sentences of ours, and the notes in the heads of tables.
_BLOCK = re.compile(
    r'(<(p|figcaption)(?: class="(?:lede|more|muted|note|doubt|caption(?: table-caption)?)")?>)(.*?)(</\2>)',
    re.DOTALL,
)
_NOTE = re.compile(r"(?<=<small>)[^<]+(?=</small></(?:th|span)>)")
_SENTENCES, _PARTS = re.compile(r"(?<=[.!?])(?= )"), re.compile(r"(?=[,;] )")
_IN_NOTE = re.compile(rf"\b95%|{_NAMED}|^, Holm")
_MARKED = re.compile(r'<span class="stat">.*?</span>', re.DOTALL)
_TAG = re.compile(r"<(/?)(\w+)[^>]*>")
_MAIN = re.compile(r'(<main id="main"[^>]*>\n)(.*?)(</main>)', re.DOTALL)
_EXPERIMENT = re.compile(r'href="((?:\.\./)?(?!lesson/)[^"/:#.]+)/index\.html"')


def said(name: str) -> str:
    """What the glossary says of a term."""
    return next(term.said for term in TERMS if term.name == name)


def with_statistics(page: str) -> str:
    """The page with its statistics marked, so that a reader can hide them and show them.

    Brackets with an interval or a p-value are marked, sentences that name a test, and such notes in heads of tables.
    """
    main = _MAIN.search(page)
    if main is None:
        return page
    body = _TEXT.sub(
        lambda text: _BRACKETS.sub(lambda found: _marked([found[0]], _STATISTIC.search), text[0]), main[2]
    )
    body = _BLOCK.sub(
        lambda block: block[1] + _marked(_SENTENCES.split(block[3]), _is_statistical) + block[4], body
    )
    body = _NOTE.sub(lambda note: _marked(_PARTS.split(note[0]), _IN_NOTE.search), body)
    start, end = main.span(2)
    return f"{page[:start]}{body}{page[end:]}"


def _marked(parts: Sequence[str], is_statistical: Callable[[str], object]) -> str:
    return "".join(f'<span class="stat">{part}</span>' if is_statistical(part) else part for part in parts)


def _is_statistical(sentence: str) -> bool:
    """Whether a sentence names a test outside of what is marked, and holds no half of an element."""
    rest = _TAG.sub("", _MARKED.sub("", sentence))
    tags = [match[1] for match in _TAG.finditer(sentence)]
    return bool(re.search(_NAMED, rest)) and tags.count("") == tags.count("/")


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
    paragraphs = [match.span(2) for match in _PARAGRAPH.finditer(body)]
    # Statistics are hidden until they are asked for: a term that stands elsewhere too is explained there.
    texts = (_TAG.sub(_blank, _MARKED.sub(_blank, body)), _TAG.sub(_blank, body))
    places = sorted(
        (span, place)
        for place, term in enumerate(TERMS)
        if term.pattern and (span := _first(texts, paragraphs, term))
    )
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


def _first(texts: Sequence[str], paragraphs: Sequence[tuple[int, int]], term: Term) -> tuple[int, int] | None:
    """Where the term first stands in a paragraph of the first text that has it; None for nowhere."""
    for text in texts:
        for start, end in paragraphs:
            if found := re.search(term.pattern, text[start:end]):
                return start + found.start(1), start + found.end(1)
    return None


def _blank(match: re.Match[str]) -> str:
    """As many characters that no term has: places stay where they are."""
    return "\0" * len(match[0])


def glossary_document() -> list[str]:
    """All terms from A to Z, as Markdown."""
    lines = [
        "# Glossary\n",
        "What the pages take for known, in a sentence or two. Numbers link to their definitions under Methods.\n",
        "| term | meaning |",
        "|---|---|",
    ]
    for term in sorted(TERMS, key=lambda each: each.name.casefold()):
        name = f"[{term.name}](methods.md#{term.anchor})" if term.anchor else term.name
        lines.append(f"| {name} | {term.said} |")
    return lines
