"""Stem proposals: what goes where, what stays and why, and the laws that hold for any session."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import mix
from reaper_automix.audio import to_samples
from reaper_automix.objects import Member, Object, Objects
from reaper_automix.roles import STEM_OF, Guess
from reaper_automix.routing import MIX, trace
from reaper_automix.scene import set_scene
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Receive, Session, Track
from reaper_automix.settings import Settings
from reaper_automix.stemtree import Wish, arranged, guess_all, propose
from reaper_automix.stemtree.catalogue import BY_NAME, RANK, STEMS, called, is_whole
from signals import harmonic, noise, tone
from songs import session as sound_session
from songs import track as sound_track

NAMES = (
    *("Kick", "Snare", "Tom 1", "OH L", "Room", "Shaker", "Bass DI", "Gtr 1", "Ac Gtr", "Piano"),
    *(
        "Hammond",
        "Pad",
        "Violin",
        "Trumpet",
        "Flute",
        "Lead Vox",
        "BV 1",
        "Verb",
        "Click",
        "Applause",
    ),
    *("", "1", "🎸", "Audio 07", "Drums", "Toms", "Guitars", "Vocals", "FX", "Band"),
)
KIT = ("Kick", "Snare", "Tom 1", "OH L")


def row(name, parent=None, **more):
    return Track(f"{{{name}}}", name, parent_id=parent and f"{{{parent}}}", **more)


def folder(name, parent=None, **more):
    return row(name, parent, folder=True, **more)


def song(*tracks, **more):
    return Session("song", tracks, **more)


def proposed(session, wishes=None):
    return propose(session, guess_all(session), wishes)


def sort(session):
    return arranged(session, proposed(session))


def goals(session, wishes=None):
    """The folder that every moving track goes into, by name."""
    found = proposed(session, wishes)
    return {one.name: found.folder(one.folder_id).name for one in found.moves}


def outline(session):
    """Every track with its folder, in order."""
    names = {None: None} | {track.id: track.name for track in session.tracks}
    return [(track.name, names[track.parent_id]) for track in session.tracks]


def why(session, name):
    (found,) = [one for one in proposed(session).rows if one.name == name]
    return found.why


@st.composite
def sessions(draw, most=14):
    """Tracks of any names and kinds, in any folders, with sends between them."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=most))
    parents, tracks, path = [], [], []
    for place, name in enumerate(names):
        del path[draw(st.integers(0, len(path))) :]
        parents.append(path[-1] if path else None)
        path.append(place)
        flags = draw(
            st.sets(st.sampled_from(("mute", "locked", "frozen", "vca_follower")), max_size=1)
        )
        tracks.append(
            Track(
                f"{{{place}}}",
                name,
                parent_id=None if parents[-1] is None else f"{{{parents[-1]}}}",
                main_send=draw(st.integers(0, 9)) > 0,
                receives=_receives(draw, place, len(names)),
                fx=(Fx("ReaVerb"),) if draw(st.booleans()) else (),
                channels=draw(st.sampled_from((2, 4))),
                **dict.fromkeys(flags if draw(st.integers(0, 3)) == 0 else (), True),
            )
        )
    return song(*(replace(t, folder=n in parents) for n, t in enumerate(tracks)))


def _receives(draw, place, count):
    sources = draw(st.sets(st.integers(0, count - 1), max_size=2)) - {place}
    if draw(st.integers(0, 3)):
        return ()
    return tuple(Receive(f"{{{source}}}") for source in sorted(sources))


@given(sessions())
def test_carried_out_once_there_is_nothing_left_to_propose(session):
    after = sort(session)
    assert proposed(after).moves == ()
    assert sort(after) == after


@given(sessions())
def test_every_track_is_there_once_as_it_was_and_new_ones_are_folders(session):
    after = sort(session)
    known = {track.id: track for track in session.tracks}
    made = [track for track in after.tracks if track.id not in known]
    assert Counter(t.id for t in after.tracks) == Counter([*known, *(t.id for t in made)])
    for track in after.tracks:
        if track.id in known:
            assert replace(track, parent_id=None) == replace(known[track.id], parent_id=None)
    assert {(t.folder, t.fader_gain, t.pan_law, t.main_send) for t in made} <= {
        (True, 1.0, 1.0, True)
    }
    assert {t.name for t in made} <= {stem.title for stem in STEMS}


@given(sessions())
def test_what_lies_in_a_folder_stays_and_only_the_top_moves(session):
    after = {track.id: track for track in sort(session).tracks}
    for track in session.tracks:
        if track.parent_id is not None:
            assert after[track.id].parent_id == track.parent_id


@given(sessions())
def test_the_order_inside_every_folder_is_kept(session):
    found = proposed(session)
    after = arranged(session, found)
    moved = {one.track_id for one in found.moves}
    place = {track.id: at for at, track in enumerate(session.tracks)}
    for parent in {track.parent_id for track in after.tracks}:
        inside = [t.id for t in after.children(parent) if t.id in place]
        for group in (moved, place.keys() - moved):
            places = [place[track] for track in inside if track in group]
            assert places == sorted(places)


@given(sessions())
def test_every_folder_stands_before_what_lies_in_it_and_holds_it_together(session):
    open_folders = []
    for track in sort(session).tracks:
        while open_folders and open_folders[-1] != track.parent_id:
            open_folders.pop()
        assert track.parent_id is None or open_folders
        open_folders.append(track.id)


@given(sessions())
def test_a_new_folder_has_two_tracks_or_more_and_room_for_the_widest(session):
    known = {track.id for track in session.tracks}
    after = sort(session)
    for made in (track for track in after.tracks if track.id not in known):
        inside = after.children(made.id)
        assert len(inside) >= 2
        assert made.channels == max(track.channels for track in inside)


@given(sessions())
def test_no_loop_comes_in_and_who_feeds_whom_stays(session):
    before, after = trace(session), trace(sort(session))
    assert after.broken == before.broken
    assert {t: before.kind[t] for t in before.kind} == {t: after.kind[t] for t in before.kind}


@given(sessions(), st.randoms(use_true_random=False))
def test_where_a_loose_track_goes_does_not_hang_on_its_place(session, random):
    flat = song(*(replace(t, parent_id=None, folder=False, receives=()) for t in session.tracks))
    mixed = song(*random.sample(flat.tracks, len(flat.tracks)))
    found, shuffled = proposed(flat), proposed(mixed)
    assert {r.track_id: r.folder_id for r in found.rows} == {
        r.track_id: r.folder_id for r in shuffled.rows
    }
    assert found.folders == shuffled.folders


@given(sessions())
def test_wishing_what_is_proposed_is_the_proposal(session):
    found = proposed(session)
    wishes = {one.track_id: Wish(one.part.stem, one.part.role) for one in found.rows if one.loose}
    assert proposed(session, wishes) == found


@given(sessions())
def test_without_a_wish_nothing_moves(session):
    assert proposed(session, {}).moves == ()


@given(sessions())
def test_everything_that_stays_says_why(session):
    for one in proposed(session).rows:
        assert one.why or one.state == "moves"


@pytest.mark.parametrize("stem", STEMS, ids=lambda stem: stem.name)
def test_a_new_folder_is_known_again_by_its_name(stem):
    session = song(folder(stem.title), row("Something", stem.title))
    assert proposed(session).rows[0].why == f"The folder of {stem.name}."


def test_stems_have_all_names_and_colours_of_their_own():
    assert {stem for stem in STEM_OF.values() if stem} == set(RANK) == set(BY_NAME)
    assert len({stem.color for stem in STEMS}) == len(STEMS)
    assert all(0 <= part <= 255 for stem in STEMS for part in stem.color)
    words = [word for stem in STEMS for word in stem.words]
    assert len(words) == len(set(words))
    assert all(called(word) for word in words)
    assert all(stem.words or all(map(is_whole, _roles(stem))) for stem in STEMS)


def _roles(stem):
    return [role for role, name in STEM_OF.items() if name == stem.name]


def test_loose_tracks_are_gathered_in_a_fixed_order():
    session = song(*map(row, ("BV 1", "Gtr 1", "Snare", "Lead Vox", "Gtr 2", "Kick", "BV 2")))
    assert outline(sort(session)) == [
        ("Drums", None),
        ("Snare", "Drums"),
        ("Kick", "Drums"),
        ("Guitars", None),
        ("Gtr 1", "Guitars"),
        ("Gtr 2", "Guitars"),
        ("Lead Vox", None),
        ("Backing Vocals", None),
        ("BV 1", "Backing Vocals"),
        ("BV 2", "Backing Vocals"),
    ]


def test_a_single_track_of_a_stem_makes_no_folder():
    session = song(row("Kick"), row("Bass"), row("Lead Vox"))
    assert goals(session) == {}
    assert why(session, "Bass") == "The only track of bass; one track needs no folder."
    assert sort(session) == session


def test_what_nobody_knows_is_listed_and_left_where_it_is():
    session = song(*map(row, ("Audio 07", "Kick", "🎸🎸", "Snare", "")))
    assert [one.name for one in proposed(session).unmatched] == ["Audio 07", "🎸🎸", ""]
    names = [name for name, _ in outline(sort(session))]
    assert names == ["Audio 07", "Drums", "Kick", "Snare", "🎸🎸", ""]


def test_a_click_is_known_and_goes_nowhere():
    session = song(row("Click"), row("Click 2"))
    assert why(session, "Click") == "It is of no stem: click."
    assert proposed(session).unmatched == ()


def test_a_folder_that_is_there_is_completed():
    session = song(
        row("Tom 1"), folder("DRUM BUS"), row("Kick", "DRUM BUS"), row("OH L"), row("Bass")
    )
    assert outline(sort(session)) == [
        ("DRUM BUS", None),
        ("Kick", "DRUM BUS"),
        ("Tom 1", "DRUM BUS"),
        ("OH L", "DRUM BUS"),
        ("Bass", None),
    ]


def test_a_folder_is_known_by_most_of_what_is_in_it():
    inside = [row(name, "Left side") for name in ("Gtr 1", "Gtr 2", "Piano")]
    session = song(folder("Left side"), *inside, row("Ac Gtr"), row("Hammond"))
    assert goals(session) == {"Ac Gtr": "Left side"}


def test_half_of_it_is_not_most():
    inside = [row(name, "Left side") for name in ("Gtr 1", "Gtr 2", "Piano", "Hammond")]
    session = song(folder("Left side"), *inside, row("Ac Gtr"))
    assert goals(session) == {}
    assert why(session, "Left side") == "A folder of no one stem."


def test_a_name_counts_more_than_what_is_inside():
    session = song(
        folder("Keys"), row("Gtr 1", "Keys"), row("Gtr 2", "Keys"), row("Piano"), row("Gtr 3")
    )
    assert goals(session) == {"Piano": "Keys"}


def test_a_folder_of_one_instrument_moves_as_a_whole_and_takes_in_its_own():
    session = song(
        folder("Toms"), row("Tom 1", "Toms"), row("Tom 2", "Toms"), row("Tom 3"), row("Kick")
    )
    assert outline(sort(session)) == [
        ("Drums", None),
        ("Toms", "Drums"),
        ("Tom 1", "Toms"),
        ("Tom 2", "Toms"),
        ("Tom 3", "Toms"),
        ("Kick", "Drums"),
    ]


def test_a_folder_inside_another_is_completed_where_it_is():
    session = song(folder("Band"), folder("Drums", "Band"), row("Kick", "Drums"), row("Snare"))
    assert outline(sort(session))[-1] == ("Snare", "Drums")


def test_a_stem_inside_another_ones_folder_is_no_home():
    inside = [row(name, "Layer") for name in ("Pad 1", "Pad 2")]
    session = song(folder("Strings"), folder("Layer", "Strings"), *inside, row("Pad 3"))
    assert goals(session) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mute": True}, "Drums is muted, so nothing is put into it."),
        ({"main_send": False}, "Drums is not sent to what it lies in, so nothing is put into it."),
        ({"locked": True}, "Drums is locked, so nothing is put into it."),
        ({"frozen": True}, "Drums is frozen, so nothing is put into it."),
    ],
)
def test_into_some_folders_nothing_is_put_and_no_second_one_is_made(given, said):
    session = song(folder("Drums", **given), row("Kick", "Drums"), *map(row, ("Snare", "OH L")))
    assert goals(session) == {}
    assert why(session, "Snare") == said


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"fader_gain": 0.5}, "a fader at -6.0 dB"),
        ({"fx": (Fx("ReaComp"),)}, "effects"),
        ({"pan": 0.5}, "a pan"),
        ({"phase_inverted": True}, "its polarity flipped"),
        ({"play_offset_s": 0.1}, "a delay"),
        ({"vca_follower": True}, "a VCA"),
        ({"volume": Envelope((EnvelopePoint(0.0, 0.5),))}, "automation"),
    ],
)
def test_what_a_folder_does_to_a_track_is_told(given, word):
    session = song(folder("Drums", **given), row("Kick", "Drums"), row("Snare"))
    assert why(session, "Snare") == f"It will sound through Drums ({word})."


def test_a_folder_that_does_nothing_is_not_told_of():
    session = song(folder("Drums"), row("Kick", "Drums"), row("Snare"), row("Wide OH", channels=4))
    assert why(session, "Snare") == ""
    assert why(session, "Wide OH") == "It will sound through Drums (2 channels)."


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"main_send": False}, "Its main send is off"),
        ({"locked": True}, "Locked"),
        ({"frozen": True}, "Frozen"),
        ({"vca_follower": True}, "It follows a VCA"),
        ({"grouped": True}, "It leads a group and plays nothing."),
    ],
)
def test_tracks_that_stay_say_why(given, said):
    session = song(row("Kick", **given), row("Snare"), row("OH L"))
    assert why(session, "Kick").startswith(said)
    assert goals(session) == {"Snare": "Drums", "OH L": "Drums"}


def test_a_bus_is_no_source():
    bus = row("Drum crush", receives=(Receive("{Kick}"),))
    fed = row("Kick", main_send=False)
    session = song(fed, bus, row("Snare"), row("OH L"))
    assert "a bus and no source" in why(session, "Drum crush")
    parallel = song(row("Kick"), bus, row("Snare"))
    assert why(parallel, "Drum crush") == "It only receives from other tracks, so it is no source."
    assert goals(parallel) == {"Kick": "Drums", "Snare": "Drums"}


def test_returns_of_effects_go_to_the_effects():
    reverb = (Fx("ReaVerb"),)
    session = song(
        row("Lead Vox"),
        row("Plate", receives=(Receive("{Lead Vox}"),)),
        row("7", receives=(Receive("{Lead Vox}"),), fx=reverb),
    )
    assert goals(session) == {"Plate": "FX", "7": "FX"}


def test_what_a_folder_feeds_is_not_put_into_it():
    session = song(folder("FX"), row("Plate", "FX"), row("Delay", receives=(Receive("{FX}"),)))
    assert why(session, "Delay") == "FX feeds it, so it cannot lie in there."
    assert goals(session) == {}


def one_source(*names, name="Drum kit"):
    members = tuple(Member(f"{{{one}}}", "Bleeds.") for one in names)
    return Objects((Object(name, "kit", members, 0.8),))


def test_tracks_of_one_source_go_where_the_one_known_best_goes():
    session = song(*map(row, ("Kick", "Snare", "Audio 07", "Piano", "Click", "Verb")))
    whole = one_source("Kick", "Snare", "Audio 07", "Piano", "Click", "Verb")
    found = propose(session, guess_all(session), objects=whole)
    drums = [one for one in found.moves if one.part.stem == "drums"]
    assert [one.name for one in drums] == ["Kick", "Snare", "Audio 07", "Piano", "Verb"]
    told = {one.name: one.why for one in drums}
    assert told["Kick"] == told["Snare"] == ""
    assert told["Audio 07"] == told["Piano"] == "One source with Kick (Drum kit), so it goes along."
    again = arranged(session, found)
    assert not propose(again, guess_all(again), objects=whole).moves


def test_an_effect_leads_no_source_and_the_unknown_lead_nobody():
    session = song(*map(row, ("Verb", "Audio 07", "1")))
    whole = one_source("Verb", "Audio 07", "1", name="Copies of Verb")
    found = propose(session, guess_all(session), objects=whole)
    assert [one.state for one in found.rows[1:]] == ["unmatched", "unmatched"]


def test_a_wish_counts_more_than_one_source():
    session = song(*map(row, ("Kick", "Snare", "Audio 07", "Piano", "Organ")))
    wishes = {f"{{{name}}}": Wish("drums", "kick") for name in ("Kick", "Snare")}
    wishes["{Audio 07}"] = Wish("keys")
    whole = one_source("Kick", "Snare", "Audio 07")
    found = propose(session, guess_all(session), wishes, whole)
    assert {one.name: one.part.stem for one in found.rows}["Audio 07"] == "keys"


def test_wishes_decide():
    session = song(*map(row, ("Audio 07", "Kick", "Snare", "OH L")))
    wishes = {
        "{Audio 07}": Wish("drums"),
        "{Kick}": Wish("drums", "kick"),
        "{Snare}": Wish(None, "snare"),
    }
    assert goals(session, wishes) == {"Audio 07": "Drums", "Kick": "Drums"}
    found = {one.name: one for one in proposed(session, wishes).rows}
    assert found["Audio 07"].part.by == "you"
    assert (found["Snare"].state, found["OH L"].state) == ("left", "left")
    assert found["OH L"].why == "It is not in the table."


def test_sound_alone_makes_no_folder_the_folder_of_a_stem():
    session = song(folder("Everything"), row("1", "Everything"), row("Kick"))
    heard = guess_all(session) | {"{Everything}": Guess("kick", 0.9, "sound")}
    assert propose(session, heard).rows[0].why == "A folder of no one stem."


def test_folders_twelve_deep():
    deep = [folder("Level 0")]
    deep += [folder(f"Level {n}", f"Level {n - 1}") for n in range(1, 12)]
    session = song(*deep, row("Kick", "Level 11"), row("Snare"), row("OH L"))
    after = sort(session)
    assert outline(after)[-3:] == [("Drums", None), ("Snare", "Drums"), ("OH L", "Drums")]
    assert outline(after)[:-3] == outline(session)[:-2]


def test_hundreds_of_tracks_of_one_name():
    tracks = [Track(f"{{{n}}}", "Kick") for n in range(500)]
    after = sort(song(*tracks))
    assert [track.id for track in after.tracks[1:]] == [track.id for track in tracks]
    assert {track.parent_id for track in after.tracks[1:]} == {after.tracks[0].id}


@pytest.mark.parametrize("session", [song(), song(row("Kick")), song(folder("Drums"))])
def test_where_there_is_nothing_to_do_nothing_changes(session):
    assert proposed(session).moves == ()
    assert sort(session) == session


def test_the_mix_sounds_as_before(tmp_path):
    loose = (("Kick", tone(60, 0.5, -12)), ("Gtr 1", harmonic(220, 0.5, -20)))
    more = (("Snare", noise(0.5, -30, seed=1)), ("Gtr 2", noise(0.5, -25, seed=2, channels=2)))
    session = sound_session(
        *(sound_track(tmp_path, name, sound, fader_gain=0.7, pan=0.4) for name, sound in loose),
        *(sound_track(tmp_path, name, sound, fader_gain=1.3, pan=-0.9) for name, sound in more),
        pan_law=0.7079,
    )
    after = sort(session)
    assert len(after.tracks) == 6
    assert np.abs(heard(after) - heard(session)).max() <= 1e-6
    assert np.abs(heard(session)).max() > 0.1


def heard(session):
    desk = set_scene(session, Settings()).desk()
    return to_samples(mix.tap(desk, MIX, {}))
