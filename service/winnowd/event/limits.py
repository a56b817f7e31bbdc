"""The limits in force, as the events of a configuration, why-files and explanations name them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.catalogue import Catalogue
    from winnowd.model import Limit


def in_force(limits: Iterable[Limit], catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Limits by code, in catalogue order: {slug, gate, unit, side, doubt, fail, setting, reached}, without what is off.

    ``setting`` is the name before ``.doubt`` or ``.fail``: ``gates.<gate>.<measure>``, with the side after it where two
    limits of a gate share a measure.
    """
    listed = sorted({limit.code: limit for limit in limits}.values(), key=lambda limit: limit.code[3:])
    shared = Counter((catalogue[limit.code].gate, limit.measure) for limit in listed)
    block = {}
    for limit in listed:
        rule = catalogue[limit.code]
        gate = str(rule.gate)
        setting = f"gates.{gate}.{limit.measure}" + (f".{limit.side}" if shared[gate, limit.measure] > 1 else "")
        fields: dict[str, Any] = {"slug": rule.slug, "gate": gate, "unit": rule.unit, "side": limit.side}
        fields |= {"doubt": limit.doubt, "fail": limit.fail, "setting": setting}
        fields |= {"reached": True} if limit.reached else {}
        block[limit.code] = {name: value for name, value in fields.items() if value not in {None, ""}}
    return block
