"""A match in a project's text: faders, pans, strips, and what is remembered of it.

What is remembered stands in the project's own ext state, beside the state of the last balance: a
line for how far the match goes, one for the master, and one for each stem
(:mod:`~reaper_automix.match.placing.stored`)::

    <EXTSTATE
      <AUTOMIX_MATCH
        VERSION 1
        BUS '[1,0,100,0.707,…]'
        HOW '{"strength":1.0,"blocks":{"gain":true,…}}'
        {0A6C9C4E-6B1F-4F0E-9C55-3A0E7B9E0001} '{"before":{…},"matched":{…}}'
      >
    >
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from reaper_automix.adapters.project.edit import set_faders, set_pans, track_nodes
from reaper_automix.adapters.project.store import (
    read_rows,
    read_stored,
    write_rows,
    write_stored,
)
from reaper_automix.adapters.project.strips import (
    MASTER_CHAIN,
    is_bypassed,
    read_strip,
    remove_strip,
    set_strip,
)
from reaper_automix.hand import after_our_move
from reaper_automix.match.console.sliders import of
from reaper_automix.match.placing.landed import Bus, Seat
from reaper_automix.match.placing.standing import MASTER
from reaper_automix.match.placing.stored import (
    VERSION,
    Now,
    Placed,
    Start,
    bus_is_hers,
    bus_sliders,
    of_rows,
    start,
    to_rows,
)
from reaper_automix.rpp import Node, readable, real
from reaper_automix.units import db_from_gain, gain_from_db

SECTION = "AUTOMIX_MATCH"


def read_match(project: Node) -> Placed | None:
    """The match that was placed last; ``None`` without one that this version understands."""
    rows = read_rows(project, SECTION, VERSION)
    return None if rows is None else of_rows(rows, _names(project))


def starts(project: Node) -> dict[str, Start]:
    """From where every track would go into a match, by track id."""
    placed = read_match(project)
    return {one: start(placed, one, _now(node)) for one, node in track_nodes(project).items()}


def master_is_hers(project: Node) -> bool:
    """Whether the strip on the master is the engineer's own, or was moved since the last match."""
    return bus_is_hers(read_match(project), read_strip(project, MASTER_CHAIN))


def bypassed(project: Node) -> Iterator[str]:
    """The tracks, and the master, whose strip is bypassed or offline."""
    for one, node in track_nodes(project).items():
        if is_bypassed(node):
            yield one
    if is_bypassed(project, MASTER_CHAIN):
        yield MASTER


def place(project: Node, placed: Placed) -> tuple[str, ...]:
    """Place a match, and remember it; the ids of stems whose strip is the engineer's and stays.

    Stems of an earlier match that are none of this one go back to how they sat without it.
    ``"master"`` is among the ids where that strip stays.
    """
    hers, earlier = _hers(project), read_match(project)
    here = {stem.track_id for stem in placed.match.stems}
    _vacate(project, [one for one in _stems(earlier) if one not in here], hers)
    written = placed.written
    _move(project, {stem.track_id: stem.matched for stem in written.stems}, hers)
    if MASTER not in hers:
        set_bus(project, written.bus)
    write_rows(project, SECTION, VERSION, to_rows(placed))
    return tuple(one for one in hers if one in here or one == MASTER)


def take_back(project: Node) -> tuple[str, ...]:
    """Take a match out: faders, pans and chains are as before it; what was moved since stays.

    The ids of stems whose strip is the engineer's by now, and ``"master"``, as in :func:`place`.
    """
    placed = read_match(project)
    if placed is None:
        return ()
    hers, ids = _hers(project), _stems(placed)
    _vacate(project, ids, hers)
    if MASTER not in hers:
        remove_strip(project, MASTER_CHAIN)
    write_rows(project, SECTION, VERSION, None)
    return tuple(one for one in hers if one in ids or one == MASTER)


def set_seats(project: Node, seats: Mapping[str, Seat], keep: Collection[str] = ()) -> None:
    """Set faders, pans and strips by track id; the strips of the tracks in ``keep`` stay."""
    set_faders(project, {one: gain_from_db(seat.fader_db) for one, seat in seats.items()})
    set_pans(project, {one: seat.pan for one, seat in seats.items()})
    nodes = track_nodes(project)
    for one, seat in seats.items():
        if one not in keep:
            set_strip(nodes[one], of(seat.strip), one)


def set_bus(project: Node, bus: Bus) -> None:
    """Set the strip on the master, with the gain behind it; the master's fader is left alone."""
    set_strip(project, bus_sliders(bus), MASTER, MASTER_CHAIN)


def _move(project: Node, seats: Mapping[str, Seat], keep: Collection[str]) -> None:
    """Set seats, and note that it was not the engineer who moved these faders."""
    faders = {one: _gain(node) for one, node in track_nodes(project).items()}
    set_seats(project, seats, keep)
    stored = read_stored(project)
    if stored is None:
        return
    noted = tuple(
        after_our_move(one, faders[one.track_id], gain_from_db(seats[one.track_id].fader_db))
        if one.track_id in seats
        else one
        for one in stored.faders
    )
    if noted != stored.faders:
        write_stored(project, replace(stored, faders=noted))


def _vacate(project: Node, track_ids: Sequence[str], hers: Collection[str]) -> None:
    """Put stems back to how they sat without a match, and take their strips out."""
    without, nodes = starts(project), track_nodes(project)
    _move(project, {one: without[one].before for one in track_ids}, track_ids)
    for one in track_ids:
        if one not in hers:
            remove_strip(nodes[one])


def _stems(placed: Placed | None) -> list[str]:
    return [stem.track_id for stem in placed.match.stems] if placed else []


def _hers(project: Node) -> tuple[str, ...]:
    master = (MASTER,) if master_is_hers(project) else ()
    tracks = (one for one, where in starts(project).items() if where.strip_is_hers)
    return (*tracks, *master)


def _now(node: Node) -> Now:
    pan = real(node.values("VOLPAN") or (), 1)
    return Now(db_from_gain(_gain(node)), pan, read_strip(node))


def _gain(node: Node) -> float:
    return real(node.values("VOLPAN") or (), 0, 1.0)


def _names(project: Node) -> dict[str, str]:
    nodes = track_nodes(project).items()
    return {one: readable("".join((node.values("NAME") or [""])[:1])) for one, node in nodes}
