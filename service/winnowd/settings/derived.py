"""Between settings and the dataclasses in which reading, schema and gates keep their limits: names out, values in."""

from __future__ import annotations

import dataclasses
import enum
import functools
import typing
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from winnowd.gates.limits import GATES, OriginalityLimits
from winnowd.model import Limit
from winnowd.reading import ReadingLimits, SchemaPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ORIGINALITY: Final = "originality"
LIMITS: Final[tuple[tuple[str, type[Any]], ...]] = (*GATES, (ORIGINALITY, OriginalityLimits))
ROOMS: Final[tuple[tuple[str, type[Any]], ...]] = (("reading", ReadingLimits), ("schema", SchemaPolicy))

_hints_of: Final = typing.cast("Callable[[type[Any]], Mapping[str, Any]]", functools.cache(typing.get_type_hints))
"""The types of a dataclass's fields; they are evaluated from text, which is slow, and asked for at each load."""

Made = TypeVar("Made")


class Derived(NamedTuple):
    """A setting made from a field of a gate's limits; ``code`` is "" unless it is one end of a limit."""

    gate: str
    name: str
    annotation: Any
    default: Any
    code: str


def room_fields() -> Iterator[tuple[str, Any, Any]]:
    """Name, type and default of each setting of reading and schema."""
    for room, made_of in ROOMS:
        for field, annotation, default in _plain_fields(made_of):
            yield f"{room}.{field}", annotation, default


def gate_fields() -> Iterator[Derived]:
    """Each setting of each gate: whether it is asked, two for each limit, one for each other field."""
    for gate, made_of in LIMITS:
        yield Derived(gate, f"gates.{gate}.enabled", bool, default=True, code="")
        names = limit_names(gate, made_of)
        for field, annotation, default in _plain_fields(made_of):
            if isinstance(default, Limit):
                for end in ("doubt", "fail"):
                    name = f"{names[field]}.{end}"
                    yield Derived(gate, name, float | None, _as_float(getattr(default, end)), default.code)
            else:
                yield Derived(gate, f"gates.{gate}.{field}", annotation, default, "")


def limit_names(gate: str, made_of: type[Any]) -> Mapping[str, str]:
    """Field to setting, without its end: ``gates.<gate>.<measure>``, and the side where two limits share a measure."""
    limits = {field: limit for field, _, limit in _plain_fields(made_of) if isinstance(limit, Limit)}
    shared = Counter(limit.measure for limit in limits.values())
    return {
        field: f"gates.{gate}.{limit.measure}" + (f".{limit.side}" if shared[limit.measure] > 1 else "")
        for field, limit in limits.items()
    }


def built(prefix: str, made_of: type[Made], values: Mapping[str, Any]) -> Made:
    """The dataclass of one room or gate with its settings in it; ``prefix`` is ``reading`` or ``gates.<gate>``."""
    hints = _hints_of(made_of)
    names = limit_names(prefix.removeprefix("gates."), made_of)
    fields: dict[str, Any] = {}
    for field, group in _groups(made_of):
        fields[field] = built(f"{prefix}.{field}", group, values)
    for field, _, default in _plain_fields(made_of):
        if "." in field:
            continue
        if isinstance(default, Limit):
            ends = {end: values[f"{names[field]}.{end}"] for end in ("doubt", "fail")}
            fields[field] = dataclasses.replace(default, **ends)
        else:
            fields[field] = _restored(hints[field], values[f"{prefix}.{field}"])
    return made_of(**fields)


def _plain_fields(made_of: type[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Field, type for a configuration, default; a value of an enumeration is its text there.

    Fields of a group that is a field itself have names of two steps.
    """
    hints = _hints_of(made_of)
    defaults = made_of()
    groups = dict(_groups(made_of))
    for field in dataclasses.fields(made_of):
        if field.name in groups:
            yield from ((f"{field.name}.{name}", *rest) for name, *rest in _plain_fields(groups[field.name]))
            continue
        hint, default = hints[field.name], getattr(defaults, field.name)
        if isinstance(default, enum.Enum):
            yield field.name, Literal[tuple(member.value for member in hint)], default.value
        else:
            yield field.name, hint, default


def _groups(made_of: type[Any]) -> Iterator[tuple[str, type[Any]]]:
    """The fields that are dataclasses of settings, with those; a limit is one setting or two of its own."""
    for name, hint in _hints_of(made_of).items():
        if isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint is not Limit:
            yield name, hint


def _restored(hint: object, value: object) -> object:
    return hint(value) if isinstance(hint, enum.EnumType) else value


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)
