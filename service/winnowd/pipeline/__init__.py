"""The route of one file: claim, prepare, judge, record, apply, publish, acknowledge; always in this order. Pure.

It reaches disk, clock and processes through the ports of ``ports.py`` only. ``judge.py`` decides one record after the
other, ``writer.py`` writes up what follows from a decision, ``chain.py`` fixes the line it gets in the audit log, and
``route.py`` puts the steps in order.
"""
