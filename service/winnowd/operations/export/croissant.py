"""Croissant: what ``seeds/`` is and holds, as JSON-LD that catalogues of datasets read."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.card import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.operations.corpus import Extract

_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The vocabulary, as the specification gives it."""
_TYPES: Final = {"string": "sc:Text", "strings": "sc:Text", "int64": "sc:Integer", "date32": "sc:Date"}


def lines(extract: Extract) -> Iterator[str]:
    """One JSON object, to lie in ``seeds/``: where the rows of the index and the texts are, and what each column holds.

    It says nothing of single articles; its version is the event up to which the log had come.
    """
    today = dt.datetime.now(dt.UTC).date().isoformat()
    metadata = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "Seeds",
        "description": f"A corpus of {extract.count:,} articles that winnowd has admitted, with what is known of each.",
        "citeAs": f"Seeds, a corpus kept by winnowd, as of event {extract.until} of its audit log",
        "license": "as each article says: see the column licence",
        "datePublished": today,
        "isLiveDataset": True,
        "version": f"1.0.{extract.until}",
        "distribution": [
            _files("index", "index/*/*.jsonl", "application/jsonlines", "The rows of the index, a line an article."),
            _files("texts", "[0-9]*/**/*.txt", "text/plain", "The texts, each named by its row."),
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "articles", "name": "articles", "field": _fields()}],
    }
    yield json.dumps(metadata, indent=1) + "\n"


def _files(name: str, pattern: str, media_type: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": media_type,
        "includes": pattern,
    }


def _fields() -> list[dict[str, Any]]:
    """A field for each column; ``nearest`` is an object, of which the id is told."""
    return [
        {
            "@type": "cr:Field",
            "@id": f"articles/{name}",
            "name": name,
            "dataType": _TYPES[kind],
            **({"repeated": True} if kind == "strings" else {}),
            "source": {"fileSet": {"@id": "index"}, "extract": {"column": name}},
        }
        for name, kind in ROW.items()
        if kind != "nearest"
    ]
