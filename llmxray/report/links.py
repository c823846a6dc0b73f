"""Links between the pages of an experiment: only to pages that it has.

`Contents` is what the registry (`llmxray.report.pages`) says of one experiment. Everything that writes a link asks
it, so that a link to a page that does not apply cannot be written: the answer is None, and the sentence goes without.
It alone knows what an address looks like: pages are files of a folder, or sections of one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
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
    """The pages of one experiment.

    Attributes:
        entries: in the order of their tabs; None where any page may be linked to.
        base: address of their folder, with a slash at its end, for who links from elsewhere.
        is_alone: nothing lies beside the page: it is handed out alone.
    """

    entries: tuple[PageEntry, ...] | None = None
    base: str = ""
    is_alone: bool = False
    in_one_file: ClassVar[bool] = False

    def has(self, page: str) -> bool:
        """Whether there is such a page; one of many, as ``pairs.a~b``, is there where ``pairs`` is."""
        first = page.partition(".")[0]
        return self.entries is None or any(entry.name == first for entry in self.entries)

    def href(self, page: str, part: str = "") -> str:
        """Address of a page, or of a part of it by its anchor; "" when there is no such page."""
        return self._address(page, part=part) if self.has(page) else ""

    def link(self, text: str, page: str, part: str = "") -> Link | None:
        """A link in words; None when there is no such page."""
        href = self.href(page, part)
        return Link(text=text, href=href) if href else None

    def links(self, *wanted: tuple[str, str, str]) -> tuple[Link, ...]:
        """The links among (text, page, part) whose page there is."""
        found = (self.link(*each) for each in wanted)
        return tuple(link for link in found if link is not None)

    def questions(self, **filters: str) -> str:
        """Address of the list of questions and answers with filters set, in the order given."""
        parts = [f"{name}={_quoted(value)}" for name, value in filters.items() if value]
        return self._address("answers", state="&".join(parts)) if self.has("answers") else ""

    def question(self, address: str) -> str:
        """Address of the page of one question, given as ``suite/item``."""
        return self._address("answer", f"?q={_quoted(address, '/')}") if self.has("answer") else ""

    def file(self, name: str) -> str:
        """Address of a file that lies beside the pages, "" where none does."""
        return name

    def saved(self, name: str) -> str:
        """Address from which the browser saves a file."""
        return self.file(name)

    def home(self, root: str) -> str:
        """Address of the first page of all, given the way to the site's folder; "" for a page that stands alone."""
        return "" if self.is_alone else f"{root}index.html"

    def _address(self, page: str, query: str = "", *, part: str = "", state: str = "") -> str:
        """Address of a page with what is asked of it, a place on it, or the state in which it is to be shown."""
        return f"{self.base}{quote(page)}.html{query}{'#' if part or state else ''}{part}{state}"


EVERYWHERE = Contents()
"""Any page may be linked to."""


def within(folder: str) -> Contents:
    """The pages in a folder, for who links from elsewhere; no page where it is ""."""
    return Contents(base=f"{folder}/") if folder else Contents(entries=())


@dataclass(frozen=True, slots=True, kw_only=True)
class OneFile(Contents):
    """Pages that stand in one file, as sections: single.js writes the same addresses.

    Attributes:
        files: address of all that is in a file, by its name, for those that come with the pages.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    in_one_file: ClassVar[bool] = True

    def file(self, name: str) -> str:
        """The place on the page from which the file is saved: it is in the one file once."""
        return self.href("methods", "downloads") if name in self.files else ""

    def saved(self, name: str) -> str:
        """All of the file, "" where it stays on the whole site."""
        return self.files.get(name, "")

    def home(self, root: str) -> str:
        """The first section."""
        return self.href("index")

    def _address(self, page: str, query: str = "", *, part: str = "", state: str = "") -> str:
        """No two pages have the same anchor, so a part needs no page; a state is read by the page behind it."""
        return f"#{part}" if part else f"{query}#page-{page}{'&' if state else ''}{state}"


def _quoted(text: str, safe: str = "") -> str:
    # Half a surrogate pair has no UTF-8 to be quoted as.
    return quote(text, safe=safe, errors="replace")
