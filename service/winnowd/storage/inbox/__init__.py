"""Files at rest in the inbox: found, in fair turns, and taken."""
