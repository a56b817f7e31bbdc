"""Rule codes and slugs for a shell that completes a line: from the text, since parsing it takes too long for a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import click

_RULES: Final = Path(__file__).parents[1] / "rules.toml"


def codes_for_shell(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The codes that begin so."""
    del context, parameter
    codes = re.findall(r"(?m)^\[([A-Z]{3}\d{3})\]$", _RULES.read_text(encoding="utf-8"))
    return [code for code in codes if code.startswith(begun.upper())]
