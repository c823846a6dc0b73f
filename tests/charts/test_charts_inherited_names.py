"""Names that every JavaScript object has: a chart of a model called `constructor` is a chart like any other."""

import altair as alt
import pytest

from llmxray.charts import card, theme

NAMES = [
    *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
    *("valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_card_with_such_a_name_is_drawn(name):
    """Vega took it for what the object has, and no page was built."""
    assert card.draw(name, [(name, "", 0.5, name)], name, name).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_with_such_a_name_is_drawn(name):
    """As data, as an axis title and as the text of a mark."""
    bar = alt.Chart(alt.InlineData(values=[{"name": name, "share": 0.5}])).mark_bar()
    bar = bar.encode(y=alt.Y("name:N", title=name), x="share:Q", color="name:N")
    text = alt.Chart(alt.InlineData(values=[{}])).mark_text(text=name)
    assert theme.svg(bar + text, "chart", name).count(f">{name}") >= 3
