"""The article: what a record must be before anything judges it (pydantic schema). Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Article(BaseModel):
    """One article that meets the schema; frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str
    title: str | None = None
