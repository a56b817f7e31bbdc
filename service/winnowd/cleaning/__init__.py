"""Repair, lift what stands above and below the article into its fields, remove residue; every step leaves a note. Pure.

Order: characters (CLN301 to 309), addresses of links, lines trimmed and unwrapped, the stub measures of this still raw
text, the lead date, header and residue lines, credits at the end, the headline and what repeats it or another line, the
whole-page step, missing spaces, blank lines. Run once: a second run would see other edges.
"""

from winnowd.cleaning.clean import clean
from winnowd.cleaning.languages import LISTED
from winnowd.cleaning.listing import Listing
from winnowd.cleaning.phrasebook import Phrasebook
from winnowd.cleaning.phrases import Phrases

__all__ = ["LISTED", "Listing", "Phrasebook", "Phrases", "clean"]
