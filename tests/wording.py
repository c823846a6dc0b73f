"""What no text may say, and how long a sentence may be: for pages, docs, help and messages alike."""

import re
from collections.abc import Iterator, Sequence

# Phrases of the first version that said it with a riddle; each has its plain words.
BANNED = (
    "leave open: made like this",
    "take points for granted",
    "can tell from none only",
    "less the gap averaged around",
    "lie as far apart when",
    "confidence knows something",
    "a shared seed is not shown",
    "can tell 6 of these from luck",
    "would show",
    "surer than right",
    "right more often than stated",
    "nine in ten within",
    "right per second of waiting",
    "told apart",
    "not told",
    "say which version this is",
    "changed by no more counts as",
    "to write on in",
    "no way out",
    "the reader can mend it",
    "comes to nothing leaves nothing",
)
MOST_WORDS = 25


def banned(text: str) -> list[str]:
    """Those phrases that the text has, wherever its lines end."""
    words = " ".join(text.split()).casefold()
    return [phrase for phrase in BANNED if phrase in words]


def long_sentences(text: str, labels: Sequence[str] = ()) -> Iterator[str]:
    """Sentences with more than 25 words; a condition's label counts as one word, brackets are left out."""
    for label in labels:
        text = text.replace(label, "Label")
    text = re.sub(r"\([^()]*\)|“[^”]*”", "", text)
    for sentence in re.split(r"(?<=[.?!:;])\s+", " ".join(text.split())):
        if len(re.findall(r"\w[\w.,'’%-]*", sentence)) > MOST_WORDS:
            yield sentence
