"""An object moves as one: inside balance and polarity stay, and everything else is as ever."""

from dataclasses import replace

import numpy as np
import pytest

from reaper_automix import engine, pipeline
from reaper_automix.adapters import folder
from reaper_automix.crew import Crew
from reaper_automix.features.loudness import integrated
from reaper_automix.memory import Memory
from reaper_automix.objects import finder
from reaper_automix.pipeline import Request
from reaper_automix.report import data, page, text
from reaper_automix.scene import set_scene
from reaper_automix.session import Envelope, EnvelopePoint, StoredBalance
from reaper_automix.settings import Settings
from reaper_automix.stemtree import arranged, guess_all, propose
from reaper_automix.units import db_from_gain
from recordings import amplified, kit, plucked, sung
from signals import noise
from songs import folder_track, session, track, with_faders

EXACT = Settings(method="lufs", dead_band_db=0.0, headroom_dbtp=20.0, fader_max_db=80.0)
SECONDS = 5.0
KIT = ("Kick", "Snare", "Hat", "Tom", "OH L", "OH R", "Room")
FADERS = dict(zip(KIT, (1.0, 0.7, 0.4, 0.9, 0.5, 0.5, 0.25), strict=True))


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """Tracks of a band by name: a kit, a guitar on two tracks, a singer and a pad."""
    place = tmp_path_factory.mktemp("media")
    guitar = plucked(SECONDS, seed=2)
    sounds = {name: 0.3 * one for name, one in kit(SECONDS).items()}
    sounds |= {"Gtr DI": 0.2 * guitar, "Gtr Amp": 0.1 * amplified(guitar)}
    sounds |= {"Vox": sung(SECONDS, seed=1), "Pad": noise(SECONDS, -40)[0]}
    return {name: track(place, name, one[None]) for name, one in sounds.items()}


@pytest.fixture(scope="module")
def memory():
    return Memory()


@pytest.fixture
def song(media):
    """All of it at the top, as it was recorded."""
    return session(*(replace(one, fader_gain=FADERS.get(one.name, 1.0)) for one in media.values()))


@pytest.fixture
def balance(memory):
    def run(song, how=EXACT):
        with Crew(1) as crew:
            return engine.run(song, how, crew, memory=memory)

    return run


def row(balanced, name):
    return next(one for one in balanced.tracks if one.name == name)


def moves_db(balanced, names):
    return [row(balanced, name).gain_db for name in names]


def changed(song, name, **change):
    tracks = (replace(one, **change) if one.name == name else one for one in song.tracks)
    return replace(song, tracks=tuple(tracks))


def in_folders(song, **homes):
    """The song with some tracks in folders: names of tracks by the name of the folder."""
    parents = {name: f"{{{home}}}" for home, names in homes.items() for name in names}
    tracks = [replace(one, parent_id=parents.get(one.name)) for one in song.tracks]
    grouped = [
        one
        for home in homes
        for one in (folder_track(home), *(t for t in tracks if t.parent_id == f"{{{home}}}"))
    ]
    return replace(song, tracks=(*grouped, *(t for t in tracks if t.parent_id is None)))


@pytest.mark.parametrize(
    "how",
    [
        EXACT,
        Settings(),
        replace(EXACT, strength=0.5),
        replace(EXACT, max_move_db=1.0),
        replace(EXACT, headroom_dbtp=-30.0),
        replace(EXACT, target_lufs=-30.0),
        replace(EXACT, fader_max_db=-3.0),
    ],
    ids=["exact", "usual", "half", "most", "headroom", "target", "range"],
)
def test_the_inside_of_an_object_stays_as_it_is(song, balance, how):
    balanced = balance(song, how)
    for names in (KIT, ("Gtr DI", "Gtr Amp")):
        moved = moves_db(balanced, names)
        assert moved == pytest.approx([moved[0]] * len(moved), abs=1e-9)


def test_objects_land_where_single_tracks_do(song, balance):
    """Their sum, played again under the new faders, is as loud as each of the others."""
    balanced = balance(song)
    target = balanced.groups[0].target_lufs
    desk = set_scene(song, EXACT).desk()
    for names in (KIT, ("Gtr DI", "Gtr Amp"), ("Vox",), ("Pad",)):
        played = [desk.signals[f"{{{name}}}"] for name in names]
        blocks = zip(*(one.read() for one in played), strict=True)
        gains = [balanced.gains[f"{{{name}}}"] for name in names]
        summed = [
            sum(gain * block for gain, block in zip(gains, row, strict=True)) for row in blocks
        ]
        heard = replace(played[0], read=lambda summed=summed: iter(summed))
        assert integrated(heard) == pytest.approx(target, abs=0.2)


def test_the_sum_stays_as_loud_as_it_was(song, balance):
    mix = balance(song).groups[0]
    assert mix.after.lufs == pytest.approx(mix.before.lufs, abs=0.05)


def test_a_second_run_moves_nothing(song, balance):
    for how in (Settings(), replace(EXACT, strength=0.5)):
        first = balance(song, how)
        second = balance(with_faders(song, first.gains, first.stored), how)
        assert second.gains == pytest.approx(first.gains, rel=1e-3)
        assert not any(one.status == "moved" for one in second.tracks)


def test_a_fader_set_by_hand_keeps_its_place_among_the_others(song, balance):
    quiet = replace(EXACT, target_lufs=-30.0)
    first = balance(song, quiet)
    by_hand = {**first.gains, "{Snare}": 2.0 * first.gains["{Snare}"]}
    second = balance(with_faders(song, by_hand, first.stored), quiet)
    for name in set(KIT) - {"Snare"}:
        before_db = db_from_gain(by_hand["{Snare}"] / by_hand[f"{{{name}}}"])
        after_db = db_from_gain(second.gains["{Snare}"] / second.gains[f"{{{name}}}"])
        assert after_db == pytest.approx(before_db, abs=1e-9)
    third = balance(with_faders(song, second.gains, second.stored), quiet)
    assert third.gains == pytest.approx(second.gains, rel=1e-3)


def test_what_no_balance_has_set_joins_an_object_as_it_stands(song, balance):
    first = balance(changed(song, "Room", mute=True))
    assert first.gains["{Room}"] == FADERS["Room"]
    second = balance(with_faders(song, first.gains, first.stored))
    for name in KIT:
        inside_db, stood_db = (
            db_from_gain(one.gains["{Room}"] / one.gains[f"{{{name}}}"]) for one in (second, first)
        )
        assert inside_db == pytest.approx(stood_db, abs=1e-9)


def test_off_moves_every_track_by_itself(song, balance):
    balanced = balance(song, replace(EXACT, objects="off"))
    assert balanced.objects.found == ()
    assert np.ptp(moves_db(balanced, KIT)) > 3.0
    assert not any(one.together for one in balanced.tracks)


STAYS = {
    "locked": {"locked": True},
    "automated": {"automation": "read", "volume": Envelope((EnvelopePoint(0.0, 1.0),))},
    "leads nowhere": {"main_send": False},
}


@pytest.mark.parametrize("change", STAYS.values(), ids=STAYS)
def test_what_one_track_cannot_none_does(song, balance, change):
    balanced = balance(changed(song, "Snare", **change))
    for name in set(KIT) - {"Snare"} if "main_send" not in change else ():
        assert row(balanced, name).status == "kept"
        assert "one source with Snare" in row(balanced, name).why[0]
    assert row(balanced, "Vox").status == "moved"
    assert np.ptp(moves_db(balanced, set(KIT) - {"Snare"})) < 1e-9


def test_a_part_of_an_object_is_not_chosen_alone(song, balance):
    balanced = balance(song, replace(EXACT, tracks=("Snare", "Vox")))
    assert row(balanced, "Snare").status == "kept"
    assert "Not among the chosen" in row(balanced, "Snare").why[0]
    assert balanced.gains["{Snare}"] == FADERS["Snare"]


@pytest.mark.parametrize("change", [{"mute": True}, {"fader_gain": 0.0}], ids=["muted", "down"])
def test_what_does_not_sound_holds_nothing_back(song, balance, change):
    balanced = balance(changed(song, "Room", **change))
    moved = moves_db(balanced, set(KIT) - {"Room"})
    assert abs(moved[0]) > 0.1
    assert np.ptp(moved) < 1e-9
    assert row(balanced, "Room").gain_db == 0.0


def test_a_folder_of_one_object_moves_as_a_folder(song, balance):
    balanced = balance(in_folders(song, Drums=KIT))
    assert all(row(balanced, name).status == "kept" for name in KIT)
    drums, vox = row(balanced, "Drums"), row(balanced, "Vox")
    assert drums.after_lufs == pytest.approx(vox.after_lufs, abs=0.05)


ROLES = [
    replace(EXACT, profile="roles"),
    Settings(profile="roles"),
    Settings(profile="roles", strength=0.5),
    replace(EXACT, profile="roles", target_lufs=-30.0),
]


@pytest.mark.parametrize("how", ROLES, ids=["exact", "usual", "half", "target"])
def test_a_kit_stands_where_its_folder_would(song, balance, how):
    """What a profile asks of an object and of a folder of the same tracks is the same."""
    flat, foldered = balance(song, how), balance(in_folders(song, Drums=KIT), how)
    drums = row(foldered, "Drums")
    assert drums.offset_db > 3.0 + row(foldered, "Pad").offset_db
    for name in KIT:
        inside_db = row(foldered, name).gain_db + drums.gain_db
        assert row(flat, name).gain_db == pytest.approx(inside_db, abs=0.5)
        assert row(flat, name).offset_db == pytest.approx(drums.offset_db, abs=0.1)
    for name in ("Gtr DI", "Gtr Amp", "Vox", "Pad"):
        assert row(flat, name).gain_db == pytest.approx(row(foldered, name).gain_db, abs=0.5)


@pytest.mark.parametrize("how", ROLES[1:3], ids=["usual", "half"])
def test_a_second_run_by_roles_moves_nothing(song, balance, how):
    first = balance(song, how)
    second = balance(with_faders(song, first.gains, first.stored), how)
    assert not any(one.status == "moved" for one in second.tracks)


def test_what_stays_is_one_source_for_what_is_fitted_to_it(song, balance):
    """One track beside a locked kit is fitted to the kit, loose or in a folder of its own."""
    locked = replace(
        song,
        tracks=tuple(
            replace(one, locked=one.name in KIT) for one in song.tracks if one.name in (*KIT, "Vox")
        ),
    )
    for profile in ("equal", "roles"):
        how = replace(EXACT, profile=profile)
        flat, foldered = balance(locked, how), balance(in_folders(locked, Drums=KIT), how)
        apart_db = row(foldered, "Vox").gain_db - row(foldered, "Drums").gain_db
        assert row(flat, "Vox").gain_db == pytest.approx(apart_db, abs=0.5)


def test_a_track_says_that_all_of_an_object_is_asked_for(song, balance):
    balanced = balance(song, replace(EXACT, profile="roles"))
    assert row(balanced, "Snare").aim.endswith("as all of Drum kit is.")
    assert row(balanced, "Vox").aim.startswith("Lead vocal, by its name")


@pytest.mark.parametrize("more", [{"strength": 0.5}, {"max_move_db": 2.0}], ids=["half", "most"])
def test_by_roles_a_locked_or_moved_microphone_keeps_the_kit_together(song, balance, more):
    how = replace(EXACT, profile="roles", **more)
    locked = balance(changed(song, "Snare", locked=True), how)
    assert moves_db(locked, KIT) == [0.0] * len(KIT)
    first = balance(song, how)
    assert max(map(abs, moves_db(first, KIT))) <= more.get("max_move_db", 99.0) + 1e-6
    by_hand = {**first.gains, "{Hat}": 0.5 * first.gains["{Hat}"]}
    second = balance(with_faders(song, by_hand, first.stored), how)
    assert second.gains == pytest.approx(by_hand, rel=2e-3)


def test_a_kit_that_is_sorted_into_a_folder_keeps_its_inside_and_its_level(song, balance):
    how = Settings(profile="roles")
    loose = balance(song, how)
    proposal = propose(song, guess_all(song), objects=loose.objects)
    into = {proposal.folder(one.folder_id).name for one in proposal.moves if one.name in KIT}
    assert into == {"Drums"}
    balanced = balance(arranged(song, proposal), how)
    drums_db = row(balanced, "Drums").gain_db
    for name in KIT:
        assert row(balanced, name).gain_db == pytest.approx(row(balanced, "Kick").gain_db)
        moved_db = row(balanced, name).gain_db + drums_db
        assert moved_db == pytest.approx(row(loose, name).gain_db, abs=0.5)


def test_a_folder_inside_stands_for_its_tracks(song, balance):
    """The inside of a kit is not torn apart where part of it lies in folders of its own."""
    folders = in_folders(song, Overheads=("OH L", "OH R"))
    balanced = balance(folders)
    moved = moves_db(balanced, ("Overheads", "Kick", "Snare", "Hat", "Room"))
    assert np.ptp(moved) < 1e-9
    assert moves_db(balanced, ("OH L", "OH R")) == [0.0, 0.0]
    assert moves_db(balance(song), ("Kick",)) == pytest.approx(moved[:1], abs=0.1)


def test_the_level_of_the_master_changes_nothing(song, balance):
    plain = balance(song).gains
    assert balance(replace(song, master_gain=0.25)).gains == pytest.approx(plain, rel=1e-3)


def test_two_monos_come_out_like_one_stereo_track(tmp_path, balance):
    sides = np.stack([plucked(SECONDS, seed=9), plucked(SECONDS, seed=9)])
    sides[1, 40:] = 0.7 * sides[1, :-40]
    other = track(tmp_path, "Vox", sung(SECONDS, seed=1)[None])
    left = track(tmp_path, "Piano L", sides[:1], pan=-1.0)
    right = track(tmp_path, "Piano R", sides[1:], pan=1.0)
    monos = balance(session(left, right, other))
    stereo = balance(session(track(tmp_path, "Piano", sides), other))
    pair_db = db_from_gain(monos.gains["{Piano L}"] / monos.gains["{Vox}"])
    one_db = db_from_gain(stereo.gains["{Piano}"] / stereo.gains["{Vox}"])
    assert pair_db == pytest.approx(one_db, abs=0.2)
    assert monos.gains["{Piano L}"] == pytest.approx(monos.gains["{Piano R}"])


def test_everyone_is_told(song, balance):
    balanced = balance(song)
    assert {one.kind for one in balanced.objects.found} == {"kit", "amp"}
    assert "they move as one" in row(balanced, "Kick").together
    assert "Gtr Amp" in row(balanced, "Gtr DI").together
    assert row(balanced, "Vox").together == ""
    apart = balance(in_folders(song, Guitars=("Gtr DI", "Pad")))
    assert "another folder" in row(apart, "Gtr DI").together


def test_what_was_found_is_known_again(song, balance, memory, monkeypatch):
    first = balance(song)
    monkeypatch.setattr(finder, "compare", lambda _: pytest.fail("compared again"))
    assert balance(song).objects == first.objects


def test_reports_tell_of_objects(tmp_path, media, monkeypatch):
    monkeypatch.setenv("REAPER_AUTOMIX_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "song.RPP"
    chosen = session(*(media[name] for name in ("Gtr DI", "Gtr Amp", "Vox")))
    folder.write_project(chosen, place, {}, StoredBalance())
    assert pipeline.inspect(place).objects.found == ()
    report = pipeline.run(Request(place, dry_run=True, jobs=1))
    assert pipeline.inspect(place).objects == report.objects
    (found,) = data.from_report(report).objects
    assert (found.kind, len(found.track_ids), len(found.evidence)) == ("amp", 2, 2)
    rows = data.from_report(report).tracks
    assert [one.object for one in rows] == ["Gtr", "Gtr", None]
    written = page.page(report).decode()
    assert "One source, several tracks" in written
    assert found.evidence[0] in written
    assert "are one source" in str(list(text.table(report).renderables))
