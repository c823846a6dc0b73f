"""Links between the pages of an experiment: only to pages that it has.

`Contents` is what the registry (`llmxray.report.pages`) says of one experiment. Everything that writes a link asks
it, so that a link to a page that does not apply cannot be written: the answer is None, and the sentence goes without.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in words."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """A page of the experiment.

    Attributes:
        name: of its file, without ``.html``.
        label: of its tab; "" for a page that is reached from others only.
        group: label of the menu that its tab stands in; "" for the row of tabs itself.
    """

    name: str
    label: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The pages of one experiment, in the order of their tabs; None where any page may be linked to."""

    entries: tuple[PageEntry, ...] | None = None

    def has(self, page: str) -> bool:
        """Whether there is such a page."""
        return self.entries is None or any(entry.name == page for entry in self.entries)

    def href(self, page: str, part: str = "") -> str:
        """Address of a page, or of a part of it by its anchor; "" when there is no such page."""
        return f"{page}.html{'#' if part else ''}{part}" if self.has(page) else ""

    def link(self, text: str, page: str, part: str = "") -> Link | None:
        """A link in words; None when there is no such page."""
        href = self.href(page, part)
        return Link(text=text, href=href) if href else None

    def links(self, *wanted: tuple[str, str, str]) -> tuple[Link, ...]:
        """The links among (text, page, part) whose page there is."""
        found = (self.link(*each) for each in wanted)
        return tuple(link for link in found if link is not None)

    @property
    def tabs(self) -> tuple[PageEntry, ...]:
        """The pages with a tab."""
        return tuple(entry for entry in self.entries or () if entry.label)


EVERYWHERE = Contents()
"""Any page may be linked to."""


def questions_href(**filters: str) -> str:
    """Address of the list of questions and answers with filters set, in the order given."""
    # Half a surrogate pair has no UTF-8 to be quoted as.
    parts = [f"{name}={quote(value, safe='', errors='replace')}" for name, value in filters.items() if value]
    return "answers.html" + ("#" + "&".join(parts) if parts else "")


def question_href(address: str) -> str:
    """Address of the page of one question, given as ``suite/item``."""
    return f"answer.html?q={quote(address, safe='/', errors='replace')}"
