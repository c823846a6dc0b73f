"""Suites: questions from any source, as frozen Items of one form.

::

    starter/…     the bank that ships with llmxray        starter, sums
    arc, …        published benchmarks, one file each     sources ─► rows ─► benchmark ─► Suite and its faults
    any data set  by the columns that the file names      sources ─► rows ─► options, answers ─► columns ─► Suite
    custom        one's own questions, or the app's file  custom

`sources` reads files, folders and the hub; `own` refuses another data set's rows; `preview` proposes columns. Then
`selection` picks the items that an experiment asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.suites.base import Suite
    from llmxray.suites.catalogue import cards, load, names, own_rows
    from llmxray.suites.selection import select


__getattr__, __dir__ = lazy_names(__name__)
