"""What a document of lm-evaluation-harness asks: a field of it, or its prompt, which may begin with shots.

A prompt has no field for its own question where a task makes it of several, as of a premise and a hypothesis. It is the
same question with any number of shots, as long as the document is the same.

Source: ``lm_eval.evaluator`` for ``doc_hash``, and the tasks of the package for the names of fields.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.lm_eval_results import ResultFiles, about_of, task_of

_QUESTIONS = (
    *("question", "Question", "query", "problem", "Problem", "question_stem", "qtext"),
    *("ctx", "input", "prompt", "sentence", "goal", "passage"),
)
# It may say of what kind the question is: "cause" or "effect" in COPA, whose prompt is the premise.
_WORD = re.compile(r"[A-Za-z0-9_-]+")
type Requests = Sequence[tuple[Any, Any]]


class ShortestPrompts:
    """Of documents whose question stands in no field the shortest prompt, in all files of a task.

    Args:
        samples: name, folder and lines of each file.
    """

    def __init__(self, samples: Iterable[tuple[str, str, Iterable[Any]]], results: ResultFiles) -> None:
        self._shortest: dict[tuple[str, str], str] = {}
        for name, folder, lines in samples:
            task = task_of(name, results.of(name, folder) or about_of({}))
            for line in lines:
                requests = requests_of(line)
                if not question_of(values.obj(line, "doc"), requests) and (key := _document(line)):
                    known, prompt = self._shortest.get((task, key)), _prompt(requests)
                    if prompt and (known is None or len(prompt) < len(known)):
                        self._shortest[task, key] = prompt

    def of(self, task: str, row: values.Object, requests: Requests) -> str:
        """The prompt that stands for a document in all files of its task."""
        return self._shortest.get((task, _document(row)), "") or _prompt(requests)


def _document(row: values.Object) -> str:
    """What tells a document from others, "" for an empty one; before 0.4.3 the hash of it is not in the file."""
    doc, stated = values.obj(row, "doc"), values.text(row.get("doc_hash"))
    if stated:
        return "" if stated == _OF_NOTHING else stated
    return _hash(doc) if doc else ""


def _hash(doc: values.Object) -> str:
    text = json.dumps(doc, indent=2, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_OF_NOTHING = _hash({})


def requests_of(row: values.Object) -> Requests:
    """Both arguments of each request, in order."""
    given = row.get("arguments")
    if isinstance(given, dict):
        ordered = sorted(given.items(), key=lambda each: (len(each[0]), each[0]))
        return [(each.get("arg_0"), each.get("arg_1")) for _, each in ordered if isinstance(each, dict)]
    # As written before 0.4.3.
    return [
        (each[0], each[1])
        for each in values.listed(row, "arguments")
        if isinstance(each, list) and len(each) > 1
    ]


def _prompt(requests: Requests) -> str:
    return values.text(requests[0][0]) if requests else ""


def question_of(doc: values.Object, requests: Requests) -> str:
    """The field of a document that is its question; "" where there is none."""
    prompt = _prompt(requests)
    fields = filter(None, (values.text(doc.get(name)) for name in _QUESTIONS))
    return next((text for text in fields if not prompt or _is_asked(text.strip(), prompt)), "")


def _is_asked(text: str, prompt: str) -> bool:
    """Whether a field is what a prompt asks: a single word only where it is a line there, maybe behind a colon.

    Longer ones need not stand in the prompt as they are: it may be a chat in JSON, or have an option filled in.
    """
    if not _WORD.fullmatch(text):
        return True
    line = rf'(?:^|[\n:"]|\\n)[ \t]*+{re.escape(text)}[ \t]*+[?.!]?[ \t]*+(?:$|[\n"<]|\\n)'
    return re.search(line, prompt) is not None
