"""Stem proposals: a session of tracks with any names becomes an orderly tree of folders.

One direction: :func:`propose` says of every track where it goes and why, :func:`arranged` is the
session after that. Between the two a person may change what is proposed: as a table
(:mod:`~reaper_automix.stemtree.table`) or in REAPER's window, both give :class:`Wish` by track.

What is promised: no track is lost, changed or taken out of a folder; a new folder changes nothing
on its way to the master; carried out once, there is nothing left to propose.
"""

from __future__ import annotations

from reaper_automix.stemtree.arrange import arranged
from reaper_automix.stemtree.proposal import Folder, Part, Proposal, Row, Wish
from reaper_automix.stemtree.propose import propose
from reaper_automix.stemtree.recognise import guess_all

__all__ = ["Folder", "Part", "Proposal", "Row", "Wish", "arranged", "guess_all", "propose"]
