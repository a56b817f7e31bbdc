"""The word to systemd (sd_notify): READY, STATUS, WATCHDOG, RELOADING, STOPPING; silent when nobody listens."""

from __future__ import annotations

import os
import socket


class Notify:
    """One datagram socket to the service manager named by ``NOTIFY_SOCKET``; without one, nothing is sent."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None

    def send(self, **fields: str | int) -> None:
        """Send fields such as ``READY=1, STATUS="idle"``; a manager that does not listen is no fault of ours."""
        if self._socket is None:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        message = "\n".join(f"{key}={value}" for key, value in fields.items())
        try:
            self._socket.sendto(message.encode(), name)
        except OSError:
            self.close()

    def close(self) -> None:
        """Send nothing from now on."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
