"""The web page: a process of its own that reads through ``operations`` and writes nothing but orders."""
