"""What the author of a site says of it: its title, its order, what stands first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """Settings of a site; every one may be left out.

    Attributes:
        title: headline of the front page.
        intro: its first sentence.
        order: names of experiments, first to last; those that are not named follow by name.
        featured: name of the experiment that the front page takes its living parts from.
        address: where the site is published, ending in a slash; "" where it is not known.
    """

    title: str = ""
    intro: str = ""
    order: tuple[str, ...] = ()
    featured: str = ""
    address: str = ""


UNSET = SiteSettings()
"""A site of which its author says nothing."""
