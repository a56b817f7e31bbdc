"""Every script judged fairly: good texts in fifteen languages pass each rule; what is no good text does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.gates.stand import cleaned_of, panel_of
from tests.samples.stand import OWN

from winnowd.decision import decide
from winnowd.gates.length import word_length_limit
from winnowd.gates.limits import LanguageLimits, LengthLimits
from winnowd.gates.measures.languages import are_kin, can_be_told, kin, word_length
from winnowd.gates.measures.subject import Subject
from winnowd.model import Grade, Outcome
from winnowd.text import Tokens, is_open_end, sentences_in, word_count

if TYPE_CHECKING:
    from winnowd.model import Finding

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((OWN / "languages").glob("*.txt"))}
WITHOUT_BLANKS = ("zh", "ja", "th")


def findings_of(text: str, *accepted: str) -> tuple[Finding, ...]:
    """All findings on a text, with these languages accepted."""
    subject = Subject.of(cleaned_of(text), accepted)
    return panel_of(language=LanguageLimits(accepted=accepted)).examine(subject)


@pytest.mark.parametrize("language", TEXTS)
def test_a_good_text_in_an_accepted_language_is_admitted(language: str) -> None:
    """Nothing is doubted, and it is found to be in that language."""
    findings = findings_of(TEXTS[language], language)

    assert {one.code: one.because for one in findings if one.grade is not Grade.PASS} == {}
    assert {one.code: one for one in findings}["QUA460"].evidence["language"] == language


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_says_about_as_many_words_as_its_script_needs(language: str) -> None:
    """All tell one story of some 130 English words; none is taken for a stub, or for a book."""
    count = Subject.of(cleaned_of(TEXTS[language])).tokens.count

    assert 100 <= count <= 260


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_that_breaks_off_in_a_sentence_is_doubted(language: str) -> None:
    """Where sentences have marks: Thai has none, so there only a mark of omission tells it."""
    lines = [line for line in TEXTS[language].splitlines() if line]
    longest = max(lines, key=lambda line: word_count(sentences_in(line)[-1]))
    sentence = sentences_in(longest)[-1]
    broken = longest.removesuffix(sentence) + sentence[: int(0.8 * len(sentence))]
    while language != "th" and not is_open_end(broken[-1]):
        broken = broken[:-1]
    before = [line for line in lines if line != longest]

    open_end, omission = (
        {one.code: one.grade for one in findings_of("\n\n".join([*before, last]), language)}["QUA456"]
        for last in (broken, f"{broken}…")
    )

    assert (open_end is Grade.DOUBT) is (language != "th")
    assert omission is Grade.DOUBT


@pytest.mark.parametrize("language", TEXTS)
def test_a_list_of_words_is_no_article_in_any_script(language: str) -> None:
    """One word a line, or two letters where there are no blanks."""
    step = 2 if language in WITHOUT_BLANKS else 1
    words = list("".join(filter(str.isalpha, TEXTS[language]))) if step == 2 else TEXTS[language].split()
    listed = "\n".join("".join(words[at : at + step]) for at in range(0, len(words), step))

    assert decide(findings_of(listed, language)).outcome is Outcome.REJECTED


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_said_over_and_over_is_told_in_any_script(language: str) -> None:
    """Runs of words are runs of as many letters as say as much."""
    line = next(line for line in TEXTS[language].splitlines() if line)
    stop = line[-1]
    again = f"{line.rstrip(stop)}{stop} " * 12

    codes = {one.code for one in findings_of(again, language) if one.grade is Grade.FAIL}

    assert codes & {"QUA437", "QUA438", "QUA439", "QUA440", "QUA441", "QUA442"}


def test_joiners_belong_to_the_spelling_of_words() -> None:
    """Persian is not altered, and no word of it is cut at a zero width non-joiner."""
    text = TEXTS["fa"]
    cleaned = cleaned_of(text)

    assert text.count("\u200c") == cleaned.article.text.count("\u200c") > 0
    assert "CLN304" not in {note.code for note in cleaned.notes}


@pytest.mark.parametrize("language", ["hr", "bs"])
def test_languages_that_cannot_be_parted_are_accepted_for_each_other(language: str) -> None:
    """What is accepted is what the text is found to be in, or what it declares."""
    subject = Subject.of(cleaned_of(TEXTS["hr"]), (language,))

    assert subject.language == language
    assert {one.code: one for one in findings_of(TEXTS["hr"], language)}["QUA460"].grade is Grade.PASS
    assert are_kin("hr", "bs")
    assert kin("fr") == ("fr",)


def test_a_language_that_the_model_takes_for_its_kin_can_be_accepted() -> None:
    """It knows no Tibetan: it takes it for Dzongkha, which is written alike."""
    text = "ལྷ་སའི་དཔེ་མཛོད་ཁང་རྙིང་པ་ཞིག་གཟའ་སྤེན་པར་སླར་ཡང་སྒོ་ཕྱེ་ཡོད། ཁང་པ་འདི་ཉམས་གསོ་བྱེད་པར་ལོ་གསུམ་འགོར་བ་རེད།"

    found = {one.code: one for one in findings_of(f"{text}\n\n{text}", "bo")}

    assert can_be_told("bo")
    assert (found["QUA460"].grade, found["QUA460"].evidence["language"]) == (Grade.PASS, "bo")


def test_limits_of_word_length_are_those_of_the_language() -> None:
    """As much more as its words are longer; none where that is not known; English is the measure."""
    limit = LengthLimits().words_too_long
    turkish, unknown, english = (word_length_limit(limit, one) for one in ("tr", "xh", "en"))

    assert english == limit
    assert turkish.doubt == pytest.approx(7.0 * 5.49 / 4.35, abs=1e-4)
    assert (unknown.doubt, unknown.fail) == (None, None)
    assert word_length("xh") is None


def test_mean_length_of_words_is_not_asked_where_it_is_not_known() -> None:
    """Words in Tamil have 8 characters, and nothing is the matter with them."""
    found = {one.code: one for one in findings_of(TEXTS["ta"], "ta")}

    assert {found[code].measured for code in ("QUA403", "QUA404")} == {None}
    assert found["QUA404"].because == "not asked: how long words are in 'ta' is not known"


@pytest.mark.parametrize("colon", ":：፦៖")
def test_a_list_that_a_colon_of_any_script_announces_is_no_part_of_the_prose(colon: str) -> None:
    """Its lines end in no mark and are short, as those of a list do."""
    prose = [line for line in TEXTS["zh"].splitlines() if line][1:]
    items = ["面包四篮", "灯笼一盏", "船桨两支", "面粉十袋"]

    shares = Tokens("\n".join([*prose, f"他带着{colon}", *items, *prose])).line_shares

    assert shares.marked == 1.0
