"""The lesson leaves no question of the module out, and quotes it word for word."""

import re
from collections.abc import Iterator

import pytest

PARTS = (
    ("Hands-On Exercises", "Key Takeaways"),
    ("Discussion Questions", "Further Reading"),
    ("Assessment\n", "What's Next"),
)


@pytest.fixture
def module(shared):
    """The text of the course module."""
    seeds = sorted((shared / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("the module is not in LLMXRAY_SHARED/seeds")
    return seeds[0].read_text("utf-8")


def asked(module: str) -> Iterator[str]:
    """Every question of the exercises, the discussion and the assessments."""
    for first, last in PARTS:
        part = module[module.index(first) : module.index(last, module.index(first))]
        for line in part.splitlines():
            for sentence in re.split(r"(?<=[?.!:])[\"”]?\s+", line.strip("- ")):
                if sentence.strip('"”').endswith("?"):
                    yield " ".join(sentence.split())


def plain(text: str) -> str:
    """On one line, without the marks of a quotation."""
    return " ".join(re.sub(r"^> ?", "", text, flags=re.M).split())


def test_every_question_of_the_module_is_in_the_table(root, module):
    """Of a sentence that leads up to its question, the question."""
    text = plain((root / "docs/lesson/questions.md").read_text("utf-8"))
    found = list(asked(module))
    assert len(found) >= 40
    assert [] == [each for each in found if each not in text and each.rpartition(" — ")[2] not in text]


def test_the_table_quotes_the_module(root, module):
    """The first column is in the module word for word; "…" leaves words out."""
    text = (root / "docs/lesson/questions.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \|$", text, re.M)
    quoted = [row for row in rows if row != "the module asks" and not row.startswith("---")]
    assert len(quoted) >= 40
    source = plain(module)
    assert [] == [row for row in quoted if not all(part.strip() in source for part in row.split("…"))]


def test_the_discussion_questions_are_quoted_word_for_word(root, module):
    """The five paragraphs of the module, in its order."""
    part = module[module.index("Discussion Questions\n") : module.index("Further Reading")]
    questions = [plain(line.strip("- ")) for line in part.splitlines()[1:] if line.strip()]
    pages = [(root / f"docs/lesson/discussion-{n}.md").read_text("utf-8") for n in range(1, 6)]
    assert questions == [" ".join(re.findall(r"^> (.*)$", page, re.M)) for page in pages]
