"""Every value that one room hands to the next: frozen, without behaviour beyond its own arithmetic. Pure."""

from winnowd.model.articles import Cleaned, Origin, Provenance, Read, Source, Unreadable
from winnowd.model.findings import Finding, Grade, Limit, Note, Outcome, Standing
from winnowd.model.originality import Examination, Fingerprint, Known, Merit, Nearest, Relation, Sketch
from winnowd.model.route import (
    Arrival,
    Binding,
    Carried,
    Change,
    Decision,
    Effect,
    Entry,
    Filed,
    Judged,
    Line,
    Prepared,
    Progress,
)

__all__ = [
    "Arrival",
    "Binding",
    "Carried",
    "Change",
    "Cleaned",
    "Decision",
    "Effect",
    "Entry",
    "Examination",
    "Filed",
    "Finding",
    "Fingerprint",
    "Grade",
    "Judged",
    "Known",
    "Limit",
    "Line",
    "Merit",
    "Nearest",
    "Note",
    "Origin",
    "Outcome",
    "Prepared",
    "Progress",
    "Provenance",
    "Read",
    "Relation",
    "Sketch",
    "Source",
    "Standing",
    "Unreadable",
]
