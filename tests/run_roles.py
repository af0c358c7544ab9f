"""How many roles are right: on names people gave, on composed ones, and on sound alone.

    python tests/run_roles.py [names] [composed] [sound]

Every wrong name is listed. "Right" for a name of ``shared/data/human_mix`` is the coarser of its
label and our role: a room counts as an overhead, all keyboards as keys.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter, defaultdict
from statistics import mean

import soundfile as sf

from conftest import shared_data_folder
from reaper_automix.audio import from_samples
from reaper_automix.features.measure import listen
from reaper_automix.roles import Evidence, guess, guesses, sound
from role_names import names, unknown
from role_sounds import PROGRAMS, spans

KEYS = {"keys", "organ", "synth", "pad"}
DRUMS = {"kick", "snare", "tom", "hi-hat", "ride", "overhead", "room", "percussion"}
VOICES = {"lead vocal", "backing vocal"}

MIXOLOGY = {
    ("DRUMS", "KICK"): {"kick"},
    ("DRUMS", "SNARE"): {"snare"},
    ("DRUMS", "TOM"): {"tom"},
    ("DRUMS", "HI-HAT"): {"hi-hat"},
    ("DRUMS", "RIDE"): {"ride"},
    ("DRUMS", "OVERHEAD"): {"overhead", "room"},
    ("DRUMS", "TAMBOURINE"): {"percussion"},
    ("DRUMS", "MISC"): DRUMS,
    ("BASS", "ELECTRIC"): {"bass"},
    ("GUITARS", "ELECTRIC"): {"electric guitar"},
    ("GUITARS", "ACOUSTIC"): {"acoustic guitar"},
    ("KEYS", "ELECTRIC"): KEYS,
    ("KEYS", "ACOUSTIC"): KEYS,
    ("VOCALS", "LEAD"): {"lead vocal"},
    ("VOCALS", "BACKGROUND"): {"backing vocal"},
    ("VOCALS", "ELECTRIC"): VOICES,
}
"""The roles that are right for a label of MixologyDB; what is not here says no role."""


def mixology(folder):
    """Every labelled name of every song, once, and the roles that are right.

    Where engineers labelled one name of a song differently, each of their labels is right.
    """
    mixes = json.loads((folder / "mixologydb_mixes.json").read_text("utf-8"))
    rows = defaultdict(set)
    for mix in mixes:
        for track in mix["tracks"]:
            label = track["instrument"], track["sub"]
            rows[mix["song"], track["name"]] |= MIXOLOGY.get(label, set())
    return [(*said, right) for said, right in sorted(rows.items()) if right]


def score(rows):
    """``rows`` of (what is said, roles that are right, guess) as counts, and those not right."""
    counts, listed = Counter(), []
    for said, right, found in rows:
        outcome = (
            "unanswered" if found.role is None else "right" if found.role in right else "wrong"
        )
        counts[outcome] += 1
        if outcome != "right":
            listed.append((outcome, said, "/".join(sorted(right)), found.role, found.confidence))
    return counts, listed


def show(title, rows):
    counts, listed = score(rows)
    answered = counts["right"] + counts["wrong"]
    print(
        f"{title}: {counts.total()} names, {counts['right']} of {answered} answered right "
        f"({counts['right'] / answered:.1%}), {counts['unanswered']} unanswered "
        f"({counts['unanswered'] / counts.total():.1%})"
    )
    for outcome, said, right, role, confidence in listed:
        print(f"  {outcome:10} {said!s:50} is {right}, taken for {role} ({confidence:.2f})")


def show_names():
    rows = mixology(shared_data_folder() / "human_mix")
    alone = ((f"{song}: {name}", right, guess(name)) for song, name, right in rows)
    show("MixologyDB, each name by itself", alone)
    show("MixologyDB, beside the others of its song", beside_others(rows))


def beside_others(rows):
    for song, group in itertools.groupby(rows, key=lambda row: row[0]):
        labelled = list(group)
        found = guesses([Evidence(name) for _, name, _ in labelled])
        for (_, name, right), one in zip(labelled, found, strict=True):
            yield f"{song}: {name}", right, one


def show_composed():
    labels = names()
    show("composed", ((one, {one.role}, guess(one.name, one.folders)) for one in labels))
    answered = [name for name in unknown() if guess(name).role]
    print(f"names that say nothing: {len(answered)} of 100 answered: {answered}")


DRUM_NAMES = {
    "Kick": "kick",
    **dict.fromkeys(("Snare", "Sidestick"), "snare"),
    "Tom": "tom",
    **dict.fromkeys(("HiHat", "Hat"), "hi-hat"),
    **dict.fromkeys(("Crash", "Ride", "China", "Splash"), "ride"),
    **dict.fromkeys(("Perc", "Tamb", "Clap", "Shaker", "Cowbell", "Conga"), "percussion"),
    **dict.fromkeys(("Drums", "Kit"), "kit"),
}
"""Kinds of sound by how the names of the drums in the shared sessions begin."""

ONE_SHOTS = {
    **{"ambi_choir": "voice", "ambi_drone": "pad", "ambi_piano": "keys", "bass_": "bass"},
    **{"bd_": "kick", "drum_cowbell": "percussion", "drum_cymbal_closed": "hi-hat"},
    **{"drum_cymbal_open": "hi-hat", "drum_cymbal_pedal": "hi-hat", "drum_heavy_kick": "kick"},
    **{
        "drum_snare": "snare",
        "drum_splash": "ride",
        "drum_tom": "tom",
        "elec_triangle": "percussion",
    },
    **{"guit_": "electric guitar", "loop_amen": "kit", "loop_breakbeat": "kit"},
    **{
        "loop_tabla": "percussion",
        "perc_bell": "percussion",
        "sn_": "snare",
        "tabla_": "percussion",
    },
}
"""Kinds of sound by how the names of the single recordings begin; hiss and ticks are of none."""


def heard(folder):
    """(title, sound file, kind) of all sessions and single recordings that have a kind."""
    for session in sorted(folder.glob("sessions/*/session.json")):
        for track in json.loads(session.read_text("utf-8"))["tracks"]:
            if kind := kind_of(track):
                yield session.parent.name, session.parent / track["file"], kind
    for file in sorted(folder.glob("oneshots/*/*.flac")):
        if kind := first_of(ONE_SHOTS, file.stem):
            yield file.parent.name, file, kind


def kind_of(track):
    if track["kind"] == "odd":
        return None
    if track["role"] == "drums":
        return first_of(DRUM_NAMES, track["name"])
    return next((k for k, span in PROGRAMS.items() if track["program"] in spans(span)), None)


def first_of(kinds, name):
    return next((kind for start, kind in kinds.items() if name.startswith(start)), None)


def features_of(file):
    samples, rate_hz = sf.read(file, dtype="float32", always_2d=True)
    return listen(from_samples(samples.T, rate_hz))[0].features


def show_sound():
    taken, said = defaultdict(Counter), []
    for title, file, kind in heard(shared_data_folder()):
        descriptors = sound.descriptors_of(features_of(file))
        if descriptors:
            shares = sound.model().shares(descriptors)
            found = max(shares, key=shares.get)
            taken[title, kind][found] += 1
            said.append((title, kind, found, shares[found]))
    show_confusion(taken)
    for title in dict.fromkeys(title for title, *_ in said):
        show_shares(title, [row[1:] for row in said if row[0] == title])
    show_shares("all", [row[1:] for row in said])
    show_certainty(said)


def show_confusion(taken):
    kinds = sorted({kind for _, kind in taken}, key=[*sound.ROLES_OF_KIND].index)
    for kind in kinds:
        found = sum((counts for (_, of), counts in taken.items() if of == kind), Counter())
        rest = ", ".join(f"{n} {other}" for other, n in found.most_common() if other != kind)
        print(f"  {kind:16} {found[kind]:3} of {found.total():3} right; taken for: {rest or '-'}")


def show_shares(title, rows):
    exact = sum(kind == found for kind, found, _ in rows)
    alike = sum(family_of(kind) == family_of(found) for kind, found, _ in rows)
    count = len(rows)
    print(f"{title}: {count} sounds, {exact / count:.0%} right, {alike / count:.0%} in its family")


def family_of(kind):
    return next(family for family in sound.FAMILIES if kind in family)


def show_certainty(said):
    for low, high in itertools.pairwise((0.0, 0.3, 0.5, 0.7, 0.9, 1.01)):
        among = [(share, kind == found) for _, kind, found, share in said if low <= share < high]
        if among:
            shares, hits = zip(*among, strict=True)
            print(f"  said {mean(shares):.2f}, right {mean(hits):.2f} ({len(among)} sounds)")


PARTS = {"names": show_names, "composed": show_composed, "sound": show_sound}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("parts", nargs="*", default=[*PARTS])
    for part in arguments.parse_args().parts:
        PARTS[part]()


if __name__ == "__main__":
    main()
