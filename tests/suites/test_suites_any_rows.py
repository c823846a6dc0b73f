"""Whatever rows hold: items that can be asked, or one line; never another exception."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import named_columns
from llmxray.suites.data_files import rows_of
from llmxray.suites.preview import propose
from llmxray.types import LETTERS

_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "A",
        "(B)",
        "1",
        "-1",
        "yes",
        "nan",
        "x\ny",
        "q?\n(A) one\n(B) two",
        '["a", "b"]',
        "['a' 'b']",
        '{"A": 1}',
    ]
) | st.text(max_size=12)
_PLAIN = st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | _TEXTS
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "label", "A", "B"]), inner, max_size=3)
    ),
    max_leaves=8,
)
_OPTIONS = st.sampled_from(
    [
        ["red", "blue"],
        ["red", "blue", "green"],
        {"text": ["red", "blue"], "label": ["1", "2"]},
        {"A": "red", "B": "blue"},
        [{"text": "red", "label": "A"}, {"text": "blue", "label": "B"}],
        '["red", "blue"]',
        "['red', 'blue']",
        "Which?\n(A) red\n(B) blue",
    ]
)
_ANSWERS = st.sampled_from(["A", "B", "b", "(A)", "1", "2", 0, 1, True, False, "red", "blue", "yes", "no"])
# Mostly sound, so that rows are read to their end.
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "question": st.text("abc ?", min_size=1, max_size=5) | _OPTIONS | _VALUES,
            "choices": st.one_of(_OPTIONS, _OPTIONS, _VALUES),
            "answer": st.one_of(_ANSWERS, _ANSWERS, _VALUES),
        },
        optional=dict.fromkeys(("label", "sol1", "sol2", "id", "a.b", "A", "B"), _VALUES),
    ),
    min_size=1,
    max_size=4,
)
_PATHS = st.sampled_from(
    ["question", "choices", "choices.text", "choices.0", "answer", "label", "a.b", "sol1"]
)


def entry(found: dict[str, Any]) -> SuiteRef | None:
    """A suite's entry, where the parts go together."""
    try:
        return SuiteRef.model_validate({"suite": "x", "source": {"file": "x"}, **found})
    except ValueError:
        return None


@given(
    _ROWS,
    st.fixed_dictionaries(
        {"question": st.just("question") | _PATHS, "answer": st.just("answer") | _PATHS},
        optional={
            "choices": st.just("choices") | _PATHS | st.lists(_PATHS, min_size=2, max_size=3),
            **dict.fromkeys(("labels", "context", "category", "id", "difficulty", "why", "group"), _PATHS),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "answer_is": st.sampled_from(["letter", "index", "index1", "text", "bool"]),
            "choices": st.just(["yes", "no"]),
            "bad_rows": st.sampled_from(["refuse", "skip"]),
        },
    ),
)
def test_any_row_by_any_columns(rows, named, more):
    """Items have an answer among their options, and ids of their own."""
    ref = entry({"columns": named, **more})
    if ref is None or ref.columns is None:
        return
    said, items, faults = "", (), ()
    try:
        items, faults = named_columns.read_items(ref, ref.columns, rows_of("d", rows))
    except SuiteError as error:
        said = str(error)
    if said:
        assert said.startswith(("d, row ", "no row can be asked; d, row "))
        assert "\n" not in said
        return
    assert len({item.id for item in items}) == len(items)
    assert len(items) + sum(not fault.item for fault in faults) == len(rows)
    for item in items:
        assert item.question.strip()
        assert item.answer in LETTERS[: len(item.choices)] if item.choices else item.answer
        assert len({*item.choices}) == len(item.choices) != 1


@given(_ROWS)
def test_any_rows_can_be_previewed(rows):
    """What is proposed is a valid entry, and reads at least one of the rows."""
    try:
        found = propose(rows_of("d", rows))
    except SuiteError:
        return
    parts: dict[str, Any] = {"columns": found.columns, "answer_is": found.answer_is, "bad_rows": "skip"}
    ref = SuiteRef.model_validate(
        {
            "suite": "x",
            "source": {"file": "x"},
            **parts,
            **({"choices": found.choices} if found.choices else {}),
        }
    )
    assert named_columns.read_items(ref, ref.columns, rows_of("d", rows))[0]
