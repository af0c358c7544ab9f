"""Small kits of computed sound, and listeners whose tastes are known."""

from functools import cache
from pathlib import Path

import numpy as np

from reaper_automix.listening import blind, matching
from reaper_automix.listening.answers import Answers, StimulusAnswer, TrialAnswer
from reaper_automix.listening.conditions import of_form
from reaper_automix.listening.render import Excerpt
from signals import harmonic, noise

TASTES = {
    "default": 78,
    "p_lufs": 64,
    "lufs": 55,
    "centroid": 40,
    "untouched": 33,
    "hidden reference": 99,
    "mid anchor": 45,
    "low anchor": 12,
}
"""What a listener who hears well gives each condition."""


def excerpt(form="no reference", number=0, seconds=0.6):
    """An excerpt of tones, another one for each condition."""
    sounds = {
        condition.name: matching.levelled(
            np.tile(harmonic(110.0 * (1 + at), seconds), (2, 1))
            + noise(seconds, -50, channels=2, seed=number)
        )
        for at, condition in enumerate(of_form(form))
    }
    return Excerpt(f"Song {number}", Path(f"song{number}.RPP"), 1.0, 1.0 + seconds, sounds, (), ())


@cache
def kit(form="no reference", songs=1, seconds=0.6):
    return blind.blinded([excerpt(form, number, seconds) for number in range(songs)])


def session(key, number=0, grade=None, **more):
    """One listener's answers; ``grade(trial, condition)`` says how a stimulus is graded."""
    grade = grade or (lambda trial, condition: TASTES[condition])

    def stimulus(at, one, trial):
        given = int(np.clip(grade(trial, one.condition), 0, 100))
        return StimulusAnswer(one.id, at + 1, given, 5.0)

    trials = tuple(
        TrialAnswer(
            trial.id,
            60.0,
            tuple(stimulus(at, one, trial) for at, one in enumerate(trial.stimuli)),
        )
        for trial in key.trials
    )
    fields = {
        "format": "reaper-automix listening results",
        "schema_version": 1,
        "kit": key.kit,
        "session": f"{number:08x}",
        "seed": number,
        "listener": "",
        "playback": "headphones",
        "language": "en",
        "started": "2026-11-30T10:00:00.000Z",
        "finished": "2026-11-30T10:20:00.000Z",
        "comment": "",
        "trials": trials,
    }
    return Answers(**(fields | more))


def scattered(seed, spread=6.0):
    """A listener with the known tastes and a scatter of his own."""
    generator = np.random.default_rng(seed)
    own = generator.normal(0.0, spread / 2)

    def grade(trial, condition):
        if condition == "hidden reference":
            return 100
        return TASTES[condition] + own + generator.normal(0.0, spread)

    return grade
