"""MinHash signatures as datasketch serialises them: a folder of ids, signatures, and the recipe they were made by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.operations.export.json_lines import departure_line
from winnowd.operations.signatures import lean_signatures

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.operations.corpus import Extract

_ORDER: Final = "<"
"""Little-endian, on every machine."""
_READ: Final = """\
# Signatures

`ids.txt` has an id a line; `signatures.bin` has the signature of each in the same order, all of one size, as
`datasketch.LeanMinHash.serialize` writes it, little-endian:

    from pathlib import Path
    from datasketch import LeanMinHash, MinHashLSH

    ids = Path("ids.txt").read_text().split()
    blob = Path("signatures.bin").read_bytes()
    size = len(blob) // len(ids)
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    for at, id in enumerate(ids):
        lsh.insert(id, LeanMinHash.deserialize(blob[at * size : (at + 1) * size], "<"))

`recipe.json` says by what they were made, and up to which event of the audit log. An article without words has none.
"""


def write(extract: Extract, out: Path) -> None:
    """Write ``ids.txt``, ``signatures.bin``, ``recipe.json``, README.md, and of an increment ``left.jsonl``."""
    out.mkdir(parents=True)
    with (out / "ids.txt").open("w", encoding="ascii") as ids, (out / "signatures.bin").open("wb") as blobs:
        for id_, signature in lean_signatures(extract):
            buffer = bytearray(signature.bytesize(_ORDER))
            signature.serialize(buffer, _ORDER)
            ids.write(f"{id_}\n")
            blobs.write(buffer)
    if extract.is_increment:
        (out / "left.jsonl").write_text("".join(map(departure_line, extract.departures)), encoding="ascii")
    (out / "recipe.json").write_text(json.dumps(_recipe(extract), indent=1) + "\n", encoding="ascii")
    (out / "README.md").write_text(_READ, encoding="ascii")


def _recipe(extract: Extract) -> dict[str, Any]:
    said: dict[str, Any] = {"since": extract.since, "until": extract.until}
    if (recipe := extract.recipe) is not None:
        said |= {name: value for name, value in recipe.to_row().items() if name != "permutations"}
    return said
