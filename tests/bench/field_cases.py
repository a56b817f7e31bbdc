"""What becomes of inputs that failed in the field: each case in an instance of its own, beside what its README expects.

    python -m tests.bench.field_cases [FOLDER] [--only WORDS] [--json]

FOLDER holds ``field/`` and ``judgement/``, by default ``../shared/cases`` beside this project; they are no part of the
project. ``--only`` takes the cases whose name holds one of the words, divided by commas.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.e2e.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).parents[2].parent / "shared" / "cases"
_BESIDE = {"README.md", "INDEX.md", "repro.py"}
_NUMBERED = re.compile(r"_\d+(?=\.\w+$)")
_ROW = re.compile(r"^\| (?P<case>\S+) \| (?P<kind>[^|]+) \|$", re.MULTILINE)
_EXPECTED = re.compile(r"^## Expected\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SHOWN = ("title", "authors", "source", "url", "published", "language", "flags")
_WIDTH = 160


class Case(NamedTuple):
    """Files that are dropped together, by their names in the inbox, and what should become of them."""

    name: str
    kind: str
    files: dict[str, Path]
    expected: str


class Became(NamedTuple):
    """One record: its outcome, the codes that stopped it or that reading noted, and its row of the index."""

    name: str
    outcome: str
    codes: list[str]
    row: dict[str, Any]


def say(line: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def field_cases(folder: Path) -> Iterator[Case]:
    """A case for each folder that holds files, however deep."""
    kinds = {
        row["case"].replace("_", "-"): row["kind"].strip()
        for row in _ROW.finditer((folder / "INDEX.md").read_text("utf-8"))
    }
    for top in sorted(folder.iterdir(), key=lambda path: (path.name.partition("-")[0].zfill(3), path.name)):
        if not top.is_dir():
            continue
        found = _EXPECTED.search((top / "README.md").read_text("utf-8"))
        expected = "" if found is None else " ".join(found["text"].split())
        for inner in sorted({path.parent for path in top.rglob("*") if path.is_file()}):
            files = {path.name: path for path in sorted(inner.iterdir()) if path.is_file() and path.name not in _BESIDE}
            if files:
                name = inner.relative_to(folder).as_posix()
                yield Case(name, kinds.get(top.name, ""), files, expected)


def judgement_cases(folder: Path) -> Iterator[Case]:
    """A case for each file, or for those whose names differ in their number only."""
    rows = [line.split(" | ") for line in (folder / "README.md").read_text("utf-8").splitlines() if line[:2] == "| "]
    groups: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name not in _BESIDE:
            groups.setdefault(_NUMBERED.sub("", path.name), {})[path.name] = path
    for name, files in groups.items():
        row = next((row for row in rows if min(files) in row[0]), None)
        yield Case(f"judgement/{name}", "judgement", files, "" if row is None else row[2])


def judged(case: Case) -> list[Became]:
    """Drop the files of a case into a new instance and decide them."""
    with tempfile.TemporaryDirectory(prefix="winnowd-") as folder:
        instance = Instance(Path(folder))
        instance.drop({name: path.read_bytes() for name, path in case.files.items()})
        instance.pass_over()
        pages = sorted((instance.instance_dir / "seeds" / "index").glob("[0-9]*/*.jsonl"))
        rows = {row["id"]: row for page in pages for row in map(json.loads, page.read_text("utf-8").splitlines())}
        return [_became(event, rows) for event in instance.decisions()]


def _became(event: dict[str, Any], rows: dict[str, Any]) -> Became:
    told = event["winnowd"]
    name = event["file"]["name"] + ("" if "records" in told["arrival"] else f"#{told['arrival']['record']}")
    codes = [f"{one['code']} {one['grade']}: {one.get('because', '')}" for one in told.get("findings", ())]
    noted = told.get("unmeasured", {}).items()
    codes += [f"{code} noted: {because}" for code, because in noted if code.startswith(("INP", "SCH"))]
    return Became(name, told["outcome"], codes, rows.get(told.get("article", {}).get("id"), {}))


def show(case: Case, became: list[Became]) -> None:
    """Print a case, what was expected, and what came of it."""
    say(f"\n== {case.name}  [{case.kind}]")
    say(textwrap.fill(f"   expected: {case.expected}", _WIDTH, subsequent_indent="             "))
    if not became:
        say("   nothing was decided")
    for one in became:
        say(f"   {one.outcome:<11} {one.name}")
        for code in one.codes:
            say(f"               {code}"[:_WIDTH])
        if one.row:
            say("               " + json.dumps({key: one.row.get(key) for key in _SHOWN}, ensure_ascii=False))


def main() -> None:
    """Run the cases and print them, then how many records of each kind were admitted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each case instead of the table")
    given = parser.parse_args()
    begun = time.perf_counter()
    kinds: dict[str, list[int]] = {}
    for case in (*field_cases(given.folder / "field"), *judgement_cases(given.folder / "judgement")):
        if not any(word in case.name for word in given.only.split(",")):
            continue
        became = judged(case)
        counted = kinds.setdefault(case.kind, [0, 0])
        counted[0] += sum(one.outcome == "admitted" for one in became)
        counted[1] += len(became)
        if given.json:
            say(json.dumps({**case._asdict(), "files": list(case.files), "became": [one._asdict() for one in became]}))
        else:
            show(case, became)
    if not given.json:
        say(f"\n{'kind':<14} admitted  records")
        for kind, (admitted, records) in sorted(kinds.items()):
            say(f"{kind:<14} {admitted:>8}  {records:>7}")
        say(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
