"""The one check after every trial: nothing lost, nothing twice, log, ledger, folders and index agree."""

from __future__ import annotations

import collections
import gzip
import hashlib
import json
import os
import sqlite3
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from winnowd.catalogue import catalogue
from winnowd.layout import LEDGER, log_file
from winnowd.pipeline.barren import LEAST_WORDS
from winnowd.settings import load
from winnowd.storage.disk import Disk
from winnowd.storage.index import Index
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RECORDS = """
    SELECT a.id, a.records_done, count(d.number) AS n, max(d.record) AS last
    FROM arrival a LEFT JOIN decision d ON d.arrival = a.number AND d.codes <> 'SYS949'
    WHERE a.closed IS NULL GROUP BY a.number
"""
_HELD_REST = """
    SELECT a.id FROM arrival a JOIN decision d ON d.arrival = a.number
    WHERE d.codes = 'SYS949' AND d.outcome <> 'reopened'
"""
FOLDERS = ("seeds", "quarantine", "rejected", "archive", "audit", "state/work")


def rows(instance_dir: Path, query: str) -> list[sqlite3.Row]:
    """Rows of the ledger, read only."""
    connection = sqlite3.connect(f"{(instance_dir / LEDGER).as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def events(instance_dir: Path) -> list[dict[str, Any]]:
    """All events of the audit log, in order."""
    days = sorted({path.with_suffix("") if path.suffix == ".gz" else path for path in _days(instance_dir)})
    return [json.loads(line) for day in days for line in _of_day(day).splitlines()]


def _days(instance_dir: Path) -> list[Path]:
    return list((instance_dir / "audit").glob("[0-9]*/*/*.jsonl*"))


def _of_day(path: Path) -> bytes:
    """The lines of a day, packed or not."""
    packed = path.with_name(f"{path.name}.gz")
    return path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes()) if packed.exists() else b""


def files_below(instance_dir: Path, folder: str) -> set[str]:
    """The files of a folder, relative to the instance."""
    return {
        path.relative_to(instance_dir).as_posix()
        for path in (instance_dir / folder).rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def faults(instance_dir: Path, sent: int | Sequence[bytes] | None = None) -> list[str]:
    """All that is wrong with an idle instance; ``sent``: all files ever dropped, or how many that were."""
    found = [
        *_sums(instance_dir, len(sent) if isinstance(sent, Sequence) else sent),
        *_decisions(instance_dir),
        *_corpus(instance_dir),
        *_held(instance_dir),
        *_evidence(instance_dir),
        *_log(instance_dir),
        *_sealed(instance_dir),
        *_leftovers(instance_dir),
        *_index(instance_dir),
    ]
    return [*found, *_originals(instance_dir, sent)] if isinstance(sent, Sequence) else found


def torn(instance_dir: Path) -> list[str]:
    """P3: what a reader of seeds/ finds there that is not whole, at any moment, before a recovery too."""
    return [
        path
        for path in sorted(files_below(instance_dir, "seeds"))
        if "/.tmp-" not in path and not _is_whole(instance_dir / path)
    ]


def _is_whole(path: Path) -> bool:
    """An article has the hash that its name says, a page ends with a line, each row of an index is one."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # it has just left the corpus
        return True
    if path.suffix == ".txt":
        return hashlib.sha256(content).hexdigest().startswith(path.stem)
    if path.suffix == ".jsonl":
        return all(_is_row(line) for line in content.splitlines(keepends=True))
    return content.endswith(b"\n")


def _is_row(line: bytes) -> bool:
    try:
        return line.endswith(b"\n") and isinstance(json.loads(line), dict)
    except ValueError:
        return False


def changed(instance_dir: Path) -> list[str]:
    """The originals, of those with one record, that are not the bytes that were judged."""
    homes = {
        row["id"]: row["home"] for row in rows(instance_dir, "SELECT id, home FROM arrival WHERE home IS NOT NULL")
    }
    wrong = []
    for event in events(instance_dir):
        arrival, sha256 = event["winnowd"].get("arrival", {}), event.get("file", {}).get("hash", {}).get("sha256")
        if sha256 and arrival.get("records") == 1:
            path = homes[arrival["id"]]
            if hashlib.sha256(content_of(instance_dir / path)).hexdigest() != sha256:
                wrong.append(f"{path} is not what was judged")
    return wrong


def account(instance_dir: Path) -> str:
    """P1's sum, as every sweep prints it."""
    totals = {row["name"]: row["n"] for row in rows(instance_dir, "SELECT * FROM total")}
    waiting = len(files_below(instance_dir, "inbox"))
    records = rows(instance_dir, "SELECT coalesce(sum(records_done), 0) AS n FROM arrival WHERE closed IS NULL")[0]["n"]
    outcomes = " + ".join(f"{totals.get(name, 0)} {name}" for name in ("admitted", "quarantined", "rejected"))
    return f"{totals.get('arrivals', 0)} arrivals with {records} records = {outcomes}, {waiting} waiting"


def content_of(path: Path) -> bytes:
    """What a file holds; of what is no file, what it is."""
    if path.is_symlink():
        return b"a link to " + os.fsencode(path.readlink())
    mode = path.stat().st_mode
    return path.read_bytes() if stat.S_ISREG(mode) else b"a special file %o" % stat.S_IFMT(mode)


def _originals(instance_dir: Path, sent: Sequence[bytes]) -> Iterator[str]:
    """Each file that was sent still exists, byte for byte, and exactly once: at its home, or where it waits."""
    homes = [row["home"] for row in rows(instance_dir, "SELECT home FROM arrival WHERE home IS NOT NULL")]
    paths = [
        instance_dir / path
        for path in (*homes, *files_below(instance_dir, "inbox"), *files_below(instance_dir, "state/work"))
    ]
    kept = collections.Counter(content_of(path) for path in paths if os.path.lexists(path))
    wanted = collections.Counter(sent)
    yield from (f"lost {count} of {content[:60]!r}" for content, count in (wanted - kept).items())
    yield from (f"{count} too many of {content[:60]!r}" for content, count in (kept - wanted).items())


def _evidence(instance_dir: Path) -> Iterator[str]:
    """Each event's evidence stands where the event says, with the hash it says; what was erased is blank, or gone."""
    kept = {row["sequence"] for row in rows(instance_dir, "SELECT sequence FROM decision WHERE outcome <> 'erased'")}
    for event in events(instance_dir):
        evidence = event["winnowd"].get("evidence")
        if evidence is None:
            continue
        path = instance_dir / evidence["path"]
        content = path.read_bytes() if path.exists() else b""
        if "offset" in evidence:  # else made by an older version: a file of its own
            content = content[evidence["offset"] :][: evidence["bytes"]]
        if event["event"]["sequence"] not in kept:
            if content.strip():
                yield f"{evidence['path']} holds what was erased"
        elif hashlib.sha256(content).hexdigest() != evidence["sha256"]:
            yield f"{evidence['path']} is not what its event says, or is gone"


def _sums(instance_dir: Path, sent: int | None) -> Iterator[str]:
    """P1: arrivals = admitted + quarantined + rejected + what still waits."""
    arrivals = rows(instance_dir, "SELECT * FROM arrival WHERE closed IS NULL")
    waiting = len(files_below(instance_dir, "inbox"))
    if sent is not None and len(arrivals) + waiting != sent:
        yield f"{sent} files sent, but {len(arrivals)} arrivals and {waiting} still in the inbox"
    for arrival in arrivals:
        if arrival["state"] != "done":
            yield f"arrival {arrival['id']} is {arrival['state']}, not done"
        if arrival["records_done"] < 1:
            yield f"arrival {arrival['id']} has no decision"
    totals = {row["name"]: row["n"] for row in rows(instance_dir, "SELECT * FROM total")}
    decided = sum(totals.get(name, 0) for name in ("admitted", "quarantined", "rejected"))
    counted = rows(instance_dir, "SELECT count(*) AS n FROM decision")[0]["n"]
    if decided != counted:
        yield f"the sums tell of {decided} decisions, there are {counted}"
    if totals.get("arrivals", 0) != len(arrivals):
        yield f"the sums tell of {totals.get('arrivals', 0)} arrivals, there are {len(arrivals)}"


def _decisions(instance_dir: Path) -> Iterator[str]:
    """Each record of each arrival exactly once; no article its own twin."""
    for row in rows(instance_dir, _RECORDS):
        if row["n"] != row["records_done"] or row["last"] != row["n"] - 1:
            yield f"arrival {row['id']}: {row['n']} decisions for {row['records_done']} records"
    for row in rows(instance_dir, "SELECT number FROM relation WHERE number = twin"):
        yield f"decision {row['number']} is its own twin"


def _corpus(instance_dir: Path) -> Iterator[str]:
    """seeds/ holds the admitted texts, whole, and nothing else."""
    admitted = {
        row["home"]: row["text_sha256"]
        for row in rows(instance_dir, "SELECT * FROM decision WHERE outcome = 'admitted'")
    }
    found = {path for path in files_below(instance_dir, "seeds") if path.endswith(".txt")}
    yield from (f"{path} is missing" for path in admitted.keys() - found)
    yield from (f"{path} belongs to no decision" for path in found - admitted.keys())
    for path in found & admitted.keys():
        if hashlib.sha256((instance_dir / path).read_bytes()).hexdigest() != admitted[path]:
            yield f"{path} is not the text that was admitted"


def _held(instance_dir: Path) -> Iterator[str]:
    """Each original has one home; each held record its why-files; nothing else lies there."""
    originals = {row["home"] for row in rows(instance_dir, "SELECT home FROM arrival WHERE home IS NOT NULL")}
    held = {
        row["home"]
        for row in rows(instance_dir, "SELECT home FROM decision WHERE outcome IN ('quarantined', 'rejected')")
    }
    retracted = {row["home"] for row in rows(instance_dir, "SELECT home FROM decision WHERE outcome = 'retracted'")}
    erased = {
        row["home"]
        for row in rows(
            instance_dir,
            "SELECT a.home FROM arrival a WHERE a.records_done > 0 AND NOT EXISTS "
            "(SELECT 1 FROM decision d WHERE d.arrival = a.number AND d.outcome <> 'erased') OR EXISTS "
            "(SELECT 1 FROM decision d WHERE d.arrival = a.number AND d.outcome = 'erased' AND d.codes = 'SYS949')",
        )
    }
    released = {path for path in originals if (instance_dir / f"{path}.why.md").exists()}
    expected = (originals | held | retracted) - erased
    superseded = {
        row["home"] for row in rows(instance_dir, "SELECT home FROM decision WHERE codes IN ('DUP610', 'SYS952')")
    }
    explained = held - superseded - _barren(instance_dir) - _repeated(instance_dir)
    expected |= {f"{path}.why.md" for path in explained | released}
    left = retracted | superseded
    orders = {f"{path}.order.md" for path in explained | released | originals} | {f"{path}.why.md" for path in left}
    older = {f"{path}.why.json" for path in held | released}  # an older version wrote it, and nobody needs it
    found = set().union(*(files_below(instance_dir, folder) for folder in ("quarantine", "rejected", "archive")))
    expected -= {
        file["path"]
        for event in events(instance_dir)
        for file in event["winnowd"].get("retention", {}).get("files", ())
    }
    without = (held - originals) & _without_bytes(instance_dir)
    missing = expected - found - without
    pages = {path for path in found - expected - orders if path.startswith("rejected/") and path.endswith(".why.md")}
    many = _with_turned_away(instance_dir)
    expected |= {path for path in pages if path.partition("~")[2][:8] in many}
    yield from (
        f"no page counts the records of arrival {one}" for one in many - {p.partition("~")[2][:8] for p in pages}
    )
    yield from (f"{path} is missing" for path in missing)
    yield from (f"{path} belongs to nothing" for path in found - expected - older - orders)
    yield from (f"{path} is not whole" for path in (expected | orders) & found if not _reads(instance_dir, path))


def _barren(instance_dir: Path) -> set[str]:
    """Where records lie in which there was nothing to judge: the page of their file tells of them."""
    return {event["winnowd"]["destination"]["path"] for event in _of_many(instance_dir) if _is_barren(event["winnowd"])}


def _repeated(instance_dir: Path) -> set[str]:
    """Where records lie that stood in their file before it was changed, and were turned away as that came again."""
    texts: dict[str, set[str]] = {}
    found = set()
    for event in events(instance_dir):
        ours = event["winnowd"]
        if event["event"]["action"] in {"admit", "quarantine", "reject"}:
            arrival = ours["arrival"]
            before = texts.get(arrival.get("continues", ""), set())
            known = ours.get("article", {}).get("id")
            rejected = event["event"]["action"] == "reject" and "ORD701" not in ours["codes"]
            if rejected and "records" not in arrival and known in before:
                found.add(ours["destination"]["path"])
            texts.setdefault(arrival["id"], set(before)).add(known or "")
    return found


def _is_barren(ours: Mapping[str, Any]) -> bool:
    if "article" in ours:
        fails = any(one["grade"] == "fail" and one["gate"] != "originality" for one in ours.get("findings", ()))
        return bool(fails and ours["article"]["words"] < LEAST_WORDS)
    return all(code.startswith(("INP", "SCH")) for code in ours["codes"])


def _of_many(instance_dir: Path) -> Iterator[dict[str, Any]]:
    """The decisions on records that were turned away, of files that are not one record."""
    for event in events(instance_dir):
        if event["event"]["action"] in {"quarantine", "reject"} and "records" not in event["winnowd"]["arrival"]:
            yield event


def _with_turned_away(instance_dir: Path) -> set[str]:
    """The beginnings of the ids of finished files of which some records were turned away, none of them uncounted."""
    held = {row["id"] for row in rows(instance_dir, _HELD_REST)}
    done = {row["id"] for row in rows(instance_dir, "SELECT id FROM arrival WHERE state = 'done'")}
    return {
        one["winnowd"]["arrival"]["id"][:8]
        for one in _of_many(instance_dir)
        if one["winnowd"]["arrival"]["id"] in done - held
    }


def _reads(instance_dir: Path, path: str) -> bool:
    """Whether a page is whole, as far as it can be told without the ledger; what else lies there is."""
    return not path.endswith((".why.md", ".order.md")) or (instance_dir / path).read_bytes().endswith(b"\n")


def _without_bytes(instance_dir: Path) -> set[str]:
    """Where records would lie that have no bytes of their own to keep: the rest of a broken stream."""
    return {one["winnowd"]["destination"]["path"] for one in _of_many(instance_dir) if "hash" not in one["file"]}


def _parsed(instance_dir: Path, path: str) -> dict[str, Any]:
    """What a JSON file says; nothing if it is torn or gone."""
    try:
        read: dict[str, Any] = json.loads((instance_dir / path).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return read


def _log(instance_dir: Path) -> Iterator[str]:
    """One line per decision, no gap, each line chained to the one before, and each where the ledger says."""
    kept = rows(instance_dir, "SELECT * FROM outbox ORDER BY sequence")
    sequences = [event["event"]["sequence"] for event in events(instance_dir)]
    if sequences != [row["sequence"] for row in kept]:
        yield f"the log has the sequences {sequences[:3]}..{sequences[-3:]}, the ledger {len(kept)} lines"
    days = {day: _of_day(instance_dir / log_file(day)) for day in {row["day"] for row in kept}}
    prev = "0" * 64
    for row in kept:
        line = days[row["day"]][row["start"] : row["start"] + row["size"]]
        if hashlib.sha256(line[:-1]).hexdigest() != row["sha256"]:
            yield f"line {row['sequence']} is not the ledger's"
        elif json.loads(line)["winnowd"]["chain"]["prev"] != prev:
            yield f"line {row['sequence']} does not follow the one before"
        prev = row["sha256"]
    decided = {row["sequence"] for row in rows(instance_dir, "SELECT sequence FROM decision")}
    told = {
        event["event"]["sequence"]
        for event in events(instance_dir)
        if event["event"]["action"] in {"admit", "quarantine", "reject"}
    }
    if decided != told:
        yield f"decisions without a line: {sorted(decided - told)}; lines without a decision: {sorted(told - decided)}"
    head = _parsed(instance_dir, "audit/HEAD.json")
    if kept and (head.get("sequence"), head.get("sha256")) != (kept[-1]["sequence"], kept[-1]["sha256"]):
        yield "audit/HEAD.json does not name the last line"


def _sealed(instance_dir: Path) -> Iterator[str]:
    """A sealed day is packed, and only packed; its digest says what is in it; the ledger keeps none of its lines."""
    kept = {row["day"] for row in rows(instance_dir, "SELECT DISTINCT day FROM outbox WHERE line IS NOT NULL")}
    for packed in (path for path in _days(instance_dir) if path.suffix == ".gz"):
        plain = packed.with_suffix("")
        digest = _parsed(instance_dir, plain.with_suffix(".digest.json").relative_to(instance_dir).as_posix())
        if plain.exists() or "-".join(plain.with_suffix("").parts[-3:]) in kept:
            yield f"{plain.name} is packed, and not sealed"
        elif digest.get("packed_sha256") != hashlib.sha256(packed.read_bytes()).hexdigest():
            yield f"{packed.name} is not what its digest says"
        elif digest.get("sha256") != hashlib.sha256(_of_day(plain)).hexdigest():
            yield f"{packed.name} does not hold what its digest says"


def _leftovers(instance_dir: Path) -> Iterator[str]:
    """No temporary file, nothing claimed, nothing still to be written; the ledger itself is sound."""
    for folder in FOLDERS:
        yield from (f"{path} is left over" for path in files_below(instance_dir, folder) if "/.tmp-" in path)
    yield from (f"{path} is left in work" for path in files_below(instance_dir, "state/work"))
    yield from (f"{row['path']} is still to be written" for row in rows(instance_dir, "SELECT path FROM effect"))
    yield from (row[0] for row in rows(instance_dir, "PRAGMA integrity_check") if row[0] != "ok")


def _index(instance_dir: Path) -> Iterator[str]:
    """INDEX.md and the pages say what the ledger says."""
    index = (instance_dir / "seeds" / "INDEX.md").read_text(encoding="utf-8")
    articles = rows(instance_dir, "SELECT count(*) AS n FROM decision WHERE standing = 'admitted'")[0]["n"]
    if f"\n  articles: {articles}\n" not in index:
        yield f"INDEX.md does not tell of {articles} articles"
    yield from (f"page {row['page']} is behind" for row in rows(instance_dir, "SELECT page FROM page WHERE dirty = 1"))
    settings = load(instance_dir, environ={}, system=None).settings
    ledger = Ledger.read(instance_dir / LEDGER)
    languages = getattr(settings.gates["language"], "accepted", ())
    slugs = {code: rule.slug for code, rule in catalogue().items()}
    index_now = Index(
        Disk(instance_dir), ledger, inline_max=settings.index.inline_max, slugs=slugs, languages=languages
    )
    yield from (f"{path} is not what the ledger says" for path in index_now.drift())
    ledger.close()
