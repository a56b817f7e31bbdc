"""``[feeds.NAME.fields]``: where the records of one feed bring which field, checked as settings are."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.name_table import NAMES, steps_of
from winnowd.settings.judging import Held, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.settings.layers import Given
    from winnowd.settings.options import Value

_TABLE: Final = "feeds."
_FIELDS: Final = ".fields."
_PATH: Final = 'a path, as "payload.story.html" or "authors[].name"'
TEMPLATE: Final = (
    "A feed is a folder of the inbox. If its records bring a field where winnowd does not look for it, say where: the",
    "table's name has the feed's, in quotes if it is not plain; each entry a field and a path of keys, [0] for the",
    'first element of a list, [] for each. "winnowd schema map FILE --feed NAME" shows what comes of it.',
    "",
    "  [feeds.NAME.fields]",
    '  text = "payload.story.html"',
    '  authors = "payload.writers[].name"',
)
"""What stands in the configuration file about feeds."""


def is_of_feed(item: Given) -> bool:
    """Whether a value is one of a feed's."""
    return item.name.startswith(_TABLE)


def feeds_judged(given: Iterable[Given]) -> tuple[dict[str, Held], list[str]]:
    """The good paths of one source by ``feeds.NAME.fields.FIELD``, and a fault for each other."""
    held, faults = {}, []
    for item in given:
        feed, found, field = item.name.removeprefix(_TABLE).rpartition(_FIELDS)
        path = item.value
        if not found or not feed:
            faults.append(
                f"{item.where}: {json.dumps(item.name)} is unknown; a feed has only a table [feeds.NAME.fields]"
            )
        elif field not in NAMES:
            similar = difflib.get_close_matches(field, NAMES)
            advice = f"did you mean {' or '.join(similar)}?" if similar else f"give one of {', '.join(NAMES)}"
            faults.append(f"{item.where}: {json.dumps(field)} is no field of an article; {advice}")
        elif not isinstance(path, str) or not isinstance((steps_of(path) or (None,))[0], str):
            faults.append(f"{item.where}: {item.name} is {json.dumps(path, default=str)[:60]}; give {_PATH}")
        else:
            name = f"{_TABLE}{_key(feed)}{_FIELDS}{field}"
            held[name] = Held(path, item.where, shown(path))
    return held, faults


def _key(feed: str) -> str:
    """A feed's name as a key of TOML."""
    plain = feed.replace("_", "").replace("-", "")
    return feed if plain.isascii() and plain.isalnum() else json.dumps(feed)


def feeds_of(values: Mapping[str, Value]) -> dict[str, dict[str, str]]:
    """The mapping of each feed: field to path."""
    feeds: dict[str, dict[str, str]] = {}
    for name, path in values.items():
        if name.startswith(_TABLE):
            key, _, field = name.removeprefix(_TABLE).rpartition(_FIELDS)
            feeds.setdefault(json.loads(key) if key.startswith('"') else key, {})[field] = str(path)
    return feeds


def feeds_schema() -> dict[str, Any]:
    """The JSON Schema of the table."""
    fields = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"type": "string"} for name in NAMES},
    }
    feed = {"type": "object", "additionalProperties": False, "properties": {"fields": fields}}
    return {
        "type": "object",
        "description": "Where the records of a feed bring which field.",
        "additionalProperties": feed,
    }
