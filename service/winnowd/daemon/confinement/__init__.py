"""What a process gives up before it meets hostile bytes, so that whoever took it over holds next to nothing.

One that prepares or renders reads its files, computes, and answers through its pipe. All else goes: writing, making,
removing files, reading what is not its work, programs and other processes, networks, whoever else runs here.
"""

from winnowd.daemon.confinement.confining import UNCONFINED, Confined, Confinement

__all__ = ["UNCONFINED", "Confined", "Confinement"]
