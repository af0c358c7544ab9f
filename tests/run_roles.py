"""How many roles are right: on names people gave, on composed ones, and on sound alone.

    python tests/run_roles.py [names] [composed] [sound]

Every wrong name is listed. "Right" for a name of ``shared/data/human_mix`` is the coarser of its
label and our role: a room counts as an overhead, all keyboards as keys.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from itertools import groupby

from conftest import shared_data_folder
from reaper_automix.roles import Evidence, guess, guesses
from role_names import names, unknown

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
    for song, group in groupby(rows, key=lambda row: row[0]):
        labelled = list(group)
        found = guesses([Evidence(name) for _, name, _ in labelled])
        for (_, name, right), one in zip(labelled, found, strict=True):
            yield f"{song}: {name}", right, one


def show_composed():
    labels = names()
    show("composed", ((one, {one.role}, guess(one.name, one.folders)) for one in labels))
    answered = [name for name in unknown() if guess(name).role]
    print(f"names that say nothing: {len(answered)} of 100 answered: {answered}")


PARTS = {"names": show_names, "composed": show_composed}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("parts", nargs="*", default=[*PARTS])
    for part in arguments.parse_args().parts:
        PARTS[part]()


if __name__ == "__main__":
    main()
