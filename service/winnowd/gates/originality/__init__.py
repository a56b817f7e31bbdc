"""The gate of originality: grades what ``winnowd.originality`` measures, and names the twin. Pure but for its ports."""

from winnowd.gates.originality.better import merit
from winnowd.gates.originality.gate import Originality
from winnowd.gates.originality.limits import OriginalityLimits
from winnowd.gates.originality.standing import ORDERS, standing_after

__all__ = ["ORDERS", "Originality", "OriginalityLimits", "merit", "standing_after"]
