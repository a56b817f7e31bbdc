"""The blocks that tell of an act of the service: limits in force, changes, tries again, what was closed. Pure."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from winnowd.event.schema.record import KeptApart
from winnowd.event.schema.values import Count, Day, Digest, Instant, RelativePath, Short


class InForce(TypedDict):
    """One rule's limits, and the setting that moves them."""

    slug: str
    gate: NotRequired[str]
    unit: NotRequired[str]
    side: Literal["min", "max"]
    doubt: NotRequired[float | int]
    fail: NotRequired[float | int]
    setting: str
    reached: NotRequired[Annotated[bool, Field(description="the limit itself is beyond it")]]
    also: NotRequired[Annotated[list["InForce"], Field(description="further limits that must be passed as well")]]


class Changed(TypedDict):
    """One setting, before and after."""

    old: NotRequired[Any]
    new: NotRequired[Any]


class Retry(TypedDict):
    """Which attempt failed, when the next one is due."""

    attempt: Count
    next: NotRequired[Instant]


class IndexWritten(TypedDict):
    """What INDEX.md vouches for, and up to which event."""

    sha256: Digest
    sequence: Count
    articles: NotRequired[Count]


class Sealed(TypedDict):
    """A day that is closed, as its digest file says; ``sha256`` is of the lines, not of the packed file."""

    file: RelativePath
    sha256: Digest
    packed_sha256: Digest
    first_sequence: Count
    last_sequence: Count
    last_line_sha256: Digest
    events: Count
    previous_digest_sha256: NotRequired[Digest]


class RecipeBlock(TypedDict):
    """How fingerprints are made; the hash is of all that fixes them."""

    id: str
    sha256: Digest


class Remade(TypedDict):
    """What a ledger that was made anew has otherwise than the event of this number tells, by the same digests."""

    sequence: Count
    stands: NotRequired[Short]
    fingerprint: NotRequired[Short]
    paragraphs: NotRequired[Short]
    relations: NotRequired[dict[str, Short]]
    row: NotRequired[Short]
    without_text: NotRequired[Annotated[bool, Field(description="the text is gone")]]


class Retention(TypedDict):
    """What was deleted from the archive because it is older than ``archive.keep_days``: all before a day."""

    keep_days: Count
    before: Day
    count: Count
    files: list[KeptApart]
