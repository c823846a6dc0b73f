"""The file ``site.yaml`` beside the experiments: the title of their site, and the order in which it shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from llmxray.experiment.fields import Name, Strict, Text

SITE_FILE = "site.yaml"


class Site(Strict):
    """A whole site file; every key may be left out."""

    title: Text | None = Field(default=None, description="Headline of the front page; a question reads well.")
    intro: Text | None = Field(default=None, description="First sentence of the front page.")
    order: tuple[Name, ...] = Field(
        default=(), description="Names of experiments, first to last; the others follow by name."
    )
    featured: Name | None = Field(
        default=None, description="Experiment that the front page takes its examples from."
    )
    audience: Literal["readers", "class"] = Field(
        default="readers",
        description="For a class, results wait for a guess; `?guess=1` does the same for one page.",
    )
    address: Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"'<>]+$")] | None = Field(
        default=None, description="Where the site will be published: a shared link then shows its picture."
    )

    authors: tuple[Text, ...] = Field(default=(), description="Who made it, for citations.")
    license: Text | None = Field(
        default=None, description="Licence of the site's content, such as CC-BY-4.0."
    )

    @property
    def base(self) -> str:
        """The address with a slash at its end; "" if it is not known."""
        return f"{self.address.rstrip('/')}/" if self.address else ""
