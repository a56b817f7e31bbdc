"""The tokenisation: every property of the fast one against plain Python, on any text."""

from __future__ import annotations

import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.gates.plain import count, counts, covered, lower, measures, parts, spans, top_gram, words_of

from winnowd.text import (
    FAR,
    Kind,
    Tokens,
    Vocabulary,
    gram_characters,
    grams,
    has_words,
    kind_of,
    word_count,
    word_hash,
)

ANY = st.text(st.characters(exclude_categories=["Cs"]))
PIECES = (
    *("the ", "The ", "mill", "sack-race ", "it’s ", "it's ", "’", "'", "-", "--", "\n", "\n\n", " ", "\u00a0", "\t"),
    *("é", "e\u0301", "Å", "ﬁ", "ß", "İ", "ǅ", "ª", "½", "①", "٣", "_", "x_1", "42", "3.5", "中文", "한국", "हिन्दी"),
    *(
        "ひらがな",
        "カタ",
        "日本語",
        "ภาษาไทย",
        "ก็",
        "ລາວ",
        "ខ្មែរ",
        "မြန်မာ",
        "བོད་",
        "አማርኛ፡",
        "می\u200cخواهم",
        "क्\u200dष",
        "\u200d",
    ),
    *("。", "。」", "！", "、", "।", "؟", "۔", "።", "「", "»", "“", "❤\ufe0f", "\u0e49", "\u093e"),
    *(
        "𝐀",
        "𐐀",
        "𝟙",
        "😀",
        "\U000e0001",
        ".",
        "...",
        "…",
        "!",
        "?",
        ",",
        '"',
        "”",
        "“",
        ":",
        ";",
        "#",
        "(",
        "]",
        "<b>",
        "&amp;",
    ),
    *("\u200b", "\ufeff", "\ufffd", "\x00", "\x1c", "\x85", "\u2028", "\u2003", "•", "- ", "@", "http://", "www."),
)
MIXED = st.lists(st.sampled_from(PIECES)).map("".join)
TEXTS = ANY | MIXED


@given(TEXTS)
@example("")
@example("a" * 70_000)
def test_words_are_those_of_the_plain_twin(text: str) -> None:
    r"""``\w+(?:['’-]\w+)*``, with marks, joiners and letters that stand alone; no text is too long for the tables."""
    tokens = Tokens(text)

    found = list(zip(tokens.words.starts.tolist(), tokens.words.ends.tolist(), strict=True))

    assert found == spans(text)
    assert tokens.count == word_count(text) == count(text) == sum(tokens.line_words)
    assert has_words(text, tokens.count)
    assert not has_words(text, tokens.count + 1)
    assert tokens.sizes.tolist() == [end - start for start, end in found]
    assert [tokens.word(place) for place in range(len(found))] == words_of(text)


@given(TEXTS)
def test_parts_are_runs_of_word_characters(text: str) -> None:
    r"""The pieces that words are joined from are the runs of ``\w``."""
    starts, ends = Tokens(text).parts

    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == parts(text)


@given(st.lists(MIXED, max_size=4).map(" ".join))
@example("a" * 70_000 + " A")
@example("it's it’s it-s")
@example("a-b-c a-x-c a-b-x")
@example("ab-" * 30_000 + "c it's a-b")
def test_words_have_equal_hashes_just_if_they_are_equal(text: str) -> None:
    """Upper and lower case apart, equal words have equal hashes, wherever they stand; other words have other ones."""
    words = [lower(word) for word in words_of(text)]

    hashes = Tokens(text).hashes.tolist()

    assert len(set(zip(words, hashes, strict=True))) == len(set(words)) == len(set(hashes))
    alone = [(word, number) for word, number in zip(words, hashes, strict=True) if spans(word) == [(0, len(word))]]
    assert all(word_hash(word) == number for word, number in alone[:20])


@given(TEXTS)
def test_every_character_is_counted_under_its_kind(text: str) -> None:
    """The census is that of ``kind_of``, beyond the first plane too."""
    counted = Counter(map(kind_of, text))

    census = Tokens(text).census

    assert {kind: count for kind, count in enumerate(census) if count} == dict(counted)


@given(TEXTS)
def test_lines_and_their_words_are_those_of_split(text: str) -> None:
    """Each line as between LF, with the number of its words."""
    tokens = Tokens(text)

    assert tokens.lines == text.split("\n")
    assert tokens.line_words == counts(text)


@given(st.lists(MIXED, max_size=30).map("\n".join))
def test_shares_of_lines_are_those_of_the_plain_twin(text: str) -> None:
    """QUA420 to QUA423, which cleaning asks too."""
    plain = measures(text)

    shares = Tokens(text).line_shares

    expected = [plain[name] for name in ("line_marks", "marked_words", "long_line_words", "short_lines")]
    assert list(shares) == pytest.approx(expected)


WORDS = st.lists(st.sampled_from(["a", "bc", "cb", "abc", "mill", "ab"]), max_size=60)


@pytest.mark.parametrize("many", [0, grams.MANY], ids=["at-once", "one-by-one"])
@given(words=WORDS)
@example(words=["mill"] * 40)
@example(words=[])
@example(words=[str(number) for number in range(150)] * 2)
def test_repeated_runs_are_those_of_the_plain_twin(many: int, words: list[str]) -> None:
    """The commonest runs of 2 to 4 words, and what repeated runs of 5 to 10 cover, on texts that repeat a lot."""
    tokens = Tokens(" ".join(words))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "MANY", many)
        found = gram_characters(tokens.hashes, tokens.sizes)

    assert list(found.top) == [top_gram(words, size) for size in (2, 3, 4)]
    assert list(found.repeated) == [covered(words, size) for size in range(5, 11)]


def test_only_far_characters_can_change_when_composed() -> None:
    """A text without a far character or a rare blank is in NFC: cleaning need not ask (all pairs with a mark)."""
    near = [one for one in map(chr, range(0x10000)) if kind_of(one) not in {*FAR, Kind.OTHER_BLANK}]
    near = [one for one in near if unicodedata.category(one) != "Cs"]

    assert all(unicodedata.is_normalized("NFC", one) for one in near)
    assert not any(unicodedata.combining(one) for one in near)


@given(TEXTS)
def test_a_vocabulary_gives_the_bits_of_its_words_and_of_no_other(text: str) -> None:
    """Looked up by hash alone, in upper and lower case."""
    classes = {"the": 1, "mill": 2, "x_1": 6, "a": 8}
    vocabulary = Vocabulary(classes)

    found = vocabulary.classes(Tokens(text).hashes)

    assert found.tolist() == [classes.get(lower(word), 0) for word in words_of(text)]


def test_a_vocabulary_of_too_many_words_says_so() -> None:
    """It never answers wrongly: it is not made."""
    classes = dict.fromkeys((f"word{number}" for number in range(1 << 15)), 1)

    with pytest.raises(ValueError, match="too many words"):
        Vocabulary(classes)


def test_hashes_are_mixed_well() -> None:
    """Any two of 200,000 short words differ, in the top 32 bits too, as often as chance would have it."""
    text = " ".join(f"{one:x}" for one in range(200_000))

    hashes = Tokens(text).hashes

    assert len(np.unique(hashes)) == 200_000
    mixed = (hashes * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(32)
    assert 200_000 - len(np.unique(mixed)) < 20


@given(st.lists(MIXED.filter(lambda line: "\n" not in line), min_size=1, max_size=12), st.data())
def test_lines_cut_from_a_text_have_the_words_of_their_own(lines: list[str], data: st.DataObject) -> None:
    """``of_lines`` is equal, in all that can be asked, to cutting the joined lines anew."""
    bounds = sorted(data.draw(st.sets(st.integers(0, len(lines)), max_size=6)))
    runs = [(first, end - 1) for first, end in zip(bounds[0::2], bounds[1::2], strict=False)]
    anew = Tokens("\n".join(line for first, last in runs for line in lines[first : last + 1]))

    cut = Tokens("\n".join(lines)).of_lines(runs)

    assert cut.text == anew.text
    assert (cut.census, cut.lines, cut.line_words) == (anew.census, anew.lines, anew.line_words)
    for name in ("codes", "kinds", "hashes", "part_hashes", "inner", "sizes", "line_ends", "line_parts"):
        assert getattr(cut, name).tolist() == getattr(anew, name).tolist()
    for name in ("parts", "words"):
        assert [one.tolist() for one in getattr(cut, name)] == [one.tolist() for one in getattr(anew, name)]
