"""Blinding: every excerpt under a name that tells nothing, in an order that tells nothing.

Names follow from the sound of the kit by a hash, so that the same kit made again has the same
names and answers that were given to it keep their meaning.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reaper_automix import __version__
from reaper_automix.audio import Samples
from reaper_automix.listening import matching
from reaper_automix.listening.conditions import Form
from reaper_automix.listening.key import Key, SongKey, StimulusKey, TrialKey
from reaper_automix.listening.render import Excerpt
from reaper_automix.report.figures import whole

REFERENCE = "hidden reference"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as the page has it: names of sounds by stimulus, in the order of these names.

    ``item`` is the same for two trials of one song; ``reference`` is the sound to compare with.
    """

    id: str
    item: str
    stimuli: Mapping[str, str]
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything a listener gets, and the key that no listener gets. Sounds are FLAC files."""

    id: str
    form: Form
    trials: tuple[Trial, ...]
    sounds: Mapping[str, bytes]
    key: Key


@dataclass(frozen=True, slots=True)
class _Names:
    """Names that only whoever has the sounds could guess."""

    seed: bytes

    def __call__(self, *about: object) -> str:
        text = "/".join(map(str, about)).encode()
        return hashlib.blake2b(text, key=self.seed, digest_size=5).hexdigest()


def blinded(excerpts: Sequence[Excerpt]) -> Kit:
    """The kit of some excerpts, all of one form."""
    form: Form = "reference" if REFERENCE in excerpts[0].sounds else "no reference"
    all_sounds = [sound for excerpt in excerpts for sound in excerpt.sounds.values()]
    lowered, by_db = matching.below_ceiling(all_sounds)
    rest = iter(lowered)
    sounds = [{name: next(rest) for name in excerpt.sounds} for excerpt in excerpts]
    files = [{name: flac(sound) for name, sound in song.items()} for song in sounds]
    names = _Names(_digest(files))
    presented = list(_presented(len(excerpts), form, names))
    return Kit(
        names("kit"),
        form,
        tuple(_trial(names, files[song], song, again) for song, again in presented),
        dict(sorted(_named(names, files))),
        Key(
            kit=names("kit"),
            form=form,
            songs=tuple(map(_song_key, excerpts)),
            trials=tuple(_trial_key(names, sounds[song], song, again) for song, again in presented),
            target_lufs=matching.TARGET_LUFS,
            lowered_db=by_db,
            version=__version__,
            created=datetime.now().astimezone().isoformat(timespec="seconds"),
        ),
    )


def flac(samples: Samples) -> bytes:
    """An excerpt as a FLAC file of 16 bit."""
    import soundfile as sf

    with io.BytesIO() as file:
        integers = matching.as_integers(samples)
        sf.write(file, integers, matching.RATE_HZ, format="FLAC", subtype="PCM_16")
        return file.getvalue()


def _digest(files: Sequence[Mapping[str, bytes]]) -> bytes:
    """What the names of a kit come from: all of its sounds and what they are."""
    found = hashlib.blake2b(digest_size=32)
    for song in files:
        for name, file in song.items():
            found.update(name.encode() + len(file).to_bytes(8, "big") + file)
    return found.digest()


def _presented(songs: int, form: Form, names: _Names) -> Iterator[tuple[int, bool]]:
    """Number of the song in every trial, and whether it comes once more than the others.

    Without a reference one song, which is drawn, comes twice.
    """
    found = [(song, False) for song in range(songs)]
    if form == "no reference":
        found.append((int(names("twice"), 16) % songs, True))
    yield from sorted(found, key=lambda one: names("trial", *one))


def _named(names: _Names, files: Sequence[Mapping[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Every sound by its name; what is compared with is there twice, as itself and hidden."""
    for song, by_condition in enumerate(files):
        yield from ((names("sound", song, name), file) for name, file in by_condition.items())
        if REFERENCE in by_condition:
            yield names("compared", song), by_condition[REFERENCE]


def _trial(names: _Names, files: Mapping[str, bytes], song: int, again: bool) -> Trial:
    stimuli = {names("stimulus", song, again, name): names("sound", song, name) for name in files}
    return Trial(
        names("trial", song, again),
        names("item", song),
        dict(sorted(stimuli.items())),
        names("compared", song) if REFERENCE in files else None,
    )


def _trial_key(names: _Names, sounds: Mapping[str, Samples], song: int, again: bool) -> TrialKey:
    stimuli = (
        _stimulus_key(names("stimulus", song, again, name), name, sound)
        for name, sound in sounds.items()
    )
    return TrialKey(names("trial", song, again), song, tuple(stimuli), again)


def _stimulus_key(id_: str, condition: str, sound: Samples) -> StimulusKey:
    loud = matching.loudness_lufs(sound)
    assert loud is not None  # what is silent is in no excerpt
    return StimulusKey(id_, condition, round(loud, 2), round(matching.true_peak_dbtp(sound), 2))


def _song_key(excerpt: Excerpt) -> SongKey:
    return SongKey(
        whole(excerpt.name),
        whole(str(excerpt.place)),
        excerpt.start_s,
        excerpt.end_s,
        excerpt.alike,
        tuple(map(whole, excerpt.notes)),
    )
