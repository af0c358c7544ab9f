"""Laws of the solver: landing, anchor, invariance, order, limits and their priority."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.balance import Source, lower, reason_held, solve
from reaper_automix.settings import Settings

EXACT = Settings(dead_band_db=0.0, fader_max_db=200.0)


def power_sum(sources):
    """Loudness of uncorrelated sources under given faders; sources without one stay put."""
    known = [source for source in sources if source.level_lufs is not None]

    def loudness(faders):
        landed = [s.level_lufs + faders.get(s.id, s.found_db) for s in known]
        power = sum(10 ** (level / 10) for level in landed)
        return 10 * math.log10(power) if power else None

    return loudness


def balance(sources, settings=EXACT):
    loudness = power_sum(sources)
    return solve(sources, settings, loudness, loudness({}))


def landed(sources, solution):
    return {s.id: s.level_lufs + solution.faders_db.get(s.id, s.found_db) for s in sources}


levels = st.floats(-60, -5)
faders = st.floats(-30, 12)
groups = st.lists(st.tuples(levels, faders), min_size=1, max_size=12).map(
    lambda rows: [Source(f"{{{i}}}", level, fader) for i, (level, fader) in enumerate(rows)]
)
any_settings = st.builds(
    Settings,
    strength=st.floats(0, 1),
    max_move_db=st.none() | st.floats(0, 30),
    dead_band_db=st.sampled_from([0.0, 0.5, 2.0]),
    fader_max_db=st.sampled_from([6.0, 12.0]),
)


@given(groups)
def test_every_source_lands_on_the_target(sources):
    solution = balance(sources)
    for level in landed(sources, solution).values():
        assert level == pytest.approx(solution.target_lufs, abs=0.01)


@given(groups)
def test_the_sum_stays_as_loud_as_it_was(sources):
    loudness = power_sum(sources)
    assert loudness(balance(sources).faders_db) == pytest.approx(loudness({}), abs=0.001)


@given(groups, st.lists(st.floats(-12, 12), min_size=12, max_size=12))
def test_gains_on_the_sources_change_nothing_but_a_common_gain(sources, gains):
    changed = [
        replace(s, level_lufs=s.level_lufs + g) for s, g in zip(sources, gains, strict=False)
    ]
    first = landed(sources, balance(sources))
    second = landed(changed, balance(changed))
    differences = [second[s.id] - first[s.id] for s in sources]
    assert max(differences) - min(differences) < 0.02


@given(groups, st.floats(0, 24), st.floats(0, 1), st.sampled_from([0.0, 2.0]))
def test_what_a_folder_went_down_by_inside_is_no_distance_to_go(sources, down_db, strength, band):
    """Its fader starts from where the folder sounds as before, whatever part of the way it goes."""
    settings = replace(EXACT, strength=strength, dead_band_db=band)
    folder, *others = sources
    lowered = replace(folder, level_lufs=folder.level_lufs - down_db, lift_db=down_db)
    loudness = power_sum(sources)
    usual = solve(sources, settings, loudness, loudness({}))

    def with_the_lowered(faders):
        return loudness({**faders, folder.id: faders[folder.id] - down_db})

    made_up = solve([lowered, *others], settings, with_the_lowered, loudness({}))
    expected = {**usual.faders_db, folder.id: usual.faders_db[folder.id] + down_db}
    assert made_up.faders_db == pytest.approx(expected, abs=0.01)


@given(groups, any_settings)
def test_the_order_of_tracks_does_not_matter(sources, settings):
    forward, backward = balance(sources, settings), balance(sources[::-1], settings)
    for track, fader in forward.faders_db.items():
        assert backward.faders_db[track] == pytest.approx(fader, abs=0.01)


@given(groups, any_settings)
def test_no_fader_passes_its_end_nor_its_source_the_maximum_move(sources, settings):
    found = {source.id: source.found_db for source in sources}
    limit = math.inf if settings.max_move_db is None else settings.max_move_db
    solution = balance(sources, settings)
    for track, fader in solution.faders_db.items():
        assert fader <= settings.fader_max_db + 0.005
        assert abs(fader - solution.shift_db - found[track]) <= limit + 1e-9


@given(groups, any_settings)
def test_moves_inside_the_dead_band_are_not_made(sources, settings):
    found = {source.id: source.found_db for source in sources}
    solution = balance(sources, settings)
    for track, fader in solution.faders_db.items():
        move = abs(fader - solution.shift_db - found[track])
        assert move < 1e-9 or move >= settings.dead_band_db - 0.001


@given(groups)
def test_strength_goes_part_of_the_way(sources):
    settings = replace(EXACT, strength=0.5)
    solution = balance(sources, settings)
    for source in sources:
        asked = source.asked_db(solution.target_lufs) - source.found_db
        moved = solution.faders_db[source.id] - source.found_db
        assert moved == pytest.approx(asked / 2, abs=0.01)


@given(groups)
def test_no_strength_moves_nothing(sources):
    solution = balance(sources, replace(EXACT, strength=0.0))
    assert solution.faders_db == {source.id: source.found_db for source in sources}


@given(groups)
def test_the_group_goes_down_where_a_fader_would_pass_its_end(sources):
    solution = balance(sources, replace(EXACT, fader_max_db=12.0))
    for level in landed(sources, solution).values():
        assert level == pytest.approx(solution.target_lufs, abs=0.01)
    assert solution.shift_db <= 0.0
    assert bool(solution.why) == (solution.shift_db < 0.0)


def test_a_target_takes_the_place_of_the_anchor():
    sources = [Source("{a}", -20.0), Source("{b}", -30.0)]
    solution = balance(sources, replace(EXACT, target_lufs=-23.0))
    assert solution.faders_db == {"{a}": pytest.approx(-3.0), "{b}": pytest.approx(7.0)}


def test_a_single_track_is_fitted_to_its_unmoved_siblings():
    sources = [
        Source("{a}", -30.0),
        *(Source(f"{{{x}}}", x, movable=False) for x in (-20, -22, -24)),
    ]
    assert balance(sources).faders_db == {"{a}": pytest.approx(8.0)}


def test_a_single_source_of_its_group_stays():
    assert balance([Source("{a}", -30.0, -4.0)]).faders_db == {"{a}": -4.0}


def test_what_cannot_be_balanced_keeps_its_fader():
    sources = [
        Source("{a}", -20.0),
        Source("{b}", -30.0),
        Source("{unmeasured}", None),
        Source("{down}", -20.0, -math.inf),
        Source("{locked}", -20.0, movable=False),
    ]
    assert set(balance(sources).faders_db) == {"{a}", "{b}"}


def test_offsets_by_role_land_beside_the_target():
    sources = [Source("{a}", -20.0, offset_db=4.0), Source("{b}", -20.0)]
    result = landed(sources, balance(sources))
    assert result["{a}"] - result["{b}"] == pytest.approx(4.0)


def test_a_silent_sum_has_no_anchor():
    sources = [Source("{a}", -20.0), Source("{b}", -26.0)]
    assert solve(sources, EXACT, lambda faders: None, None).target_lufs == pytest.approx(-23.0)


def test_a_group_without_balanced_sources_is_left_alone():
    assert balance([Source("{a}", None)]).faders_db == {}


def test_limits_are_told_in_sentences():
    sources = [Source("{loud}", -10.0), Source("{quiet}", -40.0)]
    settings = Settings(max_move_db=6.0)
    assert "maximum move" in reason_held(balance(sources, settings), "{quiet}", settings)
    near = [Source("{a}", -20.0), Source("{b}", -20.2)]
    solution = balance(near, settings)
    assert "Left alone" in reason_held(solution, "{a}", settings)
    lowered = lower(solution, 3.0, "Headroom.")
    assert "with its group" in reason_held(lowered, "{a}", settings)
    assert reason_held(balance(near), "{a}", EXACT) is None


def test_lowering_keeps_the_balance_and_says_why():
    solution = balance([Source("{a}", -20.0), Source("{b}", -30.0)])
    lowered = lower(solution, 2.5, "Headroom.")
    for track, fader in solution.faders_db.items():
        assert lowered.faders_db[track] == pytest.approx(fader - 2.5)
    assert lowered.target_lufs == pytest.approx(solution.target_lufs - 2.5)
    assert (lowered.shift_db, lowered.why) == (-2.5, ("Headroom.",))


def test_a_source_held_by_the_maximum_move_takes_the_group_down_no_further():
    settings = Settings(dead_band_db=0.0, max_move_db=14.0)
    solution = balance([Source("{a}", -10.0), Source("{b}", -60.0)], settings)
    assert solution.faders_db["{b}"] == pytest.approx(12.0)
    assert solution.shift_db == pytest.approx(-2.0)
