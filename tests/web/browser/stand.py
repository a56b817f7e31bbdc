"""An instance with all that a page may have to show, and the two processes of a person's evening: service and page."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tests.e2e.instance import ROOT, Instance
from tests.instances.make import ARTICLES

from winnowd.layout import HEALTH
from winnowd.operations.demo import articles
from winnowd.operations.senders import add_sender
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = TypeVar("Answer")
PROGRAM: Final = Path("/usr/bin/chromium")
PATIENCE: Final = 60.0  # s for a process to be ready, or for an order to be carried out
CONFIGURATION: Final = """
[inbox]
settle = 0
[disk]
floor_bytes = 0
floor_inodes = 0
[gates.length]
words.min.doubt = 100
words.min.fail = 30
[gates.originality]
rewrite.fail = 9.0
reordered.doubt = 8.0
reordered.fail = 9.0
"""
"""A rewrite is only doubted, and so is what has less than a hundred words."""
MARKUP: Final = '"><script>console.error("ran")</script><img src=x onerror=\'console.error("ran")\'>'
TAGS: Final = (
    "<script>console.error('ran')</script> <style>*{display:none}</style> {{ 7 * 7 }} </textarea></main></html>"
)
BIDI: Final = "\u202etxet eht fo tser eht snrut siht\u202c, \u2066isolated\u2069 and \u200bnot to be seen\u200b"
HEBREW: Final = "טחנת הגאות חזרה לפעול אחרי שנים רבות והכפר כולו יצא לראות את הגלגל מסתובב שוב בבוקר שבת"
CHINESE: Final = "停转九十一年之后潮汐磨坊在星期六清晨再次开始磨面村里的人从黎明起就站在海堤上等待水车转动"
LONG: Final = "A title that goes on, as some do when an editor has left for the day and nobody counts the words, " * 4


def browser_run() -> str:
    """Why pages are not looked at in a browser."""
    if not os.environ.get("WINNOWD_WEB"):
        return "needs make test-web"
    if not PROGRAM.exists():
        return "needs chromium"
    return ""


def halves() -> list[str]:
    """Twenty-four short texts, each of whole sentences, none like another."""
    found = []
    for article in ARTICLES:
        sentences = re.split(r"(?<=[.!?”])\s+", article.strip())
        middle = len(sentences) // 2
        found += [" ".join(sentences[:middle]), " ".join(sentences[middle:])]
    return found


def told(instance_dir: Path) -> Instance:
    """The demo's articles, of which a rewrite waits."""
    made = _made(instance_dir)
    first, *later = articles()
    made.drop(dict([first]))
    made.pass_over()
    made.drop(dict(later))
    made.pass_over()
    return made


def furnished(instance_dir: Path) -> Instance:
    """Those, and what hostile or foreign senders make of titles, names and texts."""
    made, demo = told(instance_dir), {name: content.decode() for name, content in articles()}
    parts, name = halves(), MARKUP.replace("/", "")
    reworded = demo["2-tide-mill-reworded.txt"].replace("wheel", f"wheel {TAGS} {BIDI}", 1)
    made.drop(
        {
            f"{name}/{name}.json": _record(f"{MARKUP} {BIDI}", f"{parts[0]} {MARKUP} {BIDI}"),
            "wire/hostile-copy.txt": f"{MARKUP}\n\n{reworded}",
            "unbroken.json": _record("W" * 300, f"{parts[2]}\n\n{'unbroken' * 25_000}"),
            f"{'long-name-' * 20}.json": _record(LONG, parts[4]),
            "wire/right-to-left.json": _record(HEBREW, f"{parts[6]} {HEBREW}."),
            "wire/chinese.json": _record(CHINESE * 3, f"{parts[8]} {CHINESE}。"),
            "wire/broken.json": '{"text": ',
            "wire/exact.txt": demo["1-tide-mill.txt"],
            **{f"evening/{number}.txt": f"{text}\n" for number, text in enumerate(parts[10:12])},
        }
    )
    made.pass_over()
    add_sender(instance_dir, load(instance_dir, environ={}, system=None).settings, "wire", dt.datetime.now(dt.UTC))
    return made


def evening(instance_dir: Path) -> Instance:
    """Twenty-two short texts that wait."""
    made = _made(instance_dir)
    made.drop({f"evening/{number:02}.txt": f"{text}\n" for number, text in enumerate(halves()[:22])})
    made.pass_over()
    return made


def _record(title: str, text: str) -> str:
    return json.dumps({"title": title, "text": text})


def _made(instance_dir: Path) -> Instance:
    (instance_dir / "config").mkdir(parents=True)
    (instance_dir / "config" / "winnowd.toml").write_text(CONFIGURATION, encoding="utf-8")
    return Instance(instance_dir)


class Stand:
    """An instance that is served: ``address`` of its page, ``token`` that opens it."""

    def __init__(self, made: Instance, address: str, token: str) -> None:
        self.made, self.address, self.token = made, address, token

    def record(self, name: str) -> str:
        """The record of a file, by its name without folders."""
        (found,) = (one for one in self.made.decisions() if one["file"]["name"].rpartition("/")[2] == name)
        return record_of(found)


def record_of(event: dict[str, Any]) -> str:
    """What names the record of a decision in addresses."""
    arrival = event["winnowd"]["arrival"]
    return f"{arrival['id']}-{arrival['record']}"


@contextlib.contextmanager
def standing(made: Instance, *, service: bool = True) -> Iterator[Stand]:
    """``winnowd run`` and ``winnowd web`` on an instance, each a process as a user has them; both end with it."""
    token = secrets.token_urlsafe()
    with contextlib.ExitStack() as processes:
        if service:
            processes.enter_context(_process(made, "run"))
            until((made.instance_dir / HEALTH).exists)
        said = processes.enter_context(_process(made, "web", "--bind", "127.0.0.1:0", token=token))
        found = until(lambda: re.search(r"http://\S+(?=/\s)", said.read_text(encoding="utf-8")))
        yield Stand(made, found.group(), token)


@contextlib.contextmanager
def _process(made: Instance, *words: str, token: str = "") -> Iterator[Path]:
    """A process, and the file of what it says."""
    command = [sys.executable, "-m", "winnowd", "--home", str(made.instance_dir), *words]
    environ = {**os.environ, "WINNOWD_WORKERS__COUNT": "1", "WINNOWD_WEB_TOKEN": token}
    said = made.instance_dir.with_name(f"{made.instance_dir.name}-{words[0]}.log")
    with said.open("wb") as file, subprocess.Popen(command, stderr=file, stdout=file, env=environ, cwd=ROOT) as running:
        try:
            yield said
        finally:
            running.terminate()
            running.wait(PATIENCE)


def until(found: Callable[[], Answer | None]) -> Answer:
    """Ask again until there is an answer.

    Raises:
        TimeoutError: there is none.
    """
    last = time.monotonic() + PATIENCE
    while not (answer := found()):
        if time.monotonic() > last:
            raise TimeoutError(found)
        time.sleep(0.05)
    return answer
