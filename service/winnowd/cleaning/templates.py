"""How a phrase with a gap becomes a pattern, and what stands in a gap: days, names. Pure.

Gaps: ``{rest}`` (1 to 120 characters), ``{text}`` (0 to 600), ``{names}``, ``{date}`` (perhaps with weekday and hour),
``{number}`` and ``{site}`` (a network to share in). Each is bounded and a phrase has one, so no phrase can be slow.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from winnowd.article import EARLIEST_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EDGES: Final = (
    " ¿¡.,:;!?…|/\\-–—•·・*>›»«<‹→←▶►▼▲↑↓\"'“”„‘’()[]{}【】《》「」『』〈〉。、؟،؛।■□◆◇●○▪★☆※♦+_~#©"
    "（）：；！？，［］｜／＞＜＋\ufe0f"
)
"""Marks that may stand around a phrase."""
_WIDE: Final = str.maketrans("：，！？；｜（）／＞＜－～＋＃．＆＝’İ", ":,!?;|()/><-~+#.&='i")

_SITE: Final = (
    r"facebook|twitter|x(?: \(twitter\))?|instagram|linkedin|whats ?app|telegram|pinterest|reddit|youtube|tiktok|viber"
    r"|google(?: news|\+)?|e-?mail|mail|flipboard|threads|bluesky|mastodon|messenger|line|vk|xing|rss"
    r"|вконтакте|фейсбуке?|твиттере?|telegram-канал|телеграме?|вайбере?|одноклассники|facebooku|twitterze"
    r"|फेसबुक|ट्विटर|व्हाट्सएप|व्हाट्सऐप|टेलीग्राम|इंस्टाग्राम|यूट्यूब|गूगल न्यूज़"
    r"|فيسبوك|تويتر|واتساب|تلغرام|تليغرام|إنستغرام|يوتيوب|البريد الإلكتروني"
    r"|페이스북|트위터|카카오톡|카카오스토리|밴드|네이버|인스타그램|유튜브|微信|微博|朋友圈|フェイスブック|ツイッター"
)
_CLOCK: Final = (
    r"\d{1,2} ?[:.h時时点點시] ?(?:\d{1,2} ?[분分]?)?(?:[:.]\d{2})?(?: ?[^\W\d]{1,6}\.?)?(?:\W{1,2}[^\W\d]{2,5}\)?)?"
)
_FIGURES: Final = r"\d{4} ?[-./年년] ?\d{1,2} ?[-./月월] ?\d{1,2}(?!\d)[日일.]?(?: ?\(?[^\W\d]\)?(?!\w))?"
_DAY_FIRST: Final = r"\d{1,2}[-./] ?\d{1,2}[-./] ?\d{4}(?!\d)"
_OF: Final = r"(?:\.|º|°|er|-го)?,? ?(?:(?:de|del|di) )?-?"
_YEAR: Final = r"[ -,](?:del? )?\d{4}(?!\d)(?: ?(?:г|р|год[ау]?|року)\b\.?)?"

OPEN_GAPS: Final = frozenset({"rest", "text", "names"})
"""Gaps that nearly anything may stand in."""

MOST_NAMES: Final = 8
_NAME_WORDS, _NAME_LETTERS = 5, 40
_PARTICLES: Final = (
    "von van vom zu zur de der den del della delle dei di da do dos das du la le les el al bin ibn ben ter ten te het "
    "y e"
)
_AGENCIES: Final = (
    "dpa afp ap reuters epa efe ansa lusa pap tass epd sid apa sda adnkronos agi belga anp aa dha iha pti ians xinhua "
    "риа тасс интерфакс унн укринформ укрінформ 新华社 共同 時事 연합뉴스 뉴시스 뉴스1 رويترز وكالات"
)
_NO_NAMES: Final = frozenset(_PARTICLES.split())
_NOBODY: Final = frozenset(_AGENCIES.split())


def core_of(line: str) -> str:
    """A line without the marks and blanks at its edges."""
    return line.strip(EDGES)


def folded(text: str) -> str:
    """One text for upper and lower case, full-width marks and both kinds of Turkish i; as long as it was."""
    return text.translate(_WIDE).lower().replace("ı", "i")


def parted(phrase: str) -> tuple[str, str, str]:
    """What stands before the gap of a phrase, the gap's name ("" if it has none), and what stands behind it.

    Raises:
        ValueError: it has several gaps, or one without a name.
    """
    before, opened, rest = phrase.partition("{")
    name, closed, behind = rest.partition("}")
    if bool(opened) != bool(name and closed) or any(
        brace in piece for piece in (before, name, behind) for brace in "{}"
    ):
        raise ValueError(f"a phrase has one gap at most: {phrase}")
    return before, name, behind


class Calendar:
    """What months and weekdays are called in one language, and the days that its lines name."""

    def __init__(self, months: Sequence[str], weekdays: str, *, day_first: bool) -> None:
        """Take twelve strings, each with all names of a month, blanks between, and one string with those of weekdays.

        ``day_first``: with strokes or hyphens between figures, too, the day stands first.

        Raises:
            ValueError: there are not twelve months.
        """
        if len(months) != 12:
            raise ValueError(f"{len(months)} months, not 12")
        self._day_first = day_first
        self._months = {folded(name): at for at, names in enumerate(months, 1) for name in names.split()}
        month = _one_of(self._months)
        day_month = rf"\d{{1,2}}{_OF}(?:{month})\.?,?{_YEAR}"
        month_day = rf"(?:{month})\.? \d{{1,2}},? \d{{4}}(?!\d)"
        days = _one_of(map(folded, weekdays.split()))
        self.pattern = (
            rf"(?:{_CLOCK}\W{{1,4}})?(?:(?:{days})\.?\W{{0,4}}(?:(?:den|le|el) )?)?"
            rf"(?:{_FIGURES}|{_DAY_FIRST}|{day_month}|{month_day})"
            rf"(?:\W{{0,4}}(?:{days})?\W{{0,4}}(?:[^\W\d]{{1,7}}\W{{0,2}}){{0,2}}{_CLOCK})?"
        )
        self._forms = (
            re.compile(rf"(?P<day>\d{{1,2}}){_OF}(?P<month>{month})\.?,?[ -,](?:del? )?(?P<year>\d{{4}})(?!\d)"),
            re.compile(rf"(?P<month>{month})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})(?!\d)"),
            re.compile(r"(?P<year>\d{4}) ?[-./年년] ?(?P<month>\d{1,2}) ?[-./月월] ?(?P<day>\d{1,2})(?!\d)"),
            re.compile(r"(?<!\d)(?P<day>\d{1,2})(?P<between>[-./]) ?(?P<month>\d{1,2})[-./] ?(?P<year>\d{4})(?!\d)"),
        )

    def day_in(self, line: str) -> dt.date | None:
        """The day that a folded line names; None if it names none, or if ``03/04/2024`` may be two days."""
        for form in self._forms:
            match = form.search(line)
            if match is not None:
                return self._day(**match.groupdict())
        return None

    def _day(self, year: str, month: str, day: str, between: str = ".") -> dt.date | None:
        if between != "." and int(day) <= 12 and not self._day_first:
            return None
        try:
            found = dt.date(int(year), self._months.get(month) or int(month), int(day))
        except ValueError:
            return None
        return found if found.year >= EARLIEST_YEAR else None


def gaps(calendar: Calendar) -> Mapping[str, str]:
    """The pattern of each gap, of folded text."""
    return {
        "rest": ".{1,120}",
        "text": ".{0,600}",
        "number": r"\d[\d.,]{0,8}",
        "site": rf"(?:{_SITE})",
        "names": r"(?P<names>[^\d:;!?。]{2,120})",
        "date": rf"(?P<date>{calendar.pattern})",
    }


class Names:
    """Tells the persons of a byline in one language."""

    def __init__(self, between: Iterable[str], nobody: Iterable[str]) -> None:
        """Take the words between two names ("": a blank is enough), and what stands for a name and is no person."""
        linking = [f" {re.escape(word)} " if word else " " for word in between]
        self._between = re.compile("|".join((r" ?[,&|/、;+]+ ?", *linking)), re.IGNORECASE)
        self._nobody = _NOBODY | {folded(one) for one in nobody}

    def named_in(self, text: str) -> tuple[str, ...] | None:
        """The persons; None if it is no list of names. A place behind the first of them is passed over."""
        parts = [part.strip(EDGES.replace(".", "")) for part in self._between.split(text)]
        said = [part for part in parts if part and folded(part.strip(".")) not in self._nobody]
        if len(parts) > MOST_NAMES:
            return None
        found = [part for part in said if _may_be_name(part)]
        others = [part for part in said[1:] if part not in found]
        if (said and said[0] not in found) or not all(_is_capitalised(part) for part in others):
            return None
        return tuple(dict.fromkeys(found))


def _may_be_name(text: str) -> bool:
    """A first and a last name, with a capital each where the script has any."""
    words = [word for word in text.split() if word not in _NO_NAMES]
    capitals = not any(word[0].islower() for word in words)
    return (
        capitals
        and (2 if text.lower() != text.upper() else 1) <= len(words) <= _NAME_WORDS
        and len(text) <= _NAME_LETTERS
    )


def _is_capitalised(text: str) -> bool:
    return " " not in text and text[0].isupper()


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))
