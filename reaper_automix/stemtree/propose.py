"""Decides which loose track goes into which folder of a stem, and which folders are to be made.

Loose is what stands at the top and leads to the master through nothing else. A track inside a
folder stays there; a folder that is called by one instrument of a stem ("Toms") moves as a whole.
Tracks that record one source go together: into the stem of the one that is known best.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reaper_automix.objects import NOTHING, Objects
from reaper_automix.roles import STEM_OF, Guess, StemName
from reaper_automix.routing import Routing, trace
from reaper_automix.session import Session, Track
from reaper_automix.stemtree.catalogue import BY_NAME, STEMS
from reaper_automix.stemtree.proposal import Folder, Part, Proposal, Row, Wish
from reaper_automix.stemtree.recognise import StemFolder, enclosing, homes_of, recognise
from reaper_automix.stemtree.standing import (
    closed,
    destinations,
    passage,
    reaches,
    reason_to_stay,
)

NAMESPACE = uuid.UUID("0f4c9c56-8f0e-5c3a-9b1d-6a2f5f1f7d11")
"""Under which the ids of new folders are made (RFC 4122, version 5): the same at every run."""

LEAST_TRACKS = 2
"""A new folder is made for no fewer."""

BY_ROUTING = 0.9
"""Confidence that what only receives, and has effects, is the return of an effect."""

UNMATCHED = "Nothing says what it is."
NO_STEM = "It is of no stem: {}."
NOT_LISTED = "It is not in the table."
ALONE = "The only track of {}; one track needs no folder."
RETURN = "It only receives from other tracks, so it is no source."
TOGETHER = "One source with {} ({}), so it goes along."
LOOP = "{} feeds it, so it cannot lie in there."
IN_FOLDER = "It lies in {}."
STEM_FOLDER = "The folder of {}."
OTHER_FOLDER = "A folder of no one stem."


@dataclass(frozen=True, slots=True)
class _Ground:
    """A session, how it flows, and what stands for a stem in it."""

    session: Session
    by_id: Mapping[str, Track]
    routing: Routing
    goals: Mapping[str, Sequence[str]]
    guesses: Mapping[str, Guess]
    found: Mapping[str, StemFolder]
    around: Mapping[str, tuple[str, ...]]
    leads: Mapping[str, _Lead]
    wishes: Mapping[str, Wish] | None


@dataclass(frozen=True, slots=True)
class _Lead:
    """The stem that all tracks of an object go into, and how that is told of one of them."""

    stem: StemName
    why: str


def propose(
    session: Session,
    guesses: Mapping[str, Guess],
    wishes: Mapping[str, Wish] | None = None,
    objects: Objects = NOTHING,
) -> Proposal:
    """Where the tracks of a session go, by what each is taken for (a guess for every track).

    With ``wishes``, by id, a loose track goes where they say, and stays where they say nothing.
    ``objects`` are the tracks that are known to record one source.
    """
    routing = trace(session)
    ground = _Ground(
        session=session,
        by_id={track.id: track for track in session.tracks},
        routing=routing,
        goals=destinations(session, routing),
        guesses=guesses,
        found=recognise(session, routing, guesses),
        around=enclosing(session),
        leads=_leads(session, guesses, objects),
        wishes=wishes,
    )
    rows = [_placed(ground, track, _row(ground, track)) for track in session.tracks]
    made = [folder for stem in STEMS if (folder := _made(stem.name, rows)) is not None]
    return Proposal(tuple(_settled(row, made) for row in rows), (*made, *_completed(ground, rows)))


def _row(ground: _Ground, track: Track) -> Row:
    """The track with what it is taken for; its place is not looked for yet."""
    row = Row(track.id, track.name, "stays", parent_id=track.parent_id)
    part, why = _part(ground, track)
    if fixed := _fixed(ground, track):
        return replace(row, part=part, why=fixed)
    if ground.wishes is not None and ground.wishes.get(track.id) != Wish(part.stem, part.role):
        return _wished(row, part, ground.wishes.get(track.id))
    if part.stem is not None:
        return replace(row, state="moves", part=part, why=why)
    return replace(row, state="unmatched" if why == UNMATCHED else "left", part=part, why=why)


def _fixed(ground: _Ground, track: Track) -> str | None:
    """Why a track is not free to move."""
    if track.parent_id is not None:
        return IN_FOLDER.format(ground.by_id[track.parent_id].name or "a folder")
    if why := reason_to_stay(ground.session, ground.routing, track):
        return why
    if not track.folder:
        return None
    folder = ground.found.get(track.id)
    if folder is None:
        return OTHER_FOLDER
    return None if folder.is_part else STEM_FOLDER.format(folder.stem)


def _leads(session: Session, guesses: Mapping[str, Guess], objects: Objects) -> dict[str, _Lead]:
    """Where each track of an object goes, by id; what is taken for an effect leads nobody."""
    names = {track.id: track.name for track in session.tracks}
    found: dict[str, _Lead] = {}
    for one in objects.found:
        stems = {track: _source_stem(guesses[track]) for track in one.track_ids if track in names}
        known = [(guesses[track].confidence, track) for track, stem in stems.items() if stem]
        _, best = max(known, key=lambda sure: sure[0], default=(0.0, ""))
        if stem := stems.get(best):
            why = TOGETHER.format(names[best] or "an unnamed track", one.name)
            found |= dict.fromkeys(stems, _Lead(stem, why))
    return found


def _source_stem(guess: Guess) -> StemName | None:
    return STEM_OF[guess.role] if guess.role and guess.role != "effect return" else None


def _part(ground: _Ground, track: Track) -> tuple[Part, str]:
    """What a track is taken for, and why it moves nowhere all the same, or along with another."""
    part, why = _part_alone(ground, track)
    lead = ground.leads.get(track.id)
    is_source = ground.routing.kind[track.id] == "track" and (part.stem or not part.role)
    if lead is None or lead.stem == part.stem or not is_source:
        return part, why
    return replace(part, stem=lead.stem), lead.why


def _part_alone(ground: _Ground, track: Track) -> tuple[Part, str]:
    """What a track by itself is taken for, and why it moves nowhere all the same."""
    guess = ground.guesses[track.id]
    if track.folder:
        folder = ground.found.get(track.id)
        sure = guess.confidence if folder and folder.is_part else 1.0
        return (Part(folder.role, folder.stem, sure, folder.by), "") if folder else (Part(), "")
    if ground.routing.kind[track.id] == "return":
        return _part_of_return(track, guess)
    if guess.role is None:
        return Part(), UNMATCHED
    stem = STEM_OF[guess.role]
    part = Part(guess.role, stem, guess.confidence, guess.by)
    return part, "" if stem else NO_STEM.format(guess.role)


def _part_of_return(track: Track, guess: Guess) -> tuple[Part, str]:
    """Returns of effects belong to the effects; other tracks that only receive are no sources."""
    if guess.role == "effect return":
        return Part("effect return", "fx", guess.confidence, guess.by), ""
    if guess.role is None and track.returns_effects:
        return Part("effect return", "fx", BY_ROUTING, "routing"), ""
    return Part(guess.role, None, guess.confidence, guess.by), RETURN


def _wished(row: Row, part: Part, wish: Wish | None) -> Row:
    """The row as a person wants it, other than it is proposed."""
    if wish is None:
        return replace(row, state="left", part=part, why=NOT_LISTED)
    wanted = Part(wish.role, wish.stem, 1.0, "you")
    return replace(row, state="left" if wish.stem is None else "moves", part=wanted)


def _placed(ground: _Ground, track: Track, row: Row) -> Row:
    """The row with the folder that is there for it; without, where none is or none may be used."""
    stem = row.part.stem
    if row.state != "moves" or stem is None:
        return row
    role = None if track.folder else row.part.role
    refusal = ""
    for home in homes_of(stem, role, ground.found, ground.around):
        ids = (*ground.around[home.track_id], home.track_id)
        if track.id in ids:
            continue
        folders = [ground.by_id[folder] for folder in ids]
        why = _refusal(ground, track, folders)
        if not why:
            told = filter(None, (row.why, passage(ground.session, folders, track)))
            return replace(row, folder_id=home.track_id, why=" ".join(told))
        refusal = refusal or ("" if home.is_part else why)
    return replace(row, state="left", why=refusal) if refusal else row


def _refusal(ground: _Ground, track: Track, folders: Sequence[Track]) -> str | None:
    """Why a track cannot be put into the innermost of these folders."""
    if why := closed(folders):
        return why
    feeding = (one for one in folders if reaches(one.id, track.id, ground.goals))
    return next((LOOP.format(folder.name) for folder in feeding), None)


def _homeless(stem: StemName, rows: Sequence[Row]) -> list[str]:
    """The tracks of a stem that no folder is there for."""
    return [
        row.track_id
        for row in rows
        if row.state == "moves" and row.part.stem == stem and row.folder_id is None
    ]


def _made(stem: StemName, rows: Sequence[Row]) -> Folder | None:
    """The new folder of a stem, if there are tracks enough for one."""
    inside = _homeless(stem, rows)
    if len(inside) < LEAST_TRACKS:
        return None
    made = uuid.uuid5(NAMESPACE, "/".join((stem, *sorted(inside))))
    return Folder(f"{{{made}}}".upper(), BY_NAME[stem].title, stem, BY_NAME[stem].color, True)


def _completed(ground: _Ground, rows: Sequence[Row]) -> tuple[Folder, ...]:
    """The folders that are there and get tracks, in project order."""
    used = {row.folder_id for row in rows}
    return tuple(
        Folder(one.track_id, _name(ground, one), one.stem, BY_NAME[one.stem].color, False)
        for one in ground.found.values()
        if one.track_id in used
    )


def _name(ground: _Ground, folder: StemFolder) -> str:
    return ground.by_id[folder.track_id].name


def _settled(row: Row, made: Sequence[Folder]) -> Row:
    """The row with the new folder it goes into, or alone."""
    stem = row.part.stem
    if row.state != "moves" or row.folder_id is not None or stem is None:
        return row
    folder = next((folder for folder in made if folder.stem == stem), None)
    if folder is None:
        return replace(row, state="alone", why=ALONE.format(stem))
    return replace(row, folder_id=folder.id)
