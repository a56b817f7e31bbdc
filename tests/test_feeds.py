"""A feed's own mapping: said in the configuration, checked at the start, asked before the names that all use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import Instance
from tests.reading.stand import PROSE, read_all, source_of, the_article

from winnowd import settings
from winnowd.reading import read

if TYPE_CHECKING:
    from pathlib import Path

OWN = {"text": "payload.story.html", "title": "payload.head", "authors": "payload.writers[].name"}
RECORD = {
    "payload": {"head": "Mill opens", "story": {"html": f"<p>{PROSE}</p>"}, "writers": [{"name": "A. Clerk"}]},
    "title": "The Sound",
    "body": "Read on at our site.",
}


def loaded(tmp_path: Path, text: str) -> settings.Loaded:
    """The configuration of this file alone."""
    (tmp_path / "w.toml").write_text(text, encoding="utf-8")
    return settings.load(None, tmp_path / "w.toml", {}, system=None)


@pytest.mark.parametrize("content", [RECORD, [RECORD], {"articles": [RECORD]}], ids=["alone", "in a list", "wrapped"])
def test_what_a_feed_says_of_its_records_comes_first(content: Any) -> None:
    """Its paths lead to the fields, through HTML too; another text is none that contradicts."""
    (item,) = read(source_of(json.dumps(content).encode(), "a.json"), own=OWN)

    article = the_article(item).article
    assert (article.title, article.authors, article.text) == ("Mill opens", ("A. Clerk",), PROSE.strip())
    assert article.extra == {}
    assert not [finding for finding in item.findings if finding.grade != "pass"]


def test_a_record_without_what_its_feed_says_is_read_as_all_are() -> None:
    """A path that leads nowhere takes nothing away; a key that is written with dots is one."""
    plain = json.dumps({"text": PROSE, "payload.head": "Mill opens"}).encode()

    (item,) = read(source_of(plain, "a.json"), own=OWN)

    assert (
        the_article(item).article
        == the_article(read_all(json.dumps({"text": PROSE, "title": "Mill opens"}).encode(), "a.json")[0]).article
    )


def test_a_mapping_is_a_setting(tmp_path: Path) -> None:
    """It is in force for its feed, has an origin, and another one is another configuration."""
    text = '[feeds.gazette.fields]\ntext = "payload.story.html"\n[feeds."county news".fields]\ntitle = "head[0]"\n'

    made = loaded(tmp_path, text)

    assert made.settings.feeds == {"gazette": {"text": "payload.story.html"}, "county news": {"title": "head[0]"}}
    assert made.values['feeds."county news".fields.title'] == "head[0]"
    assert made.origins["feeds.gazette.fields.text"].endswith("w.toml:2")
    assert made.sha256 != loaded(tmp_path, "").sha256


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[feeds.a.fields]\ntxt = "b"', '"txt" is no field of an article; did you mean text?'),
        ("[feeds.a.fields]\ntext = 5", 'feeds.a.fields.text is 5; give a path, as "payload.story.html"'),
        ('[feeds.a.fields]\ntext = "a..b"', 'feeds.a.fields.text is "a..b"; give a path'),
        ('[feeds.a.fields]\ntext = "[0].b"', 'feeds.a.fields.text is "[0].b"; give a path'),
        ('[feeds.a]\ntext = "b"', '"feeds.a.text" is unknown; a feed has only a table [feeds.NAME.fields]'),
    ],
)
def test_a_faulty_mapping_is_told_at_the_start(tmp_path: Path, text: str, fault: str) -> None:
    """With file and line, as every setting is."""
    with pytest.raises(settings.SettingsError) as caught:
        loaded(tmp_path, text)

    assert fault in str(caught.value)


def test_the_feed_is_the_folder_that_a_file_lay_in(tmp_path: Path) -> None:
    """From the inbox to the reader: the same file in another feed has no text."""
    instance = Instance(tmp_path / "home")
    (instance.instance_dir / "config").mkdir()
    (instance.instance_dir / "config" / "winnowd.toml").write_text(
        '[feeds.gazette.fields]\ntext = "payload.story.html"\n'
    )
    hidden = json.dumps({"payload": RECORD["payload"]})
    instance.drop({f"{feed}/a.json": hidden for feed in ("gazette", "gazette/evening", "other")})

    instance.pass_over()

    told = {event["winnowd"]["arrival"]["feed"]: event["winnowd"]["codes"] for event in instance.decisions()}
    assert {feed: "SCH201" in codes for feed, codes in told.items()} == {
        "gazette": False,
        "gazette/evening": False,
        "other": True,
    }
