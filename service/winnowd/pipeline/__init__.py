"""The route of one file: claim, prepare, judge, record, apply, publish, acknowledge; always in this order. Pure.

It reaches disk, clock and processes through the ports of ``ports.py`` only. ``judge.py`` decides one record after the
other, ``rendering.py`` says all of a decided one, ``decision_writer.py`` closes the lines of log and evidence in order,
``chain.py`` fixes the line that each event gets, and ``route.py`` puts the steps in order.
"""
