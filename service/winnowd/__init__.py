"""winnowd guards a text corpus: every article dropped into its inbox gets one decision, with its evidence.

For Python: ``check``, ``Corpus`` and what they give (docs/python.md); loaded when first named, so that an
import of winnowd is cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from winnowd.api import Article, Corpus, Decision, ManyRecordsError, Report, Waiting, check, check_records

__version__ = "0.1.0"

__all__ = ["Article", "Corpus", "Decision", "ManyRecordsError", "Report", "Waiting", "check", "check_records"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has that name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("winnowd.api"), name)
