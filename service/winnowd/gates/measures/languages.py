"""The languages that can be detected, one name for each, and from where on one is believed. Pure."""

from __future__ import annotations

ENGLISH = "en"
_DETECTABLE = """
    ace af am an ar ary arz as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et eu ext fa fi fo fr fuv fy
    ga gcf gcr gd gl gom grc gu gug guw ha hbo he hi hr ht hu hy id ig is it ja jv ka kab kik kk km kn ko ku ky la lb lg
    lij ln lo lt ltg lv mg mk ml mn mr ms mt my ne nl nn no nso oc om or pa pcm pl ps pt qu ro ru rw sa sdh se si sk sl
    sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz uzs vec vi vo wa wuu xh yo yue zh zu
"""
DETECTABLE = frozenset(_DETECTABLE.split())
"""The languages that the model can tell (ISO 639)."""
SURE = 0.65
OVERALL_SHARE = 0.08
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}


def primary(tag: str) -> str:
    """The first part of a language tag, with one name for languages that have two: ``en-GB`` is ``en``."""
    first = tag.partition("-")[0].lower()
    return _SAME.get(first, first)
