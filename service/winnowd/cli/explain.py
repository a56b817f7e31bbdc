"""``winnowd explain``: one record's history, measures, twin and passages, from the log; the texts side by side."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.audit.history import History
    from winnowd.cli.context import Context
    from winnowd.views.account import Account
    from winnowd.views.lines import Line

_LISTED: Final = 10
_SHORT: Final = 8


@click.command("explain")
@click.argument("key", metavar="ID|NAME")
@click.option("--side-by-side", is_flag=True, help="Both texts, every run of words they share, in two columns.")
@click.option("--md", is_flag=True, help="As Markdown.")
@click.pass_obj
def command(context: Context, key: str, *, side_by_side: bool, md: bool) -> int:
    """Tell all that is known of a record: what happened to it, what was measured, its twin, what they share.

    Any unique piece of an id, an arrival or a file name will do. It is read from the audit log; limits are told as they
    were then, and what has changed since.
    """
    from winnowd.audit.history import History, told

    history = History(context.home)
    try:
        account = _account(context, history, told(key))
        if side_by_side:
            _page(context, _side_by_side(context, history, account))
        elif context.json:
            _emit(context, account)
        elif md:
            from winnowd.views.account import account_md

            context.stdout.write(account_md(account))
        else:
            from winnowd.views.account import account_lines

            context.show(account_lines(account, context.width))
    finally:
        history.close()
    return Exit.DONE


def _account(context: Context, history: History, key: str) -> Account:
    from winnowd.audit.find import fit_of
    from winnowd.views.account import DECISIONS, Account
    from winnowd.wiring.rules import rules_in_force

    found = history.find(key)
    if not found:
        advice = "give an id, an arrival, or a piece of a file's name in the inbox"
        raise stop("explain", f'no record "{key}"', advice, exit=Exit.NO_SUCH)
    if len(found) > 1:
        raise _several(key, list(found))
    (lines,) = found.values()
    events = [line.event() for line in lines]
    decisions = [event for event in events if event["event"]["action"] in DECISIONS]
    if not decisions:
        raise stop(
            "explain", f'the log has no decision on "{key}", only orders', "see winnowd verify", exit=Exit.NO_SUCH
        )
    best = min(fit_of(event, key) for event in decisions)
    fitting = [event for event in decisions if fit_of(event, key) == best]
    decision = next((event for event in fitting if event["event"]["action"] == "admit"), fitting[0])
    evidence, missing = history.evidence(decision)
    limits = history.limits(decision["winnowd"]["config"]["sha256"])
    return Account(
        events=events,
        decision=decision,
        evidence=evidence,
        no_evidence=missing,
        then=None if limits is None else _with_limits(limits),
        now=rules_in_force(context.loaded.settings),
    )


def _several(key: str, names: Sequence[str]) -> Exception:
    """The records that a key fits, shortly where that tells them apart."""
    short = [f"{begun[:_SHORT]}{dash}{record}" for begun, dash, record in (name.partition("-") for name in names)]
    shown = short if len(set(short)) == len(names) else list(names)
    more = f", and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    what = f'"{key}" fits {len(names):,} records: {" ".join(shown[:_LISTED])}{more}'
    return stop("explain", what, "give more characters", exit=Exit.NO_SUCH)


def _with_limits(limits: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every rule with the limits that the log tells of."""
    from winnowd.settings import catalogue

    return {
        code: {
            "slug": rule.slug,
            "help": rule.help,
            "unit": rule.unit,
            "reached": rule.reached,
            **limits.get(code, {}),
        }
        for code, rule in catalogue().items()
    }


def _emit(context: Context, account: Account) -> None:
    for event in account.events:
        context.emit("event", **event)
    if account.evidence:
        context.emit("evidence", **account.evidence)
    for code in account.decision["winnowd"].get("measured", {}):
        then, now = (_limit((rules or {}).get(code, {})) for rules in (account.then, account.now))
        context.emit("limit", code=code, then=None if account.then is None else then, now=now)


def _limit(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rule[name] for name in ("side", "doubt", "fail") if name in rule}


def _side_by_side(context: Context, history: History, account: Account) -> list[Line]:
    """Both texts, cut down to what they share.

    Raises:
        Stop: there is nothing to compare with, or a text is gone.
    """
    from winnowd.views.aligned import aligned, every_window
    from winnowd.views.escape import printable
    from winnowd.views.why import name_of

    name, nearest = name_of(account.decision), account.decision["winnowd"].get("nearest")
    if nearest is None:
        raise stop("explain", f"{name} was like no known article", "there is nothing beside it", exit=Exit.BAD)
    texts: dict[str, str] = {}
    for side, events, sha256 in (
        ("item", account.events, account.decision["winnowd"]["article"]["text_sha256"]),
        ("twin", [line.event() for line in history.find(nearest["id"]).get(nearest["id"], ())], nearest["text_sha256"]),
    ):
        text = _text(context, history, events, sha256)
        if text is None:
            raise stop("explain", f"the text of {sha256[:16]} is gone", "see its events", exit=Exit.BAD)
        texts[side] = text
    windows = every_window(texts, _passages(account, texts))
    if not windows:
        what = f"{name} and {nearest['id']} share no run of three words in order"
        raise stop("explain", what, "", exit=Exit.BAD)
    file = printable(account.decision["file"]["name"])
    return aligned(windows, (f"{file} ({name})", f"{nearest['path']}"), context.width)


def _text(context: Context, history: History, events: Sequence[Mapping[str, Any]], sha256: str) -> str | None:
    """A text from the corpus, the ledger, or cleaned again from an original that was kept."""
    homes = [event["winnowd"]["destination"]["path"] for event in events if "destination" in event["winnowd"]]
    return history.text(sha256, homes) or _again(context, events, sha256)


def _again(context: Context, events: Sequence[Mapping[str, Any]], sha256: str) -> str | None:
    from winnowd.operations.reread import text_again
    from winnowd.originality import new_recipe
    from winnowd.storage.originals import originals_of
    from winnowd.wiring.desk import desk
    from winnowd.wiring.rules import lexicon

    made = None
    for event in events:
        if "file" not in event:
            continue
        for path in originals_of(context.home, event):
            made = made or desk(context.loaded.settings, new_recipe(lexicon().sha256))
            received = dt.datetime.fromisoformat(event["event"]["created"])
            found = text_again(made, path, (event["file"]["name"], received), event["winnowd"]["arrival"]["record"])
            if found is not None and found[0] == sha256:
                return found[1]
    return None


def _passages(account: Account, texts: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The runs that the evidence names; of an article without, those found now."""
    if told := account.evidence.get("passages"):
        return list(told)
    return list(_runs(texts))


def _runs(texts: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    from winnowd.event.evidence import band
    from winnowd.gates.originality.evidence import Beside

    for run in Beside(texts["item"], texts["twin"]).passages(any_order=False):
        sides = {side: {"start": run[side][0], "end": run[side][1]} for side in ("item", "twin")}
        yield {"words": run["words"], "band": band(run["words"]), **sides}


def _page(context: Context, lines: Sequence[Line]) -> None:
    """On a terminal through the pager, if it is more than a screen."""
    import shutil

    if not context.stdout.isatty() or len(lines) < shutil.get_terminal_size().lines:
        context.show(lines)
        return
    from winnowd.cli.paint import painted

    click.echo_via_pager("".join(painted(lines, context.stdout, context.in_colour)), color=context.in_colour)
