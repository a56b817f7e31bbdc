"""The article: what a record must be before anything judges it (docs/design/reading.md, "The schema"). Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

LONGEST_TEXT: Final = 2_000_000
EARLIEST_YEAR: Final = 1600
_UNSET: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_ISO_639_1: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
    "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
    "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu"
)
LANGUAGES_OF_TWO_LETTERS: Final = frozenset(_ISO_639_1.split())
"""The languages of ISO 639-1; those of three letters are 8,000, and any is taken."""

_ADDRESS = re.compile(r"https?://[^\s/?#@:\x00-\x20\x7f]+(?::\d{1,5})?(?:[/?#][^\s\x00-\x20\x7f]*)?", re.IGNORECASE)


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise PydanticCustomError("address", "not an http or https address")
    return value


def _language(value: str) -> str:
    first = value.partition("-")[0]
    if len(first) == 2 and first not in LANGUAGES_OF_TWO_LETTERS:
        raise PydanticCustomError("language", "no language of ISO 639-1")
    return value


def _day(value: dt.datetime | dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _in_range(value: dt.datetime | dt.date, info: ValidationInfo) -> dt.datetime | dt.date:
    """Refuse what lies before 1600 or, if the context tells the latest day, after it: the core has no clock.

    1970-01-01, or its first moment, is what a clock says that was never set.
    """
    if value.year < EARLIEST_YEAR:
        raise PydanticCustomError("date_too_early", "before the year 1600")
    if value in (_UNSET, _UNSET.date()):
        raise PydanticCustomError("date_unset", "the day on which clocks begin to count")
    if info.context is not None and _day(value) > info.context["latest"]:
        raise PydanticCustomError("date_too_late", "more than two days after it arrived")
    return value


_SHORT = r"^[^\x00]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_SHORT)]
Blurb = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000, pattern=_SHORT)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_083), AfterValidator(_address)]
Moment = Annotated[AwareDatetime | dt.date, AfterValidator(_in_range)]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=100), AfterValidator(_language)
]
Kind = Literal["news", "opinion", "analysis", "review", "liveblog", "wire", "blog", "other"]
Scalar = str | int | float | bool | None

_MODEL: Final = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tdm(BaseModel):
    """What a page or record says of text and data mining: TDMRep's reservation and policy, robots meta, Content-Usage.

    ``reservation`` 1 reserves the rights, 0 does not, None says nothing: absent rights are unknown, never free.
    """

    model_config = _MODEL

    reservation: Literal[0, 1] | None = None
    policy: Annotated[str, StringConstraints(max_length=2_083)] | None = None
    robots_meta: Line | None = None
    content_usage: Line | None = None
    source: Line | None = None


class Article(BaseModel):
    """One article that meets the schema; frozen. All that is not ``text`` came from outside or was lifted by cleaning.

    Absent fields are None, () or {}. A date without a zone is kept as a date only. Validated with the context
    ``{"latest": date}`` a date may not lie after that day. ``model_copy`` does not validate.
    """

    model_config = _MODEL

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    title: Line | None = None
    subtitle: Line | None = None
    description: Blurb | None = None
    authors: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    publisher: Line | None = None
    url: Address | None = None
    canonical_url: Address | None = None
    published_at: Moment | None = None
    modified_at: Moment | None = None
    language: Language | None = None
    section: Line | None = None
    tags: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    kind: Kind | None = None
    licence: Line | None = None
    usage_terms: Blurb | None = None
    copyright_holder: Line | None = None
    accessible_for_free: bool | None = None
    tdm: Tdm | None = None
    synthetic: bool | None = None
    extra: dict[str, Scalar] = Field(default_factory=dict)

    @property
    def published_day(self) -> int | None:
        """The proleptic day number of the day of publication, as its own zone counted it."""
        return None if self.published_at is None else _day(self.published_at).toordinal()

    @property
    def modified_day(self) -> int | None:
        """The proleptic day number of the day of the last change, as its own zone counted it."""
        return None if self.modified_at is None else _day(self.modified_at).toordinal()
