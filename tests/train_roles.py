"""Makes ``reaper_automix/roles/sound.toml``, the model behind roles from sound.

    apt-get install fluidsynth timidity timgm6mb-soundfont csound-soundfont freepats \\
        avldrums.lv2-soundfont hydrogen-data espeak-ng
    python tests/train_roles.py FOLDER

Sounds are made in FOLDER and what was measured is kept there, in ``features.jsonl``. How strongly
weights are held back is chosen by leaving out instruments and kits, ten times a tenth of them; the
figures that are printed are those of what was left out.
"""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from reaper_automix.audio import from_samples
from reaper_automix.demo.synth import RATE_HZ
from reaper_automix.features import Features
from reaper_automix.features.measure import listen
from reaper_automix.roles import sound
from role_sounds import sounds

KINDS = tuple(sound.ROLES_OF_KIND)
TARGET = Path(sound.__file__).with_name("sound.toml")
PENALTIES = (0.002, 0.005, 0.01, 0.02)
FOLDS = 10

TRUST = {"kind": 0.6, "family": 0.3}
"""Real tracks are not General MIDI. Not measured but set, before anything was scored: how often a
track is like the sounds that the model knows, or at least of the family that it names. They bound
how far a sound can overrule a name."""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    rows = measured(folder)
    values = np.array([sound.descriptors_of(features) for _, _, features in rows])
    kinds = np.array([KINDS.index(kind) for kind, _, _ in rows])
    folds = np.array([zlib.crc32(source.encode()) % FOLDS for _, source, _ in rows])
    left_out = {penalty: held_out(values, kinds, folds, penalty) for penalty in PENALTIES}
    for penalty, shares in left_out.items():
        print(
            f"penalty {penalty}: {loss(shares, kinds):.3f} nats, {right(shares, kinds):.1%} right"
        )
    best = min(left_out, key=lambda penalty: loss(left_out[penalty], kinds))
    report(left_out[best], kinds)
    write(*fitted(values, kinds, best), len(rows))


def measured(folder):
    """(kind, source, features) of every sound, measured once."""
    file = folder / "features.jsonl"
    if not file.exists():
        rows = (
            [one.kind, one.source, asdict(listen(signal_of(one))[0].features)]
            for one in sounds(folder)
            if np.max(np.abs(one.samples), initial=0.0) > 1e-4
        )
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    found = [(kind, source, features_of(row)) for kind, source, row in rows]
    return [row for row in found if sound.descriptors_of(row[2])]


def signal_of(one):
    return from_samples(one.samples[None].astype(np.float32), RATE_HZ)


def features_of(row):
    return Features(**{**row, "spectrum_db": tuple(row["spectrum_db"]), "notes": ()})


def fitted(values, kinds, penalty):
    """Mean, spread and weights ``[kinds, descriptors + 1]``; every kind counts the same."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    truth = np.eye(len(KINDS))[kinds]
    counts = np.maximum(1.0, truth.sum(axis=0))
    weight = (1.0 / counts)[kinds] / np.sum(truth.sum(axis=0) > 0)

    def cost(flat):
        weights = flat.reshape(len(KINDS), -1)
        scores = scaled @ weights.T
        logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        slopes = (weight[:, None] * (np.exp(logs) - truth)).T @ scaled + penalty * weights
        likelihood = np.sum(weight * logs[np.arange(len(kinds)), kinds])
        return penalty / 2 * np.sum(weights**2) - likelihood, slopes.ravel()

    start = np.zeros(len(KINDS) * scaled.shape[1])
    flat = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    return mean, spread, flat.reshape(len(KINDS), -1)


def held_out(values, kinds, folds, penalty):
    """The share of every kind in every sound, by models that knew none of its instrument."""
    shares = np.zeros((len(values), len(KINDS)))
    for fold in range(FOLDS):
        mean, spread, weights = fitted(values[folds != fold], kinds[folds != fold], penalty)
        scaled = (values[folds == fold] - mean) / spread
        scores = scaled @ weights[:, :-1].T + weights[:, -1]
        shares[folds == fold] = np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])
    return shares


def loss(shares, kinds):
    """Mean over kinds of what their sounds cost."""
    costs = -np.log(shares[np.arange(len(kinds)), kinds])
    return np.mean([costs[kinds == kind].mean() for kind in np.unique(kinds)])


def right(shares, kinds):
    hits = shares.argmax(axis=1) == kinds
    return np.mean([hits[kinds == kind].mean() for kind in np.unique(kinds)])


def report(shares, kinds):
    """What was left out: sounds per kind, the share found, what it was taken for; calibration."""
    found = shares.argmax(axis=1)
    for kind, name in enumerate(KINDS):
        taken = found[kinds == kind]
        others = {KINDS[k]: int(np.sum(taken == k)) for k in np.unique(taken) if k != kind}
        print(f"{name:16} {len(taken):4} {np.mean(taken == kind):6.1%}  {others}")
    best = shares.max(axis=1)
    for low, high in ((0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        among = (best >= low) & (best < high)
        if among.any():
            hit = np.mean(found[among] == kinds[among])
            print(f"said {best[among].mean():.2f}, right {hit:.2f} ({among.sum()} sounds)")


def write(mean, spread, weights, count):
    rows = (f'"{kind}" = {numbers(row)}' for kind, row in zip(KINDS, weights, strict=True))
    TARGET.write_text(
        "# What sound says about a role; made by tests/train_roles.py, read by sound.py.\n"
        f"# Of {count} sounds; per descriptor its mean, its spread, and its weight for every kind\n"
        "# (the last weight is the bias).\n\n"
        f"mean = {numbers(mean)}\nspread = {numbers(spread)}\n\n[trust]\n"
        + "".join(f"{name} = {share}\n" for name, share in TRUST.items())
        + "\n[weights]\n"
        + "\n".join(rows)
        + "\n"
    )


def numbers(values):
    return f"[{', '.join(f'{value:.3g}' for value in values)}]"


if __name__ == "__main__":
    main()
