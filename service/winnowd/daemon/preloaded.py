"""What all processes beside the daemon need, loaded as this is imported: by the forkserver, once, before it forks any.

So all processes to come have the tables of the version that serves, as they have its modules, and none reads them anew.
"""

from winnowd.wiring.preparer import damage_patterns, phrasebook
from winnowd.wiring.rules import catalogue, lexicon

for _table in (catalogue, damage_patterns, lexicon, phrasebook):
    _table()
