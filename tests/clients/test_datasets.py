"""Corpora are loaded by the libraries of those who train on them, as these are today: each article once, typed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.clients.environment import clients_run, environment
from tests.e2e.instance import ROOT
from tests.operations.corpora import HOSTILE, corpus, lines, rows, written

from winnowd.views.card import ROW

pytestmark = pytest.mark.skipif(bool(clients_run()), reason=clients_run())


@pytest.fixture(scope="module")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two articles: one has authors, a day and a hostile title, the other none of them."""
    return corpus(tmp_path_factory.mktemp("corpus")).instance_dir


def loaded(client: str, path: Path, cache: Path, subset: str = "default") -> list[dict[str, Any]]:
    """What a library makes of a path, with no network and nothing remembered."""
    script = [
        str(environment(client) / "python"),
        str(ROOT / "tests" / "clients" / "load.py"),
        client,
        str(path),
        subset,
    ]
    environ = {**os.environ, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    ran = subprocess.run(script, check=True, capture_output=True, text=True, env=environ)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_the_corpus_folder_is_a_dataset_of_its_index(instance_dir: Path, tmp_path: Path) -> None:
    """``load_dataset("seeds/")``: a row an article, with all columns, and no line of anything else."""
    found = loaded("datasets", instance_dir / "seeds", tmp_path)

    plain = {one["id"]: one for one in rows(instance_dir)}
    assert [one["id"] for one in found] == list(plain)
    for one in found:
        want = plain[one["id"]]
        assert list(one) == list(ROW)
        assert [one[name] for name in ("path", "title", "published", "authors", "words")] == [
            want[name] for name in ("path", "title", "published", "authors", "words")
        ]


def test_rows_that_know_more_than_those_before_are_loaded(instance_dir: Path, tmp_path: Path) -> None:
    """A page of articles without a nearest one, then pages with it, in part or whole: columns are declared."""
    seeds = Path(shutil.copytree(instance_dir / "seeds", tmp_path / "seeds"))
    (page,) = seeds.glob("index/2*/001.jsonl")
    row = json.loads(page.read_text(encoding="utf-8").splitlines()[0])
    nearest = [None, {"id": "aa"}, {"id": "bb", "shared_runs": 0.25}]
    for number, one in enumerate(nearest, 1):
        line = json.dumps({**row, "authors": ["Ada"] * (number - 1), "nearest": one}) + "\n"
        page.with_name(f"{number:03d}.jsonl").write_text(line, encoding="ascii")

    found = loaded("datasets", seeds, tmp_path / "cache")

    assert [one["authors"] for one in found] == [[], ["Ada"], ["Ada", "Ada"]]
    assert [one["nearest"] for one in found] == [None, {"id": "aa", "shared_runs": None}, nearest[2]]


@pytest.mark.parametrize("since", [0, 1])
def test_an_exported_folder_is_a_dataset_of_articles(instance_dir: Path, tmp_path: Path, since: int) -> None:
    """With their texts; of an increment, too, whose other subset tells what left."""
    out = written(instance_dir, "hf", tmp_path / "out", since)

    found = loaded("datasets", out, tmp_path / "cache")

    assert found == rows(instance_dir)
    if since:
        assert [one["left"] for one in loaded("datasets", out, tmp_path / "cache", "left")] == ["retract"]
    assert any((one["title"] or "").startswith(HOSTILE[:20]) for one in found)


def test_a_database_opens_in_datasette_with_facets(instance_dir: Path, tmp_path: Path) -> None:
    """Values of a column counted, those within lists too, and words found."""
    path = written(instance_dir, "sqlite", tmp_path / "corpus.db")
    query = "/corpus/article.json?_shape=objects&_facet=source&_facet_array=authors&_search=ferry"

    ran = subprocess.run(
        [str(environment("datasette") / "datasette"), str(path), "--get", query],
        check=True,
        capture_output=True,
        text=True,
    )
    said = json.loads(ran.stdout)

    facets = said["facet_results"].get("results", said["facet_results"])
    assert {name: [(one["value"], one["count"]) for one in facet["results"]] for name, facet in facets.items()} == {
        "source": [("example.org", 1)],
        "authors": [("O'Neill, Ada", 1)],
    }
    assert [one["id"] for one in said["rows"]] == [one["id"] for one in rows(instance_dir) if "ferry" in one["text"]]


def test_croissant_is_valid_and_gives_the_rows(instance_dir: Path, tmp_path: Path) -> None:
    """Mlcroissant finds nothing wrong in it, and reads the index by it."""
    path = instance_dir / "seeds" / "croissant.json"
    path.write_text("".join(lines(instance_dir, name="croissant")), encoding="utf-8")

    program = environment("mlcroissant") / "mlcroissant"
    checked = subprocess.run(
        [str(program), "validate", "--jsonld", str(path)], check=True, capture_output=True, text=True
    )
    found = loaded("mlcroissant", path, tmp_path, "articles")

    assert "warning" not in (checked.stdout + checked.stderr).lower()
    assert len(found) == len(rows(instance_dir))
