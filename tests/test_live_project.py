"""The open project over the live bridge: what is read, what lands, and what stays as it is."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import live_reaper
import reaper_automix
import reaper_songs
from reaper_automix import hand, moves, rpp
from reaper_automix.adapters import project as files
from reaper_automix.bridge import unheard, watch
from reaper_automix.bridge.project import NOTHING_LANDED, LiveProject
from reaper_automix.cli import program
from reaper_automix.controls import ControlGain
from reaper_automix.crew import Crew
from reaper_automix.errors import InputError, LiveError, NothingToBalance
from reaper_automix.moves import NOTHING_MOVED
from reaper_automix.selection import Scope
from reaper_automix.session import from_json
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain
from reaper_songs import guid, item, make_song, song, track

QUICK = Settings(method="lufs")
TITLE = "Automix: balance 5 tracks (lufs)"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    rig = live_reaper.start(folder, make_song(folder))
    yield rig
    rig.host.kill()


@pytest.fixture
def rig(running):
    """A REAPER in which the project was just opened."""
    running.host.ask("reopen", str(running.path))
    return running


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory):
    """A project that no test changes."""
    folder = tmp_path_factory.mktemp("every kind")
    rig = live_reaper.start(folder, make_song(folder, reaper_songs.EVERY_KIND, name="Ünï.RPP"))
    yield rig
    rig.host.kill()


def faders(rig):
    """Linear faders by name, as the project would be saved."""
    text = rpp.parse(rig.host.text()).block("REAPER_PROJECT")
    return {
        node.values("NAME")[0]: float(node.values("VOLPAN")[0]) for node in text.blocks("TRACK")
    }


def is_balanced(rig):
    """Whether no undo block is open and the screen is drawn again."""
    return rig.host.ask("depths") == [0, 0]


def set_master(rig, gain):
    master = "_reaper.call('GetMasterTrack', None)[0]"
    rig.host.ask("run", f"_reaper.call('SetMediaTrackInfo_Value', {master}, 'D_VOL', {gain!r})")


def last_undo(rig):
    return (rig.host.call("Undo_CanUndo2", None) or [None])[0]


def meanwhile(rig, *deeds):
    """A progress during which a user does something, once."""
    pending = list(deeds)

    def progress(*_):
        while pending:
            rig.host.ask("user", *pending.pop(0))

    return progress


def test_the_snapshot_is_that_of_the_project_file(every_kind):
    with every_kind.live() as project:
        assert project.snapshot() == live_reaper.nameless(files.read(every_kind.path))


def test_a_snapshot_changes_nothing(every_kind):
    before = every_kind.host.text()
    with every_kind.live() as project:
        changes = project.status()["changes"]
        project.snapshot()
        assert project.status()["changes"] == changes
    assert every_kind.host.text() == before == every_kind.path.read_bytes().decode()


def test_media_named_absolutely_are_named_as_in_the_project(tmp_path):
    kick = tmp_path / "Media" / "kick.wav"
    path = make_song(tmp_path, song(track("Kick", item("Media/kick.wav"))))
    relative = files.read(path)
    path.write_bytes(path.read_bytes().replace(b"Media/kick.wav", str(kick).encode()))
    rig = live_reaper.start(tmp_path / "r", path)
    with rig.host, rig.live() as project:
        assert project.snapshot() == relative


def test_a_project_that_was_never_saved_can_be_read(tmp_path):
    rig = live_reaper.start(tmp_path)
    with rig.host, rig.live() as project:
        rig.host.call("InsertTrackAtIndex", 0, True)
        session = project.snapshot()
        assert session.name == ""
        assert len(session.tracks) == 1


def test_what_is_sent_of_plug_ins_is_their_names(every_kind):
    with live_reaper.Raw(every_kind) as raw:
        answer = json.dumps(raw.call("snapshot", every_kind.announced["token"], None))
    text = every_kind.host.text()
    assert "VSTi: ReaSynth (Cockos)" in answer
    for bulk in ("cWVlcu5e7f4CAAAA", "HASDATA", "ZnJvemVu"):
        assert bulk in text
        assert bulk not in answer


def test_what_earlier_balances_put_elsewhere_is_known(every_kind):
    with every_kind.live() as project:
        held = project._take().held
    assert held == (ControlGain(guid("Synth"), "trim", 10 ** (-6 / 20)),)


def test_a_track_of_more_than_the_buffer_is_refused_in_a_sentence(tmp_path):
    notes = "x" * (4 * 1024 * 1024)
    path = tmp_path / "Big.RPP"
    path.write_bytes(song(track("Small"), track("Big", extra=[f"LAYOUTS {notes}"])).encode())
    rig = live_reaper.start(tmp_path, path)
    with rig.host, rig.live() as project:
        with pytest.raises(LiveError, match=r"^Track 2 cannot be read over the live bridge"):
            project.snapshot()
        assert project.status()["tracks"] == 2


def test_a_balance_moves_the_faders_that_it_says(rig):
    with rig.live() as project:
        outcome = project.balance("all", QUICK, jobs=1)
        session = project.snapshot()
    assert outcome.title == TITLE == last_undo(rig)
    assert outcome.left_out == ()
    assert len(outcome.made) == 5
    for move in outcome.made:
        assert session.track(move.track_id).fader_gain == pytest.approx(move.after, rel=1e-12)
    stored = {fader.track_id: fader for fader in session.stored.faders}
    assert all(stored[m.track_id].written_gain == pytest.approx(m.after) for m in outcome.made)
    assert is_balanced(rig)


def test_one_undo_gives_back_the_exact_text(rig):
    before = rig.host.text()
    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        assert rig.host.text() != before
        assert project.undo() == TITLE
    assert rig.host.text() == before


def test_undo_leaves_what_is_not_ours(rig):
    rig.host.ask("user", "moves_fader", "Lead", 0.25)
    before = rig.host.text()
    with rig.live() as project, pytest.raises(LiveError, match="not one of Automix"):
        project.undo()
    assert rig.host.text() == before


def test_a_second_balance_moves_nothing(rig):
    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        text = rig.host.text()
        again = project.balance("all", QUICK, jobs=1)
    assert (again.made, again.message) == ((), NOTHING_MOVED)
    assert rig.host.text() == text


def test_only_what_is_selected_moves(rig):
    rig.host.ask("user", "selects", "Kick", "Snare")
    before = faders(rig)
    with rig.live() as project:
        outcome = project.balance(settings=QUICK, jobs=1)
    after = faders(rig)
    assert {move.track_id for move in outcome.made} == {guid("Kick"), guid("Snare")}
    assert {name for name in before if before[name] != after[name]} == {"Kick", "Snare"}


def test_tracks_can_be_named_by_id(rig):
    with rig.live() as project:
        outcome = project.balance([guid("Lead"), guid("Pad")], QUICK, jobs=1)
    assert {move.track_id for move in outcome.made} <= {guid("Lead"), guid("Pad")}


def test_nothing_selected_is_said(rig):
    with rig.live() as project, pytest.raises(NothingToBalance, match="is selected"):
        project.balance(settings=QUICK, jobs=1)


@pytest.mark.parametrize("given", [{"write": "items"}, {"write": "trim"}, {"automation": "shift"}])
def test_other_controls_are_refused_before_anything_is_asked(tmp_path, given):
    with pytest.raises(LiveError, match="moves faders only"):
        LiveProject(home=tmp_path).balance("all", Settings(**given))


def test_tracks_that_are_gone_or_changed_meanwhile_are_left_out(rig):
    deeds = (
        ("deletes_track", "Pad"),
        ("moves_fader", "Lead", 0.1),
        ("renames_track", "Kick", "Bass drum"),
        ("selects", "Snare"),
    )
    with rig.live() as project:
        outcome = project.balance("all", QUICK, meanwhile(rig, *deeds), jobs=1)
    assert {(one.name, one.why) for one in outcome.left_out} == {
        ("Pad", "It is no longer in the project."),
        ("Lead", "It was changed while it was measured."),
    }
    assert {move.track_id for move in outcome.made} == {guid("Drums"), guid("Kick"), guid("Snare")}
    assert faders(rig)["Lead"] == 0.1
    assert is_balanced(rig)


def loudness(session):
    """The whole mix, as the engine sums it."""
    with Crew(1) as crew:
        return moves.total(session, QUICK, (), crew).lufs


def test_what_is_remembered_of_a_balance_is_what_landed(rig):
    deeds = (("deletes_track", "Lead"), ("moves_fader", "Pad", 0.1))
    with rig.live() as project:
        outcome = project.balance("all", QUICK, meanwhile(rig, *deeds), jobs=1)
        assert outcome.title == last_undo(rig) == "Automix: balance 3 tracks (lufs)"
        heard = loudness(project.snapshot())
        assert project.before_after() == "before"
        assert loudness(project.snapshot()) == pytest.approx(heard, abs=0.1)
        whole = outcome.report.groups[0]
        assert db_from_gain(project.snapshot().master_gain) != pytest.approx(
            whole.after.lufs - whole.before.lufs, abs=0.5
        )


def test_where_nothing_landed_nothing_is_written(rig):
    deeds = [("deletes_track", name) for name in ("Drums", "Lead", "Pad", "Kick", "Snare")]
    with rig.live() as project:
        outcome = project.balance("all", QUICK, meanwhile(rig, *deeds), jobs=1)
        with pytest.raises(LiveError, match="remembers no balance"):
            project.restore()
    assert (outcome.made, outcome.message) == ((), NOTHING_LANDED)
    assert len(outcome.left_out) == 5
    assert last_undo(rig) != outcome.title


def test_another_project_in_front_meanwhile_is_said(rig, tmp_path):
    other = make_song(tmp_path, song(track("Other")), name="Other.RPP")

    def progress(*_):
        rig.host.ask("run", f"len(_reaper.projects) > 1 or _reaper.open({str(other)!r})")

    with rig.live() as project, pytest.raises(LiveError, match="in another tab of REAPER"):
        project.balance("all", QUICK, progress, jobs=1)
    assert rig.host.text() == other.read_bytes().decode()


def test_a_project_closed_meanwhile_is_said(rig):
    def progress(*_):
        rig.host.ask("run", "_reaper.close(_reaper.projects[0]) if _reaper.active.path else None")

    with rig.live() as project, pytest.raises(LiveError, match="no longer open in REAPER"):
        project.balance("all", QUICK, progress, jobs=1)


def test_a_project_that_never_rests_is_said(rig):
    with rig.live() as project:
        taken = project._take()
        project._take = lambda _=None: taken
        rig.host.ask("user", "moves_fader", "Lead", 0.1)
        with pytest.raises(LiveError, match="kept changing"):
            project.balance("all", QUICK, jobs=1)
    assert is_balanced(rig)


def test_faders_stay_in_the_range_of_the_user(rig):
    rig.host.ask("run", "_reaper.config_vars['slidermaxv'] = '-3'")
    try:
        with rig.live() as project:
            outcome = project.balance("all", QUICK, jobs=1)
    finally:
        rig.host.ask("run", "_reaper.config_vars['slidermaxv'] = '12'")
    assert max(move.after for move in outcome.made) == pytest.approx(10 ** (-3 / 20))
    assert {guid(name): gain for name, gain in faders(rig).items()} == pytest.approx(
        {move.track_id: move.after for move in outcome.made}
    )


def test_before_and_after_are_equally_loud_and_come_back_exactly(rig):
    with rig.live() as project:
        found = faders(rig)
        outcome = project.balance("all", QUICK, jobs=1)
        balanced, master = faders(rig), project.snapshot().master_gain
        mix = outcome.report.groups[0]
        assert project.before_after() == "before"
        assert faders(rig) == pytest.approx(found)
        match_db = db_from_gain(project.snapshot().master_gain / master)
        assert mix.before.lufs + match_db == pytest.approx(mix.after.lufs, abs=0.1)
        assert project.before_after() == "after"
        assert faders(rig) == balanced
        assert project.snapshot().master_gain == master


@pytest.mark.parametrize("headroom", [QUICK, replace(QUICK, headroom_dbtp=-20.0)])
def test_a_balance_while_before_is_heard_puts_the_master_back(rig, headroom):
    set_master(rig, 0.7)
    with rig.live() as project:
        project.balance("all", headroom, jobs=1)
        balanced = faders(rig)
        project.before_after()
        assert project.snapshot().master_gain != 0.7
        project.balance("all", headroom, jobs=1)
        assert project.snapshot().master_gain == 0.7
        assert faders(rig) == pytest.approx(balanced)


def test_a_master_moved_while_before_is_heard_moves_as_far_for_the_balance(rig):
    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        project.before_after()
        found = project.snapshot().master_gain
        set_master(rig, found / 2)
        project.balance("all", QUICK, jobs=1)
        assert project.snapshot().master_gain == pytest.approx(0.5)


def test_remembered_faders_are_written_exactly_whatever_the_range_of_the_user(rig):
    loud = 10 ** (10 / 20)
    rig.host.ask("user", "moves_fader", "Lead", loud)
    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        rig.host.ask("run", "_reaper.config_vars['slidermaxv'] = '-6'")
        try:
            project.before_after()
            assert faders(rig)["Lead"] == pytest.approx(loud, rel=1e-12)
            project.before_after()
            project.restore()
        finally:
            rig.host.ask("run", "_reaper.config_vars['slidermaxv'] = '12'")
    assert faders(rig)["Lead"] == pytest.approx(loud, rel=1e-12)


def test_what_only_reaper_can_play_is_said(every_kind):
    with every_kind.live() as project:
        session = project.snapshot()
        told = unheard.note(session, QUICK, Scope("all"), project._take().held)
    assert told.startswith("Measured before effects, or skipped, because only REAPER can play")
    assert "Synth" in told
    assert "press the action automix_Balance selected tracks" in told


def test_where_everything_can_be_played_nothing_is_said(rig):
    with rig.live() as project:
        assert unheard.note(project.snapshot(), QUICK, Scope("all"), ()) == ""


def test_restore_goes_back_also_from_before(rig):
    found = faders(rig)
    with rig.live() as project:
        master = project.snapshot().master_gain
        for switch in (False, True):
            project.balance("all", QUICK, jobs=1)
            if switch:
                project.before_after()
            project.restore()
            assert faders(rig) == pytest.approx(found)
            assert project.snapshot().master_gain == master
            with pytest.raises(LiveError, match="remembers no balance"):
                project.restore()


def test_what_was_moved_by_hand_stays(rig):
    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        rig.host.ask("user", "moves_fader", "Lead", 0.125)
        done = project.restore()
    assert done.by_hand == ("Lead",)
    assert faders(rig)["Lead"] == 0.125


def test_only_moves_by_hand_are_taken_for_such(rig):
    def by_hand(project):
        starts = hand.starts(project.snapshot(), forget=False)
        return {track: start.hand_db for track, start in starts.items() if start.hand_db}

    with rig.live() as project:
        project.balance("all", QUICK, jobs=1)
        for _ in range(2):
            project.before_after()
            assert by_hand(project) == {}
        rig.host.ask("user", "moves_fader", "Lead", 0.125)
        moved = by_hand(project)
        assert list(moved) == [guid("Lead")]
        project.balance("all", QUICK, jobs=1)
        assert by_hand(project) == pytest.approx(moved)
        project.restore()
        assert by_hand(project) == pytest.approx(moved)


def test_a_stem_is_a_folder_around_its_tracks(rig):
    rig.host.ask("user", "selects", "Pad")
    before = rig.host.text()
    with rig.live() as project:
        session = project.snapshot()
        folder = project.stem("Bänd", [guid("Snare"), guid("Lead")])
        after = project.snapshot()
    assert after.track(folder).name == "Bänd"
    assert after.track(folder).parent_id == guid("Drums")
    assert after.track(folder).fader_gain == 1.0
    assert [track.name for track in after.children(folder)] == ["Snare", "Lead"]
    assert {t.id: t.selected for t in session.tracks}.items() <= {
        t.id: t.selected for t in after.tracks
    }.items()
    assert last_undo(rig) == "Automix: group 2 tracks into Bänd"
    with rig.live() as project:
        project.undo()
    assert rig.host.text() == before


def test_a_stem_of_tracks_that_are_not_there_is_refused(rig):
    before = rig.host.text()
    with rig.live() as project:
        with pytest.raises(InputError, match="has no track"):
            project.stem("X", ["{00000000-0000-0000-0000-000000000000}"])
        with pytest.raises(InputError, match="no track to put into"):
            project.stem("X", [])
    assert rig.host.text() == before


def test_watching_tells_what_changes(rig):
    deeds = iter([("moves_fader", "Lead", 0.25), ("deletes_track", "Pad"), ("selects", "Kick")])
    with rig.live() as project:
        told = watch.watch(project, lambda _: rig.host.ask("user", *next(deeds)))
        assert next(told) == "Song: 5 tracks"
        assert next(told) == "Lead: fader -6.0 dB to -12.0 dB"
        assert next(told) == "Pad: deleted"
        assert next(told) == "Kick: selected"


def test_the_commands(rig, monkeypatch):
    monkeypatch.setenv("REAPER_AUTOMIX_SPOOL", str(rig.spool))

    def run(*arguments):
        result = CliRunner().invoke(program, ["live", *arguments], catch_exceptions=False)
        return result.output

    assert "REAPER 7.66/linux-x86_64 answers." in run("status")
    assert json.loads(run("status", "--json"))["tracks"] == 5
    assert from_json(run("snapshot")) == files.read(rig.path)
    assert TITLE in run("balance", "--all", "--method", "lufs", "--jobs", "1", "--pre-fx")
    assert "Faders put back: 5." in run("restore")
    assert "Tracks in Pair: 2." in run("stem", "Pair", "--tracks", "lead,p*")
    with reaper_automix.live() as project:
        assert len(project.snapshot().tracks) == 6
