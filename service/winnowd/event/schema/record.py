"""The blocks that tell of one record: article, findings, nearest, where it went, and by whose order. Pure."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from winnowd.event.schema.values import (
    ArrivalId,
    ArticleId,
    Code,
    Count,
    Day,
    Digest,
    Measure,
    RecordName,
    RelativePath,
    Sentence,
    Short,
)


class ArrivalBlock(TypedDict):
    """The file as an arrival, and which of its records this is."""

    id: ArrivalId
    feed: NotRequired[Annotated[str, Field(description="the sub-folder of the inbox, empty for the inbox itself")]]
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
    """A file that the log vouches for by its hash; with an offset only so many bytes of it, from there on."""

    path: RelativePath
    offset: NotRequired[Count]
    sha256: Digest
    bytes: Count


class Kept(TypedDict):
    """What the ledger, and the file beside a held record, hold of it: ``winnowd verify`` makes the digests again."""

    stands: Annotated[Short, Field(description="how the record stands: outcome, standing, codes, where it lies")]
    fingerprint: NotRequired[Annotated[Short, Field(description="all that originality compares newcomers with")]]
    paragraphs: NotRequired[Annotated[Short, Field(description="the longer paragraphs of its text")]]
    relations: NotRequired[
        Annotated[dict[str, Short], Field(description="what it resembles, by the number of each decision")]
    ]
    row: NotRequired[Annotated[Short, Field(description="its row of the index")]]
    why: NotRequired[Annotated[Short, Field(description="the page beside a held file that says why")]]
    page: NotRequired[Annotated[KeptApart, Field(description="the page that tells of an order")]]


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
