"""Effect chains: ``<FXCHAIN`` of a track, ``<TAKEFX``, ``<MASTERFXLIST``, and containers inside.

A line ``BYPASS bypassed offline`` stands before each effect; a container's own bypass goes for all
that is in it. An instrument says so in the prefix of its name (``VSTi: …``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reaper_automix.rpp import Node, fields, readable, whole
from reaper_automix.session import Fx

EFFECTS = frozenset({"VST", "AU", "DX", "JS", "LV2", "CLAP"})
"""Blocks that change the sound; ``VIDEO_EFFECT`` does not."""


@dataclass(slots=True)
class _Level:
    """A chain being read: whether it sounds, and whether its next effect does."""

    entries: Iterator[str | Node]
    active: bool
    next_active: bool


def read_fx(chain: Node | None, *, active: bool = True) -> tuple[Fx, ...]:
    """The effects of a chain in their order, those in containers too; ``None`` is no chain."""
    found: list[Fx] = []
    if chain is None:
        return ()
    levels = [_Level(iter(chain.body), active, active)]
    while levels:
        level = levels[-1]
        entry = next(level.entries, None)
        if entry is None:
            levels.pop()
        elif isinstance(entry, str):
            _follow_bypass(level, fields(entry))
        else:
            sounds, level.next_active = level.next_active, level.active
            if entry.name == "CONTAINER":
                levels.append(_Level(iter(entry.body), sounds, sounds))
            elif entry.name in EFFECTS:
                found.append(_effect(entry, sounds))
    return tuple(found)


def _follow_bypass(level: _Level, row: list[str]) -> None:
    if row and row[0] == "BYPASS":
        level.next_active = level.active and whole(row, 1) == 0 and whole(row, 2) == 0


def _effect(node: Node, active: bool) -> Fx:
    name = readable("".join(node.arguments[:1]))
    prefix, colon, _ = name.partition(":")
    if not colon:
        return Fx(f"{node.name}: {name}", active=active)
    return Fx(name, active=active, instrument=prefix.partition(" ")[0].endswith("i"))
