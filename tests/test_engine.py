"""Laws of a whole balance, on audio: what is asked is what lands."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reaper_automix import engine, measuring, mix
from reaper_automix.cache.kinds import KINDS
from reaper_automix.cache.store import Store
from reaper_automix.crew import Crew
from reaper_automix.errors import NothingToBalance, SettingsError
from reaper_automix.features.loudness import integrated
from reaper_automix.memory import Memory
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.session import Envelope, EnvelopePoint, Item, Receive, Source, TimeRange
from reaper_automix.settings import Settings
from reaper_automix.sums import played
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.units import db_from_gain, gain_from_db
from signals import RATE_HZ, harmonic, noise, tone
from songs import band, folder_track, session, track, with_faders, with_source_gains

EXACT = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)

slow = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def balance(song, how=EXACT, jobs=1):
    with Crew(jobs) as crew:
        return engine.heard_out(engine.run(song, how, crew), crew)


def row(balanced, name):
    return next(track for track in balanced.tracks if track.name == name)


def mixed_output(song, gains):
    """The mix as samples, with the faders of a balance."""
    desk = set_scene(song, EXACT).desk()
    return np.concatenate(list(mix.tap(desk, MIX, gains).read()), axis=1)


@pytest.fixture
def song(tmp_path):
    return band(tmp_path)


def test_sources_of_a_group_land_on_one_level_when_measured_again(song):
    balanced = balance(song)
    desk = set_scene(song, EXACT).desk()
    for group, members in (
        ("{Drums}", ("{Kick}", "{Hats}")),
        (None, ("{Drums}", "{Keys}", "{Lead}")),
    ):
        target = next(g.target_lufs for g in balanced.groups if g.id == group)
        for member in members:
            measured = integrated(mix.tap(desk, member, balanced.gains))
            landed = measured + db_from_gain(balanced.gains[member])
            assert landed == pytest.approx(target, abs=0.1)


def test_every_sum_stays_as_loud_as_it_was(song):
    for group in balance(song).groups:
        assert group.after.lufs == pytest.approx(group.before.lufs, abs=0.05)


@pytest.mark.long
@slow
@given(st.lists(st.floats(-12, 12), min_size=5, max_size=5))
def test_gains_on_the_sources_give_the_same_mix_up_to_one_gain(song, gains_db):
    plain = mixed_output(song, balance(song).gains)
    other = with_source_gains(song, gains_db)
    changed = mixed_output(other, balance(other).gains)
    common = np.vdot(plain, changed) / np.vdot(plain, plain)
    assert np.abs(changed - common * plain).max() < 0.012 * np.abs(common * plain).max()


@pytest.mark.long
@slow
@given(
    st.builds(
        Settings,
        method=st.just("lufs"),
        strength=st.floats(0, 1),
        max_move_db=st.none() | st.floats(0, 20),
        dead_band_db=st.sampled_from([0.0, 0.5, 3.0]),
        headroom_dbtp=st.sampled_from([-30.0, -6.0, 0.0]),
        target_lufs=st.none() | st.floats(-40, -14),
    )
)
def test_a_second_run_moves_nothing(song, how):
    first = balance(song, how)
    second = balance(with_faders(song, first.gains, first.stored), how)
    for track_id, gain in first.gains.items():
        assert db_from_gain(second.gains[track_id]) == pytest.approx(db_from_gain(gain), abs=0.05)
    assert all(track.status != "moved" for track in second.tracks)


def test_a_fader_moved_by_hand_is_the_new_base_where_moves_are_forgotten(song):
    half = replace(EXACT, strength=0.5, forget_moves=True)
    first = balance(song, half)
    moved = {**first.gains, "{Lead}": first.gains["{Lead}"] * 2.0}
    second = balance(with_faders(song, moved, first.stored), half)
    stored = {fader.track_id: fader.found_gain for fader in second.stored.faders}
    assert stored["{Lead}"] == pytest.approx(moved["{Lead}"])
    assert stored["{Kick}"] == 1.0


@pytest.mark.parametrize(
    ("change", "how"),
    [
        ({}, replace(EXACT, tracks=("Lead",))),
        ({"mute": True}, EXACT),
        ({"main_send": False}, EXACT),
        ({"automation": "read", "volume": Envelope((EnvelopePoint(0.0, 1.0),))}, EXACT),
        ({"items": ()}, EXACT),
        ({}, replace(EXACT, time_range=TimeRange(0.0, 1.0))),
    ],
    ids=["not chosen", "muted", "leads nowhere", "automated", "empty", "out of range"],
)
def test_what_stays_in_a_later_run_keeps_what_an_earlier_one_wrote(tmp_path, change, how):
    late = track(tmp_path, "Late", noise(1.0, -25, seed=2))
    song = session(
        replace(late, items=(replace(late.items[0], position_s=1.5),)),
        track(tmp_path, "Bass", tone(60, 3.0, -12)),
        track(tmp_path, "Lead", harmonic(440, 3.0, -30)),
    )
    first = balance(song)
    assert first.gains["{Late}"] != pytest.approx(1.0, rel=0.01)
    written = with_faders(song, first.gains, first.stored)
    changed = replace(written, tracks=(replace(written.tracks[0], **change), *written.tracks[1:]))
    second = balance(changed, how)
    assert second.gains["{Late}"] == first.gains["{Late}"]
    assert row(second, "Late").status != "moved"
    third = balance(with_faders(song, second.gains, second.stored))
    assert third.gains == pytest.approx(first.gains, rel=1e-3)


def test_a_folder_whose_tracks_fall_silent_keeps_its_fader(song):
    first = balance(song)
    written = with_faders(song, first.gains, first.stored)
    tracks = tuple(replace(t, mute=t.parent_id == "{Keys}") for t in written.tracks)
    second = balance(replace(written, tracks=tracks))
    for name in ("{Keys}", "{Piano}", "{Pad}"):
        assert second.gains[name] == first.gains[name]


def test_the_order_of_tracks_does_not_matter(song):
    tracks = song.tracks
    other = replace(song, tracks=(tracks[6], tracks[3], tracks[5], tracks[4], *tracks[:3]))
    first, second = balance(song).gains, balance(other).gains
    for track_id, gain in first.items():
        assert second[track_id] == pytest.approx(gain, rel=1e-3)


def test_mono_and_dual_mono_come_out_equally_loud(tmp_path):
    sound = harmonic(220, 2.0)
    song = session(
        track(tmp_path, "mono", sound),
        track(tmp_path, "dual", np.repeat(sound, 2, axis=0)),
        track(tmp_path, "other", noise(2.0, -30)),
    )
    gains = balance(song).gains
    assert gains["{mono}"] == pytest.approx(gains["{dual}"], rel=1e-4)


def test_workers_come_to_the_same_result(song):
    assert balance(song, jobs=2).gains == pytest.approx(balance(song, jobs=1).gains)


def test_headroom_goes_before_the_anchor(song):
    how = replace(EXACT, headroom_dbtp=-20.0)
    balanced = balance(song, how)
    for group in balanced.groups:
        assert group.after.true_peak_db <= -20.0 + 0.02
        assert (group.shift_db < 0.0) == bool(group.why)
    again = balance(with_faders(song, balanced.gains, balanced.stored), how)
    assert again.gains == pytest.approx(balanced.gains, rel=1e-3)


@pytest.mark.parametrize("method", ["lufs", "auto"])
def test_no_sum_is_played_for_a_fader(song, monkeypatch, method):
    heard = []
    listen = measuring.listen
    monkeypatch.setattr(
        measuring, "listen", lambda sources, *rest: heard.extend(sources) or listen(sources, *rest)
    )
    monkeypatch.setattr(played, "listen", None)  # any sum that is played fails
    memory, how = Memory(), replace(EXACT, method=method, headroom_dbtp=-20.0)
    with Crew(1) as crew:
        balanced = engine.run(song, how, crew, memory=memory)
        assert any(group.shift_db < 0.0 for group in balanced.groups)
        assert sorted(one.track_id for one in heard) == sorted(t.id for t in song.tracks if t.items)
        heard.clear()
        moved = with_faders(song, {**balanced.gains, "{Lead}": 4.0}, balanced.stored)
        engine.run(moved, replace(how, method="p_lufs"), crew, memory=memory)
        assert not heard


def test_a_sum_that_passes_its_estimate_says_so(song, monkeypatch):
    how = replace(EXACT, headroom_dbtp=-20.0)
    monkeypatch.setattr(CrossPowers, "true_peak", lambda self, gains: 0.01)
    for group in balance(song, how).groups:
        over_db = group.after.true_peak_db + 20.0
        assert over_db > 0.1
        assert f"{over_db:.1f} dB more" in group.why[-1]


def test_headroom_is_kept_beside_tracks_that_stay(tmp_path):
    stay = Envelope((EnvelopePoint(0.0, 1.0),))
    song = session(
        track(tmp_path, "a", tone(300, 2.0, -8)),
        track(tmp_path, "b", tone(500, 2.0, -8)),
        track(tmp_path, "c", tone(700, 2.0, -14), automation="read", volume=stay),
    )
    balanced = balance(song, replace(EXACT, headroom_dbtp=-6.0))
    assert balanced.groups[0].after.true_peak_db <= -6.0 + 0.05
    assert balanced.gains["{c}"] == 1.0


@pytest.mark.parametrize("room_db", [-3.0, -0.1, 0.05, 0.5, 2.0])
@pytest.mark.parametrize("level_db", [-14, -8])
def test_what_stays_near_the_headroom_does_not_take_the_others_down_with_it(
    tmp_path, room_db, level_db
):
    """They go down as they would without it, and by 12 dB more where that keeps the headroom."""
    stay = Envelope((EnvelopePoint(0.0, 1.0),))
    free = [track(tmp_path, name, tone(hz, 2.0, level_db)) for name, hz in (("a", 300), ("b", 500))]
    loud = tone(700, 2.0, -14)
    held = track(tmp_path, "c", loud, automation="read", volume=stay)
    headroom_dbtp = float(db_from_gain(np.abs(loud).max())) + room_db
    how = replace(EXACT, headroom_dbtp=headroom_dbtp)
    (alone,) = balance(session(*free), how).groups
    (group,) = balance(session(*free, held), how).groups
    further_db = alone.shift_db - group.shift_db
    if "cannot be kept" in group.why[-1]:
        assert further_db == pytest.approx(0.0, abs=0.1)
    else:
        assert group.after.true_peak_db <= headroom_dbtp + 0.05
        assert further_db <= 12.0 + 0.1


def test_the_group_goes_down_where_a_fader_ends(song):
    quiet = with_source_gains(song, [0, 0, -25, 0, 0])
    balanced = balance(quiet, replace(EXACT, fader_max_db=12.0))
    assert max(map(db_from_gain, balanced.gains.values())) <= 12.0 + 1e-6
    keys = next(group for group in balanced.groups if group.name == "Keys")
    assert keys.shift_db < -1.0
    assert "+12 dB" in keys.why[0]


def test_a_target_is_where_every_source_lands(song):
    balanced = balance(song, replace(EXACT, target_lufs=-30.0))
    for name in ("Kick", "Hats", "Piano", "Pad", "Lead", "Drums", "Keys"):
        assert row(balanced, name).after_lufs == pytest.approx(-30.0, abs=0.1)


def test_who_does_not_sound_is_listed_and_in_no_sum(song, tmp_path):
    loud = noise(3.0, -3, seed=9)
    more = (
        track(tmp_path, "muted", loud, mute=True),
        folder_track("off", mute=True),
        track(tmp_path, "inside", loud, parent_id="{off}"),
        track(tmp_path, "silence", np.zeros((1, RATE_HZ), np.float32)),
        replace(track(tmp_path, "gone", loud), items=()),
    )
    balanced = balance(replace(song, tracks=song.tracks + more))
    assert balanced.groups[0].before == balance(song).groups[0].before
    for name in ("muted", "off", "inside", "gone"):
        assert row(balanced, name).status == "skipped"
        assert row(balanced, name).why
        assert balanced.gains[f"{{{name}}}"] == 1.0
    assert row(balanced, "silence").status == "kept"
    assert "-70 LUFS" in row(balanced, "silence").why[0]


def test_who_stays_keeps_its_fader_and_says_why(song, tmp_path):
    sound = noise(3.0, -20, seed=9)
    automated = Envelope((EnvelopePoint(0.0, 0.5),))
    more = (
        track(tmp_path, "read", sound, automation="read", volume=automated),
        track(tmp_path, "down", sound, fader_gain=0.0),
        track(tmp_path, "nowhere", sound, main_send=False),
        folder_track("Reverb"),
    )
    more = (*more[:3], replace(more[3], folder=False, receives=(Receive("{Lead}"),)))
    balanced = balance(replace(song, tracks=song.tracks + more))
    for name, word in (
        ("read", "automation"),
        ("down", "all the way down"),
        ("nowhere", "main send"),
    ):
        assert word in row(balanced, name).why[0]
        assert row(balanced, name).status == "kept"
    assert "returns keep" in row(balanced, "Reverb").why[0]
    assert row(balanced, "Reverb").kind == "return"


def test_solo_is_ignored(song):
    solo = replace(song, tracks=(*song.tracks[:-1], replace(song.tracks[-1], solo=2)))
    assert balance(solo).gains == balance(song).gains


def test_trim_read_envelopes_count_as_part_of_the_source(tmp_path):
    quieter = Envelope((EnvelopePoint(0.0, 0.5),))
    sound = noise(2.0)
    song = session(
        track(tmp_path, "plain", sound), track(tmp_path, "trimmed", sound, volume=quieter)
    )
    gains = balance(song, replace(EXACT, objects="off")).gains
    assert db_from_gain(gains["{trimmed}"] / gains["{plain}"]) == pytest.approx(6.02, abs=0.02)


def test_only_the_chosen_tracks_move(song):
    balanced = balance(song, replace(EXACT, tracks=("lead", "drums")))
    moved = {track.name for track in balanced.tracks if track.status == "moved"}
    assert moved <= {"Lead", "Kick", "Hats"}
    assert "Not among the chosen" in row(balanced, "Piano").why[0]
    with pytest.raises(SettingsError, match="Tuba"):
        balance(song, replace(EXACT, tracks=("Tuba",)))


def test_a_track_without_main_send_is_balanced_inside_its_bus(tmp_path):
    song = session(
        track(tmp_path, "a", noise(2.0, -20, seed=1), main_send=False),
        track(tmp_path, "b", noise(2.0, -30, seed=2), main_send=False),
        replace(folder_track("Bus"), folder=False, receives=(Receive("{a}"), Receive("{b}"))),
        track(tmp_path, "c", noise(2.0, -25, seed=3)),
    )
    balanced = balance(song)
    gains = balanced.gains
    assert db_from_gain(gains["{b}"] / gains["{a}"]) == pytest.approx(10.0, abs=0.1)
    assert row(balanced, "Bus").kind == "bus"
    assert row(balanced, "Bus").after_lufs == pytest.approx(row(balanced, "c").after_lufs, abs=0.1)


def test_the_gain_of_the_send_to_a_bus_counts(tmp_path):
    song = session(
        track(tmp_path, "a", noise(2.0, -20, seed=1), main_send=False),
        track(tmp_path, "b", noise(2.0, -20, seed=2), main_send=False),
        replace(
            folder_track("Bus"), folder=False, receives=(Receive("{a}", gain=0.5), Receive("{b}"))
        ),
    )
    gains = balance(song).gains
    assert db_from_gain(gains["{a}"] / gains["{b}"]) == pytest.approx(6.02, abs=0.05)


def test_a_range_is_all_that_counts(tmp_path):
    sound = np.concatenate([noise(2.0, -30, seed=1), noise(2.0, -10, seed=1)], axis=1)
    song = session(track(tmp_path, "a", sound), track(tmp_path, "b", noise(4.0, -20, seed=2)))
    first = balance(song, replace(EXACT, time_range=TimeRange(0.0, 2.0))).gains
    assert db_from_gain(first["{a}"] / first["{b}"]) == pytest.approx(10.0, abs=0.1)
    selected = replace(song, time_selection=TimeRange(2.0, 4.0))
    second = balance(selected, replace(EXACT, use_time_selection=True)).gains
    assert db_from_gain(second["{a}"] / second["{b}"]) == pytest.approx(-10.0, abs=0.1)


def test_media_that_vanish_in_the_middle_cost_one_track(song, tmp_path, monkeypatch):
    heard = measuring._hear

    def hear(task):
        outcome = heard(task)
        (tmp_path / "Lead.wav").unlink(missing_ok=True)
        return outcome

    monkeypatch.setattr(measuring, "_hear", hear)
    balanced = balance(song)
    assert row(balanced, "Lead").status == "skipped"
    assert "Lead.wav" in row(balanced, "Lead").why[0]
    assert balanced.gains["{Lead}"] == 1.0
    assert row(balanced, "Piano").after_lufs is not None


def test_what_a_lost_track_was_sent_to_is_measured_without_it(tmp_path, monkeypatch):
    feeds = track(tmp_path, "feeds", noise(2.0, seed=1))
    fed = track(tmp_path, "fed", noise(2.0, -30, seed=2), receives=(Receive("{feeds}"),))
    lead = track(tmp_path, "lead", noise(2.0, seed=3))
    heard = measuring._hear

    def hear(task):
        (tmp_path / "feeds.wav").unlink(missing_ok=True)
        return heard(task)

    monkeypatch.setattr(measuring, "_hear", hear)
    balanced = balance(session(feeds, fed, lead))
    assert row(balanced, "feeds").status == "skipped"
    assert row(balanced, "fed").after_lufs == pytest.approx(row(balanced, "lead").after_lufs)


def test_what_is_lost_after_the_faders_are_set_leaves_the_sums_predicted(song, tmp_path):
    with Crew(1) as crew:
        balanced = engine.run(song, EXACT, crew, memory=Memory())
        (tmp_path / "Lead.wav").unlink()
        late = engine.heard_out(balanced, crew)
    assert late.gains == balanced.gains
    assert all(group.after.predicted for group in late.groups)
    assert "Lead.wav" in late.notes[-1]


def test_a_sketch_that_is_lost_is_made_again(song):
    class Forgetful(Memory):
        def sketch(self, key):
            return None

    known, fresh = Forgetful(), Memory()
    with Crew(1) as crew:
        first = engine.run(song, EXACT, crew, memory=known)
        known.recall_powers = lambda key: None
        again = engine.run(song, EXACT, crew, memory=known)
        assert again.gains == first.gains == engine.run(song, EXACT, crew, memory=fresh).gains


def spoil(record, how):
    """Have a record of the cache be gone, cut short or changed."""
    content = record.read_bytes()
    if how == "gone":
        record.unlink()
    elif how == "cut":
        record.write_bytes(content[: len(content) // 2])
    else:
        record.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_the_result_does_not_depend_on_what_is_known(tmp_path):
    song = band(tmp_path, duration_s=1.5)
    echo = track(tmp_path, "Echo", noise(1.5, -50, seed=3), receives=(Receive("{Lead}", gain=0.3),))
    song = replace(song, tracks=(*song.tracks, echo))
    how = replace(EXACT, headroom_dbtp=-20.0, time_range=TimeRange(0.2, 1.3))
    rng = np.random.default_rng(1)

    def result():
        with Crew(1) as crew:
            balanced = engine.run(song, how, crew, memory=Memory(Store(tmp_path / "cache")))
            balanced = engine.heard_out(balanced, crew)
        return balanced.gains, [(one.before, one.after, one.shift_db) for one in balanced.groups]

    cold = result()
    kinds = {record.suffix for record in (tmp_path / "cache").rglob("*.*")}
    assert kinds == {f".{kind.name}" for kind in KINDS}
    for lost in (*sorted(kinds), "", "", ""):
        records = sorted((tmp_path / "cache").rglob(f"*{lost or '.*'}"))
        for record in records if lost else rng.permutation(records)[: len(records) // 2]:
            spoil(record, rng.choice(["gone", "cut", "changed"]))
        assert result() == cold


def test_a_folder_whose_own_media_are_missing_says_so(song, tmp_path):
    own = track(tmp_path, "own", noise(1.0))
    gone = replace(own.items[0].takes[0], source=Source("WAVE", "gone.wav"))
    items = (replace(own.items[0], takes=(gone,)),)
    drums = replace(song.tracks[0], items=items)
    balanced = balance(replace(song, tracks=(drums, *song.tracks[1:])))
    assert row(balanced, "Drums").after_lufs is not None
    assert any("gone.wav" in note for note in row(balanced, "Drums").notes)


def test_a_return_without_effects_is_part_of_the_sum_that_stays(tmp_path):
    song = session(
        track(tmp_path, "a", noise(2.0, -20, seed=1)),
        track(tmp_path, "b", noise(2.0, -40, seed=2)),
        replace(folder_track("dry"), folder=False, receives=(Receive("{a}"),)),
    )
    mix_ = balance(song).groups[0]
    assert mix_.after.lufs == pytest.approx(mix_.before.lufs, abs=0.05)


def test_a_noise_floor_is_not_pulled_up(song, tmp_path):
    hiss = track(tmp_path, "hiss", noise(3.0, -62, seed=9))
    balanced = balance(replace(song, tracks=(*song.tracks, hiss)))
    assert "noise floor" in row(balanced, "hiss").why[0]
    assert balanced.gains["{hiss}"] == 1.0
    soft = noise(3.0, -62, seed=9) * np.linspace(0.2, 1.5, 3 * RATE_HZ, dtype=np.float32)
    balanced = balance(replace(song, tracks=(*song.tracks, track(tmp_path, "soft", soft))))
    assert row(balanced, "soft").status == "moved"


def test_nothing_to_balance_is_one_sentence(tmp_path):
    empty = session(track(tmp_path, "a", np.zeros((1, RATE_HZ), np.float32)))
    with pytest.raises(NothingToBalance, match="inspect"):
        balance(empty)
    with pytest.raises(NothingToBalance):
        balance(session())


def test_a_clip_does_not_care_where_it_lies(tmp_path):
    song = session(track(tmp_path, "a", noise(0.1, -20)), track(tmp_path, "b", noise(0.1, -30)))
    late = replace(
        song,
        tracks=tuple(
            replace(t, items=tuple(replace(i, position_s=12.345) for i in t.items))
            for t in song.tracks
        ),
    )
    assert isinstance(late.tracks[0].items[0], Item)
    assert balance(late).gains == pytest.approx(balance(song).gains, rel=1e-3)


@pytest.mark.long
def test_pitched_and_unpitched_sources_meet_on_one_scale(song):
    how = replace(EXACT, method="auto")
    balanced = balance(song, how)
    assert (
        row(balanced, "Lead").features.pitch_confidence
        > row(balanced, "Hats").features.pitch_confidence
    )
    lead, drums = row(balanced, "Lead"), row(balanced, "Drums")
    assert lead.after_lufs == pytest.approx(drums.after_lufs, abs=0.1)
    second = balance(with_faders(song, balanced.gains, balanced.stored), how)
    assert second.gains == pytest.approx(balanced.gains, rel=1e-3)
    other = with_source_gains(song, [9, -9, 6, -3, 12])
    changed = mixed_output(other, balance(other, how).gains)
    plain = mixed_output(song, balanced.gains)
    common = np.vdot(plain, changed) / np.vdot(plain, plain)
    assert np.abs(changed - common * plain).max() < gain_from_db(-38) * np.abs(changed).max()
