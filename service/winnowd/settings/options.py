"""Every setting there is: name, type, default, unit, meaning, the rule codes it moves. Reads two files of the package.

The names of the gates' limits are derived from their dataclasses, so that a limit added there is a setting at once.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
import typing
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin

from winnowd.catalogue import catalogue
from winnowd.decision import Profile
from winnowd.settings.derived import gate_fields, room_fields
from winnowd.settings.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value: TypeAlias = "bool | int | float | str | tuple[str, ...] | None"
"""What a setting can hold; None is written "off"."""

OFF: Final = "off"
PROFILE: Final = (
    "What becomes of a doubted article: strict rejects it, balanced keeps it in quarantine, lenient admits it."
)
_PACKAGE: Final = Path(__file__).parents[1]


class Setting(NamedTuple):
    """One setting.

    ``default``: what holds if nothing else is said; ``meaning``: one sentence for a reader of the configuration;
    ``unit`` of a number, "" if it has none; ``codes`` of the rules that it moves; ``bounds`` as ``bound`` names them.
    """

    name: str
    annotation: Any
    default: Value
    meaning: str
    unit: str = ""
    codes: tuple[str, ...] = ()
    bounds: Mapping[str, Any] = {}

    @property
    def types(self) -> tuple[Any, ...]:
        """The types of which a value must be one: its own, or those of a union."""
        is_union = get_origin(self.annotation) in {Union, UnionType}
        return get_args(self.annotation) if is_union else (self.annotation,)

    @property
    def may_be_off(self) -> bool:
        """Whether it can be switched off."""
        return NoneType in self.types

    def bound(self, name: Literal["ge", "gt", "le"]) -> float | None:
        """The least value, the value it must pass, or the highest."""
        return self.bounds.get(name)

    @property
    def pattern(self) -> str:
        """What the whole of a text must fit, that of a name made from another's; "" if nothing."""
        return str(self.bounds.get("pattern", ""))

    @property
    def fitting(self) -> str:
        """The same in words, as they follow on "a text"."""
        return str(self.bounds.get("fitting", ""))


@functools.cache
def all_settings() -> Mapping[str, Setting]:
    """All settings by name, in the order of the configuration file."""
    return {setting.name: setting for setting in _all()}


@functools.cache
def moving(code: str) -> tuple[Setting, ...]:
    """The settings that move a rule."""
    return tuple(setting for setting in all_settings().values() if code in setting.codes)


def _all() -> Iterator[Setting]:
    yield Setting("profile", Profile, "balanced", PROFILE)
    for table, section in SECTIONS:
        hints = typing.get_type_hints(section)
        for field in dataclasses.fields(section):
            default: Any = field.default
            yield Setting(f"{table}.{field.name}", hints[field.name], default, **field.metadata)
    words = tomllib.loads((_PACKAGE / "settings" / "words.toml").read_text(encoding="utf-8"))
    for name, annotation, default in room_fields():
        yield _described(name, annotation, default, words.get(name, {}))
    for gate, name, annotation, default, code in gate_fields():
        row = _limit_words(name, code) if code else words.get(name) or _enabled_words(gate)
        yield _described(name, annotation, default, row)


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


def _described(name: str, annotation: object, default: Value, row: Mapping[str, Any]) -> Setting:
    """A field of a dataclass, in words; numbers are never negative, shares never above 1, others up to ``most``."""
    bounds: dict[str, Any] = {}
    if default is None or (isinstance(default, int | float) and not isinstance(default, bool)):
        most = row.get("most") or (1 if row.get("unit") == "share" else None)
        bounds = {"ge": row.get("least", 0)} | ({} if most is None else {"le": most})
    codes = tuple(row.get("codes", ()))
    return Setting(name, annotation, default, row.get("means", ""), row.get("unit", ""), codes, bounds)
