"""What a backfill is to do, written before anything is done: so that one that was killed goes on. Files."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path  # noqa: TC003 - a run is made in any process
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from winnowd.bulk.codes import Bits  # noqa: TC001 - msgspec reads the types while it runs
from winnowd.bulk.files import write_whole
from winnowd.layout import BACKFILL, INCOMING
from winnowd.model import Arrival  # noqa: TC001 - the same

if TYPE_CHECKING:
    from winnowd.bulk.blocks import Block
    from winnowd.wiring.preparer import PreparerConfig

ROUNDS: Final = 2
"""How often the records are judged before the ordered pass: each time on what they were the time before. What is still
wrong then is judged by the pass itself."""
RESOLVED: Final = ROUNDS + 1
"""The ordered pass, as a round."""


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A run as its tasks know it: settings and recipe, the files as arrivals, and where all of it lies.

    ``packed``: the files of a block lie in one of each folder. ``epoch``: the number of the first decision that was
    still to be made when the judging began; what was prepared before stays, what was judged hangs on all that was
    decided before. ``has_below``: something was. ``held``: how many records are held since they cannot be rendered.
    """

    id: str
    instance_dir: Path
    plan: PreparerConfig
    arrivals: tuple[Arrival, ...]
    partitions: int
    bits: Bits
    epoch: int
    has_below: bool
    packed: bool = False
    held: int = 0

    @property
    def folder(self) -> Path:
        """All that the run keeps."""
        return self.instance_dir / BACKFILL / self.id

    @property
    def prepared_folder(self) -> Path:
        """What was prepared; as the gates alone would let it stand, too."""
        return self.folder / "prepared"

    @property
    def epoch_folder(self) -> Path:
        """What was judged since this epoch began."""
        return self.folder / f"from-{self.epoch}"

    @property
    def snapshot(self) -> Path | None:
        """The ledger as it was then; None if nothing was decided before."""
        return self.epoch_folder / "ledger.db" if self.has_below else None

    @property
    def below_keys(self) -> Path:
        """What stood under the codes then."""
        return self.epoch_folder / "below.keys"

    def seeded_path(self, judged: int) -> Path:
        """By number, a byte for each record: 1 if it has ever stood in the corpus, as a round has found."""
        return self.slots_folder(judged) / "seeded"

    def run_path(self, partition: int) -> Path:
        """The sorted postings of a partition."""
        return self.epoch_folder / f"{partition:04}.run"

    def round_folder(self, judged: int) -> Path:
        """What the records were judged to be in a round; 0: what the gates alone say."""
        return self.prepared_folder if not judged else self.epoch_folder / f"round-{self._named(judged)}"

    def slots_folder(self, judged: int) -> Path:
        """What stands under the codes, if those stand in the corpus that a round has found to."""
        return self.epoch_folder / f"slots-{self._named(judged)}"

    def _named(self, judged: int) -> str:
        """A round; the ordered pass with how many records it holds that cannot be rendered: each makes another."""
        return f"{judged}-{self.held}" if judged == RESOLVED and self.held else f"{judged}"

    @property
    def resolved_folder(self) -> Path:
        """What the ordered pass has found."""
        return self.round_folder(RESOLVED)

    @property
    def rendered_folder(self) -> Path:
        """What waits to be recorded."""
        return self.epoch_folder / "rendered"

    def packed_block(self, block: Block) -> str:
        """The name of the packed block in which a block's files lie, no other's; "" if they lie apart."""
        return f"{self.arrivals[block.input].id[:8]}-{block.number}" if self.packed else ""

    def files_folder(self, block: int, sequence: int) -> str:
        """Where the files of a block wait for their places, below the instance; by the sequence of its first event.

        A task that a killed driver has left behind still writes by other sequences, and so meets none of these.
        """
        return f"{BACKFILL}/{self.id}/files/{block:06}-{sequence}"


class Order(NamedTuple):
    """How a run is done: records a block, bits of a code; files moved, not copied; files of a block in one."""

    block: int
    bits: Bits
    move: bool
    packed: bool


class DamagedRunError(Exception):
    """The manifest of a run that has not ended cannot be read: which file, and why."""


class Manifest(msgspec.Struct, frozen=True):
    """A run as it was begun: its files, which settings and recipe, and how it is cut.

    ``given``: the paths of the files as they were given, absolute; ``arrivals``: what they became; ``config``: of the
    settings that decide. A run goes on only under the same of all.
    """

    id: str
    config: str
    recipe: str
    block: int
    packed: bool
    partitions: int
    bits: Bits
    given: tuple[str, ...]
    arrivals: tuple[Arrival, ...]

    def incoming(self, at: int) -> str:
        """What the copy of a file is called until it is claimed."""
        return f"{self.id}-{at}"

    def write(self, instance_dir: Path) -> None:
        """Keep it."""
        folder = instance_dir / BACKFILL / self.id
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _NAME, [msgspec.json.format(msgspec.json.encode(self)), b"\n"])

    def end(self, instance_dir: Path) -> None:
        """Forget the run. Killed within, it is still known, and over; or all of it is gone."""
        folder = instance_dir / BACKFILL / self.id
        for path in folder.iterdir():
            if path.name != _NAME:
                shutil.rmtree(path, ignore_errors=True)
        (folder / _NAME).unlink()
        shutil.rmtree(folder, ignore_errors=True)


def clear_unknown(instance_dir: Path) -> None:
    """Take away what runs have left that were killed before they had a manifest, or after it was gone."""
    for path in (instance_dir / BACKFILL).glob("*/"):
        if not (path / _NAME).exists():
            shutil.rmtree(path)
    shutil.rmtree(instance_dir / INCOMING, ignore_errors=True)


def unfinished(instance_dir: Path) -> Manifest | None:
    """The run that was begun in an instance and did not end, if any.

    Raises:
        DamagedRunError: its manifest cannot be read.
    """
    for path in sorted((instance_dir / BACKFILL).glob(f"*/{_NAME}")):
        try:
            return msgspec.json.decode(path.read_bytes(), type=Manifest)
        except msgspec.MsgspecError as fault:
            raise DamagedRunError(f"{path}: {fault}") from fault
    return None


_NAME: Final = "manifest.json"
