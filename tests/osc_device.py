"""A stand-in for REAPER's OSC device, as strict as REAPER is (facts.md, 7; reapy.md, 4).

Volumes are REAPER's own: dB in, ganged over selected tracks; 8 tracks are told of until a count is
set; a changed value is told once and never under the address it was written to; a message with any
type but i, f and s, or longer than 1024 bytes, is ignored whole.
"""

import select
import socket
import threading
import time
from dataclasses import dataclass, field

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from reaper_automix.osc.wire import Message, bundles

LARGEST_BYTES = 1024
TICK_S = 0.002
REST_S = 0.0
"""REAPER's is 10 ms after every packet."""

UNSELECT_ALL = 40297


@dataclass
class Strip:
    name: str
    level_db: float = 0.0
    selected: bool = False


@dataclass
class FakeDevice:
    """REAPER's side; ``lose`` says which of its datagrams never arrive, by their number."""

    strips: list[Strip]
    lose: object = lambda number: False
    told_to: tuple[str, int] | None = None
    count: int = 8
    actions: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = self._socket.getsockname()
        self._changed, self._sent = {}, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _run(self):
        while not self._over.is_set():
            while select.select([self._socket], [], [], TICK_S)[0]:
                self._take(self._socket.recv(65_507))
            self._tell()

    def _take(self, datagram):
        self.sizes.append(len(datagram))
        if not OscBundle.dgram_is_bundle(datagram):
            self._obey(datagram)
            return
        for message in OscBundle(datagram):
            if isinstance(message, OscMessage):
                self._obey(message.dgram)

    def _obey(self, datagram):
        message = OscMessage(datagram)
        tags = datagram[datagram.index(b",") + 1 :].split(b"\0")[0].decode()
        if len(datagram) > LARGEST_BYTES or set(tags) - set("ifs") or len(tags) != 1:
            return
        match message.address.strip("/").split("/"), tags:
            case ["action"], "i":
                self._act(message.params[0])
            case ["device", "track", "count"], "i":
                self.count = message.params[0]
                self._changed = dict.fromkeys(range(1, len(self.strips) + 1))
            case ["track", number, "volume", "db"], "f":
                self._set(int(number), message.params[0], message.address)

    def _act(self, command):
        self.actions.append(command)
        if command == UNSELECT_ALL:
            for strip in self.strips:
                strip.selected = False

    def _set(self, number, level_db, address):
        if not 1 <= number <= len(self.strips):
            return
        self.written.append(number)
        moved = {number}
        if self.strips[number - 1].selected:
            moved |= {n for n, strip in enumerate(self.strips, 1) if strip.selected}
        for one in moved:
            if self.strips[one - 1].level_db != level_db:
                self.strips[one - 1].level_db = level_db
                self._changed[one] = address if one == number else ""

    def _tell(self):
        told = [
            message
            for number, written in self._changed.items()
            if number <= self.count
            for message in self._of(number, written)
        ]
        self._changed = {}
        for datagram in bundles(told):
            self._sent += 1
            if self.told_to and not self.lose(self._sent):
                self._socket.sendto(datagram, self.told_to)
                time.sleep(REST_S)

    def _of(self, number, written):
        strip, track = self.strips[number - 1], f"/track/{number}"
        if written is None:
            yield Message(f"{track}/name", (strip.name,))
            yield Message(f"{track}/pan", (0.5,))
        level = strip.level_db
        yield Message(f"{track}/volume", (0.5,))
        if written != f"{track}/volume/db":
            yield Message(f"{track}/volume/db", (max(level, -150.0),))
        yield Message(f"{track}/volume/str", (f"{level:+.2f}dB" if level > -144 else "-inf dB",))


def message(address, *arguments):
    """One message with arguments as python-osc types them, also those that REAPER ignores."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram
