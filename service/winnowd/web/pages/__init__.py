"""A module a page: what it asks of ``operations`` becomes plain values, and those a template's. Each has ``ROUTES``."""
