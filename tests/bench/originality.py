"""How many copies are found, how many distinct articles wrongly stopped, what an article costs: real texts, real gate.

    python -m tests.bench.originality pairs DATA [--out OUTCOMES]     goals of score.py; peers' rules on the same pairs
    python -m tests.bench.originality families DATA                   the same pairs wrapped, halved, shuffled
    python -m tests.bench.originality rewrites FILE                   two versions of one document each, by kind
    python -m tests.bench.originality stream DATA [--file NAME]       what becomes of a file's texts, one after another
    python -m tests.bench.originality cost DATA [--to 100000]         microseconds an article, by size of the index
    python -m tests.bench.originality injected DATA [--copies 2000]   recall and precision of injected near copies

DATA is a folder with development data (pairs.jsonl.gz, score.py, texts); it is no part of the project.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.families import changed
from tests.bench.injected import distinct, injected, made_articles, scored
from tests.bench.originality_cost import cost
from tests.bench.shelf import Shelf, made_of, read_lines
from tests.originality.stand import Stand, known_of, prepared_of

from winnowd.decision import decide
from winnowd.gates.originality import OriginalityLimits
from winnowd.model import Standing
from winnowd.originality.cascade import LEAST_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.model import Examination, Prepared

FIRST_NUMBER = 1
SEED = 1


def winnowd_answer(shelf: Shelf, first: str, second: Prepared, limits: OriginalityLimits) -> dict[str, str | None]:
    """What becomes of the second if the first is the only article in the corpus: the whole gate, evidence and all."""
    stand = Stand(limits)
    corpus = shelf.prepared(first)
    stand.gate.remember(known_of(FIRST_NUMBER, corpus), shelf.rows[first]["text"])
    decision = decide(stand.gate.examine(second).findings)
    return {"outcome": decision.outcome.value, "code": decision.codes[0] if decision.codes else None}


def w5_answer(shelf: Shelf, first: str, second: str, limit: float) -> dict[str, str | None]:
    """What word-5-gram Jaccard alone says."""
    one, two = (set(shelf.fingerprint(name).shingles.tolist()) for name in (first, second))
    together = len(one | two)
    found = bool(together) and len(one & two) / together > limit
    return {"outcome": "rejected" if found else "admitted", "code": None}


def stock_answer(shelf: Shelf, first: str, second: str) -> dict[str, str | None]:
    """What stock datasketch says: its MinHash, its MinHashLSH(threshold=0.8), as its documentation shows."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.8, num_perm=128)
    for name in (first, second):
        words = shelf.rows[name]["text"].lower().split()
        minhash = MinHash(num_perm=128)
        minhash.update_batch([" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))])
        if name == first:
            index.insert(name, minhash)
    return {"outcome": "rejected" if index.query(minhash) else "admitted", "code": None}


def pairs(options: argparse.Namespace) -> int:
    """Answer all pairs by each rule; print recall per set, and what score.py says of the gate."""
    shelf = Shelf(options.data)
    limits = OriginalityLimits()
    rules: dict[str, Callable[[str, str], dict[str, str | None]]] = {
        "winnowd": lambda a, b: winnowd_answer(shelf, a, shelf.prepared(b), limits),
        "w5 J > .5": lambda a, b: w5_answer(shelf, a, b, 0.5),
        "w5 J > .8": lambda a, b: w5_answer(shelf, a, b, 0.8),
    }
    if not options.no_stock:
        rules["datasketch LSH(.8)"] = lambda a, b: stock_answer(shelf, a, b)
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rule in rules.items():
        begun = time.perf_counter()
        found[name] = [{**pair, **rule(pair["a_id"], pair["b_id"])} for pair in shelf.pairs]
        sys.stderr.write(f"{name}: {len(shelf.pairs)} pairs in {time.perf_counter() - begun:.0f} s\n")
    print_table(found)
    return score(options, found["winnowd"])


def print_table(found: dict[str, list[dict[str, Any]]]) -> None:
    """Share stopped (rejected or quarantined) per kind, set and label, one column a rule; core pairs only."""
    tally: dict[tuple[str, str, str], dict[str, list[int]]] = collections.defaultdict(dict)
    for name, answers in found.items():
        for one in answers:
            if one["core"]:
                cell = tally[one["kind"], one["set"], one["label"]].setdefault(name, [0, 0, 0])
                cell[0] += 1
                cell[1] += one["outcome"] == "rejected"
                cell[2] += one["outcome"] != "admitted"
    sys.stdout.write(f"{'kind set label':52} {'n':>5}  " + "  ".join(f"{name:>18}" for name in found) + "\n")
    for key in sorted(tally):
        cells = [tally[key][name] for name in found]
        shares = "  ".join(f"{cell[1] / cell[0]:.3f} ({cell[2] / cell[0]:.3f})".rjust(18) for cell in cells)
        sys.stdout.write(f"{' '.join(key):52} {cells[0][0]:>5}  {shares}\n")


def score(options: argparse.Namespace, answers: list[dict[str, Any]]) -> int:
    """Hand the gate's answers to the development data's own script."""
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "outcomes.jsonl"
        out.write_text("".join(json.dumps(one) + "\n" for one in answers), encoding="utf-8")
        sys.stdout.flush()
        return subprocess.run([sys.executable, options.data / "score.py", out], check=False).returncode


def families(options: argparse.Namespace) -> int:
    """Answer the pairs of ``families.py``; print the shares rejected and stopped of each kind."""
    shelf = Shelf(options.data)
    texts = {name: row["text"] for name, row in shelf.rows.items()}
    unrelated = [row["text"] for row in shelf.rows.values() if row.get("date")]
    tally: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for one in changed(shelf.pairs, texts, unrelated):
        row = {**shelf.rows[one.b_id], "text": one.text}
        answer = winnowd_answer(shelf, one.a_id, shelf.prepare(one.b_id, row), OriginalityLimits())
        tally[one.change, one.kind].append(str(answer["outcome"]))
    for (change, kind), outcomes in tally.items():
        rejected, admitted = outcomes.count("rejected") / len(outcomes), outcomes.count("admitted") / len(outcomes)
        sys.stdout.write(f"{change:30} {kind:9} {len(outcomes):>5}  {rejected:.3f} ({1 - admitted:.3f})\n")
    return 0


def rewrites(options: argparse.Namespace) -> int:
    """Let version b of each document meet version a; print the shares rejected and stopped of each kind."""
    tally: dict[str, list[str]] = collections.defaultdict(list)
    for row in read_lines(options.data):
        stand = Stand()
        first, second = (prepared_of(row[side], made_of(f"{row['id']} {side}", {"text": row[side]})) for side in "ab")
        stand.take(first, Standing.ADMITTED)
        outcome = stand.take(second)[0].outcome.value
        tally[row["kind"]].append(outcome)
        if min(first.words, second.words) >= LEAST_WORDS:
            tally[f"{row['kind']}, {LEAST_WORDS} words and more"].append(outcome)
    for kind, outcomes in sorted(tally.items()):
        rejected, admitted = outcomes.count("rejected") / len(outcomes), outcomes.count("admitted") / len(outcomes)
        sys.stdout.write(f"{kind:30} {len(outcomes):>5}  {rejected:.3f} ({1 - admitted:.3f})\n")
    return 0


def stream(options: argparse.Namespace) -> int:
    """Let the texts of one file arrive one after another; print outcomes and the worst code of each stopped one."""
    stand, tally = Stand(), collections.Counter[str]()
    shelf = Shelf(options.data)
    for row in read_lines(options.data / options.file):
        decision, _ = stand.take(shelf.prepare(row["id"], row))
        tally[decision.outcome.value] += 1
        tally.update([f"{decision.findings[0].code} {decision.findings[0].grade.value}"] if decision.codes else [])
        stand.commit()
    sys.stdout.writelines(
        f"{name:16} {count:>6}  {count / stand.number:.4f}\n" for name, count in sorted(tally.items())
    )
    return 0


def nearest_copy(examination: Examination) -> int | None:
    """The place in the stream of the article that shares most text, if it is enough to be stopped, or noted, for it.

    Real articles are retold by others, which is no fault here: only the rules of shared text, DUP601 to DUP605, count.
    """
    shared = [one for one in examination.relations if one.code <= "DUP605"]
    return max(shared, key=lambda one: (one.value, -one.number)).number - 1 if shared else None


def injections(options: argparse.Namespace) -> int:
    """Inject copies at J >= .8 into made articles, and into real ones that resemble no other; print both scores."""
    real = distinct([row["text"] for row in Shelf(options.data).rows.values() if row.get("date")])
    for name, articles in (("made", list(made_articles(options.copies + 500, SEED))), ("real", real)):
        arriving = list(injected(articles, min(options.copies, len(articles)), SEED))
        stand, twins = Stand(), list[int | None]()
        for one in arriving:
            twins.append(nearest_copy(stand.take(one.text)[1]))
            stand.commit()
        score = scored(arriving, twins)
        sys.stdout.write(
            f"{name}: {len(articles)} articles, {score.copies} copies at J >= .8, "
            f"recall {score.recall:.4f}, precision {score.precision:.4f}\n"
        )
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "pairs": pairs,
    "families": families,
    "rewrites": rewrites,
    "stream": stream,
    "injected": injections,
    "cost": cost,
}


def main() -> int:
    """Run the command given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        commands.add_parser(name).add_argument("data", type=Path)
    commands.choices["pairs"].add_argument("--out", type=Path)
    commands.choices["pairs"].add_argument("--no-stock", action="store_true")
    for name in ("stream", "cost"):
        commands.choices[name].add_argument("--file", default="reuters_2007_09_to_2008_02.jsonl.gz")
    commands.choices["cost"].add_argument("--to", type=int, default=100_000)
    commands.choices["cost"].add_argument("--texts", type=int, default=2_000)
    commands.choices["cost"].add_argument("--rounds", type=int, default=3)
    commands.choices["injected"].add_argument("--copies", type=int, default=2_000)
    options = parser.parse_args()
    return COMMANDS[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
