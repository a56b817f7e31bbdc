"""The lists of other languages: each phrase finds its line, and nothing that stands in an article."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gates.stand import PROSE, SERVICE, cleaned_of, listing, phrasebook

from winnowd.cleaning import LISTED, Listing
from winnowd.cleaning.languages import ENGLISH_WORDS
from winnowd.cleaning.listing import LONGEST, SECTIONS, listed
from winnowd.cleaning.templates import core_of, folded, parted
from winnowd.gates.measures.words import MARKER_WORDS
from winnowd.text import Tokens

FOLDER = SERVICE / "cleaning" / "phrases"
OTHERS = sorted(LISTED - {"en"})


def tables(language: str) -> dict[str, Any]:
    """A list as it is written."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def test_each_listed_language_has_its_file() -> None:
    """And no file lies there that is never asked."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LISTED)


@pytest.mark.parametrize("language", OTHERS)
def test_each_phrase_finds_its_line(language: str) -> None:
    """Each line is found as what it was listed for, however it is written and whatever marks stand around it."""
    phrases = list(listed(tables(language)))
    missed = []
    for section, phrase, line in phrases:
        for written in (line, f"» {line} «", f"- {line}:"):
            found = listing(language).find(written)
            if found is None or found.code != SECTIONS[section]:
                missed.append((section, phrase, written, found))

    assert missed == []
    assert {section for section, _, _ in phrases} == set(SECTIONS)


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_of_an_article_is_on_a_list(language: str) -> None:
    """Sentences with the words of the phrases, written as an article would have them."""
    keep = tables(language)["keep"]["lines"]

    assert [(line, found) for line in keep if (found := listing(language).find(line)) is not None] == []
    assert len(keep) >= 10


@pytest.mark.parametrize(
    ("language", "line", "names"),
    [
        ("de", "Von Anna Müller und Karl von Brandt, dpa", ("Anna Müller", "Karl von Brandt")),
        ("de", "Von Anna Müller, Hamburg", ("Anna Müller",)),
        ("fr", "Par Claire Moreau avec AFP", ("Claire Moreau",)),
        ("fr", "Par Claire Moreau, Luc Perrin et Ève Noël", ("Claire Moreau", "Luc Perrin", "Ève Noël")),
        ("es", "Por Marta Ruiz y Pablo Solís", ("Marta Ruiz", "Pablo Solís")),
        ("nl", "Door Sanne de Wit", ("Sanne de Wit",)),
        ("ru", "Авторы: Анна Белова, Иван Рогов", ("Анна Белова", "Иван Рогов")),
        ("tr", "YAZAN: AYŞE YILMAZ", ("AYŞE YILMAZ",)),
        ("zh", "记者：王晓明 李娜", ("王晓明", "李娜")),
        ("ja", "取材・文／山田花子", ("山田花子",)),
        ("ko", "김민수 기자", ("김민수",)),
        ("hi", "लेखक: सुनील वर्मा", ("सुनील वर्मा",)),
        ("ar", "بقلم: ليلى حسن", ("ليلى حسن",)),
        ("de", "Von: Redaktion", ()),
        ("es", "Por Agencia EFE", ()),
    ],
)
def test_a_byline_names_its_authors(language: str, line: str, names: tuple[str, ...]) -> None:
    """As they are written; desks, agencies and places are no authors."""
    found = listing(language).find(line)

    assert found is not None
    assert (found.section, found.names) == ("byline", names)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "Von Menschen und Mäusen"),
        ("de", "Von der Elbe"),
        ("es", "Por Dios y por la Patria"),
        ("fr", "Par amour du port"),
        ("it", "di notte"),
    ],
)
def test_a_headline_that_begins_like_a_byline_is_none(language: str, line: str) -> None:
    """A person has a first and a last name, with capitals."""
    assert listing(language).find(line) is None


DAY = dt.date(2026, 3, 12)


@pytest.mark.parametrize(
    ("language", "line", "day"),
    [
        ("de", "Stand: 12.03.2026, 14:30 Uhr", DAY),
        ("de", "Donnerstag, 12. März 2026", DAY),
        ("de", "Veröffentlicht am 31. Februar 2026", None),
        ("fr", "Publié le jeudi 12 mars 2026 à 14h30", DAY),
        ("fr", "Publié le 12/03/2026", DAY),
        ("es", "Publicado el 12 de marzo de 2026", DAY),
        ("es", "Publicado: 12/03/2026", None),
        ("es", "Publicado: 22/03/2026", dt.date(2026, 3, 22)),
        ("pt", "Publicado em 12 de março de 2026 às 14h30", DAY),
        ("ru", "Опубликовано 12 марта 2026 г., 14:30", DAY),
        ("uk", "14:30, 12 березня 2026", DAY),
        ("tr", "Oluşturulma Tarihi: Mart 12, 2026 14:30", DAY),
        ("ja", "2026年3月12日（木） 14時30分", DAY),
        ("zh", "发布时间：2026-03-12 14:30", DAY),
        ("ko", "입력 2026.03.12. 오후 2:30", DAY),
        ("hi", "12 मार्च 2026, 14:30 IST", DAY),
        ("ar", "آخر تحديث: ١٢ مارس ٢٠٢٦", DAY),
    ],
)
def test_a_date_line_tells_its_day(language: str, line: str, day: dt.date | None) -> None:
    """Where it is plain; day and month in figures are parted where the language has one order."""
    found = listing(language).find(line)

    assert found is not None
    assert found.day == day


GERMAN = (
    "Die Fähre verließ den Hafen am frühen Morgen, und bis zum Mittag hatte die Mannschaft jede Kiste gezählt.",
    "Niemand im Dorf konnte sagen, welche der beiden Brücken zuerst gebaut worden war oder wer sie bezahlen sollte.",
    "Als die Bäckerin am Montag ihren Laden öffnete, standen vierzig Leute mit Körben und einem Schirm davor.",
    "Newsletter abonnieren wollte niemand, sagte der Wirt, und teilte die Suppe mit denen, die geblieben waren.",
)


def test_what_stands_around_an_article_is_lifted_and_removed() -> None:
    """Names and days into their fields, each line with its note; the article stays as it was."""
    above = "Fähre fährt wieder\nVon Anna Müller\nStand: 12.03.2026, 14:30 Uhr\nTeilen auf Facebook\nFoto: dpa"
    below = "Lesen Sie auch: Wer für die Brücken zahlt\nNewsletter abonnieren\nAlle Rechte vorbehalten"
    cleaned = cleaned_of("\n".join((above, *GERMAN, below)))

    assert cleaned.article.text == "\n".join(GERMAN) + "\n"
    assert (cleaned.article.authors, cleaned.article.modified_at) == (("Anna Müller",), DAY)
    assert [note.code for note in cleaned.notes] == [
        "CLN312", "CLN313", "CLN314", "CLN324", "CLN316", "CLN326", "CLN325", "CLN328",
    ]  # fmt: skip


def test_walls_and_banners_are_told_in_their_language() -> None:
    """A consent banner, and a stub that keeps the rest for subscribers (QUA454, QUA455)."""
    wall = cleaned_of("\n".join((*GERMAN, "Um weiterzulesen, schließen Sie ein Abo ab."))).measures
    banner = cleaned_of("\n".join((*GERMAN[:2], "Diese Website verwendet Cookies. Wir nutzen Cookies."))).measures
    missing = cleaned_of("\n".join((*GERMAN[:2], "Seite nicht gefunden"))).measures

    assert (wall["subscribe_tail"], wall["consent_share"], wall["error_lines"]) == (1, 0, 0)
    assert banner["consent_share"] > 0.1
    assert missing["error_lines"] == 1


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        (PROSE[1], "de", "en"),
        (" ".join(GERMAN), "en", "de"),
        (
            "Il traghetto non è partito, e nel porto sono rimaste anche le barche della pesca che di notte escono.",
            None,
            "it",
        ),
        (
            "Паром вышел из порта на рассвете, и к полудню команда сосчитала все ящики, которые были на борту.",
            None,
            "ru",
        ),
        ("Пором вийшов із порту на світанку, і до полудня команда полічила всі ящики, які були на борту.", None, "uk"),
        ("Фериботът напусна пристанището призори и до обяд екипажът преброи всички сандъци на борда.", None, "en"),
        ("フェリーは夜明けに港を出て、昼までに乗組員はすべての箱を数えた。", None, "ja"),
        ("渡轮在黎明时离开港口，到中午船员已经数完了船上所有的箱子。", None, "zh"),
        ("여객선은 새벽에 항구를 떠났고 정오까지 선원들은 모든 상자를 세었다.", None, "ko"),
        ("नाव सुबह बंदरगाह से निकली और दोपहर तक नाविकों ने नाव में रखे सभी बक्से गिन लिए थे, यह बात सच है।", None, "hi"),
        ("नाव पहाटे बंदरातून निघाली आणि दुपारपर्यंत सर्व पेट्या मोजल्या गेल्या आहेत.", None, "en"),
        ("غادرت العبارة الميناء عند الفجر، وحتى الظهر أحصى الطاقم كل صندوق على متنها.", None, "ar"),
        ("کشتی سپیده‌دم بندر را ترک کرد و تا ظهر خدمه همه جعبه‌های روی عرشه را شمردند.", None, "en"),
        ("12 34", "fr-CA", "fr"),
        ("12 34", "sv", "en"),
        ("12 34", "../../../etc/passwd", "en"),
        ("", None, "en"),
    ],
)
def test_the_list_is_that_of_the_text_and_then_that_of_the_page(text: str, declared: str | None, language: str) -> None:
    """Words and letters tell; what is declared counts where they do not; without a list it is English that is asked."""
    rules, masks = phrasebook().rules_for(Tokens(text), declared)

    assert rules.listing is (None if language == "en" else listing(language))
    assert len(masks) == 1


def test_english_is_told_by_the_words_that_the_gate_tells_it_by() -> None:
    """So that no text is English to one and not to the other for want of a word."""
    assert ENGLISH_WORDS.split() == list(MARKER_WORDS)


@given(st.text(max_size=40))
def test_a_fold_is_as_long_as_its_line(line: str) -> None:
    """Names are cut from the line where they were found in its fold; a core has no marks left at its edges."""
    assert len(folded(line)) == len(line)
    assert core_of(core_of(line)) == core_of(line)


@given(st.sampled_from(sorted(LISTED - {"en"})), st.text(min_size=LONGEST))
def test_a_long_line_is_on_no_list(language: str, line: str) -> None:
    """Whatever it begins with."""
    assert listing(language).find(line) is None
    assert listing(language).find(PROSE[0]) is None


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [("{rest}", "every line"), ("a {rest} b {text}", "one gap"), ("a {", "one gap"), ("Foto: {nobody}", "no gap")],
)
def test_a_phrase_that_could_not_be_meant_is_refused(phrase: str, fault: str) -> None:
    """Two gaps, an unknown one, or nothing but a gap."""
    made = tables("de") | {"caption": {"like": {phrase: "line"}}}

    with pytest.raises(ValueError, match=fault):
        Listing(made)
    assert parted("Foto: {rest}") == ("Foto: ", "rest", "")
