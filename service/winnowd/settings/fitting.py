"""Whether a value is one that a setting may have: exact types, but a whole number may stand for any number.

Own words instead of pydantic, whose import and models of all settings were half of what a short command took.
"""

from __future__ import annotations

import math
import re
from types import NoneType
from typing import TYPE_CHECKING, Literal, get_args, get_origin

if TYPE_CHECKING:
    from winnowd.settings.options import Setting, Value


def fitted(setting: Setting, value: object) -> Value:
    """The value as the setting holds it: a number of type float is one.

    Raises:
        ValueError: it does not fit.
    """
    for one in setting.types:
        if one is float and type(value) in {int, float}:
            return _within(setting, _number(value))
        if one is int and type(value) is int:
            return _within(setting, value)
        if _is_plain(setting, one, value):
            return value  # type: ignore[return-value] # it is one of the setting's types
    raise ValueError(setting.name)


def _is_plain(setting: Setting, one: object, value: object) -> bool:
    """Whether a value is of a type that has no bounds."""
    if get_origin(one) is Literal:
        return isinstance(value, str) and value in get_args(one)
    if get_origin(one) is tuple:
        return isinstance(value, tuple) and all(isinstance(part, str) for part in value)
    if one is str:
        return isinstance(value, str) and (not setting.pattern or re.fullmatch(setting.pattern, value) is not None)
    return one in {bool, NoneType} and type(value) is one


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type] # it is an int or a float
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _within(setting: Setting, number: float) -> float:
    least, above, most = setting.bound("ge"), setting.bound("gt"), setting.bound("le")
    if (
        (least is not None and number < least)
        or (above is not None and number <= above)
        or (most is not None and number > most)
    ):
        raise ValueError(number)
    return number
