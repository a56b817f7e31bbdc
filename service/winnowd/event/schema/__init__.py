"""The shape of an event: its JSON Schema, and what every line of the log is held to. Pure.

Annotations are not postponed here: pydantic reads them when a class is made, so their names are imported for good.
"""

from winnowd.event.schema.event import EVENT, Event

__all__ = ["EVENT", "Event"]
