"""Terms of the field: what pages explain where a term first stands, and the glossary lists."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the field, as `terms.toml` describes it."""

    name: str
    said: str
    anchor: str = ""
    words: Sequence[str] = ()


def _terms() -> Iterator[Term]:
    text = resources.files(__package__).joinpath("terms.toml").read_text("utf-8")
    for name, fields in tomllib.loads(text).items():
        yield Term(name=name, **fields | {"said": fields["said"].replace("\n", " ")})


TERMS = tuple(_terms())
WORDS: Mapping[str, int] = {word: place for place, term in enumerate(TERMS) for word in term.words}
"""Place of a term by the words that a phrase marks."""


@dataclass(slots=True, kw_only=True)
class Page:
    """A page while it is rendered.

    Attributes:
        name: begins the ids of its explanations: in a file of many pages none may come twice.
        explains: whether it explains terms: there is a page that defines them.
        seen: places of the terms that it explains, and whether those see it who hide the statistics.
    """

    name: str = ""
    explains: bool = False
    seen: dict[int, bool] = field(default_factory=dict)

    def explain(self, place: int, *, seen: bool) -> str:
        """The id of the explanation where this reader needs one; "" where the term was explained before."""
        known = self.seen.get(place)
        if not self.explains or known or (known is False and not seen):
            return ""
        self.seen[place] = seen
        return f"about-{self.name}-{place}"


_PAGE: ContextVar[Page] = ContextVar("page")


def current_page() -> Page:
    """The page that is being rendered; beside any page, one that explains nothing."""
    return _PAGE.get(None) or Page()


@contextmanager
def on_page(page: Page) -> Iterator[None]:
    """Render a page: until the end of the context, terms are explained where they first stand in it."""
    token = _PAGE.set(page)
    try:
        yield
    finally:
        _PAGE.reset(token)


def explanations() -> list[tuple[str, Term]]:
    """The terms that the page explains, each with the id of its explanation."""
    page = current_page()
    return [(f"about-{page.name}-{place}", TERMS[place]) for place in sorted(page.seen)]


def glossary_document() -> list[str]:
    """All terms from A to Z, as Markdown."""
    lines = ["# Glossary\n"]
    for term in sorted(TERMS, key=lambda each: each.name.casefold()):
        name = f"[{term.name}](methods.md#{term.anchor})" if term.anchor else term.name
        said = term.said.removeprefix(f"{term.name}: ")
        lines.append(f"- **{name}**: {said[0].upper()}{said[1:]}")
    return lines
