"""Faders pushed to REAPER's own OSC device, and waited for until REAPER says that they stand.

What binds (facts.md, section 7, and reapy.md, section 4; REAPER's code in its public SDK):

- ``/track/N/volume/db`` moves all *selected* tracks along, so all are unselected first.
- Feedback is for 8 tracks until ``/device/track/count`` says otherwise, which also makes REAPER
  tell everything again. The address that was written is not told back; ``/volume/str`` is.
- UDP loses packets without a word, so only what REAPER has told back counts as done.
- Tracks have numbers and no ids: a track whose name is not the one expected is left alone.
"""

from __future__ import annotations

import math
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from reaper_automix.errors import InputError
from reaper_automix.osc.surface import Peer
from reaper_automix.osc.wire import LARGEST_DATAGRAM_BYTES, Argument, Message, bundles, parse
from reaper_automix.session import Session
from reaper_automix.units import db_from_gain

UNSELECT_ALL_TRACKS = 40297

SILENCE_DB = -150.0
"""What stands for a closed fader; REAPER shows minus infinity from about -144 dB down."""

CLOSED_BELOW_DB = -144.0

TOLERANCE_DB = 0.02
"""REAPER tells a level in hundredths of a dB."""

SLOWNESS_S = 0.02
"""For each track on top of the timeout: REAPER rests for 10 ms after every packet that it sends."""

TRIES = 3

_FEEDBACK = re.compile(r"/track/(\d{1,5})/(name|volume/str|volume/db)")
_LEVEL = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Fader:
    """Where the fader of the track of this number (1 is the topmost) shall stand.

    ``name`` is the track's; empty for one that REAPER calls by its number.
    """

    track: int
    name: str
    level_db: float

    def __post_init__(self) -> None:
        if self.track < 1 or math.isnan(self.level_db) or self.level_db == math.inf:
            raise ValueError(f"track {self.track} cannot stand at {self.level_db} dB")


def faders_of(session: Session) -> tuple[Fader, ...]:
    """The faders of a session's tracks as they stand in it."""
    return tuple(
        Fader(number, track.name, db_from_gain(track.fader_gain))
        for number, track in enumerate(session.tracks, start=1)
    )


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A fader that REAPER did not say stands where it shall, and why."""

    fader: Fader
    why: str


@dataclass(slots=True)
class Strip:
    """What REAPER told of one track."""

    name: str | None = None
    level_db: float | None = None


@dataclass(slots=True)
class Device:
    """REAPER's OSC device: ``to`` is where it receives, ``socket`` where it sends to."""

    socket: socket.socket
    to: Peer
    timeout_s: float = 2.0
    strips: dict[int, Strip] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """The device itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def push(self, faders: Sequence[Fader]) -> tuple[Unconfirmed, ...]:
        """Move faders; those that REAPER has not confirmed, none when all stand.

        Raises InputError when REAPER tells nothing at all.
        """
        if not faders:
            return ()
        for _ in range(TRIES):
            self._ask(faders)
            waiting = [fader for fader in faders if self._is_due(fader)]
            if not waiting:
                break
            self._send([Message("/action", (UNSELECT_ALL_TRACKS,))])
            self._send(_written(fader) for fader in waiting)
            self._listen(waiting, lambda fader: not self._is_due(fader))
        return tuple(
            Unconfirmed(fader, why)
            for fader in faders
            if (why := self._obstacle(fader)) is not None
        )

    def _ask(self, faders: Sequence[Fader]) -> None:
        """Have REAPER tell names and levels of all tracks up to the last one that is meant."""
        self.strips.clear()
        self._send([Message("/device/track/count", (max(fader.track for fader in faders),))])
        self._listen(faders, self._is_known)
        if not self.strips:
            raise InputError(
                f"REAPER tells nothing from {self.to[0]}:{self.to[1]}: add a control surface of "
                "mode OSC in its preferences, with these ports, that receives and sends."
            )

    def _is_known(self, fader: Fader) -> bool:
        strip = self.strips.get(fader.track)
        return strip is not None and None not in (strip.name, strip.level_db)

    def _is_due(self, fader: Fader) -> bool:
        """Whether a fader is to be moved: the track is the one meant and stands elsewhere."""
        strip = self.strips.get(fader.track)
        return strip is not None and _is_named(strip, fader) and not _stands(strip, fader)

    def _obstacle(self, fader: Fader) -> str | None:
        strip = self.strips.get(fader.track)
        if strip is None:
            return "REAPER tells nothing of this track"
        if not _is_named(strip, fader):
            return f"REAPER calls it {strip.name}" if strip.name else "REAPER tells no name"
        if _stands(strip, fader):
            return None
        return "REAPER tells no level" if strip.level_db is None else f"at {strip.level_db:.2f} dB"

    def _send(self, messages: Iterable[Message]) -> None:
        for datagram in bundles(messages):
            self.socket.sendto(datagram, self.to)

    def _listen(self, faders: Sequence[Fader], is_done: Callable[[Fader], bool]) -> None:
        """Take in what REAPER tells until it is enough for every fader, or for long enough."""
        deadline = time.monotonic() + self.timeout_s + SLOWNESS_S * len(faders)
        while not all(map(is_done, faders)) and (left_s := deadline - time.monotonic()) > 0.0:
            self.socket.settimeout(left_s)
            with suppress(OSError):
                datagram, sender = self.socket.recvfrom(LARGEST_DATAGRAM_BYTES)
                if sender[0] == self.to[0]:
                    self._take_in(parse(datagram))

    def _take_in(self, messages: Iterable[Message]) -> None:
        for message in messages:
            found = _FEEDBACK.fullmatch(message.address)
            if found and len(message.arguments) == 1:
                strip = self.strips.setdefault(int(found[1]), Strip())
                _NOTERS[found[2]](strip, message.arguments[0])


def level_db(text: Argument) -> float | None:
    """The level that a text of REAPER's says, in dB; ``None`` where it says none.

    >>> level_db("-6.02dB"), level_db("+3.00 dB"), level_db("-inf dB"), level_db("?")
    (-6.02, 3.0, -inf, None)
    """
    if not isinstance(text, str):
        return float(text)
    found = _LEVEL.match(text)
    if found is None:
        return -math.inf if "inf" in text else None
    return float(found[1])


def _note_name(strip: Strip, argument: Argument) -> None:
    strip.name = str(argument)


def _note_level(strip: Strip, argument: Argument) -> None:
    strip.level_db = level_db(argument)


_NOTERS: Mapping[str, Callable[[Strip, Argument], None]] = {
    "name": _note_name,
    "volume/str": _note_level,
    "volume/db": _note_level,
}


def _written(fader: Fader) -> Message:
    return Message(f"/track/{fader.track}/volume/db", (max(fader.level_db, SILENCE_DB),))


def _is_named(strip: Strip, fader: Fader) -> bool:
    return strip.name is not None and fader.name in ("", strip.name)


def _stands(strip: Strip, fader: Fader) -> bool:
    if strip.level_db is None:
        return False
    if fader.level_db <= CLOSED_BELOW_DB:
        return strip.level_db <= CLOSED_BELOW_DB
    return abs(strip.level_db - fader.level_db) <= TOLERANCE_DB
