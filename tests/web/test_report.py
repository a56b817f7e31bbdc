"""The report: pages as files that are the same for the same log, inert, whole, and careful of what is there already."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance

from winnowd.operations.report_folder import MANIFEST, NotOursError, ReportFolder
from winnowd.settings import load
from winnowd.web.report import POLICY, Report

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"
TURNED = "\u202egnorts"


def written(instance: Instance, since: dt.datetime | None = None, most: int = 1_000) -> dict[str, str]:
    """The files of a report, by name."""
    settings = load(instance.instance_dir, environ={}, system=None).settings
    report = Report.of(instance.instance_dir, settings, since, most)
    files = {name: content.decode() for name, content in report.files()}
    assert list(files) == report.names
    return files


@pytest.fixture(scope="module")
def files(held_once: Instance) -> dict[str, str]:
    """The report of the instance that all tests share."""
    return written(held_once)


def pages_of(files: dict[str, str]) -> list[str]:
    """The names of the pages of records."""
    return [name for name in files if re.fullmatch(r"[0-9a-f]{16}-\d+\.html", name)]


def test_the_same_log_gives_the_same_bytes(held_once: Instance, files: dict[str, str]) -> None:
    """Whenever it is asked: no time but the log's own."""
    assert written(held_once) == files


def test_there_is_an_index_a_list_and_a_page_for_each(files: dict[str, str]) -> None:
    """The index says up to which event; a page why, both texts, what they share."""
    assert len(pages_of(files)) == 5
    assert files.keys() - set(pages_of(files)) == {"index.html", "turned-away-1.html", "winnowd.css"}
    assert "up to event 15 of the log" in files["index.html"]
    (rewrite,) = [files[name] for name in pages_of(files) if "It may be a rewrite of" in files[name]]
    assert rewrite.count('<mark class="band') >= 2
    assert "<svg" in rewrite


def test_every_link_leads_to_a_file_beside_it(files: dict[str, str]) -> None:
    """And an anchor to what is there; nothing leads out of the folder."""
    for name, page in files.items():
        for link in map(html.unescape, re.findall(r'(?:href|src|action)="([^"]*)"', page)):
            file, _, anchor = link.partition("#")
            assert file in {"", *files}, f"{link} in {name}"
            assert not anchor or f'id="{anchor}"' in files[file or name], f"{link} in {name}"


def test_nothing_can_be_done_and_nothing_runs(files: dict[str, str]) -> None:
    """One style sheet, no script, no form, nothing loaded; the policy says so too."""
    for name in files.keys() - {"winnowd.css"}:
        page = files[name]
        assert f'<meta http-equiv="content-security-policy" content="{POLICY}">' in html.unescape(page)
        assert re.findall(r"<link [^>]*>", page) == ['<link rel="stylesheet" href="winnowd.css">']
        assert not re.search(r"<script|<form|<button|<input|<img|<iframe|\sstyle=|<style|\son[a-z]+=", page)
        assert len(re.findall("<h1", page)) == len(re.findall("<main", page)) == 1
    assert "url(" not in files["winnowd.css"]
    assert "@import" not in files["winnowd.css"]


def test_only_the_newest_have_a_page_and_the_list_has_all(
    held_once: Instance, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists fill from the oldest on, so that full ones stay as they are."""
    monkeypatch.setattr("winnowd.web.report.LISTED", 2)

    few = written(held_once, most=2)

    assert pages_of(few) == pages_of(files)[:2]
    lists = [few[f"turned-away-{at}.html"] for at in (1, 2, 3)]
    assert [page.count('<span class="title">') for page in lists] == [2, 1, 0]
    assert [page.count('<a class="title"') for page in lists] == [0, 1, 1]
    assert "5 records turned away" in few["index.html"]


def test_nothing_before_a_moment_is_listed(held_once: Instance) -> None:
    """The short ones came last."""
    moment = [one["@timestamp"] for one in held_once.decisions()][2]
    since = dt.datetime.fromisoformat(moment)

    assert len(pages_of(written(held_once, since))) == 4


def test_an_instance_without_a_log_has_a_report_too(tmp_path: Path) -> None:
    """It says that there is nothing."""
    assert written(Instance(tmp_path / "home")).keys() == {"winnowd.css", "index.html"}


def test_a_hostile_article_is_text(held_copy: Instance) -> None:
    """Its markup is shown, its turned words are named, its name is no file's."""
    text = f"{HOSTILE}{TURNED}\n\n{TEXTS['B']}\n\n<img src=x onerror=alert(2)> {TURNED}"
    held_copy.drop({f"feed-<b>/{TURNED}.txt": text})
    held_copy.pass_over()

    files = written(held_copy)

    whole = "".join(files.values())
    assert "<script" not in whole
    assert "<img" not in whole
    assert "\u202e" not in whole
    assert "&lt;img src=x onerror=alert(2)&gt;" in whole
    assert set(files) - set(pages_of(files)) == {"index.html", "turned-away-1.html", "winnowd.css"}


def put(folder: Path, files: dict[str, bytes]) -> ReportFolder:
    """Write a report of these files."""
    with ReportFolder(folder) as written:
        written.expect(files.keys())
        for name, content in files.items():
            written.write(name, content)
    return written


def counts(report: ReportFolder) -> tuple[int, int, int]:
    """Written, the same, removed."""
    return report.written, report.same, report.removed


ONE = {"index.html": b"1", "0123456789abcdef-0.html": b"a"}


def test_what_is_the_same_is_not_touched_and_what_went_is_removed(tmp_path: Path) -> None:
    """What somebody laid beside it stays."""
    assert counts(put(tmp_path, ONE)) == (2, 0, 0)
    before = (tmp_path / "index.html").stat()
    (tmp_path / "notes.txt").write_text("of a person")

    assert counts(put(tmp_path, {"index.html": b"1", "turned-away-1.html": b"l"})) == (1, 1, 1)

    after = (tmp_path / "index.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"index.html", "turned-away-1.html", MANIFEST, "notes.txt"}


@pytest.mark.parametrize("manifest", [None, b"{", b"[]", b'{"made_by": "somebody", "files": []}'])
def test_a_folder_of_others_is_left_alone(tmp_path: Path, manifest: bytes | None) -> None:
    """Whatever lies in it."""
    (tmp_path / "index.html").write_bytes(b"of others")
    if manifest is not None:
        (tmp_path / MANIFEST).write_bytes(manifest)

    with pytest.raises(NotOursError, match=r"^index\.html$"):
        put(tmp_path, ONE)

    assert (tmp_path / "index.html").read_bytes() == b"of others"


def test_a_manifest_removes_nothing_but_pages_of_a_report(tmp_path: Path) -> None:
    """However it came to name something else."""
    folder = tmp_path / "report"
    put(folder, ONE)
    kept = [tmp_path / "outside.html", folder / "notes.txt"]
    for path in kept:
        path.write_text("of a person")
    told = json.loads((folder / MANIFEST).read_bytes())
    told["files"] += ["../outside.html", str(kept[0]), "notes.txt", 7]
    (folder / MANIFEST).write_text(json.dumps(told))

    put(folder, {"index.html": b"1"})

    assert all(path.exists() for path in kept)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Even one that stands where a page, or the file beside it, will."""
    folder, target = tmp_path / "report", tmp_path / "target"
    put(folder, ONE)
    target.write_bytes(b"2")
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to(target)
    (folder / ".index.html.part").symlink_to(target)

    put(folder, {"index.html": b"2"})

    assert not (folder / "index.html").is_symlink()
    assert target.read_bytes() == b"2"


def test_a_report_that_was_cut_off_is_finished_by_the_next(tmp_path: Path) -> None:
    """It knows as its own what was to be written, and removes nothing before its end."""
    put(tmp_path, ONE)

    def cut_off() -> None:
        with ReportFolder(tmp_path) as report:
            report.expect(["turned-away-1.html", "turned-away-2.html"])
            report.write("turned-away-1.html", b"l")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()

    assert (tmp_path / "index.html").exists()
    assert counts(put(tmp_path, {"index.html": b"1"})) == (0, 1, 2)


def test_only_names_of_a_report_are_written(tmp_path: Path) -> None:
    """No path leads out of its folder."""
    with ReportFolder(tmp_path) as report, pytest.raises(ValueError, match="no file of a report"):
        report.write("../index.html", b"")
