"""The state of the last balance, kept in the project's own ext state.

REAPER saves ``SetProjExtState`` as a block per section in ``<EXTSTATE``, names in capitals, a line
per key. Ours is ``AUTOMIX``: its version, and for each track a line of its GUID with the fader
that was found and the one that was written, then the engineer's own offset in dB if there is one::

    <EXTSTATE
      <AUTOMIX
        VERSION 1
        {0A6C9C4E-6B1F-4F0E-9C55-3A0E7B9E0001} "1 0.70794578438414"
        {0A6C9C4E-6B1F-4F0E-9C55-3A0E7B9E0002} "1 0.5 -1.5"
      >
    >

A track whose volume envelope a balance wrote has a line with a digest of its points as well::

        VOLENV2_{0A6C9C4E-6B1F-4F0E-9C55-3A0E7B9E0001} 5f2d0c9a61b7e834

A version that knows no offset passes over such a line: the fader is a new start to it. Lines stay
short on purpose: REAPER turns a value over 1 kB into a block of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from reaper_automix.rpp import Node, number_text, quote, real, whole
from reaper_automix.session import StoredBalance, StoredEnvelope, StoredFader

SECTION = "AUTOMIX"
VERSION = StoredBalance().version
ENVELOPE = "VOLENV2_"
"""What the key of a track's envelope begins with."""

_log = logging.getLogger(__name__)


def read_stored(project: Node) -> StoredBalance | None:
    """The stored state; ``None`` if there is none, or one that a newer version wrote."""
    section = _understood(project, SECTION, VERSION)
    if section is None:
        return None
    version = whole(section.values("VERSION") or (), 0, VERSION)
    return StoredBalance(tuple(_faders(section)), version, tuple(_envelopes(section)))


def write_stored(project: Node, stored: StoredBalance) -> None:
    """Put the state into the project's ext state, in place of an earlier one."""
    section = _emptied(project, SECTION)
    section.add_line("VERSION", str(stored.version))
    for fader in stored.faders:
        section.add_line(fader.track_id, quote(_text(fader)))
    for envelope in stored.envelopes:
        section.add_line(ENVELOPE + envelope.track_id, quote(envelope.digest))


def read_rows(project: Node, name: str, version: int) -> dict[str, str] | None:
    """The lines of a section by their keys, in capitals as REAPER saves them.

    ``None`` where there is no section, or one that a newer version wrote.
    """
    section = _understood(project, name, version)
    if section is None:
        return None
    return {row[0].upper(): row[1] for row in section.rows() if len(row) > 1}


def write_rows(project: Node, name: str, version: int, rows: Mapping[str, str] | None) -> None:
    """Put lines into a section in place of those it has; with ``None``, take the section out."""
    if rows is None:
        _remove(project, name)
        return
    section = _emptied(project, name)
    section.add_line("VERSION", str(version))
    for key in sorted(rows):
        section.add_line(key, quote(rows[key]))


def _remove(project: Node, name: str) -> None:
    """Take a section out, and the ext state with it where that is all."""
    section = _section(project, name)
    for states in list(project.blocks("EXTSTATE")):
        if section in states.body:
            states.body.remove(section)
            if not states.body:
                project.body.remove(states)


def _understood(project: Node, name: str, version: int) -> Node | None:
    section = _section(project, name)
    if section and whole(section.values("VERSION") or (), 0, version) > version:
        _log.warning("A newer version wrote the project's section %s; it is not used.", name)
        return None
    return section


def _emptied(project: Node, name: str) -> Node:
    states = project.block("EXTSTATE") or project.add_block("EXTSTATE")
    section = _section(project, name) or states.add_block(name)
    section.body.clear()
    return section


def _text(fader: StoredFader) -> str:
    offset = (fader.hand_db,) if fader.hand_db else ()
    return " ".join(map(number_text, (fader.found_gain, fader.written_gain, *offset)))


def _section(project: Node, name: str) -> Node | None:
    sections = (node for states in project.blocks("EXTSTATE") for node in states.blocks())
    return next((node for node in sections if node.name.upper() == name), None)


def _faders(section: Node) -> Iterable[StoredFader]:
    for row in section.rows():
        gains = row[1].split() if row[0].startswith("{") and len(row) > 1 else []
        if len(gains) in (2, 3):
            yield StoredFader(row[0], real(gains, 0, 1.0), real(gains, 1, 1.0), real(gains, 2))


def _envelopes(section: Node) -> Iterable[StoredEnvelope]:
    for row in section.rows():
        if row[0].startswith(ENVELOPE) and len(row) > 1:
            yield StoredEnvelope(row[0].removeprefix(ENVELOPE), row[1])
