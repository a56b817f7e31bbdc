"""``python -m winnowd``: the same as the command ``winnowd``."""

import sys

from winnowd.cli import main

sys.exit(main())
