"""The JSON Schemas of what winnowd reads and writes."""

from __future__ import annotations

from typing import Any, Final

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
    match name:  # each loads only what it is of; their names load nothing
        case "settings":
            from winnowd.settings import json_schema

            return json_schema()
        case "event":
            from winnowd.event.schema import EVENT

            return EVENT.json_schema()
        case "record":
            from winnowd.article import Article

            return Article.model_json_schema()
    raise NoSuchSchemaError(name)
