"""Metrics as Prometheus reads them from a file: its text format 0.0.4, one family after the other. Pure."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_IN_LABEL: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_IN_HELP: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


class Sample(NamedTuple):
    """One line: its labels, its value, and what stands behind the family's name."""

    labels: Mapping[str, str]
    value: float
    suffix: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    """All samples of one name; ``help`` is a sentence that says what it counts or measures, and in what unit."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Sequence[Sample]


def exposition(families: Iterable[Family]) -> str:
    """The text of these, in their order; a family without samples is left out."""
    return "".join(f"{line}\n" for family in families if family.samples for line in _lines(family))


def bucketed(
    labels: Mapping[str, str], bounds: Sequence[float], counts: Sequence[int], total: float
) -> Iterator[Sample]:
    """The samples of one histogram.

    ``counts``: how many lie at or below each bound and above the one before, and, one more, beyond all; ``total``: the
    sum of what was observed.
    """
    for bound, count in zip((*bounds, math.inf), itertools.accumulate(counts), strict=True):
        yield Sample({**labels, "le": _number(bound)}, count, "_bucket")
    yield Sample(labels, total, "_sum")
    yield Sample(labels, sum(counts), "_count")


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help.translate(_IN_HELP)}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value, suffix in family.samples:
        within = ",".join(f'{name}="{said.translate(_IN_LABEL)}"' for name, said in labels.items())
        yield f"{family.name}{suffix}{f'{{{within}}}' if within else ''} {_number(value)}"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
