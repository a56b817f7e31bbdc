"""What names a document leads somewhere: code and settings to pages and headings, documents to each other."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DESIGN = ROOT / "docs" / "design"
PAGES = sorted(ROOT.glob("docs/**/*.md"))
DOCUMENTS = [
    *PAGES,
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "service/README.md", "deploy/README.md")),
]
GUIDES = sorted(ROOT.glob("docs/adding-*.md"))
COMMENTED = {".toml": "#", ".sql": "--", ".service": "#", ".sh": "#", ".yml": "#", ".yaml": "#"}
NAMING = [
    *(ROOT / name for name in ("pyproject.toml", "Makefile", "deploy/Containerfile")),
    *sorted(
        path
        for folder in ("service/winnowd", "config", "deploy", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", *COMMENTED} and "cases" not in path.parent.name
    ),
    *sorted((ROOT / "tests" / "originality" / "cases").glob("*.toml")),
]
WRITTEN = {"INDEX.md", "seeds/INDEX.md", "seeds/README.md", "why.md", "order.md"}
"""Names that end so and are no documents: winnowd writes these."""
IDENTIFIER = re.compile(r"(?<![\w/.-])(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?![\w/-])")
CAMEL = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+")
KERNELS = {"protected_hardlinks"}
"""Identifiers that are not ours: a switch of the kernel."""
NAMED = re.compile(r'(?<![\w*~])((?:[\w-]+/)*[\w-]+\.md)\b(?:`*, "([^"]+)")?')
PLACES = ("service/", "tests/", "config/", "deploy/", "docs/", ".github/", ".ci/")
MARKDOWN = MarkdownIt().enable("table")


def said_in(path: Path) -> Iterator[str]:
    """The comments of a file, and of Python the docstrings too: each as one line."""
    text = path.read_text(encoding="utf-8")
    if ".md" not in text:
        return
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield " ".join(node.value.value.split())
    sign = re.escape(COMMENTED.get(path.suffix, "#"))
    for block in re.findall(rf"(?m)(?:^\s*{sign}(?: .*)?\n?)+|(?<=\s){sign} .*$", text):
        yield " ".join(re.sub(rf"(?m)^\s*{sign} ?", "", block).split())


def tokens_of(path: Path) -> Iterator[Any]:
    """The tokens of a document, those within lines too."""
    for token in MARKDOWN.parse(path.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


@functools.cache
def headings_of(path: Path) -> set[str]:
    """The headings of a document."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    return {
        following.content.replace("`", "")
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open"
    }


def anchors_of(path: Path) -> set[str]:
    """By what a link leads to the headings of a document."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings_of(path)}


def astray(said: str, folder: Path) -> Iterator[str]:
    """What a sentence names and is not there: a document (from root, docs/ or a folder), a heading that begins so."""
    for name, heading in NAMED.findall(said):
        found = [place / name for place in (ROOT, ROOT / "docs", folder) if (place / name).is_file()]
        if not found and name not in WRITTEN:
            yield name
        elif found and heading and not any(one.startswith(heading) for one in headings_of(found[0])):
            yield f'{name}, "{heading}"'


def test_every_document_and_heading_that_code_names_is_there() -> None:
    """Who reads a comment of code, settings or deploy files can follow it to its reason."""
    lost = [
        f"{path.relative_to(ROOT)}: {one}"
        for path in NAMING
        for said in said_in(path)
        for one in astray(said, path.parent)
    ]

    assert lost == []


def test_code_does_name_pages_of_the_design() -> None:
    """The search finds what it should: most rooms have a comment that leads to a page and a heading."""
    found = {match for path in NAMING for said in said_in(path) for match in NAMED.findall(said) if match[1]}

    assert len({name for name, _ in found if name.startswith("docs/design/")}) >= 6


@pytest.mark.parametrize(
    "said",
    [
        "the cascade (originality.md 5)",
        'its limits: docs/design/originality.md, "Codes and no limits".',
        "docs/design/no-such-room.md tells why",
    ],
)
def test_a_wrong_reference_is_told(said: str) -> None:
    """A document outside the project, a heading that was renamed, a page that is gone."""
    assert len(list(astray(said, ROOT))) == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    """To a file or folder that is there, and to a heading in it."""
    targets = [str(token.attrs["href"]) for token in tokens_of(path) if token.type == "link_open"]

    lost = []
    for target in (one for one in targets if not re.match(r"[a-z]+:", one)):
        name, _, anchor = target.partition("#")
        goal = path.parent / name if name else path
        if not goal.exists() or (anchor and anchor not in anchors_of(goal)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    """In backticks, from the root, as people paste them (one with a gap in it is an example); documents anywhere."""
    codes = [token.content for token in tokens_of(path) if token.type == "code_inline"]

    paths = [code for code in codes if code.startswith(PLACES) and not re.search(r"[<>\s]|NNNN", code)]
    lost = [code for code in paths if not (ROOT / code.partition("::")[0]).exists()]
    texts = [token.content for token in tokens_of(path) if token.type == "inline"]
    documents = [one for text in texts for one in astray(" ".join(text.split()), path.parent)]

    assert lost + documents == []


@functools.cache
def words_of_the_code() -> frozenset[str]:
    """Every identifier, key and column that stands in the program, its unit and its tests."""
    texts = (
        path.read_text(encoding="utf-8")
        for folder in ("service", "deploy", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".sql", ".service", ".yml"}
    )
    return frozenset(word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text))


def identifiers(code: str) -> Iterator[str]:
    """What in backticks names code: a word with an underscore, one in CamelCase, one that is called."""
    for found in IDENTIFIER.finditer(code):
        called = code[found.end() :].startswith("(")
        for name in found[0].split("."):
            if called or "_" in name or CAMEL.fullmatch(name):
                yield name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_identifier_that_a_document_names_is_there(path: Path) -> None:
    """In backticks: a name that was changed in the code is changed in the documents too."""
    codes = [token.content for token in tokens_of(path) if token.type == "code_inline"]

    named = {name for code in codes for name in identifiers(code)}

    assert named - words_of_the_code() - KERNELS == set()


def linked_from(path: Path) -> set[Path]:
    """The files that a document links to."""
    hrefs = [str(token.attrs["href"]).partition("#")[0] for token in tokens_of(path) if token.type == "link_open"]
    return {(path.parent / href).resolve() for href in hrefs if not re.match(r"[a-z]+:", href)}


def test_the_index_of_the_design_lists_every_page() -> None:
    """No page lies where nobody finds it."""
    pages = {path for path in DESIGN.glob("*.md") if path.name != "README.md"}

    assert pages - linked_from(DESIGN / "README.md") == set()
    assert pages


def test_the_index_of_the_documents_lists_every_page() -> None:
    """But those of the design, which has an index of its own."""
    pages = {path for path in PAGES if path.parent != DESIGN and path != ROOT / "docs" / "README.md"}

    assert pages - linked_from(ROOT / "docs" / "README.md") == set()


def test_contributing_leads_to_the_design_and_to_every_guide() -> None:
    """Who wants to add something begins there."""
    assert {DESIGN / "README.md", *GUIDES} - linked_from(ROOT / "CONTRIBUTING.md") == set()
    assert GUIDES


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "tests" / "bench" / "README.md"], ids=lambda path: path.name)
def test_no_document_says_a_heading_twice(path: Path) -> None:
    """A part that two changes have brought would be told twice, once out of date."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    headings = [(one.tag, text.content) for one, text in itertools.pairwise(tokens) if one.type == "heading_open"]

    assert [one for one in headings if headings.count(one) > 1] == []
