"""Writes the sliders into the strip's file and their page: ``python tests/write_sliders.py``."""

from pathlib import Path

from reaper_automix.match.console import sliders

HOME = Path(__file__).resolve().parents[1]
EFFECT = HOME / "reascripts" / "Automix" / "effects" / "Automix Strip.jsfx"
PAGE = HOME / ".readme" / "strip.md"

INTRODUCTION = """\
# The sliders of Automix Strip

The effect that `match` puts on every stem and on the master: a six-band equaliser, then a
compressor that looks ahead. What a slider says is what is heard: dB, Hz and ms. The order is that
of the parameters in REAPER (the first is number 0 in its API) and of the values in a project's
file. A band at 0 dB and a ratio of 1 do nothing. The compressor hears the mean of left and right
on a track, their sum on the master, and looks 46 ms ahead on a track, 23 ms on the
master; REAPER makes up for that, also while a block is switched off.

Written by `python tests/write_sliders.py` from `reaper_automix/match/console/sliders.py`.

"""


def effect(path):
    """The effect's file with the sliders of the table."""
    return sliders.placed(path.read_text("utf-8"))


def page(_path):
    """The page about the sliders."""
    return INTRODUCTION + "".join(f"{line}\n" for line in sliders.page())


TEXTS = {EFFECT: effect, PAGE: page}
"""What is written where."""


def main():
    for path, text in TEXTS.items():
        path.write_text(text(path), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
