"""The same sound has the same key, another sound another: for every field that there is."""

import sys
from dataclasses import fields, is_dataclass, replace
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix import keys
from reaper_automix.features import pesto_network
from reaper_automix.keys import COUNTS, track_key
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fade,
    Fx,
    Item,
    Receive,
    Region,
    Section,
    Session,
    Source,
    StoredBalance,
    StoredEnvelope,
    StoredFader,
    Take,
    TimeRange,
    Track,
)

RIDE = Envelope((EnvelopePoint(0.0, 1.0), EnvelopePoint(1.0, 0.5)))
SOUND = Source("WAVE", "a.wav", "/media/a.wav", Section())
TAKE = Take("{take}", "take", SOUND, volume=RIDE)
SILENT_TAKE = Take("{midi}", "midi", Source("MIDI"))
ITEM = Item("{item}", 1.0, 2.0, (TAKE, SILENT_TAKE))
SEND = Receive("{guitar}", "post-fader", 0.5)
GUITAR = Track(
    "{guitar}", "Guitar", "{folder}", items=(ITEM,), pre_fx_volume=RIDE, volume=RIDE, channels=2
)
ECHO = Track("{echo}", "Echo", "{folder}", receives=(SEND,))
FOLDER = Track("{folder}", "Folder", folder=True)
SONG = Session("Song", (FOLDER, GUITAR, ECHO))


def the_track(song):
    """The key of the one track with items."""
    return track_key(song, next(one for one in song.tracks if one.items), None, "auto")


def with_guitar(guitar):
    return replace(SONG, tracks=(FOLDER, guitar, ECHO))


def with_item(item):
    return with_guitar(replace(GUITAR, items=(item,)))


def with_take(take):
    return with_item(replace(ITEM, takes=(take, SILENT_TAKE)))


# Where each type stands in the song, and how another value of it gets there.
PLACES = {
    Session: (SONG, lambda song: song),
    Track: (GUITAR, with_guitar),
    Item: (ITEM, with_item),
    Take: (TAKE, with_take),
    Source: (SOUND, lambda one: take(source=one)),
    Section: (Section(), lambda one: take(source=replace(SOUND, section=one))),
    Envelope: (RIDE, lambda one: take(volume=one)),
}

OTHERS = {
    "time_selection": TimeRange(0.0, 1.0),
    "regions": (Region(1, "Verse", 0.0, 1.0),),
    "stored": StoredBalance(),
    "master_fx": (Fx("Limiter"),),
    "points": (EnvelopePoint(0.0, 0.5),),
    "fade_in": Fade(0.1),
    "fade_out": Fade(0.1),
    "tracks": (FOLDER, GUITAR),
    "receives": (SEND,),
    "fx": (Fx("Reverb"),),
}
"""Another value of each field whose type does not tell one."""


def another(field, value):
    if field in OTHERS:
        return OTHERS[field]
    return not value if isinstance(value, bool) else value + type(value)(1)


def cases(how):
    return [
        pytest.param(kind, field, id=f"{kind.__name__}.{field}")
        for kind, counts in COUNTS.items()
        for field in getattr(counts, how)
    ]


def changed(kind, field):
    """The song with another value of a field."""
    value, put = PLACES[kind]
    return put(replace(value, **{field: another(field, getattr(value, field))}))


@pytest.mark.parametrize("kind", COUNTS, ids=lambda kind: kind.__name__)
def test_every_field_is_decided_about_once(kind):
    counts = COUNTS[kind]
    decided = (*counts.always, *counts.by_rule, *counts.never)
    assert sorted(decided) == sorted(field.name for field in fields(kind))


def parts(kind):
    """The dataclasses that a type is made of, itself among them."""
    if is_dataclass(kind):
        return {kind}.union(*map(parts, get_type_hints(kind).values()))
    return set().union(*map(parts, get_args(kind)))


def test_every_type_that_a_session_is_made_of_is_decided_about():
    as_a_whole = {Fade, EnvelopePoint}
    unheard = {Fx, Receive, TimeRange, Region, StoredBalance, StoredEnvelope, StoredFader}
    assert parts(Session) == {*COUNTS, *as_a_whole, *unheard}
    assert PLACES.keys() == COUNTS.keys()


@pytest.mark.parametrize(("kind", "field"), cases("always"))
def test_what_always_counts_changes_the_key(kind, field):
    song = changed(kind, field)
    assert the_track(song) != the_track(SONG)


@pytest.mark.parametrize(("kind", "field"), cases("never"))
def test_what_nobody_hears_changes_nothing(kind, field):
    song = changed(kind, field)
    assert the_track(song) == the_track(SONG)


# What counts by rule: (type, field): what is changed, whether the track's key does so


def without_ids(song):
    """The same song with other ids and another order."""
    folder, guitar, echo = song.tracks
    return replace(
        song,
        tracks=(
            replace(folder, id="{1}"),
            replace(echo, id="{2}", parent_id="{1}", receives=(replace(SEND, source_id="{3}"),)),
            replace(guitar, id="{3}", parent_id="{1}"),
        ),
    )


def guitar(**given):
    return with_guitar(replace(GUITAR, **given))


def take(**given):
    return with_take(replace(TAKE, **given))


def item(**given):
    return with_item(replace(ITEM, **given))


READ = replace(GUITAR, automation="read")
TWO = replace(ITEM, id="{two}", position_s=9.0)
BY_RULE = {
    (Session, "global_automation"): (replace(SONG, global_automation=6), True),
    (Track, "items"): (guitar(items=(ITEM, TWO)), True),
    (Track, "automation"): (guitar(automation="read"), True),
    (Track, "volume"): (guitar(volume=None), True),
    (Track, "pre_fx_volume"): (guitar(pre_fx_volume=None), True),
    (Track, "trim_volume"): (guitar(trim_volume=RIDE), True),
    (Item, "takes"): (item(takes=(SILENT_TAKE, TAKE)), True),
    (Item, "active_take"): (item(active_take=1), True),
    (Item, "all_takes_play"): (item(all_takes_play=True), False),
    (Item, "mute"): (item(mute=True), True),
    (Item, "plays"): (item(plays=False), True),
    (Source, "kind"): (take(source=replace(SOUND, kind="MIDI")), True),
    (Source, "file"): (take(source=replace(SOUND, file="/media/b.wav")), True),
    (Source, "section"): (take(source=replace(SOUND, section=None)), True),
    (Take, "source"): (take(source=None), True),
    (Take, "volume"): (take(volume=None), True),
}  # fmt: skip


def test_every_rule_is_tried():
    ruled = {(kind, field) for kind, counts in COUNTS.items() for field in counts.by_rule}
    assert BY_RULE.keys() == ruled


@pytest.mark.parametrize(
    ("song", "counts"),
    BY_RULE.values(),
    ids=[f"{kind.__name__}.{field}" for kind, field in BY_RULE],
)
def test_rules_decide_what_counts(song, counts):
    assert (the_track(song) != the_track(SONG)) is counts


def test_which_track_is_which_and_their_order_does_not_count():
    song = without_ids(SONG)
    assert the_track(song) == the_track(SONG)


def test_an_envelope_on_the_fader_does_not_count():
    ridden = with_guitar(READ)
    assert the_track(with_guitar(replace(READ, volume=None))) == the_track(ridden)


def test_automation_without_envelopes_does_not_count():
    plain = replace(GUITAR, volume=None, pre_fx_volume=None)
    song = with_guitar(replace(plain, automation="touch"))
    assert the_track(song) == the_track(with_guitar(plain))
    bypassed = replace(with_guitar(plain), global_automation=6)
    assert the_track(bypassed) == the_track(with_guitar(plain))


def test_what_lies_outside_the_range_does_not_count():
    part = TimeRange(0.0, 5.0)
    both = guitar(items=(ITEM, TWO))
    assert track_key(both, both.tracks[1], part, "auto") == track_key(SONG, GUITAR, part, "auto")
    assert track_key(SONG, GUITAR, part, "auto") != the_track(SONG)


def test_items_count_in_the_order_in_which_they_play():
    song, turned = guitar(items=(ITEM, TWO)), guitar(items=(TWO, ITEM))
    assert the_track(song) == the_track(turned)


def test_media_that_is_missing_counts():
    lost, offline = (
        take(source=replace(SOUND, file=None)),
        take(source=replace(SOUND, kind="_OFFLINE_WAVE")),
    )
    silent = item(takes=())
    assert len({the_track(song) for song in (SONG, lost, silent)}) == 3
    assert the_track(offline) == the_track(lost)


@pytest.mark.parametrize("pitch", ["all", "exact"])
def test_each_way_to_hear_pitch_has_its_own_keys(pitch):
    assert track_key(SONG, GUITAR, None, pitch) != the_track(SONG)


@pytest.mark.parametrize("what", ["ANALYSIS", "__version__"])
def test_another_analysis_has_other_keys(monkeypatch, what):
    before = the_track(SONG)
    monkeypatch.setattr(keys, what, "another")
    assert the_track(SONG) != before


def test_a_file_that_changes_changes_the_keys(tmp_path):
    file = tmp_path / "a.wav"
    song = take(source=replace(SOUND, file=str(file)))
    seen = [the_track(song)]
    for sound in (b"", b"one", b"longer"):
        file.write_bytes(sound)
        seen.append(the_track(song))
    assert len(set(seen)) == 4


@pytest.mark.parametrize("name", ["\udcff.wav", "nul\0.wav"])
def test_a_file_may_have_any_name(name):
    assert the_track(take(source=replace(SOUND, file=name))) != the_track(SONG)


# The weights of PESTO


@pytest.fixture
def pesto(tmp_path, monkeypatch):
    """A package of that name with some weights, as another process finds it each time."""
    folder = tmp_path / "pesto" / "weights"
    folder.mkdir(parents=True)
    (tmp_path / "pesto" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "pesto", raising=False)
    monkeypatch.syspath_prepend(tmp_path)

    def found(weights):
        if weights is not None:
            (folder / "net.ckpt").write_bytes(weights)
        keys.pesto_weights.cache_clear()
        return the_track(SONG)

    yield found
    keys.pesto_weights.cache_clear()


def test_what_was_heard_without_weights_or_with_others_is_heard_again(pesto):
    seen = [pesto(weights) for weights in (None, b"", b"cut", b"whole")]
    assert len(set(seen)) == 4
    assert "pesto" not in sys.modules


def test_what_was_heard_without_the_package_is_heard_again(pesto, monkeypatch):
    with_it = pesto(b"whole")
    monkeypatch.setitem(sys.modules, "pesto", None)
    assert with_it != pesto(b"whole")


def test_the_weights_that_count_are_those_that_are_read():
    keys.pesto_weights.cache_clear()
    assert pesto_network.WEIGHTS_FILE in dict(keys.pesto_weights())


gains = st.floats(0.01, 4.0)


@given(name=st.text(), color=st.integers(), fader=gains, pan=gains, mute=st.booleans())
def test_a_track_duplicated_renamed_regrouped_and_mixed_keeps_its_key(
    name, color, fader, pan, mute
):
    twin = replace(
        GUITAR,
        id="{twin}",
        name=name,
        color=color,
        parent_id=None,
        fader_gain=fader,
        pan=pan,
        mute=mute,
        items=(replace(ITEM, id="{i}", takes=(replace(TAKE, id="{t}", name=name), SILENT_TAKE)),),
    )
    song = replace(SONG, name=name, tracks=(*SONG.tracks, twin))
    assert track_key(song, twin, None, "auto") == the_track(SONG)


MILLIONTHS = st.integers(-1_000_000, 1_000_000).map(lambda number: number / 1e6)


@given(length_s=MILLIONTHS.map(abs), shape=st.integers(0, 7), curve=MILLIONTHS)
def test_a_changed_fade_changes_the_key(length_s, shape, curve):
    fade = Fade(length_s, shape, curve)
    assert (the_track(item(fade_in=fade)) == the_track(SONG)) is (fade == ITEM.fade_in)
