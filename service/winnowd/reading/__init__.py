"""Reading: the bytes of one arrival to records that meet the schema, or to the findings that say why not. Pure."""

from winnowd.reading.limits import ReadingLimits, SchemaPolicy
from winnowd.reading.reader import read

__all__ = ["ReadingLimits", "SchemaPolicy", "read"]
