"""The longer paragraphs of a text, by the hash of their words."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from winnowd.originality.paragraphs import LEAST_WORDS, paragraphs

WHITES = (" ", "  ", "\t", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\x85", "\x1f", "\n")
pieces = st.one_of(st.sampled_from(("Straße", "ABC", "İ", "a-b", *WHITES)), st.text(max_size=3))


def plain_paragraphs(text: str) -> dict[int, tuple[int, int]]:
    """The same, each paragraph's words cut out one by one."""
    found: dict[int, tuple[int, int]] = {}
    start = 0
    for line in text.split("\n"):
        words = line.casefold().split()
        if len(words) >= LEAST_WORDS:
            digest = hashlib.blake2b(" ".join(words).encode("utf-8"), digest_size=8).digest()
            found.setdefault(int.from_bytes(digest) >> 1, (start, start + len(line)))
        start += len(line) + 1
    return found


@given(st.lists(pieces, max_size=8), st.sampled_from(WHITES), st.sampled_from(("", *WHITES)))
def test_a_paragraph_is_known_by_its_words_whatever_parts_them(words: list[str], white: str, edge: str) -> None:
    """Blanks of any kind and number, also at the edges, change neither its hash nor whether it is long enough."""
    text = edge + white.join(words * 4).encode("utf-8", "replace").decode() + edge

    assert paragraphs(text) == plain_paragraphs(text)
