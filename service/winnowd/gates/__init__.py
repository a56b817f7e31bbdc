"""The gates: one question each, one finding for each rule asked; the panel asks them all. Pure."""
