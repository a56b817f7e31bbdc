"""Pictures of plain values, as inline SVG with a table behind each: for the web pages and for reports as files. Pure.

No colour stands here: elements have classes, and ``web/static/pictures.css`` gives each its colours, light and dark.
"""

from winnowd.views.pictures.caught import CurvePoint, caught_curve
from winnowd.views.pictures.causes import Cause, causes
from winnowd.views.pictures.copies import Copy, Original, copies
from winnowd.views.pictures.days import Day, days
from winnowd.views.pictures.dot_map import dot_map
from winnowd.views.pictures.histogram import histogram
from winnowd.views.pictures.hours import hours
from winnowd.views.pictures.picture import Picture

__all__ = [
    "Cause",
    "Copy",
    "CurvePoint",
    "Day",
    "Original",
    "Picture",
    "caught_curve",
    "causes",
    "copies",
    "days",
    "dot_map",
    "histogram",
    "hours",
]
