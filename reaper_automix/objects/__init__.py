"""Which tracks record one source, and how a balance moves them: as one.

:mod:`.likeness` compares the excerpts of all tracks, :mod:`.verdicts` says what a pair is by that
and by its names, :mod:`.grouping` makes objects of pairs, :mod:`.finder` does all of that for a
session, and :mod:`.binding` makes one source of an object for the solver. Nothing reads audio.

**What is one object.** What has its waveform from one source: microphones of one kit, amplifier
microphones and the DI, a pair, and copies of a track, compressed or not, because they sound as one
with what they were copied from. A double, the same notes played once more (or the same track
delayed so far that it is heard as a second one), is a source of its own.
"""

from reaper_automix.objects.model import NOTHING, Member, Object, Objects

__all__ = ["NOTHING", "Member", "Object", "Objects"]
