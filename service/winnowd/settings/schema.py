"""The JSON Schema of a configuration file: all settings, nested as TOML nests them."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Final, get_args

from winnowd.settings.feeds import feeds_schema
from winnowd.settings.options import OFF, all_settings

if TYPE_CHECKING:
    from winnowd.settings.options import Setting

_BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of winnowd.toml, every setting with its default, unit (``x-unit``) and rule codes (``x-codes``)."""
    root: dict[str, Any] = {"$schema": _DRAFT, "title": "winnowd.toml"} | _table()
    for name, setting in all_settings().items():
        *tables, leaf = name.split(".")
        table = root
        for step in tables:
            table = table["properties"].setdefault(step, _table())
        table["properties"][leaf] = _written(setting)
    root["properties"]["feeds"] = feeds_schema()
    return root


def _table() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _written(setting: Setting) -> dict[str, Any]:
    """A setting as the file has it: TOML has no null, "off" stands for it; what is empty is left out."""
    forms = [_form(setting, one) for one in setting.types]
    default = OFF if setting.default is None else setting.default
    words = {
        "default": list(default) if isinstance(default, tuple) else default,
        "description": setting.meaning,
        "x-codes": list(setting.codes),
        "x-unit": setting.unit,
    }
    said = {name: value for name, value in words.items() if value not in ("", [])}
    return (forms[0] if len(forms) == 1 else {"anyOf": forms}) | said


def _form(setting: Setting, one: Any) -> dict[str, Any]:  # noqa: ANN401 - a type, or a form of one
    """What a value of one of a setting's types must be."""
    if one is NoneType:
        return {"const": OFF}
    if one in {int, float}:
        bounds = {_BOUNDS[name]: bound for name, bound in setting.bounds.items()}
        return {"type": "integer" if one is int else "number", **bounds}
    if one is bool:
        return {"type": "boolean"}
    if one is str:
        return {"type": "string"} | ({"pattern": setting.pattern} if setting.pattern else {})
    choices = get_args(one)
    if str in choices:
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string"} | ({"const": choices[0]} if len(choices) == 1 else {"enum": list(choices)})
