"""A measure as a bar with both its limits drawn into it. Pure."""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, Final

from winnowd.views.lines import Line, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

WIDTH: Final = 36
DOUBT, FAIL = "┆", "┃"
_SIGNS: Final = {"doubt": DOUBT, "fail": FAIL}
_HEADROOM: Final = 1.12


def bar(value: float, limit: Mapping[str, Any], grade: str, width: int = WIDTH) -> Line:
    """``████████┆████┃███░░░``: filled up to the value, the limits where they stand on the same scale from 0.

    Empty where nothing can be drawn: no limit, or a value below 0.
    """
    limits = {name: limit[name] for name in _SIGNS if name in limit}
    top = max(value, *limits.values(), 0) * _HEADROOM
    if not limits or value < 0 or top <= 0:
        return ()
    filled = round(value / top * width)
    signs = ["█"] * filled + ["░"] * (width - filled)
    styles = [_STYLES[grade]] * filled + ["dim"] * (width - filled)
    for name, least in limits.items():
        if least >= 0:
            at = min(width - 1, round(least / top * width))
            signs[at], styles[at] = _SIGNS[name], "bold"
    runs = itertools.groupby(zip(signs, styles, strict=True), key=operator.itemgetter(1))
    return tuple(Span("".join(sign for sign, _ in run), style) for style, run in runs)


_STYLES: Final = {"pass": "good", "doubt": "doubt", "fail": "bad"}
