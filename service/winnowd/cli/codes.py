"""Rule codes and slugs on a command line: from the catalogue's text, since parsing it takes too long for a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click

_RULES: Final = Path(__file__).parents[1] / "rules.toml"


def _slugs() -> dict[str, str]:
    """The slug of each code."""
    text = _RULES.read_text(encoding="utf-8")
    return dict(re.findall(r'(?m)^\[([A-Z]{3}\d{3})\]\nslug = "([^"]+)"$', text))


def codes_for_shell(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The codes that begin so."""
    del context, parameter
    return [code for code in _slugs() if code.startswith(begun.upper())]


class _Code(click.ParamType[Any]):
    """A rule by its code or slug, in whatever case."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's
        """Its code."""
        slugs = _slugs()
        by_name = {**{slug: code for code, slug in slugs.items()}, **{code.lower(): code for code in slugs}}
        if (code := by_name.get(value.lower())) is None:
            import difflib

            similar = difflib.get_close_matches(value.lower(), by_name, n=2, cutoff=0.7)
            shown = " or ".join(by_name[one] if by_name[one].lower() == one else one for one in similar)
            self.fail(f"{value!r} is no rule" + (f": did you mean {shown}?" if shown else ""), param, ctx)
        return code


CODE: Final = _Code()
