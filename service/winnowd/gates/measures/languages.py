"""The languages that can be detected, one name for each, from where on one is believed, and what is known of each.

Pure, but for ``languages.toml`` of this package, which is read once.
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


_TABLE: Final[Mapping[str, Any]] = tomllib.loads(
    importlib.resources.files(__package__).joinpath("languages.toml").read_text(encoding="utf-8")
)
_WORD_LENGTH: Final[Mapping[str, float]] = _TABLE["word_length"]
_KIN: Final = {name: tuple(group.split()) for group in _TABLE["kin"]["groups"] for name in group.split()}


def kin(language: str) -> tuple[str, ...]:
    """The languages that this one cannot be parted from, it with them."""
    return _KIN.get(language, (language,))


def are_kin(one: str, other: str) -> bool:
    """Whether two languages are one, or cannot be parted."""
    return other in kin(one)


def can_be_told(tag: str) -> bool:
    """Whether an article can be found to be in the language of a tag, or in one that it cannot be parted from."""
    return not DETECTABLE.isdisjoint(kin(primary(tag)))


def others_of(accepted: Iterable[str] | None) -> frozenset[str]:
    """The languages that are not judged as English is: the others that are accepted; all, if that is not asked."""
    wanted = DETECTABLE if accepted is None else {one for name in accepted for one in kin(primary(name))}
    return frozenset(wanted) - {ENGLISH}


@functools.cache
def word_length(language: str) -> float | None:
    """How long its words are beside English ones; None if that is not known."""
    length = _WORD_LENGTH.get(primary(language) if language else ENGLISH)
    return None if length is None else length / _WORD_LENGTH[ENGLISH]
