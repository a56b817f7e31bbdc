"""Loads a dataset as its users do, in an environment of its own: ``python load.py CLIENT PATH SUBSET``."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main(client: str, path: str, subset: str) -> None:
    """Print the rows of a subset, each a line."""
    if client == "datasets":
        datasets: Any = importlib.import_module("datasets")
        rows = datasets.load_dataset(path, subset, split="train")
    else:
        croissant: Any = importlib.import_module("mlcroissant")
        rows = croissant.Dataset(jsonld=path).records(subset)
    for row in rows:
        sys.stdout.write(json.dumps(row, default=str) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
