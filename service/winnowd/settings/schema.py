"""The JSON Schema of a configuration file: the flat model of all settings, nested as TOML nests them."""

from __future__ import annotations

from typing import Any

from winnowd.settings.feeds import feeds_schema
from winnowd.settings.options import OFF, model

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of winnowd.toml, every setting with its default, unit (``x-unit``) and rule codes (``x-codes``)."""
    root: dict[str, Any] = {"$schema": _DRAFT, "title": "winnowd.toml"} | _table()
    for name, field in model().model_json_schema()["properties"].items():
        *tables, leaf = name.split(".")
        table = root
        for step in tables:
            table = table["properties"].setdefault(step, _table())
        table["properties"][leaf] = _written(field)
    root["properties"]["feeds"] = feeds_schema()
    return root


def _table() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _written(field: dict[str, Any]) -> dict[str, Any]:
    """A field as the file has it: TOML has no null, "off" stands for it; what is empty is left out."""
    field = {name: value for name, value in field.items() if name != "title" and value not in ("", [])}
    if "anyOf" in field:
        field["anyOf"] = [{"const": OFF} if one == {"type": "null"} else one for one in field["anyOf"]]
    if "default" in field and field["default"] is None:
        field["default"] = OFF
    return field
