"""What reads the audit log and never writes: chain, search, history, what must lie on disk by it, and whether so."""
