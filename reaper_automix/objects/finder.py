"""Finds the objects of a scene; how alike its tracks are is remembered by their keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from reaper_automix.features.excerpts import Excerpts
from reaper_automix.features.trace import Sketch
from reaper_automix.memory import Memory
from reaper_automix.objects import grouping
from reaper_automix.objects.likeness import Likeness, compare
from reaper_automix.objects.model import NOTHING, Objects
from reaper_automix.objects.verdicts import Named
from reaper_automix.progress import Beat, unheeded
from reaper_automix.roles import STEM_OF, guess
from reaper_automix.scene import Scene
from reaper_automix.session import Session, Track

ANALYSIS = 1
"""Raised whenever the same sources are found to be alike otherwise."""

SURE = 0.5
"""A role less sure than this is none."""


def find(
    scene: Scene,
    keys: Mapping[str, str],
    memory: Memory,
    sketches: Callable[[], Mapping[str, Sketch]],
    beat: Beat = unheeded,
) -> Objects:
    """The objects among the tracks that sound; ``keys`` are those of their items, by track.

    ``sketches`` are only asked for where it is not known how alike these tracks are. ``beat`` is
    called while they are compared, and may raise to stop that.
    """
    if scene.settings.objects == "off":
        return NOTHING
    key = _key(keys)
    likenesses = memory.likenesses(key)
    if likenesses is None:
        heard = sketches()
        excerpts = {track: heard[track].excerpts for track in keys if track in heard}
        likenesses = _compared(excerpts, memory, beat)
        memory.remember_likenesses(key, likenesses)
    return grouping.group(_named(scene.session, likenesses), likenesses)


def recall(scene: Scene, keys: Mapping[str, str], memory: Memory) -> Objects:
    """The objects as far as an earlier balance has heard the same tracks."""
    likenesses = memory.likenesses(_key(keys))
    if scene.settings.objects == "off" or likenesses is None:
        return NOTHING
    return grouping.group(_named(scene.session, likenesses), likenesses)


def _compared(excerpts: Mapping[str, Excerpts], memory: Memory, beat: Beat) -> tuple[Likeness, ...]:
    """How alike the tracks are: only what changed since they were compared last is compared."""
    key = _key(dict.fromkeys(excerpts, "latest"))
    compared = compare(excerpts, beat, memory.compared(key))
    memory.remember_compared(key, compared)
    return compared.likenesses


def _key(keys: Mapping[str, str]) -> str:
    content = msgspec.json.encode(("likenesses", ANALYSIS, sorted(keys.items())))
    return hashlib.sha256(content).hexdigest()


def _named(session: Session, likenesses: Collection[Likeness]) -> list[Named]:
    """The tracks that have something in common with another one, in project order."""
    alike = {one for likeness in likenesses for one in likeness.ids}
    return [_name(session, track) for track in session.tracks if track.id in alike]


def _name(session: Session, track: Track) -> Named:
    folders = tuple(_folders(session, track))[::-1]
    guessed = guess(track.name, folders)
    if guessed.role is None or guessed.confidence < SURE:
        return Named(track.id, track.name)
    return Named(track.id, track.name, guessed.role, STEM_OF[guessed.role])


def _folders(session: Session, track: Track) -> Iterator[str]:
    """Names of the folders around a track, the innermost first."""
    while track.parent_id is not None:
        track = session.track(track.parent_id)
        yield track.name
