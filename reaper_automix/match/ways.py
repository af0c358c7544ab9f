"""The two ways in which the settings of a match are found.

Without a file of weights, which is what most people have, the settings go towards the reference
until the mix sounds as near to it as they reach. With one, its network says at once what it would
set, as it learned from other people's mixes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reaper_automix.match.asked import Asked
from reaper_automix.match.console import offline
from reaper_automix.match.console.strips import Console
from reaper_automix.match.console.table import SAMPLE_RATE_HZ
from reaper_automix.match.hearing import Heard, Passage, Reference
from reaper_automix.match.outcome import Way
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.landed import NEUTRAL
from reaper_automix.match.placing.mapping import End
from reaper_automix.objects.model import listed
from reaper_automix.progress import Progress

if TYPE_CHECKING:
    from reaper_automix.match.network.protocol import Prediction


UNSURE_DB = 6.0
"""Passages whose gains of a stem lie as far apart as this say no more than its middle."""


@dataclass(frozen=True, slots=True)
class Tip:
    """The settings that were found, in what way, and what is to be known about that.

    ``checkpoint`` is the SHA-256 of the file of weights.
    """

    console: Console
    way: Way
    notes: tuple[str, ...] = ()
    checkpoint: str = ""


def find(
    heard: Heard,
    ends: Sequence[End],
    aim: Reference,
    asked: Asked,
    checkpoint: Path | None,
    progress: Progress,
) -> Tip:
    """Settings for stems as they were heard, by a file of weights if there is one."""
    behind = replace(heard, passages=tuple(_behind(one, ends) for one in heard.passages))
    bare = [replace(end, before=replace(end.before, strip=NEUTRAL)) for end in ends]
    if checkpoint is None:
        own = frozenset(number for number, end in enumerate(ends) if _has_own(end))
        return _towards(behind, bare, own, aim, asked, progress)
    return _predicted(behind, bare, aim, checkpoint, progress)


def _has_own(end: End) -> bool:
    return end.before.strip != NEUTRAL


def _behind(passage: Passage, ends: Sequence[End]) -> Passage:
    """A passage as it comes out of the strips that the engineer has set herself."""
    stems = passage.stems.copy()
    for number, end in enumerate(ends):
        if _has_own(end):
            stream = offline.StripStream(end.before.strip, SAMPLE_RATE_HZ)
            stems[number] = offline.in_time(stream, stems[number])
    return replace(passage, stems=stems)


def _towards(
    heard: Heard,
    ends: Sequence[End],
    own: frozenset[int],
    aim: Reference,
    asked: Asked,
    progress: Progress,
) -> Tip:
    from reaper_automix.match.search import optimise
    from reaper_automix.match.search.priors import Wishes

    channels = mapping.console_before(ends).channels
    wishes = Wishes(
        keep_pan=all(end.keeps_pan for end in ends),
        blocks=asked.wanted,
        fixed=frozenset(number for number, end in enumerate(ends) if end.fixed),
        own_pan=frozenset(number for number, end in enumerate(ends) if end.keeps_pan),
        own_strip=own,
    )
    found = optimise.towards(heard.passages, channels, aim, wishes, progress)
    return Tip(found.console, "optimiser")


def _predicted(
    heard: Heard, ends: Sequence[End], aim: Reference, file: Path, progress: Progress
) -> Tip:
    from reaper_automix.match.network import checkpoint, protocol

    loaded = checkpoint.load(file, partial(progress, "Loading the weights", 0.0, 0.0, file.name))
    names = [end.name for end in ends]
    passages = _some(heard, protocol.MOST_WINDOWS)
    prediction = protocol.predict(loaded.network, names, passages, aim, progress)
    channels = list(mapping.console_before(ends).channels)
    for number, channel in zip(prediction.heard, prediction.console.channels, strict=True):
        channels[number] = channel
    notes = (f"Settings by {loaded.name} (SHA-256 {loaded.sha256[:16]}…).", checkpoint.LICENCE)
    console = Console(tuple(channels), prediction.console.master)
    return Tip(console, "network", (*notes, *_said(prediction, names)), loaded.sha256)


def _said(prediction: Prediction, names: Sequence[str]) -> Iterator[str]:
    """What is to be known of single stems."""
    if prediction.silent:
        unheard = listed([names[number] for number in prediction.silent])
        yield f"The network could not hear {unheard}."
    spreads_db = dict(zip(prediction.heard, prediction.gain_spreads_db, strict=True))
    unsure = [names[number] for number, db in spreads_db.items() if db >= UNSURE_DB]
    if unsure:
        yield (
            f"The network is not sure how loud {listed(unsure)} should be: its passages lie up to "
            f"{max(spreads_db.values()):.0f} dB apart, and the middle was taken."
        )


def _some(heard: Heard, most: int) -> list[Passage]:
    """So many passages, first those without which a stem would not be heard at all."""
    needed = set(heard.elsewhere.values())
    by_need = sorted(heard.passages, key=lambda passage: passage.start_s not in needed)
    return sorted(by_need[:most], key=lambda passage: passage.start_s)
