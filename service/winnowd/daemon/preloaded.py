"""What all processes beside the daemon need, loaded as this is imported: by the forkserver, once, before it forks any.

So all processes to come have the tables of the version that serves, as they have its modules, and none reads them anew.
"""

from winnowd.catalogue import catalogue
from winnowd.daemon.confinement.readable import of_the_program
from winnowd.wiring.preparer import damage_patterns, phrasebook
from winnowd.wiring.rules import lexicon

for _table in (catalogue, damage_patterns, lexicon, of_the_program, phrasebook):
    _table()
