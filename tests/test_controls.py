"""Virtual faders: the same sum, and moves that are whole after one run, whatever they write."""

from dataclasses import replace

import pytest

from reaper_automix import mix, moves
from reaper_automix.controls import (
    ControlGain,
    Move,
    choose,
    freed,
    virtual,
    written,
)
from reaper_automix.crew import Crew
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.selection import Scope
from reaper_automix.session import (
    Envelope,
    EnvelopePoint,
    Fx,
    Receive,
    Source,
    StoredBalance,
)
from reaper_automix.settings import Settings
from reaper_automix.units import db_from_gain, gain_from_db
from signals import harmonic, noise
from songs import session, track

HOW = Settings(method="lufs", dead_band_db=0.0)
RIDE = Envelope((EnvelopePoint(0.0, 1.0), EnvelopePoint(0.6, 0.4)))
SCALED = replace(RIDE, fader_scaled=True)
HIGH = Envelope((EnvelopePoint(0.0, 3.5), EnvelopePoint(0.6, 0.05)))


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Three sources at odd levels; a fourth hears the second before its fader."""
    folder = tmp_path_factory.mktemp("with spaces")
    return session(
        track(folder, "Lead", harmonic(220, 1.0, -30), fader_gain=0.5, pan=0.4),
        track(folder, "Pad", noise(1.0, -25, seed=1), item_gain=0.8),
        track(folder, "Bass", harmonic(55, 1.0, -12), fader_gain=1.5),
        track(
            folder,
            "Echo",
            noise(1.0, -50, seed=2),
            receives=(Receive("{Pad}", "pre-fader", 0.3), Receive("{Lead}", "pre-fx", 0.2)),
        ),
    )


def changed(song, name, **changes):
    tracks = (replace(one, **changes) if one.name == name else one for one in song.tracks)
    return replace(song, tracks=tuple(tracks))


def without_sends(song):
    return changed(song, "Echo", receives=())


def ridden(song, envelope=RIDE):
    return changed(song, "Lead", automation="read", volume=envelope)


def loudness(song):
    desk = set_scene(song, HOW).desk()
    return mix.listen(desk, (MIX,), ({},))[0][MIX].lufs


def with_item_gains(song, name, factor):
    """The song as it sounds through a trim that no item holds (and no effect is run here)."""
    found = next(one for one in song.tracks if one.name == name)
    return changed(
        song, name, items=tuple(replace(item, gain=item.gain * factor) for item in found.items)
    )


@pytest.mark.parametrize("name", ["Lead", "Pad", "Bass"])
@pytest.mark.parametrize("gain", [0.25, 3.0])
def test_with_item_gains_the_virtual_session_sounds_the_same(song, name, gain):
    heard = virtual(song, [ControlGain(f"{{{name}}}", "items", gain)])
    assert loudness(heard) == pytest.approx(loudness(song), abs=1e-4)


def test_with_an_envelope_in_trim_read_the_virtual_session_sounds_the_same(song):
    song = changed(without_sends(song), "Lead", volume=RIDE)
    heard = virtual(song, [ControlGain("{Lead}", "envelope", 0.5)])
    assert loudness(heard) == pytest.approx(loudness(song), abs=1e-4)


@pytest.mark.parametrize(("envelope", "tolerance"), [(RIDE, 1e-4), (SCALED, 0.05)])
def test_with_a_shifted_envelope_the_virtual_session_sounds_the_same(song, envelope, tolerance):
    song = without_sends(ridden(song, envelope))
    heard = virtual(song, [ControlGain("{Lead}", "envelope", 0.5)], free={"{Lead}": "envelope"})
    assert loudness(heard) == pytest.approx(loudness(song), abs=tolerance)


@pytest.mark.parametrize("name", ["Lead", "Bass"])
def test_with_a_trim_the_virtual_session_sounds_as_reaper_plays_it(song, name):
    heard = virtual(song, [ControlGain(f"{{{name}}}", "trim", 2.0)])
    played = without_sends(with_item_gains(song, name, 2.0))
    assert loudness(without_sends(heard)) == pytest.approx(loudness(played), abs=1e-4)


def test_with_a_trim_before_a_driven_fader_it_sounds_as_reaper_plays_it(song):
    song = without_sends(ridden(song))
    heard = virtual(song, [ControlGain("{Lead}", "trim", 2.0)], free={"{Lead}": "trim"})
    assert loudness(heard) == pytest.approx(loudness(with_item_gains(song, "Lead", 2.0)), abs=1e-4)


def test_a_rendered_track_holds_its_trim_already(song):
    heard = virtual(song, [ControlGain("{Bass}", "trim", 2.0)], rendered={"{Bass}"})
    assert loudness(heard) == pytest.approx(loudness(song), abs=1e-4)
    assert heard.track("{Bass}").fader_gain == 3.0


def test_a_track_that_stays_driven_keeps_everything(song):
    song = ridden(song)
    gains = [ControlGain("{Lead}", "envelope", 0.5), ControlGain("{Lead}", "items", 2.0)]
    assert virtual(song, gains).track("{Lead}") == song.track("{Lead}")


def test_several_controls_of_a_track_multiply(song):
    gains = [ControlGain("{Bass}", "items", 2.0), ControlGain("{Bass}", "trim", 0.25)]
    assert virtual(song, gains).track("{Bass}").fader_gain == pytest.approx(0.75)


def test_without_controls_the_session_is_itself(song):
    assert virtual(song, []) == song


def test_the_trim_is_no_effect_where_the_fader_stands_for_it(song):
    song = changed(song, "Bass", fx=(Fx("VST: EQ"), Fx("JS: Automix trim")))
    heard = virtual(song, [ControlGain("{Bass}", "trim", 0.5)])
    assert heard.track("{Bass}").fx == (Fx("VST: EQ"),)


@pytest.mark.parametrize("control", ["fader", "items", "trim", "envelope"])
def test_a_move_written_is_a_virtual_fader_moved(song, control):
    song = changed(song, "Bass", volume=RIDE)
    gains = [ControlGain("{Bass}", "items", 0.5), ControlGain("{Bass}", "trim", 2.0)]
    before = virtual(song, gains).track("{Bass}").fader_gain
    after = virtual(*written(song, gains, [Move("{Bass}", control, before, before * 0.7)]))
    assert after.track("{Bass}").fader_gain == pytest.approx(before * 0.7)
    assert after.track("{Bass}").items[0].gain == pytest.approx(
        virtual(song, gains).track("{Bass}").items[0].gain
    )


def undone(move):
    return replace(move, before=move.after, after=move.before)


@pytest.mark.parametrize("control", ["fader", "items", "trim", "envelope"])
def test_a_move_back_gives_what_there_was(song, control):
    song = changed(song, "Bass", volume=RIDE)
    move = Move("{Bass}", control, 1.5, 0.75)
    back, gains = written(*written(song, [], [move]), [undone(move)])
    assert back == song
    assert all(one.gain == 1.0 for one in gains)


CONTROLS = {
    "fader": ({}, lambda song: song),
    "items": ({"write": "items"}, lambda song: song),
    "trim": ({"write": "trim"}, lambda song: song),
    "shift": ({"automation": "shift"}, ridden),
    "shift, fader-scaled": ({"automation": "shift"}, lambda song: ridden(song, SCALED)),
    "shift, near the top": ({"automation": "shift"}, lambda song: ridden(song, HIGH)),
    "trim under automation": ({"automation": "trim"}, ridden),
}


@pytest.mark.parametrize("kind", CONTROLS)
@pytest.mark.parametrize("limits", [{}, {"strength": 0.5}, {"max_move_db": 3.0}], ids=str)
def test_a_second_run_moves_nothing(song, kind, limits):
    chosen, prepared = CONTROLS[kind]
    how = replace(HOW, **chosen, **limits)
    # What a send before the fader hears follows item gains and trims, so the law is without them.
    song = prepared(without_sends(song))
    first = balance(song, how)
    assert len(first.moves) >= 2
    after, gains = written(song, [], first.moves)
    again = balance(replace(after, stored=StoredBalance(first.stored)), how, gains)
    assert again.moves == ()
    assert again.before.lufs == pytest.approx(first.after.lufs, abs=0.05)


@pytest.mark.parametrize("kind", CONTROLS)
def test_the_total_of_what_is_written_is_what_the_balance_promised(song, kind):
    chosen, prepared = CONTROLS[kind]
    how = replace(HOW, **chosen)
    song = prepared(without_sends(song))
    result = balance(song, how)
    with Crew(1) as crew:
        before = moves.total(song, how, (), crew)
        after = moves.total(*with_how(written(song, [], result.moves), how), crew)
    assert before.lufs == pytest.approx(result.before.lufs, abs=0.05)
    assert after.lufs == pytest.approx(result.after.lufs, abs=0.05)


def with_how(landed, how):
    song, gains = landed
    return song, how, gains


def test_what_is_written_on_a_rendered_track_is_in_its_file(song):
    gains, move = [ControlGain("{Bass}", "trim", 2.0)], Move("{Bass}", "trim", 3.0, 1.5)
    before = virtual(song, gains, rendered={"{Bass}"}).track("{Bass}")
    landed = written(song, gains, [move], rendered={"{Bass}"})
    after = virtual(*landed, rendered={"{Bass}"}).track("{Bass}")
    assert after == replace(before, fader_gain=1.5)


def test_no_point_of_an_envelope_passes_the_top_of_the_fader(song):
    song = without_sends(ridden(song, HIGH))
    how = replace(HOW, automation="shift", target_lufs=-10.0)
    (after, _) = written(song, [], balance(song, how).moves)
    points = after.track("{Lead}").volume.points
    assert max(point.gain for point in points) <= gain_from_db(how.fader_max_db) * 1.000001
    assert points[1].gain / points[0].gain == pytest.approx(0.05 / 3.5)


def balance(song, how, gains=()):
    with Crew(1) as crew:
        return moves.balance(song, how, Scope(), gains, crew)


def test_a_shifted_track_goes_as_far_as_a_fader_would(song):
    song = without_sends(song)
    level = Envelope((EnvelopePoint(0.0, 1.0),))
    plain = balance(changed(song, "Lead", fader_gain=1.0), HOW)
    shifted = balance(
        changed(song, "Lead", automation="read", volume=level), replace(HOW, automation="shift")
    )
    ratios = [
        {move.track_id: db_from_gain(move.after / move.before) for move in one.moves}
        for one in (plain, shifted)
    ]
    assert ratios[1] == pytest.approx(ratios[0], abs=0.01)
    assert {move.control for move in shifted.moves} == {"fader", "envelope"}


@pytest.mark.parametrize(
    ("changes", "automation", "sentence"),
    [
        ({"volume": replace(RIDE, automation_items=True)}, "shift", "automation items"),
        ({"volume": Envelope((EnvelopePoint(0.0, 0.0),))}, "shift", "all the way down"),
        ({"fader_gain": 0.0}, "trim", "all the way down"),
        ({"frozen": True}, "trim", "frozen"),
        ({"fx_enabled": False}, "trim", "switched off"),
        ({}, "skip", "driven by volume automation"),
    ],
)
def test_a_driven_track_that_cannot_be_moved_says_why(song, changes, automation, sentence):
    song = changed(without_sends(ridden(song)), "Lead", **changes)
    result = balance(song, replace(HOW, automation=automation))
    row = next(row for row in result.report.tracks if row.id == "{Lead}")
    assert row.status == "kept"
    assert sentence in " ".join((*row.why, *row.notes))


def test_under_a_closed_fader_the_envelope_is_shifted_all_the_same(song):
    song = without_sends(changed(ridden(song), "Lead", fader_gain=0.0))
    moved = balance(song, replace(HOW, automation="shift")).moves
    assert {"{Lead}": "envelope"}.items() <= {one.track_id: one.control for one in moved}.items()


MIDI = Source("MIDI")


@pytest.mark.parametrize(
    ("changes", "how", "control", "why"),
    [
        ({}, {}, "fader", ""),
        ({}, {"write": "items"}, "items", "gain of its items"),
        ({}, {"write": "trim"}, "trim", "trim before its fader"),
        ({"items": ()}, {"write": "items"}, "fader", "no items of audio"),
        ({"items": ()}, {"write": "trim"}, "trim", "trim before its fader"),
        ({"frozen": True}, {"write": "items"}, "fader", "frozen"),
        ({"frozen": True}, {"write": "trim"}, "fader", "frozen"),
        ({"fx_enabled": False}, {"write": "trim"}, "fader", "switched off"),
        ({"automation": "read", "volume": RIDE}, {}, "fader", ""),
        ({"automation": "touch", "volume": RIDE}, {"write": "trim"}, "fader", ""),
        ({"automation": "latch", "volume": RIDE}, {"automation": "shift"}, "envelope", "shifted"),
        ({"automation": "write", "volume": RIDE}, {"automation": "trim"}, "trim", "trim before"),
        ({"volume": RIDE}, {"automation": "shift"}, "fader", ""),
        (
            {"automation": "read", "volume": replace(RIDE, automation_items=True)},
            {"automation": "shift"},
            "fader",
            "",
        ),
        (
            {"automation": "read", "volume": RIDE, "fader_gain": 0.0},
            {"automation": "trim"},
            "fader",
            "",
        ),
    ],
)
def test_the_control_that_is_written(song, changes, how, control, why):
    song = changed(song, "Lead", **changes)
    choice = choose(song, replace(HOW, **how))["{Lead}"]
    assert choice.control == control
    assert why in choice.why
    assert bool(choice.why) == bool(why)


def test_items_of_midi_have_no_gain_to_write(song):
    found = song.track("{Lead}").items[0]
    midi = replace(found, takes=(replace(found.takes[0], source=MIDI),))
    song = changed(song, "Lead", items=(found, midi))
    assert choose(song, replace(HOW, write="items"))["{Lead}"].control == "fader"


def test_under_a_global_override_nothing_is_freed(song):
    song = replace(ridden(song), global_automation=1)
    choices = choose(song, replace(HOW, automation="shift"))
    assert choices["{Lead}"].control == "fader"
    assert freed(song, choices) == {}


@pytest.mark.parametrize("gain", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_gain_is_refused(gain):
    with pytest.raises(ValueError, match="impossible gain"):
        ControlGain("{Lead}", "items", gain)
