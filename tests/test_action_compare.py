"""Before and after a balance: the same loudness, the same text, and nobody's own work touched."""

import pytest

from action_rig import ACTIONS, is_balanced, lua
from action_songs import mix_lufs
from reaper_automix import moves as engine_moves
from reaper_automix.adapters import project as adapter
from reaper_automix.crew import Crew
from reaper_automix.selection import Scope
from reaper_automix.settings import Settings
from reaper_automix.units import gain_from_db
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import envelope, guid, item, make_song, song, track, write_media

TOGGLE = ACTIONS / "automix_Toggle before-after.lua"
RESTORE = ACTIONS / "automix_Restore faders.lua"
SAME_LU = 0.1

MOVES = {"Kick": (1.0, 0.5), "Snare": (1.0, 1.8), "Lead": (0.5, 0.7), "Pad": (1.0, 0.3)}
LAND = """
require("apply").moves(project, "Automix: balance", {{{moves}}}, function(made)
  require("store").keep_before(project, "Automix: balance", {match_db!r}, made)
end)
"""


class Stage:
    """A project in REAPER, and a user who balances and compares."""

    def __init__(self, reaper, version, path):
        self.reaper = reaper
        self.host = LuaHost(reaper, version)
        self.project = reaper.open(path)
        self.folder = path.parent
        self.toggle_id = reaper.scripts.register(str(TOGGLE))

    def land(self, moves, match_db=0.0, control="fader"):
        """What a balance leaves behind."""
        rows = (
            f'{{ track_id = "{guid(name)}", control = "{control}", before = {before!r}, '
            f"after = {after!r} }}"
            for name, (before, after) in moves.items()
        )
        lua(self.host, LAND.format(moves=", ".join(rows), match_db=match_db))
        return self.project.rpp

    def toggle(self):
        self.reaper.console.clear()
        self.host.run_to_end(TOGGLE)

    def restore(self):
        self.reaper.console.clear()
        self.host.run_to_end(RESTORE)

    def fader(self, name):
        return float(self.project.track(name).node.values("VOLPAN")[0])

    def faders(self):
        return {name: self.fader(name) for name in MOVES}

    def move(self, name, gain):
        """Move a fader as a user does."""
        pointer = self.reaper.pointer(self.project.track(name))
        self.reaper.call("SetMediaTrackInfo_Value", pointer, "D_VOL", gain)

    @property
    def master(self):
        return float(self.project.node.values("MASTER_VOLUME")[0])

    @property
    def is_lit(self):
        return self.reaper.scripts.toggles.get((0, self.toggle_id))

    def lufs(self):
        return mix_lufs(self.project.rpp, self.folder)


def side(number):
    """The faders of MOVES before (0) or after (1)."""
    return pytest.approx({name: gains[number] for name, gains in MOVES.items()})


@pytest.fixture(params=LUAS)
def stage(request, tmp_path):
    with Reaper(tmp_path) as reaper:
        yield Stage(reaper, request.param, make_song(tmp_path, length_s=2.0))


def test_both_sides_sound_equally_loud(tmp_path):
    with Reaper(tmp_path) as reaper:
        compare_balance(Stage(reaper, "5.4", make_song(tmp_path, length_s=2.0)))


def compare_balance(stage):
    """Balance a song with the engine and listen to both sides of it."""
    with Crew(1) as crew:
        session = adapter.read(stage.folder / "Song.RPP")
        made = engine_moves.balance(session, Settings(target_lufs=-30), Scope(), (), crew)
    names = {track.id: track.name for track in session.tracks}
    moves = {names[move.track_id]: (move.before, move.after) for move in made.moves}
    stage.land(moves, made.after.lufs - made.before.lufs)
    assert abs(made.after.lufs - made.before.lufs) > 1.0
    after_lufs = stage.lufs()
    stage.toggle()
    assert {name: stage.fader(name) for name in moves} == pytest.approx(
        {name: before for name, (before, _) in moves.items()}
    )
    assert stage.lufs() == pytest.approx(after_lufs, abs=SAME_LU)


def test_toggling_twice_gives_back_the_text(stage):
    text = stage.land(MOVES, match_db=-1.7)
    for _ in range(3):
        stage.toggle()
        assert stage.faders() == side(0)
        assert stage.master == pytest.approx(gain_from_db(-1.7))
        stage.toggle()
        assert stage.project.rpp == text
    assert stage.reaper.console == []
    assert stage.reaper.unprotected_changes == []
    assert is_balanced(stage.reaper)


@pytest.mark.parametrize("control", ["items", "trim"])
def test_what_is_not_on_the_fader_is_compared_too(stage, control):
    text = stage.land({"Kick": (1.0, 0.5)}, control=control)
    stage.toggle()
    assert (stage.fader("Kick"), stage.reaper.console) == (1.0, [])
    heard = stage.project.rpp
    stage.toggle()
    assert heard != text
    assert stage.project.rpp == text


def test_a_shifted_envelope_is_compared_too(tmp_path):
    media = write_media(tmp_path, 2.0)
    path = tmp_path / "Song.RPP"
    driven = track(
        "Lead", envelope("VOLENV2", (0, 0.5), (1, 0.25)), item(media / "lead.wav"), AUTOMODE="1"
    )
    path.write_bytes(song(driven).encode())
    with Reaper(tmp_path) as reaper:
        stage = Stage(reaper, "5.4", path)
        stage.land({"Lead": (1.0, 2.0)}, control="envelope")
        assert points(stage) == pytest.approx([1.0, 0.5])
        stage.toggle()
        assert points(stage) == pytest.approx([0.5, 0.25])
        stage.restore()
        assert points(stage) == pytest.approx([0.5, 0.25])


def points(stage):
    (lead,) = stage.project.tracks
    return [float(row[2]) for row in lead.node.block("VOLENV2").rows("PT")]


@pytest.mark.parametrize("action", ["toggle", "restore"])
def test_a_fader_beyond_the_users_range_comes_back(stage, action):
    stage.reaper.config_vars["slidermaxv"] = "6"
    stage.move("Kick", 5.0)
    stage.land({"Kick": (5.0, 0.5)})
    getattr(stage, action)()
    assert (stage.fader("Kick"), stage.reaper.console) == (5.0, [])


def test_the_master_is_matched_beyond_the_top_of_the_fader(stage):
    text = stage.land(MOVES, match_db=20.0)
    stage.toggle()
    assert stage.master == pytest.approx(10.0)
    stage.toggle()
    assert stage.project.rpp == text


@pytest.mark.parametrize(
    ("mode", "match_db", "is_heard"), [(0, 2, True), (1, 0, True), (1, 2, False)]
)
def test_a_driven_master_cannot_be_matched_and_it_says_so(stage, mode, match_db, is_heard):
    driving = envelope("MASTERVOLENV2", (0, 0.5)) + "\r\n  <TRACK"
    stage.project = stage.reaper.open(stage.project.rpp.replace("  <TRACK", driving, 1))
    master = stage.reaper.pointer(stage.project.master)
    stage.reaper.call("SetMediaTrackInfo_Value", master, "I_AUTOMODE", float(mode))
    text = stage.land(MOVES, match_db=match_db)
    stage.toggle()
    assert (stage.project.rpp != text) is is_heard
    assert ("driven by volume automation" in "".join(stage.reaper.console)) is not is_heard


@pytest.mark.parametrize("switches", [0, 1])
def test_restoring_takes_out_the_trim_that_was_added(stage, switches):
    stage.land({"Kick": (1.0, 0.5)}, control="trim")
    assert "Automix trim" in stage.project.rpp
    for _ in range(switches):
        stage.toggle()
    stage.restore()
    assert "Automix trim" not in stage.project.rpp
    assert "automix_trim" not in stage.project.rpp


def test_restoring_leaves_a_trim_that_still_does_something(stage):
    stage.land({"Kick": (1.0, 0.5)}, control="trim")
    stage.land({"Kick": (0.5, 0.4)}, control="trim")
    stage.restore()
    assert "Automix trim" in stage.project.rpp


def test_undo_takes_a_switch_back_with_its_master(stage):
    text = stage.land(MOVES, match_db=2.0)
    stage.toggle()
    assert stage.project.history.points[-1].title == "Automix: hear the mix before the balance"
    stage.project.history.undo()
    assert stage.project.rpp == text
    stage.toggle()
    assert stage.faders() == side(0)


def test_the_action_is_lit_while_the_state_before_is_heard(stage):
    stage.land(MOVES)
    stage.toggle()
    assert stage.is_lit == 1
    stage.toggle()
    assert stage.is_lit == 0
    stage.toggle()
    stage.restore()
    assert stage.is_lit == 0
    assert (0, stage.toggle_id) in stage.reaper.scripts.refreshed


@pytest.mark.parametrize("switches", [0, 1])
def test_all_of_it_lasts_over_saving_and_loading(stage, switches, tmp_path):
    stage.land(MOVES, match_db=-2.5)
    for _ in range(switches):
        stage.toggle()
    stage.project.save(tmp_path / "saved.RPP")
    stage.reaper.close(stage.project)
    stage.project = stage.reaper.open(tmp_path / "saved.RPP")
    stage.toggle()
    assert stage.faders() == side(switches)
    stage.restore()
    assert (stage.faders(), stage.master) == (side(0), 1.0)


def test_restoring_is_one_undo_point_and_forgets_the_balance(stage):
    text = stage.land(MOVES)
    stage.restore()
    assert stage.faders() == side(0)
    assert "AUTOMIX_BEFORE" not in stage.project.rpp
    assert stage.project.history.points[-1].title == "Automix: restore the mix before the balance"
    stage.restore()
    said = "Nothing was balanced or matched in this project yet; balance it first.\n"
    assert stage.reaper.console == [said]
    stage.project.history.undo()
    assert stage.project.rpp == text


def test_restoring_from_the_state_before_gives_the_master_back(stage):
    stage.land(MOVES, match_db=3.0)
    stage.toggle()
    stage.restore()
    assert (stage.faders(), stage.master) == (side(0), 1.0)


@pytest.mark.parametrize("action", ["toggle", "restore"])
def test_a_fader_that_was_moved_by_hand_stays_and_is_told(stage, action):
    stage.land(MOVES)
    stage.move("Lead", 1.25)
    getattr(stage, action)()
    assert stage.faders() == {**{n: g[0] for n, g in MOVES.items()}, "Lead": 1.25}
    assert stage.reaper.console == ["Left as it is: Lead (moved by hand since).\n"]


def test_a_fader_moved_in_the_state_before_stays(stage):
    stage.land(MOVES)
    stage.toggle()
    stage.move("Pad", 0.9)
    stage.toggle()
    assert stage.fader("Pad") == 0.9
    assert stage.fader("Kick") == 0.5


def test_a_master_moved_in_the_state_before_keeps_the_users_move(stage):
    stage.land(MOVES, match_db=-4.0)
    stage.toggle()
    master = stage.reaper.pointer(stage.project.master)
    stage.reaper.call("SetMediaTrackInfo_Value", master, "D_VOL", stage.master * 0.5)
    stage.toggle()
    assert stage.master == pytest.approx(0.5)


def test_tracks_that_are_gone_are_passed_over_and_told(stage):
    stage.land(MOVES)
    for name in ("Lead", "Pad"):
        stage.project.delete_track(stage.project.track(name))
    stage.toggle()
    assert (stage.fader("Kick"), stage.fader("Snare")) == (1.0, 1.0)
    assert stage.reaper.console == [
        "Left as it is: 2 tracks that are gone or cannot be written any more.\n"
    ]


def test_with_no_track_left_nothing_is_compared_but_the_way_back_is_open(stage):
    stage.land(MOVES, match_db=6.0)
    stage.toggle()
    for name in MOVES:
        stage.move(name, 0.11)
    stage.toggle()
    assert stage.master == 1.0
    text = stage.project.rpp
    stage.toggle()
    assert stage.project.rpp == text
    assert stage.reaper.console == [
        "Left as it is: Kick, Lead, Pad, Snare (moved by hand since).\n"
    ]


@pytest.mark.parametrize("action", ["toggle", "restore"])
def test_without_a_balance_it_says_so(stage, action):
    text = stage.project.rpp
    getattr(stage, action)()
    said = "Nothing was balanced or matched in this project yet; balance it first.\n"
    assert stage.reaper.console == [said]
    assert (stage.project.rpp, stage.project.history.points) == (text, [])


@pytest.mark.parametrize("action", ["toggle", "restore"])
def test_an_error_at_any_call_changes_all_or_nothing(tmp_path, action):
    with Reaper(tmp_path) as reaper:
        stage = Stage(reaper, "5.4", make_song(tmp_path, length_s=0.1))
        text = stage.land({"Kick": (1.0, 0.5), "Pad": (1.0, 0.25)}, match_db=2.0)
        stage.project.save()
        reaper.calls.clear()
        getattr(stage, action)()
        done = stage.project.rpp
        for call in range(1, len(reaper.calls) + 1):
            reaper.close(stage.project)
            stage.project = reaper.open(stage.folder / "Song.RPP")
            reaper.fail_at(call)
            getattr(stage, action)()
            assert stage.project.rpp in (text, done)
            assert is_balanced(reaper)
