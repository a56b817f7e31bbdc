"""Pictures to look at, held to byte for byte: ``python -m tests.views.pictures`` writes them anew."""

from __future__ import annotations

import functools
from pathlib import Path

from winnowd.views import pictures
from winnowd.views.pictures import Cause, Copy, CurvePoint, Day, Original, Picture
from winnowd.views.statistics import Bin, Outcomes

FOLDER = Path(__file__).with_name("golden") / "pictures"
SHEET = Path(__file__).parents[2] / "service" / "winnowd" / "web" / "static" / "pictures.css"


@functools.cache
def samples() -> dict[str, Picture]:
    """One of each, and some that are easily drawn wrong."""
    bins = [Bin(round(at * 0.2, 1), round(at * 0.2 + 0.2, 1), n) for at, n in enumerate(COUNTS)]
    month = [Day(f"2026-11-{day:02}", Outcomes(60 + day % 7, day % 5, 118 if day == 22 else 9)) for day in range(1, 31)]
    points = [
        CurvePoint(limit, caught, confirmed, released)
        for limit, caught, confirmed, released in (
            (0.5, 900, 41, 9), (1.0, 420, 41, 7), (1.3, 300, 40, 5), (1.7, 180, 38, 2), (2.5, 60, 17, 0), (3.5, 4, 1, 0)
        )
    ]  # fmt: skip
    week = [[1] * 24 for _ in range(7)]
    week[1][3] = 118
    return {
        "dot-map-copy": pictures.dot_map([(40, 0, 200)], 260, 200, "Tide <mill> turns & again", "copy.txt"),
        "dot-map-moved": pictures.dot_map([(0, 110, 90), (110, 0, 90)], 200, 200, "Tide mill", "x" * 200),
        "histogram": pictures.histogram(bins, 1.0, 1.3, 1.88),
        "days": pictures.days(month),
        "causes": pictures.causes(CAUSES),
        "copies": pictures.copies(ORIGINALS),
        "caught-curve": pictures.caught_curve(points, (2_000, 41, 9), 1.0, 1.3, 1.7),
        "hours": pictures.hours(week),
    }


COUNTS = (3_000, 1_200, 600, 250, 80, 30, 12, 1, 0, 7, 12, 20, 9, 5)
CAUSES = (
    Cause("DUP606", "rewrite", 412, "/decisions?code=DUP606&outcome=rejected"),
    Cause("DUP605", "near-duplicate", 187, "/decisions?code=DUP605"),
    Cause("QUA401", "length", 96),
    Cause("DUP601", "same-bytes", 71),
    Cause("QUA421", "a slug that is far too long for its column", 33),
    Cause("SCH201", "field-missing", 30),
)
ORIGINALS = (
    Original("Tide mill turns again", tuple(Copy(f"{at}.txt", 1.3 + at / 10) for at in range(18))),
    Original("Night library opens its doors", (Copy("a.txt", 0.5),)),
    Original("灯台 <b>", (Copy("b.txt", 3.5),)),
    Original("Bridge", (Copy("c.txt", 2.5),)),
)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, made in samples().items():
        (FOLDER / f"{name}.svg").write_text(made.svg + "\n", encoding="utf-8")
