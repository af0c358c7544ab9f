"""What two tracks are to each other, by what is heard of them and by what they are called.

:data:`VERDICTS` has one row per relation, the first that holds counts. The limits were set on
synthesised material (tests/recordings.py), where bleed, tonal music and sequenced samples lie far
to either side of them; floors for what has the same notes were raised after a look at sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from reaper_automix.objects.likeness import Likeness
from reaper_automix.objects.names import name_one_source, says_double
from reaper_automix.roles import Role, StemName

Relation = Literal["copy", "microphone", "bleed", "by name", "double"]

SHARP = 5.5
"""Peaks of unrelated music reach 5; sequenced samples that always start together go beyond."""

SHARP_ENOUGH = 4.5
"""For a peak that is high besides: tones that hold have others beside it."""

SAME_EVENTS = 0.12
"""What hears another source has its spectra at the same times. Sequenced samples have not: with
them one sharp peak in a pair of attacks is nothing."""

MAINLY = 0.25
"""From this share on what is loud in the one is loud in the other: leakage stays below a tenth."""

NEARLY_ALL = 0.6

IDENTICAL = 0.9
AT_ONCE_S = 0.0005
FAR_S = 0.010
"""3.4 m. What hears a source that late hears its room as loud; a delayed waveform that is nearly
all of a track was delayed to be heard as a double."""

CONSTANT_DB = 1.0
"""A copy whose level against its original varies more than this was compressed."""

SAME_NOTES = 0.3
ALL_NOTES = 0.5
FEWEST_FOR_NOTES = 10
"""Windows (2 s) in which two sources have to have the same notes."""

ANTI_PHASE = -0.5

KIT_STEMS = frozenset[StemName]({"drums", "percussion"})
AWAY = frozenset[Role]({"room", "overhead"})


@dataclass(frozen=True, slots=True)
class Named:
    """What a track is called, and what it is by that, where that is sure enough."""

    id: str
    name: str
    role: Role | None = None
    stem: StemName | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tracks, what they are to each other, and what that rests on."""

    first: Named
    second: Named
    relation: Relation
    heard: Likeness

    @property
    def ids(self) -> frozenset[str]:
        """The two tracks."""
        return self.heard.ids

    @property
    def share(self) -> float:
        """How far they are one thing, 0 … 1."""
        return abs(self.heard.share)

    @property
    def shares_a_waveform(self) -> bool:
        """Whether one of them hears the other one's source."""
        return self.relation in ("copy", "microphone", "bleed", "by name")

    @property
    def is_opposed(self) -> bool:
        """Whether they have the same sound in opposite polarity."""
        return self.relation in ("copy", "microphone") and self.heard.share < ANTI_PHASE


def verdict(first: Named, second: Named, heard: Likeness) -> Pair | None:
    """What two tracks are to each other; ``None``: nothing.

    ``first`` and ``second`` are those of ``heard``.
    """
    relations = (name for name, holds in VERDICTS if holds(first, second, heard))
    relation = next(relations, None)
    return Pair(first, second, relation, heard) if relation else None


def _is_copy(first: Named, second: Named, heard: Likeness) -> bool:
    return _mainly(heard, IDENTICAL) and abs(heard.share_delay_s) <= AT_ONCE_S


def _is_delayed(first: Named, second: Named, heard: Likeness) -> bool:
    return _mainly(heard, NEARLY_ALL) and abs(heard.share_delay_s) > FAR_S


def _is_called_double(first: Named, second: Named, heard: Likeness) -> bool:
    called = says_double(first.name) != says_double(second.name)
    return called and (_mainly(heard, NEARLY_ALL) or heard.notes >= SAME_NOTES)


def _is_microphone(first: Named, second: Named, heard: Likeness) -> bool:
    return _mainly(heard, MAINLY)


def _is_bleed(first: Named, second: Named, heard: Likeness) -> bool:
    return heard.notes >= SAME_EVENTS and max(heard.sharpness, heard.share_sharpness) >= SHARP


def _is_named(first: Named, second: Named, heard: Likeness) -> bool:
    """A room is so diffuse, and a ringing drum so much one tone, that no delay stands out.

    There it counts that both sound at once, and that one of them is called a room or an overhead:
    of a kit, or of what the other one is called.
    """
    if first.role not in AWAY and second.role not in AWAY:
        return False
    if name_one_source(first.name, second.name):
        return heard.notes >= SAME_EVENTS
    return heard.notes >= ALL_NOTES and are_of_kit(first, second)


def _is_double(first: Named, second: Named, heard: Likeness) -> bool:
    """Two drums that are hit together have no notes in common."""
    if heard.windows < FEWEST_FOR_NOTES or are_of_kit(first, second):
        return False
    is_akin = first.stem == second.stem or name_one_source(first.name, second.name)
    return heard.notes >= (SAME_NOTES if is_akin else ALL_NOTES)


def are_of_kit(first: Named, second: Named) -> bool:
    """Whether both are called drums or percussion."""
    return {first.stem, second.stem} <= KIT_STEMS


def _mainly(heard: Likeness, least: float) -> bool:
    is_sharp = min(heard.sharpness, heard.share_sharpness) >= SHARP_ENOUGH
    return abs(heard.share) >= least and is_sharp and heard.notes >= SAME_EVENTS


VERDICTS: tuple[tuple[Relation, Callable[[Named, Named, Likeness], bool]], ...] = (
    ("copy", _is_copy),
    ("double", _is_delayed),
    ("double", _is_called_double),
    ("microphone", _is_microphone),
    ("bleed", _is_bleed),
    ("by name", _is_named),
    ("double", _is_double),
)
"""Relations in the order in which they are tried."""
