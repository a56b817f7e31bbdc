"""The laws of a text's outside: its encoding by any label, and what is a page."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.reading.stand import PROSE, ROOT, bytes_of, cases_of
from webencodings import encode
from webencodings.labels import LABELS

from winnowd.reading.decoding import decode, encoding_of
from winnowd.reading.markup import declared_encodings, is_page

READ_BY_NONE = {"replacement", "x-user-defined"}
"""Encodings of the WHATWG that stand for "not to be read" and for bytes without characters."""
WIDE = {"utf-16le", "utf-16be"}
"""What a page cannot declare and be: its bytes tell it."""
BY_LABEL = sorted(label for label, name in LABELS.items() if name not in READ_BY_NONE | WIDE)
CHARACTERS = "éñßÖ“”—€łžşğΩλжЯіאשعربيกไทยあア漢字码头한국ẞơ"

ARTICLES = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "samples" / "articles").glob("*.txt")]
PAGES = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "samples" / "pages").glob("*.html")]
PAGES += [
    bytes_of(case).decode()
    for case in cases_of("pages")
    if case["file"].endswith("html") and "encoding" not in case and case["records"][0].startswith("article")
]
TAGS = ["<p>", "</p>", "<div class='x'>", "</div>", "<h1>", "<html>", "<body>", "<!--", "<3", "<", "<b>", "<y>", "<?"]


@given(st.sampled_from(BY_LABEL), st.sampled_from(["", " "]), st.text(CHARACTERS, min_size=1, max_size=20))
@settings(max_examples=500)
def test_every_label_of_the_whatwg_decodes_what_its_encoding_wrote(label: str, blank: str, written: str) -> None:
    """However the label is spelled; only bytes that are UTF-8, too, are read as that."""
    text = "".join(character for character in written if encodable(character, label)) + " quay"
    data = encode(text, label)
    assume(text.isascii() or LABELS[label] == "utf-8" or not is_utf_8(data))

    assert decode(data, blank + label.upper() + blank).text == text


def encodable(character: str, label: str) -> bool:
    """Whether an encoding has a character."""
    try:
        return bool(encode(character, label))
    except UnicodeEncodeError:
        return False


def is_utf_8(data: bytes) -> bool:
    """Whether bytes would pass for UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not data.count(b"\x1b")


@pytest.mark.parametrize(
    "label", ["rot13", "utf-7", "idna", "undefined", "ibm437", "iso-2022-kr", "ＵＴＦ-8", "", None]
)
def test_what_is_no_label_of_the_whatwg_names_no_encoding(label: str | None) -> None:
    """Python knows more codecs than the web, and some of them are no encodings of text."""
    assert encoding_of(label) is None


@given(st.binary(max_size=300) | st.sampled_from(PAGES).map(str.encode), st.sampled_from(BY_LABEL))
def test_a_declaration_is_found_wherever_it_stands_in_the_head(before: bytes, label: str) -> None:
    """Whatever scripts stand before it, unless they hold another."""
    assume(not declared_encodings(before) and b"<" not in before)

    page = b"<html><head><script>" + before + b'</script><meta content="text/html; charset=%s">' % label.encode()

    assert declared_encodings(page) == (label,)


@given(st.dictionaries(st.integers(1, 14), st.sampled_from(TAGS)), st.sampled_from(["", *TAGS]))
@example({}, "<html>")
@example({3: "</p>"}, "<p>")
def test_prose_with_tags_in_it_is_no_page(tags: dict[int, str], first: str) -> None:
    """A tag before it and tags between its words, a paragraph without any behind it: a text about markup."""
    words = f"{first} {PROSE}".split()
    for place in sorted(tags, reverse=True):
        words.insert(place * 5, tags[place])

    assert not is_page(" ".join(words) + f"\n\n{PROSE}")


@given(st.sampled_from([PROSE, *ARTICLES]) | st.text())
def test_a_text_without_tags_is_no_page(text: str) -> None:
    """Our own texts, and any characters."""
    assume("<" not in text)

    assert not is_page(text)
    assert not is_page(f"< {text}")


@given(
    st.sampled_from([page for page in PAGES if page.startswith("<!") or "<html" in page]),
    st.integers(40, 4_096),
    st.sampled_from(["", "<!-- saved -->\n", "\n \n"]),
)
def test_a_page_is_one_however_its_beginning_is_cut(page: str, length: int, before: str) -> None:
    """The first bytes of it are enough, comments and blanks before it aside."""
    assert is_page(f"{before}{page}"[:length])


@given(st.sampled_from(PAGES), st.sampled_from(["<head", "<body", "<article", "<p>", "<div"]))
def test_a_part_of_a_page_is_one(page: str, tag: str) -> None:
    """From an element of it on to the end."""
    assume(tag in page)

    assert is_page(page[page.index(tag) :][:4_096])
