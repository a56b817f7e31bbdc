"""Titles, names and authors written to act on whoever looks: inert in the index, why-files, logs and on a terminal."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import Instance
from tests.e2e.test_flood import articles
from tests.views.test_index import GFM

from winnowd.cli import main
from winnowd.daemon.serve import decide_once
from winnowd.daemon.servicelog import service_log
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AUDIT_LINE = '{"@timestamp":"2026-11-22T12:00:00.000000Z","event":{"action":"admit","sequence":1}}'
TITLES = {
    "pipe": "One | two | three",
    "link": "[Read me](javascript:alert(1))",
    "closing": "](javascript:alert(1)) [",
    "picture": "![x](https://evil.example/x.png) https://evil.example www.evil.example a@evil.example",
    "reference": "[x]: javascript:alert(1)",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "comment": "--> <!-- </details> </table>",
    "escape": "\x1b[2J\x1b]0;owned\x07\x1b[31mred \x9b31m",
    "bidi": "cod\u202etxt.exe \u2066isolated\u2069 \u200bzero \ufeffmark",
    "heading": "One\n# Heading\n\n---\n\n```\ncode",
    "separators": "One\u2028two\u2029three\x85four\x0bfive",
    "audit line": f"x\n{AUDIT_LINE}\n",
    "marks": "`x` *x* _x_ ~x~ $x$ \\ &lt;script&gt; &#x1b;",
    "entity": "&#106;avascript&colon; &lt;b&gt;",
    "shell": "$(touch pwned) `touch pwned` ; touch pwned",
}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
OURS = ("alert(1)", "evil.example")


def hidden(text: str) -> set[str]:
    """The signs of a text that act and are not seen, but the ends of lines."""
    return {sign for sign in text if sign != "\n" and unicodedata.category(sign) in HIDDEN}


def files() -> Iterator[tuple[str, str]]:
    """Two records of each title: an article, and what is too short for one, with the title in other fields, too."""
    for (name, title), text in zip(TITLES.items(), articles(len(TITLES)), strict=True):
        others = {"author": title, "publisher": title, "url": f"https://a.example/{title}"}
        yield f"{name}.json", json.dumps({"title": title, "text": text})
        yield f"{name}-short.json", json.dumps({"title": title, **others, "text": f"{title} is too short."})


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Instance, str]:
    """An instance that has taken them all, and what the service's log said."""
    instance = Instance(tmp_path_factory.mktemp("titles") / "home")
    instance.drop(dict(files()))
    said = io.StringIO()
    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    decide_once(instance.instance_dir, loaded, log=service_log(said, {}), processes=0)
    return instance, said.getvalue()


def test_all_are_decided(judged: tuple[Instance, str]) -> None:
    """A title stops nothing: the articles go in, the fragments do not."""
    instance, _ = judged

    outcomes = instance.outcomes()

    assert {name for name, outcome in outcomes.items() if outcome == "admitted"} == {f"{name}.json" for name in TITLES}
    assert len(outcomes) == 2 * len(TITLES)


def pages(instance_dir: Path) -> dict[Path, str]:
    """All Markdown of an instance."""
    return {path: path.read_text(encoding="utf-8") for path in instance_dir.rglob("*.md")}


def test_in_markdown_they_are_text(judged: tuple[Instance, str]) -> None:
    """As GFM, index and why-files have no link but into the corpus, no picture, no tag but the fold of passed rules."""
    instance, _ = judged
    found = pages(instance.instance_dir)
    tokens = {path: GFM.parse(text.partition("\n---\n")[2] if text.startswith("---") else text)
              for path, text in found.items()}  # fmt: skip
    inline = [child for page in tokens.values() for token in page for child in token.children or ()]
    blocks = {token.content.strip() for page in tokens.values() for token in page if token.type == "html_block"}

    links = {str(child.attrGet("href")) for child in inline if child.type == "link_open"}

    assert len(found) > len(TITLES)
    assert {path for path, text in found.items() if hidden(text)} == set()
    assert {link for link in links if not re.fullmatch(r"[\w./-]+", link)} == set()
    assert not {child.type for child in inline} & {"image", "html_inline"}
    assert {block for block in blocks if not block.startswith(("<details><summary>", "</details>"))} == set()


def test_in_json_each_is_one_value_in_one_line(judged: tuple[Instance, str]) -> None:
    """No event can be forged: as many lines as events, and no title among them; nor in the service's own log."""
    instance, said = judged
    logs = [path.read_text(encoding="utf-8") for path in (instance.instance_dir / "audit").glob("[0-9]*/*/*.jsonl")]
    rows = [path.read_text(encoding="utf-8") for path in (instance.instance_dir / "seeds").rglob("*.jsonl")]

    told = [json.loads(line) for text in (*logs, said) for line in text.split("\n") if line]
    listed = [json.loads(line) for text in rows for line in text.splitlines()]

    assert sum(one["event"] in ("admitted", "rejected") for one in told) == 2 * len(TITLES)
    assert {text[:80] for text in (*logs, *rows, said) if hidden(text)} == set()
    assert not [text for text in (*logs, said) for word in OURS if word in text]
    assert len(listed) == len(TITLES)


@pytest.mark.parametrize("command", ["explain", "explain --md", "log", "log --json", "status", "verify"])
def test_on_a_terminal_they_print_and_do_nothing(
    judged: tuple[Instance, str], capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """What acts is named, in every command that shows what came in."""
    instance, _ = judged
    name, *flags = command.split()
    keys = [[f"{title}-short"] for title in TITLES] if name == "explain" else [[]]

    codes = [main(["--home", str(instance.instance_dir), name, *key, *flags]) for key in keys]

    shown = capsys.readouterr()
    assert set(codes) == {0}
    assert shown.out
    assert hidden(shown.out + shown.err) == set()
