"""What moderates a grade: caps, demotions, and the standing of the known article (docs/design/originality.md). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.model import Grade, Standing
from winnowd.originality.lexicon import NAME as TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.gates.limits import OriginalityLimits
    from winnowd.model import Fingerprint, Limit
    from winnowd.originality.cascade import Pair

SAME_BYTES, SAME_TEXT, REORDERED = "DUP601", "DUP602", "DUP607"
RELATED, UNADMITTED = "DUP608", "DUP609"
_MEASURED = frozenset({"DUP603", "DUP604", "DUP605", "DUP606", "DUP607"})
_LITERAL = frozenset({"DUP602", "DUP603", "DUP604", "DUP605"})
REWRITES = frozenset({"DUP606", "DUP607"})
_LENGTHENED = frozenset({"DUP605", "DUP606", "DUP607"})
_PART = frozenset({"DUP604", "DUP606", "DUP607"})


LEAST_PASSAGES, LONG_RUN = 3, 15
LITTLE_SHARED = 0.20
LATE_REWRITE, LATE_REORDERED = 1.15, 0.55
WAITS = "waits-with"


class PairContext(NamedTuple):
    """All that the moderation of one pair depends on; ``in_corpus`` is asked of a copy's root only.

    ``host``: of the newcomer's address, or "".
    """

    new: Fingerprint
    pair: Pair
    limits: OriginalityLimits
    in_corpus: Callable[[int | None], bool]
    host: str = ""

    @property
    def days(self) -> int | None:
        """The days between both dates; None if either is unknown."""
        new, indexed = self.new.published, self.pair.indexed.fingerprint.published
        return None if new is None or indexed is None else abs(new - indexed)

    @property
    def same_host(self) -> bool:
        """Whether the addresses of both are of one host."""
        key = self.pair.indexed.quality_key
        return bool(self.host) and key is not None and key.host.casefold() == self.host.casefold()

    @property
    def same_outlet(self) -> bool:
        """Whether one publisher, or one host, is named of both."""
        publisher = self.pair.indexed.fingerprint.publisher
        return self.same_host or (bool(publisher) and publisher.casefold() == self.new.publisher.casefold())


class Moderated(NamedTuple):
    """A grade after caps and standing; ``demoted``: name and reason of each that changed it; ``note``: its code."""

    grade: Grade
    demoted: tuple[tuple[str, str], ...] = ()
    note: str = ""


class _Cap(NamedTuple):
    name: str
    codes: frozenset[str]
    reason: Callable[[PairContext], str]
    frees: bool = False


def _few_sentences(context: PairContext) -> str:
    """One endless sentence makes any order of sentences."""
    few = context.limits.few_sentences
    for made in (context.new, context.pair.indexed.fingerprint, *context.pair.compared):
        if made.sketch is not None and len(made.sketch.sentence_bounds) - 1 < few:
            return f"fewer than {few} sentences to align"
    return ""


def _few_sentences_beside_list(context: PairContext) -> str:
    """The order close by asks for no sentence, but a list in one line has it in every text that gives that list."""
    left = context.pair.remainder
    return _few_sentences(context) if left is not None and left.listed_line else ""


def _extended(context: PairContext) -> str:
    longer = context.new.words > context.limits.extended * context.pair.indexed.fingerprint.words
    return f"over {context.limits.extended:g} times as long" if longer else ""


def _part_of_longer(context: PairContext) -> str:
    """The mirror of extended: whoever comes first with a text put together of others must not keep those out."""
    longer = context.pair.indexed.fingerprint.words > context.limits.extended * context.new.words
    return f"that one is over {context.limits.extended:g} times as long" if longer else ""


def _numbers_disagree(context: PairContext) -> str:
    found = context.pair.numbers
    if found is None or found.smaller < context.limits.numbers_differ or found.share >= context.limits.numbers_share:
        return ""
    return f"only {found.share:.0%} of its numbers agree".replace("%", " %")


def _dates_apart(context: PairContext) -> str:
    days = context.days
    if days is None or days < (1 if context.same_outlet else context.limits.follow_up_days):
        return ""
    return f"published {days} days apart" if days > 1 else "published by one outlet a day apart"


def _late(least: float, measured: Callable[[Pair], float | None]) -> Callable[[PairContext], str]:
    """What was published days apart is a follow-up below a limit that few of these reach."""

    def reason(context: PairContext) -> str:
        value, apart = measured(context.pair), _dates_apart(context)
        return f"{apart}, and below {least:g}" if apart and value is not None and round(value, 4) < least else ""

    return reason


def _one_passage(context: PairContext) -> str:
    """Background that stands again in a follow-up: a long passage, and little beside it."""
    left = context.pair.remainder
    if left is None or left.longest < LONG_RUN or left.passages >= LEAST_PASSAGES:
        return ""
    return f"what is shared stands in {left.passages} passage{'s' if left.passages != 1 else ''}"


def _one_outlet(context: PairContext) -> str:
    """One outlet continues its own story, within the day or nobody says when, and little of the text is the same.

    Days apart are counted once (dates-apart, late). An agency is none where days are known: others keep its dateline
    in what they made of its text. Nor is a publisher: many a file names its collection so.
    """
    left = context.pair.remainder
    one_agency = context.days is None and left is not None and left.one_agency
    if not (context.same_host or one_agency) or _dates_apart(context):
        return ""
    shared = context.pair.measures.overlap.resemblance
    return "of one outlet, and little text is shared" if shared < LITTLE_SHARED else ""


def _periodic(context: PairContext) -> str:
    """Other numbers on another day: the next of a series of reports in fixed wording, not a copy of the last."""
    return "other numbers on another day" if _dates_apart(context) and _numbers_disagree(context) else ""


def _doubt_only(context: PairContext) -> str:
    """No machine turns a rewrite away in a language whose limits were not set on distinct articles about one event."""
    language = context.new.language
    if context.new.lexicon == TABLE and language not in context.limits.doubt_only:
        return ""
    return f"not measured enough for '{language}'" if language else "its language is unsure"


def _challenge(context: PairContext) -> str:
    new, indexed = context.new.published, context.pair.indexed.fingerprint.published
    if (
        context.limits.keep != "first"
        or new is None
        or indexed is None
        or indexed - new < context.limits.challenge_days
    ):
        return ""
    return f"published {indexed - new} days before: may be the original"


DEMOTIONS = (
    _Cap("few-sentences", frozenset({"DUP606"}), _few_sentences),
    _Cap("few-sentences", frozenset({"DUP607"}), _few_sentences_beside_list),
    _Cap("extended", _LENGTHENED, _extended),
    _Cap("numbers-disagree", _MEASURED, _numbers_disagree, frees=True),
    _Cap("dates-apart", REWRITES, _dates_apart),
    _Cap("periodic", REWRITES, _periodic, frees=True),
    _Cap("late", frozenset({"DUP606"}), _late(LATE_REWRITE, lambda pair: pair.rewrite), frees=True),
    _Cap("late", frozenset({"DUP607"}), _late(LATE_REORDERED, lambda pair: pair.reordered), frees=True),
    _Cap("one-passage", REWRITES, _one_passage),
    _Cap("one-outlet", REWRITES, _one_outlet, frees=True),
    _Cap("part-of-longer", _PART, _part_of_longer),
    _Cap("doubt-only", REWRITES, _doubt_only),
)
CHALLENGE = _Cap("challenge", _MEASURED, _challenge)


def numbers_agree(context: PairContext) -> str:
    """Why a resemblance below doubt is doubted after all: every number of the one stands in the other; else ""."""
    found = context.pair.numbers
    if found is None or found.smaller < context.limits.numbers_agree or found.share < 1:
        return ""
    return f"all {found.smaller} numbers of the one stand in the other"


def both_doubt(context: PairContext, limit: Limit) -> str:
    """Why a doubted rewrite fails: the order close by, another measure of the same texts, is doubted too; else "".

    ``limit``: of the order close by, for texts of these lengths.
    """
    value = context.pair.reordered
    is_doubted = value is not None and limit.doubt is not None and limit.grade(round(value, 4)) is not Grade.PASS
    return f"and so do their neighbours ({value:.2f}, doubted from {limit.doubt:g})" if is_doubted else ""


def demote(context: PairContext, code: str, grade: Grade) -> Moderated:
    """Moderate what the limits say of one pair by one rule: caps in order, the twin's standing, the challenge."""
    moderated = Moderated(grade)
    for cap in DEMOTIONS:
        if code in cap.codes:
            moderated = _capped(context, moderated, cap)
    moderated = _stood(context, code, moderated)
    return _capped(context, moderated, CHALLENGE) if code in CHALLENGE.codes else moderated


def _capped(context: PairContext, was: Moderated, cap: _Cap) -> Moderated:
    """At most a doubt; a cap that frees takes one grade, so that a doubt becomes the note of a follow-up."""
    if was.grade is Grade.PASS or (was.grade is Grade.DOUBT and not cap.frees):
        return was
    reason = cap.reason(context)
    if not reason:
        return was
    demoted = (*was.demoted, (cap.name, reason))
    return Moderated(Grade.DOUBT, demoted) if was.grade is Grade.FAIL else Moderated(Grade.PASS, demoted, RELATED)


def _stood(context: PairContext, code: str, was: Moderated) -> Moderated:
    """What a copy of this article is worth, by what became of it (docs/design/originality.md, "Standing")."""
    if was.grade is Grade.PASS:
        return was
    standing = context.pair.indexed.standing
    allowed = _allowed(context, code)
    if standing is Standing.QUARANTINED and was.grade is Grade.FAIL and _waits(context, code):
        return Moderated(Grade.PASS, (*was.demoted, (WAITS, "which waits itself as a copy")), UNADMITTED)
    if allowed.rank >= was.grade.rank:
        return was
    demoted = (*was.demoted, (f"standing-{standing.value}", _STOOD[standing]))
    return Moderated(allowed, demoted, "" if allowed is Grade.DOUBT else UNADMITTED)


def _waits(context: PairContext, code: str) -> bool:
    """Whether a near copy waits with the one that it copies: nothing but originality holds that."""
    codes = context.pair.indexed.codes
    return code in _LITERAL and bool(codes) and all(held.startswith("DUP") for held in codes)


_STOOD = {
    Standing.ADMITTED: "",
    Standing.QUARANTINED: "which waits in quarantine",
    Standing.REJECTED: "which was rejected for a fault of its own",
    Standing.COPY: "which was itself turned away as a copy",
    Standing.RETRACTED: "which was retracted",
    Standing.ERASED: "which was erased",
}


def _allowed(context: PairContext, code: str) -> Grade:
    """The worst grade that a copy of an article of this standing may get; pass = a note."""
    standing = context.pair.indexed.standing
    if standing is Standing.ADMITTED:
        return Grade.FAIL
    if standing is Standing.QUARANTINED:
        return Grade.FAIL if code == SAME_BYTES else Grade.PASS
    if standing is Standing.COPY and code != SAME_BYTES and context.in_corpus(context.pair.indexed.root):
        return Grade.DOUBT
    if standing in {Standing.RETRACTED, Standing.ERASED}:
        return Grade.FAIL if code in {SAME_BYTES, SAME_TEXT} else Grade.DOUBT
    return Grade.PASS
