"""The experiment file's JSON Schema, for editors (the YAML language server) and other programs."""

from __future__ import annotations

import json
from typing import Any, override

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from llmxray.experiment.model import Experiment
from llmxray.experiment.sampling import Variant
from llmxray.types import Json

SCHEMA_FILE, SCHEMA_ID = "experiment.schema.json", "urn:llmxray:experiment"
"""The id is no address: `llmxray new` writes the schema beside the file, where an editor finds it offline."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _FileSchema(GenerateJsonSchema):
    """A schema of the file and not of the values: an absent key is absent, not null."""

    @override
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        # An empty default, or a whole part as default, is of no use in an editor.
        if not described.get("default") or isinstance(described["default"], dict):
            described.pop("default", None)
        return described

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, Json]:
    """JSON Schema 2020-12 of an experiment file, every field described."""
    schema = Experiment.model_json_schema(schema_generator=_FileSchema)
    # Request fields may be null, unlike the file's other keys.
    schema["$defs"]["Json"] = {"description": "Any JSON value."}
    for part in ("Sampling", "Variant"):
        properties = schema["$defs"][part]["properties"]
        for name in properties.keys() - Variant.own - {"extra"}:
            properties[name] = _or_null(properties[name])
    return {
        "$schema": _DIALECT,
        "$id": SCHEMA_ID,
        **schema,
        "title": "llmxray experiment",
        "allOf": _rules_between_fields(),
    }


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def _or_null(described: dict[str, Any]) -> dict[str, Any]:
    """The schema of a request field, which null leaves out."""
    value = {key: part for key, part in described.items() if key != "description"}
    return {"description": described["description"], "anyOf": [value, {"type": "null"}]}


def _rules_between_fields() -> list[Json]:
    benchmark: Json = {"properties": {"kind": {"const": "benchmark"}}, "required": ["kind"]}
    some_prompts: Json = {"required": ["prompts"], "properties": {"prompts": {"minItems": 1}}}
    some_suites: Json = {"required": ["suites"], "properties": {"suites": {"minItems": 1}}}
    no_comparison: Json = {"properties": {"prompts": False, "preset": False, "variants": False}}
    return [
        {
            # References between parts cannot be described in a schema; `parse` checks them.
            "if": benchmark,
            "then": {"allOf": [some_suites, no_comparison]},
            "else": {"anyOf": [some_prompts, some_suites]},
        },
        {"not": {"required": ["preset", "variants"]}},
    ]
