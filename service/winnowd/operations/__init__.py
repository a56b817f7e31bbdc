"""One-shot work on an instance: each a function with its own errors, which prints nothing."""
