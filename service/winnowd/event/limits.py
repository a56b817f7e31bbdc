"""The limits in force, as the events of a configuration, why-files and explanations name them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.catalogue import Catalogue, Rule
    from winnowd.model import Limit


def in_force(limits: Iterable[Limit], catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Limits by code, in catalogue order: {slug, gate, unit, side, doubt, fail, setting, reached}, without what is off.

    ``setting`` is the name before ``.doubt`` or ``.fail``: ``gates.<gate>.<measure>``, with the side after it where two
    limits of a gate share a measure. A rule that needs a second limit passed as well has it under ``also``.
    """
    listed = list(dict.fromkeys(limits))
    shared = Counter((catalogue[limit.code].gate, limit.measure) for limit in listed)
    block: dict[str, dict[str, Any]] = {}
    for limit in sorted(listed, key=lambda limit: limit.code[3:]):
        rule = catalogue[limit.code]
        said = _said(limit, rule, by_side=shared[rule.gate, limit.measure] > 1)
        if limit.code in block:
            block[limit.code].setdefault("also", []).append(said)
        else:
            block[limit.code] = said
    return block


def _said(limit: Limit, rule: Rule, *, by_side: bool) -> dict[str, Any]:
    setting = f"gates.{rule.gate}.{limit.measure}" + (f".{limit.side}" if by_side else "")
    fields: dict[str, Any] = {"slug": rule.slug, "gate": rule.gate, "unit": rule.unit, "side": limit.side}
    fields |= {"doubt": limit.doubt, "fail": limit.fail, "setting": setting, "reached": limit.reached or None}
    return {name: value for name, value in fields.items() if value not in {None, ""}}
