"""Matches in REAPER with a real worker on real sound: what lands sounds like the reference."""

from pathlib import Path

import pytest

from action_matches import DRUMS, LEAD, MATCH, PAD, RESTORE, STRENGTH, strips
from action_rig import is_balanced
from action_studio import PATIENCE_S, Spool, Studio
from reaper_automix.adapters import project as adapter
from reaper_automix.adapters.project import seats
from reaper_automix.rpp import parse
from reaper_songs import chain, item, js, make_song, song, track
from signals import noise
from songs import write

pytestmark = pytest.mark.long

LENGTH_S = 2.0
FIRST = 1


def clip(name):
    return item(f"Media/{name}.wav", LENGTH=f"{LENGTH_S:g}")


BAND = song(
    track("Drums", chain(js("utility/volume", "-3 0")), ISBUS="1 1"),
    track("Kick", clip("kick")),
    track("Snare", clip("snare"), ISBUS="2 -1"),
    track("Lead", clip("lead"), VOLPAN="0.5 -0.2 -1 -1 1"),
    track("Pad", clip("pad")),
)
"""A folder with an effect of its own, which REAPER renders as a whole, and two tracks beside it."""


@pytest.fixture(scope="module")
def spool(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        patch.setenv("OMP_NUM_THREADS", "1")
        spool = Spool(tmp_path_factory.mktemp("stäte") / "Spool – ü x")
        worker = spool.start()
        yield spool
        worker.terminate()
        worker.wait(PATIENCE_S)


@pytest.fixture
def studio(spool, tmp_path):
    studio = Studio(tmp_path, spool, make_song(tmp_path / "Lied é", BAND, length_s=LENGTH_S))
    with studio.reaper:
        yield studio
    spool.wait_until_empty()


@pytest.fixture
def reference(tmp_path):
    return write(tmp_path, "Liebling ü", noise(LENGTH_S, -18, seed=5, channels=2))


def match(studio, *choices, answer=None):
    """Press the key, choose, wait for the result and close it; the texts of its window."""
    if answer is not None:
        studio.reaper.asked.answers.append(str(answer))
    studio.host.run(MATCH).window.choose(*choices)
    studio.host.tick()
    return studio.finish()


def placed(studio):
    """The match that the project remembers, as Python reads it from the file."""
    studio.project.save()
    (root,) = parse(studio.path.read_text("utf-8")).blocks()
    return seats.read_match(root), seats.starts(root)


def test_a_match_lands_is_remembered_and_comes_out_the_same_again(studio, reference):
    before = studio.project.rpp
    texts = match(studio, FIRST, answer=reference)
    assert "Matched 2 tracks and 1 folder" in texts
    once = studio.project.rpp
    found, starts = placed(studio)
    assert [stem.track_id for stem in found.match.stems] == [DRUMS, LEAD, PAD]
    assert not any(start.strip_is_hers for start in starts.values())
    assert starts[LEAD].before.fader_db == pytest.approx(-6.0206, abs=1e-3)
    assert len(strips(studio.project.master)) == 1
    match(studio, FIRST)
    assert studio.project.rpp == once
    assert len(studio.project.history.points) == 1
    studio.host.run_to_end(RESTORE)
    assert adapter.read(saved(studio)).tracks == adapter.read(at(studio, before)).tracks
    assert is_balanced(studio.reaper)


def saved(studio):
    studio.project.save()
    return studio.path


def at(studio, text):
    """A file with another text beside the project."""
    path = studio.path.with_name("before.RPP")
    path.write_bytes(text.encode())
    return path


def test_the_reference_may_be_a_track_and_strength_needs_no_worker(studio, spool):
    studio.project.user_selects("Pad")
    match(studio, 2)
    found, _ = placed(studio)
    assert [stem.track_id for stem in found.match.stems] == [DRUMS, LEAD]
    spool.freeze()
    studio.host.run(STRENGTH)
    studio.host.window.press("home", "esc")
    studio.until(lambda: not studio.host.scripts)
    spool.resume()
    assert studio.fader("Lead") == pytest.approx(0.5)
    found, starts = placed(studio)
    assert found.strength == 0.0
    assert not starts[LEAD].strip_is_hers


def test_a_strength_in_between_is_as_loud_as_it_should_be_and_known_as_ours(studio, reference):
    match(studio, FIRST, answer=reference)
    studio.host.run(STRENGTH)
    studio.host.window.press(*["left"] * 5, "esc")
    studio.until(lambda: not studio.host.scripts)
    found, starts = placed(studio)
    assert found.strength == 0.75
    assert found.trims.trim_db(0.75, found.blocks) != 0.0
    assert not any(start.strip_is_hers for start in starts.values())
    (root,) = parse(studio.path.read_text("utf-8")).blocks()
    assert not seats.master_is_hers(root)


def test_a_reference_that_is_not_audio_is_told_and_nothing_changes(studio, tmp_path):
    text = tmp_path / "Brief.wav"
    text.write_text("Sehr geehrte Damen und Herren")
    before = studio.project.rpp
    studio.reaper.asked.answers.append(str(text))
    studio.host.run(MATCH).window.choose(FIRST)
    studio.until(lambda: not studio.host.scripts)
    (said,) = studio.reaper.console
    assert "Brief.wav" in said
    assert strips(studio.project.track("Lead")) == []
    assert not studio.project.history.points
    assert before.count("<ITEM") == studio.project.rpp.count("<ITEM")
