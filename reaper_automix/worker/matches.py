"""The answer to a job of kind ``match``: what is found for the session as it was before any match."""

from __future__ import annotations

from pathlib import Path

from reaper_automix.errors import SettingsError
from reaper_automix.match import stored
from reaper_automix.match.asked import BLOCKS, Asked
from reaper_automix.match.finding import Ask, Found, Standing
from reaper_automix.match.reference import Choice
from reaper_automix.report import figures
from reaper_automix.worker.protocol import MatchWish

TITLE = "Automix: match {} to {}"
WITHOUT = "The job does not say what to match to; run the action again."


def ask_of(wish: MatchWish | None) -> Ask:
    """What a job asks for; :class:`SettingsError` where it does not say."""
    if wish is None:
        raise SettingsError(WITHOUT)
    sought = wish.reference
    blocks = tuple(block for block in BLOCKS if wish.blocks.get(block, True))
    return Ask(
        Choice(Path(sought.path) if sought.path else None, sought.track, sought.region),
        Asked(wish.strength, "pan" not in blocks, blocks),
        Path(wish.checkpoint) if wish.checkpoint else None,
    )


def standing_of(wish: MatchWish) -> Standing:
    """The strips that are the engineer's; of an earlier match the session has nothing any more."""
    return Standing(None, wish.hers, wish.bus)


def title(found: Found, wish: MatchWish) -> str:
    """What the undo point is called."""
    count = figures.count(len(found.placed.match.stems), "stem")
    return TITLE.format(count, wish.reference.name)


def plain(found: Found) -> dict[str, object]:
    """The match as the actions place and remember it."""
    return stored.encode(found.placed)
