"""Writes the sliders of the strip into its file and into their page: python tests/write_sliders.py."""

from pathlib import Path

from reaper_automix.match import sliders

HOME = Path(__file__).resolve().parents[1]
EFFECT = HOME / "reascripts" / "Automix" / "effects" / "Automix Strip.jsfx"


def main():
    EFFECT.write_text(sliders.placed(EFFECT.read_text("utf-8")), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
