"""The day on which what is compared here is decided: one that does not end in between."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest

from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def _one_day() -> Iterator[None]:
    """It is noon when a module's tests begin: of two runs that are compared, none files under another month or day."""
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    begun = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: noon + dt.timedelta(seconds=time.monotonic() - begun))
        yield
