"""The sums of a scene, group by group: exact where they were played before, predicted where not.

Predictions come from what is known of the tracks and need no audio. What is played is learnt, so
that the same balance, however loud as a whole, is never played again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from reaper_automix.account import SILENT
from reaper_automix.crew import Crew, side_by_side
from reaper_automix.features.trace import Sketch
from reaper_automix.measuring import Known, Staff, listen, own_items
from reaper_automix.mix import Gains, Node
from reaper_automix.progress import Progress
from reaper_automix.results import SumLevel
from reaper_automix.scene import Scene
from reaper_automix.sums import cross, played, ways
from reaper_automix.sums.cross import CrossPowers
from reaper_automix.sums.played import SUMMING
from reaper_automix.units import db_from_gain


class Totals:
    """Sums of one scene; ``tracks`` is what is known of every track that sounds in it."""

    def __init__(self, scene: Scene, tracks: Known, staff: Staff) -> None:
        self.scene = scene
        self.tracks = tracks.without(scene.lost)
        self.staff = staff
        self._powers: dict[Node, CrossPowers] = {}
        self._keys: dict[Node, str] = {}

    def played_by(self, crew: Crew, progress: Progress) -> Totals:
        """The same sums, for others to play."""
        totals = Totals(self.scene, self.tracks, replace(self.staff, crew=crew, progress=progress))
        totals._powers, totals._keys = self._powers, self._keys
        return totals

    def powers(self, node: Node) -> CrossPowers:
        """How the sources of a sum add up under any faders."""
        if node not in self._powers:
            key, memory = self._key(node), self.staff.memory
            powers = memory.recall_powers(key)
            if powers is None:
                powers = self._weigh(node)
                memory.remember_powers(key, powers)
            self._powers[node] = powers
        return self._powers[node]

    def level(self, node: Node, gains: Gains) -> SumLevel:
        """A sum under some faders: exact where it is known, else predicted."""
        exact = self._played_before(node, gains)
        if exact is not None:
            return exact
        lufs, peak_db = self.powers(node).lufs(gains), self.true_peak_db(node, gains)
        return SumLevel(lufs, peak_db, predicted=True)

    def true_peak_db(self, node: Node, gains: Gains) -> float:
        """A sum's true peak, estimated from above whether or not it was played, dBTP."""
        return db_from_gain(self.powers(node).true_peak(gains))

    def sounds(self, node: Node, gains: Gains) -> bool:
        """Whether anything reaches a node through these faders."""
        return bool(self.powers(node).way_gains(gains).any())

    def learn(self, node: Node, gains: Gains, level: SumLevel) -> None:
        """Keep what a sum was under some faders."""
        self.staff.memory.learn(self._key(node), gains, level)

    def play(self, nodes: Sequence[Node], states: Sequence[Gains]) -> list[dict[Node, SumLevel]]:
        """Sums as they sound under several fader states; they are known from then on."""
        if not nodes or not states:
            return [{} for _ in states]
        staff = self.staff
        heard = played.listen(self.scene, nodes, states, staff.crew, staff.progress)
        for gains, levels in zip(states, heard, strict=True):
            for node, level in levels.items():
                self.learn(node, gains, level)
        return heard

    def _played_before(self, node: Node, gains: Gains) -> SumLevel | None:
        if not self.sounds(node, gains):
            return SILENT
        return self.staff.memory.known(self._key(node)).exactly(gains, self.powers(node))

    def _key(self, node: Node) -> str:
        if node not in self._keys:
            scene, keys = self.scene, self.tracks.keys
            self._keys[node] = cross.key(scene.session, scene.routing, node, keys)
        return self._keys[node]

    def _weigh(self, node: Node) -> CrossPowers:
        scene = self.scene
        session, routing, heard = scene.session, scene.routing, self.tracks.measurements
        traces = {
            one: heard[one].trace for one in ways.sources(session, routing, node, list(heard))
        }
        return cross.weigh(session, routing, node, traces, self.sketches(traces), self.beat)

    def beat(self) -> None:
        """Tell that something is worked out of what is known; that may raise to stop it."""
        self.staff.progress(SUMMING, 0.0, 1.0)

    def sketches(self, tracks: Collection[str] | None = None) -> dict[str, Sketch]:
        """The sketches of some tracks or all; what the memory has lost is listened to once more."""
        keys = self.tracks.keys
        wanted = [track for track in keys if tracks is None or track in tracks]
        sketches = {one: self.tracks.sketches[one] for one in wanted if one in self.tracks.sketches}
        kept = [track for track in wanted if track not in sketches]
        memory = self.staff.memory
        found = side_by_side(memory.sketch, [keys[track] for track in kept])
        for track, sketch in zip(kept, found, strict=True):
            self.beat()
            if sketch is not None:
                sketches[track] = sketch
        forgotten = {track for track in wanted if track not in sketches}
        return sketches | (self._heard_again(forgotten) if forgotten else {})

    def _heard_again(self, tracks: Collection[str]) -> dict[str, Sketch]:
        sources = [one for one in own_items(self.scene) if one.track_id in tracks]
        again, lost = listen(sources, self.tracks.keys, self.staff)
        if lost:
            raise lost[0]
        return {track: found.sketch for track, found in again.items()}
