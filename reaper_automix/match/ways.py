"""The two ways in which the settings of a match are found.

Without a file of weights, which is what most people have, the settings go towards the reference
until the mix sounds as near to it as they reach. With one, its network says at once what it would
set, as it learned from other people's mixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reaper_automix.match.asked import Asked
from reaper_automix.match.console.strips import Console
from reaper_automix.match.hearing import Heard, Passage, Reference
from reaper_automix.match.outcome import Way
from reaper_automix.match.placing import mapping
from reaper_automix.match.placing.mapping import End
from reaper_automix.progress import Progress


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
    if checkpoint is None:
        return _towards(heard, ends, aim, asked, progress)
    return _predicted(heard, ends, aim, checkpoint, progress)


def _towards(
    heard: Heard, ends: Sequence[End], aim: Reference, asked: Asked, progress: Progress
) -> Tip:
    from reaper_automix.match.search import optimise
    from reaper_automix.match.search.priors import Wishes

    seats = [mapping.plain_seat(end) for end in ends]
    wishes = Wishes(keep_pan=asked.keep_pan, blocks=asked.wanted)
    return Tip(optimise.towards(heard.passages, seats, aim, wishes, progress).console, "optimiser")


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
    unheard = [f"The network could not hear {names[number]}." for number in prediction.silent]
    notes = (f"Settings by {loaded.name} (SHA-256 {loaded.sha256[:16]}…).", checkpoint.LICENCE)
    console = Console(tuple(channels), prediction.console.master)
    return Tip(console, "network", (*notes, *unheard), loaded.sha256)


def _some(heard: Heard, most: int) -> list[Passage]:
    """So many passages, first those without which a stem would not be heard at all."""
    needed = set(heard.elsewhere.values())
    by_need = sorted(heard.passages, key=lambda passage: passage.start_s not in needed)
    return sorted(by_need[:most], key=lambda passage: passage.start_s)
