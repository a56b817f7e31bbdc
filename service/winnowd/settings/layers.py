"""What the sources of a configuration give, each value with its place: TOML files, the environment, flags.

A source lists faults of its own (a file that is no TOML); whether names and values are good is ``judged`` elsewhere.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PREFIX: Final = "WINNOWD_"
_STEP: Final = "__"
_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"({_KEY}(?:\s*\.\s*{_KEY})*)"
_TABLE: Final = re.compile(rf"\s*\[{{1,2}}\s*{_PATH}\s*\]")
_ENTRY: Final = re.compile(rf"\s*{_PATH}\s*=")
_STEPS: Final = re.compile(_KEY)


class Given(NamedTuple):
    """One value that a source gives; ``where`` names its place for messages, ``spelled`` tells that it is bare text."""

    name: str
    value: Any
    where: str
    spelled: bool = False


class Layer(NamedTuple):
    """All that one source gives, and what is wrong with the source itself."""

    given: tuple[Given, ...] = ()
    faults: tuple[str, ...] = ()


def file_layer(path: Path, shown: str) -> Layer:
    """Read a TOML file; ``shown`` is its name in messages."""
    try:
        text = path.read_bytes().decode("utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        return Layer(faults=(f"{shown}: cannot be read ({error.strerror}); give a file that can",))
    except UnicodeDecodeError as error:
        return Layer(faults=(f"{shown}: byte {error.start} is not UTF-8; save the file as UTF-8",))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits and brackets 500 deep are no TOML to us
        return Layer(faults=(_not_toml(str(error), shown),))
    lines = lines_of(text)
    return Layer(tuple(Given(name, value, _where(shown, name, lines)) for name, value in flattened(tables)))


def environment_layer(environ: Mapping[str, str], top_level: Iterable[str]) -> Layer:
    """Take ``WINNOWD_GATES__LENGTH__WORDS__MIN__FAIL=60`` and the like; other names of ours are no settings.

    A name without ``__`` is a setting only if it is one of ``top_level``.
    """
    given = []
    for variable, text in sorted(environ.items()):
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and (_STEP in name or name in top_level):
            given.append(Given(name.replace(_STEP, "."), text, variable, spelled=True))
    return Layer(tuple(given))


def flag_layer(overrides: Iterable[str], where: str = "flag") -> Layer:
    """Take ``name=value`` as a command's flag gives it; ``where`` names that flag."""
    given, faults = [], []
    for override in overrides:
        name, equals, text = override.partition("=")
        if equals:
            given.append(Given(name.strip(), text.strip(), where, spelled=True))
        else:
            faults.append(f"{where}: {json.dumps(override)} has no value; write name=value")
    return Layer(tuple(given), tuple(faults))


def flattened(tables: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested tables by their full names; an empty table is a value."""
    for key, value in tables.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from flattened(value, f"{name}.")
        else:
            yield name, value


def lines_of(text: str) -> dict[str, int]:
    """The line, from 1, at which each name of a TOML text first stands; tomllib keeps none.

    A line inside a string of several lines may be taken for an entry: it then only adds a name that nobody asks for.
    """
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _joined(header[1]) + "."
            lines.setdefault(table[:-1], number)
        elif entry := _ENTRY.match(line):
            lines.setdefault(table + _joined(entry[1]), number)
    return lines


def _joined(path: str) -> str:
    return ".".join(key.strip("\"'") for key in _STEPS.findall(path))


def _where(shown: str, name: str, lines: Mapping[str, int]) -> str:
    """File and line of a name, or of the inline table in which it stands."""
    while name not in lines and "." in name:
        name = name.rpartition(".")[0]
    return f"{shown}:{lines[name]}" if name in lines else shown


def _not_toml(message: str, shown: str) -> str:
    what, _, position = message.partition(" (at ")
    line = re.search(r"line (\d+)", position)
    what = what[:1].lower() + what[1:]
    return f"{shown}{':' + line[1] if line else ''}: not TOML ({what}); mend this line"
