"""The demo plays what its score says, is stored as its rows say, and overwrites nobody's work."""

import numpy as np
import pytest
import soundfile
from scipy import signal

from reaper_automix import audio, render, rpp
from reaper_automix.adapters import new_project, project
from reaper_automix.demo import instruments, make, performance, score, synth
from reaper_automix.demo.arrangement import BAR_S, CROSSFADE_S, HANDLE_S, RECORDINGS
from reaper_automix.demo.session import file_name, project_text, session
from reaper_automix.demo.synth import RATE_HZ
from reaper_automix.demo.voice import sing
from reaper_automix.errors import Cancelled, OutputError
from reaper_automix.units import gain_from_db


def dice():
    return np.random.default_rng(1)


def f0_hz(wave, near_hz):
    """The pitch within three semitones of one, where the autocorrelation is highest."""
    power = np.abs(np.fft.rfft(wave - wave.mean(), 2 * len(wave))) ** 2
    similar = np.fft.irfft(power)
    first, last = (round(RATE_HZ / near_hz * 2 ** (side / 4)) for side in (-1, 1))
    lag = first + int(np.argmax(similar[first:last]))
    before, here, after = similar[lag - 1 : lag + 2]
    return RATE_HZ / (lag + 0.5 * (before - after) / (before - 2 * here + after))


def cents(measured_hz, expected_hz):
    return 1200 * np.log2(measured_hz / expected_hz)


def share(wave, low_hz, high_hz):
    """The part of a wave's power between two frequencies."""
    freqs_hz, power = signal.welch(wave, RATE_HZ, nperseg=4096)
    return power[(freqs_hz >= low_hz) & (freqs_hz <= high_hz)].sum() / power.sum()


def seconds(wave, start_s, end_s):
    return wave[..., round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]


# Instruments


@pytest.mark.parametrize("pitch", ["E1", "A1", "E3", "G4", "C6"])
def test_a_string_sounds_at_its_pitch(pitch):
    wave = instruments.string(score.hertz(pitch), 1.0, dice(), fall_s=4.0, tone_hz=3000.0)
    assert abs(cents(f0_hz(wave, score.hertz(pitch)), score.hertz(pitch))) < 3.0


def test_a_string_falls_no_slower_than_asked():
    wave = instruments.string(110.0, 2.0, dice(), fall_s=2.0, tone_hz=3000.0)
    early, late = (np.sqrt(np.mean(seconds(wave, at, at + 0.2) ** 2)) for at in (0.2, 1.2))
    assert 20 * np.log10(late / early) < -29.0


@pytest.mark.parametrize("pitch", ["A3", "E4", "C5"])
def test_the_electric_piano_sounds_at_its_pitch(pitch):
    wave = instruments.electric_piano(score.hertz(pitch), 1.0, 0.7)
    assert abs(cents(f0_hz(wave, score.hertz(pitch)), score.hertz(pitch))) < 3.0


def test_a_saw_has_its_harmonics_and_hardly_anything_between_them():
    freq_hz = 1000.0
    spectrum = np.abs(np.fft.rfft(synth.saw(freq_hz, 1.0) * np.hanning(RATE_HZ)))
    levels = [spectrum[round(number * freq_hz)] for number in range(1, 6)]
    assert levels == pytest.approx([levels[0] / number for number in range(1, 6)], rel=0.05)
    between = [
        spectrum[round((number + 0.5) * freq_hz) + np.arange(-90, 90)] for number in range(5)
    ]
    assert 20 * np.log10(np.max(between) / levels[0]) < -55.0


DRUM_BANDS_HZ = {
    instruments.kick: (30.0, 200.0),
    instruments.snare: (150.0, 9500.0),
    instruments.hat: (5000.0, 17000.0),
    instruments.open_hat: (5000.0, 17000.0),
    instruments.crash: (1500.0, 14000.0),
    instruments.shaker: (3000.0, 13000.0),
}


@pytest.mark.parametrize("stroke", DRUM_BANDS_HZ, ids=lambda stroke: stroke.__name__)
def test_a_drum_sounds_where_it_should(stroke):
    assert share(stroke(0.8, dice()), *DRUM_BANDS_HZ[stroke]) > 0.85


@pytest.mark.parametrize("stroke", DRUM_BANDS_HZ, ids=lambda stroke: stroke.__name__)
def test_a_harder_stroke_is_louder(stroke):
    soft, hard = (np.sum(stroke(strength, dice()) ** 2) for strength in (0.3, 0.9))
    assert hard > 4 * soft


def test_a_voice_sings_the_melody():
    melody = score.melody("0.5 2.0 A3 a  2.5 2.0 E4 i  4.5 2.0 C4 ou")
    wave = sing(melody, 4.2, dice())
    for note in melody:
        middle_s = (note.beat + note.beats / 2) * score.BEAT_S
        held = seconds(wave, middle_s - 0.2, middle_s + 0.2)
        assert abs(cents(f0_hz(held, score.hertz(note.pitch)), score.hertz(note.pitch))) < 25.0


def test_vowels_have_their_formants():
    a, i = (sing(score.melody(f"0.5 2.0 A3 {vowel}"), 2.0, dice()) for vowel in "ai")
    assert share(a, 750.0, 1350.0) > 4 * share(i, 750.0, 1350.0)
    assert share(i, 2400.0, 3500.0) > 4 * share(a, 2400.0, 3500.0)


def test_an_s_is_noise_before_its_note():
    with_s, without = (
        sing(score.melody(f"1.0 1.0 A3 {text}"), 2.0, dice()) for text in ("sa", "a")
    )
    assert np.sum(seconds(with_s, 0.54, 0.6) ** 2) > 100 * np.sum(seconds(without, 0.54, 0.6) ** 2)


# Building blocks


def test_what_is_mixed_past_the_end_is_cut():
    one = np.ones(RATE_HZ)
    total = synth.mixed(2.0, [(0.0, one), (0.5, one), (1.5, one), (2.5, one)])
    assert len(total) == 2 * RATE_HZ
    assert [total[round(at * RATE_HZ)] for at in (0.1, 0.7, 1.3, 1.7)] == [1.0, 2.0, 1.0, 1.0]


def test_edges_leave_the_middle_alone():
    shaped = synth.edges(np.ones(4800), 0.01, 0.02)
    assert shaped[0] == 0.0
    assert np.all(shaped[480:3840] == 1.0)
    assert shaped[-1] < 0.01


def test_a_reverberation_falls_as_asked():
    click = np.zeros(RATE_HZ)
    click[0] = 1.0
    response = synth.reverberated(click, 0.5, dice())
    early, late = (np.mean(seconds(response, at, at + 0.05) ** 2) for at in (0.1, 0.35))
    assert 10 * np.log10(late / early) == pytest.approx(-30.0, abs=3.0)


# The score


def test_a_part_is_the_same_every_time():
    assert np.array_equal(performance.drum.__wrapped__("snare"), performance.drum("snare"))


def test_strokes_stand_where_the_steps_say():
    beats = [hit.beat for hit in score.drum_hits("snare")]
    assert beats[:3] == [7.0, 7.5, 7.75]
    assert beats == sorted(beats)


def test_a_far_microphone_hears_later():
    near, far = (np.argmax(np.abs(performance.mic(name)) > 0.01) for name in ("kick", "room"))
    metres = (far - near) / RATE_HZ * performance.SPEED_OF_SOUND_M_S
    assert metres == pytest.approx(3.6 - 0.1, abs=0.2)


# The session


@pytest.fixture
def quick_parts(monkeypatch):
    """Parts that cost nothing, for tests about files."""

    def short(channels):
        return lambda: np.full((channels, round(score.SONG_S * RATE_HZ)), 0.1).squeeze()

    stereo = ("room", "keys", "pad")
    quick = {name: short(2 if name in stereo else 1) for name in performance.PARTS}
    monkeypatch.setattr(performance, "PARTS", quick)


def state_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_every_recording_is_on_a_track_and_every_part_is_recorded(tmp_path):
    tracks = session(tmp_path).tracks
    takes = [take for track in tracks for item in track.items for take in item.takes]
    assert {take.name for take in takes} == set(RECORDINGS)
    assert {recording.part for recording in RECORDINGS.values()} == set(performance.PARTS)


def test_there_are_tracks_of_every_kind(tmp_path):
    made = session(tmp_path)
    sounding = [track for track in made.tracks if track.items]
    assert len(sounding) >= 16
    assert [track.name for track in made.children(None)] == [
        *("DRUMS", "BASS", "GTR", "KEYS", "VOX", "Talkback")
    ]
    assert {recording.subtype for recording in RECORDINGS.values()} == {"PCM_16", "PCM_24", "FLOAT"}


def test_ids_are_unique(tmp_path):
    tracks = session(tmp_path).tracks
    items = [item for track in tracks for item in track.items]
    ids = [
        entry.id for entry in (*tracks, *items, *(take for item in items for take in item.takes))
    ]
    assert len(set(ids)) == len(ids)


def test_neighbours_are_crossfaded(tmp_path):
    snare = next(track for track in session(tmp_path).tracks if track.name == "Snare")
    first, second, _ = snare.items
    assert first.end_s - second.position_s == pytest.approx(CROSSFADE_S)
    assert first.fade_out.length_s == second.fade_in.length_s == CROSSFADE_S
    assert second.takes[0].offset_s - second.position_s == pytest.approx(
        first.takes[0].offset_s - first.position_s
    )


def test_the_project_is_one_as_reaper_writes_it(tmp_path):
    text = project_text(tmp_path).decode()
    assert text.count("\n") == text.count("\r\n")
    assert rpp.dump(rpp.parse(text)) == text


def test_making_it_again_changes_nothing(tmp_path, quick_parts):
    path = make(tmp_path)
    before = state_of(tmp_path)
    assert make(tmp_path) == path
    assert state_of(tmp_path) == before


def test_a_lost_file_is_made_again(tmp_path, quick_parts):
    make(tmp_path)
    lost = tmp_path / "Media" / "Kick.wav"
    lost.unlink()
    make(tmp_path)
    assert lost.is_file()


def test_a_demo_that_was_worked_on_is_kept(tmp_path, quick_parts):
    path = make(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"TEMPO 100", b"TEMPO 90"))
    before = state_of(tmp_path)
    assert make(tmp_path) == path
    assert state_of(tmp_path) == before


def test_a_folder_with_a_demo_of_its_own_is_left_alone(tmp_path, quick_parts):
    mine = tmp_path / "demo.RPP"
    mine.write_text("mine")
    with pytest.raises(OutputError, match=r"demo\.RPP .* name another folder"):
        make(tmp_path)
    assert mine.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [mine]


def test_cancelling_leaves_nothing(tmp_path, quick_parts):
    def cancel(stage, done, total, what=""):
        if done:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        make(tmp_path / "demo", cancel)
    assert list((tmp_path / "demo").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path, quick_parts):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="file"):
        make(tmp_path / "file" / "demo")


# The real thing


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    make(folder)
    return folder


def heard(folder, name):
    """A track as it comes to its fader, from the start of the song."""
    made = project.read(folder / "demo.RPP")
    track = next(track for track in made.tracks if track.name == name)
    sound = render.signal(made, track)
    samples = audio.to_samples(sound)
    return np.pad(samples, [(0, 0), (sound.start_frame, 0)])


@pytest.mark.long
def test_files_are_stored_as_their_rows_say(demo):
    for name, recording in RECORDINGS.items():
        path = demo / "Media" / file_name(name)
        info = soundfile.info(path)
        assert (info.subtype, info.samplerate) == (recording.subtype, recording.rate_hz)
        peak = np.max(np.abs(soundfile.read(path)[0]))
        expected = 0.0 if recording.part == "silence" else gain_from_db(recording.peak_db)
        assert peak == pytest.approx(expected, rel=0.01, abs=2**-15), name


@pytest.mark.long
def test_reading_the_project_gives_what_was_meant(demo):
    made = project.read(demo / "demo.RPP")
    assert new_project.text(made, {}, demo) == new_project.text(session(demo), {}, demo)


@pytest.mark.long
def test_every_track_can_be_measured_and_only_one_is_silent(demo):
    made = project.read(demo / "demo.RPP")
    silent = []
    for track in made.tracks:
        if not track.items:
            continue
        samples = audio.to_samples(render.signal(made, track))
        peak = np.max(np.abs(samples))
        assert peak < 1.0, track.name
        silent += [track.name] if peak == 0.0 else []
    assert silent == ["Talkback"]
    assert not any(survey.notes for survey in render.survey(made).values())


@pytest.mark.long
def test_crossfades_are_not_heard(demo):
    recorded, _ = soundfile.read(demo / "Media" / "Overhead L.wav", dtype="float32")
    around = slice(round((2 * BAR_S - 0.5) * RATE_HZ), round((2 * BAR_S + 0.5) * RATE_HZ))
    expected = recorded[round(HANDLE_S * RATE_HZ) :][around]
    assert np.max(np.abs(heard(demo, "Overhead L")[0, around] - expected)) < 1e-5


@pytest.mark.long
def test_the_shaker_is_looped(demo):
    shaker = heard(demo, "Shaker")
    first, second = (seconds(shaker, bar * BAR_S, (bar + 2) * BAR_S) for bar in (4, 6))
    assert np.max(np.abs(first)) > 0.1
    assert np.max(np.abs(second - first)) < 2e-3


@pytest.mark.long
def test_the_bass_plays_the_roots(demo):
    bass = heard(demo, "Bass DI")[0]
    for bar, chord in enumerate(score.CHORDS):
        note = seconds(bass, bar * BAR_S + 0.1, bar * BAR_S + 0.3 * 2 - 0.02)
        assert abs(cents(f0_hz(note, score.hertz(chord.root)), score.hertz(chord.root))) < 20.0


@pytest.mark.long
def test_bass_amp_and_di_are_in_phase_once_the_take_is_inverted(demo):
    di, amp = (heard(demo, name)[0] for name in ("Bass DI", "Bass Amp"))
    low = signal.butter(2, 200.0, fs=RATE_HZ, output="sos")
    di, amp = (signal.sosfilt(low, wave) for wave in (di, amp))
    assert np.corrcoef(di, amp)[0, 1] > 0.5


@pytest.mark.long
def test_the_lead_sings_its_melody_and_not_the_rejected_take(demo):
    lead = heard(demo, "Lead Vox")[0]
    for note in score.LEAD:
        if note.beats < 1.5:
            continue
        middle_s = (note.beat + note.beats / 2) * score.BEAT_S
        held = seconds(lead, middle_s - 0.18, middle_s + 0.18)
        assert abs(cents(f0_hz(held, score.hertz(note.pitch)), score.hertz(note.pitch))) < 25.0
