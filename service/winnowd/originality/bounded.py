"""A cache that is bounded by the bytes that it holds: what was asked for longest ago goes first. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """What knows how much memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes, about."""
        ...


V = TypeVar("V", bound=Sized)


class Bounded(Generic[V]):
    """Values by article number, at most so many bytes of them; one that alone is more is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[int, tuple[V, int]] = OrderedDict()
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """The memory that the values take."""
        return self._nbytes

    def get(self, number: int) -> V | None:
        """A value, None if it is not there."""
        found = self._held.get(number)
        if found is None:
            return None
        self._held.move_to_end(number)
        return found[0]

    def put(self, number: int, value: V) -> None:
        """Keep a value in the place of any before."""
        self.drop(number)
        nbytes = value.nbytes
        if nbytes > self._most:
            return
        self._held[number] = value, nbytes
        self._nbytes += nbytes
        while self._nbytes > self._most:
            self._nbytes -= self._held.popitem(last=False)[1][1]

    def drop(self, number: int) -> None:
        """Forget a value."""
        found = self._held.pop(number, None)
        if found is not None:
            self._nbytes -= found[1]

    def clear(self) -> None:
        """Forget all."""
        self._held.clear()
        self._nbytes = 0
