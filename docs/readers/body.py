"""The bytes of a reply from a line of a cassette (docs/cassette.md)."""

import base64
import json
import re
import struct

TEXTS = ("content", "refusal", "reasoning_content")


def body(line):
    """The bytes of a recording."""
    if "b64" in line:
        return base64.b64decode(line["b64"])
    if "text" in line:
        return line["text"].encode()
    style, rows = line.get("style", ""), iter(line.get("tokens", []))
    separators = (", ", ": ") if "spaced" in style else (",", ":")
    out, before = [], {}
    for event in line["events"]:
        event, times = event if isinstance(event, list) else (event, 1)
        for _ in range(times):
            if isinstance(event, str):
                out.append(event)
                continue
            before = {key: before[key] if value == "〃" else value for key, value in event.items()}
            if before.get("choices"):
                before["choices"] = [choice_of(choice, rows, line) for choice in before["choices"]]
            out.append("data: " + json.dumps(before, ensure_ascii="ascii" in style, separators=separators))
    text = "\n\n".join(out)
    return (re.sub(r'("logprob": ?)"(-?\d[\d.eE+-]*)"', r"\1\2", text) if line.get("kept") else text).encode()


def choice_of(choice, rows, line):
    if not choice.get("logprobs"):
        return choice
    lists, delta = dict(choice["logprobs"]), dict(choice.get("delta", {}))
    for name, n in lists.items():
        if type(n) is int:
            lists[name] = [entry(next(rows), line, True) for _ in range(n)]
            if delta.get(name) is True and name in TEXTS:
                delta[name] = "".join(each["token"] for each in lists[name])
    return {**choice, **({"delta": delta} if "delta" in choice else {}), "logprobs": lists}


def entry(row, line, has_top):
    names = [key for key in line["keys"] if key != "bytes" and (has_top or key != "top_logprobs")]
    values = dict(zip(names, row, strict=False))
    if line.get("float32") and isinstance(values["logprob"], float):
        values["logprob"] = struct.unpack("f", struct.pack("f", values["logprob"]))[0]
    if values.get("top_logprobs"):
        values["top_logprobs"] = [entry(each, line, False) for each in values["top_logprobs"]]
    values["bytes"] = row[len(names)] if len(row) > len(names) else list(values["token"].encode())
    return {key: values[key] for key in line["keys"] if key in values}
