"""What cannot be rendered is told in one plain sentence, before anything is rendered."""

from dataclasses import replace

import numpy as np
import pytest

from reaper_automix import media, render
from reaper_automix.audio import to_samples
from reaper_automix.render import clips
from reaper_automix.render.survey import ITEM_NOTES, SKIPS, TRACK_NOTES
from reaper_automix.session import Envelope, Fx, Item, TimeRange
from signals import RATE_HZ, noise
from tracks import item, save, session, signal, take


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    return save(tmp_path_factory.mktemp("media") / "sound.wav", noise(1.0, channels=2))


def surveyed(song, time_range=None):
    return render.survey(song, time_range)["{1}"]


def skip_of(*items, time_range=None, **track):
    return surveyed(session(*items, **track), time_range).skip


def notes_of(*items, **track):
    found = surveyed(session(*items, **track))
    assert found.signal
    return found.notes


def test_a_plain_track_has_a_signal_and_nothing_to_note(wav):
    found = surveyed(session(item(wav), item(wav, position_s=1.0)))
    assert (found.track_id, found.skip, found.notes, found.signal) == ("{1}", None, (), True)


# Skipped as a whole


def unplayed(kind):
    return item(None, kind=kind)


SKIPPED = {
    "muted": (lambda wav: ([item(wav)], {"mute": True}), "It is muted"),
    "no items": (lambda wav: ([], {}), "It has no items"),
    "muted items": (lambda wav: ([item(wav, mute=True)] * 2, {}), "All of its items are muted"),
    "other lane": (lambda wav: ([item(wav, plays=False)], {}), "a lane that does not play"),
    "empty takes": (lambda wav: ([Item("{I}", 0.0, 1.0)], {}), "Its items are empty"),
    "empty item": (lambda wav: ([unplayed("EMPTY")], {}), "Its items are empty"),
    "midi": (lambda wav: ([unplayed("MIDI")] * 2, {}), "It holds only MIDI, which only REAPER"),
    "video": (lambda wav: ([item(wav, kind="VIDEO")], {}), "It holds only video"),
    "subproject": (lambda wav: ([unplayed("RPP_PROJECT")], {}), "It holds only subproject"),
    "missing": (lambda wav: ([item(wav), item(None)], {}), "Media is missing: lost.wav;"),
    "offline": (lambda wav: ([item(wav, kind="_OFFLINE_WAVE")], {}), "Media is offline: "),
}


@pytest.mark.parametrize("case", SKIPPED)
def test_what_cannot_be_measured_is_skipped_with_its_reason(wav, case):
    make, why = SKIPPED[case]
    items, track = make(wav)
    found = surveyed(session(*items, **track))
    assert why in found.skip
    assert (found.signal, found.notes) == (False, ())


def test_every_skip_sentence_is_tested():
    # One case per row at least; the range and unreadable files have tests of their own.
    assert len(SKIPPED) - 4 + 2 == len(SKIPS)


def test_a_range_without_items_says_so(wav):
    song_items = [item(wav, 1.0, 2.0)]
    assert "time range" in skip_of(*song_items, time_range=TimeRange(4.0, 5.0))
    assert "time range" in skip_of(*song_items, time_range=TimeRange(0.0, 2.0))
    assert skip_of(*song_items, time_range=TimeRange(2.5, 2.6)) is None


def test_only_what_sounds_in_the_range_can_stand_in_the_way(wav):
    items = [item(wav), item(None, position_s=5.0), item(None, mute=True)]
    assert skip_of(*items, time_range=TimeRange(0.0, 3.0)) is None
    assert "missing" in skip_of(*items)


def test_many_missing_files_are_named_and_counted():
    items = [item(f"{n}.wav") for n in range(5)]
    lost = [
        replace(one, takes=(replace(t, source=replace(t.source, file=None)),))
        for one in items
        for t in one.takes
    ]
    assert "0.wav, 1.wav, 2.wav and 2 more" in skip_of(*lost, *lost)


def test_a_file_that_is_not_audio_is_named(tmp_path, wav):
    bad = tmp_path / "bad.wav"
    bad.write_text("lyrics")
    assert skip_of(item(wav), item(str(bad))).startswith(f"{bad} holds no sound")


def test_every_file_is_opened_once(wav, monkeypatch):
    probed = []
    probe = media.probe
    monkeypatch.setattr(media, "probe", lambda file: probed.append(file) or probe(file))
    song = session(*[item(wav, position_s=n) for n in range(50)])
    twin = replace(song.tracks[0], id="{2}")
    render.survey(replace(song, tracks=(*song.tracks, twin)))
    assert probed == [wav]


# Noted


ITEM_CASES = [
    ({"has_fx": True}, "Take FX on 1 item are not run"),
    ({"has_stretch_markers": True}, "Stretch markers in 1 item"),
    ({"play_rate": 1.2}, "1 item with changed pitch or tempo"),
    ({"pitch_semitones": 2.0}, "1 item with changed pitch or tempo"),
    ({"pan_automated": True}, "Take pan automation on 1 item"),
    ({"mute_automated": True}, "Take mute automation on 1 item"),
    ({"volume": Envelope((), automation_items=True)}, "Automation items of the take volume"),
]


@pytest.mark.parametrize(("given", "why"), ITEM_CASES)
def test_what_sounds_different_in_reaper_is_noted(wav, given, why):
    (note,) = notes_of(item(wav, **given), item(wav))
    assert why in note
    assert note.endswith(".")


@pytest.mark.parametrize(
    "given",
    [
        {"play_rate": 1.2, "preserve_pitch": False},
        {"play_rate": 2.0, "pitch_semitones": -12.0, "preserve_pitch": True, "has_fx": False},
    ],
)
def test_tape_speed_is_exact_and_only_a_true_stretch_is_noted(wav, given):
    stretched = [note for note in notes_of(item(wav, **given)) if "pitch or tempo" in note]
    assert bool(stretched) == given["preserve_pitch"]


def test_an_octave_down_by_tape_needs_no_stretcher(wav):
    given = {"play_rate": 0.5, "preserve_pitch": True, "pitch_semitones": -12.0}
    assert notes_of(item(wav, **given)) == ()


def test_items_are_counted_not_takes(wav):
    both = Item("{I}", 0.0, 1.0, (take(wav, has_fx=True),) * 2, all_takes_play=True)
    (note,) = notes_of(*(replace(both, position_s=float(n)) for n in range(3)))
    assert "Take FX on 3 items " in note


def test_notes_are_about_what_sounds_only(wav):
    silent = [item(wav, has_fx=True, mute=True), item(wav, has_fx=True, plays=False)]
    assert notes_of(item(wav), *silent) == ()


@pytest.mark.parametrize("kind", sorted(clips.NOT_AUDIO))
def test_what_only_reaper_plays_is_left_out_and_noted(wav, kind):
    song = session(item(wav), item(None, position_s=3.0, kind=kind))
    (note,) = surveyed(song).notes
    assert note.startswith("1 item of MIDI, video or the like cannot be played here")
    assert signal(song).frames == RATE_HZ


AUTOMATED = Envelope((), automation_items=True)
TRACK_CASES = [
    ({"fx": (Fx("ReaEQ"), Fx("ReaComp"))}, "Track FX are not run (ReaEQ, ReaComp)"),
    ({"input_fx": True}, "Input FX act on recording only"),
    ({"frozen": True}, "It is frozen"),
    ({"mute_automated": True}, "Mute automation is not followed"),
    ({"pan_automated": True}, "Pan automation is not followed"),
    ({"volume": AUTOMATED}, "Automation items of the volume"),
    ({"pre_fx_volume": AUTOMATED}, "Automation items of the volume"),
]


@pytest.mark.parametrize(("track", "why"), TRACK_CASES)
def test_what_a_track_does_beyond_its_items_is_noted(wav, track, why):
    (note,) = notes_of(item(wav), **track)
    assert why in note
    assert note.endswith(".")


def test_effects_that_do_not_sound_are_not_noted(wav):
    assert notes_of(item(wav), fx=(Fx("ReaEQ", active=False),)) == ()
    assert notes_of(item(wav), fx=(Fx("ReaEQ"),), fx_enabled=False) == ()


def test_channels_that_a_track_has_no_room_for_are_noted(tmp_path):
    wide = save(tmp_path / "six.wav", noise(0.1, channels=6))
    (note,) = notes_of(item(wide))
    assert "only the first 2 sound" in note
    assert notes_of(item(wide), channels=6) == ()


def test_a_cut_file_is_measured_as_far_as_it_goes_and_noted(tmp_path):
    file = tmp_path / "cut.wav"
    save(file, noise(2.0))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    song = session(item(str(file), 2.0))
    (note,) = surveyed(song).notes
    assert "promises 2.0 s and holds 1.0 s" in note
    sound = to_samples(signal(song))
    assert sound[:, : RATE_HZ - 100].any()
    assert not sound[:, RATE_HZ:].any()


def test_every_note_has_a_test():
    cases = [why for _, why in ITEM_CASES + TRACK_CASES]
    assert len(set(cases)) + 2 == len(ITEM_NOTES) + len(TRACK_NOTES)


def test_solo_does_not_matter(wav):
    song = session(item(wav), solo=0)
    other = replace(song.tracks[0], id="{2}", solo=1)
    both = render.survey(replace(song, tracks=(*song.tracks, other)))
    assert [found.signal for found in both.values()] == [True, True]


def test_what_is_surveyed_as_a_signal_can_be_read(wav):
    song = session(item(wav))
    assert surveyed(song).signal
    assert np.abs(to_samples(signal(song))).max() > 0.1
