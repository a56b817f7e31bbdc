"""Settings to be tried out, as people name them: ``DUP606.fail=1.5``, ``rewrite.doubt=off``, ``profile=strict``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from winnowd.operations.rules import NoSuchRuleError, limit_settings, rule_named
from winnowd.settings import SettingsError, all_settings, override_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.settings import Value

_OF_RULE: Final = re.compile(r"([A-Za-z]{3}[0-9]+|[a-z0-9]+(?:-[a-z0-9]+)*)\.([A-Za-z_]+)")
_GENRES: Final = "gates.prose.genres."
_JUDGING: Final = ("gates.", "reading.", "schema.", "profile")
WHERE: Final = "--set"


def changes_from(texts: Iterable[str]) -> dict[str, Value]:
    """The settings that these texts change, by full name: a limit by its rule's code or slug, or any by its name.

    Raises:
        SettingsError: with a line for each that is no setting, or moves no decision, or cannot have that value.
    """
    names: list[str] = []
    faults: list[str] = []
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            full = _full_name(name.strip())
        except SettingsError as fault:
            faults += fault.faults
            continue
        if full in all_settings() and not full.startswith(_JUDGING):
            faults.append(f"{WHERE}: {full} moves no decision; set a limit, as DUP606.fail")
        else:
            names.append(f"{full}{equals}{value}")
    try:
        changes = override_values(names, WHERE)
    except SettingsError as fault:
        raise SettingsError([*faults, *fault.faults]) from fault
    if faults:
        raise SettingsError(faults)
    return changes


def untold(changes: Mapping[str, Value]) -> list[str]:
    """Of these settings those of which the log alone does not tell what they would move."""
    return [name for name in changes if not _is_told(name)]


def _is_told(name: str) -> bool:
    is_limit = name.startswith("gates.") and name.endswith((".doubt", ".fail"))
    return is_limit or name == "profile" or name.startswith(_GENRES)


def _full_name(name: str) -> str:
    """The setting of a rule's limit, or the name itself."""
    named = _OF_RULE.fullmatch(name)
    if named is None or any(one.startswith(f"{named[1]}.") for one in all_settings()):
        return name
    try:
        rule = rule_named(named[1])
    except NoSuchRuleError as fault:
        if not re.fullmatch(r"[A-Za-z]{3}[0-9]+", named[1]) and not fault.similar:
            return name  # whatever it is, it is no rule's
        advice = f"did you mean {' or '.join(fault.similar)}?" if fault.similar else '"winnowd rule" lists all'
        raise SettingsError([f"{WHERE}: {named[1]} is no rule; {advice}"]) from fault
    ends = limit_settings(rule)
    if not ends:
        raise SettingsError([f"{WHERE}: {rule.code} ({rule.slug}) has no limits; see winnowd rule {rule.code}"])
    if named[2] not in ends:
        raise SettingsError([f"{WHERE}: {name} is unknown; {rule.code} has {' and '.join(ends)}"])
    return ends[named[2]].name
