"""Every setting there is: name, type, default, unit, meaning, the rule codes it moves. Reads two files of the package.

The names of the gates' limits are derived from their dataclasses, so that a limit added there is a setting at once.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, create_model

from winnowd.catalogue import Catalogue
from winnowd.decision import Profile
from winnowd.settings.derived import gate_fields, room_fields
from winnowd.settings.sections import SECTIONS, setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

Value: TypeAlias = "bool | int | float | str | tuple[str, ...] | None"
"""What a setting can hold; None is written "off"."""

OFF: Final = "off"
PROFILE: Final = (
    "What becomes of a doubted article: strict rejects it, balanced keeps it in quarantine, lenient admits it."
)
_PACKAGE: Final = Path(__file__).parents[1]


class Setting(NamedTuple):
    """One setting; ``field`` is pydantic's account of it, with type, default and bounds."""

    name: str
    field: FieldInfo

    @property
    def default(self) -> Value:
        """What holds if nothing else is said."""
        value: Value = self.field.default
        return value

    @property
    def meaning(self) -> str:
        """One sentence for a reader of the configuration."""
        return self.field.description or ""

    @property
    def unit(self) -> str:
        """The unit of a number, "" if it has none."""
        return str(self._extra["x-unit"])

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules that the setting moves."""
        return tuple(self._extra["x-codes"])

    @property
    def types(self) -> tuple[Any, ...]:
        """The types of which a value must be one: its own, or those of a union."""
        return tuple(get_args(one)[0] if get_origin(one) is Annotated else one for one in self._members)

    @property
    def may_be_off(self) -> bool:
        """Whether it can be switched off."""
        return NoneType in self.types

    def bound(self, name: Literal["ge", "gt", "le"]) -> float | None:
        """The least value, the value it must pass, or the highest."""
        metadata = list(self.field.metadata)
        for one in self._members:
            metadata += [item for within in getattr(one, "__metadata__", ()) for item in within.metadata]
        return next((getattr(item, name) for item in metadata if hasattr(item, name)), None)

    @property
    def has_pattern(self) -> bool:
        """Whether a text must fit a pattern: that of a name made from another's."""
        return any(getattr(item, "pattern", None) for item in self.field.metadata)

    @property
    def _members(self) -> tuple[Any, ...]:
        annotation = self.field.annotation
        return get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)

    @property
    def _extra(self) -> dict[str, Any]:
        extra = self.field.json_schema_extra
        return extra if isinstance(extra, dict) else {}


@functools.cache
def catalogue() -> Catalogue:
    """The packaged catalogue of rules."""
    return Catalogue.parse((_PACKAGE / "rules.toml").read_text(encoding="utf-8"))


@functools.cache
def model() -> type[BaseModel]:
    """One flat model of all settings by their full names: what validates a configuration."""
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)
    fields: dict[str, Any] = dict(_fields())
    return create_model("Configuration", __config__=config, **fields)


@functools.cache
def all_settings() -> Mapping[str, Setting]:
    """All settings by name, in the order of the configuration file."""
    return {name: Setting(name, field) for name, field in model().model_fields.items()}


@functools.cache
def moving(code: str) -> tuple[Setting, ...]:
    """The settings that move a rule."""
    return tuple(setting for setting in all_settings().values() if code in setting.codes)


def _fields() -> Iterator[tuple[str, tuple[Any, FieldInfo]]]:
    yield "profile", (Profile, setting("balanced", PROFILE))
    for table, section in SECTIONS:
        for name, field in section.model_fields.items():
            yield f"{table}.{name}", (field.annotation, field)
    words = tomllib.loads((_PACKAGE / "settings" / "words.toml").read_text(encoding="utf-8"))
    for name, annotation, default in room_fields():
        yield name, (annotation, _described(default, words.get(name, {})))
    for gate, name, annotation, default, code in gate_fields():
        row = _limit_words(name, code) if code else words.get(name) or _enabled_words(gate)
        yield name, (annotation, _described(default, row))


def _limit_words(name: str, code: str) -> dict[str, Any]:
    """What the catalogue says of the rule that a limit belongs to."""
    rule = catalogue()[code]
    grade = name.rpartition(".")[2]
    beyond = "Below" if rule.side == "min" else "Above"
    reached = " or at" if rule.reached else ""
    means = f"{beyond}{reached} this {rule.slug} is a {grade}."
    return {"unit": rule.unit, "means": means, "codes": [code], "most": rule.most}


def _enabled_words(gate: str) -> dict[str, Any]:
    """What ``enabled`` means, the one other setting of a gate that ``words.toml`` need not tell of."""
    codes = [rule.code for rule in catalogue().values() if rule.gate == gate and rule.kind == "finding"]
    return {"means": "Run this gate; false switches all its rules off.", "codes": codes}


def _described(default: Value, row: Mapping[str, Any]) -> FieldInfo:
    """A field of a dataclass, in words; numbers are never negative, shares never above 1, others up to ``most``."""
    bounds: dict[str, Any] = {}
    if default is None or (isinstance(default, int | float) and not isinstance(default, bool)):
        most = row.get("most") or (1 if row.get("unit") == "share" else None)
        bounds = {"ge": row.get("least", 0)} | ({} if most is None else {"le": most})
    made: FieldInfo = setting(
        default, row.get("means", ""), unit=row.get("unit", ""), codes=row.get("codes", ()), **bounds
    )
    return made
