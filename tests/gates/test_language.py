"""The language of a text: when the shortcut is enough, when the model is asked, and what is accepted."""

from __future__ import annotations

import dataclasses

import pytest
from tests.gates.stand import PROSE, article_of, findings_of, panel_of, subject_of

from winnowd.gates.language import Language
from winnowd.gates.limits import LanguageLimits
from winnowd.gates.measures.language_detection import DetectedLanguage, _model
from winnowd.gates.measures.languages import DETECTABLE, primary
from winnowd.model import Grade

GERMAN = (
    "Die Fähre verließ den Hafen am frühen Morgen, und bis zum Mittag hatte die Mannschaft jede Kiste gezählt. "
    "Niemand im Dorf konnte sagen, welche der beiden Brücken zuerst gebaut worden war oder wer sie bezahlen sollte. "
)
SWEDISH = (
    "Färjan lämnade hamnen tidigt på morgonen, och fram till middag hade besättningen räknat varje låda ombord. "
    "Ingen i byn kunde säga vilken av de två broarna som byggdes först, eller vem som skulle betala för dem. "
)
NUMBERS = "11 22 33 44 55 66 77 88 99 10 20 30 40 50 60 70 80 90 15 25 35 45 55 65"
TERMS = "Kx qq zv jj wq xk pq rz vv kk zz qj xx wz yq qk jx vz kq zx qw jz kv xq"


def graded(detected: DetectedLanguage, *accepted: str) -> str:
    """The grade of QUA460 for what was detected."""
    subject = subject_of(article_of(), title="Bridges")
    changed = dataclasses.replace(subject, detected=detected)
    return Language(LanguageLimits(accepted=accepted or ("en",))).examine(changed)[0].grade.value


@pytest.mark.parametrize(
    ("detected", "accepted", "grade"),
    [
        (DetectedLanguage("en", 1.0, 0.2, 400), ("en",), "pass"),
        (DetectedLanguage("en", 0.5, 0.03, 400), ("en",), "doubt"),
        (DetectedLanguage("en", 0.5, 0.09, 400), ("en",), "pass"),
        (DetectedLanguage("de", 0.9, 0.0, 400), ("en",), "fail"),
        (DetectedLanguage("de", 0.5, 0.0, 400), ("en",), "doubt"),
        (DetectedLanguage("de", 0.9, 0.1, 400), ("en",), "doubt"),
        (DetectedLanguage("de", 0.5, 0.1, 400), ("en",), "pass"),
        (DetectedLanguage("de", 0.9, 0.0, 400), ("en", "de"), "pass"),
        (DetectedLanguage("de", 0.9, 0.0, 400), ("de-AT",), "pass"),
        (DetectedLanguage("en", 1.0, 0.2, 400), ("de",), "fail"),
        (DetectedLanguage("", 0.0, 0.0, 19), ("en",), "doubt"),
    ],
)
def test_the_grade_follows_how_sure_the_model_is(
    detected: DetectedLanguage, accepted: tuple[str, ...], grade: str
) -> None:
    """Sure and accepted passes; mixed and unsure is doubted; sure and another fails."""
    assert graded(detected, *accepted) == grade


def test_the_languages_that_may_be_accepted_are_those_that_the_model_tells() -> None:
    """No other can ever be found; text without a language is none."""
    told = _model().nb_classes  # type: ignore[attr-defined]

    assert set(told) - {"zxx"} == DETECTABLE


def test_each_rule_of_languages_can_be_switched_off_by_itself() -> None:
    """The other is asked all the same."""
    subject = subject_of(article_of(), title="Bridges", language="de")

    def codes(limits: LanguageLimits) -> list[str]:
        return [one.code for one in Language(limits).examine(subject)]

    assert codes(LanguageLimits()) == ["QUA460", "QUA461"]
    assert codes(LanguageLimits(detected=False)) == ["QUA461"]
    assert codes(LanguageLimits(declared=False)) == ["QUA460"]


@pytest.mark.parametrize(
    ("detected", "language"),
    [
        (DetectedLanguage("en", 1.0, 0.2, 400), "en"),
        (DetectedLanguage("de", 0.9, 0.1, 400), "de"),
        (DetectedLanguage("de", 0.5, 0.1, 400), "en"),
        (DetectedLanguage("de", 0.5, 0.0, 400), ""),
        (DetectedLanguage("", 0.0, 0.0, 19), ""),
    ],
)
def test_a_language_is_told_only_if_it_is_sure(detected: DetectedLanguage, language: str) -> None:
    """Originality asks it: "" is unsure, yet enough English words are English whatever the model says."""
    assert detected.language == language


@pytest.mark.parametrize(
    ("text", "detected"),
    [(article_of(), "en"), (GERMAN * 4, "de"), (f"{article_of()}\n{GERMAN * 8}", "de"), (PROSE[0][:60], "")],
)
def test_texts_are_detected(text: str, detected: str) -> None:
    """English by its marker words, others by the model, half a text by its least English third, a few words not."""
    assert subject_of(text, title="Bridges").language == detected


def test_the_finding_names_the_language_and_how_sure_it_is() -> None:
    """The evidence has what the event needs; the reason names both languages and quotes nothing."""
    finding = findings_of(GERMAN * 4, title="Brücken")["QUA460"]

    assert finding.grade is Grade.FAIL
    assert finding.measured == finding.evidence["confidence"] > 0.65
    assert (finding.evidence["language"], finding.evidence["detected"]) == ("de", "de")
    assert finding.because.startswith("it is 'de' with confidence")
    assert "Fähre" not in finding.because


@pytest.mark.parametrize("text", [NUMBERS, f"{NUMBERS} {TERMS}"])
def test_what_is_no_language_is_no_reason_to_break(text: str) -> None:
    """Numbers and letters at random are graded, not raised over."""
    assert findings_of(text)["QUA460"].grade in {Grade.DOUBT, Grade.FAIL}


@pytest.mark.parametrize(
    ("text", "declares", "grade", "because"),
    [
        (article_of(), "en-GB", Grade.PASS, ""),
        (article_of(), "de", Grade.DOUBT, "it declares 'de' and is 'en'"),
        (article_of(), None, Grade.PASS, "not asked: it declares no language"),
        (PROSE[0][:60], "en", Grade.PASS, "not asked: its language is unsure"),
    ],
)
def test_a_declared_language_that_is_another_is_doubted(
    text: str, declares: str | None, grade: Grade, because: str
) -> None:
    """Regions do not matter; where nothing is declared or detected nothing is asked, and the finding says so."""
    finding = findings_of(text, title="Bridges", language=declares)["QUA461"]

    assert (finding.grade, finding.because) == (grade, because)


def test_what_is_declared_need_not_be_asked() -> None:
    """A setting of the gate: then there is no finding on it."""
    subject = subject_of(article_of(), title="Bridges", language="de")

    findings = Language(LanguageLimits(declared=False)).examine(subject)

    assert [finding.code for finding in findings] == ["QUA460"]


def test_two_names_of_one_language_are_the_same() -> None:
    """Bokmål and Nynorsk are Norwegian to the model."""
    assert primary("nb-NO") == primary("nn") == primary("no") == "no"
    assert primary("EN_us".replace("_", "-")) == "en"


def test_the_language_is_known_when_its_gate_is_off() -> None:
    """Switching the gate off hides no language from originality."""
    subject = subject_of(GERMAN * 4, title="Brücken")

    codes = {finding.code for finding in panel_of(language=None).examine(subject)}

    assert subject.language == "de"
    assert not codes & {"QUA460", "QUA461"}


def test_a_language_without_a_list_of_phrases_says_so() -> None:
    """What is asked of lines around an article was not measured there; German has its list."""
    codes = ("QUA450", "QUA453", "QUA454", "QUA455")

    swedish = [findings_of(SWEDISH * 3)[code] for code in codes]
    german = [findings_of(GERMAN * 3)[code] for code in codes[:3]]

    assert {one.because for one in swedish} == {"not asked: no phrases are listed for 'sv'"}
    assert [one.measured for one in (*swedish, *german)] == [None, None, None, None, 0, 0, 0]
