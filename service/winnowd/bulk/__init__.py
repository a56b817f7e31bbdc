"""Backfill: a corpus of files judged on many processors, with the decisions that one pass in order would have made."""
