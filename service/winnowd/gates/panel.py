"""The panel of gates: asks each one, and makes a doubt of one that fails. Pure.

Here, and only here in the core, any exception is taken: a gate of ours that breaks must not decide, nor stop others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

from winnowd.gates.characters import Characters
from winnowd.gates.clutter import Clutter
from winnowd.gates.integrity import Integrity
from winnowd.gates.language import Language
from winnowd.gates.length import Length
from winnowd.gates.limits import (
    GATES,
    CharactersLimits,
    ClutterLimits,
    IntegrityLimits,
    LanguageLimits,
    LengthLimits,
    ProseLimits,
    RepetitionLimits,
)
from winnowd.gates.measures.languages import ENGLISH, others_of, primary
from winnowd.gates.prose import Prose
from winnowd.gates.repetition import Repetition
from winnowd.model import Finding, Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.gates.measures.damage_patterns import DamagePatterns
    from winnowd.gates.measures.subject import Subject

BROKEN = "SYS903"


class Gate(Protocol):
    """What the panel asks."""

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """One finding for each rule of this gate, passes too."""


class Panel:
    """The gates that are switched on."""

    def __init__(self, gates: tuple[tuple[str, Gate], ...], accepted: tuple[str, ...] = ()) -> None:
        """Take the gates by name, and the languages that are accepted, if that is asked."""
        self._gates = gates
        self.accepted = accepted

    @classmethod
    def of(cls, limits: Mapping[str, object], damages: DamagePatterns, known_words: frozenset[str]) -> Self:
        """Build the gates named in ``limits``, each with its limits; one that is not named is off.

        ``known_words`` are the English words that TXT522 needs. TypeError if the limits are not those of the gate,
        ValueError for a name that is none.
        """
        classes = dict(GATES)
        for name, given in limits.items():
            if name not in classes:
                raise ValueError(f"there is no gate {name!r}: take one of {', '.join(classes)}")
            if not isinstance(given, classes[name]):
                raise TypeError(f"gate {name!r} needs {classes[name].__name__}, not {type(given).__name__}")
        language = limits.get("language")
        accepted = language.accepted if isinstance(language, LanguageLimits) else None
        on = [name for name, _ in GATES if name in limits]
        gates = tuple((name, _built(limits[name], damages, known_words, accepted)) for name in on)
        return cls(gates, accepted or ())

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """All findings, gate by gate; one that raises gives a doubt, SYS903, that names it and the error's type."""
        findings: list[Finding] = []
        for name, gate in self._gates:
            try:
                findings += gate.examine(subject)
            except Exception as error:  # noqa: BLE001 - see above: recorded as a finding, never swallowed
                because = f"gate {name} failed with {type(error).__name__}"
                findings.append(Finding(BROKEN, name, Grade.DOUBT, type(error).__name__, because=because))
        return tuple(findings)


def _built(
    limits: object, damages: DamagePatterns, known_words: frozenset[str], accepted: tuple[str, ...] | None
) -> Gate:
    english = accepted is None or ENGLISH in map(primary, accepted)
    if isinstance(limits, CharactersLimits):
        return Characters(limits, english=english)
    if isinstance(limits, IntegrityLimits):
        return Integrity(limits, damages, known_words, english=english)
    if isinstance(limits, ProseLimits):
        return Prose(limits, others_of(accepted))
    if isinstance(limits, ClutterLimits):
        return Clutter(limits, others_of(accepted))
    return _PLAIN[type(limits)](limits)


_PLAIN: dict[type[object], Callable[[Any], Gate]] = {
    LengthLimits: Length,
    RepetitionLimits: Repetition,
    LanguageLimits: Language,
}
