"""Small files of every format, built from the published schemas; synthetic content."""

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import zstandard

from llmxray.interop import read as interop
from llmxray.interop.read import Imported

LETTERS = "ABCD"


def one(*files: tuple[str, bytes], **more: Any) -> Imported:
    """The one experiment of some files."""
    (found,) = interop.read_files(files, **more)
    return found


def outcomes(found: Imported) -> list[str]:
    """Outcome of each row."""
    return [row.outcome.value for row in found.results.rows]


def question(n: int) -> str:
    """A sum; questions of one number are the same in every format."""
    return f"What is {n} + {n}?"


def options(n: int) -> list[str]:
    """The first one is right."""
    return [str(2 * n), str(2 * n + 1), str(2 * n + 2), str(3 * n + 7)]


def dump(value: Any) -> bytes:
    """As JSON."""
    return json.dumps(value).encode()


def lines(values: Sequence[Any]) -> bytes:
    """As JSON lines."""
    return b"".join(dump(value) + b"\n" for value in values)


def logprobs(text: str, letter: str, p: float) -> Mapping[str, Any]:
    """Tokens of a reply that ends on a letter, which had probability p among four."""
    rest = [each for each in LETTERS if each != letter]
    top = [(f" {letter}", p), *((f" {each}", (1 - p) / 3) for each in rest)]
    entry = {"token": f" {letter}", "logprob": math.log(p)}
    entry["top_logprobs"] = [{"token": token, "logprob": math.log(value)} for token, value in top]
    return {"content": [{"token": text.removesuffix(f" {letter}"), "logprob": -0.01}, entry]}


def inspect_sample(
    n: int, letter: str, *, p: float | None = 0.7, epoch: int = 1, **more: Any
) -> dict[str, Any]:
    """One multiple-choice sample; A is right."""
    said = f"ANSWER: {letter}"
    choice: dict[str, Any] = {"message": {"role": "assistant", "content": said}, "stop_reason": "stop"}
    if p is not None:
        choice["logprobs"] = logprobs(said, letter, p)
    return {
        "id": f"q{n}",
        "epoch": epoch,
        "input": question(n),
        "choices": options(n),
        "target": "A",
        "messages": [{"role": "user", "content": f"attachment://{n}"}, choice["message"]],
        "output": {
            "model": "m",
            "choices": [choice],
            "completion": said,
            "usage": {"input_tokens": 40, "output_tokens": 4, "total_tokens": 44},
            "time": 0.5,
        },
        "scores": {"choice": {"value": "C" if letter == "A" else "I", "answer": letter}},
        "metadata": {"subject": "even" if n % 2 == 0 else "odd"},
        "attachments": {str(n): f"Answer with a letter.\n\n{question(n)}"},
        **more,
    }


def inspect_log(
    samples: Sequence[Mapping[str, Any]], model: str = "org/small", **more: Any
) -> dict[str, Any]:
    """A log as one JSON object."""
    spec = {"task": "sums", "model": model, "packages": {"inspect_ai": "0.3.285"}, "task_args_passed": {}}
    config = {"temperature": 0.5, "max_tokens": 32, "top_logprobs": 4, "logprobs": True, "max_connections": 9}
    return {
        "version": 2,
        "status": "success",
        "eval": {**spec, **more},
        "plan": {"steps": [{"solver": "multiple_choice"}], "config": config},
        "samples": list(samples),
    }


def inspect_archive(
    log: Mapping[str, Any], method: int = zipfile.ZIP_DEFLATED, header: str = "header.json"
) -> bytes:
    """A log as a zip file; 93 is zstd, which the standard library does not write either."""
    head = {name: value for name, value in log.items() if name != "samples"}
    members = {header: dump(head)}
    for sample in log["samples"]:
        members[f"samples/{sample['id']}_epoch_{sample['epoch']}.json"] = dump(sample)
    return zipped(members, method)


def in_folders(log: Mapping[str, Any]) -> bytes:
    """A log of which each sample is a folder, its messages and attachments in parts."""
    members = {"header.json": dump({name: value for name, value in log.items() if name != "samples"})}
    for sample in log["samples"]:
        folder = f"samples/{sample['id']}_epoch_{sample['epoch']}"
        lists = ("messages", "attachments", "metadata")
        shell = {name: value for name, value in sample.items() if name not in lists}
        # An attachment is named by its number; what is pooled stands before the conversation.
        messages = json.loads(
            json.dumps(sample["messages"]).replace(f"attachment://{sample['id'][1:]}", "attachment://1")
        )
        members |= {
            f"{folder}/sample.json": dump(shell | {"message_refs": [[1, 2], [2, 3]]}),
            f"{folder}/metadata.json": dump(sample["metadata"]),
            f"{folder}/skeleton.json": dump({"version": 1, "id": "x"}),
            f"{folder}/events/stats.json": dump({"version": 1, "chunks": []}),
            f"{folder}/events/0.json": dump([{"event": "sample_init"}]),
            f"{folder}/messages/2.json": dump(messages[1:]),
            f"{folder}/messages/0.json": dump([{"role": "user", "content": "of another"}, *messages[:1]]),
            f"{folder}/attachments/0.json": dump(["of another", *sample["attachments"].values()]),
        }
    return zipped(members)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if method == 93 else method) as archive:
        for name, data in members.items():
            archive.writestr(name, zstandard.compress(data) if method == 93 else data)
    return _as_zstd(out.getvalue(), members) if method == 93 else out.getvalue()


def _as_zstd(stored: bytes, members: Mapping[str, bytes]) -> bytes:
    """A zip file of stored zstd frames, its headers rewritten to say so."""
    data = bytearray(stored)
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        infos = archive.infolist()
    directory = stored.index(b"PK\x01\x02")
    for info in infos:
        plain = members[info.filename]
        for start, method_at, crc_at, size_at in (
            (info.header_offset, 8, 14, 22),
            (stored.index(b"PK\x01\x02", directory), 10, 16, 24),
        ):
            data[start + method_at : start + method_at + 2] = (93).to_bytes(2, "little")
            data[start + crc_at : start + crc_at + 4] = zipfile.crc32(plain).to_bytes(4, "little")
            data[start + size_at : start + size_at + 4] = len(plain).to_bytes(4, "little")
        directory = stored.index(b"PK\x01\x02", directory) + 4
    return bytes(data)


def lm_eval_row(n: int, sums: Sequence[float], **more: Any) -> dict[str, Any]:
    """A likelihood document; the first option is right."""
    texts = options(n)
    best = max(range(len(sums)), key=lambda place: sums[place])
    return {
        "doc_id": n,
        "doc": {"question": question(n), "choices": texts, "answer": 0},
        "target": "0",
        "arguments": {
            f"gen_args_{place}": {"arg_0": f"Question: {question(n)}\nAnswer:", "arg_1": f" {text}"}
            for place, text in enumerate(texts)
        },
        "resps": [[[str(value), "False"]] for value in sums],
        "filtered_resps": [[str(value), "False"] for value in sums],
        "filter": "none",
        "metrics": ["acc"],
        "acc": float(best == 0),
        **more,
    }


def lm_eval_weighed(
    n: int, sums: Sequence[float], texts: Sequence[str], target: str, **more: Any
) -> dict[str, Any]:
    """A question of its own, whose options were weighed."""
    row = lm_eval_row(0, sums, target=target, doc={"question": f"Which {n}?", "choices": list(texts)})
    row["arguments"] = {
        f"gen_args_{at}": {"arg_0": "Q", "arg_1": f" {text}"} for at, text in enumerate(texts)
    }
    return row | {"doc_id": n, **more}


def lm_eval_written(n: int, text: str, *, filter_: str = "strict-match", mark: float = 0.0) -> dict[str, Any]:
    """A document that was answered in words."""
    return {
        "doc_id": n,
        "doc": {"question": question(n), "answer": f"{n} and {n} make\n#### {2 * n}"},
        "target": f"{n} and {n} make\n#### {2 * n}",
        "arguments": {
            "gen_args_0": {
                "arg_0": question(n),
                "arg_1": {"until": ["\n\n"], "temperature": 0.0, "max_gen_toks": 64},
            }
        },
        "resps": [[text]],
        "filtered_resps": [text],
        "filter": filter_,
        "metrics": ["exact_match"],
        "exact_match": mark,
    }


def lm_eval_results(task: str = "sums", model: str = "org/base", **more: Any) -> dict[str, Any]:
    """The file of results that names the model."""
    return {
        "results": {task: {"acc,none": 0.5}},
        "configs": {task: {"task": task}},
        "n-shot": {task: 0},
        "config": {"model": "hf", "model_args": f"pretrained={model}"},
        "lm_eval_version": "0.4.13",
        **more,
    }


def eee_row(
    n: int, letter: str, *, metric: str = "acc", right: bool | None = None, **more: Any
) -> dict[str, Any]:
    """One metric of one reply."""
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "sums/org_small/1",
        "model_id": "org/small",
        "evaluation_name": "sums",
        "evaluation_result_id": f"sums.{metric}",
        "sample_id": f"q{n}",
        "interaction_type": "single_turn",
        "input": {"raw": question(n), "choices": options(n), "reference": ["A"]},
        "output": {"raw": [f"The answer is {letter}."]},
        "answer_attribution": [{"turn_idx": 0, "extracted_value": letter, "is_terminal": True}],
        "evaluation": {"score": 1.0, "is_correct": letter == "A" if right is None else right},
        "token_usage": {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14},
        "performance": {"latency_ms": 250.0},
        **more,
    }


def eee_aggregate() -> dict[str, Any]:
    """The aggregate beside the rows."""
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "sums/org_small/1",
        "eval_library": {"name": "inspect_ai", "version": "0.3.285"},
        "evaluation_results": [
            {"generation_config": {"generation_args": {"temperature": 0.0, "max_tokens": 8}}}
        ],
    }


def helm_state(n: int, letter: str, tokens: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """One request of a joint multiple choice; the first option is right."""
    references = [
        {"output": {"text": text}, "tags": ["correct"] if not place else []}
        for place, text in enumerate(options(n))
    ]
    return {
        "instance": {
            "input": {"text": question(n)},
            "references": references,
            "split": "test",
            "id": f"id{n}",
        },
        "train_trial_index": 0,
        "output_mapping": dict(zip(LETTERS, options(n), strict=True)),
        "request": {"model": "org/small", "prompt": f"Question: {question(n)}\nAnswer:", "temperature": 0.0},
        "result": {
            "success": True,
            "completions": [{"text": f" {letter}", "logprob": 0.0, "tokens": list(tokens)}],
            "cached": False,
            "request_time": 0.25,
        },
        **more,
    }


def helm_run(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """scenario_state.json."""
    spec = {"method": "multiple_choice_joint", "model": "org/small", "temperature": 0.0, "max_tokens": 1}
    return {"adapter_spec": {**spec, "max_train_instances": 5}, "request_states": list(states)}


def helm_stats(n: int, **means: float) -> dict[str, Any]:
    """What HELM measured of one request."""
    stats = [{"name": {"name": name}, "mean": mean} for name, mean in means.items()]
    return {"instance_id": f"id{n}", "train_trial_index": 0, "stats": stats}


def promptfoo_row(
    n: int, reply: str, *, provider: str = "openai:small", passed: bool | None = None, **more: Any
) -> dict[str, Any]:
    """One result of one test; A is right."""
    return {
        "testIdx": n,
        "promptIdx": 0,
        "provider": {"id": provider, "label": ""},
        "prompt": {"raw": f"{question(n)} A, B, C or D?", "label": "plain"},
        "vars": {"question": question(n), "expected": "A", "choices": options(n)},
        "testCase": {
            "vars": {},
            "assert": [{"type": "javascript", "value": "output.includes(vars.expected ?? vars.answer)"}],
        },
        "response": {"output": reply, "tokenUsage": {"prompt": 9, "completion": 1, "total": 10}},
        "gradingResult": {"pass": "A" in reply if passed is None else passed, "score": 1},
        "latencyMs": 125,
        "success": True,
        **more,
    }


def promptfoo(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """results.json of version 3."""
    return {
        "evalId": "eval-1",
        "results": {"version": 3, "results": list(rows), "prompts": [], "stats": {}},
        "metadata": {"promptfooVersion": "0.119.0"},
    }


def openai_events(replies: Sequence[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    """A log of (reply, expected, correct)."""
    events: list[dict[str, Any]] = [{"spec": {"completion_fns": ["small"], "eval_name": "capitals.dev.v0"}}]
    for n, (reply, expected, correct) in enumerate(replies):
        common = {"run_id": "r", "sample_id": f"capitals.{n}", "created_at": ""}
        prompt = [
            {"role": "system", "content": "One word."},
            {"role": "user", "content": f"Capital number {n}?"},
        ]
        events.append(
            {**common, "event_id": 2 * n, "type": "sampling", "data": {"prompt": prompt, "sampled": [reply]}}
        )
        picked = expected if correct else None
        data = {"correct": correct, "expected": expected, "picked": picked}
        events.append({**common, "event_id": 2 * n + 1, "type": "match", "data": data})
    return [*events, {"final_report": {"accuracy": 0.5}}]


def app_question(n: int) -> dict[str, Any]:
    """An answer in a file of the LLMxRay app."""
    return {
        "questionId": f"sums-{n}",
        "questionText": question(n),
        "choices": [f"{letter}) {text}" for letter, text in zip(LETTERS, options(n), strict=True)],
        "modelAnswer": "AB"[n % 2],
        "expectedAnswer": "A",
        "latencyMs": 1500,
        "avgTokenConfidence": 0.9,
        "answerLogprob": -0.1,
    }


# Two of every format, as bytes: what fuzzing starts from.
def everything() -> dict[str, bytes]:
    """A small file of each format by name."""
    log = inspect_log([inspect_sample(n, "AB"[n % 2]) for n in range(4)])
    return {
        "log.eval": inspect_archive(log),
        "zstd.eval": inspect_archive(log, 93),
        "log.json": dump(log),
        "samples_sums_2026-01-01T00-00-00.1.jsonl": lines(
            [lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0)) for n in range(4)]
        ),
        "eee_samples.jsonl": lines([eee_row(n, "A") for n in range(4)]),
        "scenario_state.json": dump(helm_run([helm_state(n, "A", []) for n in range(4)])),
        "results.json": dump(promptfoo([promptfoo_row(n, "A") for n in range(4)])),
        "results.jsonl": lines([promptfoo_row(n, "B") for n in range(4)]),
        "app.json": dump({"modelName": "m", "questionResults": [app_question(n) for n in range(4)]}),
        "events.jsonl": lines(openai_events([("Paris", "Paris", True), ("Rome", "Bern", False)])),
    }
