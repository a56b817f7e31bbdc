"""One word, one meaning: no identifier of the program has a private word of the glossary's list."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "service" / "winnowd"
GLOSSARY = tomllib.loads((ROOT / "tests" / "glossary.toml").read_text(encoding="utf-8"))


def defined(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module gives to something, and its line: functions, classes, parameters, variables, fields."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def private_words(path: Path) -> list[str]:
    """Those of the list that a module uses as a name, with what to say instead."""
    relative = path.relative_to(PACKAGE).as_posix()
    stays = set(GLOSSARY["stays"].get(relative, ()))
    names = [(path.stem, 1), *defined(ast.parse(path.read_text(encoding="utf-8")))]
    return [
        f"{relative}:{line}: {name}: say {GLOSSARY['instead_of'][word]}"
        for name, line in names
        if (word := name.strip("_")) in GLOSSARY["instead_of"] and name not in stays
    ]


def test_no_identifier_has_a_private_word() -> None:
    """Each of them had several senses, or was our own where the field has a word."""
    assert [word for path in sorted(PACKAGE.rglob("*.py")) for word in private_words(path)] == []


def test_only_handles_are_closed() -> None:
    """An arrival is dropped, an order finished, a service shut down."""
    closed = {
        scope.name
        for path in PACKAGE.rglob("*.py")
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(scope, ast.ClassDef)
        for node in scope.body
        if isinstance(node, ast.FunctionDef) and node.name == "close"
    }

    assert sorted(closed) == GLOSSARY["handles"]["close"]


def test_no_name_hides_its_noun() -> None:
    """No module of utils, helpers or managers; no function that handles or processes something."""
    vague = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name, line in [(path.stem, 1), *defined(ast.parse(path.read_text(encoding="utf-8")))]
        if name.strip("_") in {"utils", "helpers", "manager"} or name.lstrip("_").startswith(("handle_", "process_"))
    ]

    assert vague == []
