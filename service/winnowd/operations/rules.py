"""A rule as it is in force: its limits, and the settings that move them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.settings import OFF, catalogue, moving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.catalogue import Rule
    from winnowd.settings import Loaded, Setting


class NoSuchRuleError(Exception):
    """No rule has that code or slug; ``similar`` are written much like it."""

    def __init__(self, name: str, similar: Sequence[str]) -> None:
        super().__init__(name)
        self.similar = similar


def rule_named(name: str) -> Rule:
    """The rule of a code or slug.

    Raises:
        NoSuchRuleError: there is none.
    """
    rules = catalogue()
    rule = rules.named(name)
    if rule is None:
        raise NoSuchRuleError(name, rules.similar_to(name))
    return rule


def limit_settings(rule: Rule) -> dict[str, Setting]:
    """The settings that are limits of the rule's measure, by ``doubt`` and ``fail``; none if it has no limit."""
    stem = f"gates.{rule.gate}.{rule.measure}"
    ends = {f"{stem}{side}.{end}": end for side in ("", ".min", ".max") for end in ("doubt", "fail")}
    return {ends[one.name]: one for one in moving(rule.code) if one.name in ends}


def limits_of(rule: Rule, loaded: Loaded) -> list[Setting]:
    """The settings that are limits of the rule's measure and are not off."""
    return [one for one in limit_settings(rule).values() if loaded.values[one.name] is not None]


def described(rule: Rule, loaded: Loaded) -> dict[str, Any]:
    """All that is known of a rule, by name; None is what it has not."""
    found: dict[str, Any] = {"kind": rule.kind}
    for name in ("code", "slug", "gate", "help", "grade", "measure", "side", "unit", "weight", "at_most", "said_in"):
        found[name] = getattr(rule, name) or None
    for name in ("source", "false_positives", "languages", "example"):
        found[name] = getattr(rule, name) or None
    for setting in limits_of(rule, loaded):
        found[setting.name.rpartition(".")[2]] = loaded.values[setting.name]
    found["settings"] = [
        {
            "name": one.name,
            "value": OFF if (value := loaded.values[one.name]) is None else value,
            "origin": loaded.origins[one.name],
        }
        for one in moving(rule.code)
    ]
    return found
