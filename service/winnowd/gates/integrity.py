"""Gate integrity: text damaged by translation, cut-out names, a wrong encoding, lookalikes (TXT501 to TXT505). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.gates.measures.damage_patterns import LOST_SPACE
from winnowd.gates.measures.fusions import KnownWords
from winnowd.gates.measures.grading import graded, skipped
from winnowd.gates.measures.lookalikes import mixed_words
from winnowd.model import Finding, Grade, Limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.gates.limits import IntegrityLimits
    from winnowd.gates.measures.damage_patterns import DamageMatch, DamagePatterns
    from winnowd.gates.measures.subject import Subject

GATE = "integrity"
_FEW_WORDS = 300
"""Words below which the density is taken as if there were so many: one damage in a short text is not many."""
_SHOWN = 20


class Integrity:
    """Tells text that something was done to: damage that no writer leaves, each harmless alone."""

    def __init__(
        self, limits: IntegrityLimits, damages: DamagePatterns, known_words: frozenset[str], *, english: bool = True
    ) -> None:
        """Take the limits, the damage patterns, the English words known, and whether English is accepted."""
        self._limits = limits
        self._damage_patterns = damages
        self._is_word = KnownWords.of(known_words)
        self._applicable_languages = frozenset({"en", ""} if english else {"en"})

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the damage, then what no repair could undo; where it is found is the evidence.

        Outside English only what is damage in any language is looked for.
        """
        limits, cleaned = self._limits, subject.measures
        measured = (
            (limits.mojibake, cleaned["mojibake"]),
            (limits.lost_characters, cleaned["lost_chars"]),
            (limits.control_characters, cleaned["control_chars"]),
        )
        return (self._corrupted(subject), *graded(GATE, measured), self._lookalikes(subject))

    def _lookalikes(self, subject: Subject) -> Finding:
        limit, mixed = self._limits.lookalikes, mixed_words(subject.tokens)
        share = len(mixed) / max(_FEW_WORDS, subject.tokens.count)
        words = [{"start": start, "end": end, "text": subject.text[start:end]} for start, end in mixed[:_SHOWN]]
        return graded(GATE, ((limit, share),), lambda _: {"count": len(mixed), "words": words})[0]

    def _corrupted(self, subject: Subject) -> Finding:
        limit = self._limits.corrupted_text
        is_asked = subject.language in self._applicable_languages
        if is_asked:
            damages = tuple(self._damage_patterns.found(subject.tokens, subject.part_classes, self._is_word))
        else:
            damages = tuple(self._damage_patterns.found_anywhere(subject.tokens))
        lost_spaces = int(subject.measures["lost_space"])
        if not (is_asked or damages or lost_spaces):
            named = f"its language is '{subject.language}'" if subject.language else "its language is unsure"
            return skipped(GATE, limit, f"{named}, and it has no mark of damage of those that hold in any")
        weight = sum(damage.weight for damage in damages) + self._damage_patterns.weight_of_lost_spaces(lost_spaces)
        density = _per_1000(weight, subject.tokens.count)
        grade = damage_grade(limit, self._limits.corrupted_per_1000, weight, subject.tokens.count)
        evidence = _evidence(subject.text, damages, lost_spaces, density) if weight else {}
        because = _because(damages, lost_spaces, weight, density) if grade is not Grade.PASS else ""
        return Finding("TXT501", GATE, grade, weight, limit, because, evidence)


def damage_grade(limit: Limit, per_1000: Limit, weight: float, words: int) -> Grade:
    """The grade of TXT501: the milder of that of the weight and that of the weight per 1,000 words."""
    grades = limit.grade(weight), per_1000.grade(_per_1000(weight, words))
    return min(grades, key=lambda one: one.rank)


def _per_1000(weight: float, words: int) -> float:
    return 1_000 * weight / max(_FEW_WORDS, words)


def _counts(damages: Sequence[DamageMatch], lost_spaces: int) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for damage in damages:
        counts[damage.code] = counts.get(damage.code, 0) + 1
    return counts | {LOST_SPACE: lost_spaces} if lost_spaces else counts


def _because(damages: Sequence[DamageMatch], lost_spaces: int, weight: float, density: float) -> str:
    named = ", ".join(f"{count} {code}" for code, count in sorted(_counts(damages, lost_spaces).items()))
    return f"marks of damaged text weigh {weight:g}, {density:.1f} per 1,000 words: {named}"


def _evidence(text: str, damages: Sequence[DamageMatch], lost_spaces: int, density: float) -> dict[str, Any]:
    offsets = [
        {"code": damage.code, "start": damage.start, "end": damage.end, "text": text[damage.start : damage.end]}
        for damage in damages
    ]
    return {"per_1000": round(density, 6), "marks": offsets, "counts": dict(_counts(damages, lost_spaces))}
