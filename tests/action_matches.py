"""Matches in the double of REAPER: what a worker answers, and how stems stand in the project."""

from dataclasses import replace

from action_rig import ACTIONS, make_stage
from reaper_automix.match.console.sliders import SLIDERS, of
from reaper_automix.match.console.strips import Band, Strip
from reaper_automix.match.placing import landed, stored
from reaper_automix.match.placing.landed import Blocks, Bus, Match, Seat, Stem
from reaper_automix.match.placing.stored import Placed
from reaper_automix.units import db_from_gain, gain_from_db
from reaper_double.model_fx import chain_of
from reaper_songs import guid

MATCH = ACTIONS / "automix_Match reference.lua"
STRENGTH = ACTIONS / "automix_Match strength.lua"
TOGGLE = ACTIONS / "automix_Toggle before-after.lua"
RESTORE = ACTIONS / "automix_Restore faders.lua"

DRUMS, LEAD, PAD = guid("Drums"), guid("Lead"), guid("Pad")
FIRST = 1
"""The first item of the menu while nothing was ever matched: an audio file."""


def strip(gain_db, ratio, threshold_db=-20.0):
    """A strip with one band and a compressor."""
    bands = (Band(gain_db, 90.0, 0.8), *landed.NEUTRAL.bands[1:])
    compressor = replace(
        landed.NEUTRAL.compressor, ratio=ratio, threshold_db=threshold_db, makeup_db=1.5
    )
    return Strip(bands, compressor)


BEFORE = {
    DRUMS: Seat(0.0, 0.0),
    LEAD: Seat(db_from_gain(0.5), -0.2),
    PAD: Seat(0.0, 0.0),
}
MATCHED = Match(
    (
        Stem(DRUMS, "Drums", BEFORE[DRUMS], Seat(-2.0, 0.0, strip(3.0, 2.0))),
        Stem(LEAD, "Lead", BEFORE[LEAD], Seat(-4.0, 0.4, strip(-4.0, 4.0, -35.5))),
        Stem(PAD, "Pad", BEFORE[PAD], Seat(1.5, -0.3, strip(1.0, 1.0))),
    ),
    Bus(strip(2.0, 1.5, 12.0), -1.25),
)
ALL = Blocks()


class MatchStage:
    """A stage on which stems are matched to a reference."""

    def __init__(self, folder, lua="5.4"):
        self.stage = make_stage(folder, lua, osara=True)
        self.reference = folder / "Lieblingslied ü.wav"
        self.reference.write_bytes(b"only its name matters here")
        self.menus = []

    @property
    def reaper(self):
        return self.stage.reaper

    @property
    def host(self):
        return self.stage.host

    @property
    def project(self):
        return self.stage.project

    def wish(self, **values):
        """What the user wished for earlier: `strength`, blocks as "on" or "off"."""
        for name, value in values.items():
            self.reaper.call("SetExtState", "automix", f"match_{name}", str(value), True)

    def press(self, *choices):
        """Press the key and choose in the menu; the file where nothing is said."""
        if not choices:
            self.reaper.asked.answers.append(str(self.reference))
        window = self.host.run(MATCH).window
        window.choose(*(choices or (FIRST,)))
        self.host.tick()
        self.menus = window.menus

    def asked(self):
        return self.stage.asked()

    def answer(self, job, match=MATCHED, trims=landed.UNTRIMMED, **fields):
        """Answer a job with a match."""
        given = {
            "title": f"Automix: match {len(match.stems)} stems to Lieblingslied ü.wav",
            "matched": stored.encode(Placed(match, trims=trims)),
            "rows": [_row(stem) for stem in match.stems],
            "mix": {"before_lufs": -20.0, "after_lufs": -20.5},
        }
        self.stage.worker.answer(job, **given | fields)

    def match(self, match=MATCHED, choices=(), **fields):
        """A whole match, its window closed again."""
        self.press(*choices)
        self.answer(self.asked(), match, **fields)
        self.stage.finish()

    def until_shown(self):
        self.stage.until(self.stage.is_over)

    def seats(self):
        """How the stems stand, by id: dB, pan, and the sliders of their strips or None."""
        return {one: self.seat(self.project.track(one)) for one in BEFORE}

    def seat(self, track):
        fader_db = db_from_gain(track.number("VOLPAN", 1))
        return fader_db, track.number("VOLPAN", 2), self.sliders(track)

    def sliders(self, track):
        """The sliders of the only strip on a track, None without one; never are there two."""
        found = strips(track)
        assert len(found) <= 1
        return [found[0].value(place) for place in range(len(SLIDERS))] if found else None

    def bus(self):
        return self.sliders(self.project.master)

    def are_heard(self):
        """Whether each strip of the project is heard."""
        owners = [*self.project.tracks, self.project.master]
        return [one.is_enabled for owner in owners for one in strips(owner)]

    def turn(self, track_id, name, value):
        """The engineer moves a slider of a strip."""
        place = [slider.name for slider in SLIDERS].index(name)
        with self.project.user("Edit FX parameter"):
            strips(self.project.track(track_id))[0].set_value(place, value)


def strips(track):
    """The strips on a track."""
    return [one for one in chain_of(track).effects if one.ident.endswith("Automix Strip.jsfx")]


def standing(match, strength=1.0, blocks=ALL, trims=landed.UNTRIMMED):
    """Seats and the master's sliders as a match has them, in the form of :meth:`seats`."""
    placed = landed.at(match, strength, blocks, trims)
    seats = {one.track_id: _standing(one.matched) for one in placed.stems}
    return seats, list(stored.bus_sliders(placed.bus))


def _standing(seat):
    return seat.fader_db, seat.pan, list(of(seat.strip))


def fader(seat):
    """The fader of a seat, linear."""
    return gain_from_db(seat[0])


def _row(stem):
    return {
        "track_id": stem.track_id,
        "name": stem.name,
        "depth": 0,
        "kind": "folder" if stem.track_id == DRUMS else "track",
        "status": "moved",
        "f0_hz": None,
        "level_lufs": -20.0,
        "move_db": stem.matched.fader_db - stem.before.fader_db,
        "fader_db": stem.matched.fader_db,
        "why": "",
    }
