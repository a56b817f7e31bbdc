"""The corpus in formats of others: a module each, written as it is read, whatever the corpus has grown to."""
