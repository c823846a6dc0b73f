"""The starter suite of function calls: declared as JSON Schema, expected calls that fit, nothing given away."""

import json
from collections import Counter
from typing import Any

import pytest

from llmxray import suites
from llmxray.suites import starter
from llmxray.types import Item, ToolCall
from llmxray.wire import call_text

SUITE = starter.load("tools")
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
}


def split(call: str) -> tuple[str, dict[str, Any]]:
    """Name and arguments of a call as it is written."""
    name, _, rest = call.partition("(")
    return name, json.loads(rest.removesuffix(")"))


def declared(item: Item) -> dict[str, dict[str, Any]]:
    """The functions of an item by name."""
    return {tool["name"]: tool for tool in map(json.loads, item.tools)}


def test_forty_questions_of_eight_kinds():
    """Five of each; the answer is a call, whatever the condition says."""
    assert 40 == len(SUITE.items)
    assert {5} == {*Counter(item.category for item in SUITE.items).values()}
    assert {"weather", "calculator", "calendar", "unit conversion"} <= {item.category for item in SUITE.items}
    assert ("tool", None) == (SUITE.answer, SUITE.card.chance)
    assert "starter/tools" in suites.names()


@pytest.mark.parametrize("item", [*SUITE.items, *SUITE.shots], ids=lambda item: item.id)
def test_expected_calls_fit_the_declared_functions(item):
    """Known function, all required arguments and no others, of the declared type and among the allowed values."""
    functions = declared(item)
    assert 2 <= len(functions) <= 4
    for call in (item.answer, *item.accept):
        name, arguments = split(call)
        parameters = functions[name]["parameters"]
        assert set(parameters["required"]) == set(arguments) == set(parameters["properties"])
        for key, value in arguments.items():
            schema = parameters["properties"][key]
            assert isinstance(value, TYPES[schema["type"]]), key
            assert isinstance(value, bool) is (schema["type"] == "boolean"), key
            assert value in schema.get("enum", [value])
            allowed = schema.get("items", {}).get("enum")
            assert allowed is None or set(value) <= set(allowed)
        # As canonical JSON, or no reply could ever equal it.
        assert call == call_text(ToolCall(name, json.dumps(arguments)))
