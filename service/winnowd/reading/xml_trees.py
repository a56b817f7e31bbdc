"""XML from outside to a tree: no entities, nothing fetched, depth and number of elements bounded. Pure.

The tree is so shallow that what walks it may recurse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.records import RefusedError, beyond, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_DEEPEST: Final = 200
"""Office files of real writers reach 40, with tables in tables 70."""

_MOST_ELEMENTS: Final = 500_000
"""A book of 500 pages has 200,000; so many take 250 MB at worst."""


def xml_tree(data: bytes) -> Element:
    """The root of an XML document.

    Raises:
        RefusedError: INP132, it is no XML; INP133, it declares entities; INP134, too deep or too many elements.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    depth = count = 0
    root: Element | None = None
    try:
        for event, element in iterparse(BytesFile.of(data), events=("start", "end")):
            if event == "end":
                depth -= 1
                continue
            root = element if root is None else root
            depth += 1
            count += 1
            _check(depth, count)
    except (RefusedError, MemoryError):
        raise
    except DefusedXmlException:
        raise refused("INP133", "it declares entities of its own, or points to such") from None
    except (ParseError, ValueError, LookupError):
        raise refused("INP132", "its XML is not well formed") from None
    if root is None:
        raise refused("INP132", "its XML has no element")
    return root


def _check(depth: int, count: int) -> None:
    if depth > _DEEPEST:
        raise beyond("INP134", "depth", depth, _DEEPEST, f"elements more than {_DEEPEST} deep")
    if count > _MOST_ELEMENTS:
        raise beyond("INP134", "elements", count, _MOST_ELEMENTS, f"more than {_MOST_ELEMENTS:,} elements")


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def below(element: Element | None, name: str) -> Iterator[Element]:
    """The elements of a name, without namespace, anywhere below an element, in order."""
    if element is not None:
        yield from (found for found in element.iter() if local(found) == name)


def first(element: Element | None, *path: str) -> Element | None:
    """The first element below that has this path of names, each anywhere below the one before."""
    for name in path:
        element = next(below(element, name), None)
    return element


def line(element: Element | None) -> str:
    """All text in an element on one line; "" for none."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
