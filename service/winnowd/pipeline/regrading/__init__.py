"""What a decision of the log would be under other limits, by what its event measured; no text is read. Pure.

Most grades follow from a measure and its limit. What hangs on more than the log holds is given as bounds: the mildest
grade that it may be, and the worst (docs/design/operations.md, "What if").
"""

from winnowd.pipeline.regrading.regrader import Regraded, Regrader
from winnowd.pipeline.regrading.rules import Bounds, LimitsOutOfOrderError, Rules

__all__ = ["Bounds", "LimitsOutOfOrderError", "Regraded", "Regrader", "Rules"]
