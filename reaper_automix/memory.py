"""What was measured is known again: in this process, in the next one, and in any other.

A :class:`Memory` holds what was used last in RAM, over a :class:`~reaper_automix.cache.Store` that
the command line, the worker and the live bridge share. What it is asked for by are keys
(:mod:`reaper_automix.keys`), which change with everything that is heard; so nothing in here is ever
out of date, and all of it may go at any time.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from reaper_automix import cache
from reaper_automix.cache.kinds import (
    COMPARED,
    HEADERS,
    KNOWN,
    LIKENESSES,
    MEASUREMENT,
    POWERS,
    SKETCH,
    Header,
    Headers,
    Kind,
    Likenesses,
)
from reaper_automix.cache.store import Store
from reaper_automix.features.trace import Sketch
from reaper_automix.keys import folder_key, stamp
from reaper_automix.measurement import Measurement
from reaper_automix.objects.likeness import NOTHING_COMPARED, Compared
from reaper_automix.render.survey import Found, Probe
from reaper_automix.results import SumLevel
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.sums.known import Known

T = TypeVar("T")

HELD_BYTES = 256 * 2**20
"""What is held in RAM: some thousand measurements, or the sketches of 170 songs of four minutes."""


def opened() -> Memory:
    """The user's memory, which all programs of this user share."""
    return Memory(cache.kept())


class Memory:
    """Everything that was found out by listening, by key; several threads may use it."""

    def __init__(self, store: Store | None = None, most_bytes: int = HELD_BYTES) -> None:
        self._store = store
        self._held = _Held(most_bytes)

    def recall(self, key: str) -> Measurement | None:
        """What was measured of a source, if it was."""
        return self._get(MEASUREMENT, key)

    def remember(self, key: str, measurement: Measurement, sketch: Sketch | None = None) -> None:
        """Keep what was measured of a source; of a sum nobody needs the sketch."""
        if sketch is not None:
            self._put(SKETCH, key, sketch)
        self._put(MEASUREMENT, key, measurement)

    def sketch(self, key: str) -> Sketch | None:
        """The sketch of a source; it may be gone when the measurement is still there."""
        return self._get(SKETCH, key)

    def recall_powers(self, key: str) -> CrossPowers | None:
        """How the sources of a node add up, if that was found out."""
        return self._get(POWERS, key)

    def remember_powers(self, key: str, powers: CrossPowers) -> None:
        """Keep how the sources of a node add up."""
        self._put(POWERS, key, powers)

    def likenesses(self, key: str) -> Likenesses | None:
        """How alike the sources of a session are, if that was found out."""
        return self._get(LIKENESSES, key)

    def remember_likenesses(self, key: str, likenesses: Likenesses) -> None:
        """Keep how alike the sources of a session are."""
        self._put(LIKENESSES, key, likenesses)

    def compared(self, key: str) -> Compared:
        """What comparing some tracks found the last time; nothing at first."""
        return self._get(COMPARED, key) or NOTHING_COMPARED

    def remember_compared(self, key: str, compared: Compared) -> None:
        """Keep that for the next time."""
        self._put(COMPARED, key, compared)

    def known(self, key: str) -> Known:
        """The states under which a node was played; none at first."""
        return self._get(KNOWN, key) or Known()

    def learn(self, key: str, gains: Mapping[str, float], level: SumLevel) -> None:
        """Keep what the sum of a node was, played under these faders (all of the session's)."""
        before = self.known(key)
        after = before.learn(gains, level)
        if after != before:
            self._put(KNOWN, key, after)

    def headers(self, files: Iterable[str], probe: Probe) -> dict[str, Found]:
        """What media files are; only those that are new or changed are opened, by ``probe``.

        What cannot be read is tried again every time: no file tells that it may be read by now.
        """
        found: dict[str, Found] = {}
        for folder, inside in _by_folder(files).items():
            key = folder_key(folder)
            known = self._get(HEADERS, key) or {}
            now = {file: _looked_up(file, known.get(file), probe) for file in inside}
            if new := {file: now[file] for file in inside if _is_new(now[file], known.get(file))}:
                self._put(HEADERS, key, _still_there(known) | new)
            found |= {file: header.info for file, header in now.items()}
        return found

    def _get(self, kind: Kind[T], key: str) -> T | None:
        value = self._held.get(kind, key)
        if value is None and self._store:
            value = self._store.get(kind, key)
            if value is not None and kind.is_held:
                self._held.put(kind, key, value)
        return value

    def _put(self, kind: Kind[T], key: str, value: T) -> None:
        is_stored = self._store is not None and self._store.put(kind, key, value)
        if kind.is_held or not is_stored:
            self._held.put(kind, key, value)


class _Held:
    """Values in RAM; those that were not asked for longest are forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._values: OrderedDict[tuple[str, str], tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, kind: Kind[T], key: str) -> T | None:
        place = kind.name, key
        with self._lock:
            if place not in self._values:
                return None
            self._values.move_to_end(place)
            return cast(T, self._values[place][0])

    def put(self, kind: Kind[T], key: str, value: T) -> None:
        place, weight = (kind.name, key), kind.weigh(value)
        with self._lock:
            self._bytes += weight - self._values.pop(place, (None, 0))[1]
            self._values[place] = value, weight
            while self._bytes > self._most_bytes:
                self._bytes -= self._values.popitem(last=False)[1][1]


def _by_folder(files: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for file in files:
        folders.setdefault(file.rpartition(os.sep)[0], []).append(file)
    return folders


def _looked_up(file: str, known: Header | None, probe: Probe) -> Header:
    """What a file is by now, opened only where that is not known."""
    now = stamp(file)
    return known if known and known.stamp == now else Header(now, probe(file))


def _is_new(header: Header, known: Header | None) -> bool:
    return header is not known and header.is_kept


def _still_there(known: Headers) -> Headers:
    return {file: header for file, header in known.items() if stamp(file) == header.stamp}
