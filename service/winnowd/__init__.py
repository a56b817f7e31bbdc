"""winnowd guards a text corpus: every article dropped into its inbox gets one decision, with its evidence."""

__version__ = "0.1.0"
