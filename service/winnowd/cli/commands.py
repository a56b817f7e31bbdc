"""All commands by name: the module of each and its line of help. Imports nothing.

A new command is a module of this package, and a line here. It stands there under its own name, or as ``command`` if it
is alone. Its module imports at its top no more than click and what lies beside it (``context``, ``faults``): all else
inside the function that needs it, so that ``--help`` and completion stay fast. Its function takes the Context
(``@click.pass_obj``), shows data by ``context.show`` or ``context.emit``, words by ``context.say``, stops by
``raise stop(...)``, and gives its exit code (None is 0).
"""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "init": ("winnowd.cli.init", "Make an instance: its folders and its configuration."),
    "demo": ("winnowd.cli.demo", "Send five packaged articles through the whole route, and show why."),
    "run": ("winnowd.cli.run", "Serve an instance, or decide once what lies in its inbox."),
    "backfill": ("winnowd.cli.backfill", "Decide the records of large files by many processes, or on a cluster."),
    "check": ("winnowd.cli.check", "Tell what would become of files, and change nothing."),
    "status": ("winnowd.cli.status", "Tell how the instance is: service, inbox, corpus, disk."),
    "queue": ("winnowd.cli.queue", "Show what waits for a person, oldest first, and why."),
    "review": ("winnowd.cli.review", "Decide on what waits one by one, by keys."),
    "web": ("winnowd.cli.web", "Serve the page on which people look through what waits, and decide."),
    "explain": ("winnowd.cli.explain", "Tell all that is known of a record: its events, measures, twin and passages."),
    "log": ("winnowd.cli.log", "Show events: by time, action, code, feed or text, as they were or as they come."),
    "stats": (
        "winnowd.cli.stats",
        "Count decisions by day, code, feed, source or hour; acceptance, times, one measure.",
    ),
    "rule": ("winnowd.cli.rule", "Tell what a rule measures, its limits in force, and what to do."),
    "release": ("winnowd.cli.orders", "Admit what was quarantined or rejected."),
    "confirm": ("winnowd.cli.orders", "Turn away for good what was quarantined."),
    "retract": ("winnowd.cli.orders", "Take an admitted article out of the corpus."),
    "restore": ("winnowd.cli.orders", "Undo the last order on a record."),
    "erase": ("winnowd.cli.orders", "Take text, original, evidence and fingerprint of a record away, for ever."),
    "verify": ("winnowd.cli.verify", "Hold log, evidence, corpus, index and ledger against each other."),
    "replay": ("winnowd.cli.replay", "Decide again: under other limits by the log, or all of it by the originals."),
    "diff": ("winnowd.cli.diff", "Tell what changed between two points of the log."),
    "index": ("winnowd.cli.index", "Compare the corpus index with the ledger, or write it anew."),
    "ledger": ("winnowd.cli.ledger", "Check the ledger against the log, or make it anew from the log."),
    "export": ("winnowd.cli.export", "Write the corpus, or what has changed in it, in formats of others."),
    "report": ("winnowd.cli.report", "Write what was decided, and why, as pages that are files."),
    "notify": ("winnowd.cli.notify", "Hand what people should be told of to a command of theirs."),
    "sender": ("winnowd.cli.sender", "Say who may send files over the network, and into which feed."),
    "doctor": ("winnowd.cli.doctor", "Look at what the instance needs of its machine, and say what mends it."),
    "config": ("winnowd.cli.config", "Show the settings in force, or check a configuration file."),
    "schema": ("winnowd.cli.schema", "Tell how a file would be read, and which of its fields are taken for what."),
    "completion": ("winnowd.cli.completion", "Print a script that lets your shell complete commands."),
}
