"""A match is as loud as it should be however far it goes, through what the Lua actions write."""

import json
from dataclasses import replace

import numpy as np
import pytest

from action_songs import library
from reaper_automix.match import sounding, trimming
from reaper_automix.match.console.sliders import output_db_of, strip_of
from reaper_automix.match.console.strips import Band, Strip
from reaper_automix.match.hearing import Passage
from reaper_automix.match.placing import landed, stored
from reaper_automix.match.placing.landed import Blocks, Bus, Match, Seat, Stem
from reaper_automix.match.placing.mapping import End, console_as_placed
from reaper_automix.match.placing.stored import Placed
from reaper_automix.match.sounding import Goal, Hearing
from reaper_automix.progress import silent
from signals import noise

GOAL_DB = 0.3
HEADROOM_DBTP = -6.0
IDS = ("{1}", "{2}", "{3}")
STRENGTH, RUNTIME = library("strength")
WAYS = (
    Blocks(),
    Blocks(gain=False),
    Blocks(eq=False),
    Blocks(compressor=False),
    Blocks(master=False),
    Blocks(eq=False, master=False),
    Blocks(gain=False, compressor=False),
)


def strip(gain_db, ratio, threshold_db):
    """A strip that is heard."""
    bands = (Band(gain_db, 150.0, 0.7), *landed.NEUTRAL.bands[1:])
    compressor = landed.NEUTRAL.compressor
    return Strip(bands, replace(compressor, ratio=ratio, threshold_db=threshold_db, makeup_db=2.0))


def hearing(*, holds=False, has_master=True, seconds=1.0):
    """Three stems of noise, one of which may have to stay."""
    sound = [
        noise(seconds, level_db, channels=2, seed=at) for at, level_db in enumerate((-16, -24, -20))
    ]
    ends = [End(one, one, Seat(0.0, 0.0), fixed=holds and one == "{3}") for one in IDS]
    passage = Passage(0.0, np.stack(sound).astype(np.float32))
    return Hearing([passage], ends, Bus(), lambda placed: placed.written, has_master, silent)


def match(*ids):
    """A match that changes everything but pans, and a lot."""
    seats = {
        "{1}": Seat(-5.0, 0.0, strip(9.0, 4.0, -30.0)),
        "{2}": Seat(4.0, 0.0, strip(-8.0, 8.0, -40.0)),
        "{3}": Seat(2.0, 0.0, strip(3.0, 1.0, 0.0)),
    }
    stems = tuple(Stem(one, one, Seat(0.0, 0.0), seats[one]) for one in ids or IDS)
    return Match(stems, Bus(strip(-6.0, 3.0, -24.0), 3.0))


def found(heard, whole, goal, **how):
    """A match as it is found: levelled, and with its trims."""
    placed = Placed(whole, **how)
    placed = replace(placed, match=sounding.levelled(placed, heard, goal))
    placed = replace(placed, trims=trimming.trims(placed, heard, goal))
    return stored.decode(json.loads(json.dumps(stored.encode(placed))))


def written(placed, part, blocks):
    """What the action writes at a strength, as Python has it."""
    decode = RUNTIME.eval("function(text) return require('json').decode(text) end")
    switches = {name: getattr(blocks, name) for name in Blocks.__slots__}
    given = (decode(json.dumps(plain)) for plain in (stored.encode(placed), switches))
    whole, on = given
    at = STRENGTH.at(whole, part, on)
    stems = (
        replace(
            stem,
            matched=Seat(row.fader_db, row.pan, strip_of(list(row.sliders.values()))),
        )
        for stem, row in zip(placed.match.stems, at.stems.values(), strict=True)
    )
    bus = list(at.bus.values())
    return Match(tuple(stems), Bus(strip_of(bus), output_db_of(bus)))


def level(heard, placed, part, blocks):
    return heard.level(console_as_placed(written(placed, part, blocks), heard.ends))


@pytest.mark.parametrize("how", [{}, {"strength": 0.73}, {"blocks": Blocks(compressor=False)}])
def test_the_mix_is_as_loud_as_it_should_at_every_strength_with_any_blocks(how):
    heard, goal = hearing(), Goal(None, 20.0)
    placed, before = found(heard, match(), goal, **how), heard.before()
    for blocks in WAYS:
        for part in (0.05, 0.33, 0.5, 0.73, 1.0):
            now = level(heard, placed, part, blocks)
            assert now.lufs == pytest.approx(before.lufs, abs=GOAL_DB), (blocks, part)


def test_it_stays_below_the_headroom_or_where_it_was():
    heard = hearing()
    goal = Goal(-3.0, HEADROOM_DBTP)
    placed = found(heard, match(), goal)
    ceiling_db = max(HEADROOM_DBTP, heard.before().true_peak_db)
    for blocks in WAYS:
        for part in (0.1, 0.5, 1.0):
            now = level(heard, placed, part, blocks)
            assert now.true_peak_db <= ceiling_db + GOAL_DB
            assert now.true_peak_db >= ceiling_db - GOAL_DB  # what is asked for is out of reach


def test_without_a_strip_on_the_master_the_faders_carry_the_trim():
    heard, goal = hearing(has_master=False), Goal(None, 20.0)
    quiet = replace(heard, stands=lambda placed: replace(placed.written, bus=Bus()))
    placed = found(quiet, match(), goal)
    for part in (0.3, 0.7, 1.0):
        stands = replace(written(placed, part, Blocks()), bus=Bus())
        now = quiet.level(console_as_placed(stands, quiet.ends))
        assert now.lufs == pytest.approx(quiet.before().lufs, abs=GOAL_DB)


def test_beside_a_stem_that_has_to_stay_only_the_master_carries_a_trim():
    heard, goal = hearing(holds=True), Goal(None, 20.0)
    placed = found(heard, match("{1}", "{2}"), goal)
    assert not placed.trims.on_faders
    now = level(heard, placed, 0.4, Blocks())
    assert now.lufs == pytest.approx(heard.before().lufs, abs=GOAL_DB)
    plain = replace(placed, trims=landed.UNTRIMMED)
    aside = Blocks(master=False)
    assert written(placed, 0.4, aside) == written(plain, 0.4, aside)


def test_what_was_asked_for_is_not_trimmed():
    heard, goal = hearing(), Goal(None, 20.0)
    placed = found(heard, match(), goal, strength=0.73)
    assert placed.trims.trim_db(0.73, Blocks()) == pytest.approx(0.0, abs=0.05)


def test_a_block_that_does_nothing_is_no_switch():
    heard, goal = hearing(), Goal(None, 20.0)
    assert found(heard, match(), goal).trims.switches == ("gain", "eq", "compressor", "master")
    idle = Match((), Bus())
    assert found(heard, idle, goal).trims.switches == ()


def test_it_can_be_cancelled_and_tells_how_far_it_is():
    told = []
    heard = replace(hearing(), progress=lambda *step: told.append(step))
    trimming.trims(Placed(match()), heard, Goal(None, 20.0))
    told = [step for step in told if step[0] == trimming.LEVELLING]
    assert [done for _, done, *_ in told] == list(range(len(trimming.STRENGTHS)))
    assert {total for _, _, total, _ in told} == {len(trimming.STRENGTHS)}
