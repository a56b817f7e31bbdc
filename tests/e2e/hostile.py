"""Two hundred files that no sender should send, made from a seed: what the inbox must survive."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard
from tests.e2e.instance import TEXTS
from tests.reading.documents import SAMPLES
from tests.reading.stand import tarred, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = b"the-secret-that-must-not-be-read"

_PROSE = (
    "The harbour office counted forty crates of herring on Monday morning, and the clerk wrote the figure twice. "
    "Nobody on the quay could say where the other nine had gone, but the lorry had left before the gates were opened. "
)


_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10))


_ROWS = (SAMPLES / "rows.parquet").read_bytes()
MEMBERS = ("../pwned", "esc\x1b[31mred.png", "two\n# lines.png", "right\u202eto-left.png", "](javascript:alert(1)).png")
"""Names that would hurt a path, a terminal, a line, a reader or a page, of files in archives."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """One hostile file: its name, the code it must end with (None: any decision will do), and whether it is special."""

    name: bytes
    code: str | None
    special: bool = False


def deposit_all(inbox: Path, outside: Path, *, seed: int = 7, count: int = 200) -> list[Deposit]:
    """Fill the inbox with ``count`` hostile files; ``outside`` holds the secret that links point to."""
    outside.mkdir(parents=True, exist_ok=True)
    (outside / "secret.txt").write_bytes(SECRET * 100)
    made = [*_special(inbox, outside), *_broken(inbox), *_named(inbox)]
    rng = random.Random(seed)  # noqa: S311 - a test's bytes, the same each time
    made += [_arbitrary(inbox, rng, number) for number in range(count - len(made))]
    return made


def _special(inbox: Path, outside: Path) -> Iterator[Deposit]:
    """What is not a file: links to a secret, to nothing, to itself, to a device; a FIFO; a socket."""
    targets: dict[bytes, Path | str] = {
        b"link.txt": outside / "secret.txt",
        b"dangling.txt": outside / "nothing.txt",
        b"loop.txt": inbox / "loop.txt",
        b"device.txt": "/dev/zero",
        b"folder-link": outside,
    }
    for name, target in targets.items():
        (inbox / os.fsdecode(name)).symlink_to(target)
        yield Deposit(name, "INP101", special=True)
    os.mkfifo(inbox / "fifo.txt")
    yield Deposit(b"fifo.txt", "INP101", special=True)
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(inbox, os.O_PATH)
        listener.bind(f"/proc/self/fd/{here}/socket.txt")
        os.close(here)
    yield Deposit(b"socket.txt", "INP101", special=True)
    if os.geteuid() == 0:
        os.mknod(inbox / "null.txt", 0o20666, os.makedev(1, 3))
        yield Deposit(b"null.txt", "INP101", special=True)


def _broken(inbox: Path) -> Iterator[Deposit]:
    """Files whose bytes are at fault, each with the code that says so."""
    prose = (_PROSE * 30).encode()
    packed = gzip.compress(prose)
    deep = b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    contents: dict[bytes, tuple[bytes, str | None]] = {
        b"empty.txt": (b"", "INP104"),
        b"blanks.txt": (b" \n\t \n", "INP104"),
        b"nuls.txt": (prose[:500] + b"\0" * 300, "INP105"),
        b"program.txt": (b"\x7fELF" + bytes(range(32)) * 50, "INP105"),
        b"cut.txt.gz": (packed[: len(packed) // 2], "INP108"),
        b"rubbish.txt.gz": (packed + b"rubbish after the end", None),
        b"twice.txt.gz": (gzip.compress(packed), "INP110"),
        b"bomb.txt.gz": (gzip.compress(b"a" * 40_000_000), "INP109"),
        b"bomb.jsonl.zst": (zstandard.compress(b"\n" * 300_000_000), "INP109"),
        b"cut.json": (b'{"text": "' + prose[:200], "INP111"),
        b"nan.json": (b'{"text": NaN}', "SCH201"),
        b"digits.json": (b'{"text": 1' + b"0" * 10_000 + b"}", "SCH201"),
        b"deep.json": (deep, "INP113"),
        b"element.json": (b"[1]", "INP112"),
        b"no-records.json": (b"[]", "INP118"),
        b"surrogate.json": (b'{"text": "\\ud800 alone"}', "SCH204"),
        b"nul-in-text.json": (b'{"text": "a\\u0000b"}', "SCH204"),
        b"no-text.json": (b'{"title": "nothing else"}', "SCH201"),
        b"number.json": (b'{"text": 5}', "SCH202"),
        b"page.pdf": (b"%PDF-1.7\n" + prose, "INP132"),
        b"picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "INP102"),
        b"twice.json": (b'{"text": "one", "text": "two"}', "INP114"),
        b"empty.html": (b"<html><body><p>" + b"</p><p>" * 1_000, "INP120"),
        b"tags.html": (b"<html>" + b"<b>" * 1_000_000, None),
        b"attributes.html": (b"<html><p" + b" a=1" * 500_000, None),
        b"entities.html": (b"<!DOCTYPE html [" + _ENTITIES + b"]><html><p>&e9;" + b"&amp;&#0;" * 200_000, None),
        b"comment.html": (b"<html><!--" + b"-" * 3_000_000, None),
        b"python.md": (b"---\ntitle: !!python/object/apply:os.system ['touch pwned']\n---\n" + prose, "INP119"),
        b"aliases.md": (b"---\n" + b"a: &b [*b, *b]\n" * 4_000 + b"---\n" + prose, "INP119"),
        b"forged.json": (json.dumps({"text": prose.decode(), "id": "../x", "sha256": "0" * 64}).encode(), None),
        b"one-line.txt": (b"word " * 1_600_000, None),
        b"long-line.jsonl": (b'{"text": "' + b"w" * 10_000_000 + b'"}', "INP116"),
        b"unbroken.txt": (b"w" * 200_000, None),
        b"commas.txt": (b", " * 100_000, None),
        **_of_many(prose),
        **_documents(prose),
    }
    for name, (content, code) in contents.items():
        (inbox / os.fsdecode(name)).write_bytes(content)
        yield Deposit(name, code)
    with (inbox / "sparse.txt").open("wb") as sparse:
        sparse.truncate(1 << 40)
    yield Deposit(b"sparse.txt", "INP103")


def _of_many(prose: bytes) -> dict[bytes, tuple[bytes, str | None]]:
    """Tables, feeds and archives at fault."""
    feed = b"<rss><channel><item><description>%s</description></item></channel></rss>"
    outside = b"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    return {
        b"one-field.csv": (b'title,text\na,"' + b"w" * 10_000_000, "INP116"),
        b"no-header.csv": (prose, "INP126"),
        b"laughs.rss": (b"<!DOCTYPE rss [" + _ENTITIES + b"]>" + feed % b"&e9;", "INP133"),
        b"outside.rss": (outside + feed % b"&x;", "INP133"),
        b"deep.rss": (feed % (b"<a>" * 500_000), "INP132"),
        b"cut.rss": (feed % prose[:90] + b"<item>", "INP132"),
        b"cut.warc": (b"WARC/1.0\r\nContent-Length: 5\r\n\r\nabcde\r\n\r\nnonsense", "INP122"),
        b"bomb.zip": (zipped({"a.txt": b"a" * 40_000_000}), "INP109"),
        b"many-bombs.zip": (zipped({str(number): b"\x89PNG" + b"a" * 900_000 for number in range(40)}), "INP109"),
        b"nested.zip": (zipped({"b.zip": zipped({"c.zip": prose})}), "INP110"),
        b"nested.tar": (tarred({"b.zip": zipped({"c.txt": prose})}), "INP110"),
        b"paths.zip": (zipped({"../../../pwned.txt": prose, "/etc/pwned": prose}), None),
        b"paths.tar": (tarred({"../../../pwned.txt": prose, "/etc/pwned": prose}), None),
        b"names.zip": (zipped(dict.fromkeys(MEMBERS, b"\x89PNG\r\n\x1a\n")), "INP102"),
        b"names.tar": (tarred({"".join(MEMBERS): TEXTS["A"].encode()}), None),
        b"cut.tar": (tarred({"a.txt": prose})[:1_000], "INP132"),
        b"blank.mbox": (b"From ada@example.org Sat Mar 23 10:00:00 2024\n\n", None),
        b"longest.mbox": (b"From ada@example.org Sat\n\n" + b"w" * 40_000_000, "INP103"),
        b"bomb.txt.bz2": (bz2.compress(b"a" * 10_000_000), "INP109"),
        b"bomb.txt.xz": (lzma.compress(b"a" * 10_000_000), "INP109"),
        b"cut.txt.xz": (lzma.compress(prose)[:-20], "INP108"),
    }


def _documents(prose: bytes) -> dict[bytes, tuple[bytes, str | None]]:
    """Mail, office files, books, news in XML and tables in columns at fault."""
    laughs, outside = b"<!DOCTYPE a [" + _ENTITIES + b"]>", b"<!DOCTYPE a [<!ENTITY e9 SYSTEM 'file:///etc/passwd'>]>"
    parts = b"Content-Type: multipart/mixed; boundary=a\n\n"
    book = b"<c><rootfile full-path='%s'/></c>"
    return {
        b"parts.eml": (parts + b"--a\n\nx\n" * 20_000, "INP134"),
        b"thousand-parts.eml": (parts + b"--a\nContent-Type: image/png\n\nx\n" * 999, "INP130"),
        b"no-page.mhtml": (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=a\n\n--a--\n", "INP130"),
        b"bomb.docx": (zipped({"word/document.xml": b"<a>" + b" " * 40_000_000 + b"</a>"}), "INP109"),
        b"laughs.docx": (zipped({"word/document.xml": laughs + b"<a>&e9;</a>"}), "INP133"),
        b"outside.docx": (zipped({"word/document.xml": outside + b"<a>&e9;</a>"}), "INP133"),
        b"entities.odt": (zipped({"content.xml": laughs + b"<a>&e9;</a>"}), "INP133"),
        b"outside.epub": (zipped({"META-INF/container.xml": outside + book % b"&e9;"}), "INP133"),
        b"paths.epub": (zipped({"META-INF/container.xml": book % b"../../etc/passwd"}), "INP102"),
        b"cut.epub": (zipped({"mimetype": b"application/epub+zip", "a.xhtml": prose})[:-30], "INP132"),
        b"laughs.nitf": (laughs + b"<nitf>&e9;</nitf>", "INP133"),
        b"outside.nitf": (outside + b"<nitf>&e9;</nitf>", "INP133"),
        b"cut.parquet": (b"PAR1" + prose, "INP132"),
        b"footer.parquet": (_ROWS[:-8] + b"\xff\xff\xff\x7fPAR1", "INP132"),
        b"column.parquet": (_ROWS.replace(b"title", b"ti\xff\xff\x7f"), "INP132"),
        b"cut.arrow": (b"ARROW1\0\0" + prose, "INP132"),
    }


def _named(inbox: Path) -> Iterator[Deposit]:
    """Good bytes under names that would hurt a shell, a terminal, a log line, a page or a path."""
    names = [
        b"--help", b"-rf", b"$(touch pwned).txt", b"`id`.txt", b"two\nlines.txt", b"tab\tand\rreturn.txt", b"INDEX.md",
        b"\xff\xfe.txt", "right\u202eto-left.txt".encode(), b"esc\x1b[31mred.txt", b"a" * 251 + b".txt", b"|pipe|.md",
        b"](javascript:alert(1)).md", b"<script>.html.txt", b"%2e%2e%2fup.txt", b"con.txt", b"a b  c .txt",
        b"'quote\".txt", b"*.txt", b"?", b"{a,b}.txt", b"\\back\\slash.txt", "\u200bzero-width.txt".encode(),
    ]  # fmt: skip
    folder = os.fsencode(inbox)
    for number, name in enumerate(names):
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123 - names are bytes
            file.write(f"{_PROSE * 12}Number {number} of the harbour's own list was closed that evening.\n".encode())
        yield Deposit(name, None)


def _arbitrary(inbox: Path, rng: random.Random, number: int) -> Deposit:
    """Random bytes of one of several makes under one of the known extensions."""
    makes: tuple[Callable[[random.Random], bytes], ...] = (
        lambda rng: rng.randbytes(rng.randrange(1, 5_000)),
        lambda rng: _PROSE.encode() + rng.randbytes(rng.randrange(1, 300)),
        lambda rng: gzip.compress(rng.randbytes(2_000))[: rng.randrange(1, 2_000)],
        lambda rng: json.dumps({"text": _PROSE * 20, "date": rng.random(), "id": "../../x"}).encode(),
        lambda rng: b"\n".join(rng.randbytes(40) for _ in range(20)),
        lambda rng: ("\ufeff" + _PROSE * 20).encode("utf-16-le" if rng.random() < 0.5 else "utf-16-be"),
        lambda rng: b"---\n" + rng.randbytes(50).replace(b"-", b"") + b"\n---\n" + (_PROSE * 20).encode(),
    )
    endings = ("txt", "md", "html", "json", "jsonl", "txt.gz", "json.zst", "bin")
    name = f"arbitrary-{number:03d}.{endings[number % len(endings)]}"
    (inbox / name).write_bytes(makes[number % len(makes)](rng))
    return Deposit(name.encode(), None)
