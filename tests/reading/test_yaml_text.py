"""The laws of a head of YAML: texts, lists and maps come of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from winnowd.reading.yaml_text import NotPlainError, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.yaml_text import Value

marks = st.sampled_from(
    ["a: ", "- ", "? ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "!!int ", "|\n ", '"', "'"]
)
blocks = st.text() | st.lists(marks | st.sampled_from(["#", "%", "\\x", "<<: ", "no", "2024-03-23", "~"])).map("".join)


@given(blocks)
@settings(max_examples=500)
@example('a: "\\U99999999"')
def test_yaml_gives_texts_lists_and_maps_or_is_refused(block: str) -> None:
    """Whatever stands there; nothing else is built, and nothing else is raised."""
    try:
        found = load(block)
    except NotPlainError:
        return

    assert all(type(value) in {str, list, dict} for value in within(found))


def within(value: Value) -> Iterator[Value]:
    """A value and all in it."""
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(item)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\x85\u2028\u2029\ufeff")
)


@given(st.dictionaries(texts, st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner))))
def test_yaml_is_read_as_it_was_written(fields: dict[str, Value]) -> None:
    """What another program wrote of texts, lists and maps comes back."""
    assume(depth(fields) <= 8)

    assert load(yaml.safe_dump(fields, allow_unicode=True)) == fields


def depth(value: Value) -> int:
    """How deep a value is, a text 0 deep."""
    if isinstance(value, str):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)
