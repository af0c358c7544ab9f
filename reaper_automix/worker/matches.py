"""A job of kind ``match`` in the words of the engine, and what it found in those of a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reaper_automix import pipeline
from reaper_automix.errors import InputError
from reaper_automix.match.asked import BLOCKS, Asked
from reaper_automix.match.case import Ask
from reaper_automix.match.finding import Found, find
from reaper_automix.match.outcome import StemResult
from reaper_automix.match.placing import stored
from reaper_automix.match.placing.standing import Standing
from reaper_automix.match.reference import Choice
from reaper_automix.measuring import Staff
from reaper_automix.report import desk, figures
from reaper_automix.report.nearness import nearer
from reaper_automix.results import Report, TrackResult
from reaper_automix.session import Session
from reaper_automix.settings import Settings
from reaper_automix.worker.protocol import MatchWish

TITLE = "Automix: match {} to {}"
WITHOUT = "The job does not say what to match to; run the action again."


def found(session: Session, how: Settings, wish: MatchWish | None, staff: Staff) -> Found:
    """The match of a session that is as it was before any; what is the engineer's is in the wish.

    :class:`InputError` where there is no wish, and as :func:`~reaper_automix.match.finding.find`.
    """
    if wish is None:
        raise InputError(WITHOUT)
    bypassed = frozenset(wish.bypassed)
    standing = Standing(None, wish.hers, wish.bus, wish.master_is_off, bypassed)
    return find(session, replace(how, tracks=wish.stems), _ask(wish), staff, standing)


def _ask(wish: MatchWish) -> Ask:
    sought = wish.reference
    blocks = tuple(block for block in BLOCKS if wish.blocks.get(block, True))
    return Ask(
        Choice(Path(sought.path) if sought.path else None, sought.track, sought.region),
        Asked(wish.strength, "pan" not in blocks, blocks),
        Path(wish.checkpoint) if wish.checkpoint else None,
    )


def title(match: Found) -> str:
    """What the undo point is called."""
    stems = figures.count(len(match.placed.match.stems), "stem")
    return TITLE.format(stems, match.account.reference)


def plain(match: Found) -> dict[str, object]:
    """The match as the actions place and remember it."""
    return stored.encode(match.placed)


def tracks(match: Found) -> tuple[TrackResult, ...]:
    """The tracks that lead into the mix, the matched ones with all that was set as their reason."""
    stems = {stem.id: stem for stem in match.account.stems}
    return tuple(
        replace(row, why=(*row.why, _said(stems[row.id]))) if row.id in stems else row
        for row in match.tracks
    )


def notes(match: Found) -> Iterator[str]:
    """How near it is now, and what is to be known about the match as a whole."""
    yield nearer(match.account)
    yield from match.notes


def report(session: Session, how: Settings, place: str, match: Found) -> Report:
    """The account of the match."""
    account = pipeline.account_of("match", Path(place), session, how)
    return replace(
        account,
        place=place,
        tracks=match.tracks,
        groups=(match.mix,),
        match=match.account,
        notes=(*account.notes, *match.notes),
    )


def _said(stem: StemResult) -> str:
    """What was set of a stem, in one line; empty where nothing was."""
    if stem.status != "matched":
        return ""
    strip, pans = stem.after.strip, desk.pans(stem.before, stem.after)
    parts = (
        *desk.bands(strip),
        desk.compressor(strip.compressor),
        f"pan {pans}" if stem.before.pan != stem.after.pan else "",
        f"fader {desk.fader(stem.before, stem.after)} dB",
    )
    return "; ".join(filter(None, parts)) + "."
