"""Control surfaces and phones: what they may ask for, and what they are told.

:data:`ADDRESSES` lists both. A button sends 1 when it is pressed and 0 when it is let go, which
does nothing. One thing is done at a time; what arrives meanwhile is dropped, so that a button hit
twice balances once.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from reaper_automix.errors import AutomixError, OutputError
from reaper_automix.osc.wire import LARGEST_DATAGRAM_BYTES, Argument, Message, bundles, parse
from reaper_automix.progress import Progress

ADDRESSES = """\
In:   /automix/balance [1 | "selected" | "all"]  balance the selected tracks, or all
      /automix/stem [1 | NAME]                   put the selected tracks into a folder
      /automix/undo [1]                          undo the last step if it is one of ours
      /automix/before_after [1]                  switch between before and after
Out:  /automix/progress DONE WHAT                0 to 1, and what is being done
      /automix/track/N/move_db DB                how far a track was moved
      /automix/message TEXT                      what was done, or why not"""
"""What surfaces send and get."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Peer = tuple[str, int]
Scope = Literal["selected", "all"]

LOOPBACK: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)

PORT = 9010
"""Where we listen; 8000 and 9000 are REAPER's own by default."""

MOST_PEERS = 8
"""Surfaces that are told; with more, those that were silent longest are forgotten."""

LONGEST_TEXT = 200
"""Characters of a text, which keep it within one small packet."""

PROGRESS_EVERY_S = 0.1

LOOK_UP_S = 0.2
"""How often it is looked whether to end; on Windows Ctrl-C does not end a wait for packets."""

STEM_NAME = "Stem"
"""The folder's name when a mere button is pressed."""


@dataclass(frozen=True, slots=True)
class TrackMove:
    """How far the track of this number (1 is the topmost) was moved."""

    track: int
    move_db: float


class Desk(Protocol):
    """What surfaces work on: the project open in REAPER. Each method says what was done.

    AutomixError is what a user can put right.
    """

    def balance(self, scope: Scope, progress: Progress) -> tuple[str, Sequence[TrackMove]]:
        """Balance tracks, and how far they were moved."""

    def stem(self, name: str) -> str:
        """Put the selected tracks into a folder of that name."""

    def undo(self) -> str:
        """Undo the last step if it is one of ours."""

    def before_after(self) -> str:
        """Switch between the states before and after the last balance."""


class Surface:
    """Does what the surfaces ask for; ``send`` is how a datagram goes to one of them.

    ``answer_port`` is where surfaces listen, by default the port that each sends from.
    """

    def __init__(
        self,
        desk: Desk,
        send: Callable[[bytes, Peer], object],
        *,
        allowed: Sequence[Network] = LOOPBACK,
        answer_port: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._send = send
        self._allowed = allowed
        self._answer_port = answer_port
        self._clock = clock
        self._peers: list[Peer] = []
        self._told_s = -PROGRESS_EVERY_S

    def receive(self, datagram: bytes, sender: Peer) -> bool:
        """Do the first thing that a datagram asks for; whether it asked for anything.

        Whatever is malformed, unknown, or from somebody who is not allowed, does nothing.
        """
        if not self._is_allowed(sender):
            return False
        asked = next(filter(None, map(self._asked, parse(datagram))), None)
        if asked is None:
            return False
        self._remember((sender[0], self._answer_port or sender[1]))
        try:
            said = asked()
        except AutomixError as error:
            said = str(error)
        self._tell([Message("/automix/message", (_sendable(said),))])
        return True

    def _is_allowed(self, sender: Peer) -> bool:
        address = ipaddress.ip_address(sender[0].partition("%")[0])
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in network for network in self._allowed)

    def _asked(self, message: Message) -> Callable[[], str] | None:
        """What a message asks for; ``None`` for nothing."""
        if message.address not in _COMMANDS:
            return None
        read, do = _COMMANDS[message.address]
        what = read(message.arguments)
        return None if what is None else partial(do, self, what)

    def _balance(self, scope: str) -> str:
        said, moved = self._desk.balance("all" if scope == "all" else "selected", self._progress)
        self._tell(Message(f"/automix/track/{one.track}/move_db", (one.move_db,)) for one in moved)
        self._tell([Message("/automix/progress", (1.0, ""))])
        return said

    def _stem(self, name: str) -> str:
        return self._desk.stem(name)

    def _undo(self, _: str) -> str:
        return self._desk.undo()

    def _before_after(self, _: str) -> str:
        return self._desk.before_after()

    def _progress(self, stage: str, done: float, total: float, what: str = "") -> None:
        now_s = self._clock()
        if now_s - self._told_s < PROGRESS_EVERY_S:
            return
        self._told_s = now_s
        text = _sendable(f"{stage} {what}".strip())
        share = min(1.0, done / total) if total > 0.0 else 0.0
        self._tell([Message("/automix/progress", (share, text))])

    def _remember(self, peer: Peer) -> None:
        others = [known for known in self._peers if known != peer]
        self._peers = [*others, peer][-MOST_PEERS:]

    def _tell(self, messages: Iterable[Message]) -> None:
        datagrams = list(bundles(messages))
        for peer in self._peers:
            # A surface that cannot be reached any more must not end what the others asked for.
            with suppress(OSError):
                for datagram in datagrams:
                    self._send(datagram, peer)


Arguments = tuple[Argument, ...]


def _sendable(text: str) -> str:
    """A text that fits into a packet; OSC ends one at a NUL, and half a character is none."""
    return text.replace("\0", " ")[:LONGEST_TEXT].encode(errors="replace").decode()


def _press(arguments: Arguments) -> str | None:
    """An empty text for a button that is pressed: nothing at all, or one number above zero."""
    if len(arguments) > 1:
        return None
    number = arguments[0] if arguments else 1
    return "" if not isinstance(number, str) and number > 0 else None


def _scope(arguments: Arguments) -> str | None:
    if arguments in (("all",), ("selected",)):
        return str(arguments[0])
    return "selected" if _press(arguments) is not None else None


def _stem_name(arguments: Arguments) -> str | None:
    if _press(arguments) is not None:
        return STEM_NAME
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        return None
    name = arguments[0].strip()[:LONGEST_TEXT]
    return name if name.isprintable() and name else None


_COMMANDS: Mapping[str, tuple[Callable[[Arguments], str | None], Callable[[Surface, str], str]]] = {
    "/automix/balance": (_scope, Surface._balance),
    "/automix/stem": (_stem_name, Surface._stem),
    "/automix/undo": (_press, Surface._undo),
    "/automix/before_after": (_press, Surface._before_after),
}
"""By address: what its arguments mean (``None`` for nothing), and what is done with that."""


def listening(host: str, port: int) -> socket.socket:
    """A socket for a surface's packets; raises OutputError where there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_DGRAM)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        why = error.strerror or str(error)
        raise OutputError(
            f"Port {port} of {host} cannot be listened to ({why}); end what uses it, or choose "
            "another port."
        ) from error
    return found


def serve(surface: Surface, received: socket.socket, is_over: Callable[[], bool]) -> None:
    """Do what surfaces ask for; what arrives while something is done is dropped."""
    received.settimeout(LOOK_UP_S)
    while not is_over():
        try:
            datagram, sender = received.recvfrom(LARGEST_DATAGRAM_BYTES)
        except OSError:
            # Nothing came for a while; or Windows tells that a surface which was answered is gone.
            continue
        if surface.receive(datagram, sender[:2]):
            _drop_waiting(received)


def _drop_waiting(received: socket.socket) -> None:
    received.settimeout(0.0)
    with suppress(BlockingIOError):
        while True:
            received.recvfrom(LARGEST_DATAGRAM_BYTES)
    received.settimeout(LOOK_UP_S)
