"""The shape of an event: its JSON Schema, and what every line of the log is held to. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

Instant = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Uuid7 = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
ArrivalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
ArticleId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}([0-9a-f]{16})?$")]
RecordName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}(-\d+|[0-9a-f]{16})?$")]
Code = Annotated[str, StringConstraints(pattern=r"^(INP|SCH|CLN|QUA|TXT|DUP|ORD|SYS)\d{3}$")]
RelativePath = Annotated[str, StringConstraints(pattern=r"^[^/]", min_length=1)]
Count = Annotated[int, Field(ge=0)]
Measure = float | int | str
Sentence = Annotated[str, StringConstraints(max_length=1_000)]


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


class ArrivalBlock(TypedDict):
    """The file as an arrival, and which of its records this is."""

    id: ArrivalId
    feed: NotRequired[str]
    record: NotRequired[Count]
    records: NotRequired[Count]
    continues: NotRequired[
        Annotated[ArrivalId, Field(description="the arrival whose file this is, changed after it was judged")]
    ]
    name_hex: NotRequired[Annotated[str, Field(description="the whole path below the inbox, if it is no UTF-8")]]


class Provenance(TypedDict):
    """Where the article comes from, under what terms."""

    domain: NotRequired[str]
    category: Literal["web-scrape", "synthetic", "unknown"]
    licence: str
    tdm_opt_out: Literal["yes", "no", "unknown"]


class ArticleBlock(TypedDict):
    """The article; orders name records without text by ``<arrival>-<record>``."""

    id: RecordName
    text_sha256: NotRequired[Digest]
    words: NotRequired[Count]
    language: NotRequired[str]
    published: NotRequired[Day]
    source: NotRequired[Provenance]


class Noted(TypedDict):
    """What reading or cleaning did."""

    code: Code
    count: Count
    chars: Count
    kinds: NotRequired[Annotated[dict[str, Count], Field(description="of personal data: email, ip, phone")]]


class LimitBlock(TypedDict):
    """Where a measure is doubted and where it fails."""

    side: Literal["min", "max"]
    doubt: NotRequired[float | int]
    fail: NotRequired[float | int]


class FindingBlock(TypedDict):
    """One doubt or fail, in full."""

    code: Code
    rule: str
    gate: str
    grade: Literal["doubt", "fail"]
    measured: NotRequired[Measure]
    unit: NotRequired[str]
    limit: NotRequired[LimitBlock]
    because: NotRequired[Sentence]


class NearestBlock(TypedDict):
    """The known article most like this one; ``twin`` if it is why this one was stopped; runs if both were compared."""

    id: ArticleId
    path: RelativePath
    text_sha256: Digest
    twin: bool
    shared_runs: NotRequired[float | int]
    runs: NotRequired[Count]
    longest_run_words: NotRequired[Count]
    resemblance: NotRequired[float | int]
    containment: NotRequired[float | int]
    candidates: Count


class KeptApart(TypedDict):
    """A file that the log vouches for by its hash."""

    path: RelativePath
    sha256: Digest
    bytes: Count


class Remembered(TypedDict):
    """By what a copy of an erased article is still known: its bytes as they came, its words; never if forgotten."""

    raw_sha256: Digest
    words_sha256: Digest


class Corpus(TypedDict):
    """The corpus that the record was judged against: last event, size."""

    sequence: Count
    articles: Count


class Supersedes(TypedDict):
    """Which article took whose place, and by what."""

    old: ArticleId
    new: ArticleId
    code: NotRequired[Code]
    values: NotRequired[dict[str, Measure]]


class OperatorBlock(TypedDict):
    """How an order came; ``claimed``: the name is what a web page knew."""

    reason: str
    via: Literal["cli", "web", "review", "service"]
    order: str
    claimed: NotRequired[bool]
    supersedes: NotRequired[Supersedes]


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
    also: NotRequired[Annotated[list[InForce], Field(description="further limits that must be passed as well")]]


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


class Retention(TypedDict):
    """What was deleted from the archive because it is older than ``archive.keep_days``: all before a day."""

    keep_days: Count
    before: Day
    count: Count
    files: list[KeptApart]


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
    limits: NotRequired[dict[Code, InForce]]
    settings: NotRequired[dict[str, Any]]
    because: NotRequired[str]
    counts: NotRequired[dict[str, Count]]
    config_before: NotRequired[Hashed]
    changed: NotRequired[dict[str, Changed]]
    recovered: NotRequired[dict[str, Any]]
    retry: NotRequired[Retry]
    index: NotRequired[IndexWritten]
    sealed: NotRequired[Sealed]
    retention: NotRequired[Retention]
    config: NotRequired[Hashed]
    timings_ns: NotRequired[dict[str, Count]]
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
