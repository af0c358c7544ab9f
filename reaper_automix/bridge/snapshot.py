"""A snapshot over the bridge, read as if it were a project file.

REAPER gives tracks as the state chunks that it would save, and values of the project by name. Put
together these are an ``.RPP``, less what is bulky and never read, so the reader of projects reads
it. What differs: a chunk may name media absolutely that the file names relative to the project.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reaper_automix import rpp
from reaper_automix.adapters import project
from reaper_automix.adapters.project.edit import track_nodes
from reaper_automix.bridge import memory
from reaper_automix.bridge.memory import Before
from reaper_automix.controls import Control, ControlGain
from reaper_automix.rpp import Node, fields, quote, real, whole
from reaper_automix.session import Session
from reaper_automix.units import gain_from_db

TRIM_PLUGIN, TRIM_NAME = "utility/volume", "Automix trim"
FACTORS: Mapping[str, Control] = {"automix_items": "items", "automix_envelope": "envelope"}
"""Keys of a track's own ext state, in which actions keep what is on other controls."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A project as REAPER has it at one moment.

    ``project`` names it to REAPER, ``changes`` counts what was changed in it so far; ``tree`` is
    its ``.RPP``. ``held`` is what earlier balances put on controls other than the fader,
    ``fader_max_db`` the top of this user's faders.
    """

    project: str
    path: str
    changes: int
    tree: Node
    session: Session
    before: Before | None
    held: tuple[ControlGain, ...]
    fader_max_db: float

    def share(self, track_id: str) -> float:
        """What a track's other controls add to its fader, as a linear factor."""
        return math.prod(held.gain for held in self.held if held.track_id == track_id)


def read(answer: Mapping[str, Any]) -> Snapshot:
    """The snapshot in the answer of the bridge."""
    path = Path(answer["path"] or Path.cwd().anchor)
    tree = _tree(answer)
    _name_media_relatively(tree, path.parent)
    return Snapshot(
        project=answer["project"],
        path=answer["path"],
        changes=answer["changes"],
        tree=tree,
        session=project.session_of(tree, path),
        before=memory.before(answer["states"][memory.BEFORE]),
        held=tuple(_held(tree)),
        fader_max_db=answer["fader_max_db"],
    )


def _tree(answer: Mapping[str, Any]) -> Node:
    lines = (
        f"<{project.ROOT} 0.1 {quote(answer['reaper'])}",
        *(_line(key, values) for key, values in answer["fields"].items()),
        *_regions(answer["regions"]),
        *_effects(answer["master_fx"]),
        *_states(answer["states"]),
        *(chunk.strip("\n") for chunk in answer["tracks"]),
        ">",
    )
    document = rpp.parse("\n".join(lines) + "\n", "What REAPER sent")
    return project.root(document, Path(answer["path"]))


def _line(*tokens: object) -> str:
    key, values = tokens
    assert isinstance(values, list)
    return " ".join([str(key), *(quote(str(value)) for value in values)])


def _regions(regions: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Regions and markers, of which the bridge knows no names."""
    for number, start_s, end_s in regions:
        yield f'MARKER {number} {start_s!r} "" {int(end_s is not None)}'
        if end_s is not None:
            yield f'MARKER {number} {end_s!r} "" 1'


def _effects(effects: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The master's chain; what is of no kind that project files know, like containers, is none."""
    yield "<MASTERFXLIST"
    for kind, name, sounds in effects:
        yield f"BYPASS {int(not sounds)} 0"
        yield f"<{kind} {quote(name, always=True)}"
        yield ">"
    yield ">"


def _states(states: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[str]:
    yield "<EXTSTATE"
    for section, rows in states.items():
        if rows:
            yield f"<{section}"
            yield from (f"{key} {quote(value)}" for key, value in rows)
            yield ">"
    yield ">"


def _name_media_relatively(tree: Node, folder: Path) -> None:
    """As the project file names what lies in its folder."""
    for node in tree.walk():
        name = (node.values("FILE") or [""])[0] if node.name == "SOURCE" else ""
        path = Path(name)
        if path.is_absolute() and folder.is_absolute() and path.is_relative_to(folder):
            node.edit("FILE", 1, quote(path.relative_to(folder).as_posix(), always=True))


def _held(tree: Node) -> Iterator[ControlGain]:
    """What the actions of REAPER put elsewhere than on the fader."""
    for track_id, node in track_nodes(tree).items():
        for control, gain in (*_factors(node), *_trims(node)):
            if gain > 0.0 and gain != 1.0:
                yield ControlGain(track_id, control, gain)


def _factors(track: Node) -> Iterator[tuple[Control, float]]:
    kept = track.block("EXT")
    for row in kept.rows() if kept is not None else ():
        if row[0].lower() in FACTORS:
            yield FACTORS[row[0].lower()], real(row, 1, 1.0)


def _trims(track: Node) -> Iterator[tuple[Control, float]]:
    """Our trim, where it sounds; a line ``BYPASS bypassed offline`` stands before each effect."""
    chain, is_off = track.block("FXCHAIN"), False
    for entry in chain.body if chain is not None else ():
        if isinstance(entry, str):
            row = fields(entry)
            is_off = any(whole(row, at) for at in (1, 2)) if row[:1] == ["BYPASS"] else is_off
        elif entry.arguments[:2] == [TRIM_PLUGIN, TRIM_NAME] and not is_off:
            yield "trim", gain_from_db(real(next(entry.rows(), []), 0))
