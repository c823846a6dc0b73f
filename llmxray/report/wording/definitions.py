"""What every number on the site means; the anchors are what the tables link to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """One term: what it is, and where it comes from."""

    anchor: str
    term: str
    text: str
    source: str = ""


DEFINITIONS = (
    Definition(
        "accuracy",
        "Accuracy",
        "Correct answers divided by trials with a whole reply that was read: correct / (N − error − unread). Replies "
        "that no rule could read, and replies cut off before an answer, count as not right. The "
        "interval is Wilson's, 95%. Where questions were repeated, repeats are averaged within a question first, and "
        "the interval is Wilson's at the effective number of answers, which is smaller, as the answers to one question "
        "resemble each other; so it is in a bin or band of such answers. Student's interval over the questions would "
        "be too narrow where nearly all answers are right, or wrong.",
        "Wilson 1927; Korn and Graubard 1998",
    ),
    Definition(
        "right-mass",
        "Mass on right options",
        "For likelihood answers: the share of the probability, over all options, that lies on right ones; the mean "
        "is over questions with a t interval. Where a suite marks several options as right, as TruthfulQA's second "
        "task does, this is its MC2.",
        "Lin, Hilton and Evans 2022, arXiv:2109.07958",
    ),
    Definition(
        "recall-deviation",
        "Spread over the places",
        "The standard deviation, in points, of the accuracies with the right option at each place. Zero means that "
        "the place does not matter.",
        "RStd of Zheng et al. 2024, arXiv:2309.03882",
    ),
    Definition(
        "cochran-q",
        "Cochran's Q",
        "Tests whether all places of the right option have the same accuracy, each question being its own control: "
        "(k − 1)(k ΣG² − (ΣG)²) / (k Σx² − ΣL²) with the sums G by place and L by question, chi-squared with k − 1 "
        "degrees of freedom. Samples of a rotation are averaged first. No p where the place decides in so few "
        "questions that questions times places is below 24.",
        "Cochran 1950; Tate and Brown 1970",
    ),
    Definition(
        "all-rotations",
        "Right in every rotation",
        "The share of questions answered rightly wherever the right option stands. One letter said throughout gives "
        "0%, and so does almost all guessing.",
    ),
    Definition(
        "option-confidence",
        "Option confidence",
        "The probability of the chosen option divided by the probability of all options. For "
        "letters it is read at the position of the answer, over every token that spells the "
        "letter; for likelihood answers each option is forced whole, its log-probabilities are "
        "summed, and the sums are turned into shares. It is empty where the server's "
        "alternatives do not reach the options.",
    ),
    Definition(
        "coverage",
        "Coverage",
        "How much of the model's probability lay on the options at all. Low coverage means that "
        "the model wanted to say something else, and that option confidence speaks of the rest.",
    ),
    Definition(
        "ece-15",
        "ECE-15",
        "Expected calibration error: answers are put into 15 bins of equal width by confidence, "
        "(a, b]; in each bin mean confidence minus accuracy is taken without its sign; the mean "
        "over bins is weighted by the number of answers.",
        "Guo et al. 2017, arXiv:1706.04599",
    ),
    Definition(
        "ece-mass",
        "Equal-mass ECE",
        "As ECE, with 10 bins that hold nearly equally many answers, so that no bin rests on a "
        "handful. Equal confidences share a bin.",
        "Kumar et al. 2019, arXiv:1909.10155; HELM's headline",
    ),
    Definition(
        "module-bins",
        "Module five-bin average",
        "The course module's recipe: five bins of equal width, the absolute difference of mean "
        "confidence and accuracy in each, and the plain mean over bins that hold answers. A bin "
        "of three answers counts as much as one of three hundred, so this number and ECE-15 "
        "differ.",
        "the course module, exercise 3",
    ),
    Definition(
        "gap",
        "Gap",
        "Mean confidence minus accuracy over all answers, signed: positive is overconfident. A "
        "model can have no gap and yet be far off in every bin; the bins' errors then cancel.",
    ),
    Definition(
        "brier",
        "Brier score",
        "Mean squared difference between confidence and the outcome (1 right, 0 wrong), 0 to 1. "
        "It rewards being sure and right as well as being calibrated.",
        "Brier 1950",
    ),
    Definition(
        "brier-multiclass",
        "Brier score over all options",
        "The squared differences of every option's probability from 1 if it is right and 0 if not, summed over the "
        "options, 0 to 2: Brier's own score. It needs the probability of every option, so an answer with an option "
        "beyond the alternatives that the server sent is left out, as is one with several right options.",
        "Brier 1950",
    ),
    Definition(
        "mce",
        "MCE",
        "Maximum calibration error: the largest difference of mean confidence and accuracy in "
        "any of 15 equal-width bins. It rests on the least filled bin as often as not.",
    ),
    Definition(
        "smooth-ece",
        "Smooth ECE",
        "Calibration error without bins: differences are smoothed along confidence with a kernel "
        "whose width equals the error itself.",
        "Błasiok and Nakkiran 2023, arXiv:2309.12236",
    ),
    Definition(
        "auroc",
        "AUROC",
        "The chance that a right answer has a higher confidence than a wrong one. 0.5 means that "
        "confidence says nothing; 1 that it sorts perfectly. A clueless model can look "
        "calibrated, which is why this stands beside it. Only answers to questions of one suite and one number of "
        "options are compared: with more options an answer is less sure and less often right at once, so over all "
        "questions together even guesses would seem to be sorted. Newcombe's score interval, which is right also where "
        "few answers are right, or few wrong; where a question was asked several times, or in several wordings, at the "
        "effective number of answers. No interval from fewer than six questions.",
        "Newcombe 2006; Obuchowski 1997",
    ),
    Definition(
        "risk-coverage",
        "Risk–coverage area",
        "Answers are accepted from the most confident down; at each step risk is the share of the "
        "accepted that is wrong. The area is the mean risk over all steps, lower is better: a model "
        "whose confidence says nothing has its plain error rate as area. Coverage is a share of all questions with a "
        "whole reply: a reply without a confidence is refused at every threshold, and takes no part in risk or area. "
        "Only questions with equally many options are pooled, for the reason that AUROC has.",
        "Geifman and El-Yaniv 2017",
    ),
    Definition(
        "weighted-choice",
        "Weighted choice",
        "Each score between 0 and 1 times its weight, summed. Accuracy counts above guessing: 0 for blind guessing, 1 "
        "for all right. Calibration is (1 − ECE-15) times how well confidence sorts right from wrong (2·AUROC − 1, at "
        "least 0), so that a model which knows nothing, and says so, earns nothing by it. Speed is the "
        "fastest condition's mean latency divided by the condition's own. A condition takes part when it meets the "
        "requirements of the use, and when the whole interval of its accuracy lies above guessing. How firm a first "
        "place is: the share of 400 question sets, drawn again from these for all conditions at once, in which "
        "the same condition comes first.",
    ),
    Definition(
        "bootstrap",
        "Bootstrap interval",
        "Questions are drawn again with replacement, 2000 times (smooth ECE 200; two conditions on more than 3000 "
        "questions 1000), and the number computed for each draw; basic (reverse percentile) 95% interval. A question "
        "that was asked several times is drawn with all its answers, and with all its wordings. Draws are seeded, so "
        "that every build gives the "
        "same ends. An interval is that of one comparison: of the best picked among many it says too little of the "
        "doubt; where a page states such a pick, it adjusts the interval for all pairs.",
    ),
    Definition(
        "mcnemar",
        "Exact McNemar test",
        "Two conditions on the same questions: only questions that one got right and the other "
        "wrong can tell them apart. p is the chance of a split at least this uneven if both were "
        "equally likely to be the one that is right. Fewer than six such questions cannot reach 5%, however they fall.",
        "McNemar 1947",
    ),
    Definition(
        "sign-flip",
        "Paired sign-flip test",
        "Two conditions on the same questions, each asked several times (samples, rotations of the options, or other "
        "words). Answers are averaged within an item, and the items that word one question are added up, so that each "
        "question gives one difference. If the conditions did "
        "not differ, each difference could as well have the opposite sign: p is the share of all choices of signs "
        "whose sum is at least as far from 0 as the observed one. All choices are counted where the averages lie on a "
        "grid, as those of equally many answers do, else 99,999 are drawn. With one answer a question it is the exact "
        "McNemar test. It asks whether these two conditions differ on questions like these, not whether more samples "
        "of the same questions would differ. An interval is Student's and of one comparison, so it can leave out 0 "
        "where the adjusted p does not fall below 5%; the test then decides.",
        "Fisher 1935; Pagano and Tritchler 1983; Dror et al. 2018; Phipson and Smyth 2010",
    ),
    Definition(
        "holm",
        "Holm adjustment",
        "Among many comparisons some look striking by luck. Holm's step-down rule raises each p "
        "so that the chance of any false “differ” in the whole family stays below 5%.",
        "Holm 1979",
    ),
    Definition(
        "detectable",
        "Would show",
        "The smallest true difference in accuracy that McNemar's test would find with these "
        "questions in four of five tries, at the share of questions on which the two disagree. It is that of one "
        "comparison: where p is adjusted for several, it takes more. With repeats the sign-flip test takes the "
        "place of McNemar's, and the mean square of the questions' differences that of the share.",
        "Miettinen 1968",
    ),
    Definition(
        "ttft",
        "First token",
        "Seconds from sending the request to the arrival of the first token of any kind. Where a model thinks, the "
        "first token of its answer has a column beside it; a reply cut off before its answer has none. Medians with "
        "order-statistic intervals, as times are skewed; they cover the draw of questions only.",
    ),
    Definition(
        "tpot",
        "Time per token",
        "Seconds for each token of a reply after its first: how fast it goes on. Tokens are those that "
        "the server counts, as several may share a piece of the stream. Not for likelihood answers, which are forced.",
    ),
    Definition(
        "latency",
        "Latency",
        "Seconds from sending the request to the last byte, as recorded; replay changes none of "
        "it. For likelihood answers the sum over one request per option. An interval covers the draw of questions "
        "only: recorded again, on another machine or beside other work, the same questions take other times.",
    ),
    Definition(
        "per-second",
        "Right per second",
        "Number of right answers divided by all seconds of waiting: accuracy over mean latency.",
    ),
)

LAYOUTS = {
    "zero-shot": "One user message: an instruction, the question, its options, and “Answer:”.",
    "few-shot": "A chat: each worked example is a question and its reply, then the question.",
    "few-shot-raw": (
        "Plain text in one message: worked examples, then the question. For base models, "
        "behind a chat template that only joins messages."
    ),
    "few-shot-think-raw": (
        "As few-shot-raw, each worked example with its steps inside <think>…</think> "
        "before the answer; the prompt itself opens <think>."
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
