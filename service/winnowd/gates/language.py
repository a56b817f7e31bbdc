"""Gate language: whether it is one that is wanted, and the one that was declared (QUA460, QUA461). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.gates.measures.language_detection import LEAST_WORDS
from winnowd.gates.measures.languages import ENGLISH, are_kin, kin, primary
from winnowd.model import Finding, Grade

if TYPE_CHECKING:
    from winnowd.gates.limits import LanguageLimits
    from winnowd.gates.measures.language_detection import DetectedLanguage
    from winnowd.gates.measures.subject import Subject

GATE = "language"
LANGUAGE, DECLARED = "QUA460", "QUA461"


class Language:
    """Holds the language that the subject was detected to have against what is accepted and what was declared."""

    def __init__(self, limits: LanguageLimits) -> None:
        self._limits = limits
        self._accepted = frozenset(map(primary, limits.accepted))
        self._wanted = frozenset(primary(one) for name in self._accepted for one in kin(name))
        """Those that are accepted, or cannot be parted from one that is."""

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the detected language, named in the evidence ("" if unsure), then the declared one."""
        detected = subject.detected
        grade, because = self._grade(detected)
        evidence = {
            "language": subject.language,
            "detected": detected.detected,
            "confidence": round(detected.confidence, 6),
            "english_words": round(detected.english, 6),
        }
        measured = round(detected.confidence, 6)
        found = Finding(LANGUAGE, GATE, grade, measured, None, because, evidence)
        findings = (found,) if self._limits.detected else ()
        return (*findings, self._declared(subject)) if self._limits.declared else findings

    def _grade(self, detected: DetectedLanguage) -> tuple[Grade, str]:
        if detected.words < LEAST_WORDS:
            return Grade.DOUBT, f"fewer than {LEAST_WORDS} words tell no language"
        sure = detected.confidence >= self._limits.floor
        english = detected.english >= self._limits.english and ENGLISH in self._accepted
        wanted = primary(detected.detected) in self._wanted
        if (sure and wanted) or (english and not sure):
            return Grade.PASS, ""
        named = f"'{detected.detected}' with confidence {detected.confidence:.2f}"
        if wanted:
            return Grade.DOUBT, f"it is {named}, which is not sure"
        if english:
            return Grade.DOUBT, f"it holds English, yet part of it is {named}"
        if sure:
            return Grade.FAIL, f"it is {named}, not {' or '.join(sorted(self._accepted))}"
        return Grade.DOUBT, f"it may be {named}, which is not sure"

    def _declared(self, subject: Subject) -> Finding:
        declared = subject.article.language
        if declared is None:
            return Finding(DECLARED, GATE, Grade.PASS, because="not asked: it declares no language")
        if not subject.language:
            return Finding(DECLARED, GATE, Grade.PASS, because="not asked: its language is unsure")
        if are_kin(primary(declared), primary(subject.language)):
            return Finding(DECLARED, GATE, Grade.PASS, subject.language)
        because = f"it declares '{primary(declared)}' and is '{subject.language}'"
        return Finding(DECLARED, GATE, Grade.DOUBT, subject.language, because=because, evidence={"declared": declared})
