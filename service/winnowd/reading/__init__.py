"""Reading: the bytes of one arrival to records that meet the schema, or to the findings that say why not. Pure.

Who only asks for limits does not wait for the readers of all formats: a third of what a command took to know its
settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.reading.limits import ReadingLimits, SchemaPolicy

if TYPE_CHECKING:
    from winnowd.reading.reader import read

__all__ = ["ReadingLimits", "SchemaPolicy", "read"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever it is
    """Import ``read`` when it is asked for.

    Raises:
        AttributeError: for any other name.
    """
    if name != "read":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from winnowd.reading.reader import read

    return read
