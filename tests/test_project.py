"""Projects as sessions: every field from the lines REAPER writes for it."""

import re
from pathlib import Path

import pytest

from reaper_automix import rpp
from reaper_automix.adapters import project
from reaper_automix.errors import InputError
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fade,
    Fx,
    Receive,
    Section,
    TimeRange,
    from_json,
    to_json,
)

DATA = Path(__file__).parent / "data"
GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")


@pytest.fixture(scope="module")
def items():
    """The items of every track of ``items.rpp`` by the track's name."""
    session = project.read(DATA / "items.rpp")
    return {track.name: track.items for track in session.tracks}


@pytest.fixture(scope="module")
def routing():
    """The tracks of ``routing.rpp`` by name."""
    return {track.name: track for track in project.read(DATA / "routing.rpp").tracks}


@pytest.fixture
def song(tmp_path):
    """Makes a project of a body between a header and its end, and reads it."""

    def read(body, head='<REAPER_PROJECT 0.1 "7.0/x64" 1'):
        file = tmp_path / "song.RPP"
        file.write_bytes(rpp.encode(f"{head}\n{body}\n>\n"))
        return project.read(file)

    return read


def take(item):
    return item.takes[item.active_take]


# --- real projects -------------------------------------------------------------------------------


@pytest.mark.long
def test_every_real_project_is_read_and_survives_as_json(shared_data):
    files = [file for file in shared_data.rglob("*") if ".rpp" in file.suffix.lower()]
    snippets = {"ReaperDevices.rpp", "reapertrack.rpp"}
    read = 0
    for file in files:
        if file.name in snippets:
            with pytest.raises(InputError, match="is not a REAPER project"):
                project.read(file)
            continue
        session = project.read(file)
        assert from_json(to_json(session)) == session, file
        blocks = re.findall(rb"^\s*<(TRACK|ITEM)\b", file.read_bytes(), re.MULTILINE)
        assert len(session.tracks) == blocks.count(b"TRACK"), file
        assert sum(len(track.items) for track in session.tracks) == blocks.count(b"ITEM"), file
        assert len({track.id for track in session.tracks}) == len(session.tracks), file
        read += 1
    assert read == len(files) - len(snippets) >= 111


def test_all_media_of_the_rendered_sessions_are_found(shared_data):
    for folder in ("sessions", "multitrack"):
        for file in (shared_data / folder).rglob("*.rpp"):
            tracks = project.read(file).tracks
            sources = [take(item).source for track in tracks for item in track.items]
            assert sources
            assert all(Path(source.file).is_file() for source in sources), file


def test_a_real_session_agrees_with_the_list_it_was_made_from(shared_data):
    session = project.read(shared_data / "sessions/rock_odd/keep_on_rolling.rpp")
    assert session.sample_rate_hz == 44100
    assert session.tempo_bpm == 104.0000139
    by_name = {track.name: track for track in session.tracks}
    keys = by_name["Keys 'n' Bass"]
    assert keys.fader_db == pytest.approx(-4.698567400362101, abs=1e-9)
    assert by_name[""].parent_id == keys.parent_id == by_name["BRASS"].id
    assert [item.gain for item in keys.items] == [1.0, 1.258925412, 1.0]


# --- the project ---------------------------------------------------------------------------------


def test_project_lines():
    session = project.read(DATA / "routing.rpp")
    assert session.name == "routing"
    assert (session.sample_rate_hz, session.tempo_bpm) == (48000, 100.0)
    assert (session.pan_law, session.pan_taper, session.pan_mode) == (1.0, 3, 3)
    assert (session.item_mix, session.global_automation) == (1, -1)
    assert (session.master_gain, session.master_pan, session.master_channels) == (0.9, 0.1, 2)
    assert session.time_selection == TimeRange(1.0, 2.5)
    assert session.master_fx == (Fx("JS: loser/MGA_JSLimiter"),)
    assert session.stored is None


def test_a_project_of_nothing_has_the_defaults(song):
    session = song("")
    assert session.tracks == ()
    assert (session.sample_rate_hz, session.tempo_bpm, session.pan_law) == (48000, 120.0, 1.0)
    assert session.time_selection is None


def test_master_effects_are_silent_when_their_chain_is_off(song):
    session = song("  MASTER_FX 0\n  <MASTERFXLIST\n    <JS a\n    >\n  >")
    assert session.master_fx == (Fx("JS: a", active=False),)


@pytest.mark.parametrize(
    "line", ["SAMPLERATE 0 0 0", "SAMPLERATE -1", "SAMPLERATE", "TEMPO 0 4 4", "TEMPO nan"]
)
def test_impossible_values_give_way_to_the_defaults(song, line):
    session = song(f"  {line}")
    assert (session.sample_rate_hz, session.tempo_bpm) == (48000, 120.0)


# --- items ---------------------------------------------------------------------------------------


def test_an_item_is_read_whole(items):
    (item,) = items["plain"]
    assert (item.position_s, item.length_s, item.end_s) == (0.5, 2.0, 2.5)
    assert (item.gain, item.mute, item.loop, item.plays) == (1.0, False, False, True)
    assert item.id == "{00000002-0000-4000-8000-000000000001}"
    assert take(item).id == "{00000003-0000-4000-8000-000000000001}"
    assert (take(item).name, take(item).source.kind) == ("tone.wav", "WAVE")
    assert take(item).source.path == "media/tone.wav"
    assert take(item).play_rate == 1.0


def test_item_and_take_gain_are_two_fields_and_polarity_is_a_sign(items):
    assert (items["item gain"][0].gain, take(items["item gain"][0]).gain) == (0.5, 1.0)
    (flipped,) = items["take gain, polarity flipped"]
    assert (flipped.gain, take(flipped).gain) == (1.0, -0.5)
    assert take(items["take pan"][0]).pan == -1.0


def test_what_is_taken_of_a_source(items):
    assert take(items["offset"][0]).offset_s == 0.75
    assert items["looped"][0].loop
    follows, kept = take(items["rate, pitch follows"][0]), take(items["rate, pitch kept"][0])
    assert (follows.play_rate, follows.preserve_pitch) == (1.5, False)
    assert (kept.play_rate, kept.preserve_pitch) == (0.8, True)
    assert take(items["pitched"][0]).pitch_semitones == -3.5
    assert [take(item).channel_mode for item in items["channels"]] == [1, 2, 3, 4]
    assert take(items["stretched"][0]).has_stretch_markers
    assert not take(items["plain"][0]).has_stretch_markers


def test_an_automatic_fade_goes_before_a_manual_one_and_new_shapes_have_a_point(items):
    (manual,) = items["manual fades"]
    assert (manual.fade_in, manual.fade_out) == (Fade(0.5, 0), Fade(0.25, 3, 0.5))
    early, late = items["automatic fades"]
    assert (early.fade_in, early.fade_out) == (Fade(0.01, 1), Fade(0.25, 7))
    assert late.fade_in == Fade(0.25, 6, -0.25)


def test_fades_of_old_and_damaged_files(song):
    (track,) = song(
        "  <TRACK\n    <ITEM\n      FADEIN 1 0.2 0.0\n      FADEOUT 99 -1 nan x y 7\n    >\n  >"
    ).tracks
    assert track.items[0].fade_in == Fade(0.2, 1)
    assert track.items[0].fade_out == Fade(0.0, 1, 1.0)


def test_item_solo_overrides_mute_and_silences_the_others(items):
    assert [item.mute for item in items["muted"]] == [True, False, True]


def test_sections_and_reversed_sources(items):
    assert take(items["section"][0]).source.section == Section(0.25, 0.5, 0.01)
    assert take(items["section reversed"][0]).source.section == Section(0.25, 0.5, 0.01, True)
    assert take(items["reversed"][0]).source.section == Section(reverse=True)
    nested = take(items["section of a section"][0]).source
    assert nested.section == Section(0.625, 0.25, 0.01, True)
    assert (nested.kind, nested.path) == ("WAVE", "media/tone.wav")


def test_the_active_take_of_several(items):
    (item,) = items["takes"]
    assert (len(item.takes), item.active_take) == (3, 1)
    active = take(item)
    assert (active.pan, active.gain, active.pan_law) == (-0.5, -0.25, -1.0)
    assert (active.offset_s, active.source.path) == (0.25, "media/second.wav")
    (both,) = items["all takes play"]
    assert (both.all_takes_play, len(both.takes), both.active_take) == (True, 2, 0)


def test_empty_takes_first_between_and_active(items):
    between, first, only = items["empty takes"]
    assert [empty.source is None for empty in between.takes] == [False, True, False]
    assert between.active_take == 2
    assert [empty.source is None for empty in first.takes] == [True, False]
    assert take(first).name == "after"
    assert only.active_take == 1
    assert take(only).source is None


def test_items_without_takes(items):
    empty, no_source = items["empty items"]
    assert empty.takes == ()
    assert take(no_source).source.kind == "EMPTY"
    assert take(no_source).source.file is None


def test_take_envelopes_and_effects(items):
    envelopes = take(items["take envelopes"][0])
    points = (EnvelopePoint(0, 1), EnvelopePoint(1, 0.5, 5, -0.5), EnvelopePoint(2, 0, 1))
    assert envelopes.volume == Envelope(points)
    assert (envelopes.pan_automated, envelopes.mute_automated) == (True, False)
    assert [take(item).has_fx for item in items["take effects"]] == [True, False]


def test_only_the_lanes_that_play(items):
    assert [item.plays for item in items["lanes"]] == [True, False, True]
    assert [item.plays for item in items["all lanes play"]] == [True, True]
    assert [item.plays for item in items["free positions"]] == [True, True]


def test_lanes_beyond_the_first_word_and_beyond_the_track(song):
    lines = "FREEMODE 2\nITEMLANES 40\nLANESOLO 0 2 0 0 0 0 0 0"
    positions = "".join(f"<ITEM\nYPOS {top} 0.025 2\n>\n" for top in (0.825, 0.8, 7, -7, "x"))
    (track,) = song(f"<TRACK\n{lines}\n{positions}>").tracks
    assert [item.plays for item in track.items] == [True, False, False, False, False]


def test_free_positioning_is_the_tracks():
    tracks = project.read(DATA / "items.rpp").tracks
    assert [track.name for track in tracks if track.free_positioning] == ["free positions"]


def test_kinds_of_sources(items):
    assert take(items["MIDI"][0]).source.kind == "MIDI"
    kinds = [take(item).source.kind for item in items["other sources"]]
    assert kinds == ["MP3", "VIDEO", "RPP_PROJECT", "WAVE"]
    assert take(items["other sources"][0]).source.path == "media/tone.mp3"


# --- tracks --------------------------------------------------------------------------------------


def test_the_folder_tree(routing):
    folders = {name: track.parent_id for name, track in routing.items() if track.parent_id}
    drums, cymbals = routing["Drums"].id, routing["Cymbals"].id
    assert folders == {
        "Kick": drums,
        "Cymbals": drums,
        'Hat "open"': cymbals,
        "Ride": cymbals,
    }
    assert [name for name, track in routing.items() if track.folder] == ["Drums", "Cymbals"]


@pytest.mark.parametrize(
    ("depths", "parents"),
    [
        (["2 -3", "0 0"], [None, None]),
        (["1 1", "2 -9", "0 0"], [None, 0, None]),
        (["1 1", "1 1"], [None, 0]),
        (["x", "1", "0 -1", "9 9", ""], [None, None, 1, None, 3]),
        (["1 1", "1 1", "1 1", "2 -2", "2 -1", "0 0"], [None, 0, 1, 2, 0, None]),
    ],
)
def test_damaged_folder_depths_never_break_the_tree(song, depths, parents):
    tracks = song("\n".join(f"<TRACK\nISBUS {depth}\n>" for depth in depths)).tracks
    ids = [track.id for track in tracks]
    assert [track.parent_id and ids.index(track.parent_id) for track in tracks] == parents


def test_levels_of_a_track(routing):
    hat = routing['Hat "open"']
    assert (hat.fader_gain, hat.pan, hat.pan_law) == (0.5, -0.25, -1.0)
    assert (hat.dual_pan_left, hat.dual_pan_right, hat.pan_width) == (-1.0, 1.0, 1.0)
    bus = routing["Sub bus"]
    assert (bus.pan_mode, bus.pan_law, bus.pan_width) == (5, 0.7079457844, 0.5)
    assert (bus.dual_pan_left, bus.dual_pan_right) == (-0.5, 0.5)
    assert routing["Backing"].fader_gain == 0.3
    assert routing["Cymbals"].channels == 4


def test_switches_of_a_track(routing):
    synth = routing["Synth"]
    assert (synth.mute, synth.solo, synth.solo_defeat) == (False, 2, True)
    assert (routing["Sub bus"].mute, routing["Sub bus"].locked) == (True, True)
    assert (routing["Bass"].main_send, routing["Kick"].main_send) == (False, True)
    assert routing["Kick"].color == 29815922
    assert routing["Drums"].color == 0


def test_more_switches_of_a_track(song):
    (track,) = song(
        "<TRACK\nIPHASE 1\nSEL 1\nNCHAN 500\nPLAYOFFS 4800 2\nLOCK 1\n<FREEZE 0\n>\n>"
    ).tracks
    assert (track.phase_inverted, track.selected, track.locked, track.frozen) == (True,) * 4
    assert (track.channels, track.play_offset_s) == (128, 0.1)


def test_a_bypassed_play_offset_is_none(song):
    tracks = song("<TRACK\nPLAYOFFS 0.5 1\n>\n<TRACK\nPLAYOFFS 0.5 0\n>").tracks
    assert [track.play_offset_s for track in tracks] == [0.0, 0.5]


def test_receives(routing):
    ids = {name: track.id for name, track in routing.items()}
    vox, hat, synth, backing = routing["Reverb"].receives
    assert vox == Receive(ids["Lead Vox"], gain=0.5)
    assert hat == Receive(
        ids['Hat "open"'], "pre-fader", 0.25, -0.5, mute=True, mono=True, phase_inverted=True
    )
    assert synth == Receive(ids["Synth"], "pre-fx", audio=False)
    assert backing == Receive(ids["Backing"], source_channel=2, target_channel=2)


def test_receives_from_tracks_that_are_not_there_are_left_out(song):
    (track,) = song("<TRACK\nAUXRECV 7 0 1\nAUXRECV -1 0 1\nAUXRECV\nAUXRECV x\n>").tracks
    assert track.receives == ()


def test_effects(routing):
    assert [fx.active for fx in routing["Lead Vox"].fx] == [True, False, False]
    synth = routing["Synth"]
    assert [(fx.name, fx.active, fx.instrument) for fx in synth.fx] == [
        ("VSTi: ReaSynth (Cockos)", True, True),
        ("VST: ReaEQ (Cockos)", False, False),
        ("JS: loser/3BandEQ", True, False),
        ("CLAPi: Surge XT (Surge)", True, True),
    ]
    assert synth.active_fx == ()  # the chain is off
    assert (synth.input_fx, routing["Lead Vox"].input_fx) == (True, False)


@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("VSTi: a", True), ("VST3i: a", True), ("AUi: a", True), ("AUv3i: a", True),
        ("DXi: a", True), ("LV2i: a", True), ("VST: i: a", False), ("VST3: a", False),
        ("JS: a", False), ("Wifi", False),
    ],
)  # fmt: skip
def test_instruments_say_so_in_their_prefix(song, name, instrument):
    (track,) = song(f'<TRACK\n<FXCHAIN\n<VST "{name}" a.dll\n>\n>\n>').tracks
    assert track.fx[0].instrument == instrument


def test_a_container_puts_what_is_in_it_to_sleep_however_deep(song):
    depth = 3000
    inner = "<CONTAINER Container\n" * depth + "<JS a\n>\n" + ">\n" * depth
    (track,) = song(f"<TRACK\n<FXCHAIN\nBYPASS 0 1\n{inner}<JS b\n>\n>\n>").tracks
    assert track.fx == (Fx("JS: a", active=False), Fx("JS: b"))


def test_video_processors_make_no_sound(song):
    (track,) = song('<TRACK\n<FXCHAIN\n<VIDEO_EFFECT "Video processor" ""\n>\n>\n>').tracks
    assert track.fx == ()


def test_track_envelopes(routing):
    vox = routing["Lead Vox"]
    points = (EnvelopePoint(0.0, 1.0, 2), EnvelopePoint(4.0, 0.5))
    assert vox.volume == Envelope(points, fader_scaled=True)
    assert vox.pre_fx_volume == Envelope((EnvelopePoint(0.0, 0.9),))
    assert vox.trim_volume is None  # bypassed
    assert (vox.pan_automated, vox.mute_automated, vox.automation) == (True, False, "read")
    backing = routing["Backing"]
    assert backing.volume == Envelope((), automation_items=True)
    assert (backing.mute_automated, backing.automation) == (True, "trim/read")


def test_an_active_envelope_of_nothing_is_none(song):
    (track,) = song("<TRACK\n<VOLENV2\nACT 1\n>\n<VOLENV\nPT 0 1 0\n>\n>").tracks
    assert (track.volume, track.pre_fx_volume) == (None, None)


def test_groups(routing):
    assert (routing["Lead Vox"].grouped, routing["Lead Vox"].vca_follower) == (True, False)
    assert (routing["Backing"].grouped, routing["Backing"].vca_follower) == (True, True)
    assert not routing["Bass"].grouped


def test_groups_33_to_64_have_a_line_of_their_own(song):
    follow = " ".join(["0"] * 21)
    (track,) = song(f"<TRACK\nGROUP_FLAGS 0\nGROUP_FLAGS_HIGH {follow} 4\n>").tracks
    assert (track.grouped, track.vca_follower) == (False, True)


# --- names and identities ------------------------------------------------------------------------


def test_names_with_every_quote(shared_data):
    session = project.read(shared_data / "rpp/CharlesHolbrow__rppp/tricky-strings.RPP")
    names = [track.name for track in session.tracks]
    assert "'''```\"\"\"" in names
    assert {'hel"lo', "<HELLO world >", "<>", "<", "```"} <= set(names)


def test_odd_names_are_kept(song):
    long = "é🎚" * 150
    tracks = song(f'<TRACK\nNAME "{long}"\n>\n<TRACK\nNAME caf\udce9\n>\n<TRACK\nNAME\n>').tracks
    assert [track.name for track in tracks] == [long, "café", ""]


def test_identities_are_unique_and_the_same_at_every_reading():
    first, second = (project.read(DATA / "old.rpp") for _ in range(2))
    assert first == second
    ids = [track.id for track in first.tracks]
    assert len(set(ids)) == 4
    assert ids[2] == "{11111111-2222-4333-8444-555555555555}"
    items = [item for track in first.tracks for item in track.items]
    ids += [item.id for item in items] + [take(item).id for item in items]
    assert len(set(ids)) == 8
    assert all(GUID.fullmatch(guid) for guid in ids)


def test_identities_do_not_depend_on_other_tracks(song):
    alone = song("<TRACK\nNAME Bass\n>").tracks[0].id
    assert song("<TRACK\nNAME Kick\n>\n<TRACK\nNAME Bass\n>").tracks[1].id == alone


def test_an_old_project():
    session = project.read(DATA / "old.rpp")
    assert (session.pan_law, session.sample_rate_hz) == (0.7079457844, 44100)
    guitar, double, four, same = session.tracks
    assert (guitar.fader_gain, guitar.folder, double.parent_id) == (0.5, True, guitar.id)
    assert guitar.items[0].fade_out == Fade(0.02, 1)
    assert take(double.items[0]).source.path == "riff.wav"
    assert four.channels == 4
    assert (same.fader_gain, same.pan) == (1.0, 0.0)
