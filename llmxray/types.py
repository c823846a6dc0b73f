"""The frozen values that flow through the house; imports nothing of ours.

Units are in names: ``_s`` seconds, ``_nats`` natural-log units, ``_bytes`` bytes.
A missing value is None, never 0, 0.5 or NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

# No `type` statements, which `get_args` does not look into (a suite's file is checked by it).
AnswerKind = Literal["letter", "text", "number", "likelihood", "tool"]
ApiName = Literal["chat", "responses"]
"""APIs that our own requests go to, see `llmxray.wire.apis`."""
ChainName = Literal[
    "llmxray", "mmlu-pro", "mmlu-pro-two-steps", "official-compat", "first-letter", "last-number"
]
"""Extraction chains, see `llmxray.scoring.chains`."""
LikelihoodScore = Literal["acc", "acc_norm", "acc_bytes"]
"""How forced options are compared, under the names of lm-eval: summed log-probability, per character, per byte."""
ExportForm = Literal["eee", "inspect", "parquet", "hub-results", "app"]
GateMetric = Literal["accuracy", "ece", "latency"]
TokenPart = Literal["reasoning", "answer", "refusal"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Without these fields there would be no telling one request from another.
ALWAYS_IDENTIFYING = frozenset({"model", "messages", "prompt", "input", "stream"})
# A probability that changes by no more has not changed.
SAME_PROBABILITY = 1e-6
BUDGET_FIELDS = ("max_tokens", "max_completion_tokens")
"""The two names that servers have for the completion budget; the first is tried first."""


class Outcome(StrEnum):
    """What became of a trial; the counts sum to the number of trials.

    ``tool_call``: an answer in words was asked for, and the reply calls a function instead. ``unread``: the reply
    holds a part that llmxray does not read. ``unscored``: the prompt states no expected answer.
    """

    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSED = "unparsed"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    TOOL_CALL = "tool_call"
    UNREAD = "unread"
    ERROR = "error"
    UNSCORED = "unscored"

    @property
    def label(self) -> str:
        """The outcome as people read it."""
        return self.value.replace("_", " ")

    @property
    def mark(self) -> str:
        """The outcome as one character, which tells it from the others without a colour."""
        return _MARKS[self]


_MARKS: Mapping[Outcome, str] = {
    Outcome.CORRECT: "●",
    Outcome.WRONG: "✕",
    Outcome.UNPARSED: "?",
    Outcome.TRUNCATED: "…",
    Outcome.REFUSED: "⊘",
    Outcome.TOOL_CALL: "ƒ",
    Outcome.UNREAD: "◇",
    Outcome.ERROR: "!",
    Outcome.UNSCORED: "○",
}


UNCOUNTED = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED)
"""Outcomes that count in no accuracy: no whole reply, a reply that was not read, no expected answer."""


class EndCause(StrEnum):
    """How the body of a response ended, as seen from the recorder."""

    CLEAN = "clean"  # framing ended as announced
    RESET = "reset"  # upstream broke off inside the framing
    CLIENT_GONE = "client_gone"  # our client hung up first
    CONNECT = "connect"  # no response at all


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a suite.

    Attributes:
        id: unique within its suite.
        question: text as asked, without options.
        choices: option texts in presentation order, without letters; empty for open questions.
        answer: letter of the right option ("B"), or the expected text for open questions.
        category: the suite's own category, "" when it has none.
        subcategory: finer category, "" when there is none.
        skill: "recall", "reasoning" or "".
        difficulty: 1 (easy) to 3 (hard), None when the suite does not say.
        source: where the row came from.
        accept: other texts that count as right (open questions).
        why: one sentence that explains the answer, "" when there is none.
        tools: functions declared to the model, each the JSON text of ``{name, description, parameters}``; the expected
            call is then ``answer``, written ``name(arguments)`` with the arguments as canonical JSON.
        group: what its questions share, such as their passage, so that they are not independent; "" for a question of
            its own.
    """

    id: str
    question: str
    choices: tuple[str, ...]
    answer: str
    category: str = ""
    subcategory: str = ""
    skill: str = ""
    difficulty: int | None = None
    source: str = ""
    accept: tuple[str, ...] = ()
    why: str = ""
    tools: tuple[str, ...] = ()
    group: str = ""

    @property
    def answer_text(self) -> str:
        """The right answer as text, whichever way it is keyed."""
        return self.choices[LETTERS.index(self.answer)] if self.choices else self.answer


@dataclass(frozen=True, slots=True)
class Condition:
    """One way of asking: endpoint × model × sampling × prompt layout.

    Attributes:
        id: name in the experiment file and on every page.
        endpoint: label of the endpoint; part of a request's identity.
        model: alias sent as ``model``; part of a request's identity.
        answer: how the answer is asked for and scored.
        layout: name of the prompt layout.
        sampling: request fields sent with every request, ``seed`` included.
        max_tokens: completion budget; 0 where it is not known, as in files of other tools.
        budget_reason: why that budget ("thinking model by name", "set in the file", …).
        system: system prompt, "" for none.
        label: longer name for people.
        thinks: whether the model thinks before it answers, so that nothing may cut its reply short.
        budget_field: request field that carries the budget; "" where the experiment file says to send none.
        omitted: request fields that the experiment file says not to send (`null`).
        refused: request fields that the server refuses and that the experiment file did not set: pinned by a preset,
            or added by llmxray. They are not sent.
        api: the API that its requests go to.
    """

    id: str
    endpoint: str
    model: str
    answer: AnswerKind
    layout: str
    sampling: Mapping[str, Json]
    max_tokens: int
    budget_reason: str = ""
    system: str = ""
    label: str = ""
    thinks: bool = False
    budget_field: str = "max_tokens"
    omitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    api: ApiName = "chat"


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request of a trial: its identity, its body, and the option it forces (likelihood only)."""

    key: str
    body: Mapping[str, Json]
    option: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """Item × condition × sample: one request, or one per option for likelihood answers.

    Attributes:
        order: permutation of the options as shown: position i shows option ``order[i]`` of the item; empty when
            they are shown in the item's own order.
        rotation: number of the rotation of the options where each item is asked once per rotation, else None.
            Rotations are other questions, not repeats: they share ``sample``.
    """

    id: str
    condition: str
    suite: str
    item: str
    sample: int
    requests: tuple[PlannedRequest, ...]
    order: tuple[int, ...] = ()
    rotation: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they arrived: ``t_s`` seconds after the request was sent, ``raw`` the bytes."""

    t_s: float
    raw: bytes


@dataclass(frozen=True, slots=True)
class Route:
    """What belongs to the identity of a request beside its endpoint and its body.

    Attributes:
        method: HTTP method, upper case.
        path: from `/v1` on, with the query as sent.
        headers: request headers that change what is answered, lower-case names, sorted; none for chat.
        ignored: top-level fields of the body that are left out of the identity, beyond the usual ones; sorted.
    """

    method: str = "POST"
    path: str = "/v1/chat/completions"
    headers: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def is_chat(self) -> bool:
        """Whether replies are chat completions."""
        return self.method == "POST" and self.path.partition("?")[0] == CHAT.path

    @property
    def other_api(self) -> str:
        """The path where replies of another API are read, for `cassette show`, tokens and times; else ""."""
        path = self.path.partition("?")[0]
        return path if self.method == "POST" and path in ("/v1/responses", "/v1/messages") else ""


CHAT = Route()
RESPONSES = Route(path="/v1/responses")


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded exchange with a server, addressed by (key, sample, attempt).

    Attributes:
        key: RequestKey, ``v1:`` and 64 hex digits.
        sample: index of the repeat, from 0.
        attempt: index of the try for that sample, from 0.
        endpoint: endpoint label.
        request: request body as sent (JSON object).
        status: HTTP status; None when there was no response.
        headers: allow-listed response headers, lower-case names, received order.
        chunks: the content-decoded body in received pieces.
        end: how the body ended.
        error: one line about a failed transport, "" otherwise.
        started_at: UTC time of the request, ISO 8601 with milliseconds.
        concurrency: requests in flight at the recorder when this one began, itself included.
        route: method, path and what else the key depends on.
    """

    key: str
    sample: int
    attempt: int
    endpoint: str
    request: Mapping[str, Json]
    status: int | None
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...]
    end: EndCause
    error: str = ""
    started_at: str = ""
    concurrency: int = 1
    route: Route = CHAT

    @property
    def body(self) -> bytes:
        """The content-decoded body."""
        return b"".join(chunk.raw for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of a token's ``top_logprobs``."""

    token: str
    logprob_nats: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A sampled token with its alternatives.

    Attributes:
        token: text as the server gave it.
        bytes: UTF-8 bytes where given, else None.
        logprob_nats: natural log of its probability; sentinels at or below -9999 become -inf; None where the server
            sent no valid one (null, text, NaN, or above 0).
        top: alternatives, most likely first, as the server gave them.
        t_s: arrival of the chunk that carried it, seconds after the request.
        part: "reasoning", "answer" or "refusal".
        invalid: log-probabilities of it and of its alternatives that are not valid; such alternatives are left out.
    """

    token: str
    bytes: bytes | None
    logprob_nats: float | None
    top: tuple[Alternative, ...] = ()
    t_s: float = 0.0
    part: TokenPart = "answer"
    invalid: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that a reply calls: its name, and its arguments as the text that was sent."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a reply says, whatever server sent it (one choice of it).

    Attributes:
        text: content, reasoning fields excluded.
        reasoning: text of the reasoning field, "" when there is none.
        tokens: logprobs in order; empty when the server sends none.
        finish_reason: as sent, None when never sent.
        refusal: text of the API's refusal field, None when absent.
        prompt_tokens: as reported, None when absent.
        completion_tokens: tokens that were generated, thinking included, also where the server counts it apart (xAI,
            Google); None when absent.
        reasoning_tokens: how many of them are thinking, shown or hidden, as reported; None when absent.
        model: model the server says it used.
        system_fingerprint: as sent, "" when absent.
        ttft_s: arrival of the first token of any kind.
        ttfa_s: arrival of the first token of the answer.
        latency_s: arrival of the last byte.
        saw_done: whether ``[DONE]`` was seen.
        error: text of an error event or error body, "" when there is none.
        whole: framing apart, the reply is a whole answer; see `llmxray.wire.is_complete`.
        tool_calls: functions that the reply calls, in order.
        hidden_reasoning: pieces of thinking that came without their text (encrypted, redacted).
        unread: kinds of parts that the reader does not know, each with its number; what they say is not in ``text``.
        logprobs_unread: objects with log-probabilities in a form that the reader does not know.
    """

    text: str
    reasoning: str = ""
    tokens: tuple[TokenLogprob, ...] = ()
    finish_reason: str | None = None
    refusal: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str = ""
    system_fingerprint: str = ""
    ttft_s: float | None = None
    ttfa_s: float | None = None
    latency_s: float | None = None
    saw_done: bool = False
    error: str = ""
    whole: bool = False
    reasoning_tokens: int | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    hidden_reasoning: int = 0
    unread: tuple[tuple[str, int], ...] = ()
    logprobs_unread: int = 0

    @property
    def invalid_logprobs(self) -> int:
        """Log-probabilities that are not valid, of tokens and of alternatives."""
        return sum(token.invalid for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the runner received: address of the recording and SHA-256 (hex) of the body bytes."""

    trial: str
    key: str
    sample: int
    attempt: int
    status: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its doubt.

    Attributes:
        value: point estimate, None when it cannot be computed.
        low: lower end of the interval, None when there is none.
        high: upper end.
        n: observations used.
        n_missing: observations that had no value and were left out.
        method: name of the estimator and interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    n_missing: int = 0
    method: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One trial of the results table; the CSV has one line per Row.

    Attributes:
        confidence fields: see `llmxray.scoring.confidence`; None where they cannot be computed, with ``missing_why``.
        option_probs: in the order in which the options were shown.
        recordings: addresses ``key/sample/attempt`` behind this row, in request order.
        order: permutation of the options as shown, see Trial; ``rotation`` likewise.
        right_mass: probability on all right options together (likelihood answers); its mean is TruthfulQA's
            MC2 on that suite.
        ttfa_s: arrival of the first token of the answer, after the thinking; None without an answer.
        logprob_tokens: tokens that came with a log-probability; beside ``completion_tokens`` they say how far
            the two line up. A server counts tokens that it does not send: the end of text, a stop string.
        zero_run: most tokens in a row whose log-probability is exactly 0.
        concurrency: most requests in flight at the recorder while this trial was recorded; 0 where that is not known.
        option_probs_per_character, option_probs_per_byte: those of `acc_norm` and `acc_bytes` (likelihood answers).
        completion_tokens: thinking included; ``reasoning_tokens`` says how many are thinking, None when not reported.
        hidden_reasoning: pieces of thinking that came without their text.
        calls: functions that the reply calls, as ``name(arguments)``, one a line.
        unread: what the reply holds and the reader does not know, in words; "" when it holds no such part.
        invalid_logprobs: log-probabilities that are not valid (null, text, NaN, or above 0).
        tool_mark: how the tool marked the answer that wrote the file which this row was read from, in words; "" for a
            recording.
    """

    experiment: str
    trial: str
    condition: str
    suite: str
    item_id: str
    category: str
    sample: int
    outcome: Outcome
    answer: str | None
    expected: str
    rule: str = ""
    option_confidence: float | None = None
    coverage: float | None = None
    sequence_confidence: float | None = None
    mean_token_probability: float | None = None
    option_probs: tuple[float | None, ...] = ()
    option_probs_per_byte: tuple[float | None, ...] = ()
    ttft_s: float | None = None
    latency_s: float | None = None
    completion_tokens: int | None = None
    prompt_tokens: int | None = None
    finish_reason: str | None = None
    text: str = ""
    reasoning: str = ""
    missing_why: str = ""
    error: str = ""
    recordings: tuple[str, ...] = ()
    attempts: int = 1
    order: tuple[int, ...] = ()
    concurrency: int = 1
    rotation: int | None = None
    right_mass: float | None = None
    ttfa_s: float | None = None
    logprob_tokens: int | None = None
    zero_run: int = 0
    option_probs_per_character: tuple[float | None, ...] = ()
    reasoning_tokens: int | None = None
    hidden_reasoning: int = 0
    calls: str = ""
    unread: str = ""
    invalid_logprobs: int = 0
    tool_mark: str = ""


@dataclass(frozen=True, slots=True)
class SuiteCard:
    """What a suite is, for the methods page.

    Attributes:
        name: as in the experiment file.
        title: for people.
        tests: what it tests.
        does_not_test: what a score on it does not say.
        licence: licence of the questions.
        source: where they come from (URL or "written for llmxray").
        citation: how to cite, "" when there is nothing to cite.
        chance: accuracy of blind guessing over the items used, 0–1, None for open answers; before a published suite is
            loaded, about that of the split usually reported.
        departs: how our prompt departs from the paper's.
        example: one question in the suite's manner, written for llmxray, with its answer.
        categories: what its categories are and where they come from.
        revision: revision of the hub data set that was read, with its commit where that is known.
    """

    name: str
    title: str
    tests: str
    does_not_test: str
    licence: str
    source: str
    citation: str = ""
    chance: float | None = None
    departs: str = ""
    example: str = ""
    categories: str = ""
    revision: str = ""
