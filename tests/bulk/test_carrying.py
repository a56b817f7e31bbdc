"""A judgement is made again only where it hangs on what came out otherwise, and nobody can tell by what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bulk import inputs
from tests.bulk.test_backfill import Nobody, fill, instance_of
from tests.bulk.test_kinds import BOILERPLATE, article, lay_down

from winnowd.bulk import comparing
from winnowd.bulk.carrying import Changed, Changes, Notes, is_touched, read_changed, write_changed
from winnowd.bulk.holders import Reads
from winnowd.bulk.ordered import InOrder
from winnowd.bulk.record_file import RecordFile
from winnowd.bulk.standings import Row, packed, unpacked
from winnowd.bulk.view import NotingLibrary, Proposals
from winnowd.model import IndexedArticle, Standing
from winnowd.originality.article_text import ArticleText
from winnowd.originality.fingerprints import digests_only
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BLOCK = 25
NONE = Changed(frozenset(), frozenset())


class UntilResolved(Nobody):
    """Interrupts a run when all rounds are done."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins."""
        if name == "resolve":
            raise KeyboardInterrupt
        super().stage(name, total)


def second_round(folder: Path, keep: str, source: Path, patch: pytest.MonkeyPatch) -> tuple[list[Row], int]:
    """What the second round has found of each record, and how many it has judged."""
    judged = []

    def judge(self: InOrder, *which: Any) -> Any:
        judged.append(which)
        return original(self, *which)

    original = InOrder.judge
    instance = instance_of(folder, keep)
    with patch.context() as patched:
        patched.setattr(InOrder, "judge", judge)
        with pytest.raises(KeyboardInterrupt):
            fill(instance, [source], BLOCK, watcher=UntilResolved())
    files = sorted((instance.instance_dir / "state/backfill").glob("*/from-1/round-2/*.standings"))
    return [_anywhere(unpacked(data)) for path in files for data in RecordFile(path)], len(judged)


def _anywhere(row: Row) -> Row:
    """A row without the id of its arrival, by which a record without a text is named."""
    return msgspec.structs.replace(row, name=row.name.rpartition("-")[2])


def crowd(path: Path) -> Path:
    """Copies under crowded keys, and one paragraph that many of them share, some admitted and some not."""
    texts = [article(number % 9, more=f"\n{BOILERPLATE}" * (number % 5 < 3)) for number in range(90)]
    return lay_down(path, [{"text": text, "title": f"T {at}"} for at, text in enumerate(texts)])


@pytest.mark.parametrize("keep", ["first", "best"])
@pytest.mark.parametrize("seed", [0, 2, 7])
def test_what_is_carried_over_is_what_judging_all_again_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str, seed: int
) -> None:
    """In each block; better versions, copies of copies, crowded keys and paragraphs among others. Most is carried."""
    source = inputs.write(tmp_path / "many.jsonl", 90, seed) if seed else crowd(tmp_path / "many.jsonl")

    carried, few = second_round(tmp_path / "carried", keep, source, monkeypatch)
    monkeypatch.setattr(comparing, "is_touched", lambda *_: True)
    anew, every = second_round(tmp_path / "anew", keep, source, monkeypatch)

    assert len(carried) > 3 * BLOCK
    assert carried == anew
    assert few < every


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)), st.integers(1, 40))
def test_a_judgement_hangs_on_its_block_as_one_round_has_it_and_on_all_before_as_the_one_before(
    read: set[int], before: set[int], last: set[int], first: int
) -> None:
    """Whatever else came out otherwise."""
    notes = Notes(tuple(read), (), ())
    met = {one for one in read if one in last or (one < first and one in before)}

    assert is_touched(notes, first, Changes(before), Changes(last)) == bool(met)


def test_a_judgement_hangs_on_the_crowded_codes_as_the_round_before_chose_what_counts_there() -> None:
    """Those that it was looked up by, not those that it stands under."""
    notes = Notes((), (5, 6), (7,))

    assert is_touched(notes, 1, Changed(frozenset(), {6}), NONE)
    assert not is_touched(notes, 1, Changed(frozenset(), {7}), Changed(frozenset(), {5}))


def row(standing: Standing = Standing.ADMITTED, supersedes: int | None = None) -> bytes:
    """How a record stands."""
    return packed(Row("a", "", standing.value, None, (), supersedes))


def test_whose_place_is_taken_or_no_more_has_changed_as_well(tmp_path: Path) -> None:
    """And the crowded codes of a record only where it enters the corpus, or does not, against the guess."""
    changes = Changes()
    notes = msgspec.msgpack.encode(Notes((), (1,), (9,)))

    changes.add(4, row(), row(), notes)
    changes.add(5, row(supersedes=2), row(supersedes=3), notes)
    assert (changes.numbers, changes.codes) == ({5, 2, 3}, set())
    changes.add(6, row(), row(Standing.COPY), notes)
    assert (changes.numbers, changes.codes) == ({5, 2, 3, 6}, {9})

    flags = np.zeros(8, dtype=np.uint8)
    flags[list(changes.numbers)] = 1
    write_changed(tmp_path, flags, changes.codes)
    kept = read_changed(tmp_path)
    assert [number for number in range(8) if number in kept.numbers] == [2, 3, 5, 6]
    assert kept.codes == {9}


class NoReader:
    """What a library over a block asks, where nothing lies before the block."""

    def __init__(self) -> None:
        self.reads = Reads(set(), set())

    def of(self, numbers: Sequence[int]) -> dict[int, IndexedArticle]:
        """Nothing."""
        del numbers
        return {}

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Nobody."""
        del paragraph, most
        return ()


@pytest.mark.parametrize("standing", [Standing.ADMITTED, Standing.COPY])
def test_whoever_holds_a_paragraph_in_the_same_block_is_read_however_it_stands(standing: Standing) -> None:
    """It counts, or would if it stood in the corpus: which may turn out otherwise."""
    reader = NoReader()
    library = NotingLibrary(reader, Proposals())  # type: ignore[arg-type]
    for number, text in ((3, BOILERPLATE), (4, article(1))):
        made = digests_only(bytes([number]) * 32, bytes([number]) * 32)
        library.remember(IndexedArticle(number, f"{number}", "", "", standing, made, None, ()), ArticleText(text))

    library.standing(set(paragraphs(BOILERPLATE)), 1)

    assert reader.reads.numbers == {3}
