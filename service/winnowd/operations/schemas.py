"""The JSON Schemas of what winnowd reads and writes."""

from __future__ import annotations

from typing import Any, Final

from winnowd.article import Article
from winnowd.event.schema import EVENT
from winnowd.settings import json_schema

SCHEMAS: Final = {
    "settings": "winnowd.toml",
    "event": "a line of the audit log",
    "record": "an article, as a JSON record that is dropped into the inbox may have it",
}
"""What each is of, by name."""


class NoSuchSchemaError(Exception):
    """There is no schema of that name, which is the text."""


def schema_of(name: str) -> dict[str, Any]:
    """The schema of that name.

    Raises:
        NoSuchSchemaError: there is none.
    """
    made = {"settings": json_schema, "event": EVENT.json_schema, "record": Article.model_json_schema}.get(name)
    if made is None:
        raise NoSuchSchemaError(name)
    return made()
