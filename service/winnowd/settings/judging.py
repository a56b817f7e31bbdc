"""Whether what a configuration gives is good: names, values, and limits that lie the right way round.

Every fault is one line: where, what with the value seen, what to do (docs/design/settings.md, "Faults").
"""

from __future__ import annotations

import difflib
import json
import tomllib
from types import NoneType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from winnowd.catalogue import catalogue
from winnowd.gates.measures.languages import can_be_told
from winnowd.settings.fitting import fitted
from winnowd.settings.options import OFF, Setting, all_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.settings.layers import Given
    from winnowd.settings.options import Value

DEFAULT: Final = "default"
_LONGEST: Final = 60
_SHOWN: Final = 3
_ACCEPTED, _DETECTED = "gates.language.accepted", "gates.language.detected"


class Held(NamedTuple):
    """A setting's value, the place that says so, and the value as it was written there."""

    value: Value
    where: str
    shown_value: str


def judged(given: Iterable[Given]) -> tuple[dict[str, Held], list[str]]:
    """The good values of one source by the names of their settings, and a fault for each other."""
    items = [item for item in given if item.value != {} or not _below(item.name)]
    held, faults = {}, []
    for item in items:
        setting = all_settings().get(item.name)
        if setting is None:
            faults.append(_unknown(item))
            continue
        try:
            value = fitted(setting, _read(item, setting))
        except ValueError:
            faults.append(_unfit(item, setting))
        else:
            held[item.name] = Held(value, item.where, _shown_value(item.value))
    return held, faults


def limits_in_order(held: Mapping[str, Held]) -> Iterator[str]:
    """A fault for each limit whose fail does not lie beyond its doubt, at the place that says so."""
    for name, fail in held.items():
        doubt = held.get(name.removesuffix("fail") + "doubt")
        if not name.endswith(".fail") or doubt is None:
            continue
        side = catalogue()[all_settings()[name].codes[0]].side
        if _disordered(doubt.value, fail.value, side):
            yield _beyond(doubt, fail, all_settings()[name].codes[0], side)


def languages_known(held: Mapping[str, Held]) -> Iterator[str]:
    """A fault for accepted languages of which no article can ever be found to be."""
    accepted = held.get(_ACCEPTED)
    if accepted is None or not isinstance(accepted.value, tuple):
        return
    unknown = [tag for tag in accepted.value if not can_be_told(tag)]
    if unknown:
        what = f"{', '.join(map(json.dumps, unknown[:_SHOWN]))} is no language that can be told"
        yield f'{accepted.where}: {_ACCEPTED}: {what}; give ISO 639 codes, as "en" or "de"'
    elif not accepted.value:
        yield f"{accepted.where}: {_ACCEPTED} is empty, and every article would fail; set {_DETECTED} = false instead"


def _disordered(doubt: Value, fail: Value, side: str | None) -> bool:
    if not isinstance(doubt, float) or not isinstance(fail, float):
        return False
    return fail >= doubt if side == "min" else fail <= doubt


def _beyond(doubt: Held, fail: Held, code: str, side: str | None) -> str:
    where = doubt.where if fail.where == DEFAULT else fail.where
    if DEFAULT not in {doubt.where, fail.where} and doubt.value != fail.value:
        advice = "swap them"
    else:
        advice = f'give a fail {"below" if side == "min" else "above"} {doubt.shown_value}, or set doubt to "{OFF}"'
    return f"{where}: fail ({fail.shown_value}) must lie beyond doubt ({doubt.shown_value}) for {code}; {advice}"


def shown(value: object) -> str:
    """A value as the configuration would have it: ``"off"``, ``0.3``, ``["en"]``; whole numbers without a point."""
    if value is None:
        return json.dumps(OFF)
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def _shown_value(value: object) -> str:
    """A value as it was given, cut."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _name(name: str) -> str:
    """A name as it was given; one that no setting could have is quoted."""
    plain = name.replace(".", "").replace("_", "").replace("-", "")
    return name[:_LONGEST] if plain.isascii() and plain.isalnum() else json.dumps(name[:_LONGEST])


def _unknown(item: Given) -> str:
    if below := _below(item.name):
        what = f"{_name(item.name)} is {_shown_value(item.value)}, but it is a table"
        return f"{item.where}: {what}; set {' or '.join(below[:3])}"
    if similar := difflib.get_close_matches(item.name, all_settings(), cutoff=0.7):
        return f"{item.where}: {_name(item.name)} is unknown; did you mean {' or '.join(similar)}?"
    return f'{item.where}: {_name(item.name)} is unknown; "winnowd config show" names all settings'


def _below(name: str) -> list[str]:
    return [longer for longer in all_settings() if longer.startswith(f"{name}.")]


def _unfit(item: Given, setting: Setting) -> str:
    return f"{item.where}: {item.name} is {_shown_value(item.value)}; give {form(setting)}"


def form(setting: Setting) -> str:
    """What a setting takes, in words: ``a number of words >= 0, or "off"``."""
    return ", or ".join(_form(setting, one) for one in setting.types)


def _form(setting: Setting, one: object) -> str:
    if one in _NUMBERS:
        return _number(setting, _NUMBERS[one])
    if getattr(one, "__origin__", None) is Literal:
        *first, last = (json.dumps(choice) for choice in get_args(one))
        return f"{', '.join(first)} or {last}" if first else last
    if one is str and setting.pattern:
        return f"a text {setting.fitting}"
    return _FORMS.get(one, 'a list of texts in brackets, ["one", "two"]')


_NUMBERS: Final[Mapping[object, str]] = {int: "whole number", float: "number"}
_FORMS: Final[Mapping[object, str]] = {NoneType: json.dumps(OFF), bool: "true or false", str: "a text"}


def _number(setting: Setting, noun: str) -> str:
    least, above, most = setting.bound("ge"), setting.bound("gt"), setting.bound("le")
    unit = setting.unit
    if unit == "share":
        return "a share from 0 to 1"
    if unit in {"score", "confidence"}:
        noun = unit
    elif unit:
        noun += f" {unit}" if unit.startswith("per ") else f" of {unit}"
    low = f" > {above:g}" if above is not None else f" >= {least:.10g}" if least is not None else ""
    return f"a {noun}{low}" + (f" and <= {most:.10g}" if most is not None else "")


def _read(item: Given, setting: Setting) -> object:
    """A value as a setting may hold it: texts of environment and flags by what the setting takes, lists as tuples."""
    value = _of_text(item.value, setting) if item.spelled else item.value
    if value == OFF and setting.may_be_off:
        return None
    return tuple(value) if isinstance(value, list) else value


def _of_text(text: str, setting: Setting) -> object:
    """A bare text as TOML would have it, if that fits the setting; a list may be written ``en,de``."""
    is_list = any(getattr(one, "__origin__", None) is tuple for one in setting.types)
    try:
        value = tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except (ValueError, RecursionError):
        value = text
    if is_list and not isinstance(value, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text if str in setting.types and not isinstance(value, str) else value
