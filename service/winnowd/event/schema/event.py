"""One line of the audit log as a whole: what every line is held to, and its JSON Schema. Pure."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from winnowd.event.schema.ecs import (
    Fault,
    File,
    Happened,
    Hashed,
    Identity,
    Log,
    Named,
    Placed,
    Process,
    Ruled,
    Service,
    User,
    Version,
)
from winnowd.event.schema.record import (
    ArrivalBlock,
    ArticleBlock,
    Corpus,
    FindingBlock,
    Kept,
    KeptApart,
    NearestBlock,
    Noted,
    OperatorBlock,
    Remembered,
)
from winnowd.event.schema.service import Changed, IndexWritten, InForce, RecipeBlock, Remade, Retention, Retry, Sealed
from winnowd.event.schema.values import Code, Count, Digest, Instant, Measure, Sentence


class Chain(TypedDict):
    """The SHA-256 of the line before, zeros for the first."""

    prev: Digest


class Ours(TypedDict):
    """What is winnowd's own, in the order in which it stands."""

    schema: Literal[1]
    run: Identity
    arrival: NotRequired[ArrivalBlock]
    article: NotRequired[ArticleBlock]
    outcome: NotRequired[Literal["admitted", "quarantined", "rejected", "retracted", "erased", "reopened"]]
    was: NotRequired[Literal["admitted", "quarantined", "rejected", "retracted", "erased"]]
    codes: NotRequired[list[Code]]
    notes: NotRequired[list[Noted]]
    measured: NotRequired[dict[Code, Measure]]
    unmeasured: NotRequired[
        Annotated[dict[Code, Sentence], Field(description="what rules say that pass without a measure")]
    ]
    findings: NotRequired[list[FindingBlock]]
    nearest: NotRequired[NearestBlock]
    evidence: NotRequired[KeptApart]
    destination: NotRequired[Placed]
    corpus: NotRequired[Corpus]
    restores: NotRequired[Count]
    erased: NotRequired[list[KeptApart]]
    remembered: NotRequired[Remembered]
    operator: NotRequired[OperatorBlock]
    versions: NotRequired[dict[str, str]]
    platform: NotRequired[str]
    catalogue: NotRequired[Hashed]
    recipe: NotRequired[RecipeBlock]
    limits: NotRequired[dict[Code, InForce]]
    settings: NotRequired[dict[str, Any]]
    because: NotRequired[str]
    counts: NotRequired[dict[str, Count]]
    config_before: NotRequired[Hashed]
    changed: NotRequired[dict[str, Changed]]
    recovered: NotRequired[dict[str, Any]]
    remade: NotRequired[list[Remade]]
    retry: NotRequired[Retry]
    index: NotRequired[IndexWritten]
    sealed: NotRequired[Sealed]
    retention: NotRequired[Retention]
    config: NotRequired[Hashed]
    timings_ns: NotRequired[dict[str, Count]]
    kept: NotRequired[Kept]
    cut: NotRequired[Annotated[dict[str, Count], Field(description="entries left out of a line over 64 KiB, by list")]]
    chain: Chain


Event = TypedDict(
    "Event",
    {
        "@timestamp": Instant,
        "log": Log,
        "ecs": Version,
        "message": str,
        "event": Happened,
        "error": NotRequired[Fault],
        "service": Service,
        "process": Process,
        "host": Named,
        "user": NotRequired[User],
        "trace": NotRequired[Identity],
        "file": NotRequired[File],
        "rule": NotRequired[Ruled],
        "winnowd": Ours,
    },
)
"""One line of the audit log: no field but these, none of them null, no text where a number belongs."""

Event.__pydantic_config__ = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)  # type: ignore[attr-defined]

EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
"""Checks a line (``validate_json``) and gives the JSON Schema (``json_schema``); keys come in the order named here."""
