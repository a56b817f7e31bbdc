"""Reading the audit log, from its files alone: its events, one record's history, whether anything was changed.

Reads ``audit/YYYY/MM/DD.jsonl``, or the packed file of a sealed day; needs neither ledger nor daemon.
"""

from winnowd.storage.log.check import Anchor, Checked, Fault, anchors, check, index_anchor
from winnowd.storage.log.find import best_fitting, find, fit_of, name_of
from winnowd.storage.log.lines import Log, Logged, day_of
from winnowd.storage.log.links import FIRST, HEAD, Head, Link, head_of, link_of

__all__ = [
    "FIRST",
    "HEAD",
    "Anchor",
    "Checked",
    "Fault",
    "Head",
    "Link",
    "Log",
    "Logged",
    "anchors",
    "best_fitting",
    "check",
    "day_of",
    "find",
    "fit_of",
    "head_of",
    "index_anchor",
    "link_of",
    "name_of",
]
