"""What the address of a list means: fields that narrow it, and where in it a page begins."""

from __future__ import annotations

import urllib.parse
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    from starlette.requests import Request

    Meant = TypeVar("Meant")

_LONGEST: Final = 300
_DIGITS: Final = 15


class ListQuery:
    """``fields``: those of these names that are given, each a text; ``before``, ``after``, ``most``: whole numbers."""

    def __init__(self, path: str, fields: Mapping[str, str], numbers: Mapping[str, int]) -> None:
        self.path, self.fields, self._numbers = path, fields, numbers

    @classmethod
    def of(cls, request: Request, path: str, names: Sequence[str]) -> Self:
        """By the address of a request.

        Raises:
            HTTPException: a number is none (400).
        """
        query = request.query_params
        fields = {name: given for name in names if (given := query.get(name, "").strip()[:_LONGEST])}
        numbers = {}
        for name in ("before", "after", "most"):
            if given := query.get(name, ""):
                if not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
                    raise HTTPException(HTTPStatus.BAD_REQUEST, f"“{name}” is a whole number.")
                numbers[name] = int(given)
        return cls(path, fields, numbers)

    def given(self, name: str) -> str:
        """One of the fields, "" if it is not given."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int | None:
        """One of the numbers, None if it is not given."""
        return self._numbers.get(name)

    def meant(self, read: Callable[[Mapping[str, str]], Meant]) -> Meant:
        """What the fields mean; a fault of theirs is told to who asked.

        Raises:
            HTTPException: they mean nothing (400).
        """
        try:
            return read(self.fields)
        except ValueError as fault:
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"{fault}.") from fault

    def address(self, *, ending: str = "", **numbers: int | None) -> str:
        """The same list from elsewhere on (``before=17``), or in another form (``ending=".csv"``)."""
        at = {name: str(number) for name, number in numbers.items() if number is not None}
        query = urllib.parse.urlencode({**self.fields, **at})
        return f"{self.path}{ending}?{query}" if query else f"{self.path}{ending}"

    def with_field(self, name: str, value: str) -> str:
        """The list from its beginning, with another value of a field; without the field if that is ""."""
        fields = {key: one for key, one in self.fields.items() if key != name} | ({name: value} if value else {})
        query = urllib.parse.urlencode(fields)
        return f"{self.path}?{query}" if query else self.path
