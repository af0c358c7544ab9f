"""Makes objects of pairs, so that no single mistaken pair joins two instruments.

Pairs are joined strongest first. Two groups of tracks become one only where at least half of the
pairs between them sound at the same times (:data:`SUPPORT`), and where their names, if they say
stems, say one stem or the pair is nearly one sound. Bleed alone joins the microphones of a kit,
whose overheads hear all of it; elsewhere it is leakage between players who stand in one room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reaper_automix.objects.likeness import Likeness
from reaper_automix.objects.model import Member, Object, Objects, listed
from reaper_automix.objects.names import SIDES, name_one_source, source_of
from reaper_automix.objects.verdicts import (
    CONSTANT_DB,
    KIT_STEMS,
    MAINLY,
    NEARLY_ALL,
    SAME_NOTES,
    Named,
    Pair,
    are_of_kit,
    verdict,
)
from reaper_automix.roles.signs import words_of

SUPPORT = 0.5

KINDS: Mapping[str | None, str] = {
    "drums": "kit",
    "percussion": "kit",
    "guitars": "amp",
    "bass": "amp",
    "keys": "piano",
}
"""What an object is, by the stem of its tracks."""

TITLES = {
    "kit": "Drum kit",
    "amp": "Amp",
    "piano": "Piano",
    "pair": "Pair",
    "copies": "Copies",
    "microphones": "Microphones",
}

CONFIDENCE = {"copy": 0.95, "microphone": 0.85, "bleed": 0.7, "by name": 0.5}
"""How far a relation can be believed; a share beyond what it takes makes it surer."""


def group(tracks: Sequence[Named], likenesses: Iterable[Likeness]) -> Objects:
    """The objects of a session, in the order of its tracks."""
    named = {track.id: track for track in tracks}
    heard = tuple(likenesses)
    judged = (verdict(named[one.first], named[one.second], one) for one in heard)
    pairs = {pair.ids: pair for pair in judged if pair}
    together = {one.ids for one in heard if one.notes >= SAME_NOTES}
    together |= {ids for ids, pair in pairs.items() if pair.shares_a_waveform}
    groups = _joined(named, pairs.values(), together)
    found = (tuple(one for one in named if one in ids) for ids in groups if len(ids) > 1)
    in_order = sorted(found, key=lambda ids: list(named).index(ids[0]))
    return Objects(
        tuple(_object([named[one] for one in ids], pairs) for ids in in_order),
        tuple(_doubles(tracks, pairs.values(), groups)),
    )


def _joined(
    named: Collection[str], pairs: Iterable[Pair], together: Collection[frozenset[str]]
) -> list[set[str]]:
    """Ids of the tracks that belong together; most of them alone.

    ``together`` are the pairs that sound at the same times, whatever they are to each other.
    """
    group_of = {one: {one} for one in named}
    for pair in sorted(filter(_joins, pairs), key=_strength, reverse=True):
        first, second = group_of[pair.first.id], group_of[pair.second.id]
        if first is not second and _fit(first, second, pair, together):
            first |= second
            group_of |= dict.fromkeys(second, first)
    return list({id(group): group for group in group_of.values()}.values())


def _joins(pair: Pair) -> bool:
    """Whether a pair by itself makes one object of its tracks."""
    if pair.relation == "bleed":
        return are_of_kit(pair.first, pair.second) or name_one_source(
            pair.first.name, pair.second.name
        )
    stems = {pair.first.stem, pair.second.stem} - {None}
    if len(stems) > 1 and not stems <= KIT_STEMS:
        return pair.shares_a_waveform and pair.share >= NEARLY_ALL
    return pair.shares_a_waveform


def _strength(pair: Pair) -> tuple[float, float, float, list[str]]:
    """How sure a pair is; at the end its ids, so that the order of pairs decides nothing."""
    confidence, heard = CONFIDENCE[pair.relation], pair.heard
    return confidence, pair.share, abs(heard.correlation), sorted(pair.ids)


def _fit(
    first: Collection[str],
    second: Collection[str],
    joint: Pair,
    together: Collection[frozenset[str]],
) -> bool:
    """Whether two groups that one pair would join are one."""
    if joint.relation == "by name":
        return 1 in (len(first), len(second))
    between = [frozenset((one, other)) in together for one in first for other in second]
    return sum(between) >= SUPPORT * len(between)


def _object(tracks: Sequence[Named], pairs: Mapping[frozenset[str], Pair]) -> Object:
    inside = [
        pair
        for place, one in enumerate(tracks)
        for other in tracks[place + 1 :]
        if (pair := pairs.get(frozenset((one.id, other.id)))) and pair.shares_a_waveform
    ]
    nearest = {track.id: _nearest(track, inside) for track in tracks}
    kind = _kind(tracks, inside)
    return Object(
        _name(tracks, kind),
        kind,
        tuple(Member(track.id, _evidence(track, nearest[track.id])) for track in tracks),
        round(min(_confidence(pair) for pair in nearest.values()), 2),
        tuple(_opposed(pair) for pair in inside if pair.is_opposed),
    )


def _nearest(track: Named, pairs: Iterable[Pair]) -> Pair:
    """What most of all says that a track belongs to the others."""
    return max((pair for pair in pairs if track.id in pair.ids), key=_strength)


def _confidence(pair: Pair) -> float:
    least = CONFIDENCE[pair.relation]
    if pair.relation != "microphone":
        return least
    return least + (1.0 - least) * max(0.0, pair.share - MAINLY) / (1.0 - MAINLY)


def _kind(tracks: Sequence[Named], pairs: Collection[Pair]) -> str:
    stems = Counter(track.stem for track in tracks if track.stem)
    stem = stems.most_common(1)[0][0] if stems else None
    if all(pair.relation == "copy" for pair in pairs):
        return "copies"
    if stem in KINDS and (stem not in KIT_STEMS or len({track.role for track in tracks}) > 1):
        return KINDS[stem]
    sides = [not SIDES.isdisjoint(words_of(track.name)) for track in tracks]
    return "pair" if len(tracks) == 2 and all(sides) else "microphones"


def _name(tracks: Sequence[Named], kind: str) -> str:
    """What all names have in common, else what it is and its first track."""
    (words, *others) = {source_of(track.name) for track in tracks}
    if words and not others:
        as_written = " ".join(tracks[0].name.split()[: len(words)])
        return as_written if source_of(as_written) == words else " ".join(words).title()
    return TITLES[kind] if kind == "kit" else f"{TITLES[kind]} of {tracks[0].name}"


def _evidence(track: Named, pair: Pair) -> str:
    """By what a track is known to belong to the object, as a sentence."""
    is_second = track.id == pair.second.id
    other = pair.first if is_second else pair.second
    heard = pair.heard
    if pair.relation == "by name":
        return f"Sounds whenever {other.name} does, and one of them is called a room or overhead."
    best = heard.correlation, heard.delay_s
    common, delay_s = best if pair.relation == "bleed" else (heard.share, heard.share_delay_s)
    delay_ms = 1000.0 * (delay_s if is_second else -delay_s)
    said = f"correlation {abs(common):.2f}" + ", opposite polarity" * (common < 0.0)
    if pair.relation == "copy":
        how = "a copy of" if heard.spread_db <= CONSTANT_DB else "a compressed copy of"
        return f"Is {how} {other.name} ({said})."
    verb = "Shares its sound with" if pair.relation == "microphone" else "Bleeds with"
    return f"{verb} {other.name}, {_delayed(delay_ms)} ({said})."


def _delayed(delay_ms: float) -> str:
    if abs(delay_ms) < 0.05:
        return "at once"
    return f"{abs(delay_ms):.1f} ms {'later' if delay_ms > 0.0 else 'earlier'}"


def _opposed(pair: Pair) -> str:
    return (
        f"{pair.first.name} and {pair.second.name} have opposite polarity (correlation "
        f"{abs(pair.heard.share):.2f}); what they have in common partly cancels."
    )


def _doubles(
    tracks: Sequence[Named], pairs: Iterable[Pair], groups: Iterable[set[str]]
) -> Iterator[Object]:
    """Sets of tracks with the same notes that are no part of one object, as far as pairs link."""
    inside = {one: id(group) for group in groups for one in group}
    doubling = [
        pair
        for pair in pairs
        if pair.relation == "double" and inside[pair.first.id] != inside[pair.second.id]
    ]
    linked = {one.id: {one.id} for one in tracks}
    for pair in doubling:
        whole = linked[pair.first.id] | linked[pair.second.id]
        linked |= dict.fromkeys(whole, whole)
    for ids in {id(ids): ids for ids in linked.values() if len(ids) > 1}.values():
        yield _double([one for one in tracks if one.id in ids], doubling)


def _double(tracks: Sequence[Named], doubling: Iterable[Pair]) -> Object:
    pairs = list(doubling)
    nearest = {track.id: _most_alike(track, pairs) for track in tracks}
    return Object(
        listed([track.name or "an unnamed track" for track in tracks]),
        "double",
        tuple(Member(track.id, _same_notes(track, nearest[track.id])) for track in tracks),
        round(min(1.0, *(pair.heard.notes for pair in nearest.values())), 2),
    )


def _most_alike(track: Named, pairs: Iterable[Pair]) -> Pair:
    mine = (pair for pair in pairs if track.id in pair.ids)
    return max(mine, key=lambda pair: (pair.share >= NEARLY_ALL, pair.heard.notes))


def _same_notes(track: Named, pair: Pair) -> str:
    other = pair.first if track.id == pair.second.id else pair.second
    if pair.share < NEARLY_ALL:
        return f"Plays the notes of {other.name} (alike by {pair.heard.notes:.2f}) once more."
    delay_ms = 1000.0 * abs(pair.heard.share_delay_s)
    return f"Is {other.name} {delay_ms:.1f} ms apart (correlation {pair.share:.2f}), as a double."
