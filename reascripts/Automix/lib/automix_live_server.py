"""reapy's server, made fit for a program that must never wait and must not do as it is told.

reapy's own listens to the whole network, runs any function of any module and waits for clients
without end. Here it listens to this machine alone and resolves reapy's own connect call and the
functions it is given, each of which must be called with the token of this session. Requests are
taken when they are whole, answers given up when nobody reads them; HOLD, in which REAPER's window
stands still, is for clients that know the token, and ends by itself.

The wire is reapy's: eight bytes of length, little endian, then JSON.
"""

from __future__ import annotations

import hmac
import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from reapy.tools.network.server import Server
from reapy.tools.network.socket import Socket

Address = tuple[str, int]
Request = dict[str, Any]

HOST = "127.0.0.1"
MODULE = "automix_live"
"""The module that clients name before a function of ours."""

CONNECT = ("reapy.reascript_api", "_get_api_names")
"""What a plain reapy client asks when it connects: the names it may call. There are none."""

MOST_CLIENTS = 8
MOST_BYTES = 1 << 26
STRANGER_S = 5.0
"""A client that has not shown the token by then is hung up on."""
HOLD_S = 5.0
SEND_S = 2.0
PAUSE_S = 0.001
_PIECE_BYTES = 1 << 16
_LENGTH_BYTES = 8


class Refused(Exception):
    """A sentence for the user: why what was asked is not done."""


class Inbox:
    """What a client has sent so far; hands out whole requests and never waits for the rest."""

    def __init__(self, connection: Socket) -> None:
        self._connection = connection
        self._data = bytearray()

    def take(self) -> bytes | None:
        """The next whole request; ``OSError`` when the client is gone or sends nonsense."""
        self._connection.settimeout(0.0)
        if not self._whole():
            self._read()
        return self._cut() if self._whole() else None

    def _read(self) -> None:
        try:
            while not self._whole():
                piece = self._connection._socket.recv(_PIECE_BYTES)
                if not piece:
                    raise ConnectionAbortedError
                self._data += piece
        except BlockingIOError:
            return

    def _length(self) -> int:
        length = int.from_bytes(self._data[:_LENGTH_BYTES], "little")
        if length > MOST_BYTES:
            raise ConnectionAbortedError
        return length

    def _whole(self) -> bool:
        head = len(self._data) >= _LENGTH_BYTES
        return head and len(self._data) >= _LENGTH_BYTES + self._length()

    def _cut(self) -> bytes:
        end = _LENGTH_BYTES + self._length()
        request = bytes(self._data[_LENGTH_BYTES:end])
        del self._data[:end]
        return request


class LiveServer(Server):
    """Serves functions by name to clients that know the token, one request each per tick."""

    def __init__(self, token: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        """At a free port of this machine, ``port``."""
        Socket.__init__(self)  # Server's own binds a fixed port of every network
        self.bind((HOST, 0))
        self.listen()
        self.settimeout(0.0001)
        self.port: int = self._socket.getsockname()[1]
        self.connections: dict[Address, Socket] = {}
        self._token = token.encode()
        self._functions = functions
        self._inboxes: dict[Address, Inbox] = {}
        self._strangers: dict[Address, float] = {}
        self._held = False

    def serve(self) -> None:
        """Take what has come since the last tick, and answer it."""
        self.accept()
        self._send_off_strangers()
        self.send_results(self.process_requests(self.get_requests()))

    def hang_up(self) -> None:
        """Close every connection and the port."""
        for address in list(self.connections):
            self.disconnect(address)
        self.close()

    def accept(self) -> None:
        """Greet whoever came, unless too many are here already."""
        try:
            accepted = super().accept()
        except OSError:  # came and went; what is registered of it is found out when read
            return
        if accepted is None:
            return
        connection, address = accepted
        self._inboxes[address] = Inbox(connection)
        self._strangers[address] = time.monotonic() + STRANGER_S
        if len(self.connections) > MOST_CLIENTS:
            self.disconnect(address)

    def disconnect(self, address: Address) -> None:
        """Hang up on a client, gone or not."""
        connection = self.connections.pop(address, None)
        self._inboxes.pop(address, None)
        self._strangers.pop(address, None)
        if connection is None:
            return
        with suppress(OSError):  # it hung up first
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def get_requests(self) -> dict[Address, Request]:
        """The next whole request of every client that has one."""
        found = ((address, self._get_request(None, address)) for address in list(self.connections))
        return {address: request for address, request in found if request is not None}

    def _get_request(self, connection: object, address: Address) -> Request | None:
        try:
            data = self._inboxes[address].take()
            return None if data is None else _request(data)
        except (OSError, KeyError):
            self.disconnect(address)
        return None

    def _process_request(self, request: Request, address: Address) -> dict[str, Any]:
        """The answer to a request: a value, a sentence that refuses, or a bug's traceback."""
        try:
            call = self._resolved(request, address)
        except Refused as refusal:
            return {"type": "result", "value": {"refused": str(refusal)}}
        return super()._process_request(call, address)

    def _resolved(self, request: Request, address: Address) -> Request:
        """The request with its function; only names in our tables lead to one."""
        name, arguments = request.get("function"), _arguments(request)
        if name == "HOLD":
            return self._hold(address)
        if _callable_name(name) == CONNECT:
            return {"function": list, "input": {"args": [], "kwargs": {}}}
        module, function = _callable_name(name)
        if module != MODULE or function not in self._functions:
            raise Refused("The live bridge has no such function.")
        self._admit(arguments[:1], address)
        call = _answering(self._functions[function])
        return {"function": call, "input": {"args": arguments[1:], "kwargs": {}}}

    def _admit(self, token: list[Any], address: Address) -> None:
        if not hmac.compare_digest(str(*token).encode("utf-8", "replace"), self._token):
            raise Refused("The live bridge does not know this token.")
        self._strangers.pop(address, None)

    def _hold(self, address: Address) -> Request:
        if address in self._strangers or self._held:
            raise Refused("The live bridge does not hold REAPER for this client.")
        return {"function": "HOLD"}

    def _hold_connection(self, address: Address) -> dict[str, Any]:
        """Serve one client alone, until it lets go, is gone, or its time is up."""
        until = time.monotonic() + HOLD_S
        released = {"type": "result", "value": None}
        self._held = True
        try:
            self._send_result(self.connections[address], released)
            while address in self.connections and time.monotonic() < until:
                request = self._get_request(None, address)
                if request is None:
                    time.sleep(PAUSE_S)
                elif request.get("function") == "RELEASE":
                    return released
                else:
                    self.send_results(self.process_requests({address: request}))
        finally:
            self._held = False
        self.disconnect(address)
        return released

    def _send_result(self, connection: Socket, result: dict[str, Any]) -> None:
        """Send an answer; a client that does not read it is hung up on."""
        try:
            data = json.dumps(result).encode()
        except (TypeError, ValueError) as error:
            answer = {"type": "error", "traceback": f"the answer is not JSON: {error}"}
            data = json.dumps(answer).encode()
        try:
            connection.settimeout(SEND_S)
            connection.send(data)
        except OSError:
            gone = [address for address, one in self.connections.items() if one is connection]
            for address in gone:
                self.disconnect(address)

    def _send_off_strangers(self) -> None:
        now = time.monotonic()
        for address in [one for one, until in self._strangers.items() if now > until]:
            self.disconnect(address)


def _request(data: bytes) -> Request:
    """A request as plain JSON; reapy's own reading of it imports whatever it names."""
    try:
        request = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}


def _callable_name(function: object) -> tuple[str, str]:
    """Module and name of a function as reapy sends it."""
    if not isinstance(function, dict):
        return "", ""
    return str(function.get("module_name")), str(function.get("name"))


def _arguments(request: Request) -> list[Any]:
    given = request.get("input")
    arguments = given.get("args") if isinstance(given, dict) else None
    return arguments if isinstance(arguments, list) else []


def _answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, refusing with a sentence instead of a traceback."""

    def answer(*arguments: object) -> object:
        try:
            return function(*arguments)
        except Refused as refusal:
            return {"refused": str(refusal)}

    return answer
