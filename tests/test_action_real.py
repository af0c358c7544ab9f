"""Every way of balancing in REAPER with a real worker on real sound: what lands, and nothing else.

One worker, warm, serves them all.
"""

from collections import Counter
from pathlib import Path

import pytest

from action_rig import ACTIONS, BALANCE_SELECTED, CANCEL, is_balanced
from action_songs import mix_lufs
from action_studio import BAND, LENGTH_S, NOTHING_MOVED, PATIENCE_S, Spool, Studio, clip, landing
from reaper_automix.selection import Scope
from reaper_automix.settings import USUAL, Settings
from reaper_double import actions as double_actions
from reaper_double.api_render import RENDER_AND_CLOSE
from reaper_double.model_fx import chain_of
from reaper_songs import (
    MIDI,
    chain,
    envelope,
    guid,
    item,
    js,
    make_song,
    song,
    track,
    vst,
)

pytestmark = pytest.mark.long

GROUP = ACTIONS / "automix_Group selected tracks into a stem.lua"
TOGGLE = ACTIONS / "automix_Toggle before-after.lua"
RESTORE = ACTIONS / "automix_Restore faders.lua"
SORT = ACTIONS / "automix_Sort project into stems.lua"
SAME_LU = 0.1

RIDE = envelope("VOLENV2", (0, 0.5), (0.6, 0.25))
AUTOMATED = song(
    track("Ride", RIDE, clip("lead"), AUTOMODE="1", VOLPAN="0.6 0 -1 -1 1"),
    track("Kick", clip("kick")),
    track("Pad", clip("pad")),
)
PLAYED = song(
    track("Synth", chain(vst("VSTi: ReaSynth (Cockos)")), item("", plays=MIDI, LENGTH="1")),
    track("Loud", chain(js("utility/volume", "6 0")), clip("lead")),
    track("Kick", clip("kick")),
    RENDER_FILE='"My bounces"',
    RENDER_PATTERN="$project",
    RENDER_STEMS="1",
)


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
    """Opens projects; nothing is left of their jobs, and no other worker was started."""
    opened = []

    def enter(text=BAND):
        folder = tmp_path / f"Meine Lieder é {len(opened)}"
        path = make_song(folder, text, length_s=LENGTH_S)
        opened.append(Studio(tmp_path, spool, path))
        return opened[-1]

    yield enter
    started = [process for one in opened for process in one.reaper.processes]
    for one in opened:
        one.reaper.quit()
    spool.wait_until_empty()
    assert not started


# Selected tracks


@pytest.mark.parametrize(
    ("selected", "may_move"),
    [
        (["Drums", "Snare"], ["Kick", "Snare"]),
        (["Drums", "Keys"], ["Kick", "Snare", "Lead", "Pad"]),
        (["Pad"], ["Pad"]),
    ],
)
def test_selected_tracks_land_where_the_engine_puts_them_and_no_others(studio, selected, may_move):
    there = studio()
    there.project.user_selects(*selected)
    before, expected = there.project.rpp, there.expected(scope=Scope("selected"))
    found = there.faders()
    there.balance(BALANCE_SELECTED)
    assert expected
    assert expected.keys() <= set(map(guid, may_move))
    assert there.faders() == approx(found | landing(expected))
    assert there.project.history.undo()
    assert there.project.rpp == before


def approx(faders):
    return pytest.approx(faders, abs=1e-9)


# Stems


def test_a_project_is_sorted_into_stems_and_sounds_as_before(studio):
    there = studio(song(*(track(name, clip(name.lower())) for name in ("Kick", "Lead", "Snare"))))
    before, lufs = there.project.rpp, mix_lufs(there.project.rpp, there.path.parent)
    there.press(SORT)
    there.until(lambda: "Goes into" in there.host.window.texts)
    there.host.window.press("enter")
    there.until(lambda: not there.host.scripts)
    text = there.project.rpp
    assert [one.name for one in there.project.tracks] == ["Drums", "Kick", "Snare", "Lead"]
    assert mix_lufs(text, there.path.parent) == pytest.approx(lufs, abs=1e-6)
    assert there.project.history.undo()
    assert there.project.rpp == before


# What is written


@pytest.mark.parametrize(
    ("name", "value", "text", "control"),
    [
        ("write", "fader", BAND, "fader"),
        ("write", "items", BAND, "items"),
        ("write", "trim", BAND, "trim"),
        ("automation", "shift", AUTOMATED, "envelope"),
        ("automation", "trim", AUTOMATED, "trim"),
    ],
)
def test_what_is_asked_lands_on_the_control_and_a_second_press_moves_nothing(
    studio, name, value, text, control
):
    there = studio(text)
    there.set(**{name: value})
    expected = there.expected(Settings(**USUAL, **{name: value}))
    before, gains = there.project.rpp, gains_of(there.project, expected)
    assert control in {move.control for move in expected.values()}
    there.balance()
    asked = {track: move.after / move.before for track, move in expected.items()}
    landed = gains_of(there.project, expected)
    assert {track: landed[track] / gains[track] for track in gains} == pytest.approx(asked)
    written = there.project.rpp
    assert NOTHING_MOVED in there.balance()
    assert there.project.rpp == written
    assert there.project.history.undo()
    assert there.project.rpp == before


def gains_of(project, expected):
    """What stands on the control of each move, linear."""
    return {track: GAINS[move.control](project.track(track)) for track, move in expected.items()}


def trim_gain(track):
    trims = [one for one in chain_of(track).effects if one.user_name == "Automix trim"]
    return 10.0 ** (trims[0].value(0) / 20.0) if trims else 1.0


GAINS = {
    "fader": lambda track: track.number("VOLPAN", 1),
    "items": lambda track: track.items[0].number("VOLPAN", 1),
    "trim": trim_gain,
    "envelope": lambda track: track.envelopes[0].points[0].value,
}


def test_what_the_project_overrides_reaches_the_worker(studio):
    there = studio()
    there.set(strength="1")
    there.reaper.call("SetProjExtState", 0, "AUTOMIX_SETTINGS", "STRENGTH", "0")
    before = there.project.rpp
    assert NOTHING_MOVED in there.balance()
    assert there.project.rpp == before


# Stems, before and after, cancel


def test_a_new_stem_is_balanced_inside(studio):
    there = studio()
    there.set(balance_new_stems="true", objects="off")  # both play one file
    there.project.user_selects("Lead", "Solo")
    before, found = there.project.rpp, there.faders()
    there.reaper.asked.answers = [["Leads"]]
    there.press(GROUP)
    there.finish()
    folder = there.project.track("Leads")
    assert [one.name for one in there.project.tracks if one.parent is folder] == ["Lead", "Solo"]
    moved = {one for one, fader in there.faders().items() if found.get(one, 1.0) != fader}
    assert moved
    assert moved <= {guid("Lead"), guid("Solo")}
    assert there.project.history.undo()
    assert there.project.history.undo()
    assert there.project.rpp == before


def test_before_and_after_are_equally_loud_and_restoring_outlives_the_session(studio, tmp_path):
    there = studio()
    found = there.faders()
    there.set(target_lufs="-30")
    there.balance()
    landed, after = there.project.rpp, there.faders()
    there.host.run_to_end(TOGGLE)
    assert there.faders() == approx(found)
    before_lufs, after_lufs = (
        mix_lufs(text, there.path.parent) for text in (there.project.rpp, landed)
    )
    assert before_lufs == pytest.approx(after_lufs, abs=SAME_LU)
    there.host.run_to_end(TOGGLE)
    assert there.project.rpp == landed
    there.project.save()
    again = Studio(tmp_path, there.spool, there.path)
    assert again.faders() == approx(after)
    again.host.run_to_end(RESTORE)
    assert again.faders() == approx(found)
    assert again.reaper.console == []


def test_a_worker_that_is_cancelled_stays_and_answers_the_next_press(studio):
    there = studio()
    before, worker = there.project.rpp, there.spool.sign()["pid"]
    there.submit_until("attempts")
    there.press(CANCEL)
    there.until(lambda: not there.host.scripts)
    assert there.project.rpp == before
    assert is_balanced(there.reaper)
    expected = there.expected_faders()
    there.balance()
    assert there.faders() == approx(expected)
    assert there.spool.sign()["pid"] == worker


# With effects


def test_only_what_changed_is_rendered_again_and_nothing_is_left_of_it(studio, monkeypatch):
    rendered = []
    render = double_actions.ACTIONS[RENDER_AND_CLOSE]

    def noted(reaper, project):
        rendered.append([one.name for one in project.selected_tracks])
        render(reaper, project)

    monkeypatch.setitem(double_actions.ACTIONS, RENDER_AND_CLOSE, noted)
    there = studio(PLAYED)
    before, files = there.project.rpp, files_of(there)
    found = there.faders()
    there.balance()
    assert rendered == [["Synth", "Loud"]]
    assert there.fader("Synth") != found[guid("Synth")]
    assert there.fader("Loud") != found[guid("Loud")]
    landed = there.project.rpp
    assert NOTHING_MOVED in there.balance()
    assert (rendered[1:], there.project.rpp) == ([], landed)
    with there.project.user("Adjust FX parameter"):
        chain_of(there.project.track("Loud")).effects[0].set_value(0, -6.0)
    louder = there.fader("Loud")
    there.balance()
    assert rendered[1:] == [["Loud"]]
    assert there.fader("Loud") > louder
    assert files_of(there) == files
    for _ in range(3):
        there.project.history.undo()
    assert there.project.rpp == before


def files_of(there):
    return Counter(path.name for path in there.path.parent.rglob("*"))
