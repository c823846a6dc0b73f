"""Bodies that hypothesis draws."""

import json

from hypothesis import strategies as st

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
number = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [-9999.0, -3.4028234663852886e38, 0.0, -0.0]
)
surrogates = st.text(st.characters(codec=None, categories=["L", "N", "P", "Z", "Cs", "Cc"]), max_size=6)
entries = st.lists(
    st.fixed_dictionaries(
        {"token": surrogates, "logprob": number},
        optional={"bytes": st.none() | st.lists(st.integers(0, 255))},
    ),
    max_size=3,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Streams that are nearly regular, with things that repeat and things that do not."""
    out = []
    for _ in range(draw(st.integers(0, 6))):
        choice = {
            "delta": {"content": draw(surrogates)},
            "logprobs": {"content": draw(entries)},
            "x": draw(values),
        }
        event = json.dumps(
            {"choices": [choice] * draw(st.integers(0, 2))},
            separators=draw(st.sampled_from([(",", ":"), None])),
        )
        out.append(f"data: {event}".encode())
    gap = draw(st.sampled_from([b"\n\n", b"\r\n\r\n", b"\n\n: ping\n\n"]))
    return gap.join([*out, *draw(st.sampled_from([[b"data: [DONE]", b""], [b""], [b"data: {"]]))])
