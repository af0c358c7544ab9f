"""Renders of REAPER: what they hold for, how they stand for a track, how many are kept."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from reaper_automix import render
from reaper_automix.audio import to_samples
from reaper_automix.errors import InputError, MediaError
from reaper_automix.match.console.sliders import FILE, is_effect
from reaper_automix.mix import Player
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.session import Envelope, EnvelopePoint, Fx, Receive, TimeRange
from reaper_automix.settings import Settings
from reaper_automix.worker import renders
from reaper_automix.worker.renders import Cache, Render, key, place
from reaper_automix.worker.spool import renders_home
from signals import RATE_HZ, noise
from songs import folder_track, session, track, write

CHUNK = """<TRACK {1}
NAME Bass
PEAKCOL 16576
AUTOMODE 0
VOLPAN 1 0 -1 -1 1
MUTESOLO 0 0 0
IPHASE 0
SEL 0
NCHAN 2
FX 1
TRACKID {1}
MAINSEND 1 0
<VOLENV2
ACT 1 -1
PT 0 1 0
>
<FXCHAIN
WNDRECT 1 2 3 4
SHOW 0
LASTSEL 0
DOCKED 0
BYPASS 0 0 0
<VST "VST: ReaEQ (Cockos)" reaeq.so 0 "" 1919247729 ""
cWVlcu5e7f4CAAAAAQAAAA==
>
FLOATPOS 0 0 0 0
FXID {2}
WAK 0 0
>
<ITEM
POSITION 0
LENGTH 1
SEL 0
IGUID {3}
NAME bass.wav
VOLPAN 1 0 1 -1
SOFFS 0
<SOURCE WAVE
FILE "bass.wav"
>
>
>
"""

TRIM = """BYPASS 0 0 0
<JS utility/volume "Automix trim"
-3.5 0 - - -
>
FLOATPOS 0 0 0 0
FXID {9}
WAK 0 0
"""


@pytest.fixture
def song(tmp_path):
    return session(track(tmp_path, "Bass", noise(0.5, -20)))


def key_of(song, chunk=CHUNK, time_range=None):
    return key(song, song.tracks[0], chunk, time_range)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("NAME Bass", 'NAME "Ba ss ü"'),
        ("PEAKCOL 16576", "PEAKCOL 33226980 B"),
        ("VOLPAN 1 0 -1 -1 1", "VOLPAN 0.5 0.2 -1 -1 1"),
        ("MUTESOLO 0 0 0", "MUTESOLO 0 1 0"),
        ("SEL 0", "SEL 1"),
        ("PT 0 1 0", "PT 0 0.5 0"),
        ("WNDRECT 1 2 3 4", "WNDRECT 5 6 7 8"),
        ("FLOATPOS 0 0 0 0", "FLOATPOS 9 9 0 0"),
        ("NAME bass.wav", "NAME take"),
        ("BYPASS 0 0 0\n<VST", f"{TRIM}BYPASS 0 0 0\n<VST"),
        ("WAK 0 0\n>", f"WAK 0 0\n{TRIM}>"),
        ("\n", "\r\n"),
        ("\nNCHAN", "\n  NCHAN"),
    ],
)
def test_what_nobody_hears_before_the_fader_does_not_count(song, line, other):
    assert key_of(song, CHUNK.replace(line, other)) == key_of(song)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("cWVlcu5e7f4CAAAAAQAAAA==", "cWVlcu5e7f4CAAAAAQAAAB=="),
        ("BYPASS 0 0 0", "BYPASS 1 0 0"),
        ("FX 1", "FX 0"),
        ("NCHAN 2", "NCHAN 4"),
        ("SOFFS 0", "SOFFS 0.1"),
        ("VOLPAN 1 0 1 -1", "VOLPAN 0.5 0 1 -1"),
        ("<TRACK {1}", "<TRACK {4}"),
        ("MAINSEND 1 0", "MAINSEND 1 0\nAUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"),
    ],
)
def test_what_is_heard_counts(song, line, other):
    assert key_of(song, CHUNK.replace(line, other)) != key_of(song)


def test_a_trim_alone_is_no_chain_of_effects(song):
    plain = CHUNK[: CHUNK.index("<FXCHAIN")] + CHUNK[CHUNK.index("<ITEM") :]
    trimmed = plain.replace("<ITEM", f"<FXCHAIN\nSHOW 0\nLASTSEL 0\nDOCKED 0\n{TRIM}>\n<ITEM")
    assert key_of(song, trimmed) == key_of(song, plain)


def test_an_effect_that_was_bypassed_for_the_render_does_not_count(song):
    bass = song.tracks[0]
    strip = "\n".join(
        (
            "BYPASS 0 0 0",
            f'<JS "{FILE}" ""',
            "1 0 100 0.707",
            ">",
            "FLOATPOS 0 0 0 0",
            "FXID {9}",
            "WAK 0 0",
        )
    )
    with_strip = CHUNK.replace("WAK 0 0\n>", f"WAK 0 0\n{strip}\n>", 1)
    bare = key(song, bass, CHUNK, None)
    assert key(song, bass, with_strip, None) != bare
    assert key(song, bass, with_strip, None, is_bypassed=is_effect) == bare


def test_range_project_and_media_count(song, tmp_path):
    keys = {
        key_of(song),
        key_of(song, time_range=TimeRange(0.0, 1.0)),
        key_of(replace(song, sample_rate_hz=44100)),
        key_of(replace(song, tempo_bpm=121.0)),
        key_of(replace(song, pan_law=0.7079)),
    }
    os.utime(tmp_path / "Bass.wav", (0, 0))
    keys.add(key_of(song))
    assert len(keys) == 6
    assert None not in keys


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("<SOURCE WAVE", "<SOURCE MIDIPOOL"),
        ("WAK 0 0", "<PARMENV 1 0 1 0.5\nPOOLEDENVINST 1 0 4 0 1 1 0 0\n>\nWAK 0 0"),
    ],
)
def test_what_stands_elsewhere_in_the_project_is_not_kept(song, line, other):
    assert key_of(song, CHUNK.replace(line, other)) is None


def test_automation_items_behind_the_effects_keep_no_render_from_holding(song):
    ridden = CHUNK.replace("PT 0 1 0", "PT 0 1 0\nPOOLEDENVINST 1 0 4 0 1 1 0 0")
    assert key_of(song, ridden) == key_of(song)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"receives": (Receive("{x}", target_channel=2),)}, False),
        ({"receives": (Receive("{x}", audio=False),)}, False),
        ({"receives": (Receive("{x}", mute=True),)}, True),
        ({"folder": True}, False),
    ],
    ids=["side chain", "midi", "muted", "folder"],
)
def test_what_other_tracks_feed_is_not_kept(song, changes, holds):
    fed = replace(song, tracks=(replace(song.tracks[0], **changes),))
    assert (key_of(fed) is not None) is holds


def test_a_lock_keeps_no_render_from_holding(song):
    end = CHUNK.rstrip()[:-1]
    locked, other = f"{end}<EXT\nautomix_lock 1\n>\n>\n", f"{end}<EXT\nother 1\n>\n>\n"
    assert key_of(song, locked) == key_of(song) != key_of(song, other)


def test_a_damaged_chunk_is_one_sentence(song):
    with pytest.raises(InputError, match="The state of a track is cut off"):
        key_of(song, CHUNK.rstrip()[:-1])


def test_a_rendered_track_plays_its_file_and_nothing_else(tmp_path, song):
    heard = noise(0.4, -30, seed=3, channels=2)
    file = write(tmp_path / "rendérs 1", "001", heard)
    envelope = Envelope((EnvelopePoint(0.0, 0.5),))
    bass = replace(
        song.tracks[0],
        fx=(Fx("VST: EQ"),),
        pre_fx_volume=envelope,
        play_offset_s=0.3,
        receives=(Receive("{x}"), Receive("{x}", audio=False)),
    )
    placed = place(replace(song, tracks=(bass,)), {"{Bass}": Render(file, 0.1)}, {})
    signal = render.signal(placed, placed.tracks[0])
    assert signal.start_frame == round(0.1 * RATE_HZ)
    np.testing.assert_array_equal(to_samples(signal), heard)
    assert placed.tracks[0].fx == ()
    assert [one.audio for one in placed.tracks[0].receives] == [False]


def test_what_lies_in_a_rendered_folder_is_heard_once(tmp_path):
    kick = np.full((1, RATE_HZ), 0.9, np.float32)
    drums = write(tmp_path, "drums", np.full((2, RATE_HZ), 0.5, np.float32))
    band = session(
        folder_track("Drums"),
        track(tmp_path, "Kick", kick, parent_id="{Drums}"),
        track(tmp_path, "Lead", kick),
    )
    scene = set_scene(place(band, {"{Drums}": Render(drums, 0.0)}, {}), Settings())
    ((heard,),) = Player(scene.desk(), ("{Drums}",)).play(({},), (0, 1000))
    assert np.abs(heard["{Drums}"]).max() == pytest.approx(0.5, rel=1e-3)
    assert tuple(scene.routing.members(MIX)) == ("{Drums}", "{Lead}")


def test_the_envelope_behind_the_effects_is_not_in_a_render(tmp_path, song):
    heard = noise(0.4, -30, seed=3, channels=2)
    file = write(tmp_path, "001", heard)
    bass = replace(song.tracks[0], volume=Envelope((EnvelopePoint(0.0, 0.5),)))
    placed = place(replace(song, tracks=(bass,)), {"{Bass}": Render(file, 0.0)}, {})
    signal = render.signal(placed, placed.tracks[0])
    np.testing.assert_allclose(to_samples(signal), 0.5 * heard, rtol=1e-6)


def test_a_render_from_before_a_trim_moved_is_as_loud_as_the_track_is_now(tmp_path, song):
    file = write(tmp_path, "001", noise(0.4, -30, channels=2))
    placed = place(song, {"{Bass}": Render(file, 0.0, trim=2.0)}, {"{Bass}": 0.5})
    assert placed.tracks[0].items[0].takes[0].gain == 0.25


def test_a_render_that_cannot_be_read_is_one_sentence(tmp_path, song):
    with pytest.raises(MediaError, match=r"001\.wav"):
        place(song, {"{Bass}": Render(tmp_path / "001.wav", 0.0)}, {})


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cäche" / "renders", largest_bytes=60_000)


def rendered(tmp_path, name, duration_s=0.1):
    return Render(write(tmp_path / "job", name, noise(duration_s, -20)), 1.5, 0.5)


def test_what_is_kept_is_found_and_gone_from_where_it_was(tmp_path, cache):
    made = rendered(tmp_path, "001")
    kept = cache.keep("abc", made)
    assert cache.find("abc") == kept == replace(made, file=cache.folder / "abc.wav")
    assert not made.file.exists()
    assert cache.find("other") is None


def test_those_not_used_for_longest_make_room(tmp_path, cache):
    for number, name in enumerate("abc"):
        cache.keep(name, rendered(tmp_path, name))
        os.utime(cache.folder / f"{name}.wav", (number, number))
    cache.find("a")
    cache.keep("e", rendered(tmp_path, "e"))  # there is room for three
    assert {file.stem for file in cache.folder.iterdir()} == {"a", "c", "e"}


def test_one_that_is_larger_than_all_room_is_used_nevertheless(tmp_path, cache):
    found = replace(cache, largest_bytes=10).keep("a", rendered(tmp_path, "a"))
    assert found.file.exists()


@pytest.mark.parametrize("damage", [b"", b"not a wav"])
def test_a_damaged_one_is_none(tmp_path, cache, damage):
    cache.keep("a", rendered(tmp_path, "a")).file.write_bytes(damage)
    assert cache.find("a") is None


def test_one_without_its_note_is_none(tmp_path, cache):
    cache.keep("a", rendered(tmp_path, "a")).file.with_suffix(".json").write_text("{}")
    assert cache.find("a") is None


def test_where_nothing_can_be_kept_it_is_used_where_it_is(tmp_path, cache):
    cache.folder.parent.mkdir()
    cache.folder.write_text("a file where the folder should be")
    made = rendered(tmp_path, "001")
    assert cache.keep("a", made) == made


@pytest.fixture
def other_disk(monkeypatch):
    """A cache on another disk than the jobs, to which nothing can be renamed."""
    replace_file = Path.replace

    def replace_here(file, goal):
        if file.parent != Path(goal).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace_file(file, goal)

    monkeypatch.setattr(Path, "replace", replace_here)


def test_a_render_is_moved_to_another_disk(tmp_path, cache, other_disk):
    made = rendered(tmp_path, "001")
    content = made.file.read_bytes()
    cache.keep("abc", made)
    assert cache.find("abc").file.read_bytes() == content
    assert not made.file.exists()
    assert {file.name for file in cache.folder.iterdir()} == {"abc.wav", "abc.json"}


def test_a_full_disk_keeps_no_part_of_a_render(tmp_path, cache, other_disk, monkeypatch):
    def copy_half(file, goal):
        Path(goal).write_bytes(Path(file).read_bytes()[:1000])
        raise OSError(errno.ENOSPC, "No space left on device")

    cache.keep("abc", rendered(tmp_path, "000"))
    made = rendered(tmp_path, "001")
    monkeypatch.setattr(renders.shutil, "copyfile", copy_half)
    assert cache.keep("abc", made) == made
    assert made.file.exists()
    assert list(cache.folder.iterdir()) == []


def test_what_a_killed_worker_left_half_copied_goes(tmp_path, cache):
    cache.keep("a", rendered(tmp_path, "a"))
    (cache.folder / f"b{renders.PART}").touch()
    cache.keep("c", rendered(tmp_path, "c"))
    assert {file.stem for file in cache.folder.iterdir()} == {"a", "c"}


def test_the_cache_is_the_users_and_that_of_another_spool_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    assert renders_home(tmp_path / "state" / "spool") == tmp_path / "cache" / "renders"
    assert renders_home(tmp_path / "other" / "spool") == tmp_path / "other" / "renders"
