"""``winnowd doctor``: what the instance needs of its machine, a line each, with what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit

if TYPE_CHECKING:
    from winnowd.cli.context import Context

_STYLES: Final = {"ok": "good", "note": "doubt", "bad": "bad"}
_WORDS: Final = {"ok": "ok  ", "note": "note", "bad": "BAD "}
_LABEL: Final = 11


@click.command("doctor")
@click.pass_obj
def command(context: Context) -> int:
    """Look at folders, rights, mounts, disk, clock, workers, lock, ledger, anchors, packages, languages, unit.

    Exit 1 if any is bad.

    Root looks as the owner of the instance. Files are renamed between its folders, and taken away again.
    """
    from winnowd.operations.doctor import diagnose
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    instance_dir, settings = context.instance_dir, context.loaded.settings
    bad = False
    for advice in diagnose(instance_dir, settings):
        bad |= advice.state == "bad"
        if context.json:
            context.emit("advice", ok=advice.state != "bad", what=advice.what, said=advice.said, do=advice.do or None)
            continue
        style = _STYLES[advice.state]
        line = [
            Span(_WORDS[advice.state], style),
            Span(f" {advice.what:<{_LABEL}}", "bold"),
            Span(printable(advice.said)),
        ]
        if advice.do:
            line.append(Span(f"; {printable(advice.do)}", style))
        context.show([tuple(line)])
    return Exit.BAD if bad else Exit.DONE
