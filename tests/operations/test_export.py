"""Exports: exactly the articles of the corpus, whatever became of it; increments that add up; formats others read."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered
from tests.operations.corpora import HOSTILE, corpus, end, lines, rows, written

from winnowd.cli.export import NAMES
from winnowd.model.corpus import COLUMNS
from winnowd.operations.corpus import Extract, NoLedgerError, NotYetError, extract
from winnowd.operations.export import hugging_face
from winnowd.operations.export.formats import FORMATS, OccupiedError
from winnowd.operations.lay_out import lay_out
from winnowd.storage.ledger import corpus as ledger_corpus
from winnowd.views.card import ARTICLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.model.corpus import Article


STEPS: dict[str, tuple[str, ...]] = {
    "A comes": ("drop", "a.txt", TEXTS["A"]),
    "B comes": ("drop", "b.txt", TEXTS["C"]),
    "a copy of A comes": ("drop", "copy.txt", TEXTS["B"]),
    "A is retracted": ("retract", "a.txt"),
    "A is restored": ("restore", "a.txt"),
    "A is erased": ("erase", "a.txt"),
    "B is retracted": ("retract", "b.txt"),
    "B is restored": ("restore", "b.txt"),
}


@pytest.fixture(scope="module")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two articles, from which a third was retracted."""
    return corpus(tmp_path_factory.mktemp("corpus")).instance_dir


def done(instance: Instance, step: str) -> None:
    """Let something happen, as far as it can."""
    what, name, *text = STEPS[step]
    if what == "drop":
        instance.drop({name: text[0]})
        instance.pass_over()
    elif instance.decisions() and any(event["file"]["name"] == name for event in instance.decisions()):
        action: Any = what
        ordered(instance, action, name, **({"yes": True} if what == "erase" else {}))


def in_corpus(instance_dir: Path) -> dict[str, str]:
    """The texts that lie in the corpus, by id."""
    return {path.stem: path.read_text(encoding="utf-8") for path in (instance_dir / "seeds").glob("[0-9]*/**/*.txt")}


def after(state: Mapping[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """What somebody has who had a state, and puts an increment into it."""
    gone = {one["id"] for one in changes if "left" in one}
    came = {one["id"]: one for one in changes if "left" not in one}
    return {id_: one for id_, one in state.items() if id_ not in gone} | came


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=6))
def test_an_export_is_the_corpus_and_increments_add_up_to_it(steps: list[str]) -> None:
    """After each step: exactly what lies in the corpus; and what an earlier export lacks is what came since it."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder))
        earlier: dict[int, dict[str, Any]] = {}
        for step in ["A comes", *steps]:
            done(instance, step)
            full = {one["id"]: one for one in rows(instance.instance_dir)}

            assert {id_: one["text"] for id_, one in full.items()} == in_corpus(instance.instance_dir)
            for since, state in earlier.items():
                assert after(state, rows(instance.instance_dir, since)) == full
            earlier[end(instance.instance_dir)] = full


def test_a_row_has_the_text_and_all_that_is_known_of_it(instance_dir: Path) -> None:
    """Each row has each column; the text is the one that the id is made of."""
    found = rows(instance_dir)

    (one,) = (row for row in found if (row["title"] or "").startswith(HOSTILE[:20]))
    assert {tuple(row) for row in found} == {COLUMNS}
    assert hashlib.sha256(one["text"].encode()).hexdigest().startswith(one["id"])
    assert (one["published"], one["authors"], one["source"]) == ("2024-03-26", ["O'Neill, Ada"], "example.org")
    assert "nearest" in one
    assert len(found) == 2


def test_the_command_and_the_cards_know_the_formats_and_columns_that_there_are() -> None:
    """What is said twice, so that help stays light, is the same."""
    assert tuple(FORMATS) == NAMES
    assert tuple(ARTICLE) == COLUMNS


def test_a_corpus_is_read_in_pieces_and_told_once(instance_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one piece ends the next begins."""
    whole = rows(instance_dir)
    monkeypatch.setattr(ledger_corpus, "PIECE", 1)

    assert rows(instance_dir) == whole


def test_shards_follow_each_other(instance_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Together they are the export, each article in one of them."""
    monkeypatch.setattr(hugging_face, "SHARD", 1)

    shards = sorted((written(instance_dir, "hf", tmp_path / "out") / "data").iterdir())

    assert [shard.name for shard in shards] == ["articles-00000.jsonl.gz", "articles-00001.jsonl.gz"]
    assert [json.loads(gzip.decompress(shard.read_bytes())) for shard in shards] == rows(instance_dir)


def test_what_left_is_told_by_an_increment_alone(instance_dir: Path) -> None:
    """With the reason, the time, and the event."""
    (left,) = (one for one in rows(instance_dir, 1) if "left" in one)

    assert not [one for one in rows(instance_dir) if "left" in one]
    assert (left["left"], set(left)) == ("retract", {"id", "left", "at", "sequence"})


def test_an_increment_from_the_end_is_empty_and_from_beyond_it_a_fault(instance_dir: Path) -> None:
    """A number of another instance is not taken for a quiet night."""
    last = end(instance_dir)

    assert rows(instance_dir, last) == []
    with pytest.raises(NotYetError):
        lines(instance_dir, last + 1)


def test_what_comes_and_goes_while_an_export_is_read_is_told_by_the_next(tmp_path: Path) -> None:
    """No article is lost between two, and none stays that has left."""
    made = corpus(tmp_path)
    before = {one["id"] for one in rows(tmp_path)}
    with extract(tmp_path) as found:
        ordered(made, "retract", "b.txt")
        ordered(made, "restore", "gone.txt")
        first = {one.id: one.fields() for one in found.articles()}
        missing, until = found.missing, found.until

    assert first.keys() < before
    assert missing == []
    assert after(first, rows(tmp_path, until)) == {one["id"]: one for one in rows(tmp_path)}
    assert {one["id"] for one in rows(tmp_path)} != before


def test_where_nothing_was_decided_there_is_nothing_to_export(tmp_path: Path) -> None:
    """That is told, and not an empty corpus written."""
    lay_out(tmp_path)

    with pytest.raises(NoLedgerError):
        lines(tmp_path)


def test_a_text_that_is_not_the_one_admitted_is_left_out_and_named(tmp_path: Path) -> None:
    """Neither a changed nor a lost text is given out as an article."""
    made = corpus(tmp_path)
    first, second = sorted((made.instance_dir / "seeds").glob("2*/**/*.txt"))
    first.write_text("Something else.\n")
    second.unlink()

    with extract(tmp_path) as found:
        assert list(found.articles()) == []
        assert sorted(found.missing) == sorted([first.stem, second.stem])


def test_a_text_that_does_not_lie_in_its_place_yet_comes_from_the_ledger(tmp_path: Path) -> None:
    """Between the commit and the file an article is in the corpus, and in its export."""
    made = corpus(tmp_path)
    path = min((made.instance_dir / "seeds").glob("2*/**/*.txt"))
    content, location = path.read_bytes(), path.relative_to(made.instance_dir).as_posix()
    path.unlink()
    with sqlite3.connect(tmp_path / "state" / "winnowd.db") as ledger:
        ledger.execute("INSERT INTO effect VALUES (?, ?, NULL)", (location, content))
    ledger.close()

    with extract(tmp_path) as found:
        assert path.stem in {one.id for one in found.articles()}
        assert found.missing == []


def test_no_cell_of_csv_is_a_formula(instance_dir: Path) -> None:
    """A title that a spreadsheet would run has an apostrophe before it; all else comes back as it was."""
    plain = {one["id"]: one for one in rows(instance_dir)}
    read = list(csv.DictReader(io.StringIO("".join(lines(instance_dir, name="csv")), newline="")))

    assert [one["id"] for one in read] == list(plain)
    for one in read:
        assert not [cell for cell in one.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert one["text"] == plain[one["id"]]["text"]
        assert one["title"].removeprefix("'") == (plain[one["id"]]["title"] or "")
    assert any(one["title"].startswith("'=") for one in read)


def test_an_increment_in_csv_has_a_column_for_what_left(instance_dir: Path) -> None:
    """Empty for what came."""
    read = list(csv.DictReader(io.StringIO("".join(lines(instance_dir, 1, "csv")), newline="")))

    assert [one["left"] for one in read] == ["", "", "retract"]


def test_a_database_has_articles_facets_and_search(instance_dir: Path, tmp_path: Path) -> None:
    """As datasette opens it: lists as JSON, an index a facet, words found; a hostile title is a title."""
    path = written(instance_dir, "sqlite", tmp_path / "corpus.db", since=1)
    plain = {one["id"]: one for one in rows(instance_dir)}

    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        found = {row["id"]: dict(row) for row in database.execute("SELECT * FROM article")}
        indexes = {row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        (hit,) = database.execute("SELECT rowid FROM article_fts WHERE article_fts MATCH 'HYPERLINK'").fetchall()
        departures = [row["left_by"] for row in database.execute("SELECT * FROM departure")]
        (until,) = database.execute("SELECT until FROM export").fetchone()
    database.close()

    for id_, one in plain.items():
        row = found[id_]
        assert {**one, "authors": json.dumps(one["authors"]), "flags": json.dumps(one["flags"])} == {
            name: row[name] for name in COLUMNS
        }
    assert {"article_source", "article_feed"} <= indexes
    assert hit[0] in {row["number"] for row in found.values()}
    assert (departures, until) == (["retract"], end(instance_dir))


def test_parquet_has_typed_columns(instance_dir: Path, tmp_path: Path) -> None:
    """Days are days; the sequence stands in the metadata."""
    parquet = pytest.importorskip("pyarrow.parquet")
    path = written(instance_dir, "parquet", tmp_path / "corpus.parquet")

    table = parquet.read_table(path)

    assert str(table.schema.field("published").type) == "date32[day]"
    assert table.schema.metadata[b"winnowd.until"].decode() == str(end(instance_dir))
    read = [{**one, "published": str(one["published"] or "") or None} for one in table.to_pylist()]
    assert [{**one, "admitted": str(one["admitted"])} for one in read] == rows(instance_dir)


def test_a_folder_for_hubs_has_shards_and_a_card(instance_dir: Path, tmp_path: Path) -> None:
    """The same bytes each time; of an increment what left, too."""
    first = written(instance_dir, "hf", tmp_path / "first", since=1)
    second = written(instance_dir, "hf", tmp_path / "second", since=1)

    (shard,) = (first / "data").iterdir()
    read = [json.loads(line) for line in gzip.decompress(shard.read_bytes()).splitlines()]
    assert read == rows(instance_dir)
    assert shard.read_bytes() == (second / "data" / shard.name).read_bytes()
    front = yaml.safe_load((first / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert [one["config_name"] for one in front["configs"]] == ["default", "left"]
    assert json.loads((first / "left.jsonl").read_text())["left"] == "retract"


def test_signatures_are_read_by_datasketch_and_are_those_of_the_texts(instance_dir: Path, tmp_path: Path) -> None:
    """An id a line, signatures of one size; one is that of the text it belongs to."""
    from datasketch import LeanMinHash

    from winnowd.operations.signatures import signature_of

    out = written(instance_dir, "minhash", tmp_path / "signatures")
    texts = {one["id"]: one["text"] for one in rows(instance_dir)}

    ids, blob = (out / "ids.txt").read_text().split(), (out / "signatures.bin").read_bytes()
    size = len(blob) // len(ids)
    assert ids == list(texts)
    with extract(instance_dir) as found:
        for at, id_ in enumerate(ids):
            read = LeanMinHash.deserialize(blob[at * size : (at + 1) * size], "<")
            assert read == signature_of(texts[id_], found)
            assert read.jaccard(signature_of(texts[id_], found)) == 1.0
    assert json.loads((out / "recipe.json").read_text())["num_perm"] == 128


def test_croissant_names_the_columns_of_the_index(instance_dir: Path) -> None:
    """One JSON object; each column but the nested one is a field."""
    metadata = json.loads("".join(lines(instance_dir, name="croissant")))

    (articles,) = metadata["recordSet"]
    assert {"id", "title", "published", "authors"} <= {one["name"] for one in articles["field"]}
    assert metadata["version"].endswith(f".{end(instance_dir)}")


def test_a_file_takes_its_place_whole_or_not_at_all(
    instance_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks off leaves what was there, and nothing beside it."""
    out = tmp_path / "corpus.jsonl"
    out.write_text("before")

    def broken(found: Extract) -> Iterator[Article]:
        yield next(articles(found))
        raise OSError("no more")

    articles = Extract.articles
    monkeypatch.setattr(Extract, "articles", broken)
    with pytest.raises(OSError, match="no more"):
        written(instance_dir, "jsonl", out)
    monkeypatch.undo()

    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]
    assert out.read_text() == "before"
    written(instance_dir, "jsonl", out)
    assert out.read_text().splitlines(keepends=True) == lines(instance_dir)


def test_a_folder_with_something_in_it_is_left_alone(instance_dir: Path, tmp_path: Path) -> None:
    """Nobody's files are taken for an export."""
    (tmp_path / "mine").write_text("")

    with pytest.raises(OccupiedError):
        written(instance_dir, "hf", tmp_path)
