"""What was measured of the service as gauges for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd import __version__
from winnowd.views.exposition import Family, Sample

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from winnowd.daemon.vitals import Vitals


def heartbeat(at: dt.datetime, config: str) -> Iterator[Family]:
    """What can be told whatever fails: that the loop goes on, and under which configuration (its SHA-256)."""
    yield _gauge(
        "winnowd_heartbeat_timestamp_seconds", "When the service's loop gave this sign of life.", at.timestamp()
    )
    labels = {"version": __version__, "config": config[:12]}
    yield Family("winnowd_build_info", "gauge", "Version and configuration in force; always 1.", [Sample(labels, 1)])


def gauges(vitals: Vitals) -> Iterator[Family]:
    """All that was measured."""
    yield _gauge("winnowd_inbox_files", "Files in the inbox that will be taken.", vitals.inbox_files)
    yield _gauge(
        "winnowd_inbox_oldest_seconds",
        "How long the file has lain unchanged in the inbox that has waited for the service longest.",
        vitals.inbox_oldest,
    )
    yield _gauge("winnowd_orders_pending", "People's orders that wait.", vitals.orders)
    yield _gauge("winnowd_quarantine_articles", "Records that wait in quarantine.", vitals.quarantine)
    yield _gauge(
        "winnowd_quarantine_oldest_seconds", "Age of the oldest record in quarantine.", vitals.quarantine_oldest
    )
    yield _gauge("winnowd_corpus_articles", "Articles in the corpus.", vitals.corpus_articles)
    yield _gauge("winnowd_corpus_bytes", "Bytes of their texts.", vitals.corpus_bytes)
    yield _gauge("winnowd_audit_sequence", "Number of the last event of the audit log.", vitals.sequence)
    if vitals.verified is not None and vitals.verified.whole_at is not None:
        yield _gauge(
            "winnowd_audit_verified_timestamp_seconds",
            "When the audit log was last found to be as it was written.",
            vitals.verified.whole_at.timestamp(),
        )
    yield _gauge("winnowd_index_lag_articles", "Admitted articles that the index does not list yet.", vitals.index_lag)
    free = [Sample({"folder": folder}, nbytes) for folder, nbytes in vitals.free.items()]
    yield Family("winnowd_disk_free_bytes", "gauge", "Bytes free where each folder lies.", free)


def _gauge(name: str, said: str, value: float) -> Family:
    return Family(name, "gauge", said, [Sample({}, value)])
