"""Tracks that record one source are known by their sound, whatever their level, order and place."""

from dataclasses import astuple, replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix.errors import Cancelled
from reaper_automix.features.excerpts import (
    MOST_WINDOWS,
    WINDOW_HOPS,
    WINDOW_SAMPLES,
    Excerpter,
)
from reaper_automix.objects import grouping
from reaper_automix.objects import likeness as likeness_module
from reaper_automix.objects.likeness import Likeness, compare
from reaper_automix.objects.names import name_one_source
from reaper_automix.objects.verdicts import Named
from reaper_automix.roles import STEM_OF, guess
from recordings import amplified, compressed, echoes, filtered, kit, late, plucked, sung
from signals import RATE_HZ, noise, tone

WINDOW = WINDOW_HOPS * RATE_HZ // 10


def excerpts(sound, start_frame=0, block=RATE_HZ):
    sound = np.atleast_2d(sound).astype(np.float32)
    excerpter = Excerpter(RATE_HZ, len(sound), start_frame)
    for first in range(0, sound.shape[1], block):
        excerpter.push(sound[:, first : first + block])
    return excerpter.result()


def named(name):
    found = guess(name)
    return Named(name, name, found.role, STEM_OF[found.role] if found.role else None)


def unnamed(name):
    """A name that says nothing."""
    return Named(name, f"Audio {sum(map(ord, name))}")


def found(sounds, call=named, start_frame=0):
    compared = compare({name: excerpts(one, start_frame) for name, one in sounds.items()})
    return grouping.group([call(name) for name in sounds], compared.likenesses)


def grouped(sounds, *more, **how):
    return {frozenset(one.track_ids) for one in found(sounds, *more, **how).found}


@cache
def drums(bleed_db=-18.0):
    return kit(bleed_db=bleed_db)


@cache
def players():
    """Four who play the same beat in the same key, each in a room of their own."""
    return {
        "Bass": plucked(seed=3, notes=7, low_hz=55),
        "Gtr": plucked(seed=2),
        "Vox": sung(seed=1),
        "Keys": sung(seed=4, notes=8, low_hz=330),
    }


def guitar():
    direct = players()["Gtr"]
    close = amplified(direct)
    far = late(close, 2.3, -3.0) + 0.3 * filtered(close, echoes(0.3, 1))
    return {"Gtr DI": direct, "Gtr Amp": close, "Gtr Amp far": far}


# Excerpts


def test_excerpts_do_not_depend_on_the_size_of_blocks():
    sound = noise(3.0, channels=2)
    whole, parts = excerpts(sound, 7777, 10**6), excerpts(sound, 7777, 1000)
    assert np.array_equal(whole.windows, parts.windows)
    assert np.array_equal(whole.samples, parts.samples)


def test_excerpts_stand_on_the_time_line():
    sound = np.zeros((1, 4 * WINDOW), np.float32)
    sound[0, 2 * WINDOW + 4800] = 0.5
    assert excerpts(sound).windows.tolist() == [2]
    assert excerpts(sound, 3 * WINDOW).windows.tolist() == [5]
    (click,) = excerpts(sound).samples
    assert abs(int(np.abs(click).argmax()) - WINDOW_SAMPLES // 2) <= 1


def test_long_and_short_sources_share_their_windows():
    long, short = excerpts(noise(100.0)), excerpts(noise(3.0), 40 * RATE_HZ)
    assert MOST_WINDOWS // 2 < len(long.windows) <= MOST_WINDOWS
    step = int(long.windows[1] - long.windows[0])
    assert np.all(long.windows % step == 0)
    inside = short.windows[short.windows % step == 0]
    assert set(inside.tolist()) <= set(long.windows.tolist())
    assert len(inside) >= 3


def test_opposite_channels_leave_something():
    sound = noise(1.0)
    assert len(excerpts(np.concatenate([sound, -sound])).windows) == 5


@pytest.mark.parametrize("sound", [np.zeros((1, RATE_HZ)), np.ones((1, 1)), np.zeros((1, 0))])
def test_what_hardly_sounds_is_not_compared(sound):
    sounds = {"a": sound, "b": sound, "c": noise(2.0)}
    assert found(sounds) == grouping.group([], [])


# Laws of finding


@pytest.mark.parametrize("bleed_db", [-10.0, -18.0, -25.0])
def test_a_kit_is_one_object(bleed_db):
    (one,) = found(drums(bleed_db) | players()).found
    assert one.kind == "kit"
    assert set(one.track_ids) == set(drums())
    assert not one.warnings


def test_an_amp_and_its_direct_signal_are_one_object():
    (one,) = found(guitar() | {"Bass": players()["Bass"]}).found
    assert (one.kind, one.name, set(one.track_ids)) == ("amp", "Gtr", set(guitar()))


def test_unrelated_players_have_no_object_and_no_double():
    assert found(players()) == grouping.group([], [])


def test_sound_alone_tells_objects_apart():
    groups = grouped(drums() | guitar() | {"Vox": players()["Vox"]}, unnamed)
    (mics,) = (group for group in groups if "Kick" in group)
    assert {"Kick", "Snare", "Hat", "OH L", "OH R"} <= mics <= set(drums())
    assert groups == {mics, frozenset(guitar())}


def test_a_singer_whose_microphone_hears_the_drums_is_not_one_of_them():
    heard = players()["Vox"] + 0.03 * drums()["OH L"]
    for call in (named, unnamed):
        assert not any("Vox" in group for group in grouped(drums() | {"Vox": heard}, call))


def test_gains_order_and_place_change_nothing():
    sounds = drums() | guitar() | {"Vox": players()["Vox"]}
    plain = grouped(sounds)
    gains = np.random.default_rng(1).uniform(-12, 12, len(sounds))
    louder = {n: s * 10 ** (g / 20) for (n, s), g in zip(sounds.items(), gains, strict=True)}
    assert grouped(dict(reversed(louder.items()))) == plain
    assert grouped(sounds, start_frame=123456) == plain


def test_the_room_for_comparing_is_bounded(monkeypatch):
    monkeypatch.setattr(likeness_module, "MOST_SPECTRA", 20 * len(drums()))
    compared = compare({name: excerpts(one) for name, one in drums().items()})
    assert {one.windows for one in compared.likenesses} == {20}


def test_comparing_can_be_stopped_at_every_source_and_every_few_pairs():
    heard = {name: excerpts(one) for name, one in drums().items()}
    beats = []
    compare(heard, lambda: beats.append(None))
    assert len(beats) > len(heard) + 3

    def stop():
        beats.pop()
        if not beats:
            raise Cancelled

    with pytest.raises(Cancelled):
        compare(heard, stop)


@pytest.mark.parametrize(
    "change",
    [
        lambda heard: heard,
        lambda heard: heard | {"Snare": excerpts(players()["Gtr"])},
        lambda heard: dict(list(heard.items())[1:]),
        lambda heard: {"Gtr": excerpts(players()["Gtr"])} | heard,
        lambda heard: dict(reversed(heard.items())),
    ],
    ids=["nothing", "one sound", "one less", "one more", "the order"],
)
def test_what_was_compared_before_is_what_comparing_it_anew_finds(change):
    heard = {name: excerpts(one) for name, one in drums().items()}
    before, now = compare(heard), change(heard)
    known, anew = compare(now, before=before), compare(now)
    assert known.prints == anew.prints
    for one, other in zip(known.likenesses, anew.likenesses, strict=True):
        assert (one.first, one.second, one.windows) == (other.first, other.second, other.windows)
        assert astuple(one)[3:] == pytest.approx(astuple(other)[3:], abs=1e-5)


def test_only_what_changed_is_compared_again():
    heard = {name: excerpts(one) for name, one in drums().items()}
    before = compare(heard)
    marked = replace(before, likenesses=tuple(replace(p, notes=9.0) for p in before.likenesses))
    changed = compare(heard | {"Snare": excerpts(0.5 * drums()["Snare"])}, before=marked)
    assert {"Snare"} == set.intersection(*(set(p.ids) for p in changed.likenesses if p.notes != 9))
    assert all("Snare" not in p.ids for p in changed.likenesses if p.notes == 9)
    assert compare(heard, before=marked).likenesses == marked.likenesses


def test_polarity_changes_nothing_but_the_warning():
    flipped = drums() | {"OH L": -drums()["OH L"]}
    (one,) = found(flipped).found
    assert set(one.track_ids) == set(drums())
    assert any("OH L" in warning and "opposite polarity" in warning for warning in one.warnings)


def test_a_delay_is_told():
    sound = players()["Gtr"]
    (one,) = found({"Gtr DI": sound, "Gtr Amp": amplified(sound)}).found
    assert "1.2 ms later" in one.evidence("Gtr Amp")
    assert "1.2 ms earlier" in one.evidence("Gtr DI")


# Copies, pairs and doubles


def test_a_compressed_copy_is_of_its_original():
    snare = drums()["Snare"]
    (one,) = found({"Snare": snare, "Squash": compressed(snare), "Vox": players()["Vox"]}).found
    assert set(one.track_ids) == {"Snare", "Squash"}


def test_a_copy_says_whether_its_level_differs():
    vox = players()["Vox"] * np.linspace(0.2, 1.0, len(players()["Vox"]))
    for other, word in ((0.3 * vox, "a copy"), (compressed(vox, 0.01), "a compressed copy")):
        (one,) = found({"a": vox, "b": other.astype(np.float32)}).found
        assert one.kind == "copies"
        assert word in one.evidence("b")


def test_stereo_as_two_monos_is_one_object():
    piano = plucked(seed=9, low_hz=220)
    sides = {
        f"Piano {side}": late(piano, ms) + 0.4 * filtered(piano, echoes(0.2, seed))
        for side, ms, seed in (("L", 0.0, 1), ("R", 0.6, 2))
    }
    (one,) = found(sides | {"Bass": players()["Bass"]}).found
    assert (set(one.track_ids), one.name, one.kind) == (set(sides), "Piano", "piano")


@pytest.mark.parametrize("call", [named, unnamed])
def test_the_same_notes_once_more_are_a_double_and_no_object(call):
    sounds = players() | {"Vox dbl": sung(seed=11, loose_s=0.015)}
    heard = found(sounds, call)
    assert heard.found == ()
    assert [set(one.track_ids) for one in heard.doubles] == [{"Vox", "Vox dbl"}]


def test_all_that_double_each_other_are_told_once():
    singers = {"Vox": sung(seed=1), "Vox 2": sung(seed=11, loose_s=0.015)}
    (two,) = found(singers).doubles
    (three,) = found(singers | {"Vox 3": sung(seed=12, loose_s=0.015)}).doubles
    assert (two.name, three.name) == ("Vox and Vox 2", "Vox, Vox 2 and Vox 3")
    for member in three.members:
        assert "once more" in member.evidence
        assert f"of {member.track_id} (" not in member.evidence


def test_a_delayed_copy_is_a_double():
    sound = players()["Gtr"]
    heard = found({"Gtr": sound, "Gtr wide": late(sound, 18.0)})
    assert heard.found == ()
    assert len(heard.doubles) == 1


def test_samples_that_always_start_together_are_no_recording():
    """Sequenced drums: the same two waveforms at the same distance, again and again."""
    hits = [sum(one[:9600] for one in (noise(0.2, seed=s)[0],)) for s in (1, 2)]
    decay = np.exp(-np.arange(9600) / 1500)
    sounds = {}
    for name, hit in zip(("Kick", "Snare"), hits, strict=True):
        sounds[name] = np.tile(np.pad(hit * decay, (0, 14400)), 20).astype(np.float32)
    assert found(sounds).found == ()


def test_tones_that_hold_are_no_evidence():
    assert found({"a": tone(440, 4.0), "b": tone(440, 4.0)}, unnamed).found == ()


# Groups


def likeness(first, second, share=0.5, sharpness=10.0, notes=0.8):
    return Likeness(first, second, 50, share, 0.002, sharpness, share, 0.002, sharpness, notes, 3.0)


def test_one_mistaken_pair_joins_no_instruments():
    kits, amps = ["a1", "a2", "a3"], ["b1", "b2", "b3"]
    pairs = [likeness(*pair) for ids in (kits, amps) for pair in combinations(ids, 2)]
    tracks = [unnamed(one) for one in (*kits, *amps)]
    objects = grouping.group(tracks, [*pairs, likeness("a1", "b1", 0.3)]).found
    assert [one.track_ids for one in objects] == [tuple(kits), tuple(amps)]


IDS = [named(name) for name in ("Kick", "Snare", "OH L", "Room", "Gtr DI", "Gtr Amp", "Vox")]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_track_is_of_two_objects_and_the_order_of_pairs_decides_nothing(data):
    some = st.floats(0.0, 1.0), st.floats(0.0, 20.0), st.floats(0.0, 1.0)
    pairs = [
        likeness(first.id, second.id, *data.draw(st.tuples(*some)))
        for first, second in combinations(IDS, 2)
        if data.draw(st.booleans())
    ]
    objects = grouping.group(IDS, pairs).found
    of_any = [one for found in objects for one in found.track_ids]
    assert len(of_any) == len(set(of_any))
    assert all(len(found.members) > 1 for found in objects)
    again = grouping.group(IDS, data.draw(st.permutations(pairs))).found
    assert [one.track_ids for one in again] == [one.track_ids for one in objects]


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (("Gtr 3 DI", "Gtr 3 Amp"), "Gtr 3"),
        (("L Piano", "R Piano"), "Piano"),
        (("Kick", "Snare"), "Drum kit"),
        (("🎹", "🎸"), "Microphones of 🎹"),
    ],
)
def test_an_object_has_the_name_that_its_tracks_share(names, name):
    (one,) = grouping.group([*map(named, names)], [likeness(*names)]).found
    assert one.name == name


def test_names_of_two_stems_take_more_than_a_likeness():
    tracks = [named("Kick"), named("Lead Vox")]
    assert grouping.group(tracks, [likeness("Kick", "Lead Vox", 0.5)]).found == ()
    assert grouping.group(tracks, [likeness("Kick", "Lead Vox", 0.95)]).found != ()


def test_bleed_joins_a_kit_and_no_choir():
    bleed = {"share": 0.05, "sharpness": 9.0, "notes": 0.4}
    for names, joined in ((("Kick", "Snare"), True), (("BV 1", "BV 2"), False)):
        objects = grouping.group([*map(named, names)], [likeness(*names, **bleed)]).found
        assert bool(objects) is joined


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("Gtr 3 DI", "Gtr 3 Amp", True),
        ("Piano L", "Piano R", True),
        ("Snare Top", "Snare Btm", True),
        ("Kick Mic 2 1", "Kick", True),
        ("Gtr 3", "Gtr 4", False),
        ("Vox", "Vox dbl", False),
        ("🎸", "🎸", False),
        ("", "", False),
        ("1", "2", False),
    ],
)
def test_names_of_one_source(first, second, are_one):
    assert name_one_source(first, second) is are_one
