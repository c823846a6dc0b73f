"""Addresses of the site's pages become links: from build/docs to the site/ that `make report` builds beside it."""

from __future__ import annotations

import re
from typing import Any

_PAGE = re.compile(r"<code>((?:[a-z0-9-]+/)?[a-z]+\.html(?:#[\w.-]+)?)</code>")
_UP_FROM_BUILD_DOCS = 2


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Called by mkdocs with the HTML of each page."""
    up = "../" * (page.url.count("/") + _UP_FROM_BUILD_DOCS)
    return _PAGE.sub(rf'<a href="{up}site/\1"><code>\1</code></a>', html)
