"""reapy's client with deadlines: nothing waits longer than it was told to.

The wire is reapy's: eight bytes of length, little endian, then JSON.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from reaper_automix.bridge.probe import NotTheBridge
from reaper_automix.bridge.reapy_client import Client

HOST = "127.0.0.1"
CONNECT_S = 2.0
GREETING_S = 2.0
MOST_BYTES = 1 << 28
_LENGTH_BYTES = 8


class Transport(Client):
    """One connection; ``timeout_s`` is how long an answer may take."""

    def __init__(self, port: int, timeout_s: float) -> None:
        """Connect; raises ``OSError``, :class:`TimeoutError` when nobody greets."""
        self._timeout_s = timeout_s
        self._greeted = False
        super().__init__(port, HOST)

    @property
    def is_usable(self) -> bool:
        """Whether the other side is there and silent, as it should be between two calls."""
        self.settimeout(0.0)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False  # hung up, or an answer that nobody asked for

    def call(self, module: str, name: str, *arguments: object) -> object:
        """What a function answers; ``OSError`` when the other side ends or is too slow.

        A bug over there is reapy's ``DistError`` with the traceback.
        """
        function: Any = {"__callable__": True, "module_name": module, "name": name}
        return self.request(function, {"args": arguments, "kwargs": {}})

    def recv(self, timeout: float | None = None) -> bytes:
        """One message; ``timeout`` is not listened to."""
        until = time.monotonic() + (self._timeout_s if self._greeted else GREETING_S)
        length = int.from_bytes(self._exactly(_LENGTH_BYTES, until), "little")
        if length > MOST_BYTES:
            raise NotTheBridge(f"a message of {length} bytes")
        return self._exactly(length, until)

    def _exactly(self, count: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self.settimeout(max(0.001, until - time.monotonic()))
            piece = self._socket.recv(min(count - len(data), 1 << 20))
            if not piece:
                raise ConnectionAbortedError("REAPER hung up")
            data += piece
        return bytes(data)

    def _connect(self, port: int, host: str) -> None:
        try:
            self.settimeout(CONNECT_S)
            self.connect((host, port))
            self.address = self._greeting()
        except BaseException:
            self.close()
            raise
        self._greeted = True

    def _greeting(self) -> str:
        """Our own address, which is how the server greets."""
        greeting = self.recv().decode("ascii", "replace")
        if not greeting.startswith("('"):
            raise NotTheBridge(greeting)
        return greeting

    def _get_result(self) -> object:
        """An answer as plain JSON; reapy's own reading of it imports whatever it names."""
        try:
            answer = json.loads(self.recv())
        except ValueError as error:
            raise NotTheBridge("an answer that is not JSON") from error
        if not isinstance(answer, dict) or answer.get("type") not in ("result", "error"):
            raise NotTheBridge("an answer of another form")
        return answer
