"""The audit event: one dict and one line of ASCII JSON for each decision, order and act of the service. Pure.

ECS 9.4 names stand at the top, ours under ``winnowd.*``. Within schema 1 no field is renamed, dropped or given another
meaning; fields are added. A field is absent, never null. Nothing here quotes an article but ``evidence``, which stands
in a file beside the log, with only place and hash in the event.
"""

from winnowd.event.acts import Operator, ordered, service
from winnowd.event.context import SCHEMA, Context
from winnowd.event.decided import decided, evidence_path, measures
from winnowd.event.evidence import encoded, evidence
from winnowd.event.limits import in_force
from winnowd.event.line import FIRST, addressed, chained, closed, digest, render, written

__all__ = [
    "FIRST",
    "SCHEMA",
    "Context",
    "Operator",
    "addressed",
    "chained",
    "closed",
    "decided",
    "digest",
    "encoded",
    "evidence",
    "evidence_path",
    "in_force",
    "measures",
    "ordered",
    "render",
    "service",
    "written",
]
