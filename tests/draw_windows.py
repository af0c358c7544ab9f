"""Draws windows of the actions as REAPER shows them on Linux: the pictures of the README.

    PYTHONPATH=. python tests/draw_windows.py [folder]

The demo session is balanced, then matched to a song of its own tracks that is brighter and
compressed, with the real actions and a real worker in the double of REAPER. What the windows
draw goes through Chromium.
"""

from __future__ import annotations

import argparse
import base64
import html
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf
from fontTools.ttLib import TTFont

import chromium
from action_matches import FIRST, MATCH, STRENGTH
from action_studio import Spool, Studio
from reaper_automix.demo import make
from reaper_double import lua_host
from reaper_double.gfx import Window

FONTS = Path("/usr/share/fonts/truetype/dejavu")
BOLD = ord("b")
FILES = {0: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
STYLES = {0: "", BOLD: "font-weight:bold"}


@cache
def widths(style):
    """The width of every character, in font sizes."""
    font = TTFont(FONTS / FILES[style])
    names, metrics = font.getBestCmap(), font["hmtx"].metrics
    return {code: metrics[name][0] / font["head"].unitsPerEm for code, name in names.items()}


class Painted(Window):
    """A window whose texts are as wide as on a screen, and that knows what it looks like."""

    def __init__(self):
        super().__init__()
        self.styles, self.font = {}, (8.0, 0)
        self.shapes, self.frame = [], []

    def end_frame(self):
        super().end_frame()
        if self.frame:
            self.shapes, self.frame = self.frame, []

    def _setfont(self, index, face=None, size=None, flags=0):
        if size:
            self.styles[index] = (float(size), int(flags))
        self.font = self.styles.get(index, self.font)
        return super()._setfont(index, face, size, flags)

    def _measurestr(self, text):
        size, style = self.font
        known = widths(style)
        return size * sum(known.get(ord(one), 0.6) for one in text), size

    def _draw(self, what, *values):
        color = "#" + "".join(f"{round(255 * self.values[name]):02x}" for name in "rgb")
        at = self.values["x"], self.values["y"]
        self.frame.append(
            SHAPES[what](at, f'fill="{color}" fill-opacity="{self.values["a"]}"', self.font, values)
        )
        return super()._draw(what, *values)

    def page(self):
        """What is shown, as a page."""
        width, height = (round(self.values[name]) for name in "wh")
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        return f'<body style="margin:0">{head} style="display:block">{"".join(self.shapes)}</svg>'


def box(_at, fill, _font, values):
    """A filled rectangle."""
    x, y, width, height, *_ = values
    return f'<rect x="{x}" y="{y}" width="{max(0, width)}" height="{height}" {fill}/>'


def words(at, fill, font, values):
    """A text; the gfx library puts its upper left corner at a place."""
    (x, y), (size, style) = at, font
    return (
        f'<text x="{x}" y="{y + 0.86 * size}" {fill} xml:space="preserve" '
        f'style="font:{size}px DejaVu Sans;{STYLES[style]}">{html.escape(values[0])}</text>'
    )


SHAPES = {"rect": box, "drawstr": words}


def picture(browser, window, folder):
    """A window as a picture."""
    page = folder / "window.html"
    page.write_text(window.page(), "utf-8")
    width, height = (round(window.values[name]) for name in "wh")
    browser.show(page.as_uri(), width=width, height=height)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = browser.call("Page.captureScreenshot", clip=clip)
    return base64.b64decode(shot["data"])


def reference(folder, session):
    """A song of the demo's own sound, brighter than it."""
    files = sorted((session.parent / "Media").rglob("*.wav"))
    sounds = [sf.read(file, always_2d=True) for file in files]
    rate_hz, frames = sounds[0][1], max(len(sound) for sound, _ in sounds)
    total = np.zeros((frames, 2))
    for sound, _ in sounds:
        total[: len(sound)] += sound
    bright = np.diff(total, axis=0, prepend=0.0) + 0.5 * total
    path = folder / "Harbour Lights.wav"
    sf.write(path, 0.5 * bright / np.abs(bright).max(), rate_hz)
    return path


def table(studio):
    """The result of a balance, with its window open."""
    studio.press()
    studio.until(studio.is_over)
    return studio.host.window


def strength(studio, song):
    """The window of the strength, the match a good way down."""
    studio.reaper.asked.answers.append(str(song))
    studio.host.run(MATCH).window.choose(FIRST)
    studio.host.tick()
    studio.until(studio.is_over)
    studio.host.window.press("esc")
    studio.until(lambda: not studio.host.scripts)
    studio.host.run(STRENGTH)
    studio.host.tick()
    studio.host.window.press(*["left"] * 6, "3")
    studio.until(lambda: len(studio.project.history.points) == 3)
    studio.host.tick()
    return studio.host.window


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", nargs="?", type=Path, default=Path(".readme"))
    target = arguments.parse_args().folder
    lua_host.Window = Painted
    with tempfile.TemporaryDirectory() as folder, chromium.browser() as browser:
        home = Path(folder)
        browser.open_page()
        spool = Spool(home / "spool")
        worker = spool.start()
        try:
            studio = Studio(home / "REAPER", spool, make(home / "demo"))
            song = reference(home, studio.path)
            with studio.reaper:
                window = table(studio)
                (target / "window.png").write_bytes(picture(browser, window, home))
                window.press("esc")
                studio.until(lambda: not studio.host.scripts)
                window = strength(studio, song)
                (target / "strength.png").write_bytes(picture(browser, window, home))
        finally:
            worker.terminate()
            worker.wait()


if __name__ == "__main__":
    main()
