"""The blocks of an event that ECS names: what happened to which file, by which process, by whose order. Pure."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from winnowd.event.schema.values import Code, Count, Digest, Instant, RelativePath, Uuid7


class Log(TypedDict):
    """How loud the event is."""

    level: Literal["info", "warning", "error"]
    logger: Literal["winnowd.audit"]


class Version(TypedDict):
    """The version of ECS."""

    version: str


class Named(TypedDict):
    """A name alone."""

    name: str


class Identity(TypedDict):
    """An id alone."""

    id: str


class Hashed(TypedDict):
    """A SHA-256 alone."""

    sha256: Digest


class Placed(TypedDict):
    """A path alone, below the instance folder."""

    path: RelativePath


class Happened(TypedDict):
    """What happened; code and reason of a decision are those of its worst finding."""

    id: Uuid7
    sequence: Count
    kind: Literal["event"]
    category: list[Literal["file", "process", "configuration"]]
    type: list[Literal["info", "denied", "allowed", "creation", "deletion", "change", "start", "end", "error"]]
    action: Literal[
        "admit", "quarantine", "reject",
        "release", "confirm", "restore", "supersede", "retract", "erase",
        "startup", "shutdown", "config-change", "recovered", "failure", "index-written", "day-sealed", "retention",
        "changed-after",
    ]  # fmt: skip
    outcome: Literal["success", "failure"]
    code: NotRequired[Code]
    reason: NotRequired[str]
    dataset: Literal["winnowd.audit"]
    module: Literal["winnowd"]
    provider: Literal["winnowd"]
    created: NotRequired[Instant]
    start: NotRequired[Instant]
    end: NotRequired[Instant]
    duration: NotRequired[Annotated[Count, Field(description="nanoseconds from start to end")]]


class Service(TypedDict):
    """The service and the node it ran on."""

    name: Literal["winnowd"]
    version: str
    node: Named


class Process(TypedDict):
    """The daemon's process."""

    pid: Count


class File(TypedDict):
    r"""The file as it lay in the inbox; a name that is no UTF-8 has its odd bytes as ``\xNN``."""

    path: RelativePath
    name: str
    extension: NotRequired[str]
    size: Count
    mtime: NotRequired[Instant]
    mime_type: NotRequired[str]
    hash: NotRequired[Annotated[Hashed, Field(description="of the record's bytes as they came")]]


class Ruled(TypedDict):
    """The worst finding's rule, and the set of limits it was applied with."""

    id: Code
    name: str
    category: str
    ruleset: str
    version: str


class User(TypedDict):
    """Who gave an order; the id is the owner of the order file."""

    id: NotRequired[str]
    name: str


class Fault(TypedDict):
    """What went wrong in the service."""

    type: NotRequired[str]
    message: str
    code: NotRequired[Code]
