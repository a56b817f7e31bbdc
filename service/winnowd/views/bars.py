"""A measure as a bar with both its limits drawn into it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.views.lines import Line, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

WIDTH: Final = 36
DOUBT, FAIL = "┆", "┃"
_HEADROOM: Final = 1.12


def bar(value: float, limit: Mapping[str, Any], grade: str, width: int = WIDTH) -> Line:
    """``████████┆████┃███░░░``: filled up to the value, the limits where they stand on the same scale from 0.

    Empty where nothing can be drawn: no limit, or a value below 0.
    """
    limits = [limit[name] for name in ("doubt", "fail") if name in limit]
    top = max([value, *limits], default=0) * _HEADROOM
    if not limits or value < 0 or top <= 0:
        return ()
    filled = round(value / top * width)
    signs = ["█"] * filled + ["░"] * (width - filled)
    styles = [_STYLES[grade]] * filled + ["dim"] * (width - filled)
    for name, sign in (("doubt", DOUBT), ("fail", FAIL)):
        if name in limit and limit[name] >= 0:
            at = min(width - 1, round(limit[name] / top * width))
            signs[at], styles[at] = sign, "bold"
    spans: list[Span] = []
    for sign, style in zip(signs, styles, strict=True):
        if spans and spans[-1].style == style:
            spans[-1] = Span(spans[-1].text + sign, style)
        else:
            spans.append(Span(sign, style))
    return tuple(spans)


_STYLES: Final = {"pass": "good", "doubt": "doubt", "fail": "bad"}
