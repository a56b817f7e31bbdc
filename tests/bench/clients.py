"""What becomes of what each client writes, client by client: a table of Markdown.

    python -m tests.bench.clients

Over the samples of ``tests/reading/shapes`` and ``tests/reading/samples``, in this process, with the settings by
default and originality left aside: the samples are of four articles only. A day, an author or an address that the
client does not bring is a dash.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.gates.stand import panel, phrasebook
from tests.reading.documents import SAMPLES
from tests.reading.stand import read_all, the_article
from tests.reading.test_documents import HOLD_TWO, SAID
from tests.reading.test_shapes import CLIENTS, SHAPES

from winnowd.cleaning import clean
from winnowd.decision import decide
from winnowd.gates.measures.subject import Subject
from winnowd.model import Outcome, Read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.article import Article

_WORD: Final = re.compile(r"\w+")
_MADE: Final = re.compile(r"^\| (?P<files>`[^|]+`) \| (?P<made>[^|]+?)[:;|]", re.MULTILINE)
_FIELDS: Final = ("title", "authors", "day", "url")
_HEAD: Final = ("client's file", "written by", "articles", "read", "admitted", "text kept", *_FIELDS[:3], "address")


class Sample(NamedTuple):
    """A client's file: who wrote it, the texts in it, and what each record must say, as far as the client tells it.

    ``holds``: how many articles it holds.
    """

    name: str
    data: bytes
    made: str
    holds: int
    texts: Sequence[str]
    says: Sequence[Mapping[str, Any]]


def shapes() -> Iterator[Sample]:
    """The files of JSON."""
    plain = json.loads((SHAPES / "newsapi.json").read_text(encoding="utf-8"))["articles"]
    texts = {one["url"]: one["content"] for one in plain}
    for row in CLIENTS["sample"]:
        wanted = [CLIENTS["articles"][name] for name in row["of"]]
        says = [{name: one[name] for name in _FIELDS if name not in row.get("lacks", [])} for one in wanted]
        data = (SHAPES / row["file"]).read_bytes()
        yield Sample(row["file"], data, row["made"], len(wanted), [texts[one["url"]] for one in wanted], says)


def documents() -> Iterator[Sample]:
    """The files of other formats: of each what its first record must say."""
    long, short = (the_article(item).article.text for item in read_all(_document("rows.parquet"), "rows.parquet"))
    table = _MADE.finditer((SAMPLES / "README.md").read_text(encoding="utf-8"))
    made = {file.strip("` "): row["made"].strip() for row in table for file in row["files"].split(",")}
    for name, said in SAID.items():
        says: dict[str, Any] = {field: said[field] for field in ("title", "url") if field in said}
        says |= {"authors": list(said["authors"])} if "authors" in said else {}
        says |= {"day": dt.date.fromisoformat(said["published_day"])} if "published_day" in said else {}
        count = 2 if name in HOLD_TWO else 1
        texts = [long, short] if count == 2 else [long]
        if name == "week.epub":  # it has the long one in two chapters
            texts = [long]
        yield Sample(name, _document(name), made[name], count, texts, [says])


def _document(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def stopped_by(item: Read) -> str:
    """The code for which the gates, and what reading found, do not admit a record; "" if they do."""
    cleaned = clean(item, phrasebook())
    decision = decide([*item.findings, *panel().examine(Subject.of(cleaned))])
    return "" if decision.outcome is Outcome.ADMITTED else decision.findings[0].code


def share(texts: Sequence[str], articles: Sequence[Article]) -> float:
    """How many of the words of some texts are in these articles, each as often as it stands there."""
    wanted, found = (Counter(_WORD.findall(" ".join(of))) for of in (texts, [one.text for one in articles]))
    return (wanted & found).total() / wanted.total()


def _right(field: str, sample: Sample, articles: Sequence[Article]) -> str:
    """Of how many records a field is right, of those that the client tells it of."""
    told = [says for says in sample.says if field in says]
    if not told:
        return "-"
    found = [
        {
            "title": one.title,
            "authors": list(one.authors),
            "day": one.published_day and dt.date.fromordinal(one.published_day),
            "url": one.url,
        }
        for one in articles
    ]
    right = sum(one[field] == says[field] for one, says in zip(found, sample.says, strict=False) if field in says)
    return f"{right}/{len(told)}"


def row(sample: Sample) -> Sequence[object]:
    """A row of the table."""
    items = [item for item in read_all(sample.data, sample.name) if isinstance(item, Read)]
    articles = [item.article for item in items]
    stops = [code for code in map(stopped_by, items) if code]
    admitted = f"{len(items) - len(stops)}{''.join(f' ({code})' for code in stops)}"
    kept = f"{share(sample.texts, articles):.3f}" if articles else "0"
    fields = [_right(field, sample, articles) for field in _FIELDS]
    return [sample.name, sample.made, sample.holds, len(items), admitted, kept, *fields]


def main() -> int:
    """Print the table."""
    say(_HEAD)
    say(["---", "---", *["--:"] * 8])
    for sample in (*shapes(), *documents()):
        say(row(sample))
    return 0


def say(cells: Sequence[object]) -> None:
    """Print a row."""
    sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")


if __name__ == "__main__":
    sys.exit(main())
