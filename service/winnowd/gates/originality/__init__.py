"""The gate of originality: grades what ``winnowd.originality`` measures, and names the twin. Pure but for its ports."""

from winnowd.gates.limits import OriginalityLimits
from winnowd.gates.originality.gate import Originality
from winnowd.gates.originality.preferred_version import quality_key
from winnowd.gates.originality.presenting import present
from winnowd.gates.originality.standing import ORDERS, standing_after

__all__ = ["ORDERS", "Originality", "OriginalityLimits", "present", "quality_key", "standing_after"]
