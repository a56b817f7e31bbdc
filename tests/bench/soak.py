"""Twenty minutes at 50 files a second: does memory, descriptors or latency of ``winnowd run`` creep up?

    python -m tests.bench.soak [--minutes 20] [--rate 50] [--workers N] [--out build]

Each 5 s: resident memory of the daemon and of its workers, open descriptors, files waiting. Afterwards: the delay of
each file (see ``latency``), and the bytes of the index in memory at each sample, found by filling one anew in the same
order, since it grows by design with each article known. Writes ``soak.json`` and ``soak.svg``.
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import dataclasses
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.latency import Sender, delays, quantile, told
from tests.e2e.processes import descendants, memory
from tests.e2e.served import index_bytes, served

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.e2e.served import Served

EVERY = 5.0  # s between two samples
WARM = 300.0  # s until memory should be level
MIB = 1 << 20
WIDTH, HEIGHT, LEFT = 900, 220, 70


@dataclasses.dataclass(slots=True)
class Sample:
    """What was seen at one moment; bytes, and seconds since the start and since the epoch."""

    at: float
    wall: float
    daemon: int
    anonymous: int
    workers: int
    processes: int
    descriptors: int
    waiting: int
    load: float
    decided: int = 0
    index: int = 0

    @property
    def apart(self) -> int:
        """The daemon's memory apart from the index, which grows by design."""
        return self.daemon - self.index


def sample(service: Served, begun: float) -> Sample:
    """Look once; a worker that ends meanwhile is not counted."""
    pid, workers = service.process.pid, []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        workers = [memory(child) for child in descendants(pid)]
    return Sample(
        at=time.monotonic() - begun,
        wall=time.time(),
        daemon=memory(pid),
        anonymous=memory(pid, "RssAnon"),
        workers=sum(workers),
        processes=len(workers),
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),  # noqa: PTH208 - the count is all
        waiting=len(os.listdir(service.instance_dir / "inbox")),  # noqa: PTH208 - the count is all
        load=os.getloadavg()[0],
    )


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Least squares, MB (2^20 bytes) an hour; 0 of fewer than two."""
    return statistics.linear_regression(times, values).slope * 3600 / MIB if len(times) > 1 else 0.0


def soaked(service: Served, rate: float, seconds: float) -> tuple[list[Sample], list[float]]:
    """Send and look until the time is over; gives the samples, and the delays of all files in ms."""
    begun = time.monotonic()
    sender = Sender(service.instance_dir, rate)
    samples: list[Sample] = []
    while time.monotonic() < begun + seconds:
        sender.until(min(begun + seconds, begun + EVERY * (len(samples) + 1)))
        samples.append(sample(service, begun))
    service.until_empty()
    service.end()
    decided = service.decided()
    moments, sizes = sorted(one.at for one in decided.values()), index_bytes(service.instance_dir)
    for one in samples:
        one.decided = bisect.bisect(moments, one.wall)
        one.index = sizes[min(one.decided, len(sizes) - 1)]
    found = delays(sender.sent, decided)
    if len(found) != len(sender.sent):
        raise RuntimeError(f"{len(sender.sent)} files sent, {len(found)} decided")
    return samples, found


def summary(samples: Sequence[Sample], found: Sequence[float], rate: float) -> dict[str, Any]:
    """The figures that count."""
    late = [one for one in samples if one.at >= min(WARM, samples[-1].at / 4)]
    times = [one.at for one in late]
    slopes: dict[str, Callable[[Sample], int]] = {
        "daemon": lambda one: one.daemon,
        "index by design": lambda one: one.index,
        "daemon apart from the index": lambda one: one.apart,
        "workers": lambda one: one.workers,
    }
    return {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, Linux {platform.release()}",
        "rate": rate,
        "minutes": round(samples[-1].at / 60, 1),
        "files": len(found),
        "load": [min(one.load for one in samples), max(one.load for one in samples)],
        "slopes_mb_an_hour": {name: round(slope(times, [of(one) for one in late]), 2) for name, of in slopes.items()},
        "daemon_mb": [round(one.daemon / MIB, 1) for one in (samples[0], late[0], samples[-1])],
        "index_mb": round(samples[-1].index / MIB, 1),
        "descriptors": [min(one.descriptors for one in late), max(one.descriptors for one in late)],
        "waiting_most": max(one.waiting for one in samples),
        "delay_ms": {f"p{100 * share:g}": round(quantile(found, share), 1) for share in (0.5, 0.9, 0.99, 0.999)},
        "delay_told": told(found),
    }


def _panel(top: int, title: str, times: Sequence[float], lines: dict[str, Sequence[float]]) -> str:
    """One diagram, its curves named; from 0 to the largest value."""
    most = max(max(values, default=0.0) for values in lines.values()) or 1.0
    colours = ("#1b6ca8", "#c1440e", "#3a7d44", "#6b4e9b")
    wide, high = WIDTH - LEFT - 20, HEIGHT - 60
    parts = [f'<text x="{LEFT}" y="{top + 16}" font-weight="bold">{title}</text>']
    for share in (0.0, 0.5, 1.0):
        y = top + 30 + high * (1 - share)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:.4g}</text>')
    for number, (name, values) in enumerate(lines.items()):
        places = [
            f"{LEFT + wide * at / times[-1]:.1f},{top + 30 + high * (1 - value / most):.1f}"
            for at, value in zip(times, values, strict=True)
        ]
        parts.append(f'<polyline points="{" ".join(places)}" fill="none" stroke="{colours[number]}"/>')
        parts.append(f'<text x="{LEFT + 260 + 160 * number}" y="{top + 16}" fill="{colours[number]}">{name}</text>')
    parts.append(f'<text x="{WIDTH - 20}" y="{top + HEIGHT - 12}" text-anchor="end">{times[-1] / 60:.0f} min</text>')
    return "".join(parts)


def picture(samples: Sequence[Sample], found: Sequence[float]) -> str:
    """Memory, delay and what waited over time, as SVG."""
    times = [one.at for one in samples]
    share = len(found) / len(samples)
    parts = [found[int(share * at) : int(share * (at + 1))] for at in range(len(samples))]
    panels = [
        _panel(0, "memory, MB", times, {
            "daemon": [one.daemon / MIB for one in samples],
            "apart from the index": [one.apart / MIB for one in samples],
            "workers": [one.workers / MIB for one in samples],
        }),
        _panel(HEIGHT, "delay in 5 s, ms", times, {
            "median": [quantile(part, 0.5) for part in parts],
            "p99": [quantile(part, 0.99) for part in parts],
        }),
        _panel(2 * HEIGHT, "count", times, {
            "files waiting": [one.waiting for one in samples],
            "descriptors": [one.descriptors for one in samples],
        }),
    ]  # fmt: skip
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{3 * HEIGHT}" font-family="sans-serif" '
    return f'{head}font-size="12"><rect width="100%" height="100%" fill="white"/>{"".join(panels)}</svg>\n'


def main() -> None:
    """Soak, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--out", type=Path, default=Path("build"))
    given = parser.parse_args()
    with served(given.workers) as service:
        samples, found = soaked(service, given.rate, 60 * given.minutes)
    figures = summary(samples, found, given.rate)
    given.out.mkdir(parents=True, exist_ok=True)
    rows = [{**dataclasses.asdict(one), "apart": one.apart} for one in samples]
    (given.out / "soak.json").write_text(json.dumps({"figures": figures, "samples": rows}, indent=1) + "\n")
    (given.out / "soak.svg").write_text(picture(samples, found))
    for name, value in figures.items():
        print(f"{name:<20} {value}")


if __name__ == "__main__":
    main()
