"""The catalogue of rules: what each code means, measures and asks for, from the text of ``rules.toml``.

Pure, but for that file of the package, which is read once. It describes; it decides nothing. The limits in it are the
defaults of the gates' own files (tests hold both equal).
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

Bound: TypeAlias = "float | Mapping[str, float] | None"
"""A limit: a number, several by name that must all be passed, or None if the rule has none."""

_CODE: Final = re.compile(r"[A-Z]{3}[0-9]{3}")
_ROOMS: Final = {"INP": "reading", "SCH": "schema", "CLN": "cleaning"}
_NEEDED: Final = {"slug", "help", "example"}
_KINDS: Final = ("grade", "measure", "note", "weight", "said_in")


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One code of the catalogue.

    A *finding* has a fixed ``grade``, or a ``measure`` in ``unit`` that worsens beyond its limits on ``side``
    (``reached``: from the limit itself on; ``most``: no limit may be higher). A *note* tells what reading or cleaning
    did, a *mark* adds ``weight`` to TXT501 (``at_most``: so many count), and the rest is ``said_in`` an event, log or
    exit of the service. ``languages`` says what is asked in which. ``parameters`` are further numbers that the rule
    needs. ``gate`` is the gate or the room that gives the code.
    """

    code: str
    slug: str
    gate: str
    help: str
    example: str
    grade: Literal["pass", "doubt", "fail"] | None = None
    measure: str | None = None
    side: Literal["min", "max"] | None = None
    doubt: Bound = None
    fail: Bound = None
    reached: bool = False
    most: float | None = None
    note: bool = False
    weight: float | None = None
    at_most: int | None = None
    said_in: str = ""
    unit: str = ""
    source: str = ""
    false_positives: str = ""
    languages: str = ""
    parameters: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> Literal["finding", "note", "mark", "service"]:
        """What a rule gives."""
        if self.note:
            return "note"
        if self.weight is not None:
            return "mark"
        return "service" if self.said_in else "finding"


class Catalogue(Mapping[str, Rule]):
    """All rules by code, in the order of the route: reading, schema, cleaning, gates, originality, the service."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = dict(rules)
        self._codes = {rule.slug: code for code, rule in self._rules.items()}

    @classmethod
    def parse(cls, toml_text: str) -> Catalogue:
        """Read the text of ``rules.toml``; raises ValueError that names the code of a rule that is not well made."""
        return cls({code: _rule(code, row) for code, row in tomllib.loads(toml_text).items()})

    def __getitem__(self, code: str) -> Rule:
        return self._rules[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def named(self, name: str) -> Rule | None:
        """The rule of a code or slug, whatever its case; None if there is none."""
        return self._rules.get(name.upper()) or self._rules.get(self._codes.get(name.lower(), ""))

    def similar_to(self, name: str) -> tuple[str, ...]:
        """At most three codes and slugs that are written much like a name, closest first."""
        codes = difflib.get_close_matches(name.upper(), self._rules, cutoff=0.7)
        slugs = difflib.get_close_matches(name.lower(), self._codes, cutoff=0.6)
        return tuple((slugs + codes)[:3])


@functools.cache
def catalogue() -> Catalogue:
    """Every rule code, with what it measures and what to do."""
    return Catalogue.parse(importlib.resources.files("winnowd").joinpath("rules.toml").read_text(encoding="utf-8"))


_FIELDS: Final = {field.name for field in dataclasses.fields(Rule)} - {"code", "parameters"}


def _rule(code: str, row: Mapping[str, Any]) -> Rule:
    """One table of the file; numbers under names of their own are the rule's parameters."""
    fault = next(_faults(code, row), None)
    if fault is not None:
        raise ValueError(f"{code} {fault}")
    own = {name: value for name, value in row.items() if name in _FIELDS}
    own["gate"] = row.get("gate") or _ROOMS.get(code[:3])
    return Rule(code=code, parameters={name: value for name, value in row.items() if name not in _FIELDS}, **own)


def _faults(code: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a table, the plainest first."""
    if not _CODE.fullmatch(code):
        yield "is no code: three capitals and three digits make one"
    for missing in sorted(_NEEDED - row.keys()):
        yield f"has no {missing}"
    for name, value in row.items():
        if name not in _FIELDS and not isinstance(value, int | float):
            yield f"has a field {name}, which no rule has"
    if sum(name in row for name in _KINDS) != 1:
        yield f"must have one of {', '.join(_KINDS[:-1])} or {_KINDS[-1]}"
    if not row.get("gate") and code[:3] not in _ROOMS:
        yield "has no gate"
