"""Every text that the reader makes of a reply, for whoever looks for one in it: of each choice, part and tool call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, repeat

from llmxray.types import Chunk, Json
from llmxray.wire.calls import call_text
from llmxray.wire.openai import MOST_CHOICES, Reader
from llmxray.wire.openai_logprobs import ReadToken, sent, spelled_alternatives, spelling
from llmxray.wire.openai_messages import Said
from llmxray.wire.sse import is_stream
from llmxray.wire.thinking import split_thinking


def read_texts(body: bytes) -> Iterator[str]:
    """What is read of a body, as a stream or as one document, whichever its content type makes of it."""
    for streamed in {is_stream(body, kind) for kind in ("text/event-stream", "application/json")}:
        reader = _Every()
        if streamed:
            reader.read_stream(body, [Chunk(0.0, body)])
        else:
            reader.read_body(body, 0.0)
        yield from reader.texts()


# Twenty are the most that most servers give; those beyond the last are put together as one.
_RANKS = tuple(map("alternatives {}".format, range(100)))


class _One(Reader):
    """One choice, of whose tokens only the texts are kept."""

    def __init__(self, choice: int) -> None:
        super().__init__(choice)
        self._spelled: defaultdict[str, tuple[list[str], bytearray]] = defaultdict(lambda: ([], bytearray()))

    def take(self, choice: dict[str, Json], t_s: float) -> None:
        """Take what one event says of the choice."""
        self._choice(self.choice, choice, t_s)

    def _logprobs(self, value: Json, beside: Json, said: Said, t_s: float) -> None:
        found, apart = sent(value, said.text or said.reasoning), sent(beside, said.reasoning)
        part = self._part or "answer"
        thought = (*apart.content, *found.reasoning)
        self._tokens_left -= len(found.content) + len(found.refusal) + len(thought)
        # As the reader joins them, and those of each part for themselves.
        for entries, names in (
            (thought, ("tokens", "thinking")),
            (found.content, ("tokens", part)),
            (found.refusal, ("refused",)),
        ):
            for entry in entries:
                token, raw = spelling(entry)
                for name in names:
                    texts, spelled = self._spelled[name]
                    if token:
                        texts.append(token)
                    spelled += token.encode("utf-8", "replace") if raw is None else raw
                if not isinstance(entry, ReadToken) and (tops := entry.get("top_logprobs")):
                    self._alternatives(tops)

    def _alternatives(self, tops: Json) -> None:
        # Of each rank for themselves, and all as they come.
        _, every = self._spelled["alternatives"]
        for rank, (token, raw) in zip(
            chain(_RANKS, repeat(_RANKS[-1])), spelled_alternatives(tops), strict=False
        ):
            texts, spelled = self._spelled[rank]
            texts.append(token)
            spelled += (piece := token.encode("utf-8", "replace") if raw is None else raw)
            every += piece

    def texts(self) -> Iterator[str]:
        """What this choice says."""
        reply = self.completion(None)
        yield from (reply.text, reply.reasoning, reply.refusal or "", reply.error)
        # Pages show what is left where the thinking between two tags is taken out.
        yield from split_thinking(reply.text)
        yield from (name for name, _ in reply.unread)
        for call in reply.tool_calls:
            yield f"{call.name}({call.arguments})"
            yield call_text(call) or ""
        for texts, spelled in self._spelled.values():
            yield "".join(texts)
            yield spelled.decode("utf-8", "replace")


class _Every(Reader):
    """All choices of a reply at once: its events are taken apart only once."""

    def __init__(self) -> None:
        super().__init__(0)
        self._choices: dict[int, _One] = {}

    def _choice(self, index: int, choice: dict[str, Json], t_s: float) -> None:
        if index not in self._choices and len(self._choices) == MOST_CHOICES:
            return
        one = self._choices.get(index)
        if one is None:
            one = self._choices[index] = _One(index)
        if not one.is_full:
            one.take(choice, t_s)

    def texts(self) -> Iterator[str]:
        """What any choice says, and what is wrong with the reply."""
        yield self.completion(None).error
        for one in self._choices.values():
            yield from one.texts()
