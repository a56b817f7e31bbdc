"""What is asked of articles in each accepted language, by family of rules: some need a list or a table of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.cleaning import LISTED
from winnowd.gates.limits import LanguageLimits
from winnowd.gates.measures.languages import ENGLISH, primary, word_length
from winnowd.originality.cascade import is_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from winnowd.settings import Settings


class LanguageRules(NamedTuple):
    """An accepted language (ISO 639), and the families of rules that are asked of it, and that are not."""

    language: str
    applicable: tuple[str, ...]
    skipped: tuple[str, ...]

    @property
    def said(self) -> str:
        """In words: all, or what is not asked."""
        return f"{self.language}: " + (f"not asked: {', '.join(self.skipped)}" if self.skipped else "all is asked")


PHRASES: Final = "lines around articles (CLN313 to CLN330, QUA450 to QUA455)"
_REWRITES: Final = "rewriting (DUP606, DUP607)"
_LENGTHS: Final = "mean length of words (QUA403, QUA404)"
_ENGLISH: Final = "stop words and broken grammar (QUA409, TXT501)"
_FAMILIES: Final[Mapping[str, Callable[[str, Settings], bool]]] = {
    PHRASES: lambda language, _: language in LISTED,
    _REWRITES: lambda language, settings: (
        settings.originality is not None and is_asked(language, settings.originality.languages)
    ),
    _LENGTHS: lambda language, _: word_length(language) is not None,
    _ENGLISH: lambda language, _: language == ENGLISH,
}
"""Every other rule is asked in every language, but for the marks that end sentences, which Thai and Lao do not have."""


def language_rules(settings: Settings) -> Iterator[LanguageRules]:
    """The accepted languages in the order of the setting; none where no language is asked for."""
    limits = settings.gates.get("language")
    accepted = limits.accepted if isinstance(limits, LanguageLimits) else ()
    for language in dict.fromkeys(map(primary, accepted)):
        applicable = tuple(name for name, applies in _FAMILIES.items() if applies(language, settings))
        yield LanguageRules(language, applicable, tuple(name for name in _FAMILIES if name not in applicable))
