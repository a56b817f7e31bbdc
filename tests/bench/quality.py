"""What the gates admit and hold of real texts, beside published rules; what an article costs, and where the time goes.

    python -m tests.bench.quality DATA [--articles FOLDER] [--only table|cost] [--peer PYTHON]

DATA is a folder with development data (fundus, bbc400, cleanportaleval, defects ...), FOLDER one
with the five samples, by default ``../../articles`` beside DATA. They are no part of the project. PYTHON is one
that has datatrove, to time its four filters on the same texts in the same run.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.published import RULES
from tests.gates.plain import WORD
from tests.gates.stand import panel, phrasebook, read_of

from winnowd.cleaning import clean
from winnowd.decision import decide
from winnowd.gates.measures.subject import Subject
from winnowd.model import Cleaned, Decision, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from winnowd.model import Read

GOALS = {"fundus": "<= 0/1", "bbc400": "<= 4/4", "cleanportaleval": "<= 8/4"}
ADMITTED = {"clean", "residue", "mojibake"}
LEAST_STOPPED = {"fused-4": 47, "fused-2": 31, "names-removed-5": 24, "cut-bare": 24, "spliced": 20, "fused-1": 1}
REPEATS = 15


def say(line: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def judged(item: Read) -> tuple[Cleaned, Decision]:
    """Clean a record and ask all gates with their default limits."""
    cleaned = clean(item, phrasebook())
    return cleaned, decide(panel().examine(Subject.of(cleaned)))


def held(texts: Iterable[tuple[str, str | None]]) -> str:
    """Rejected/quarantined of winnowd, then how many each published rule set drops, of texts with their titles."""
    outcomes: Counter[Outcome] = Counter()
    dropped: Counter[str] = Counter()
    for text, title in texts:
        outcomes[judged(read_of(text, title=title))[1].outcome] += 1
        dropped.update(name for name, rule in RULES.items() if rule(text))
    ours = f"{outcomes[Outcome.REJECTED]}/{outcomes[Outcome.QUARANTINED]}"
    return f"{sum(outcomes.values()):>5}  {ours:>8}  " + "  ".join(f"{dropped[name]:>7}" for name in RULES)


def head(first: str) -> None:
    """The head of a table of ``held``."""
    say(f"\n{first:<28} texts  rej/quar  " + "  ".join(f"{name:>7}" for name in RULES) + "  goal")


def samples(folder: Path) -> None:
    """The five samples, each alone."""
    say("\nsample  outcome      by              notes")
    for path in sorted(folder.glob("00*.txt")):
        text = path.read_text(encoding="utf-8")
        cleaned, decision = judged(read_of(text))
        notes = Counter(note.code for note in cleaned.notes)
        dropped = [f"{name}: {', '.join(rule(text))}" for name, rule in RULES.items() if rule(text)]
        made = " ".join(f"{code}x{count}" if count > 1 else code for code, count in sorted(notes.items()))
        say(f"{path.name[:3]:<7} {decision.outcome.value:<12} {' '.join(decision.codes):<15} {made}")
        for line in dropped:
            say(f"{'':<36} dropped by {line}")


def good(data: Path) -> None:
    """The known-good sets."""
    head("known good")
    for name, goal in GOALS.items():
        titled = name != "cleanportaleval"
        texts = [(row["text"], row["title"] if titled else None) for row in rows(data / f"{name}.jsonl")]
        say(f"{name:<28}{held(texts)}  {goal}")


def defects(data: Path) -> None:
    """Each kind of defect: how many of 49 are stopped."""
    kinds: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for row in rows(data / "defects.jsonl"):
        kinds[row["defect"]].append((row["text"], None))
    head("defect")
    for kind, texts in kinds.items():
        least = LEAST_STOPPED.get(kind, 0 if kind in ADMITTED else len(texts))
        say(f"{kind:<28}{held(texts)}  {'all admitted' if kind in ADMITTED else f'>= {least} stopped'}")


def languages(data: Path) -> None:
    """Pages in Zulu and Xhosa that declare English."""
    failed = 0
    texts = list(rows(data / "fundus_declared_english.jsonl"))
    for row in texts:
        decision = judged(read_of(row["text"], title=row["title"], language="en"))[1]
        failed += any(one.code == "QUA460" and one.grade.value == "fail" for one in decision.findings)
    say(f"\nZulu and Xhosa declared English: {failed} of {len(texts)} fail QUA460")


def overlap(text: str, gold: str) -> float:
    """F1 of the words of a text against those of the article, as bags."""
    words, wanted = Counter(WORD.findall(text)), Counter(WORD.findall(gold))
    shared = (words & wanted).total()
    return 2 * shared / (words.total() + wanted.total() or 1)


def whole_pages(data: Path) -> None:
    """All visible text of a page instead of its article."""
    from resiliparse.extract.html2text import extract_plain_text

    outcomes: Counter[str] = Counter()
    raw, cut = [], []
    for row in rows(data / "cleanportaleval.jsonl"):
        page = extract_plain_text((data / row["html"]).read_bytes().decode("utf-8", "replace"), main_content=False)
        cleaned, decision = judged(read_of(page))
        outcomes[decision.outcome.value] += 1
        raw.append(overlap(page, row["text"]))
        if cleaned.measures["outside_lines"]:
            cut.append((overlap(page, row["text"]), overlap(cleaned.article.text, row["text"])))
    before, after = (statistics.mean(side) for side in zip(*cut, strict=True)) if cut else (0.0, 0.0)
    say(f"whole pages: {dict(outcomes)}; F1 as they came {statistics.mean(raw):.3f};")
    say(f"    {len(cut)} of {len(raw)} cut by CLN332: F1 {before:.3f} before, {after:.3f} after (goal >= 0.89)")


def of_usual_length(data: Path) -> list[Read]:
    """The source texts of 550 to 650 words, title line included where none is known."""
    found = []
    for name in GOALS:
        for row in rows(data / f"{name}.jsonl"):
            text = row["text"] if name == "cleanportaleval" else f"{row['title']}\n\n{row['text']}"
            if 550 <= len(WORD.findall(text)) <= 650:
                found.append(read_of(text))
    return found


def staged(item: Read) -> tuple[list[float], list[str]]:
    """Seconds of each stage for one article: cleaning, making it ready for the gates, each gate."""
    clock = time.perf_counter
    marks = [clock()]
    cleaned = clean(item, phrasebook())
    marks.append(clock())
    subject = Subject.of(cleaned)
    marks.append(clock())
    names = ["clean", "subject"]
    for name, gate in panel()._gates:
        gate.examine(subject)
        marks.append(clock())
        names.append(name)
    return [after - before for before, after in itertools.pairwise(marks)], names


def least(measure: Callable[[], float]) -> float:
    """The smallest of repeated measurements, in microseconds."""
    return 1e6 * min(measure() for _ in range(REPEATS))


def cost(data: Path) -> None:
    """Microseconds an article: cleaning, gates, all findings; then where they go."""
    items = of_usual_length(data)
    for item in items:
        judged(item)
    gc.collect()
    gc.disable()

    once = sorted(1e6 * _whole(item) for item in items)
    best = sorted(least(lambda item=item: _whole(item)) for item in items)  # type: ignore[misc]
    stages: dict[str, list[float]] = defaultdict(list)
    for item in items:
        runs = [staged(item) for _ in range(REPEATS)]
        for at, name in enumerate(runs[0][1]):
            stages[name].append(1e6 * min(times[at] for times, _ in runs))
    gc.enable()
    say(f"\ncost in us of {len(items)} articles of 550 to 650 words: clean, all gates, findings; goal 350, p99 600")
    for name, values in (("each once", once), (f"best of {REPEATS}", best)):
        p99 = values[min(len(values) - 1, round(0.99 * (len(values) - 1)))]
        say(f"    {name:<12} median {statistics.median(values):.0f}   p99 {p99:.0f}   most {values[-1]:.0f}")
    say("    of that      " + "  ".join(f"{name} {statistics.median(times):.0f}" for name, times in stages.items()))
    say(f"    yardsticks   {yardsticks()}")


def beside_datatrove(data: Path, python: str) -> None:
    """What datatrove's four filters cost on the same texts, just now."""
    texts = [item.article.text for item in of_usual_length(data)]
    script = Path(__file__).with_name("peer_datatrove.py")
    ran = subprocess.run([python, script], input=json.dumps(texts), capture_output=True, text=True, check=False)
    if ran.returncode:
        say(f"    datatrove    not installed for {python}: {ran.stderr.strip().splitlines()[-1]}")
        return
    medians: dict[str, float] = json.loads(ran.stdout)
    ours = statistics.median(least(lambda item=item: _whole(item)) for item in of_usual_length(data))  # type: ignore[misc]
    told, whole = "  ".join(f"{name} {value:.0f}" for name, value in medians.items()), sum(medians.values())
    say(f"    datatrove    {told}  sum {whole:.0f}, ours {ours:.0f}: {whole / ours:.0f} times as much")


def _whole(item: Read) -> float:
    begun = time.perf_counter()
    panel().examine(Subject.of(clean(item, phrasebook())))
    return time.perf_counter() - begun


def yardsticks() -> str:
    """What this machine does just now: compare runs only where these agree."""
    import numpy as np

    numbers = np.arange(3_600, dtype=np.uint64)

    def loop() -> float:
        begun = time.perf_counter()
        sum(range(1_000))
        return time.perf_counter() - begun

    def kernel() -> float:
        begun = time.perf_counter()
        for _ in range(10):
            (numbers * numbers).sum()
        return time.perf_counter() - begun

    return f"sum of a range of 1,000 {least(loop):.1f} us, ten products of 3,600 numbers {least(kernel):.1f} us"


def main() -> int:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality", description="Quality gates on real texts.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--only", choices=("table", "cost"))
    parser.add_argument("--peer", help="a Python that has datatrove")
    options = parser.parse_args()
    if options.only != "cost":
        samples(options.articles or options.data.parents[1] / "articles")
        good(options.data)
        defects(options.data)
        languages(options.data)
        whole_pages(options.data)
    if options.only != "table":
        cost(options.data)
        if options.peer:
            beside_datatrove(options.data, options.peer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
