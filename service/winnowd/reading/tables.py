"""Tables of columns (Parquet, Arrow) to records, a row each, as an object of JSON is read. Pure.

Rows are taken sixteen at once: a column may say one long text for all its rows, so the rows of a file are no measure of
what they take. Reading needs pyarrow (``pip install winnowd[parquet]``).
"""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.records import Record, RefusedError, beyond, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.reading.bytes_file import BytesFile
    from winnowd.reading.limits import ReadingLimits

_AT_ONCE: Final = 16
_BUFFER: Final = 1 << 20
_FILE: Final = b"ARROW1"
_MOST_COLUMNS: Final = 1_000
_LONGEST_FOOTER: Final = 32 << 20
_MOST_OF_FOOTER: Final = 1_000_000
"""What of the footer may be one string, and how many things one list of it."""


def parquet(file: BytesFile, limits: ReadingLimits) -> Iterator[Record]:
    """The rows of a Parquet file.

    Raises:
        RefusedError: INP103, 109, 117, 118, 131, 132, 134, and what reading from the file raises.
    """
    return _rows(_of_parquet, file, limits, "parquet")


def arrow(file: BytesFile, limits: ReadingLimits) -> Iterator[Record]:
    """The rows of an Arrow file (Feather), or of an Arrow stream as the library ``datasets`` saves it.

    Raises:
        RefusedError: INP103, 109, 117, 118, 132, 134, and what reading from the file raises.
    """
    return _rows(_of_arrow, file, limits, "arrow")


def _of_parquet(file: BytesFile) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import parquet as pq

    tail = file.at(max(0, file.size - 8), 8)
    if tail[-4:] == b"PARE":
        raise refused("INP131", "it is encrypted")
    if int.from_bytes(tail[:4], "little") > min(file.size, _LONGEST_FOOTER):
        raise refused("INP132", "its footer is longer than the file, or than is read")
    table = pq.ParquetFile(
        pa.PythonFile(file, mode="r"),
        buffer_size=_BUFFER,
        memory_map=False,
        pre_buffer=False,
        thrift_string_size_limit=_LONGEST_FOOTER,
        thrift_container_size_limit=_MOST_OF_FOOTER,
    )
    _check_columns(len(table.schema_arrow.names))
    yield from table.iter_batches(batch_size=_AT_ONCE, use_threads=False)


def _of_arrow(file: BytesFile) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import ipc

    options = ipc.IpcReadOptions(use_threads=False)
    if file.at(0, len(_FILE)) == _FILE:
        table = ipc.open_file(pa.PythonFile(file, mode="r"), options=options)
        _check_columns(len(table.schema.names))
        batches = (table.get_batch(number) for number in range(table.num_record_batches))
    else:
        batches = ipc.open_stream(pa.PythonFile(file, mode="r"), options=options)
        _check_columns(len(batches.schema.names))
    for batch in batches:
        batch.validate(full=True)  # offsets are the file's word: without this they are read wherever they point
        for start in range(0, batch.num_rows, _AT_ONCE):
            yield batch.slice(start, _AT_ONCE)


def _check_columns(count: int) -> None:
    if count > _MOST_COLUMNS:
        raise beyond("INP134", "columns", count, _MOST_COLUMNS, f"more than {_MOST_COLUMNS:,} columns")


def _rows(
    batches_of: Callable[[BytesFile], Iterator[Any]], file: BytesFile, limits: ReadingLimits, parser: str
) -> Iterator[Record]:
    if file.size > limits.table_bytes:
        raise beyond("INP103", "bytes", file.size, limits.table_bytes, "larger than a table may be")
    count = total = 0
    for row in _objects(batches_of, file):
        if count >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} rows; the rest is unread")
        count += 1
        raw = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
        total += len(raw)
        if total > limits.stream_bytes:
            raise beyond("INP109", "unpacked_bytes", total, limits.stream_bytes, "larger than may be unpacked")
        yield Record(row, parser=parser, raw=raw, may_have_markup=True)
    if not count:
        raise refused("INP118", "a table without rows")


def _objects(batches_of: Callable[[BytesFile], Iterator[Any]], file: BytesFile) -> Iterator[dict[str, Any]]:
    """The rows as plain objects, batch after batch; whatever pyarrow raises ends the table."""
    batches = batches_of(file)
    while True:
        try:
            batch = next(batches, None)
            rows = [] if batch is None else batch.to_pylist()
        except MemoryError:
            raise refused("INP134", f"{_AT_ONCE} rows of it, or a part of it, take more memory than there is") from None
        except (RefusedError, ImportError):
            raise
        except Exception:  # noqa: BLE001 - its errors are of a dozen classes, and what it meets is the file's fault
            if file.fault is not None:
                raise file.fault from None
            raise refused("INP132", "its table is damaged; the rows before that stand, the rest is unread") from None
        if batch is None:
            return
        yield from ({str(key): _plain(value) for key, value in row.items()} for row in rows)


def _plain(value: object) -> object:
    """A value as JSON has it: times in ISO 8601, bytes as the text they are or nothing, no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _text(value) if isinstance(value, bytes) else _written(value)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
