"""Which samples are judged: those written for the project, always, and the development data where they are.

The development data lie in ``shared`` beside the checkout. They belong to their publishers and are no part of the
project; what is promised of both is tested by the same test, so that it holds without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

OWN: Final = Path(__file__).parent
SHARED: Final = OWN.parents[2] / "shared"
QUALITY: Final = SHARED / "data" / "quality"


def both(own: Path, shared: Path) -> dict[str, Path]:
    """Own samples and, where they are there, shared ones, by what a test calls them."""
    return {"own": own} | ({"shared": shared} if shared.exists() else {})


ARTICLES: Final = both(OWN / "articles", SHARED / "articles")
"""Two folders of five articles each, by number the same in both: 0 an original, 1 and 2 damaged rewrites of it, 3 and 4
other articles on the same event, 4 in clutter."""


def five(samples: str) -> list[Path]:
    """The five articles of one of the folders, by their number."""
    return sorted(ARTICLES[samples].glob("00[0-4]_*.txt"))
