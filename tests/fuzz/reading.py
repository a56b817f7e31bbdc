"""Fuzzes reading, guided by what its bytes reach: ``python tests/fuzz/reading.py CORPUS [-max_total_time=600]``.

Needs ``atheris``, which is no dependency of the project: it wants its own build of Python's coverage. The folder CORPUS
is filled from the case files first, if it is empty. Ends with the input that broke a law, kept as ``crash-*``.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import logging
import sys
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")  # late: it has no types, and is seldom installed

with atheris.instrument_imports(include=["winnowd"]):
    from winnowd.model import Grade, Unreadable
    from winnowd.reading import ReadingLimits, read
    from winnowd.reading.kinds import KINDS

from tests.reading.one_of_each import SAMPLES  # noqa: E402 - the instrumented import comes first
from tests.reading.stand import bytes_of, cases_of, source_of  # noqa: E402 - the instrumented import comes first

ENDINGS = (*(kind.endings[0] for kind in KINDS), "html.gz", "tar.xz")
LIMITS = ReadingLimits(line_bytes=2_000, records=50, members=10, front_matter_bytes=1_000)


def one_input(data: bytes) -> None:
    """Read bytes under a name that their first one chooses, and hold the records to the laws."""
    if not data:
        return
    ending = ENDINGS[data[0] % len(ENDINGS)]
    content = gzip.compress(data[1:]) if data[0] >= 0xF0 else data[1:]
    items = list(read(source_of(content, f"story.{ending}"), LIMITS))
    assert items, "no record"
    for number, item in enumerate(items):
        assert item.provenance.record == number, "numbers"
        if isinstance(item, Unreadable):
            assert any(finding.grade is not Grade.PASS for finding in item.findings), "no reason"
        else:
            item.article.text.encode()
            item.article.model_dump_json()
        json.dumps([dict(finding.evidence) for finding in item.findings], allow_nan=False)


def fill(folder: Path) -> None:
    """Write the case files' bytes into an empty corpus, each behind the byte that chooses its name."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    cases = [
        case
        for name in ("files", "json", "encodings", "front_matter", "feeds", "tables", "pages")
        for case in cases_of(name)
    ]
    cases += [{"file": "a.json", "content": case["record"]} for case in cases_of("schema")]
    files = [(case["file"], bytes_of(case)[:20_000]) for case in cases] + list(SAMPLES.values())
    for name, content in files:
        ending = name.partition(".")[2]
        data = bytes([ENDINGS.index(ending) if ending in ENDINGS else 0]) + content
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # libraries tell of each page they cannot read
    fill(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
