"""What of the machine a confined process may read: the program, its packages, libraries, zones; nothing private."""

from __future__ import annotations

import functools
import sys
import sysconfig
from pathlib import Path
from typing import Final

import winnowd

_OF_THE_SYSTEM: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/usr/share/fonts",
    "/usr/share/X11/fonts",
    "/usr/local/share/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/mime.types",
    "/dev/null",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
)
"""Libraries, zones, fonts (by which a PDF is laid out); what libraries ask of the machine as they are loaded."""
_PACKAGES: Final = {"site-packages", "dist-packages"}


@functools.cache
def of_the_program() -> tuple[str, ...]:
    """All that a module may still be loaded from: some are when the first file of a kind is read.

    Not all of ``sys.path``: that can hold the folder in which the service was started, which can be the instance.
    """
    ours = Path(winnowd.__file__).parent
    of_python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    of_python |= {path for path in sys.path if Path(path).name in _PACKAGES}
    return (*_OF_THE_SYSTEM, f"{sys.base_prefix}/lib", str(ours), *sorted(of_python))
