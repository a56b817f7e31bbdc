"""Pictures: all that is drawn stays inside, is legible and well-formed, tells what it was given, is always the same."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import category

import pytest
from defusedxml import ElementTree
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.views.pictures import FOLDER, SHEET, samples

from winnowd.views import pictures
from winnowd.views.pictures import Cause, Copy, CurvePoint, Day, Original, Picture
from winnowd.views.pictures.svg import element, hatching, number
from winnowd.views.statistics import Bin, Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

HOSTILE = '"><script>alert(1)</script>\u202e\x00\ufffe&#x41;\ud800' + "W" * 300
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "g", "a", "rect", "circle", "line", "path", "text", "title"}
ATTRIBUTES = {
    "class", "x", "y", "width", "height", "cx", "cy", "r", "x1", "x2", "y1", "y2", "d", "href", "transform", "viewBox",
    "role", "aria-label", "text-anchor", "textLength", "lengthAdjust", "stroke-width",
}  # fmt: skip
SIZES = {"axis": 11.0}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


class Box(NamedTuple):
    """A rectangle, by its edges."""

    left: float
    top: float
    right: float
    bottom: float


names = st.text(max_size=40) | st.sampled_from([HOSTILE, "", "\u0301" * 30, "漢" * 80, "שלום", "Tide mill turns again"])
counts = st.integers(0, 10**7) | st.integers(0, 3)
values = st.floats(-1e6, 1e6) | st.floats(0, 4)
maybe = st.none() | values
scores = st.floats(0, 1e6) | st.floats(0, 3.5)


@st.composite
def dot_maps(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Runs within two texts."""
    left, right = draw(st.integers(0, 5_000)), draw(st.integers(0, 5_000))
    longest = min(left, right)
    runs = []
    for _ in range(draw(st.integers(0, 25)) if longest > 2 else 0):
        words = draw(st.integers(3, min(longest, 40)))
        runs.append((draw(st.integers(0, left - words)), draw(st.integers(0, right - words)), words))
    return pictures.dot_map(runs, left, right, draw(names), draw(names)), sorted(words for *_, words in runs)


@st.composite
def histograms(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Bins that follow each other, limits wherever."""
    edges = sorted(draw(st.lists(values, min_size=2, max_size=30, unique=True)))
    bins = [Bin(start, end, draw(counts)) for start, end in itertools.pairwise(edges)]
    made = pictures.histogram(bins, draw(maybe), draw(maybe), draw(maybe), side=draw(st.sampled_from(["min", "max"])))
    return made, sorted(one.n for one in bins)


@st.composite
def every_day(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Any days, some with far more than others."""
    outcomes = st.builds(Outcomes, counts, counts, counts)
    dates = st.dates().map(str) | names
    given_days = draw(st.lists(st.builds(Day, dates, outcomes), max_size=40))
    return pictures.days(given_days), sorted(n for one in given_days for n in one.outcomes)


@st.composite
def every_cause(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Any codes and slugs."""
    paths = st.sampled_from(["", "/decisions?code=DUP606&day=2026-11-22", "codes/DUP606.html", "#dup606"])
    given_causes = draw(st.lists(st.builds(Cause, names, names, counts, paths), max_size=20))
    return pictures.causes(given_causes), sorted(one.n for one in given_causes)


@st.composite
def every_copy(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Originals with any number of copies."""
    copies = st.lists(st.builds(Copy, names, scores), max_size=30).map(tuple)
    originals = draw(st.lists(st.builds(Original, names, copies), max_size=12))
    return pictures.copies(originals), sorted("copy" for one in originals for _ in one.copies)


@st.composite
def curves(draw: st.DrawFn) -> tuple[Picture, list[Any]]:
    """Limits in order, with any counts."""
    limits = sorted(draw(st.lists(values, max_size=20, unique=True)))
    points = [CurvePoint(limit, draw(counts), draw(counts), draw(counts)) for limit in limits]
    totals = draw(st.tuples(counts, counts, counts))
    made = pictures.caught_curve(points, totals, draw(maybe), draw(maybe), draw(maybe))
    return made, sorted(n for one in points for n in one[1:])


weeks = st.lists(counts, min_size=1, max_size=8).map(
    lambda some: [[some[(day * hour) % len(some)] for hour in range(24)] for day in range(7)]
)
whole_weeks = weeks.map(lambda week: (pictures.hours(week), sorted(n for day in week for n in day)))
any_picture = st.one_of(dot_maps(), histograms(), every_day(), every_cause(), every_copy(), curves(), whole_weeks)


def parsed(made: Picture) -> Element:
    """The markup, as strict XML."""
    root: Element = ElementTree.fromstring(made.svg, forbid_dtd=True, forbid_entities=True)
    return root


def placed(node: Element, x: float = 0.0, y: float = 0.0) -> Iterator[tuple[Element, float, float]]:
    """Every element, with how far its groups have moved it."""
    if moved := node.get("transform"):
        by_x, by_y = map(float, NUMBER.findall(moved))
        x, y = x + by_x, y + by_y
    yield node, x, y
    for child in node:
        yield from placed(child, x, y)


def numbers_of(node: Element) -> dict[str, float]:
    """Its attributes that are numbers."""
    return {name: float(value) for name, value in node.attrib.items() if NUMBER.fullmatch(value)}


def box(node: Element) -> Box | None:
    """Where an element stands, worked out anew from its markup; None for what has no place of its own."""
    at = numbers_of(node)
    match node.tag.removeprefix(SVG):
        case "rect":
            return Box(at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"])
        case "circle":
            return Box(at["cx"] - at["r"], at["cy"] - at["r"], at["cx"] + at["r"], at["cy"] + at["r"])
        case "line":
            xs, ys = sorted((at["x1"], at["x2"])), sorted((at["y1"], at["y2"]))
            return Box(xs[0], ys[0], xs[1], ys[1])
        case "path":
            return path_box(node.attrib["d"])
        case "text":
            return text_box(node, at)
    return None


def path_box(commands: str) -> Box:
    """The end points of the few commands that are used; an arc's lie as far apart as it reaches to the sides."""
    x = y = 0.0
    points = []
    for command, written in re.findall(r"([MLlHhaz])([^MLlHhaz]*)", commands):
        at = [float(one) for one in NUMBER.findall(written)]
        match command:
            case "M" | "L":
                x, y = at
            case "l":
                x, y = x + at[0], y + at[1]
            case "H":
                x = at[0]
            case "h":
                x += at[0]
            case "a":
                x, y = x + at[-2], y + at[-1]
        points.append((x, y))
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def text_box(node: Element, at: dict[str, float]) -> Box:
    """As wide as its signs are in DejaVu Sans, the widest face of those that the style sheet names."""
    classes = node.attrib["class"].split()
    size = next((SIZES[one] for one in classes if one in SIZES), 12.0)
    bold = 1.12 if "strong" in classes else 1.0
    width = at["textLength"] if "textLength" in at else bold * size * sum(map(sign_width, node.text or ""))
    left = at["x"] - {"middle": width / 2, "end": width}.get(node.get("text-anchor", ""), 0.0)
    return Box(left, at["y"] - 0.76 * size, left + width, at["y"] + 0.24 * size)


ADVANCES = {
    sign: width
    for width, signs in (
        (0.275, "'"),
        (0.278, "ijl"),
        (0.295, "IJ"),
        (0.318, " ,.·‘’"),
        (0.337, "/:;\\|"),
        (0.352, "f"),
        (0.361, "-"),
        (0.39, "()[]"),
        (0.392, "t"),
        (0.401, "!"),
        (0.411, "r"),
        (0.46, '"'),
        (0.5, "*_`–"),
        (0.518, "“”"),
        (0.521, "s"),
        (0.525, "z"),
        (0.531, "?"),
        (0.55, "c"),
        (0.557, "L"),
        (0.575, "F"),
        (0.579, "k"),
        (0.592, "vxy"),
        (0.603, "P"),
        (0.611, "TY"),
        (0.612, "o"),
        (0.613, "a"),
        (0.615, "e"),
        (0.632, "E"),
        (0.634, "hnu"),
        (0.635, "Sbdgpq"),
        (0.636, "0123456789${}"),
        (0.656, "K"),
        (0.684, "AV"),
        (0.685, "XZ"),
        (0.686, "B"),
        (0.695, "R"),
        (0.698, "C"),
        (0.732, "U"),
        (0.748, "N"),
        (0.752, "H"),
        (0.77, "D"),
        (0.775, "G"),
        (0.78, "&"),
        (0.787, "OQ"),
        (0.818, "w"),
        (0.838, "#+<=>^~→↓"),
        (0.863, "M"),
        (0.95, "%"),
        (0.974, "m"),
        (0.989, "W"),
        (1, "@…—"),
    )
    for sign in signs
}
"""In ems, of DejaVu Sans: as the face itself has them."""


def sign_width(sign: str) -> float:
    """Its advance; a text with others is squeezed into a width of its own."""
    return ADVANCES[sign]


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes cover each other."""
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@settings(max_examples=150)
@given(drawn=any_picture)
def test_whatever_is_drawn_is_fit_to_be_shown(drawn: tuple[Picture, list[Any]]) -> None:
    """Inside its box, without overlaps, plain markup with short numbers, and the table has all that was given.

    The stars of the first sketch hung over the edge of their card. All at once: drawing takes longer than looking.
    """
    made, given_values = drawn
    root = parsed(made)

    assert list(outside(root)) == []
    assert list(overlapping(root)) == []
    assert list(unsafe(root)) == []
    assert not {category(sign) for sign in made.svg} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert root.attrib["aria-label"]
    assert (root.attrib["role"] == "img") == (not list(root.iter(f"{SVG}a"))), "what is an image hides its links"
    assert all(len(row) == len(made.header) for row in made.rows)
    assert sorted(told(made)) == given_values


def outside(root: Element) -> Iterator[tuple[dict[str, str], Box]]:
    """What reaches over the edge of the view box."""
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for node, x, y in placed(root):
        found = box(node)
        if found is not None:
            edges = (found.left + x, found.top + y, width - found.right - x, height - found.bottom - y)
            if min(edges) < -0.01:  # to the hundredth to which numbers are written
                yield node.attrib, found


def overlapping(root: Element) -> Iterator[tuple[str | None, str | None]]:
    """Labels that cover each other; and a label without text, for which somebody would wait."""
    texts = [(node.text, text_box(node, numbers_of(node))) for node in root.iter(f"{SVG}text")]
    yield from ((text, text) for text, _ in texts if not text)
    for (text, one), (other_text, other) in itertools.combinations(texts, 2):
        if meet(one, other):
            yield text, other_text


def unsafe(root: Element) -> Iterator[dict[str, str]]:
    """Other elements and attributes than those of a drawing, links to elsewhere, numbers with a long tail."""
    for node in root.iter():
        is_plain = node.tag.removeprefix(SVG) in DRAWN and set(node.attrib) <= ATTRIBUTES
        is_inside = re.fullmatch(r"(?!//)[^:\\\s]+", node.get("href", "#"))
        drawn = [value for name, value in node.attrib.items() if name not in {"aria-label", "class", "href"}]
        if not is_plain or not is_inside or any(re.search(r"\.\d{3}|\de|nan|inf", value) for value in drawn):
            yield node.attrib


def told(made: Picture) -> list[Any]:
    """What was given, as far as the table's cells tell it."""
    first = {"run": 1, "from": 2, "code": 2, "day": 1, "limit": 1}
    last = {"run": 2, "from": 3, "code": 3, "day": 25 if "23" in made.header else 4, "limit": 4}
    kind = made.header[0]
    if kind == "kept":
        return ["copy" for _ in made.rows]
    return [cell for row in made.rows for cell in row[first[kind] : last[kind]]]


@pytest.mark.parametrize("name", sorted(samples()))
def test_pictures_are_as_kept(name: str) -> None:
    """Byte for byte; ``python -m tests.views.pictures`` writes them anew, to be looked at."""
    made = samples()[name]

    assert made.svg + "\n" == (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("dot-map-copy", "One unbroken diagonal: 100 % of its words stand in the original too, in the same order"),
        ("dot-map-moved", "Pieces moved about: 90 % of its words stand in the original too, 45 % in the same order"),
        ("histogram", "1.88 lies beyond fail (1.3), among 5,226 measured"),
        ("days", "2026-11-22 stands out: 118 rejected, where 9 are usual"),
        ("causes", "Most often DUP606 rewrite: 412 of 829 turned away (50 %)"),
        ("copies", "21 copies of 4 kept articles (18 drawn); most of Tide mill turns again: 18"),
        ("caught-curve", "At 1.7: 180 caught (300 at 1.3), 38 of 41 confirmed, 2 of 9 released"),
        ("hours", "Busiest on Tuesday from 03:00 UTC: 118 of 285 (41 %)"),
    ],
)
def test_a_title_states_the_finding(name: str, title: str) -> None:
    """Who reads nothing else has read what is to be seen."""
    assert samples()[name].title == title


@pytest.mark.parametrize(
    ("runs", "begins"),
    [
        ([], "Nothing in common"),
        ([(50, 10, 3)], "No diagonal"),
        ([(at, at, 3) for at in range(0, 90, 18)], "A thin diagonal"),
        ([(0, 0, 30), (70, 70, 30)], "A broken diagonal"),
        ([(0, 60, 40), (60, 0, 40)], "Pieces moved about"),
        ([(0, 0, 40), (45, 50, 45)], "One unbroken diagonal"),
    ],
)
def test_a_diagonal_is_told_from_what_is_none(runs: list[tuple[int, int, int]], begins: str) -> None:
    """A copy, one with pieces of its own between, a re-ordered one, phrases that everybody uses."""
    assert pictures.dot_map(runs, 100, 100, "original", "this").title.startswith(begins)


@given(
    runs=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(3, 9)), max_size=7),
)
@example(runs=[(0, 0, 3), (3, 3, 3), (0, 6, 9)])
def test_the_words_in_order_are_the_most_that_can_be(runs: list[tuple[int, int, int]]) -> None:
    """Held to all the choices there are; runs do not overlap in the item, as they are found."""
    from winnowd.views.pictures.dot_map import _heaviest_in_order

    apart = [(left, 10 * at, words) for at, (left, _, words) in enumerate(runs)]
    choices = itertools.chain.from_iterable(itertools.combinations(apart, size) for size in range(len(apart) + 1))
    best = max(sum(run[2] for run in one) for one in choices if rises(one))

    chain = _heaviest_in_order(apart)
    assert rises(chain)
    assert sum(run[2] for run in chain) == best


def rises(runs: Sequence[tuple[int, int, int]]) -> bool:
    """Whether each begins where the one before it has ended, in the left text."""
    return all(one[0] + one[2] <= other[0] for one, other in itertools.pairwise(runs))


def test_a_day_stands_out_only_against_enough_others() -> None:
    """Of three days none is usual; of thirty alike the one with ten times as many is labelled."""
    few = [Day(f"2026-11-0{at}", Outcomes(10, 0, 10 if at < 3 else 900)) for at in (1, 2, 3)]
    many = [Day(f"2026-11-{at:02}", Outcomes(50, 2, 12 if at != 22 else 118)) for at in range(1, 31)]

    assert "no day stands out" in pictures.days(few).title
    assert [row[0] for row in pictures.days(many).rows if row[-1]] == ["2026-11-22"]
    assert ">22 Nov: 118 rejected</text>" in pictures.days(many).svg


@given(doubt=st.floats(0, 4), fail=st.floats(0, 4), this=st.floats(0, 4), n=st.integers(1, 40))
def test_both_limits_and_this_one_are_always_labelled(doubt: float, fail: float, this: float, n: int) -> None:
    """Wherever they stand, even on each other; and no limit's line runs through a label."""
    bins = [Bin(4 * at / n, 4 * (at + 1) / n, 10) for at in range(n)]
    root = parsed(pictures.histogram(bins, doubt, fail, this))

    labels = {node.attrib["class"]: node for node in root.iter(f"{SVG}text") if "axis" not in node.attrib["class"]}
    assert set(labels) == {"limit doubt", "limit fail", "this strong"}
    for node in root.iter(f"{SVG}line"):
        if "limit" in node.attrib["class"]:
            line = box(node)
            assert line is not None
            assert not any(meet(line._replace(right=line.right + 0.1), box(label) or line) for label in labels.values())


def test_at_most_fifty_articles_are_drawn_and_no_more_said() -> None:
    """Of what is left out the number is told, and the table has it."""
    originals = [Original(f"original {at}", tuple(Copy(f"copy {n}", n) for n in range(20))) for at in range(10)]
    made = pictures.copies(originals)
    root = parsed(made)

    nodes = [node for node in root.iter() if node.get("class") in {"kept", "copy"}]
    assert len(nodes) - 2 == 50, "two of them are the legend's"
    assert len(made.rows) == 200
    assert "200 copies of 10 kept articles (46 drawn)" in made.title


def test_a_line_is_as_thick_as_the_copy_is_alike() -> None:
    """The most alike has the thickest."""
    made = pictures.copies([Original("one", (Copy("a", 1.0), Copy("b", 3.0), Copy("c", 2.0)))])

    ties = [float(node.attrib["stroke-width"]) for node in parsed(made).iter() if node.get("class") == "tie"][1:]
    assert ties == sorted(ties, reverse=True)
    assert len(set(ties)) == 3


@pytest.mark.parametrize(
    "path",
    ["https://example.org/", "//example.org", "javascript:alert(1)", "/a b", "\\\\host", "/\u202e", "/x\n", "/é"],
)
def test_a_row_never_leads_outside(path: str) -> None:
    """A wrong path is a fault of the caller, and says so."""
    with pytest.raises(ValueError, match="no path within these pages"):
        pictures.causes([Cause("DUP606", "rewrite", 1, path)])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_drawn(value: float) -> None:
    """A page with NaN in it shows nothing at all, and nobody knows why."""
    with pytest.raises(ValueError, match="cannot be drawn"):
        element("rect", x=value)
    with pytest.raises(ValueError, match="a score is a number"):
        pictures.copies([Original("a", (Copy("b", value),))])


@given(value=st.floats(-1e9, 1e9))
def test_a_number_is_written_in_the_shortest_way(value: float) -> None:
    """And is within half of a hundredth of what it was."""
    written = number(value)

    assert abs(float(written) - value) <= 0.005 + 1e-6
    assert re.fullmatch(r"-?\d+(\.\d?[1-9])?", written)
    assert written != "-0"


@given(x=st.floats(0, 400), y=st.floats(0, 400), width=st.floats(0, 80), height=st.floats(0, 80))
def test_a_hatching_stays_in_its_rectangle(x: float, y: float, width: float, height: float) -> None:
    """To the hundredth to which numbers are written."""
    if commands := hatching(x, y, width, height):
        found = path_box(commands)
        inside = (found.left - x, found.top - y, x + width - found.right, y + height - found.bottom)
        assert min(inside) >= -0.01


def test_hours_are_those_of_a_week() -> None:
    """Else nobody would know which one a square is."""
    with pytest.raises(ValueError, match="seven times 24"):
        pictures.hours([[0] * 24] * 6)


def colours(scheme: str) -> dict[str, str]:
    """The colours of the style sheet, for light or dark."""
    light, _, dark = SHEET.read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    found = re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark)
    return dict(found)


def ratio(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, "contrast ratio")."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_graphics_stand_out_from_their_ground(scheme: str) -> None:
    """4.5:1 for text, 3:1 for what must be seen (WCAG 2.2: 1.4.3, 1.4.11); lines of the grid may be fainter."""
    found = colours(scheme)
    ground, ink = found["--picture-ground"], found["--picture-ink"]

    texts = [(ink, ground), (found["--picture-muted"], ground), (ink, found["--picture-grid"])]
    texts += [(ink, found[f"--band-{band}"]) for band in (1, 2, 3, 4)]
    assert min(itertools.starmap(ratio, texts)) >= 4.5
    shown = ("calm", "admitted", "quarantined", "rejected", "axis")
    assert min(ratio(found[f"--picture-{name}"], ground) for name in shown) >= 3.0


def test_light_and_dark_give_every_colour_and_the_sheet_every_class() -> None:
    """A class without a rule would be drawn black, in the dark, too."""
    sheet = SHEET.read_text(encoding="utf-8")
    used = set(re.findall(r'class="([^"]+)"', "".join(made.svg for made in samples().values())))
    words = {word for one in used for word in one.split()}

    assert set(colours("light")) == set(colours("dark"))
    assert {word for word in words if not re.search(rf"\.{word}\b", sheet)} <= {
        "label", "limit", "this", "tried", *KINDS,
    }  # fmt: skip


KINDS = ("dot-map", "histogram", "days", "causes", "copies", "caught-curve", "hours")
"""Each picture's own class, for a page that places them."""


def test_the_first_day_of_a_service_is_held_against_no_days_before_it() -> None:
    """Days without a service say nothing of what is usual."""
    empty, first = Outcomes(0, 0, 0), Outcomes(14, 4, 0)
    month = [Day(f"2026-11-{at:02}", first if at == 30 else empty) for at in range(1, 31)]

    assert pictures.days(month).title.endswith("; no day stands out")


def test_a_limit_that_nothing_comes_near_has_no_line_and_is_told() -> None:
    """Drawn at the edge it would stand at a value that is not its own."""
    drawn = pictures.histogram([Bin(2.5, 3.0, 4), Bin(3.0, 3.5, 1)], 1.0, 3.2, None)

    assert ("doubt-line" in drawn.svg, "fail-line" in drawn.svg) == (False, True)
    assert drawn.title.endswith("; doubt (1) out of this range")
