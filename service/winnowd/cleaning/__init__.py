"""Repair, lift what stands above and below the article into its fields, remove residue; every step leaves a note. Pure.

Order: characters (CLN301 to 308), the stub measures of this still raw text, the lead date, lines trimmed, header and
residue lines, the headline and what repeats it or another line, the whole-page step, missing spaces, blank lines. Run
once: a second run would see other edges.
"""

from winnowd.cleaning.clean import clean
from winnowd.cleaning.phrases import Phrases

__all__ = ["Phrases", "clean"]
