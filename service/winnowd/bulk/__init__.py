"""Many records at once, by many processes or machines, with the decisions that one ``run --once`` would give."""
