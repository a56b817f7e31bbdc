"""What lies on disk: inbox, ledger, effects, audit log, index pages, lock. Everything else is told of it by ports."""
