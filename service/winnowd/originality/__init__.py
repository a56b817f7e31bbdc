"""Is this article new? Fingerprints, candidates, exact comparison of two texts, evidence; the gate grades it. Pure."""
