"""The marks of damaged text: each found wherever its pattern finds it, weighed together, asked of English only."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gates.stand import PROSE, SERVICE, article_of, findings_of, known_words, marks, panel_of, subject_of
from tests.test_text import MIXED

from winnowd.gates.limits import LanguageLimits
from winnowd.gates.measures.damage_patterns import DamagePatterns
from winnowd.gates.measures.words import classes_of
from winnowd.model import Grade
from winnowd.text import Tokens

TABLES: dict[str, dict[str, Any]] = tomllib.loads(
    (SERVICE / "gates" / "measures" / "damage_patterns.toml").read_text(encoding="utf-8")
)
PATTERNS = {table["code"]: re.compile(table["pattern"]) for table in TABLES.values() if "pattern" in table}
FUSED = TABLES["fused-words"]
Found = list[tuple[int, str, int]]


def found(text: str) -> Found:
    """The marks as the gate finds them: where, which, up to where."""
    tokens = Tokens(text)
    return [
        (mark.start, mark.code, mark.end)
        for mark in marks().found(tokens, classes_of(tokens.part_hashes), known_words())
    ]


def is_fused(word: str) -> bool:
    """Whether a word splits into a function word and a known one, as marks.toml tells it; the plain twin."""
    known, function = known_words().words, set(FUSED["function_words"].split())
    if word in known or word.startswith(tuple(FUSED["not_prefix"].split())):
        return False
    splits = [(word[:at], word[at:]) for at in range(1, len(word))]
    return not word.endswith(tuple(FUSED["not_suffix"].split())) and any(
        one in function and len(other) >= FUSED["partner_letters"] and other in known
        for left, right in splits
        for one, other in ((left, right), (right, left))
    )


def searched(text: str) -> Found:
    """The same, each pattern searched in the whole text."""
    every = [
        (match.start(), code, match.end())
        for code, pattern in PATTERNS.items()
        for match in pattern.finditer(text)
        if code != FUSED["code"] or is_fused(match[0])
    ]
    return sorted(every)


WORDS = sorted({word for pattern in PATTERNS.values() for word in re.findall(r"[A-Za-z]{2,}", pattern.pattern)})
JOINTS = (
    " ",
    " ",
    " ",
    ". ",
    ", ",
    ",",
    "! ",
    ".” ",
    '." ',
    "\n",
    "\n\n",
    "'",
    " '",
    "’",
    " ’",
    "-",
    " (",
    ") ",
    ";",
    ": ",
    "()",
    ",\n,",
)
DAMAGED = st.lists(
    st.tuples(
        st.sampled_from([*WORDS, "s", "the", "The", "of", "a", "ministryfrom", "station", "U.S", "plan"]),
        st.sampled_from(JOINTS),
    ).map("".join),
    max_size=40,
).map("".join)


@given(DAMAGED | MIXED | st.lists(DAMAGED | st.sampled_from(PROSE), max_size=4).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_candidates_change_nothing_but_the_time(text: str) -> None:
    """The marks are those that each pattern finds in the whole text."""
    assert found(text) == searched(text)


@pytest.mark.parametrize("code", PATTERNS)
def test_no_match_of_a_pattern_escapes_the_candidates(code: str) -> None:
    """Texts made from the pattern itself, with prose around them."""

    @settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(st.from_regex(PATTERNS[code], alphabet=st.characters(codec="ascii") | st.sampled_from("’”")))
    def holds(text: str) -> None:
        assert found(text) == searched(text)
        assert found(f"{PROSE[0]} {text} {PROSE[1]}") == searched(f"{PROSE[0]} {text} {PROSE[1]}")

    holds()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("TXT511", "They read the 's plan in full."),
        ("TXT512", "The has a new mill."),
        ("TXT513", "They left the, and went home."),
        ("TXT514", "In Bristol, , the ferry left."),
        ("TXT514", "The crew ( ) of the ferry."),
        ("TXT514", "Some of of them left."),
        ("TXT515", "The rain was over. said that it would last."),
        ("TXT516", "They spoke to the of trade."),
        ("TXT517", "In the hall, where agreed to go on."),
        ("TXT518", "Latvian President may have been there."),
        ("TXT519", "The trains from, which were late."),
        ("TXT520", "It fell on the market. it rose again there."),
        ("TXT521", "They left the station The second train came."),
        ("TXT522", "He came to the ministryfrom the coast."),
        ("TXT522", "He came by thetrain to the coast."),
    ],
)
def test_each_mark_is_found_in_a_damaged_sentence(code: str, text: str) -> None:
    """One sentence for each, written for this."""
    assert code in {mark for _, mark, _ in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "It’s the ’80s, and that’s Anna’s mill; the which-ever-way of it has been told.",
        "He asked: “Is the was a verb?” And so on.",
        "Vitamin A and C, the U.S. The Hague, and the BBC.",
        "an iPhone. eBay is a firm, e.g. the one of. www.harbour.example has it.",
        "The photographer overlooked the counterclaims of therefore and nevertheless.",
    ],
)
def test_sound_sentences_hold_no_heavy_mark(text: str) -> None:
    """Contractions, names and abbreviations: at most one light mark."""
    weight = {table["code"]: table["weight"] for table in TABLES.values()}

    assert sum(weight[code] for _, code, _ in found(text)) <= 2


def damaged(count: int) -> str:
    """An article with so many verbs that lost their subject."""
    return "".join(f"{sentence} The has left it so.\n\n" for sentence in PROSE[:count]) + "\n\n".join(PROSE[count:])


@pytest.mark.parametrize(("count", "grade"), [(0, Grade.PASS), (1, Grade.PASS), (2, Grade.DOUBT), (3, Grade.FAIL)])
def test_marks_are_graded_together(count: int, grade: Grade) -> None:
    """A single one proves nothing; the reason names them by code, the evidence shows where they stand."""
    finding = findings_of(damaged(count), title="Bridges")["TXT501"]

    assert finding.grade is grade
    assert finding.measured == 2 * count
    assert [mark["text"] for mark in finding.evidence.get("marks", [])] == ["The has"] * count
    assert (f"{count} TXT512" in finding.because) is (grade is not Grade.PASS)
    assert "The has" not in finding.because


def test_a_long_text_may_hold_more_marks() -> None:
    """The density counts too: six points in 3,000 words are under 2 per 1,000 and pass."""
    text = "".join(f"{sentence} It was number {number}.\n\n" for number in range(16) for sentence in PROSE) + damaged(3)

    finding = findings_of(text, title="Bridges")["TXT501"]

    assert finding.measured == 6
    assert finding.grade is Grade.PASS


def test_lost_spaces_weigh_though_cleaning_has_put_them_in() -> None:
    """At most two count."""
    text = article_of().replace(".\n\n", ".", 3).replace("There", "And")

    finding = findings_of(text, title="Bridges")["TXT501"]

    assert finding.measured == 2
    assert finding.evidence["counts"] == {"TXT523": 3}


def test_a_text_in_another_accepted_language_is_not_asked() -> None:
    """Most marks are English: the finding passes and says so."""
    german = "Die Fähre verließ den Hafen am Morgen, und niemand im Dorf wusste, wer die Brücke bezahlen sollte. "
    subject = subject_of(german * 12, title="Brücken")
    findings = {one.code: one for one in panel_of(language=LanguageLimits(accepted=("en", "de"))).examine(subject)}

    for code in ("TXT501", "QUA409"):
        assert findings[code].grade is Grade.PASS
        assert findings[code].measured is None
        assert findings[code].because.startswith("not asked: its language is 'de'")
    assert findings["QUA460"].grade is Grade.PASS


def _sound(text: str) -> str:
    """The text without holes."""
    for hole, whole in (("()", ""), ("（）", ""), (", ,", ","), ("، ،", "،"), ("，，", "，")):
        text = text.replace(hole, whole)
    return text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Fähre aus (), , verließ den Hafen am Morgen, und im Dorf () wusste niemand, wer zahlen sollte. "),
        ("ar", "غادرت العبارة () الميناء في الصباح، ، ولم يكن أحد في القرية () يعرف من سيدفع ثمن إصلاح الجسر. "),
        ("zh", "渡轮（）在清晨离开港口，，中午之前船员们已经清点了每一箱茶叶，村里（）没有人知道谁来付修桥的钱。"),
        ("ru", "Паром () вышел из порта на рассвете, , и никто в деревне () не знал, кто заплатит за ремонт моста. "),
    ],
)
def test_what_is_damage_in_any_language_is_asked_in_every_one(language: str, text: str) -> None:
    """Brackets and commas that something was cut out of weigh as they do in English; whole sentences weigh nothing."""
    asked = panel_of(language=LanguageLimits(accepted=(language,)))

    damaged, sound = (
        {one.code: one for one in asked.examine(subject_of(each, title="Mole"))}["TXT501"]
        for each in (text * 12, _sound(text) * 12)
    )

    assert damaged.grade is Grade.FAIL
    assert set(damaged.evidence["counts"]) == {"TXT514"}
    assert sound.grade is Grade.PASS


def test_a_broken_file_of_marks_says_so() -> None:
    """A pattern that is none, a mark without its weight."""
    text = (SERVICE / "gates" / "measures" / "damage_patterns.toml").read_text(encoding="utf-8")

    with pytest.raises(re.error):
        DamagePatterns.parse(text.replace(r"\bof of\b", r"\bof of\b("))
    with pytest.raises(KeyError):
        DamagePatterns.parse(text.replace("weight = 3", "heft = 3"))
