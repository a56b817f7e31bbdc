"""What is asked of the lines of one text: the patterns of English, or another language's list. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from winnowd.cleaning.listing import Listing
    from winnowd.text import Tokens


class LineRules(Protocol):
    """What the steps of cleaning ask."""

    @property
    def bit(self) -> Mapping[str, int]:
        """The bit of each category in a mask."""

    @property
    def glued(self) -> re.Pattern[str]:
        """Two sentences without a blank between them, groups 1 and 2."""

    @property
    def sound(self) -> re.Pattern[str]:
        """What only looks like that."""

    @property
    def listing(self) -> Listing | None:
        """The list that is asked; None for English."""

    def masks(self, tokens: Tokens) -> list[int]:
        """For each line of a trimmed text the categories that it may be of."""

    def code_of(self, line: str, mask: int) -> str:
        """The code of the category that a trimmed line belongs to, of those in the mask; "" for none."""

    def tells(self, code: str, sentence: str, mask: int) -> bool:
        """Whether a sentence from a line with this mask is one of a category."""

    def fits(self, code: str, line: str, mask: int) -> bool:
        """The same of a whole line, which has not more words than such a line may have."""

    def keeps_back(self, sentence: str, mask: int) -> bool:
        """Whether a sentence is that of a wall: the rest of the article is for those who pay."""
