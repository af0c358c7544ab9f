"""Balances everything in the shared test material and prints what came of it.

    python tests/run_shared.py [--jobs N] [PART …]

``PART`` is ``sessions``, ``multitrack``, ``rpp`` or ``oracle`` (default: all four). Nothing is
written beside the material; the numbers stand in the README.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter

import soundfile as sf
from rich.console import Console
from rich.table import Table

from conftest import shared_data_folder
from reaper_automix import paper
from reaper_automix.audio import from_samples
from reaper_automix.errors import AutomixError
from reaper_automix.pipeline import Request, run

PROJECTS = (".rpp", ".rpp-bak")
OTHER_AUDIO = ("ballad_wav24",)
"""Here the oracle was taken of other audio than the files hold (see tests/test_paper.py)."""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("parts", nargs="*", default=[*PARTS])
    arguments.add_argument("--jobs", type=int)
    chosen = arguments.parse_args()
    data = shared_data_folder()
    console = Console(width=120)
    for part in chosen.parts:
        console.print(PARTS[part](data / part, chosen.jobs))


def balance_all(folder, jobs):
    """One row per project, or one per kind of outcome where there are too many."""
    table = Table("project", "tracks", "measured", "moved", "skipped", "seconds", title=folder.name)
    reasons = Counter()
    started = time.monotonic()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PROJECTS:
            table.add_row(path.stem, *outcome(path, jobs, reasons))
    table.caption = f"{time.monotonic() - started:.0f} s; skipped or refused: " + "; ".join(
        f"{count} × {reason}" for reason, count in reasons.most_common()
    )
    return table


def outcome(path, jobs, reasons):
    started = time.monotonic()
    try:
        report = run(Request(path, dry_run=True, jobs=jobs))
    except AutomixError as error:
        reasons[type(error).__name__] += 1
        return ("–", "–", "–", str(error).replace(str(path.parent), "…")[:60], "–")
    for track in report.skipped:
        reasons[track.why[0].split(":")[0]] += 1
    measured = sum(track.level is not None for track in report.tracks)
    counts = (len(report.tracks), measured, len(report.moved), len(report.skipped))
    return (*map(str, counts), f"{time.monotonic() - started:.1f}")


def agreement(folder, _jobs):
    """Largest distance to the numbers of the published script, over all of its files."""
    oracle = json.loads((folder / "paper_results.json").read_text())
    table = Table("quantity", "files", "largest distance", title="paper mode against the oracle")
    distances = [
        row for name, said in oracle.items() for row in compared(folder.parent / name, said)
    ]
    for quantity in dict.fromkeys(quantity for quantity, _ in distances):
        found = [distance for named, distance in distances if named == quantity]
        table.add_row(quantity, str(len(found)), f"{max(found):.4f}")
    return table


def compared(file, said):
    """Distances of one file: pitches in per cent, levels and gains in dB."""
    if not file.exists() or file.parts[-3] in OTHER_AUDIO or "result" in said:
        return
    samples, rate_hz = sf.read(file, dtype="float32", always_2d=True)
    heard, levels = paper.hear(from_samples(samples.mean(axis=1)[None], rate_hz))
    pitches = {"F0": heard.f0_hz, "PYIN": heard.pyin_hz, "PESTO": heard.pesto_hz}
    for name, found in pitches.items():
        if said[name]:
            yield f"{name}, %", 100.0 * abs(found / said[name] - 1.0)
    gains = dict(paper.adjustments_db(levels, heard.peak_db))
    decibels = {
        "orig_lufs_fullband": heard.lufs,
        "orig_lufs_narrowband": next(one.lufs for one in levels if one.method == "p_lufs"),
        "adjustment_narrowband": gains["p_lufs"],
        "adjustment_fullband": gains["lufs"],
        "adjustment_centroid": gains["centroid"],
    }
    for name, found in decibels.items():
        yield f"{name}, dB", abs(found - said[name])


PARTS = {
    "sessions": balance_all,
    "multitrack": balance_all,
    "rpp": balance_all,
    "oracle": agreement,
}

if __name__ == "__main__":
    main()
