"""A record's fields to an article, or to the findings that say why not (docs/design/reading.md, "The schema"). Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from winnowd.article import LONGEST_TEXT, Article
from winnowd.model import Finding, Grade, Limit, Note
from winnowd.reading.dates import moment
from winnowd.reading.name_table import NAMES
from winnowd.reading.names import Mapped, mapped
from winnowd.reading.records import shown
from winnowd.reading.shapes import is_nothing, is_too_much, reserved, shaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from winnowd.reading.limits import SchemaPolicy

GATE: Final = "schema"
_LATE: Final = dt.timedelta(days=2)
_MOST_SHOWN: Final = 20
_DATES: Final = ("published_at", "modified_at")
_RIGHTS: Final = frozenset({"licence", "tdm", "synthetic"})
"""Fields that state rights: one that cannot be read is a doubt at least, since the statement may have forbidden all."""

_GRADES: Final = {"note": Grade.PASS, "doubt": Grade.DOUBT, "reject": Grade.FAIL}
_WANTED: Final = {
    "string_type": "a text",
    "tuple_type": "a list of texts",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "literal_type": "a text",
}
_CAME: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}
_VALUE_WORDS: Final = {
    "string_too_long": "longer than {max_length:,} characters",
    "string_too_short": "blank",
    "string_unicode": "holds half a surrogate pair",
    "string_pattern_mismatch": "not of the form it must have",
    "too_long": "more than {max_length:,}",
    "literal_error": "none of {expected}",
    "address": "no http or https address",
    "language": "no language of ISO 639-1",
    "extra_forbidden": "has parts that are not known",
}
_DATE_WORDS: Final = {
    "date_too_early": "before the year 1600",
    "date_too_late": "more than two days after its arrival",
    "date_unset": "1970-01-01, which a clock says that was never set",
}


class Judged(NamedTuple):
    """What the schema says of a record; ``article`` is None if a finding on its text is a fail."""

    article: Article | None
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]


def judge(record: Mapping[str, Any], received_at: dt.datetime, policy: SchemaPolicy) -> Judged:
    """Bring a record's names and values to those of an article; a faulty optional field becomes absent and is told.

    Dates may not lie more than two days after ``received_at``. No finding's sentence quotes the record.
    """
    if record.keys() == {"text"} and (fault := _text_fault(record["text"])) is None:
        return Judged(Article(text=record["text"]), (), ())
    found = mapped(record)
    fault = _text_fault(found.fields.get("text"))
    findings = [*_conflicts(found), *_dropped(found, _GRADES[policy.invalid_field])]
    if fault is not None:
        return Judged(None, (fault, *findings), ())
    notes = _dated(found.fields)
    article, faults = _built(found, received_at, policy)
    findings += [*faults, *_rights(article, policy)]
    return Judged(article, tuple(findings), notes)


def is_usable(text: str) -> bool:
    """Whether a text holds neither a NUL nor half a surrogate pair."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def fits(field: str, value: object, received_at: dt.datetime) -> bool:
    """Whether a field can take this value, once it has the field's shape; a word for nothing it cannot."""
    if is_nothing(value):
        return False
    fields = {field: shaped(field, value)}
    _dated(fields)
    try:
        Article.model_validate({"text": "-", **fields}, context=_context(received_at))
    except ValidationError:
        return False
    return True


def _context(received_at: dt.datetime) -> dict[str, dt.date]:
    return {"latest": (received_at + _LATE).date()}


def _text_fault(text: object) -> Finding | None:
    if text is None or (isinstance(text, str) and (not text or text.isspace())):
        return _finding("SCH201", Grade.FAIL, f"no text, or a blank one, under {', '.join(NAMES['text'])}")
    if not isinstance(text, str):
        return _finding("SCH202", Grade.FAIL, f"the text is of type {type(text).__name__}")
    if len(text) > LONGEST_TEXT:
        limit = Limit("SCH203", "characters", "max", fail=LONGEST_TEXT)
        because = f"{len(text):,} characters, of {LONGEST_TEXT:,} at most"
        return Finding("SCH203", GATE, Grade.FAIL, len(text), limit, because)
    if not is_usable(text):
        return _finding("SCH204", Grade.FAIL, "the text holds a NUL or half a surrogate pair")
    return None


def _finding(code: str, grade: Grade, because: str, **evidence: object) -> Finding:
    return Finding(code, GATE, grade, None, None, because, evidence)


def _conflicts(found: Mapped) -> Iterable[Finding]:
    """SCH209: another text is doubted, another value of another field only told."""
    first = found.fields.get("text")
    rivals = {name: text for name, text in found.texts.items() if _differs(first, text)}
    if rivals:
        yield _finding(
            "SCH209",
            Grade.DOUBT,
            f"{len(rivals) + 1} names of the text hold different texts; the first was judged",
            texts=[{"name": shown(name), "begins": shown(text)} for name, text in list(rivals.items())[:_MOST_SHOWN]],
        )
    if found.others:
        fields = sorted(set(found.others))
        yield _finding("SCH209", Grade.PASS, f"other names hold other values of {', '.join(fields)}", fields=fields)


def _differs(first: object, other: object) -> bool:
    return isinstance(first, str) and isinstance(other, str) and first.strip() != other.strip()


def _dropped(found: Mapped, grade: Grade) -> Iterable[Finding]:
    """SCH210: what is more than is kept beside an article; SCH211: what only winnowd writes; SCH214: no values."""
    if found.surplus:
        yield _finding(
            "SCH210",
            grade,
            f"{len(found.surplus)} unknown fields were too many or too large to keep",
            fields=[shown(name) for name in found.surplus[:_MOST_SHOWN]],
        )
    if found.service:
        names = sorted(found.service)
        yield _finding("SCH211", Grade.PASS, f"dropped what only winnowd writes: {', '.join(names)}", fields=names)
    if found.nothing:
        names = sorted(found.nothing)
        yield _finding(
            "SCH214", Grade.PASS, f"a word for nothing was taken as absent: {', '.join(names)}", fields=names
        )


def _dated(fields: dict[str, Any]) -> tuple[Note, ...]:
    """Read the dates in place; a time without a zone is cut off, and that is noted."""
    notes = []
    for name in _DATES:
        value = fields.get(name)
        if value is not None and (read := moment(value)) is not None:
            fields[name] = read.value
            if read.cut:
                notes.append(Note("CLN318", 0, 1, shown(value)))
    return tuple(notes)


def _built(found: Mapped, received_at: dt.datetime, policy: SchemaPolicy) -> tuple[Article, list[Finding]]:
    """Validate; what is at fault is left out and validated no more."""
    fields = {**found.fields, "extra": found.extra}
    context = _context(received_at)
    faults: dict[str, dict[str, str]] = defaultdict(dict)
    try:
        article = Article.model_validate(fields, context=context)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = str(fault["loc"][0])
            code, word = _fault_words(name, fault, fields.get(name))
            faults[code].setdefault(name, word)
        left_out = {name for names in faults.values() for name in names}
        article = Article.model_validate({k: v for k, v in fields.items() if k not in left_out}, context=context)
    if _out_of_order(article):
        faults["SCH208"]["modified_at"] = "before published_at"
        article = article.model_copy(update={"modified_at": None})
    return article, [one for code, names in sorted(faults.items()) for one in _faulty(code, names, fields, policy)]


def _fault_words(field: str, fault: ErrorDetails, value: object) -> tuple[str, str]:
    """The code and the words for one of pydantic's errors: what came and what may come, never the value itself."""
    error = fault["type"]
    if field in _DATES:
        return "SCH207", _DATE_WORDS.get(error, "no date that can be read")
    if error == "tuple_type" and is_too_much(value):
        return "SCH206", "too many, or in too long a text, to be told apart"
    if error in _WANTED:
        if error == "tuple_type" and isinstance(value, str):
            return "SCH206", "names nobody and nothing"
        if len(fault["loc"]) > 1 or (isinstance(value, list) and error == "tuple_type"):
            return "SCH205", "a part of it is of the wrong type"
        return "SCH205", f"{_CAME.get(type(value), 'null')} and not {_WANTED[error]}"
    return "SCH206", _VALUE_WORDS.get(error, "not valid").format(**fault.get("ctx", {}))


def _faulty(
    code: str, words: Mapping[str, str], fields: Mapping[str, object], policy: SchemaPolicy
) -> Iterable[Finding]:
    """A finding on the fields that state rights, and one on the others; each shows what its fields held."""
    grade = _GRADES[policy.invalid_field]
    of_rights = sorted(words.keys() & _RIGHTS)
    others = sorted(words.keys() - _RIGHTS)
    for names, graded in ((of_rights, max(grade, Grade.DOUBT, key=lambda one: one.rank)), (others, grade)):
        if names:
            because = "; ".join(f"{name}: {words[name]}" for name in names)
            yield _finding(code, graded, because, fields={name: shown(fields.get(name)) for name in names})


def _out_of_order(article: Article) -> bool:
    """Modified on a day before it was published: hours are left aside, as either may lack them."""
    published, modified = article.published_day, article.modified_day
    return published is not None and modified is not None and modified < published


def _rights(article: Article, policy: SchemaPolicy) -> Iterable[Finding]:
    """SCH212 and SCH213, graded as the policy says."""
    if reserved(article.tdm):
        yield _finding(
            "SCH212", Grade(policy.rights_reserved), "its source reserves the rights of text and data mining"
        )
    if article.synthetic:
        yield _finding("SCH213", Grade(policy.synthetic), "it is said to be written by a machine")
