"""HellaSwag: the ending that continues an everyday situation.

Cleaned as EleutherAI's evaluation harness does: ``[title]`` becomes a full stop, other bracketed text goes,
the activity stands in front. ``ind`` is not unique in the data set, so ids carry a hash of the row as well.
"""

from __future__ import annotations

import re

from llmxray.suites.benchmark import Benchmark, RowReader, content_id
from llmxray.suites.data_rows import DataRow
from llmxray.suites.own import Schema
from llmxray.types import Item, SuiteCard

# The second branch consumes an unclosed "[" with its text at once, which would otherwise take quadratic time.
_BRACKETED = re.compile(r"\[[^\]\n]*\]|(\[[^\]\n]*)")


def _read(row: DataRow, reader: RowReader) -> Item:
    label = row.text("label") if isinstance(row.data.get("label"), str) else str(row.integer("label"))
    if not label.strip():
        raise row.error(
            "label", "is empty: the test split is published without answers; use the validation split"
        )
    activity, endings = row.filled("activity_label"), row.texts("endings")
    name = content_id(f"hellaswag-{row.integer('ind')}", row.filled("ctx"), *endings)
    # The harness does the same, although capitalize() also makes the rest of ctx_b small.
    context = f"{row.text('ctx_a')} {row.text('ctx_b').capitalize()}"
    answer_index = row.integer("label")
    choices, letter = reader.options(
        row, name, "endings", [clean(ending) for ending in endings], answer_index
    )
    return Item(
        id=name,
        question=clean(f"{activity}: {context}"),
        choices=choices,
        answer=letter,
        category=row.optional("source_id").split("~")[0],
        subcategory=activity,
        source=row.place,
    )


def clean(text: str) -> str:
    """Return the text without the marks of the web pages it was taken from."""
    text = _BRACKETED.sub(r"\1", text.strip().replace(" [title]", ". "))
    # Replaced once, like in the harness, so three spaces become two.
    return text.replace("  ", " ").strip()


HELLASWAG = Benchmark(
    card=SuiteCard(
        "hellaswag",
        "HellaSwag",
        "Whether the model finds the real continuation of a video caption or how-to text more likely than "
        "machine-written ones.",
        "Understanding beyond the next sentence; many items have errors of grammar or two sensible ends.",
        "MIT",
        "https://huggingface.co/datasets/Rowan/hellaswag",
        "Zellers et al. (2019), HellaSwag: Can a Machine Really Finish Your Sentence? arXiv:1905.07830",
        chance=0.25,
        departs="With letters the endings are shown together; published scores weigh each ending alone, per "
        "byte. Likelihood answers come closest to them.",
        categories="Where the text was taken from (video captions or how-to pages); the subcategory is the activity.",
    ),
    hub="Rowan/hellaswag",
    split="validation",
    read=_read,
    shot_split="train",
    completion=True,
    schemas=(
        Schema(
            ("ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "label"),
            ("source_id", "split", "split_type"),
        ),
    ),
)
