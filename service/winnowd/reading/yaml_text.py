"""YAML to texts, lists and maps of texts, from a kept parser's events: nothing is built, nothing is named. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yaml.events import Event

Value = str | list["Value"] | dict[str, "Value"]

_DEEPEST: Final = 8
_MOST_VALUES: Final = 5_000


class NotPlainError(ValueError):
    """The block is not made of texts, lists and maps; the message names the line, never its content."""


class UnreadableError(NotPlainError):
    """It is not YAML at all."""


def load(block: str) -> dict[str, Value]:
    """The fields of a block of YAML: each scalar is the text that stands there, so that ``no`` is no truth value.

    Raises:
        NotPlainError: for anchors, aliases and tags, a key that is no text or stands twice, a value more than 8 deep,
            more than 5,000 values, or a block that is no map.
        UnreadableError: for what is not YAML.
    """
    import yaml

    try:
        found = _Builder().built(yaml.parse(block, Loader=yaml.BaseLoader))
    except NotPlainError:
        raise
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        raise UnreadableError("a line is no YAML" if at is None else f"line {at.line + 2} is no YAML") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise UnreadableError("it has a character that YAML does not take") from error
    if not isinstance(found, dict):
        raise NotPlainError("it is no map of keys to values")
    return found


class _Builder:
    """The values of which the events are being read, the outermost first.

    In a map, the key that has no value yet waits in ``keys``.
    """

    def __init__(self) -> None:
        self._open: list[list[Value] | dict[str, Value]] = [[]]
        self._keys: list[str | None] = [None]
        self._values = 0

    def built(self, events: Iterable[Event]) -> Value | None:
        """The only document; None if there is none."""
        for event in events:
            self._values += 1
            line = 0 if event.start_mark is None else event.start_mark.line + 2
            if self._values > _MOST_VALUES:
                raise NotPlainError(f"it has more than {_MOST_VALUES:,} values")
            self._consume(event, line)
        documents = self._open[0]
        return documents[0] if isinstance(documents, list) and len(documents) == 1 else None

    def _consume(self, event: Event, line: int) -> None:
        import yaml

        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise NotPlainError(f"line {line} has an anchor, an alias or a tag")
        if isinstance(event, yaml.ScalarEvent):
            self._put(str(event.value), line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _begin(self, value: list[Value] | dict[str, Value], line: int) -> None:
        if len(self._open) > _DEEPEST:
            raise NotPlainError(f"line {line} is more than {_DEEPEST} deep")
        self._put(value, line)
        self._open.append(value)
        self._keys.append(None)

    def _put(self, value: Value, line: int) -> None:
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif key is not None:
            parent[key] = value
            self._keys[-1] = None
        elif not isinstance(value, str):
            raise NotPlainError(f"line {line} has a key that is no text")
        elif value in parent:
            raise NotPlainError(f"line {line} has a key that stood before")
        else:
            self._keys[-1] = value
