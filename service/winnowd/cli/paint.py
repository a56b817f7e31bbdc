"""Lines to text: with colours by meaning (rich, imported only then), or plain; never laid out anew."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, TextIO

from winnowd.views.lines import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.views.lines import Line

_STYLES: Final = {
    "bad": "bold red",
    "doubt": "yellow",
    "good": "green",
    "dim": "dim",
    "bold": "bold",
    "sign": "bold cyan",
    "path": "cyan",
    "band1": "green",
    "band2": "yellow",
    "band3": "magenta",
    "band4": "bold red",
}


def painted(lines: Iterable[Line], terminal: TextIO, in_colour: bool) -> Iterator[str]:  # noqa: FBT001 - asked or not
    """The text of each line with its LF; taken away its colours it is what ``plain`` gives, byte for byte."""
    if not in_colour:
        yield from (plain([line]) for line in lines)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=io.StringIO(),
        force_terminal=True,
        color_system="auto" if terminal.isatty() else "standard",
        no_color=False,
        highlight=False,
        markup=False,
    )
    for line in lines:
        text = Text("", no_wrap=True)
        for span in line:
            text.append(span.text, _STYLES.get(span.style, ""))
        text.rstrip()
        with console.capture() as captured:
            console.print(text, soft_wrap=True)
        yield captured.get()
