"""Hooks of all tests: what cannot run here is skipped by ``needs``, and the run ends with what it left unproven."""

from hypothesis import settings
from tests.needs import (  # noqa: F401 - pytest finds its hooks here
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from tests.slow import pytest_itemcollected  # noqa: F401 - marks what takes its time

settings.register_profile("winnowd", deadline=None)  # machines are noisy: no example fails for its time
settings.load_profile("winnowd")
