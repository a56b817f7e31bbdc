"""Five articles written for winnowd, which ``winnowd demo`` sends through the whole route: data, no code.

Places, people and events in them are made up. In the order of their names: an original is admitted; a reworded copy and
a light edit of it are rejected, each with its twin named; a page full of site clutter is admitted without that; a
text that breaks off is quarantined.
"""
