"""Layouts of prompts and rules of extraction, each in a few words for people."""

LAYOUTS = {
    "zero-shot": "One user message: an instruction, the question, its options, and “Answer:”.",
    "zero-shot-raw": "Plain text: the question alone. For base models.",
    "zero-shot-cot": "One user message that asks for steps and ends in “Let's think step by step.”",
    "few-shot": "A chat: each worked example is a question and its reply, then the question.",
    "few-shot-raw": (
        "Plain text in one message: worked examples, then the question. For base models, "
        "behind a chat template that only joins messages."
    ),
    "few-shot-cot": (
        "One message: each worked example with its steps and “The answer is (X).”, then the question and “Let's think "
        "step by step.”"
    ),
    "few-shot-think": "A chat: each worked example has its steps inside <think>…</think> before its reply.",
    "few-shot-think-raw": (
        "Plain text in one message: each worked example with its steps inside <think>…</think> "
        "before the answer. The prompt itself opens <think>."
    ),
    "verbatim": "The prompt as it stands.",
}

RULES = {
    "boxed": "\\boxed{C}",
    "answer-is": "“the answer is C”",
    "answer-colon": "“Answer: C”",
    "verdict": "“so C”, “C is right” at the end of a line",
    "right-letter": "“C is correct”",
    "shows": "“this shows C”",
    "leading": "the reply begins with the letter",
    "leading-small": "the reply is the letter alone, in small print",
    "option-text": "the reply is the option's text",
    "option-text-inside": "the reply contains one option's text",
    "last-letter": "the last letter standing alone",
    "answer-number": "the number after “answer”",
    "last-number": "the last number",
    "expected-text": "the expected words are in the reply",
    "first-line": "the first line (nothing expected found)",
    "answer-is-small": "“the answer is c”",
    "boxed-number": "\\boxed{7}",
    "hash-number": "“#### 7”",
    "mmlu-pro-1": "“answer is (C)”, the first one",
    "mmlu-pro-2": "“Answer: C”, the last of its line",
    "mmlu-pro-3": "the last capital letter A to J that stands alone",
    "tool-mark": "counted as the tool marked it that wrote the file",
    "official-guess": "nothing found: an option drawn blindly, as MMLU-Pro's authors do",
    "first-letter": "the first capital letter that stands alone",
    "gsm8k-hashes": "the number after “####”",
    "last-number-any": "the last number",
    "likelihood-total": "the option with the highest log-probability",
    "likelihood-per-character": "the option with the highest log-probability per character",
    "likelihood-per-byte": "the option with the highest log-probability per byte",
    "tool-call": "the function that the reply calls, with its arguments",
    "tool-call-text": "the call that the reply writes out between <tool_call> tags",
}
